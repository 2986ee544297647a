//! Sessions of creators, and the refresh tokens that they had.

use tollgate_domain::{
    creators::{CreatorSession, ports::CreatorSessions},
    id::{CreatorId, CreatorSessionId},
    token::TokenHash,
};

use super::prelude::*;
use crate::{
    rows::CreatorSessionRow,
    schema::{creator_sessions, spent_refresh_tokens},
};

#[async_trait]
impl CreatorSessions for Unit {
    async fn insert(&mut self, session: &CreatorSession) -> Result<(), StoreError> {
        let row = CreatorSessionRow::from(session);
        run!(self, |conn| {
            diesel::insert_into(creator_sessions::table).values(row).execute(conn).await.map(drop)
        })
    }

    async fn rotate(
        &mut self,
        from: TokenHash,
        to: TokenHash,
        now: Timestamp,
    ) -> Result<Option<CreatorSession>, StoreError> {
        let (from, to) = (from.as_bytes().to_vec(), to.as_bytes().to_vec());
        let now = micros(now);
        run!(self, |conn| {
            let current = creator_sessions::table
                .filter(creator_sessions::token.eq(from.clone()))
                .filter(creator_sessions::revoked_at.is_null())
                .filter(creator_sessions::expires_at.gt(now));
            let rotated: Option<CreatorSessionRow> = diesel::update(current)
                .set((
                    creator_sessions::token.eq(to),
                    creator_sessions::previous_token.eq(from.clone()),
                ))
                .returning(CreatorSessionRow::as_returning())
                .get_result(conn)
                .await
                .optional()?;
            if let Some(session) = &rotated {
                let spent = (
                    spent_refresh_tokens::token.eq(from),
                    spent_refresh_tokens::session_id.eq(session.id.clone()),
                );
                diesel::insert_into(spent_refresh_tokens::table)
                    .values(spent)
                    .execute(conn)
                    .await?;
            }
            Ok(rotated)
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn revoke_reused(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (token, now) = (token.as_bytes().to_vec(), micros(now));
        run!(self, |conn| {
            // Sessions from before every spent token was kept know their previous one only.
            let spent = spent_refresh_tokens::table
                .filter(spent_refresh_tokens::token.eq(token.clone()))
                .select(spent_refresh_tokens::session_id);
            let by_previous = creator_sessions::table
                .filter(creator_sessions::previous_token.eq(token))
                .select(creator_sessions::id);
            let mut had_it: Vec<String> = spent.load(conn).await?;
            had_it.extend(by_previous.load::<String>(conn).await?);
            let reused = creator_sessions::table
                .filter(creator_sessions::id.eq_any(had_it))
                .filter(creator_sessions::revoked_at.is_null());
            let affected = diesel::update(reused)
                .set(creator_sessions::revoked_at.eq(now))
                .execute(conn)
                .await?;
            Ok(affected > 0)
        })
    }

    async fn revoke(&mut self, id: CreatorSessionId, now: Timestamp) -> Result<(), StoreError> {
        let (id, now) = (id.to_string(), micros(now));
        run!(self, |conn| {
            let alive =
                creator_sessions::table.find(id).filter(creator_sessions::revoked_at.is_null());
            diesel::update(alive)
                .set(creator_sessions::revoked_at.eq(now))
                .execute(conn)
                .await
                .map(drop)
        })
    }

    async fn revoke_by_token(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (token, now) = (token.as_bytes().to_vec(), micros(now));
        run!(self, |conn| {
            let alive = creator_sessions::table
                .filter(creator_sessions::token.eq(token))
                .filter(creator_sessions::revoked_at.is_null());
            diesel::update(alive)
                .set(creator_sessions::revoked_at.eq(now))
                .execute(conn)
                .await
                .map(drop)
        })
    }

    async fn forget_expired(&mut self, instant: Timestamp) -> Result<(), StoreError> {
        let instant = micros(instant);
        run!(self, |conn| {
            let expired = creator_sessions::table
                .filter(creator_sessions::expires_at.lt(instant))
                .select(creator_sessions::id);
            let spent = spent_refresh_tokens::table
                .filter(spent_refresh_tokens::session_id.eq_any(expired));
            diesel::delete(spent).execute(conn).await?;
            let expired = creator_sessions::table.filter(creator_sessions::expires_at.lt(instant));
            diesel::delete(expired).execute(conn).await.map(drop)
        })
    }

    async fn revoke_all_of(
        &mut self,
        creator: CreatorId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (creator, now) = (creator.to_string(), micros(now));
        run!(self, |conn| {
            let alive = creator_sessions::table
                .filter(creator_sessions::creator_id.eq(creator))
                .filter(creator_sessions::revoked_at.is_null());
            diesel::update(alive)
                .set(creator_sessions::revoked_at.eq(now))
                .execute(conn)
                .await
                .map(drop)
        })
    }
}
