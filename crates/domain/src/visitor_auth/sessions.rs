//! The use cases of visitors' sessions.

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

/// The use cases of visitors' sessions.
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

    /// Returns the visitor and session of this token, if the session is active now.
    pub async fn authenticate(
        &self,
        token: TokenHash,
    ) -> Result<Option<SignedInVisitor>, StoreError> {
        self.reads.signed_in(token, self.runtime.now()).await
    }

    /// Ends the sessions with these tokens, as far as there are any. A browser presents several if it has
    /// cookies of different scopes.
    pub async fn sign_out(&self, tokens: &[TokenHash]) -> Result<(), StoreError> {
        if tokens.is_empty() {
            return Ok(());
        }
        let mut unit = self.runtime.begin().await?;
        for token in tokens {
            unit.visitor_sessions().revoke_by_token(*token, self.runtime.now()).await?;
        }
        unit.commit().await
    }

    /// Returns the active sessions of a visitor, newest first.
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
        // All sessions are read at once, since a person has only a few.
        let mut sessions = self.reads.sessions_of(who.visitor.id, self.runtime.now()).await?;
        if let Some(after) = &page.after {
            sessions.retain(|session| place(&cursor(session)) < place(after));
        }
        Ok(Listing::cut(sessions, page, cursor))
    }

    /// Ends one of the visitor's own sessions. Does nothing if it does not exist.
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
