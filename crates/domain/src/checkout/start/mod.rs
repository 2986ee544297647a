//! The use cases for starting a checkout: read what is for sale, claim the visitor's only live order for it, and open the
//! order's session.

mod claim;
mod earlier;
mod session;
mod shares;

use std::sync::Arc;

use jiff::Timestamp;

pub use self::earlier::EarlierPurchase;
use self::{claim::OrderClaim, session::no_payments};
use super::{
    Applied, CheckoutError, CheckoutOrder, Connect, Fulfilment, FulfilmentError, OrderStatus,
    ReturnUrls, order::ORDER_SECONDS,
};
use crate::{
    access::{
        Reason, Viewer, decide,
        ports::{AccessReads, PageWithAccess, PurchaseReads, ResourceQuery},
    },
    clock::plus_seconds,
    creators::{AccessMode, Handle, PageStatus},
    id::{CheckoutId, GroupBuyId},
    limits::{Admission, Limit, ONCE_IN_A_WHILE, RateLimits},
    money::Money,
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    payments::{AccountId, CheckoutSessionId, OpenedSession},
    store::Runtime,
    store_error::StoreError,
    token::TokenHash,
    visitor_auth::{Visitor, ports::VisitorAuthReads},
};

/// The shortest duration of an order at a group price, in seconds. Such an order ends with its offer,
/// but there must be enough time to open its session.
const MIN_ORDER_SECONDS: i64 = 35 * 60;
/// The maximum number of attempts. Each attempt removes at most one conflicting order.
const MAX_ROUNDS: u32 = 4;
/// The maximum number of further attempts after the store could not carry one out beside what others did at the same time.
const MAX_CONFLICTS: u32 = 3;
/// The limit for asking the provider about an order whose pay page is asked for again: once in three seconds. It is counted
/// apart from the limit of the return page, so that a payment is never overlooked there.
const PER_ORDER_AGAIN: Limit = Limit { name: "checkout-again", rule: ONCE_IN_A_WHILE };

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

/// What a visitor buys.
struct ForSale {
    found: PageWithAccess,
    visitor: Visitor,
    /// The account that is paid.
    account: AccountId,
}

/// What a visitor asks for.
struct Wish<'a> {
    handle: HandleName,
    slug: Slug,
    session: TokenHash,
    urls: ReturnUrls,
    group: Option<&'a GroupPrice>,
}

/// An attempt to do what a visitor asks for.
struct Attempt {
    /// The query for the page and the visitor.
    query: ResourceQuery,
    /// Whether the provider refused to open a session because of the account, in this attempt or an earlier one, which is doubted
    /// once.
    was_refused: bool,
}

/// The use cases for starting checkouts.
#[derive(Clone)]
pub struct Checkouts {
    pub(super) ports: CheckoutsPorts,
    connect: Connect,
    pub(super) fulfilment: Fulfilment,
    fee_basis_points: u32,
}

impl Checkouts {
    /// Creates the use cases. `fee_basis_points` is the platform fee of each payment, in basis points (hundredths of a
    /// percent).
    pub fn new(
        ports: CheckoutsPorts,
        connect: Connect,
        fulfilment: Fulfilment,
        fee_basis_points: u32,
    ) -> Self {
        Self { ports, connect, fulfilment, fee_basis_points }
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.fulfilment.runtime
    }

    /// Returns whether the provider may be asked about an order again.
    pub(super) async fn may_ask_about(
        &self,
        id: CheckoutId,
        limit: Limit,
    ) -> Result<bool, StoreError> {
        let now = self.runtime().now();
        let admission = self.ports.limits.admit(limit, &id.to_string(), now).await?;
        Ok(admission == Admission::Admitted)
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
        urls.check().map_err(CheckoutError::Invalid)?;
        let session = session.ok_or(CheckoutError::Unauthorized)?;
        self.start_at(Wish { handle, slug, session, urls, group: None }).await
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
        urls.check().map_err(CheckoutError::Invalid)?;
        urls.cancel.get_or_insert_with(|| group.offer_url.clone());
        self.start_at(Wish { handle, slug, session, urls, group: Some(&group) }).await
    }

    async fn start_at(&self, wish: Wish<'_>) -> Result<StartedCheckout, CheckoutError> {
        let mut was_refused = false;
        let (mut rounds, mut conflicts) = (0, 0);
        while rounds < MAX_ROUNDS {
            let mut attempt = Attempt { query: self.query(&wish), was_refused };
            let outcome = self.attempt(&wish, &mut attempt).await;
            was_refused = attempt.was_refused;
            match outcome {
                Ok(Some(started)) => return Ok(started),
                Ok(None) => rounds += 1,
                // Something was changed or deleted at the same time, which the next attempt sees.
                Err(CheckoutError::Store(StoreError::Conflict)) if conflicts < MAX_CONFLICTS => {
                    conflicts += 1;
                }
                Err(error) => return Err(error),
            }
        }
        // The order was closed during every attempt: the page is being edited, or is being bought at
        // another price at the same time.
        Err(StoreError::Conflict.into())
    }

    fn query(&self, wish: &Wish<'_>) -> ResourceQuery {
        ResourceQuery {
            handle: wish.handle.clone(),
            slug: wish.slug.clone(),
            session: Some(wish.session),
            now: self.runtime().now(),
        }
    }

    /// Reads what the visitor buys, and opens its pay page. Returns `None` if something has changed since it was read.
    async fn attempt(
        &self,
        wish: &Wish<'_>,
        attempt: &mut Attempt,
    ) -> Result<Option<StartedCheckout>, CheckoutError> {
        let sale = self.sale(&attempt.query).await?;
        let seller = sale.found.handle.clone();
        let now = self.runtime().now();
        let fresh = self.new_order(sale, &wish.urls, wish.group, now)?;
        let signed_in = self.ports.sessions.signed_in(wish.session, now).await?;
        let signed_in = signed_in.ok_or(CheckoutError::Unauthorized)?.session_id.made_at();
        let order = match self.claim(&fresh, wish.group, signed_in).await? {
            OrderClaim::Granted(order) => order,
            OrderClaim::CloseFirst(order) => {
                self.close(order, attempt).await?;
                return Ok(None);
            }
            OrderClaim::Changed => return Ok(None),
        };
        match order.opened.clone() {
            Some(opened) => self.continued(&order, opened, &attempt.query).await,
            None => self.opened(order, &seller, attempt).await,
        }
    }

    /// Returns what the visitor can buy, with the account that is paid.
    async fn sale(&self, query: &ResourceQuery) -> Result<ForSale, CheckoutError> {
        let found = self.ports.reads.page_with_access(query).await?;
        let (found, visitor) = buyable(found)?;
        self.check_earlier(visitor.id, found.page.id, &found.access.holdings).await?;
        match self.connect.chargeable(&found.handle).await? {
            Some(account) => Ok(ForSale { found, visitor, account }),
            None => Err(self.not_on_sale(&found.handle).await?),
        }
    }

    /// Returns the checkout of an order whose session was opened before; `None` if the session has changed since.
    async fn continued(
        &self,
        order: &CheckoutOrder,
        opened: OpenedSession,
        query: &ResourceQuery,
    ) -> Result<Option<StartedCheckout>, CheckoutError> {
        if self.refresh_session(order, &opened.session).await? {
            return Ok(None);
        }
        if order.status == OrderStatus::Pending {
            return Ok(Some(self.on_its_way(order, query)));
        }
        Ok(Some(StartedCheckout { id: order.id, url: opened.url, expires_at: order.expires_at }))
    }

    /// Returns the checkout of an order whose payment is being processed. There is nothing left to pay: it leads to the page.
    fn on_its_way(&self, order: &CheckoutOrder, query: &ResourceQuery) -> StartedCheckout {
        let url = self.fulfilment.ports.links.page(&query.handle, &query.slug);
        StartedCheckout { id: order.id, url, expires_at: order.expires_at }
    }

    /// Opens the session of an order, as long as the seller can be paid. Returns `None` if the order was closed in
    /// the meantime, or its session completed, or if another order is to be opened in its place.
    async fn opened(
        &self,
        order: CheckoutOrder,
        seller: &Handle,
        attempt: &mut Attempt,
    ) -> Result<Option<StartedCheckout>, CheckoutError> {
        if order.status == OrderStatus::Pending {
            // The answer to opening its session was lost.
            return Ok(Some(self.on_its_way(&order, &attempt.query)));
        }
        // The seller may have been suspended since the account was read. A suspension from here
        // on sees the order and closes it.
        if !self.connect.can_charge(seller).await? {
            self.give_up(order.id).await?;
            return Err(self.not_on_sale(seller).await?);
        }
        self.open_session(order, attempt).await
    }

    async fn not_on_sale(&self, seller: &Handle) -> Result<CheckoutError, StoreError> {
        Ok(CheckoutError::ConnectNotConfigured(self.connect.why_not(seller).await?))
    }

    /// Returns an order for what the visitor buys, at the price that it has for the visitor at `now`.
    fn new_order(
        &self,
        sale: ForSale,
        urls: &ReturnUrls,
        group: Option<&GroupPrice>,
        now: Timestamp,
    ) -> Result<CheckoutOrder, CheckoutError> {
        let ForSale { found, visitor, account } = sale;
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
    /// event may be missing. If the provider cannot be reached or was asked a moment ago, the stored state is
    /// used. If the account cannot take payments any more, that is remembered, and the pay page is no longer offered.
    async fn refresh_session(
        &self,
        order: &CheckoutOrder,
        session: &CheckoutSessionId,
    ) -> Result<bool, CheckoutError> {
        if !self.may_ask_about(order.id, PER_ORDER_AGAIN).await? {
            return Ok(false);
        }
        let mut read = self.fulfilment.apply_session(&order.account, session).await;
        let is_refused = matches!(
            &read,
            Err(FulfilmentError::Payments(refused)) if no_payments(refused).is_some()
        );
        // One refusal may be a mistake.
        if is_refused && self.reads_as_active(&order.account).await {
            read = self.fulfilment.apply_session(&order.account, session).await;
        }
        let error = match read {
            Ok(applied) => return Ok(matches!(applied, Applied::Changed | Applied::Quarantined)),
            Err(error) => error,
        };
        tracing::warn!(checkout = %order.id, %error, "checkout could not be looked at");
        if let FulfilmentError::Payments(refused) = &error
            && let Some(why) = no_payments(refused)
        {
            self.connect.record_refusal(&order.account).await?;
            // A payment that is being processed is not asked for again.
            if order.status != OrderStatus::Pending {
                return Err(CheckoutError::ConnectNotConfigured(why));
            }
        }
        Ok(false)
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
