//! What the provider lists.

use jiff::{SignedDuration, Timestamp};

use super::records::{Records, not_found};
use tollgate_domain::{
    id::CheckoutId,
    payments::{
        AccountId, DisputeState, OpenedSession, PaymentsError, ProviderPage, RefundState,
        SessionProgress, SessionState,
    },
};

/// The largest number of objects in a page: few, so that tests have several pages.
const PER_PAGE: usize = 3;
/// When a session can have been created that was opened for an order, seen from the order's creation.
const EARLIEST: SignedDuration = SignedDuration::from_mins(-10);
const LATEST: SignedDuration = SignedDuration::from_hours(2);

/// A listed object: when it was created, its id, and its state.
type Row<'a, T> = (Timestamp, &'a str, T);

impl Records {
    pub(super) fn sessions_since(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&str>,
    ) -> Result<ProviderPage<SessionState>, PaymentsError> {
        self.account(account)?;
        let ours = self.sessions.values().filter(|it| it.account == *account);
        let rows = ours.map(|it| (it.created, it.state.session.as_str(), &it.state));
        let listed = page(rows.collect(), since, self.cursor(after), self.per_page)?;
        let ProviderPage { items, unreadable, next } = listed;
        Ok(ProviderPage { items: items.into_iter().cloned().collect(), unreadable, next })
    }

    pub(super) fn refunds_since(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&str>,
    ) -> Result<ProviderPage<RefundState>, PaymentsError> {
        self.account(account)?;
        let ours = self.refunds.iter().filter(|(_, it)| it.account == *account);
        let rows = ours.map(|(id, it)| {
            let state = self.refund_state(account, id)?;
            Ok((it.created, id.as_str(), state))
        });
        let rows = rows.collect::<Result<_, PaymentsError>>()?;
        page(rows, since, self.cursor(after), self.per_page)
    }

    pub(super) fn disputes_since(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<&str>,
    ) -> Result<ProviderPage<DisputeState>, PaymentsError> {
        self.account(account)?;
        let ours = self.disputes.iter().filter(|(_, it)| it.account == *account);
        let rows = ours.map(|(id, it)| {
            let state = self.dispute_state(account, id)?;
            Ok((it.created, id.as_str(), state))
        });
        let rows = rows.collect::<Result<_, PaymentsError>>()?;
        page(rows, since, self.cursor(after), self.per_page)
    }

    /// Returns the cursor, unless lists begin again with every page.
    fn cursor<'a>(&self, after: Option<&'a str>) -> Option<&'a str> {
        after.filter(|_| !self.ignores_cursors)
    }

    pub(super) fn session_of(
        &self,
        account: &AccountId,
        checkout: CheckoutId,
        created_at: Timestamp,
    ) -> Result<Option<OpenedSession>, PaymentsError> {
        self.account(account)?;
        let around =
            |created: Timestamp| (EARLIEST..=LATEST).contains(&created.duration_since(created_at));
        let found = self
            .sessions
            .values()
            .filter(|it| it.account == *account && it.state.checkout_id == Some(checkout))
            .filter(|it| around(it.created) && it.state.progress != SessionProgress::Expired)
            .max_by_key(|it| {
                (it.state.progress == SessionProgress::Open, it.created, it.state.session.clone())
            });
        Ok(found.map(|it| {
            let is_open = it.state.progress == SessionProgress::Open;
            let url = if is_open { it.url.clone() } else { String::new() };
            OpenedSession { session: it.state.session.clone(), url }
        }))
    }
}

/// Returns the page after the object with the id `after`, newest first.
fn page<T>(
    mut rows: Vec<Row<'_, T>>,
    since: Timestamp,
    after: Option<&str>,
    per_page: Option<usize>,
) -> Result<ProviderPage<T>, PaymentsError> {
    rows.sort_unstable_by(|(one, one_id, _), (other, other_id, _)| {
        (other, other_id).cmp(&(one, one_id))
    });
    if let Some(after) = after {
        let known = rows.iter().position(|(_, id, _)| *id == after).ok_or_else(not_found)?;
        rows.drain(..=known);
    }
    // The provider's times have whole seconds.
    rows.retain(|(created, ..)| created.as_second() >= since.as_second());
    let per_page = per_page.unwrap_or(PER_PAGE);
    let has_more = rows.len() > per_page;
    rows.truncate(per_page);
    let next = rows.last().map(|(_, id, _)| (*id).to_owned()).filter(|_| has_more);
    let items = rows.into_iter().map(|(.., state)| state).collect();
    Ok(ProviderPage { items, unreadable: Vec::new(), next })
}
