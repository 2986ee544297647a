//! The use cases of visitors' sessions.

use std::sync::Arc;

use super::{SignedInVisitor, VisitorSession, ports::VisitorAuthReads};
use crate::{
    creators::FrontendOrigin,
    id::VisitorSessionId,
    opaque_debug::opaque_debug,
    paging::{Listing, PageRequest},
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
        unit.visitor_sessions().revoke_by_tokens(tokens, None, self.runtime.now()).await?;
        unit.commit().await
    }

    /// Ends those of the sessions with these tokens that began on a frontend, and returns whether there were
    /// any.
    pub async fn sign_out_at(
        &self,
        frontend: &FrontendOrigin,
        tokens: &[TokenHash],
    ) -> Result<bool, StoreError> {
        if tokens.is_empty() {
            return Ok(false);
        }
        let (frontend, now) = (Some(frontend.clone()), self.runtime.now());
        let mut unit = self.runtime.begin().await?;
        let are_any = unit.visitor_sessions().revoke_by_tokens(tokens, frontend, now).await?;
        unit.commit().await?;
        Ok(are_any)
    }

    /// Returns the active sessions of a visitor, newest first; with `frontend` only those that began there.
    pub async fn list(
        &self,
        who: &SignedInVisitor,
        frontend: Option<&FrontendOrigin>,
        page: &PageRequest,
    ) -> Result<Listing<VisitorSession>, StoreError> {
        let (visitor, now) = (who.visitor.id, self.runtime.now());
        self.reads.sessions_of(visitor, frontend.cloned(), now, page).await
    }

    /// Ends one of the visitor's own sessions; with `frontend` only one that began there. Does nothing if it
    /// does not exist.
    pub async fn revoke(
        &self,
        who: &SignedInVisitor,
        frontend: Option<&FrontendOrigin>,
        session: VisitorSessionId,
    ) -> Result<(), StoreError> {
        let (visitor, frontend, now) = (who.visitor.id, frontend.cloned(), self.runtime.now());
        let mut unit = self.runtime.begin().await?;
        unit.visitor_sessions().revoke(visitor, frontend, session, now).await?;
        unit.commit().await
    }

    /// Ends all sessions of the visitor but the one of this request.
    pub async fn revoke_others(&self, who: &SignedInVisitor) -> Result<(), StoreError> {
        let (visitor, now) = (who.visitor.id, self.runtime.now());
        let mut unit = self.runtime.begin().await?;
        unit.visitor_sessions().revoke_others(visitor, who.session_id, now).await?;
        unit.commit().await
    }
}

opaque_debug!(Sessions);
