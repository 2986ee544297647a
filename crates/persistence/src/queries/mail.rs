//! Mails: those that were written, who takes none, and who reads which language.

use diesel::{sql_types::Bool, upsert::excluded};
use tollgate_domain::{
    creators::ports::Creators,
    email::Email,
    id::{CreatorId, HandleId, MailId},
    language::Language,
    mail::{
        LoggedMail, MailKind, MailScope, MailStatus, QueuedMail, Returned,
        ports::{
            Languages, MailBacklog, MailCausers, MailStops, Outbox, OutboxReads, ReturnedMails,
        },
    },
};

use super::prelude::*;
use crate::{
    rows::{LoggedMailRow, MailRow, ReturnedRow},
    schema::{handles, languages, mail_stops, outbox, purchases, returned_mails},
};

/// Finds when the mail was queued that comes after `$rank` others of a scope; see [`Outbox::caused`]. `$first` loads the first
/// row of `$query`.
macro_rules! caused {
    ($scope:expr, $since:expr, $rank:expr, |$query:ident| $first:expr) => {{
        let scope: &MailScope = $scope;
        let kinds: Vec<_> = scope.kinds().iter().copied().map(AsText).collect();
        let caused = outbox::table
            .filter(outbox::kind.eq_any(kinds))
            .filter(outbox::queued_at.gt(AsInt($since)))
            .order(outbox::queued_at.desc())
            .select(outbox::queued_at)
            .limit(1)
            .offset(i64::from($rank));
        let of = |creator| {
            let theirs = handles::table.filter(handles::creator_id.eq(AsText(creator)));
            outbox::handle_id.eq_any(theirs.select(handles::id.nullable()))
        };
        let found: Option<AsInt<Timestamp>> = match scope.clone() {
            MailScope::Creator(creator) => {
                let $query = caused.filter(of(creator));
                $first
            }
            MailScope::Recipient(creator, email) => {
                let $query = caused.filter(of(creator)).filter(outbox::recipient.eq(AsText(email)));
                $first
            }
            MailScope::AccountClosed(handle) | MailScope::AccountReady(handle) => {
                // In the text as well, as the partial indexes have it: the mail log of a handle may be long.
                let kind = scope.kinds().first().map_or("", |kind| kind.as_str());
                let caused = caused.filter(outbox::kind.eq(Literal(kind)));
                let $query = caused.filter(outbox::handle_id.eq(AsText(handle)));
                $first
            }
            MailScope::TargetReached(handle) => {
                let $query = caused.filter(outbox::handle_id.eq(AsText(handle)));
                $first
            }
        };
        Ok(found.map(|at| at.0))
    }};
}

#[async_trait]
impl Outbox for Unit {
    async fn insert(&mut self, mail: &QueuedMail) -> Result<(), StoreError> {
        let is_queued = outbox::status.eq(AsText(MailStatus::Queued));
        let row = (MailRow::from(mail), is_queued, outbox::attempts.eq(0));
        execute!(self, diesel::insert_into(outbox::table).values(row))
    }

    async fn sent(
        &mut self,
        id: MailId,
        attempts: u32,
        now: Timestamp,
        keep: bool,
    ) -> Result<(), StoreError> {
        let sent = (
            outbox::status.eq(AsText(MailStatus::Sent)),
            outbox::attempts.eq(AsInt(attempts)),
            outbox::sent_at.eq(AsInt(now)),
            (!keep).then(|| outbox::sealed.eq(Vec::<u8>::new())),
            outbox::last_error.eq(None::<String>),
        );
        let unsent =
            outbox::table.find(AsText(id)).filter(outbox::status.ne(AsText(MailStatus::Sent)));
        execute!(self, diesel::update(unsent).set(sent))
    }

    async fn caused(
        &mut self,
        scope: &MailScope,
        since: Timestamp,
        rank: u32,
    ) -> Result<Option<Timestamp>, StoreError> {
        caused!(scope, since, rank, |query| self.first(query).await?)
    }

    async fn forget_contents(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let has_content = || sql::<Bool>("length(sealed) > 0");
        let sent_at = outbox::sent_at.assume_not_null();
        let sent = move || outbox::table.filter(sent_at.lt(AsInt(instant))).filter(has_content());
        let dead = move || {
            outbox::table
                .filter(outbox::sent_at.is_null())
                .filter(outbox::status.eq(AsText(MailStatus::Dead)))
                .filter(outbox::queued_at.lt(AsInt(instant)))
                .filter(has_content())
        };
        let nothing = || outbox::sealed.eq(Vec::<u8>::new());
        run!(self, |conn| {
            let are_left = [
                oldest!(conn, sent(), sent_at, most, |some| diesel::update(some).set(nothing())),
                oldest!(conn, dead(), outbox::queued_at, most, |some| diesel::update(some)
                    .set(nothing())),
            ];
            Ok(are_left.contains(&true))
        })
    }

    async fn revive(&mut self, id: MailId) -> Result<Option<MailKind>, StoreError> {
        let dead = outbox::table
            .find(AsText(id))
            .filter(outbox::status.eq(AsText(MailStatus::Dead)))
            .filter(outbox::sealed.ne(Vec::<u8>::new()));
        let again = (
            outbox::status.eq(AsText(MailStatus::Queued)),
            outbox::attempts.eq(0),
            outbox::last_error.eq(None::<String>),
        );
        let revived = diesel::update(dead).set(again).returning(outbox::kind);
        let kind: Option<AsText<MailKind>> = self.first(revived).await?;
        Ok(kind.map(|kind| kind.0))
    }

    async fn failed(
        &mut self,
        id: MailId,
        attempts: u32,
        reason: &str,
        is_dead: bool,
    ) -> Result<(), StoreError> {
        let failed = (
            outbox::attempts.eq(AsInt(attempts)),
            outbox::last_error.eq(reason.to_owned()),
            is_dead.then(|| outbox::status.eq(AsText(MailStatus::Dead))),
        );
        let queued =
            outbox::table.find(AsText(id)).filter(outbox::status.eq(AsText(MailStatus::Queued)));
        execute!(self, diesel::update(queued).set(failed))
    }
}

#[async_trait]
impl MailStops for Unit {
    async fn insert(
        &mut self,
        handle: HandleId,
        email: &Email,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let stop = (
            mail_stops::handle_id.eq(AsText(handle)),
            mail_stops::email.eq(AsText(email.clone())),
            mail_stops::stopped_at.eq(AsInt(now)),
        );
        execute!(self, diesel::insert_into(mail_stops::table).values(stop).on_conflict_do_nothing())
    }

    async fn delete(&mut self, handle: HandleId, email: &Email) -> Result<(), StoreError> {
        let stop = mail_stops::table.find((AsText(handle), AsText(email.clone())));
        execute!(self, diesel::delete(stop))
    }

    async fn is_stopped(&mut self, handle: HandleId, email: &Email) -> Result<bool, StoreError> {
        let stop = mail_stops::table
            .find((AsText(handle), AsText(email.clone())))
            .select(mail_stops::stopped_at);
        let stopped: Option<i64> = self.first(stop).await?;
        Ok(stopped.is_some())
    }
}

/// Notes in a column when a mail to an address was returned.
macro_rules! note_return {
    ($unit:ident, $email:ident, $column:ident, $now:ident) => {{
        let row = (
            returned_mails::email.eq(AsText($email.clone())),
            returned_mails::$column.eq(Some(AsInt($now))),
        );
        execute!(
            $unit,
            diesel::insert_into(returned_mails::table)
                .values(row)
                .on_conflict(returned_mails::email)
                .do_update()
                .set(returned_mails::$column.eq(excluded(returned_mails::$column)))
        )
    }};
}

#[async_trait]
impl ReturnedMails for Unit {
    async fn bounced(&mut self, email: &Email, now: Timestamp) -> Result<(), StoreError> {
        note_return!(self, email, bounced_at, now)
    }

    async fn complained(&mut self, email: &Email, now: Timestamp) -> Result<(), StoreError> {
        note_return!(self, email, complained_at, now)
    }

    async fn arrived(&mut self, email: &Email) -> Result<(), StoreError> {
        let bounced = returned_mails::table
            .filter(returned_mails::email.eq(AsText(email.clone())))
            .filter(returned_mails::bounced_at.is_not_null());
        execute!(
            self,
            diesel::update(bounced).set(returned_mails::bounced_at.eq(None::<AsInt<Timestamp>>))
        )
    }
}

/// A sale of a creator, if there is one.
macro_rules! a_sale {
    ($creator:expr) => {
        purchases::table
            .inner_join(handles::table.on(handles::id.eq(purchases::handle_id)))
            .filter(handles::creator_id.eq(AsText($creator)))
            .filter(purchases::account.is_not_null())
            .select(purchases::created_at)
            .limit(1)
    };
}

#[async_trait]
impl MailCausers for Unit {
    async fn lock(&mut self, id: CreatorId) -> Result<(), StoreError> {
        Creators::lock(self, id).await
    }

    async fn has_sold(&mut self, id: CreatorId) -> Result<bool, StoreError> {
        let sale: Option<i64> = self.first(a_sale!(id)).await?;
        Ok(sale.is_some())
    }
}

#[async_trait]
impl Languages for Unit {
    async fn remember(&mut self, email: &Email, language: Language) -> Result<(), StoreError> {
        let email = languages::email.eq(AsText(email.clone()));
        let row = (email, languages::language.eq(AsText(language)));
        execute!(
            self,
            diesel::insert_into(languages::table)
                .values(row)
                .on_conflict(languages::email)
                .do_update()
                .set(languages::language.eq(excluded(languages::language)))
        )
    }

    async fn of(&mut self, email: &Email) -> Result<Option<Language>, StoreError> {
        let known = languages::table.find(AsText(email.clone())).select(languages::language);
        let known: Option<AsText<Language>> = self.first(known).await?;
        Ok(known.map(|language| language.0))
    }
}

/// A status, the number of mails that have it, and when the oldest of them was queued.
type BacklogRow = (AsText<MailStatus>, i64, Option<AsInt<Timestamp>>);

#[async_trait]
impl OutboxReads for Database {
    async fn queued_mail(&self, id: MailId) -> Result<Option<QueuedMail>, StoreError> {
        let is_queued = outbox::status.eq(AsText(MailStatus::Queued));
        read_first!(self, MailRow, outbox::table.find(AsText(id)).filter(is_queued))
    }

    async fn mail_about(
        &self,
        handle: HandleId,
        id: MailId,
    ) -> Result<Option<(QueuedMail, MailStatus)>, StoreError> {
        let mail = outbox::table
            .find(AsText(id))
            .filter(outbox::handle_id.eq(AsText(handle)))
            .select((MailRow::as_select(), outbox::status));
        let row: Option<(MailRow, AsText<MailStatus>)> =
            read!(self, |conn| { mail.first(on(&mut conn)).await.optional() })?;
        Ok(row.map(|(mail, status)| (mail.into(), status.0)))
    }

    async fn dead_mails(&self, page: &PageRequest) -> Result<Listing<LoggedMail>, StoreError> {
        // The index of contents that were not sent answers this.
        let dead = outbox::table
            .filter(outbox::sent_at.is_null())
            .filter(sql::<Bool>("length(sealed) > 0"))
            .filter(outbox::status.eq(AsText(MailStatus::Dead)))
            .select(logged_mail!());
        let query = seek!(page, outbox::queued_at, outbox::id, dead);
        let rows: Vec<LoggedMailRow> = report_all!(self, query)?;
        Ok(listing(rows, page, |mail: &LoggedMail| (mail.queued_at, mail.id)))
    }

    async fn backlog(&self) -> Result<MailBacklog, StoreError> {
        use diesel::dsl::{count_star, min};

        // The index of contents that were not sent answers this.
        let unsent = outbox::table
            .filter(outbox::sent_at.is_null())
            .filter(sql::<Bool>("length(sealed) > 0"))
            .group_by(outbox::status)
            .select((outbox::status, count_star(), min(outbox::queued_at)));
        let rows: Vec<BacklogRow> = report_all!(self, unsent)?;
        let mut backlog = MailBacklog::default();
        for (status, count, since) in rows {
            match status.0 {
                MailStatus::Queued => {
                    backlog.waiting = count.unsigned_abs();
                    backlog.waiting_since = since.map(|since| since.0);
                }
                MailStatus::Dead => backlog.dead = count.unsigned_abs(),
                MailStatus::Sent => {}
            }
        }
        Ok(backlog)
    }

    async fn has_stopped(&self, handle: HandleId, email: &Email) -> Result<bool, StoreError> {
        let stop = mail_stops::table
            .find((AsText(handle), AsText(email.clone())))
            .select(mail_stops::stopped_at);
        let stopped: Vec<i64> = read_all!(self, stop)?;
        Ok(!stopped.is_empty())
    }

    async fn has_sold(&self, creator: CreatorId) -> Result<bool, StoreError> {
        let sales: Vec<i64> = read_all!(self, a_sale!(creator))?;
        Ok(!sales.is_empty())
    }

    async fn caused(
        &self,
        scope: &MailScope,
        since: Timestamp,
        rank: u32,
    ) -> Result<Option<Timestamp>, StoreError> {
        caused!(scope, since, rank, |query| {
            let found: Vec<AsInt<Timestamp>> = read_all!(self, query)?;
            found.into_iter().next()
        })
    }

    async fn returned(&self, email: &Email) -> Result<Returned, StoreError> {
        let row = returned_mails::table.find(AsText(email.clone()));
        let found: Option<Returned> = read_first!(self, ReturnedRow, row)?;
        Ok(found.unwrap_or_default())
    }

    async fn has_mail_to(&self, handle: HandleId, email: &Email) -> Result<bool, StoreError> {
        let mail = outbox::table
            .filter(outbox::handle_id.eq(AsText(handle)))
            .filter(outbox::recipient.eq(AsText(email.clone())))
            .select(outbox::queued_at)
            .limit(1);
        let found: Vec<i64> = read_all!(self, mail)?;
        Ok(!found.is_empty())
    }

    async fn first_sent(
        &self,
        handle: HandleId,
        email: &Email,
    ) -> Result<Option<Timestamp>, StoreError> {
        let first = outbox::table
            .filter(outbox::handle_id.eq(AsText(handle)))
            .filter(outbox::recipient.eq(AsText(email.clone())))
            .select(diesel::dsl::min(outbox::sent_at));
        let first: Vec<Option<AsInt<Timestamp>>> = read_all!(self, first)?;
        Ok(first.into_iter().flatten().next().map(|at| at.0))
    }
}
