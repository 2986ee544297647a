//! Visitors, their links and sessions.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{State, VisitorSessionRow, forget_oldest, part},
    unit::MemoryUnit,
};
use tollgate_domain::{
    creators::FrontendOrigin,
    email::Email,
    id::{MagicLinkId, VisitorId, VisitorSessionId},
    language::Language,
    paging::{Cursor, Listing, PageRequest},
    store_error::StoreError,
    token::TokenHash,
    visitor_auth::{
        MagicLink, SignedInVisitor, Visitor, VisitorSession,
        ports::{MagicLinks, VisitorAuthReads, VisitorSessions, Visitors},
    },
};

impl State {
    pub(super) fn signed_in(&self, token: TokenHash, now: Timestamp) -> Option<SignedInVisitor> {
        let row = self
            .visitor_sessions
            .values()
            .find(|row| row.session.token == token && row.is_alive(now))?;
        let visitor = self.visitors.get(&row.session.visitor_id)?.clone();
        let frontend = row.session.frontend.clone();
        Some(SignedInVisitor { session_id: row.session.id, visitor, frontend })
    }
}

#[async_trait]
impl Visitors for MemoryUnit {
    async fn ensure(&mut self, candidate: &Visitor) -> Result<Visitor, StoreError> {
        let state = self.state().await?;
        let known = state.visitors.values().find(|known| known.email == candidate.email);
        if let Some(known) = known {
            return Ok(known.clone());
        }
        state.visitors.edit().insert(candidate.id, candidate.clone());
        Ok(candidate.clone())
    }

    async fn ensure_all(&mut self, candidates: &[Visitor]) -> Result<(), StoreError> {
        let visitors = self.state().await?.visitors.edit();
        for candidate in candidates {
            if visitors.values().all(|known| known.email != candidate.email) {
                visitors.insert(candidate.id, candidate.clone());
            }
        }
        Ok(())
    }

    async fn lock(&mut self, _: VisitorId) -> Result<(), StoreError> {
        // Units come one after the other.
        self.state().await?;
        Ok(())
    }

    async fn find(&mut self, id: VisitorId) -> Result<Option<Visitor>, StoreError> {
        Ok(self.state().await?.visitors.get(&id).cloned())
    }
}

#[async_trait]
impl MagicLinks for MemoryUnit {
    async fn insert(&mut self, link: &MagicLink) -> Result<(), StoreError> {
        let links = self.state().await?.magic_links.edit();
        if links.values().any(|known| known.id == link.id || known.token == link.token) {
            return self.conflict();
        }
        links.insert(link.id, link.clone());
        Ok(())
    }

    async fn newest(&mut self, email: &Email) -> Result<Option<MagicLink>, StoreError> {
        let links = &self.state().await?.magic_links;
        let of_address = links.values().filter(|link| link.email == *email);
        Ok(of_address.max_by_key(|link| (link.created_at, link.id)).cloned())
    }

    async fn redeem(
        &mut self,
        id: MagicLinkId,
        email: &Email,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let links = self.state().await?.magic_links.edit();
        let redeemable = links
            .get(&id)
            .filter(|link| link.email == *email && link.used_at.is_none() && now < link.expires_at);
        if redeemable.is_none() {
            return Ok(false);
        }
        for link in links.values_mut().filter(|link| link.email == *email) {
            link.used_at = link.used_at.or(Some(now));
        }
        Ok(true)
    }

    async fn confirmed(&mut self, id: MagicLinkId, by: TokenHash) -> Result<(), StoreError> {
        if let Some(link) = self.state().await?.magic_links.edit().get_mut(&id) {
            link.confirmed_by = Some(by);
        }
        Ok(())
    }

    async fn count_attempt(&mut self, id: MagicLinkId, most: u32) -> Result<bool, StoreError> {
        let links = self.state().await?.magic_links.edit();
        let countable = links.get_mut(&id).filter(|link| link.attempts < most);
        Ok(countable.map(|link| link.attempts += 1).is_some())
    }

    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let links = self.state().await?.magic_links.edit();
        Ok(forget_oldest(links, instant, most, |link| Some(link.expires_at)))
    }
}

#[async_trait]
impl VisitorSessions for MemoryUnit {
    async fn insert(&mut self, session: &VisitorSession) -> Result<(), StoreError> {
        let sessions = self.state().await?.visitor_sessions.edit();
        let clash = |row: &VisitorSessionRow| {
            row.session.id == session.id || row.session.token == session.token
        };
        if sessions.values().any(clash) {
            return self.conflict();
        }
        let row = VisitorSessionRow { session: session.clone(), revoked_at: None };
        sessions.insert(session.id, row);
        Ok(())
    }

    async fn revoke_by_tokens(
        &mut self,
        tokens: &[TokenHash],
        frontend: Option<FrontendOrigin>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sessions = self.state().await?.visitor_sessions.edit();
        let mut is_any = false;
        for row in sessions.values_mut().filter(|row| row.is_alive(now)) {
            let begun_there = frontend.is_none() || row.session.frontend == frontend;
            if begun_there && tokens.contains(&row.session.token) {
                row.revoked_at = Some(now);
                is_any = true;
            }
        }
        Ok(is_any)
    }

    async fn revoke(
        &mut self,
        visitor: VisitorId,
        frontend: Option<FrontendOrigin>,
        session: VisitorSessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sessions = self.state().await?.visitor_sessions.edit();
        let alive = sessions
            .get_mut(&session)
            .filter(|row| row.session.visitor_id == visitor && row.is_alive(now))
            .filter(|row| frontend.is_none() || row.session.frontend == frontend);
        Ok(alive.map(|row| row.revoked_at = Some(now)).is_some())
    }

    async fn revoke_others(
        &mut self,
        visitor: VisitorId,
        kept: VisitorSessionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for row in self.state().await?.visitor_sessions.edit().values_mut() {
            let is_other = row.session.visitor_id == visitor && row.session.id != kept;
            if is_other && row.is_alive(now) {
                row.revoked_at = Some(now);
            }
        }
        Ok(())
    }

    async fn forget_ended(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let sessions = self.state().await?.visitor_sessions.edit();
        let are_left = [
            forget_oldest(sessions, instant, most, |row| Some(row.session.expires_at)),
            forget_oldest(sessions, instant, most, |row| row.revoked_at),
        ];
        Ok(are_left.contains(&true))
    }
}

#[async_trait]
impl VisitorAuthReads for MemoryStore {
    async fn magic_link(&self, token: TokenHash) -> Result<Option<MagicLink>, StoreError> {
        let state = self.read().await?;
        Ok(state.magic_links.values().find(|link| link.token == token).cloned())
    }

    async fn newest_link(&self, email: &Email) -> Result<Option<MagicLink>, StoreError> {
        let state = self.read().await?;
        let of_address = state.magic_links.values().filter(|link| link.email == *email);
        Ok(of_address.max_by_key(|link| (link.created_at, link.id)).cloned())
    }

    async fn link_asked_by(&self, browser: TokenHash) -> Result<Option<MagicLink>, StoreError> {
        let state = self.read().await?;
        let asked = state.magic_links.values().filter(|link| link.asked_by == Some(browser));
        Ok(asked.max_by_key(|link| (link.created_at, link.id)).cloned())
    }

    async fn language_of(&self, email: &Email) -> Result<Option<Language>, StoreError> {
        Ok(self.read().await?.languages.get(email).copied())
    }

    async fn signed_in(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<SignedInVisitor>, StoreError> {
        Ok(self.read().await?.signed_in(token, now))
    }

    async fn sessions_of(
        &self,
        visitor: VisitorId,
        frontend: Option<FrontendOrigin>,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Listing<VisitorSession>, StoreError> {
        let state = self.read().await?;
        let sessions = state
            .visitor_sessions
            .values()
            .filter(|row| row.session.visitor_id == visitor && row.is_alive(now))
            .map(|row| row.session.clone())
            .filter(|session| frontend.is_none() || session.frontend == frontend);
        let cursor = |row: &VisitorSession| Cursor { at: row.created_at, id: row.id.to_string() };
        Ok(part(sessions.collect(), page, cursor))
    }
}
