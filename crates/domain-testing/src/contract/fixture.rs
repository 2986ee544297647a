//! What most cases begin with: a shop, a page, a visitor.

use std::{pin::pin, time::Duration};

use futures_timer::Delay;
use futures_util::future::{Either, join_all, select};
use jiff::{SignedDuration, Timestamp};

use crate::{
    PageBuilder, PurchaseBuilder, a_creator, a_handle, a_page, a_purchase, a_session, a_visitor,
    an_account, an_order, start_of_time,
};
use tollgate_domain::{
    access::{
        Fact, Holding, PageTerms, Purchase, Resource, ResourceGate, ResourceType, Terms,
        ports::{ResourceAccess, ResourceQuery},
    },
    checkout::{CheckoutOrder, ConnectedAccount, OrderStatus},
    creators::{Creator, Handle, Page},
    email::Email,
    files::File,
    id::{CheckoutId, PurchaseId},
    names::Slug,
    paging::{Cursor, Listing, PageRequest},
    payments::AccountId,
    store::{Stores, UnitOfWork},
    store_error::StoreError,
    token::TokenHash,
    visitor_auth::{Visitor, VisitorSession},
};

/// A creator with a handle that takes payments, a page for 12 USD, and a visitor who is signed in.
pub(super) struct Fixture {
    pub(super) on: Stores,
    pub(super) creator: Creator,
    pub(super) handle: Handle,
    pub(super) page: Page,
    pub(super) visitor: Visitor,
    pub(super) session: VisitorSession,
}

impl Fixture {
    pub(super) async fn new(on: Stores) -> Self {
        let creator = a_creator().build();
        let handle = a_handle().of(&creator).build();
        let page = a_page().of(&handle).paid(1_200, "usd").published().build();
        let visitor = a_visitor().build();
        let session = a_session(&visitor).build();
        let mut unit = on.begin().await;
        assert!(unit.creators().insert(&creator).await.unwrap());
        assert!(unit.handles().insert(&handle).await.unwrap());
        let account = account_of(&handle);
        assert!(unit.connected_accounts().insert(&account).await.unwrap());
        assert!(unit.pages().insert(&page).await.unwrap());
        assert_eq!(unit.visitors().ensure(&visitor).await.unwrap(), visitor);
        unit.visitor_sessions().insert(&session).await.unwrap();
        unit.commit().await.unwrap();
        Self { on, creator, handle, page, visitor, session }
    }

    pub(super) async fn begin(&self) -> Box<dyn UnitOfWork> {
        self.on.begin().await
    }

    pub(super) async fn commit<T>(
        &self,
        work: impl AsyncFnOnce(&mut dyn UnitOfWork) -> Result<T, StoreError>,
    ) -> T {
        self.on.commit(work).await
    }

    /// Another handle of the same creator, without a payment account.
    pub(super) async fn another_handle(&self) -> Handle {
        let handle = a_handle().of(&self.creator).build();
        assert!(self.commit(async |unit| unit.handles().insert(&handle).await).await);
        handle
    }

    /// A page under the fixture's handle.
    pub(super) async fn page(&self, page: PageBuilder) -> Page {
        let page = page.of(&self.handle).build();
        assert!(self.commit(async |unit| unit.pages().insert(&page).await).await);
        page
    }

    /// Another visitor, signed in.
    pub(super) async fn another_visitor(&self) -> (Visitor, VisitorSession) {
        let visitor = a_visitor().build();
        let session = a_session(&visitor).build();
        let mut unit = self.begin().await;
        unit.visitors().ensure(&visitor).await.unwrap();
        unit.visitor_sessions().insert(&session).await.unwrap();
        unit.commit().await.unwrap();
        (visitor, session)
    }

    /// A visitor with this address, who has not signed in.
    pub(super) async fn visitor_called(&self, address: Email) -> Visitor {
        let visitor = a_visitor().email(address).build();
        self.commit(async |unit| unit.visitors().ensure(&visitor).await).await;
        visitor
    }

    pub(super) async fn keep_session(&self, session: &VisitorSession) {
        self.commit(async |unit| unit.visitor_sessions().insert(session).await).await;
    }

    pub(super) async fn keep_order(&self, order: &CheckoutOrder) -> bool {
        self.commit(async |unit| unit.checkout_orders().insert(order).await).await
    }

    /// Moves an order on, and returns whether it was in one of the states given.
    pub(super) async fn advance(
        &self,
        id: CheckoutId,
        from: &[OrderStatus],
        to: OrderStatus,
    ) -> bool {
        self.commit(async |unit| unit.checkout_orders().advance(id, from, to).await).await
    }

    pub(super) async fn order(&self, order: &CheckoutOrder) -> CheckoutOrder {
        let mut unit = self.begin().await;
        unit.checkout_orders().find(order.id).await.unwrap().expect("the order")
    }

    /// A purchase of the fixture's page by its visitor, with the order that led to it.
    pub(super) async fn bought(
        &self,
        build: impl FnOnce(PurchaseBuilder) -> PurchaseBuilder,
    ) -> Purchase {
        self.bought_by(&self.visitor, &self.page, build).await
    }

    pub(super) async fn bought_by(
        &self,
        visitor: &Visitor,
        page: &Page,
        build: impl FnOnce(PurchaseBuilder) -> PurchaseBuilder,
    ) -> Purchase {
        let order = an_order(visitor, page).open().status(OrderStatus::Paid).build();
        let purchase = build(a_purchase(&order)).build();
        let mut unit = self.begin().await;
        assert!(unit.checkout_orders().insert(&order).await.unwrap());
        assert!(unit.purchases().insert(&purchase).await.unwrap());
        unit.commit().await.unwrap();
        purchase
    }

    pub(super) async fn keep_gift(&self, gift: &Purchase) {
        assert!(self.commit(async |unit| unit.purchases().insert(gift).await).await);
    }

    pub(super) async fn purchase(&self, id: PurchaseId) -> Purchase {
        let mut unit = self.begin().await;
        unit.purchases().lock(id).await.unwrap().expect("the purchase")
    }

    pub(super) async fn keep_fact(&self, fact: &Fact) -> bool {
        self.commit(async |unit| unit.ledger().record(fact).await).await
    }

    pub(super) async fn visit(&self, visitor: &Visitor, page: &Page, at: Timestamp) {
        self.commit(async |unit| unit.visits().record(visitor.id, page.id, at).await).await;
    }

    /// Who asks for what has this slug under the handle.
    pub(super) fn query(&self, slug: &Slug, session: Option<TokenHash>) -> ResourceQuery {
        let handle = self.handle.name.clone();
        ResourceQuery { handle, slug: slug.clone(), session, now: start_of_time() }
    }

    /// What is known of a page or file, if there is one.
    pub(super) async fn access(
        &self,
        resource: ResourceType,
        query: &ResourceQuery,
    ) -> Option<ResourceAccess> {
        self.on.access.access(resource, query).await.unwrap()
    }

    pub(super) async fn ask(&self, page: &Page, session: Option<TokenHash>) -> ResourceAccess {
        let query = self.query(&page.slug, session);
        self.access(ResourceType::Page, &query).await.expect("the page")
    }

    pub(super) async fn ask_file(&self, file: &File, session: Option<TokenHash>) -> ResourceAccess {
        let query = self.query(&file.slug, session);
        self.access(ResourceType::File, &query).await.expect("the file")
    }

    /// What should be known of a page by somebody who is not signed in.
    pub(super) fn access_to(&self, page: &Page) -> ResourceAccess {
        self.access_at(Resource::Page(page.id), Terms::Page(terms_of(page)))
    }

    pub(super) fn access_at(&self, resource: Resource, terms: Terms) -> ResourceAccess {
        ResourceAccess {
            resource,
            handle_id: self.handle.id,
            gate: ResourceGate { creator_id: self.creator.id, terms },
            visitor_id: None,
            holdings: vec![],
            listed: false,
            visited: false,
        }
    }

    /// What the fixture's visitor holds of the fixture's page, in an order of our own.
    pub(super) async fn holdings(&self) -> Vec<Holding> {
        let mut holdings = self.ask(&self.page, Some(self.session.token)).await.holdings;
        holdings.sort_by_key(|holding| (holding.grant_type, holding.revoked, holding.suspended));
        holdings
    }
}

/// Units of work in a store that works.
pub(super) trait Begin {
    async fn begin(&self) -> Box<dyn UnitOfWork>;

    /// Does `work` in a unit of its own.
    async fn commit<T>(
        &self,
        work: impl AsyncFnOnce(&mut dyn UnitOfWork) -> Result<T, StoreError>,
    ) -> T {
        let mut unit = self.begin().await;
        let done = work(&mut *unit).await.unwrap();
        unit.commit().await.unwrap();
        done
    }
}

impl Begin for Stores {
    async fn begin(&self) -> Box<dyn UnitOfWork> {
        self.store.begin().await.unwrap()
    }
}

pub(super) fn terms_of(page: &Page) -> PageTerms {
    PageTerms { page_id: page.id, mode: page.mode, status: page.status }
}

/// The account that orders of `testing::an_order` are for.
pub(super) fn account_of(handle: &Handle) -> ConnectedAccount {
    let account = AccountId::new(format!("acct_of_{}", handle.id));
    ConnectedAccount { account, ..an_account(handle).build() }
}

/// Runs `count` tasks side by side, and gives what they give, in the order of their numbers.
pub(super) async fn parallel<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T>,
{
    join_all((0..count).map(task)).await
}

pub(super) fn count_true(results: &[bool]) -> usize {
    results.iter().filter(|result| **result).count()
}

/// Returns the output of `future`, or `None` if it takes longer than `limit`. The future is dropped then.
pub(super) async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    match select(pin!(future), Delay::new(limit)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}

/// Fails the case when something waits that must not.
pub(super) async fn soon<F: Future>(future: F) -> F::Output {
    within(Duration::from_secs(20), future).await.expect("no waiting")
}

/// The smallest step of time before `instant`.
pub(super) fn just_before(instant: Timestamp) -> Timestamp {
    instant.checked_sub(SignedDuration::from_micros(1)).unwrap()
}

pub(super) fn just_after(instant: Timestamp) -> Timestamp {
    instant.checked_add(SignedDuration::from_micros(1)).unwrap()
}

pub(super) async fn keep_creator(on: &Stores, creator: &Creator) -> bool {
    on.commit(async |unit| unit.creators().insert(creator).await).await
}

/// The first part of a list.
pub(super) fn first(limit: u32) -> PageRequest {
    PageRequest { limit, after: None }
}

/// A whole list that was read in parts; see [`parts`].
pub(super) async fn walk<T, F>(limit: u32, part: impl Fn(PageRequest) -> F) -> Vec<T>
where
    F: Future<Output = Listing<T>>,
{
    parts(limit, part).await.into_iter().flatten().collect()
}

/// All parts of a list, each cursor through its text, as clients do.
pub(super) async fn parts<T, F>(limit: u32, part: impl Fn(PageRequest) -> F) -> Vec<Vec<T>>
where
    F: Future<Output = Listing<T>>,
{
    let (mut parts, mut request) = (Vec::new(), first(limit));
    loop {
        let Listing { items, next } = part(request).await;
        assert!(items.len() <= usize::try_from(limit).unwrap());
        parts.push(items);
        assert!(parts.len() < 1_000, "the walk does not end");
        let Some(next) = next else { return parts };
        request = PageRequest { limit, after: Some(through_text(&next)) };
    }
}

/// A cursor as it comes back from a client.
fn through_text(cursor: &Cursor) -> Cursor {
    let text = cursor.to_string();
    let read: Cursor = text.parse().expect("a cursor that can be read back");
    assert_eq!(read, *cursor);
    read
}
