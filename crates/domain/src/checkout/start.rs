//! Starting a checkout, and coming back from it.

use std::sync::Arc;

use super::{
    Applied, CheckoutError, CheckoutOrder, Connect, Fulfilment, OrderStatus, ReturnUrls,
    return_urls::check_urls,
};
use crate::{
    access::{
        Reason, Viewer, decide,
        ports::{AccessReads, PageWithAccess, ResourceQuery},
    },
    clock::plus_seconds,
    creators::{AccessMode, PageStatus},
    id::{CheckoutId, GroupBuyId},
    installation::Installation,
    money::Money,
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    payments::{AccountId, CheckoutSessionId, OpenCheckout, PaymentsError},
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    token::TokenHash,
    visitor_auth::Visitor,
};

/// How long a visitor can take to pay. Stripe allows up to 24 hours; what is missing leaves room for
/// clocks that differ and for an order whose session is opened late.
const ORDER_SECONDS: i64 = 23 * 3600;
/// An order that was never opened is not retried for longer than the provider surely remembers its
/// idempotency key and takes its expiry.
const OPENING_SECONDS: i64 = 3600;
/// Stripe takes no session that would close sooner, and clocks differ.
const SHORTEST_SESSION_SECONDS: i64 = 31 * 60;
/// An order at a group price ends with its offer, but leaves time enough to open its session.
const SHORTEST_ORDER_SECONDS: i64 = 35 * 60;
/// Each round gets past one order that was in the way.
const MAX_ROUNDS: u32 = 4;

/// What stands in for the page's own price.
#[derive(Debug, Clone)]
pub(crate) struct GroupPrice {
    /// The group buy.
    pub(crate) group_buy_id: GroupBuyId,
    /// Its price.
    pub(crate) price: Money,
    /// When its offer ends.
    pub(crate) ends_at: jiff::Timestamp,
    /// Where the visitor goes who turns back.
    pub(crate) offer_url: String,
}

/// A checkout that the visitor can go on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedCheckout {
    /// The order.
    pub id: CheckoutId,
    /// The hosted pay page.
    pub url: String,
    /// When it closes.
    pub expires_at: jiff::Timestamp,
}

/// Where a visitor goes on to who comes from the pay page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutReturn {
    /// The handle that the checkout was for.
    pub handle: HandleName,
    /// The page that the checkout was for.
    pub slug: Slug,
    /// Where the frontend wanted the visitor after paying, once that has happened.
    pub success_url: Option<String>,
}

/// What an operator can set.
#[derive(Debug, Clone)]
pub struct CheckoutConfig {
    /// The hosts of the installation.
    pub installation: Installation,
    /// The platform's part of each payment, in hundredths of a percent.
    pub fee_basis_points: u32,
}

/// Starts checkouts.
#[derive(Clone)]
pub struct Checkouts {
    reads: Arc<dyn AccessReads>,
    connect: Connect,
    fulfilment: Fulfilment,
    config: CheckoutConfig,
}

impl Checkouts {
    /// Creates the use cases.
    pub fn new(
        reads: Arc<dyn AccessReads>,
        connect: Connect,
        fulfilment: Fulfilment,
        config: CheckoutConfig,
    ) -> Self {
        Self { reads, connect, fulfilment, config }
    }

    fn runtime(&self) -> &Runtime {
        &self.fulfilment.runtime
    }

    /// Gives the visitor who holds `session` a pay page for the page. Asking again gives the same one
    /// while it is open, however many ask at once.
    pub async fn start(
        &self,
        handle: HandleName,
        slug: Slug,
        session: Option<TokenHash>,
        urls: ReturnUrls,
    ) -> Result<StartedCheckout, CheckoutError> {
        self.start_at(handle, slug, session, urls, None).await
    }

    /// The same at the price of a group buy that the visitor has a part in. A session at another
    /// price is closed for it.
    pub(crate) async fn start_in_group(
        &self,
        handle: HandleName,
        slug: Slug,
        session: TokenHash,
        mut urls: ReturnUrls,
        group: GroupPrice,
    ) -> Result<StartedCheckout, CheckoutError> {
        check_urls(&urls, &self.config.installation)?;
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
        check_urls(&urls, &self.config.installation)?;
        let session = session.ok_or(CheckoutError::Unauthorized)?;
        for _ in 0..MAX_ROUNDS {
            let now = self.runtime().now();
            let query = ResourceQuery {
                handle: handle.clone(),
                slug: slug.clone(),
                session: Some(session),
                now,
            };
            let found = self.reads.page_with_access(&query).await?;
            let (found, visitor) = buyable(found)?;
            let account = self.connect.chargeable(&found.handle).await?;
            let account = account.ok_or(CheckoutError::ConnectNotConfigured)?;
            let regular = found.page.offer().ok_or(CheckoutError::PageNotPaid)?;
            let price = group.map_or(regular, |group| group.price);
            let now = self.runtime().now();
            let fresh = CheckoutOrder {
                id: CheckoutId::new(now, &*self.runtime().random),
                visitor_id: visitor.id,
                handle_id: found.handle.id,
                page_id: found.page.id,
                group_buy_id: group.map(|group| group.group_buy_id),
                account,
                title: found.page.title,
                price,
                fee: price.share(self.config.fee_basis_points).amount,
                customer_email: visitor.email,
                success_url: urls.success.clone(),
                cancel_url: urls.cancel.clone(),
                status: OrderStatus::Creating,
                opened: None,
                created_at: now,
                expires_at: expiry(now, group),
            };
            let order = self.claim_place(&fresh, group).await?;
            let Some(order) = order else { continue };
            if let Some(opened) = order.opened {
                if self.has_moved_on(order.id, &order.account, &opened.session).await {
                    continue;
                }
                return Ok(StartedCheckout {
                    id: order.id,
                    url: opened.url,
                    expires_at: order.expires_at,
                });
            }
            if let Some(started) = self.open(order, &query).await? {
                return Ok(started);
            }
        }
        // Every round the order was closed under our hands: the page is being edited, or bought at
        // another price, right now.
        Err(StoreError::Conflict.into())
    }

    /// Whether the session is no longer what it was: nobody may have told us yet. While the provider
    /// cannot be asked it is taken for what is known.
    async fn has_moved_on(
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

    /// The order that the visitor goes on with: `fresh`, or the one that is there already. `None`
    /// after clearing away one that is of no use any more, and when `fresh` is not what is on offer
    /// any more.
    async fn claim_place(
        &self,
        fresh: &CheckoutOrder,
        group: Option<&GroupPrice>,
    ) -> Result<Option<CheckoutOrder>, CheckoutError> {
        let mut unit = self.runtime().begin().await?;
        if unit.checkout_orders().insert(fresh).await? {
            // What was read before may have been edited or bought since; after the order is in, both
            // have to deal with it.
            if !self.is_on_offer(&mut *unit, fresh, group).await? {
                return Ok(None);
            }
            let (visitor, page) = (fresh.visitor_id, fresh.page_id);
            let bought = unit.purchases().of_visitor(visitor, page).await?;
            if bought.iter().any(|purchase| purchase.holding().is_active()) {
                return Ok(None);
            }
            unit.commit().await?;
            return Ok(Some(fresh.clone()));
        }
        let there = unit.checkout_orders().open_of(fresh.visitor_id, fresh.page_id).await?;
        let Some(there) = there else { return Ok(None) };
        let now = self.runtime().now();
        let usable = match there.status {
            // The money is on its way: a second session would take it twice.
            OrderStatus::Pending => true,
            OrderStatus::Creating => {
                now < plus_seconds(there.created_at, OPENING_SECONDS)
                    && now <= plus_seconds(there.expires_at, -SHORTEST_SESSION_SECONDS)
            }
            _ => now < there.expires_at,
        };
        let same_offer = there.price == fresh.price
            && there.account == fresh.account
            && there.group_buy_id == fresh.group_buy_id;
        if usable && (same_offer || there.status == OrderStatus::Pending) {
            return Ok(Some(there));
        }
        let live = [OrderStatus::Creating, OrderStatus::Open];
        unit.checkout_orders().advance(there.id, &live, OrderStatus::Expired).await?;
        unit.commit().await?;
        if let Some(opened) = &there.opened {
            self.fulfilment.close_session(&there.account, &opened.session).await?;
        }
        Ok(None)
    }

    /// Returns whether the order asks for what its page, or its group buy, offers now. The page is locked
    /// from here on; the price of a group buy is frozen and its offer ends by time alone.
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

    /// Opens the order's session at the provider. `None` if the order was closed meanwhile.
    async fn open(
        &self,
        order: CheckoutOrder,
        query: &ResourceQuery,
    ) -> Result<Option<StartedCheckout>, CheckoutError> {
        let links = &self.fulfilment.ports.links;
        let request = OpenCheckout {
            checkout_id: order.id,
            page_id: order.page_id,
            account: order.account.clone(),
            title: order.title,
            price: order.price,
            fee: order.fee,
            customer_email: order.customer_email,
            success_url: links.checkout_return(&query.handle, &query.slug, order.id),
            cancel_url: order.cancel_url.unwrap_or_else(|| links.page(&query.handle, &query.slug)),
            expires_at: order.expires_at,
        };
        let opened = match self.fulfilment.ports.payments.open_checkout(&request).await {
            Ok(opened) => opened,
            Err(error) => {
                if matches!(error, PaymentsError::Refused { .. }) {
                    self.give_up(order.id).await?;
                }
                return Err(error.into());
            }
        };
        let mut unit = self.runtime().begin().await?;
        let kept = unit.checkout_orders().opened(order.id, &opened).await?;
        unit.commit().await?;
        if !kept {
            self.fulfilment.close_session(&order.account, &opened.session).await?;
            return Ok(None);
        }
        let expires_at = order.expires_at;
        Ok(Some(StartedCheckout { id: order.id, url: opened.url, expires_at }))
    }

    async fn give_up(&self, id: CheckoutId) -> Result<(), CheckoutError> {
        let mut unit = self.runtime().begin().await?;
        unit.checkout_orders().advance(id, &[OrderStatus::Creating], OrderStatus::Failed).await?;
        Ok(unit.commit().await?)
    }

    /// The visitor is back from the pay page: asks the provider how it went, so that access works
    /// even if no webhook ever comes, and says where to go on to. The frontend's address counts only for an
    /// order that was paid and not long ago, so that it is no way to anywhere for everybody.
    pub async fn come_back(&self, id: CheckoutId) -> Result<CheckoutReturn, CheckoutError> {
        let reads = &self.fulfilment.ports.checkout;
        let (order, handle, slug) =
            reads.order_with_page(id).await?.ok_or(CheckoutError::NotFound)?;
        if let Some(opened) = &order.opened
            && order.status != OrderStatus::Paid
            && let Err(error) = self.fulfilment.apply_session(&order.account, &opened.session).await
        {
            // The webhook will come; until then the page says how things are.
            tracing::warn!(checkout = %id, %error, "payment could not be confirmed on return");
        }
        let order = reads.order(id).await?.ok_or(CheckoutError::NotFound)?;
        let is_done = matches!(order.status, OrderStatus::Paid | OrderStatus::Pending)
            && self.runtime().now() < order.expires_at;
        Ok(CheckoutReturn { handle, slug, success_url: order.success_url.filter(|_| is_done) })
    }
}

/// When an order that is made at `now` ends: one at a group price with its offer, as nearly as the
/// provider allows.
fn expiry(now: jiff::Timestamp, group: Option<&GroupPrice>) -> jiff::Timestamp {
    let latest = plus_seconds(now, ORDER_SECONDS);
    group.map_or(latest, |group| {
        group.ends_at.max(plus_seconds(now, SHORTEST_ORDER_SECONDS)).min(latest)
    })
}

/// Whether this is a page that this visitor can buy.
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

opaque_debug!(Checkouts);
