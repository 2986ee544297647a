//! The use cases for starting a checkout.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Applied, CheckoutError, CheckoutOrder, Connect, Fulfilment, NoPayments, OrderStatus,
    ReturnUrls, fulfilment::REOPENING_SECONDS, return_urls::check_urls,
};
use crate::{
    access::{
        Reason, Viewer, decide,
        ports::{AccessReads, PageWithAccess, PurchaseReads, ResourceQuery},
    },
    activity::{Activity, ActivityKind},
    clock::plus_seconds,
    creators::{AccessMode, Handle, PageStatus},
    id::{CheckoutId, GroupBuyId},
    installation::Installation,
    jobs::{Job, NewJob},
    limits::RateLimits,
    money::Money,
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    payments::{AccountId, CheckoutSessionId, OpenCheckout, OpenedSession, PaymentsError, Refusal},
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    token::TokenHash,
    visitor_auth::{Visitor, ports::VisitorAuthReads},
};

/// How long a visitor can take to pay, in seconds. Stripe allows up to 24 hours; the remaining hour
/// allows for clock differences and for orders whose session is opened late.
const ORDER_SECONDS: i64 = 23 * 3600;
/// The shortest duration of a session, in seconds. Stripe requires 30 minutes; the rest allows for clock
/// differences.
const MIN_SESSION_SECONDS: i64 = 31 * 60;
/// The shortest duration of an order at a group price, in seconds. Such an order ends with its offer,
/// but there must be enough time to open its session.
const MIN_ORDER_SECONDS: i64 = 35 * 60;
/// The number of further keys under which a session is asked for in one request.
const MAX_ATTEMPTS: u32 = 2;
/// The maximum number of attempts. Each attempt removes at most one conflicting order.
const MAX_ROUNDS: u32 = 4;

/// A group price that replaces the page's own price.
#[derive(Debug, Clone)]
pub(crate) struct GroupPrice {
    /// The group buy that offers the price.
    pub(crate) group_buy_id: GroupBuyId,
    /// The price of the group buy.
    pub(crate) price: Money,
    /// When the group buy's offer ends.
    pub(crate) ends_at: Timestamp,
    /// The URL that the visitor returns to after cancelling.
    pub(crate) offer_url: String,
}

/// What stands in the place of a visitor's only live order for a page.
enum Place {
    /// The order that the visitor continues with.
    Taken(CheckoutOrder),
    /// An order whose session has to be closed first.
    Outdated(CheckoutOrder),
    /// Something changed since it was read.
    Changed,
}

/// A checkout that is ready for the visitor to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedCheckout {
    /// The id of the order.
    pub id: CheckoutId,
    /// The URL of the hosted pay page. If the visitor's payment is being processed, that of the page itself, whose gate says so.
    pub url: String,
    /// When the pay page closes, or did.
    pub expires_at: Timestamp,
}

/// The settings of checkouts that an operator can change.
#[derive(Debug, Clone)]
pub struct CheckoutConfig {
    /// The hosts of the installation.
    pub installation: Installation,
    /// The platform fee of each payment, in basis points (hundredths of a percent).
    pub fee_basis_points: u32,
}

/// The ports that starting checkouts needs.
#[derive(Clone)]
pub struct CheckoutsPorts {
    /// Reads what a decision needs.
    pub reads: Arc<dyn AccessReads>,
    /// Reads purchases.
    pub purchases: Arc<dyn PurchaseReads>,
    /// Reads sessions of visitors.
    pub sessions: Arc<dyn VisitorAuthReads>,
    /// Counts requests against the limits.
    pub limits: Arc<dyn RateLimits>,
}

/// The use cases for starting checkouts.
#[derive(Clone)]
pub struct Checkouts {
    pub(super) ports: CheckoutsPorts,
    connect: Connect,
    pub(super) fulfilment: Fulfilment,
    config: CheckoutConfig,
}

impl Checkouts {
    /// Creates the use cases.
    pub fn new(
        ports: CheckoutsPorts,
        connect: Connect,
        fulfilment: Fulfilment,
        config: CheckoutConfig,
    ) -> Self {
        Self { ports, connect, fulfilment, config }
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.fulfilment.runtime
    }

    /// Returns the part of a payment that the platform keeps.
    pub fn fee(&self, price: Money) -> Money {
        price.share(self.config.fee_basis_points)
    }

    /// Returns a pay page for the visitor of `session`. While that pay page is open, further calls
    /// return the same one, even in parallel. While the visitor's payment is being processed, they return the page itself.
    pub async fn start(
        &self,
        handle: HandleName,
        slug: Slug,
        session: Option<TokenHash>,
        urls: ReturnUrls,
    ) -> Result<StartedCheckout, CheckoutError> {
        self.start_at(handle, slug, session, urls, None).await
    }

    /// Returns a pay page at the price of a group buy that the visitor is interested in. An open session
    /// at another price is closed first.
    pub(crate) async fn start_in_group(
        &self,
        handle: HandleName,
        slug: Slug,
        session: TokenHash,
        mut urls: ReturnUrls,
        group: GroupPrice,
    ) -> Result<StartedCheckout, CheckoutError> {
        check_urls(&urls)?;
        urls.cancel.get_or_insert_with(|| group.offer_url.clone());
        self.start_at(handle, slug, Some(session), urls, Some(&group)).await
    }

    async fn start_at(
        &self,
        handle: HandleName,
        slug: Slug,
        session: Option<TokenHash>,
        urls: ReturnUrls,
        group: Option<&GroupPrice>,
    ) -> Result<StartedCheckout, CheckoutError> {
        check_urls(&urls)?;
        let session = session.ok_or(CheckoutError::Unauthorized)?;
        for _ in 0..MAX_ROUNDS {
            let now = self.runtime().now();
            let query = ResourceQuery {
                handle: handle.clone(),
                slug: slug.clone(),
                session: Some(session),
                now,
            };
            let found = self.ports.reads.page_with_access(&query).await?;
            let (found, visitor) = buyable(found)?;
            let seller = found.handle.clone();
            let Some(account) = self.connect.chargeable(&seller).await? else {
                return Err(self.not_on_sale(&seller).await?);
            };
            let now = self.runtime().now();
            let fresh = self.new_order(found, visitor, account, &urls, group, now)?;
            let signed_in = self.ports.sessions.signed_in(session, now).await?;
            let signed_in = signed_in.ok_or(CheckoutError::Unauthorized)?.session_id.made_at();
            let order = match self.claim_place(&fresh, group, signed_in).await? {
                Place::Taken(order) => order,
                Place::Outdated(order) => {
                    self.close(order, &query).await?;
                    continue;
                }
                Place::Changed => continue,
            };
            if let Some(opened) = order.opened {
                if self.refresh_session(order.id, &order.account, &opened.session).await {
                    continue;
                }
                let url = if order.status == OrderStatus::Pending {
                    // There is nothing left to pay. The page's gate says that the payment is being processed.
                    self.fulfilment.ports.links.page(&handle, &slug)
                } else {
                    opened.url
                };
                return Ok(StartedCheckout { id: order.id, url, expires_at: order.expires_at });
            }
            // The seller may have been suspended since the account was read. Who suspends from here on sees the order.
            if !self.connect.can_charge(&seller).await? {
                self.give_up(order.id).await?;
                return Err(self.not_on_sale(&seller).await?);
            }
            if let Some(started) = self.open(order, &query).await? {
                return Ok(started);
            }
        }
        // The order was closed during every attempt: the page is being edited, or is being bought at
        // another price at the same time.
        Err(StoreError::Conflict.into())
    }

    async fn not_on_sale(&self, seller: &Handle) -> Result<CheckoutError, StoreError> {
        Ok(CheckoutError::ConnectNotConfigured(self.connect.why_not(seller).await?))
    }

    /// Returns an order of the visitor for the page, at the price that it has for the visitor at `now`.
    fn new_order(
        &self,
        found: PageWithAccess,
        visitor: Visitor,
        account: AccountId,
        urls: &ReturnUrls,
        group: Option<&GroupPrice>,
        now: Timestamp,
    ) -> Result<CheckoutOrder, CheckoutError> {
        let regular = found.page.offer().ok_or(CheckoutError::PageNotPaid)?;
        let price = group.map_or(regular, |group| group.price);
        Ok(CheckoutOrder {
            id: CheckoutId::new(now, &*self.runtime().random),
            visitor_id: visitor.id,
            handle_id: found.handle.id,
            page_id: found.page.id,
            group_buy_id: group.map(|group| group.group_buy_id),
            account,
            title: found.page.title,
            price,
            fee: self.fee(price).amount,
            customer_email: visitor.email,
            success_url: urls.success.clone(),
            cancel_url: urls.cancel.clone(),
            status: OrderStatus::Creating,
            opened: None,
            created_at: now,
            expires_at: expiry(now, group),
            extras: found.handle.extras,
        })
    }

    /// Returns whether the state of the session at the provider differs from the stored one, since an
    /// event may be missing. If the provider cannot be reached, the stored state is used.
    async fn refresh_session(
        &self,
        id: CheckoutId,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> bool {
        match self.fulfilment.apply_session(account, session).await {
            Ok(applied) => matches!(applied, Applied::Changed | Applied::Quarantined),
            Err(error) => {
                tracing::warn!(checkout = %id, %error, "checkout could not be looked at");
                false
            }
        }
    }

    /// Finds the order that the visitor continues with: `fresh`, or one that already exists.
    async fn claim_place(
        &self,
        fresh: &CheckoutOrder,
        group: Option<&GroupPrice>,
        signed_in: Timestamp,
    ) -> Result<Place, CheckoutError> {
        let mut unit = self.runtime().begin().await?;
        if unit.checkout_orders().insert(fresh).await? {
            // The page may have been edited or bought since it was read. From here on, edits and
            // purchases see the new order and take it into account.
            if !self.is_on_offer(&mut *unit, fresh, group).await? {
                return Ok(Place::Changed);
            }
            let (visitor, page) = (fresh.visitor_id, fresh.page_id);
            let bought = unit.purchases().of_visitor(visitor, page).await?;
            if bought.iter().any(|purchase| purchase.holding().is_active()) {
                return Ok(Place::Changed);
            }
            // Evidence, if the payment is disputed: the visitor need not have signed in on the way to this handle.
            let (handle, kind) = (fresh.handle_id, ActivityKind::SignedIn);
            let activity = Activity::once(visitor, handle, kind, None, signed_in);
            unit.activity().note(&activity).await?;
            unit.commit().await?;
            return Ok(Place::Taken(fresh.clone()));
        }
        let there = unit.checkout_orders().open_of(fresh.visitor_id, fresh.page_id).await?;
        let Some(there) = there else { return Ok(Place::Changed) };
        let now = self.runtime().now();
        let usable = match there.status {
            // The payment is being processed: a second session would charge the visitor twice.
            OrderStatus::Pending => true,
            OrderStatus::Closing => return Ok(Place::Outdated(there)),
            OrderStatus::Creating => {
                now < plus_seconds(there.created_at, REOPENING_SECONDS)
                    && now <= plus_seconds(there.expires_at, -MIN_SESSION_SECONDS)
            }
            _ => now < there.expires_at,
        };
        let same_offer = there.price == fresh.price
            && there.account == fresh.account
            && there.group_buy_id == fresh.group_buy_id;
        if usable && (same_offer || there.status == OrderStatus::Pending) {
            return Ok(Place::Taken(there));
        }
        let from = [OrderStatus::Creating, OrderStatus::Open];
        if !unit.checkout_orders().advance(there.id, &from, OrderStatus::Closing).await? {
            return Ok(Place::Changed);
        }
        unit.jobs().enqueue(&NewJob::new(Job::CloseCheckout(there.id), now)).await?;
        unit.commit().await?;
        Ok(Place::Outdated(there))
    }

    /// Closes the session of an order in whose place another one comes. The other one is not opened before.
    async fn close(
        &self,
        order: CheckoutOrder,
        query: &ResourceQuery,
    ) -> Result<(), CheckoutError> {
        let opens_until = plus_seconds(order.created_at, REOPENING_SECONDS);
        if order.opened.is_none() && self.runtime().now() < opens_until {
            // The same request, repeated, tells which session it opens, and that is closed.
            return self.open(order, query).await.map(drop);
        }
        Ok(self.fulfilment.close(&order).await?)
    }

    /// Returns whether the order matches what its page or group buy offers now. Locks the page for the
    /// rest of the unit. The price of a group buy is frozen and its offer ends by time alone, so no lock
    /// is needed for it.
    async fn is_on_offer(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
        group: Option<&GroupPrice>,
    ) -> Result<bool, CheckoutError> {
        let page = unit.pages().lock(order.page_id).await?;
        let regular = page.and_then(|page| page.offer());
        let Some(group) = group else { return Ok(regular == Some(order.price)) };
        if self.runtime().now() >= group.ends_at {
            return Err(CheckoutError::GroupBuyNotActive);
        }
        Ok(regular.is_some())
    }

    /// Opens the order's session at the provider. Returns `None` if the order was closed in the
    /// meantime, or its session completed.
    async fn open(
        &self,
        order: CheckoutOrder,
        query: &ResourceQuery,
    ) -> Result<Option<StartedCheckout>, CheckoutError> {
        let links = &self.fulfilment.ports.links;
        let page_url = || links.page(&query.handle, &query.slug);
        let request = OpenCheckout {
            checkout_id: order.id,
            attempt: 0,
            page_id: order.page_id,
            account: order.account.clone(),
            title: order.title.clone(),
            price: order.price,
            fee: order.fee,
            customer_email: order.customer_email.clone(),
            success_url: links.checkout_return(&query.handle, &query.slug, order.id),
            cancel_url: order.cancel_url.clone().unwrap_or_else(page_url),
            expires_at: order.expires_at,
            extras: order.extras,
        };
        let opened = match self.opened(request, order.created_at).await {
            Ok(opened) => opened,
            Err(error) => {
                return Err(self.handle_open_failure(order.id, &order.account, error).await?);
            }
        };
        let mut unit = self.runtime().begin().await?;
        let kept = unit.checkout_orders().opened(order.id, &opened).await?;
        unit.commit().await?;
        if !kept {
            self.fulfilment.close(&CheckoutOrder { opened: Some(opened), ..order }).await?;
            return Ok(None);
        }
        if opened.url.is_empty() {
            // It was completed before it was found; there is nothing left to pay.
            return Ok(None);
        }
        let expires_at = order.expires_at;
        Ok(Some(StartedCheckout { id: order.id, url: opened.url, expires_at }))
    }

    /// Asks the provider to open the session. If that fails or is not answered, the session is looked for. It
    /// is asked for under a new key only after the provider answered that it failed: a request without an
    /// answer may still be carried out. [`PaymentsError::Failed`] means that there is no session and that none
    /// is being opened.
    async fn opened(
        &self,
        mut request: OpenCheckout,
        created_at: Timestamp,
    ) -> Result<OpenedSession, PaymentsError> {
        let payments = &self.fulfilment.ports.payments;
        loop {
            let error = match payments.open_checkout(&request).await {
                answer @ (Ok(_) | Err(PaymentsError::Refused { .. })) => return answer,
                Err(error) => error,
            };
            tracing::warn!(checkout = %request.checkout_id, %error, "a session is looked for");
            let (account, id) = (&request.account, request.checkout_id);
            let found = payments.find_checkout(account, id, created_at).await;
            if let Some(found) = found.map_err(PaymentsError::unknown)? {
                return Ok(found);
            }
            if !matches!(error, PaymentsError::Failed(_)) || request.attempt == MAX_ATTEMPTS {
                return Err(error);
            }
            request.attempt += 1;
        }
    }

    /// Returns the error of an order whose session was not opened. An order that nothing can come of is given up,
    /// since the provider keeps its answers, so that the next one has keys of its own. If the account cannot take
    /// payments, that is remembered.
    async fn handle_open_failure(
        &self,
        id: CheckoutId,
        account: &AccountId,
        error: PaymentsError,
    ) -> Result<CheckoutError, CheckoutError> {
        if matches!(error, PaymentsError::Unavailable(_)) {
            return Ok(error.into());
        }
        self.give_up(id).await?;
        if let PaymentsError::Refused { refusal, .. } = error
            && matches!(refusal, Refusal::AccountDisconnected | Refusal::AccountRestricted)
        {
            self.connect.record_refusal(account).await?;
            let why = match refusal {
                Refusal::AccountDisconnected => NoPayments::AccountDisconnected,
                _ => NoPayments::AccountRestricted,
            };
            return Ok(CheckoutError::ConnectNotConfigured(why));
        }
        Ok(error.into())
    }

    async fn give_up(&self, id: CheckoutId) -> Result<(), CheckoutError> {
        let mut unit = self.runtime().begin().await?;
        unit.checkout_orders().advance(id, &[OrderStatus::Creating], OrderStatus::Failed).await?;
        Ok(unit.commit().await?)
    }
}

/// Returns when an order created at `now` expires. An order at a group price expires with its offer, as
/// closely as the provider allows.
fn expiry(now: Timestamp, group: Option<&GroupPrice>) -> Timestamp {
    let latest = plus_seconds(now, ORDER_SECONDS);
    group
        .map_or(latest, |group| group.ends_at.max(plus_seconds(now, MIN_ORDER_SECONDS)).min(latest))
}

/// Returns the page and the visitor if the visitor can buy the page.
fn buyable(found: Option<PageWithAccess>) -> Result<(PageWithAccess, Visitor), CheckoutError> {
    let found = found.ok_or(CheckoutError::PageNotFound)?;
    let Some(visitor) = found.visitor.clone() else {
        return Err(CheckoutError::Unauthorized);
    };
    let viewer = Viewer { signed_in: true, holdings: &found.access.holdings, ..Viewer::default() };
    let reason = decide(&found.access.gate, viewer);
    match (reason, found.page.mode) {
        (None, _) => Err(CheckoutError::PageNotFound),
        (Some(_), AccessMode::Public | AccessMode::FreeWithLogin) => {
            Err(CheckoutError::PageNotPaid)
        }
        (Some(Reason::PurchaseRequired), AccessMode::Paid)
            if found.page.status == PageStatus::Published =>
        {
            Ok((found, visitor))
        }
        (Some(_), AccessMode::Paid) => Err(CheckoutError::AlreadyPurchased),
    }
}

opaque_debug!(Checkouts, CheckoutsPorts);
