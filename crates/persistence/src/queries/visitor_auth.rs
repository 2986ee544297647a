//! Visitors, magic links and sessions.

use tollgate_domain::{
    email::Email,
    id::{MagicLinkId, VisitorId, VisitorSessionId},
    token::TokenHash,
    visitor_auth::{
        MagicLink, SignedInVisitor, Visitor, VisitorSession,
        ports::{MagicLinks, VisitorAuthReads, VisitorSessions, Visitors},
    },
};

use super::prelude::*;
use crate::{
    rows::{MagicLinkRow, VisitorRow, VisitorSessionRow, count, parse},
    schema::{magic_links, visitor_sessions, visitors},
};

#[async_trait]
impl Visitors for Unit {
    async fn ensure(&mut self, candidate: &Visitor) -> Result<Visitor, StoreError> {
        let row = VisitorRow::from(candidate);
        let email = candidate.email.to_string();
        run!(self, |conn| {
            diesel::insert_into(visitors::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            visitors::table
                .filter(visitors::email.eq(email))
                .select(VisitorRow::as_select())
                .first(conn)
                .await
        })?
        .try_into()
    }

    async fn find(&mut self, id: VisitorId) -> Result<Option<Visitor>, StoreError> {
        let id = id.to_string();
        run!(self, |conn| {
            visitors::table.find(id).select(VisitorRow::as_select()).first(conn).await.optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }
}

#[async_trait]
impl MagicLinks for Unit {
    async fn insert(&mut self, link: &MagicLink) -> Result<(), StoreError> {
        let row = MagicLinkRow::from(link);
        run!(self, |conn| {
            diesel::insert_into(magic_links::table).values(row).execute(conn).await.map(drop)
        })
    }

    async fn newest(&mut self, email: &Email) -> Result<Option<MagicLink>, StoreError> {
        let email = email.to_string();
        run!(self, |conn| {
            magic_links::table
                .filter(magic_links::email.eq(email))
                .order((magic_links::created_at.desc(), magic_links::id.desc()))
                .select(MagicLinkRow::as_select())
                .first(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn redeem(
        &mut self,
        id: MagicLinkId,
        email: &Email,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (id, email, now) = (id.to_string(), email.to_string(), micros(now));
        run!(self, |conn| {
            let wanted = diesel::alias!(magic_links as wanted);
            let is_redeemable = wanted
                .filter(wanted.field(magic_links::id).eq(id.clone()))
                .filter(wanted.field(magic_links::email).eq(email.clone()))
                .filter(wanted.field(magic_links::used_at).is_null())
                .filter(wanted.field(magic_links::expires_at).gt(now))
                .select(wanted.field(magic_links::id));
            let unused = magic_links::table
                .filter(magic_links::email.eq(email))
                .filter(magic_links::used_at.is_null())
                .filter(diesel::dsl::exists(is_redeemable));
            let spent: Vec<String> = diesel::update(unused)
                .set(magic_links::used_at.eq(now))
                .returning(magic_links::id)
                .get_results(conn)
                .await?;
            // Siblings that came meanwhile may be all that a late request gets hold of.
            Ok(spent.contains(&id))
        })
    }

    async fn count_attempt(&mut self, id: MagicLinkId, most: u32) -> Result<bool, StoreError> {
        let (id, most) = (id.to_string(), count(most));
        run!(self, |conn| {
            let open = magic_links::table.find(id).filter(magic_links::attempts.lt(most));
            let affected = diesel::update(open)
                .set(magic_links::attempts.eq(magic_links::attempts + 1))
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn forget_expired(&mut self, instant: Timestamp) -> Result<(), StoreError> {
        let instant = micros(instant);
        run!(self, |conn| {
            let expired = magic_links::table.filter(magic_links::expires_at.lt(instant));
            diesel::delete(expired).execute(conn).await.map(drop)
        })
    }
}

#[async_trait]
impl VisitorSessions for Unit {
    async fn insert(&mut self, session: &VisitorSession) -> Result<(), StoreError> {
        let row = VisitorSessionRow::from(session);
        run!(self, |conn| {
            diesel::insert_into(visitor_sessions::table).values(row).execute(conn).await.map(drop)
        })
    }

    async fn revoke_by_token(
        &mut self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (token, now) = (token.as_bytes().to_vec(), micros(now));
        run!(self, |conn| {
            let alive = visitor_sessions::table
                .filter(visitor_sessions::token.eq(token))
                .filter(visitor_sessions::revoked_at.is_null())
                .filter(visitor_sessions::expires_at.gt(now));
            let affected = diesel::update(alive)
                .set(visitor_sessions::revoked_at.eq(now))
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn revoke(
        &mut self,
        visitor: VisitorId,
        session: VisitorSessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (visitor, session, now) = (visitor.to_string(), session.to_string(), micros(now));
        run!(self, |conn| {
            let alive = visitor_sessions::table
                .find(session)
                .filter(visitor_sessions::visitor_id.eq(visitor))
                .filter(visitor_sessions::revoked_at.is_null())
                .filter(visitor_sessions::expires_at.gt(now));
            let affected = diesel::update(alive)
                .set(visitor_sessions::revoked_at.eq(now))
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn forget_ended(&mut self, instant: Timestamp) -> Result<(), StoreError> {
        let instant = micros(instant);
        run!(self, |conn| {
            let ended = visitor_sessions::table.filter(
                visitor_sessions::expires_at
                    .lt(instant)
                    .or(visitor_sessions::revoked_at.lt(instant).assume_not_null()),
            );
            diesel::delete(ended).execute(conn).await.map(drop)
        })
    }
}

#[async_trait]
impl VisitorAuthReads for Database {
    async fn magic_link(&self, token: TokenHash) -> Result<Option<MagicLink>, StoreError> {
        let token = token.as_bytes().to_vec();
        read!(self, |conn| {
            magic_links::table
                .filter(magic_links::token.eq(token))
                .select(MagicLinkRow::as_select())
                .first(on(&mut conn))
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn signed_in(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<SignedInVisitor>, StoreError> {
        let (token, now) = (token.as_bytes().to_vec(), micros(now));
        let session = visitor_sessions::table
            .inner_join(visitors::table.on(visitors::id.eq(visitor_sessions::visitor_id)))
            .filter(visitor_sessions::token.eq(token))
            .filter(visitor_sessions::revoked_at.is_null())
            .filter(visitor_sessions::expires_at.gt(now))
            .select((visitor_sessions::id, VisitorRow::as_select()));
        let found: Vec<(String, VisitorRow)> = read_hot!(self, session)?;
        // The token is unique.
        let Some((session_id, visitor)) = found.into_iter().next() else { return Ok(None) };
        Ok(Some(SignedInVisitor {
            session_id: parse("visitor_sessions.id", &session_id)?,
            visitor: visitor.try_into()?,
        }))
    }

    async fn sessions_of(
        &self,
        visitor: VisitorId,
        now: Timestamp,
    ) -> Result<Vec<VisitorSession>, StoreError> {
        let (visitor, now) = (visitor.to_string(), micros(now));
        read!(self, |conn| {
            visitor_sessions::table
                .filter(visitor_sessions::visitor_id.eq(visitor))
                .filter(visitor_sessions::revoked_at.is_null())
                .filter(visitor_sessions::expires_at.gt(now))
                .order((visitor_sessions::created_at.desc(), visitor_sessions::id.desc()))
                .select(VisitorSessionRow::as_select())
                .load(on(&mut conn))
                .await
        })?
        .into_iter()
        .map(TryInto::try_into)
        .collect()
    }
}
