//! Sessions of visitors after they signed in.

use std::sync::Arc;

use super::{SignedInVisitor, VisitorSession, ports::VisitorAuthReads};
use crate::{
    id::VisitorSessionId,
    opaque_debug::opaque_debug,
    paging::{Cursor, Listing, PageRequest},
    store::Runtime,
    store_error::StoreError,
    token::TokenHash,
};

/// Who is signed in, and signing out.
#[derive(Clone)]
pub struct Sessions {
    runtime: Runtime,
    reads: Arc<dyn VisitorAuthReads>,
}

impl Sessions {
    /// Creates the use cases.
    pub fn new(runtime: Runtime, reads: Arc<dyn VisitorAuthReads>) -> Self {
        Self { runtime, reads }
    }

    /// Who holds this token now.
    pub async fn authenticate(
        &self,
        token: TokenHash,
    ) -> Result<Option<SignedInVisitor>, StoreError> {
        self.reads.signed_in(token, self.runtime.now()).await
    }

    /// Ends the session with this token, if there is one.
    pub async fn sign_out(&self, token: TokenHash) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        unit.visitor_sessions().revoke_by_token(token, self.runtime.now()).await?;
        unit.commit().await
    }

    /// The living sessions of a visitor, newest first.
    pub async fn list(
        &self,
        who: &SignedInVisitor,
        page: &PageRequest,
    ) -> Result<Listing<VisitorSession>, StoreError> {
        let cursor = |session: &VisitorSession| Cursor {
            at: session.created_at,
            id: session.id.to_string(),
        };
        let place = |cursor: &Cursor| (cursor.at, cursor.id.clone());
        // A person has a handful of sessions: all of them are read.
        let mut sessions = self.reads.sessions_of(who.visitor.id, self.runtime.now()).await?;
        if let Some(after) = &page.after {
            sessions.retain(|session| place(&cursor(session)) < place(after));
        }
        Ok(Listing::cut(sessions, page, cursor))
    }

    /// Ends one of the visitor's own sessions; ending one that is not there changes nothing.
    pub async fn revoke(
        &self,
        who: &SignedInVisitor,
        session: VisitorSessionId,
    ) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        unit.visitor_sessions().revoke(who.visitor.id, session, self.runtime.now()).await?;
        unit.commit().await
    }
}

opaque_debug!(Sessions);
