//! Visitors, magic links and sessions.

use std::collections::BTreeSet;

use tollgate_domain::{
    creators::FrontendOrigin,
    email::Email,
    id::{MagicLinkId, VisitorId, VisitorSessionId},
    language::Language,
    token::TokenHash,
    visitor_auth::{
        MagicLink, SignedInVisitor, Visitor, VisitorSession,
        ports::{MagicLinks, VisitorAuthReads, VisitorSessions, Visitors},
    },
};

use super::prelude::*;
use crate::{
    many::{Place, Value},
    rows::{MagicLinkRow, VisitorRow, VisitorSessionRow},
    schema::{languages, magic_links, visitor_sessions, visitors},
};

const VISITORS: Place = Place { table: "visitors", columns: &["id", "email", "created_at"] };

#[async_trait]
impl Visitors for Unit {
    async fn ensure(&mut self, candidate: &Visitor) -> Result<Visitor, StoreError> {
        let row = VisitorRow::from(candidate);
        let email = AsText(candidate.email.clone());
        let known = visitors::table.filter(visitors::email.eq(email));
        run!(self, |conn| {
            // On PostgreSQL an insertion would wait for a unit that has locked the visitor.
            let found = known.clone().select(VisitorRow::as_select());
            let found: Option<VisitorRow> =
                CachedStatement(found).get_result(conn).await.optional()?;
            if let Some(found) = found {
                return Ok(found);
            }
            let insert = diesel::insert_into(visitors::table).values(row).on_conflict_do_nothing();
            CachedStatement(insert).execute(conn).await?;
            known.select(VisitorRow::as_select()).first(conn).await
        })
        .map(Into::into)
    }

    async fn ensure_all(&mut self, candidates: &[Visitor]) -> Result<(), StoreError> {
        let emails: Vec<_> = candidates.iter().map(|one| AsText(one.email.clone())).collect();
        // On PostgreSQL an insertion would wait for a unit that has locked the visitor.
        let known = visitors::table.filter(visitors::email.eq_any(emails)).select(visitors::email);
        let known = run!(self, |conn| { known.load::<AsText<Email>>(conn).await })?;
        let known: BTreeSet<_> = known.into_iter().map(|email| email.0).collect();
        let unknown = candidates.iter().filter(|one| !known.contains(&one.email));
        let row = |Visitor { id, email, created_at }: &Visitor| {
            vec![Value::text(id), Value::text(email), Value::int(created_at)]
        };
        self.insert_new(VISITORS, unknown.map(row).collect()).await.map(drop)
    }

    async fn lock(&mut self, id: VisitorId) -> Result<(), StoreError> {
        // Updating a row, even without a change, locks it in both databases. References to the row do not wait for that.
        let same = visitors::created_at.eq(visitors::created_at);
        changes!(self, diesel::update(visitors::table.find(AsText(id))).set(same)).map(drop)
    }

    async fn find(&mut self, id: VisitorId) -> Result<Option<Visitor>, StoreError> {
        find!(self, VisitorRow, visitors::table.find(AsText(id)))
    }
}

#[async_trait]
impl MagicLinks for Unit {
    async fn insert(&mut self, link: &MagicLink) -> Result<(), StoreError> {
        let row = MagicLinkRow::from(link);
        execute!(self, diesel::insert_into(magic_links::table).values(row))
    }

    async fn newest(&mut self, email: &Email) -> Result<Option<MagicLink>, StoreError> {
        let newest = magic_links::table
            .filter(magic_links::email.eq(AsText(email.clone())))
            .order((magic_links::created_at.desc(), magic_links::id.desc()));
        find!(self, MagicLinkRow, newest)
    }

    async fn redeem(
        &mut self,
        id: MagicLinkId,
        email: &Email,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (id, email, now) = (AsText(id), AsText(email.clone()), AsInt(now));
        run!(self, |conn| {
            let wanted = diesel::alias!(magic_links as wanted);
            let is_redeemable = wanted
                .filter(wanted.field(magic_links::id).eq(id))
                .filter(wanted.field(magic_links::email).eq(email.clone()))
                .filter(wanted.field(magic_links::used_at).is_null())
                .filter(wanted.field(magic_links::expires_at).gt(now))
                .select(wanted.field(magic_links::id));
            let unused = magic_links::table
                .filter(magic_links::email.eq(email))
                .filter(magic_links::used_at.is_null())
                .filter(diesel::dsl::exists(is_redeemable));
            let spend =
                diesel::update(unused).set(magic_links::used_at.eq(now)).returning(magic_links::id);
            let spent: Vec<AsText<MagicLinkId>> = CachedStatement(spend).get_results(conn).await?;
            // After a concurrent request took the link, only newer links may be left to update.
            Ok(spent.contains(&id))
        })
    }

    async fn confirmed(&mut self, id: MagicLinkId, by: TokenHash) -> Result<(), StoreError> {
        let confirmed = magic_links::confirmed_by.eq(AsBytes(by));
        execute!(self, diesel::update(magic_links::table.find(AsText(id))).set(confirmed))
    }

    async fn count_attempt(&mut self, id: MagicLinkId, most: u32) -> Result<bool, StoreError> {
        let open =
            magic_links::table.find(AsText(id)).filter(magic_links::attempts.lt(AsInt(most)));
        changes!(
            self,
            diesel::update(open).set(magic_links::attempts.eq(magic_links::attempts + 1))
        )
    }

    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let expired = magic_links::table.filter(magic_links::expires_at.lt(AsInt(instant)));
        forget_oldest!(self, expired, magic_links::expires_at, most)
    }
}

/// The sessions that have neither ended nor been revoked at `$now`.
macro_rules! alive {
    ($now:expr) => {
        visitor_sessions::table
            .filter(visitor_sessions::revoked_at.is_null())
            .filter(visitor_sessions::expires_at.gt(AsInt($now)))
    };
}

#[async_trait]
impl VisitorSessions for Unit {
    async fn insert(&mut self, session: &VisitorSession) -> Result<(), StoreError> {
        let row = VisitorSessionRow::from(session);
        execute!(self, diesel::insert_into(visitor_sessions::table).values(row))
    }

    async fn revoke_by_tokens(
        &mut self,
        tokens: &[TokenHash],
        frontend: Option<FrontendOrigin>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tokens: Vec<_> = tokens.iter().copied().map(AsBytes).collect();
        let alive = alive!(now).filter(visitor_sessions::token.eq_any(tokens));
        let revoked = visitor_sessions::revoked_at.eq(AsInt(now));
        run!(self, |conn| {
            let ended = if let Some(frontend) = frontend {
                let begun_there = alive.filter(visitor_sessions::frontend.eq(AsText(frontend)));
                diesel::update(begun_there).set(revoked).execute(conn).await?
            } else {
                diesel::update(alive).set(revoked).execute(conn).await?
            };
            Ok(ended > 0)
        })
    }

    async fn revoke(
        &mut self,
        visitor: VisitorId,
        frontend: Option<FrontendOrigin>,
        session: VisitorSessionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let alive = alive!(now)
            .filter(visitor_sessions::id.eq(AsText(session)))
            .filter(visitor_sessions::visitor_id.eq(AsText(visitor)));
        let revoked = visitor_sessions::revoked_at.eq(AsInt(now));
        if let Some(frontend) = frontend {
            let begun_there = alive.filter(visitor_sessions::frontend.eq(AsText(frontend)));
            changes!(self, diesel::update(begun_there).set(revoked))
        } else {
            changes!(self, diesel::update(alive).set(revoked))
        }
    }

    async fn revoke_others(
        &mut self,
        visitor: VisitorId,
        kept: VisitorSessionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let others = alive!(now)
            .filter(visitor_sessions::visitor_id.eq(AsText(visitor)))
            .filter(visitor_sessions::id.ne(AsText(kept)));
        execute!(self, diesel::update(others).set(visitor_sessions::revoked_at.eq(AsInt(now))))
    }

    async fn forget_ended(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let expired =
            visitor_sessions::table.filter(visitor_sessions::expires_at.lt(AsInt(instant)));
        let revoked_at = visitor_sessions::revoked_at.assume_not_null();
        let revoked = visitor_sessions::table
            .filter(visitor_sessions::revoked_at.is_not_null())
            .filter(revoked_at.lt(AsInt(instant)));
        run!(self, |conn| {
            let are_left = [
                oldest!(conn, expired, visitor_sessions::expires_at, most, |some| diesel::delete(
                    some
                )),
                oldest!(conn, revoked, revoked_at, most, |some| diesel::delete(some)),
            ];
            Ok(are_left.contains(&true))
        })
    }
}

/// Session, visitor and frontend.
type SignedInRow = (AsText<VisitorSessionId>, VisitorRow, Option<AsText<FrontendOrigin>>);

#[async_trait]
impl VisitorAuthReads for Database {
    async fn magic_link(&self, token: TokenHash) -> Result<Option<MagicLink>, StoreError> {
        let link = magic_links::table.filter(magic_links::token.eq(AsBytes(token)));
        read_first!(self, MagicLinkRow, link)
    }

    async fn newest_link(&self, email: &Email) -> Result<Option<MagicLink>, StoreError> {
        let newest = magic_links::table
            .filter(magic_links::email.eq(AsText(email.clone())))
            .order((magic_links::created_at.desc(), magic_links::id.desc()));
        read_first!(self, MagicLinkRow, newest)
    }

    async fn link_asked_by(&self, browser: TokenHash) -> Result<Option<MagicLink>, StoreError> {
        let asked = magic_links::table
            .filter(magic_links::asked_by.eq(AsBytes(browser)))
            .order((magic_links::created_at.desc(), magic_links::id.desc()));
        read_first!(self, MagicLinkRow, asked)
    }

    async fn language_of(&self, email: &Email) -> Result<Option<Language>, StoreError> {
        let known = languages::table.find(AsText(email.clone())).select(languages::language);
        let known: Vec<AsText<Language>> = read_all!(self, known)?;
        Ok(known.into_iter().next().map(|language| language.0))
    }

    async fn signed_in(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<SignedInVisitor>, StoreError> {
        let session = alive!(now)
            .inner_join(visitors::table.on(visitors::id.eq(visitor_sessions::visitor_id)))
            .filter(visitor_sessions::token.eq(AsBytes(token)))
            .select((visitor_sessions::id, VisitorRow::as_select(), visitor_sessions::frontend));
        let found: Vec<SignedInRow> = read_hot!(self, session)?;
        // The token is unique.
        let found = found.into_iter().next();
        Ok(found.map(|(session_id, visitor, frontend)| SignedInVisitor {
            session_id: session_id.0,
            visitor: visitor.into(),
            frontend: frontend.map(|frontend| frontend.0),
        }))
    }

    async fn sessions_of(
        &self,
        visitor: VisitorId,
        frontend: Option<FrontendOrigin>,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Listing<VisitorSession>, StoreError> {
        let sessions = alive!(now)
            .filter(visitor_sessions::visitor_id.eq(AsText(visitor)))
            .select(VisitorSessionRow::as_select());
        let mut sessions =
            seek!(page, visitor_sessions::created_at, visitor_sessions::id, sessions);
        if let Some(frontend) = frontend {
            sessions = sessions.filter(visitor_sessions::frontend.eq(AsText(frontend)));
        }
        let rows: Vec<VisitorSessionRow> = read_all!(self, sessions)?;
        Ok(listing(rows, page, |row: &VisitorSession| (row.created_at, row.id)))
    }
}
