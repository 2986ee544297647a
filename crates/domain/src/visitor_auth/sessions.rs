//! The use cases of visitors' sessions.

use std::sync::Arc;

use super::{SignedInVisitor, VisitorSession, ports::VisitorAuthReads};
use crate::{
    creators::FrontendOrigin,
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

    /// Ends those of the sessions with these tokens that began on a frontend, and returns whether there were
    /// any.
    pub async fn sign_out_at(
        &self,
        frontend: &FrontendOrigin,
        tokens: &[TokenHash],
    ) -> Result<bool, StoreError> {
        let mut begun_there = Vec::new();
        for token in tokens {
            let found = self.authenticate(*token).await?;
            begun_there.extend(
                found.filter(|who| who.frontend.as_ref() == Some(frontend)).map(|_| *token),
            );
        }
        self.sign_out(&begun_there).await?;
        Ok(!begun_there.is_empty())
    }

    /// Returns the active sessions of a visitor, newest first; with `frontend` only those that began there.
    pub async fn list(
        &self,
        who: &SignedInVisitor,
        frontend: Option<&FrontendOrigin>,
        page: &PageRequest,
    ) -> Result<Listing<VisitorSession>, StoreError> {
        let cursor = |session: &VisitorSession| Cursor {
            at: session.created_at,
            id: session.id.to_string(),
        };
        let mut sessions = self.reads.sessions_of(who.visitor.id, self.runtime.now()).await?;
        sessions.retain(|session| frontend.is_none() || session.frontend.as_ref() == frontend);
        Ok(Listing::part(sessions, page, cursor))
    }

    /// Ends one of the visitor's own sessions; with `frontend` only one that began there. Does nothing if it
    /// does not exist.
    pub async fn revoke(
        &self,
        who: &SignedInVisitor,
        frontend: Option<&FrontendOrigin>,
        session: VisitorSessionId,
    ) -> Result<(), StoreError> {
        if frontend.is_some() {
            // A session never changes its frontend, so what was read stays true.
            let sessions = self.reads.sessions_of(who.visitor.id, self.runtime.now()).await?;
            let is_it = |known: &VisitorSession| known.id == session;
            if !sessions.iter().any(|known| is_it(known) && known.frontend.as_ref() == frontend) {
                return Ok(());
            }
        }
        let mut unit = self.runtime.begin().await?;
        unit.visitor_sessions().revoke(who.visitor.id, session, self.runtime.now()).await?;
        unit.commit().await
    }

    /// Ends all sessions of the visitor but the one of this request.
    pub async fn revoke_others(&self, who: &SignedInVisitor) -> Result<(), StoreError> {
        let (visitor, now) = (who.visitor.id, self.runtime.now());
        let mut sessions = self.reads.sessions_of(visitor, now).await?;
        sessions.retain(|session| session.id != who.session_id);
        let mut unit = self.runtime.begin().await?;
        for session in sessions {
            unit.visitor_sessions().revoke(visitor, session.id, now).await?;
        }
        unit.commit().await
    }
}

opaque_debug!(Sessions);
