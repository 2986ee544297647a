//! The sessions of creators.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::memory::{
    state::{CreatorSessionRow, forget_oldest},
    unit::MemoryUnit,
};
use tollgate_domain::{
    creators::{CreatorSession, ports::CreatorSessions},
    id::{CreatorId, CreatorSessionId},
    store_error::StoreError,
    token::TokenHash,
};

#[async_trait]
impl CreatorSessions for MemoryUnit {
    async fn insert(&mut self, session: &CreatorSession) -> Result<(), StoreError> {
        let sessions = self.state().await?.creator_sessions.edit();
        if sessions.contains_key(&session.id) {
            return self.conflict();
        }
        let row =
            CreatorSessionRow { session: session.clone(), before: Vec::new(), revoked_at: None };
        sessions.insert(session.id, row);
        Ok(())
    }

    async fn rotate(
        &mut self,
        from: TokenHash,
        to: TokenHash,
        now: Timestamp,
    ) -> Result<Option<CreatorSession>, StoreError> {
        let sessions = self.state().await?.creator_sessions.edit();
        let row = sessions.values_mut().find(|row| row.session.token == from && row.is_alive(now));
        Ok(row.map(|row| {
            row.before.push((from, now));
            row.session.token = to;
            row.session.clone()
        }))
    }

    async fn spent(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<(CreatorSession, Timestamp)>, StoreError> {
        let sessions = &self.state().await?.creator_sessions;
        let mut alive = sessions.values().filter(|row| row.is_alive(now));
        Ok(alive.find_map(|row| {
            let (_, at) = row.before.iter().find(|(spent, _)| *spent == token)?;
            Some((row.session.clone(), *at))
        }))
    }

    async fn revoke_reused(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sessions = self.state().await?.creator_sessions.edit();
        let row = sessions.values_mut().find(|row| {
            row.before.iter().any(|(spent, _)| *spent == token) && row.revoked_at.is_none()
        });
        Ok(row.map(|row| row.revoked_at = Some(now)).is_some())
    }

    async fn revoke(&mut self, id: CreatorSessionId, now: Timestamp) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.creator_sessions.edit().get_mut(&id) {
            row.revoked_at = row.revoked_at.or(Some(now));
        }
        Ok(())
    }

    async fn revoke_of(
        &mut self,
        creator: CreatorId,
        session: CreatorSessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sessions = self.state().await?.creator_sessions.edit();
        let alive = sessions
            .get_mut(&session)
            .filter(|row| row.session.creator_id == creator && row.is_alive(now));
        Ok(alive.map(|row| row.revoked_at = Some(now)).is_some())
    }

    async fn revoke_by_token(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for row in self.state().await?.creator_sessions.edit().values_mut() {
            let was_traded = row.before.iter().any(|(spent, _)| *spent == token);
            if row.session.token == token || was_traded {
                row.revoked_at = row.revoked_at.or(Some(now));
            }
        }
        Ok(())
    }

    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let sessions = self.state().await?.creator_sessions.edit();
        Ok(forget_oldest(sessions, instant, most, |row| Some(row.session.expires_at)))
    }

    async fn revoke_all_of(
        &mut self,
        creator: CreatorId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for row in self.state().await?.creator_sessions.edit().values_mut() {
            if row.session.creator_id == creator {
                row.revoked_at = row.revoked_at.or(Some(now));
            }
        }
        Ok(())
    }
}
