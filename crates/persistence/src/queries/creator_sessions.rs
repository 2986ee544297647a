//! Sessions of creators, and their spent refresh tokens.

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

/// Revokes the sessions that `$filter` selects, unless they are revoked already.
macro_rules! revoke {
    ($now:expr, $filter:expr) => {{
        let alive =
            creator_sessions::table.filter($filter).filter(creator_sessions::revoked_at.is_null());
        diesel::update(alive).set(creator_sessions::revoked_at.eq(AsInt($now)))
    }};
}

/// Revokes the sessions in which `$token` was replaced earlier, and returns how many there were.
macro_rules! revoke_traded {
    ($conn:ident, $token:ident, $now:ident) => {{
        // Sessions from before `spent_refresh_tokens` existed have only their previous token.
        let spent = spent_refresh_tokens::table
            .filter(spent_refresh_tokens::token.eq(AsBytes($token)))
            .select(spent_refresh_tokens::session_id);
        let by_previous = creator_sessions::table
            .filter(creator_sessions::previous_token.eq(AsBytes($token)))
            .select(creator_sessions::id);
        let mut had_it: Vec<String> = spent.load($conn).await?;
        had_it.extend(by_previous.load::<String>($conn).await?);
        revoke!($now, creator_sessions::id.eq_any(had_it)).execute($conn).await?
    }};
}

#[async_trait]
impl CreatorSessions for Unit {
    async fn insert(&mut self, session: &CreatorSession) -> Result<(), StoreError> {
        let row = CreatorSessionRow::from(session);
        execute!(self, diesel::insert_into(creator_sessions::table).values(row))
    }

    async fn rotate(
        &mut self,
        from: TokenHash,
        to: TokenHash,
        now: Timestamp,
    ) -> Result<Option<CreatorSession>, StoreError> {
        let current = creator_sessions::table
            .filter(creator_sessions::token.eq(AsBytes(from)))
            .filter(creator_sessions::revoked_at.is_null())
            .filter(creator_sessions::expires_at.gt(AsInt(now)));
        let rotate = diesel::update(current)
            .set((
                creator_sessions::token.eq(AsBytes(to)),
                creator_sessions::previous_token.eq(AsBytes(from)),
            ))
            .returning(CreatorSessionRow::as_returning());
        let rotated: Option<CreatorSessionRow> = run!(self, |conn| {
            let rotated: Option<CreatorSessionRow> =
                CachedStatement(rotate).get_result(conn).await.optional()?;
            if let Some(session) = &rotated {
                let spent = (
                    spent_refresh_tokens::token.eq(AsBytes(from)),
                    spent_refresh_tokens::session_id.eq(session.id),
                    spent_refresh_tokens::spent_at.eq(AsInt(now)),
                );
                diesel::insert_into(spent_refresh_tokens::table)
                    .values(spent)
                    .execute(conn)
                    .await?;
            }
            Ok(rotated)
        })?;
        Ok(rotated.map(Into::into))
    }

    async fn spent(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<(CreatorSession, Timestamp)>, StoreError> {
        let found = spent_refresh_tokens::table
            .inner_join(
                creator_sessions::table
                    .on(creator_sessions::id.eq(spent_refresh_tokens::session_id)),
            )
            .filter(spent_refresh_tokens::token.eq(AsBytes(token)))
            .filter(creator_sessions::revoked_at.is_null())
            .filter(creator_sessions::expires_at.gt(AsInt(now)))
            .select((CreatorSessionRow::as_select(), spent_refresh_tokens::spent_at));
        let found: Option<(CreatorSessionRow, AsInt<Timestamp>)> = self.first(found).await?;
        Ok(found.map(|(session, at)| (session.into(), at.0)))
    }

    async fn revoke_reused(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        run!(self, |conn| { Ok(revoke_traded!(conn, token, now) > 0) })
    }

    async fn revoke(&mut self, id: CreatorSessionId, now: Timestamp) -> Result<(), StoreError> {
        execute!(self, revoke!(now, creator_sessions::id.eq(AsText(id))))
    }

    async fn revoke_of(
        &mut self,
        creator: CreatorId,
        session: CreatorSessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let theirs = creator_sessions::id
            .eq(AsText(session))
            .and(creator_sessions::creator_id.eq(AsText(creator)))
            .and(creator_sessions::expires_at.gt(AsInt(now)));
        changes!(self, revoke!(now, theirs))
    }

    async fn revoke_by_token(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        run!(self, |conn| {
            // Waits for a trade at the same time, whose token is then among those that were replaced.
            let by_current = revoke!(now, creator_sessions::token.eq(AsBytes(token)));
            if by_current.execute(conn).await? == 0 {
                revoke_traded!(conn, token, now);
            }
            Ok(())
        })
    }

    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let expired =
            creator_sessions::table.filter(creator_sessions::expires_at.lt(AsInt(instant)));
        run!(self, |conn| {
            Ok(oldest!(conn, expired, creator_sessions::expires_at, most, |some| {
                let spent = spent_refresh_tokens::table.filter(
                    spent_refresh_tokens::session_id.eq_any(some.select(creator_sessions::id)),
                );
                diesel::delete(spent).execute(&mut *conn).await?;
                diesel::delete(some)
            }))
        })
    }

    async fn revoke_all_of(
        &mut self,
        creator: CreatorId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        execute!(self, revoke!(now, creator_sessions::creator_id.eq(AsText(creator))))
    }
}
