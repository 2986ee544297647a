//! Reading lists of an account's objects, and the search for an account or the session of an order in them.

use jiff::Timestamp;
use miniserde::{Deserialize, json::Value};
use stripe_checkout::checkout_session::ListCheckoutSession;
use stripe_client_core::{RequestBuilder, RequestStrategy, StripeRequest};
use stripe_connect::account::ListAccount;
use stripe_types::{RangeBoundsTs, RangeQueryTs};
use tollgate_domain::{
    clock::plus_seconds,
    id::CheckoutId,
    payments::{AccountId, OpenedSession, ProviderPage},
};

use crate::{
    answers::{Account, Page, Session, id_in, order_noted_in, read},
    failure::CallError,
    gateway::StripeGateway,
    lists::PER_PAGE,
};

/// The largest number of pages that are read to find one session.
const MAX_SEARCH_PAGES: u32 = 20;

/// When the session of an order can have been created, in seconds seen from the order. A session mostly
/// is created within the first interval, so that few of a busy account's sessions are read. The time
/// before allows for clocks that differ; the time after, for an order that is opened late.
const INTERVALS: [(i64, i64); 2] = [(-600, 300), (301, 7_200)];

impl StripeGateway {
    /// Reads a page of a list, and converts its objects. Objects that cannot be converted are left out; the ids of those that `may_matter`
    /// are returned as unreadable.
    pub(crate) async fn page<T, S>(
        &self,
        account: &AccountId,
        request: RequestBuilder,
        convert: impl Fn(T) -> Result<S, CallError>,
        may_matter: impl Fn(&Value) -> bool,
    ) -> Result<ProviderPage<S>, CallError>
    where
        T: Deserialize,
    {
        let page: Page = self.read_on(account, request).await?;
        let next = page.next()?;
        let (mut items, mut unreadable) = (Vec::new(), Vec::new());
        for listed in &page.data {
            match read(listed).and_then(&convert) {
                Ok(item) => items.push(item),
                Err(error) => {
                    let id = id_in(listed);
                    tracing::warn!(object = id, ?error, "a listed object is left out");
                    unreadable.extend(may_matter(listed).then(|| id.to_owned()));
                }
            }
        }
        Ok(ProviderPage { items, unreadable, next })
    }

    /// Finds the account that was created with a label.
    pub(crate) async fn search_account(
        &self,
        label: &str,
        since: Timestamp,
    ) -> Result<Option<AccountId>, CallError> {
        let mut after = None;
        for _ in 0..MAX_SEARCH_PAGES {
            let list = ListAccount::new().created(RangeQueryTs::gte(since.as_second()));
            let list = list.limit(PER_PAGE);
            let list = match after.take() {
                Some(after) => list.starting_after(after),
                None => list,
            };
            let page: Page = self.ask(list.build(), RequestStrategy::Once).await?;
            let next = page.next()?;
            let accounts: Vec<Account> = page.all()?;
            if let Some(ours) = accounts.into_iter().find(|it| it.label() == Some(label)) {
                return ours.named().map(Some);
            }
            let Some(next) = next else { return Ok(None) };
            after = Some(next);
        }
        Err(CallError::bad_answer("too many accounts to find one"))
    }

    /// Finds the session that was opened for an order.
    pub(crate) async fn search(
        &self,
        account: &AccountId,
        checkout: CheckoutId,
        created_at: Timestamp,
    ) -> Result<Option<OpenedSession>, CallError> {
        let mut completed = None;
        for (from, to) in INTERVALS {
            let bounds = RangeBoundsTs {
                gte: Some(plus_seconds(created_at, from).as_second()),
                lte: Some(plus_seconds(created_at, to).as_second()),
                ..RangeBoundsTs::default()
            };
            let mut after = None;
            for pages in 1.. {
                let list = ListCheckoutSession::new().created(RangeQueryTs::Bounds(bounds));
                let list = list.limit(PER_PAGE);
                let list = match after.take() {
                    Some(after) => list.starting_after(after),
                    None => list,
                };
                let page: Page = self.read_on(account, list.build()).await?;
                let next = page.next()?;
                let ours = page.data.iter().filter(|it| order_noted_in(it) == Some(checkout));
                let ours = ours.map(read::<Session>).collect::<Result<Vec<_>, _>>()?.into_iter();
                let ours = ours.filter(|it| it.checkout_id() == Some(checkout));
                for session in ours.filter(|it| !it.is_expired()) {
                    if session.is_open() {
                        return session.found(self.addresses).map(Some);
                    }
                    completed.get_or_insert(session);
                }
                match next {
                    None => break,
                    Some(_) if pages == MAX_SEARCH_PAGES => {
                        return Err(CallError::bad_answer("too many sessions to find one"));
                    }
                    next => after = next,
                }
            }
        }
        completed.map(|session| session.found(self.addresses)).transpose()
    }
}
