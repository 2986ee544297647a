//! What visitors did.

use diesel::{dsl::case_when, upsert::excluded};
use tollgate_domain::{
    activity::{
        Activity, ActivityKind, VisitorTime,
        ports::{ActivityLog, ActivityReads},
    },
    id::HandleId,
    names::Slug,
};

use super::prelude::*;
use crate::{rows::ActivityRow, schema::activity};

#[async_trait]
impl ActivityLog for Unit {
    async fn add(&mut self, it: &Activity) -> Result<(), StoreError> {
        let row = ActivityRow::from(it);
        let (first_at, last_at) = (AsInt(it.first_at), AsInt(it.last_at));
        let earliest = case_when(activity::first_at.gt(first_at), excluded(activity::first_at))
            .otherwise(activity::first_at);
        let latest = case_when(activity::last_at.lt(last_at), excluded(activity::last_at))
            .otherwise(activity::last_at);
        let key = (
            activity::visitor_id,
            activity::handle_id,
            activity::day,
            activity::kind,
            activity::subject,
        );
        execute!(
            self,
            diesel::insert_into(activity::table).values(row).on_conflict(key).do_update().set((
                activity::first_at.eq(earliest),
                activity::last_at.eq(latest),
                activity::count.eq(activity::count + excluded(activity::count)),
            ))
        )
    }

    async fn note(&mut self, it: &Activity) -> Result<(), StoreError> {
        let row = ActivityRow::from(it);
        execute!(self, diesel::insert_into(activity::table).values(row).on_conflict_do_nothing())
    }

    async fn forget_before(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let old = activity::table.filter(activity::last_at.lt(AsInt(instant)));
        forget_oldest!(self, old, activity::last_at, most)
    }
}

#[async_trait]
impl ActivityReads for Database {
    async fn activity_of(
        &self,
        handle: HandleId,
        time: VisitorTime,
        page: &Slug,
        most: u32,
    ) -> Result<Vec<Activity>, StoreError> {
        let since = AsInt(time.since.unwrap_or(Timestamp::MIN));
        let until = AsInt(time.until.unwrap_or(Timestamp::MAX));
        let begins_in = activity::first_at.ge(since).and(activity::first_at.lt(until));
        let ends_in = activity::last_at.ge(since).and(activity::last_at.lt(until));
        let is_of_page = activity::kind
            .ne(AsText(ActivityKind::Viewed))
            .or(activity::subject.eq(page.to_string()));
        let query = activity::table
            .filter(activity::visitor_id.eq(AsText(time.visitor_id)))
            .filter(activity::handle_id.eq(AsText(handle)))
            .filter(begins_in.or(ends_in))
            .filter(is_of_page)
            .order((activity::last_at.desc(), activity::kind, activity::subject))
            .limit(i64::from(most))
            .select(ActivityRow::as_select());
        let rows: Vec<ActivityRow> = report_all!(self, query)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
