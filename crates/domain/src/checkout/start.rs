//! Starting a checkout, and coming back from it.

use std::sync::Arc;

use url::Url;

use super::{
    CheckoutError, CheckoutOrder, Connect, OpenCheckout, OrderStatus, PaymentsError, Settlement,
    ports::Payments,
};
use crate::{
    access::{
        Reason,
        ports::{AccessReads, PageAccessWithContent, PageQuery},
    },
    clock::{Clock, plus_seconds},
    creators::{AccessMode, HandleName, PageStatus, Slug},
    id::CheckoutId,
    installation::Installation,
    random::Random,
    store::Store,
    token::TokenHash,
    validation::FieldErrors,
    visitor_auth::Visitor,
};

/// How long a visitor can take to pay. Stripe allows up to 24 hours; what is missing leaves room for
/// clocks that differ and for an order whose session is opened late.
const ORDER_SECONDS: i64 = 23 * 3600;
/// An order that was never opened is not retried for longer than the provider surely remembers its
/// idempotency key and takes its expiry.
const OPENING_SECONDS: i64 = 3600;
/// Each round gets past one order that was in the way.
const MOST_ROUNDS: u32 = 4;
const LONGEST_URL: usize = 2_000;

/// Where the visitor goes after the pay page; the page itself when unset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReturnUrls {
    /// After paying.
    pub success: Option<String>,
    /// After turning back.
    pub cancel: Option<String>,
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
pub struct CameBack {
    /// The handle that the checkout was for.
    pub handle: HandleName,
    /// The page that the checkout was for.
    pub slug: Slug,
    /// Where the frontend wanted the visitor after paying, once that has happened.
    pub success_url: Option<String>,
}

/// Starts checkouts.
#[derive(Clone)]
pub struct Checkouts {
    store: Arc<dyn Store>,
    reads: Arc<dyn AccessReads>,
    payments: Arc<dyn Payments>,
    connect: Connect,
    settlement: Settlement,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    installation: Installation,
    fee_basis_points: u32,
}

impl Checkouts {
    /// Checkouts that leave `fee_basis_points` hundredths of a percent to the platform.
    #[expect(clippy::too_many_arguments, reason = "each is a part that an embedder chooses")]
    pub fn new(
        store: Arc<dyn Store>,
        reads: Arc<dyn AccessReads>,
        payments: Arc<dyn Payments>,
        connect: Connect,
        settlement: Settlement,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        installation: Installation,
        fee_basis_points: u32,
    ) -> Self {
        Self {
            store,
            reads,
            payments,
            connect,
            settlement,
            clock,
            random,
            installation,
            fee_basis_points,
        }
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
        check_urls(&urls, &self.installation)?;
        let session = session.ok_or(CheckoutError::Unauthorized)?;
        for _ in 0..MOST_ROUNDS {
            let now = self.clock.now();
            let query = PageQuery {
                handle: handle.clone(),
                slug: slug.clone(),
                session: Some(session),
                now,
            };
            let found = self.reads.page_with_content(&query).await?;
            let (found, visitor) = buyable(found)?;
            let account = self.connect.chargeable(&found.handle).await?;
            let account = account.ok_or(CheckoutError::ConnectNotConfigured)?;
            let price = found.page.offer().ok_or(CheckoutError::PageNotPaid)?;
            let now = self.clock.now();
            let fresh = CheckoutOrder {
                id: CheckoutId::new(now, &*self.random),
                visitor_id: visitor.id,
                handle_id: found.handle.id,
                page_id: found.page.id,
                account,
                title: found.page.title,
                price,
                fee: price.share(self.fee_basis_points).amount,
                customer_email: visitor.email,
                success_url: urls.success.clone(),
                cancel_url: urls.cancel.clone(),
                status: OrderStatus::Creating,
                opened: None,
                created_at: now,
                expires_at: plus_seconds(now, ORDER_SECONDS),
            };
            let order = self.claim_place(&fresh).await?;
            let Some(order) = order else { continue };
            if let Some(opened) = order.opened {
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
        // Every round the order was closed under our hands: the page is being edited right now.
        Err(PaymentsError::Unavailable("the offer keeps changing".into()).into())
    }

    /// The order that the visitor goes on with: `fresh`, or the one that is there already. `None`
    /// after clearing away one that is of no use any more, and when `fresh` is not what is on offer
    /// any more.
    async fn claim_place(
        &self,
        fresh: &CheckoutOrder,
    ) -> Result<Option<CheckoutOrder>, CheckoutError> {
        let mut unit = self.store.begin().await?;
        if unit.checkout_orders().insert(fresh).await? {
            // What was read before may have been edited or bought since; after the order is in, both
            // have to deal with it.
            let page = unit.pages().hold(fresh.page_id).await?;
            if page.and_then(|page| page.offer()) != Some(fresh.price) {
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
        let now = self.clock.now();
        let usable = match there.status {
            // The money is on its way: a second session would take it twice.
            OrderStatus::Pending => true,
            OrderStatus::Creating => now < plus_seconds(there.created_at, OPENING_SECONDS),
            _ => now < there.expires_at,
        };
        let same_offer = there.price == fresh.price && there.account == fresh.account;
        if usable && (same_offer || there.status == OrderStatus::Pending) {
            return Ok(Some(there));
        }
        let live = [OrderStatus::Creating, OrderStatus::Open];
        unit.checkout_orders().advance(there.id, &live, OrderStatus::Expired).await?;
        unit.commit().await?;
        if let Some(opened) = &there.opened {
            self.payments.expire_checkout(&there.account, &opened.session).await?;
        }
        Ok(None)
    }

    /// Opens the order's session at the provider. `None` if the order was closed meanwhile.
    async fn open(
        &self,
        order: CheckoutOrder,
        query: &PageQuery,
    ) -> Result<Option<StartedCheckout>, CheckoutError> {
        let page_url = format!("{}/{}", self.installation.handle_origin(&query.handle), query.slug);
        let request = OpenCheckout {
            checkout_id: order.id,
            page_id: order.page_id,
            account: order.account.clone(),
            title: order.title,
            price: order.price,
            fee: order.fee,
            customer_email: order.customer_email,
            success_url: format!("{page_url}/return?checkout={}", order.id),
            cancel_url: order.cancel_url.unwrap_or(page_url),
            expires_at: order.expires_at,
        };
        let opened = match self.payments.open_checkout(&request).await {
            Ok(opened) => opened,
            Err(error) => {
                if matches!(error, PaymentsError::Refused { .. }) {
                    self.give_up(order.id).await?;
                }
                return Err(error.into());
            }
        };
        let mut unit = self.store.begin().await?;
        let kept = unit.checkout_orders().opened(order.id, &opened).await?;
        unit.commit().await?;
        if !kept {
            self.payments.expire_checkout(&order.account, &opened.session).await?;
            return Ok(None);
        }
        let expires_at = order.expires_at;
        Ok(Some(StartedCheckout { id: order.id, url: opened.url, expires_at }))
    }

    async fn give_up(&self, id: CheckoutId) -> Result<(), CheckoutError> {
        let mut unit = self.store.begin().await?;
        unit.checkout_orders().advance(id, &[OrderStatus::Creating], OrderStatus::Failed).await?;
        Ok(unit.commit().await?)
    }

    /// The visitor is back from the pay page: asks the provider how it went, so that access works
    /// even if no webhook ever comes, and says where to go on to. The frontend's address counts only for an
    /// order that was paid and not long ago, so that it is no way to anywhere for everybody.
    pub async fn come_back(&self, id: CheckoutId) -> Result<CameBack, CheckoutError> {
        let mut unit = self.store.begin().await?;
        let order = unit.checkout_orders().find(id).await?.ok_or(CheckoutError::NotFound)?;
        let handle = unit.handles().find(order.handle_id).await?;
        let page = unit.pages().find(order.page_id).await?;
        drop(unit);
        if let Some(opened) = &order.opened
            && order.status != OrderStatus::Paid
            && let Err(error) =
                self.settlement.settle_session(&order.account, &opened.session).await
        {
            // The visitor is not to blame, and the webhook will come: the page tells how things are.
            tracing::warn!(checkout = %id, %error, "payment could not be confirmed on return");
        }
        let mut unit = self.store.begin().await?;
        let order = unit.checkout_orders().find(id).await?.ok_or(CheckoutError::NotFound)?;
        let is_done = matches!(order.status, OrderStatus::Paid | OrderStatus::Pending)
            && self.clock.now() < order.expires_at;
        let (handle, page) = handle.zip(page).ok_or(CheckoutError::NotFound)?;
        Ok(CameBack {
            handle: handle.name,
            slug: page.slug,
            success_url: order.success_url.filter(|_| is_done),
        })
    }
}

/// Whether this is a page that this visitor can buy.
fn buyable(
    found: Option<PageAccessWithContent>,
) -> Result<(PageAccessWithContent, Visitor), CheckoutError> {
    let found = found.ok_or(CheckoutError::PageNotFound)?;
    let Some(visitor) = found.visitor.clone() else {
        return Err(CheckoutError::Unauthorized);
    };
    let viewer =
        crate::access::Viewer { signed_in: true, creator: None, holdings: &found.access.holdings };
    let reason = crate::access::decide(&found.access.gate, viewer);
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

/// The frontend that starts a checkout says where it goes on; it may live anywhere, but it has to be
/// a web address that shows its host plainly.
fn check_urls(urls: &ReturnUrls, installation: &Installation) -> Result<(), CheckoutError> {
    let mut errors = FieldErrors::new();
    for (field, url) in [("successUrl", &urls.success), ("cancelUrl", &urls.cancel)] {
        if url.as_ref().is_some_and(|url| !is_web_address(url, installation)) {
            errors.add(field, "must be an absolute https address without a user name");
        }
    }
    errors.finish().map_err(CheckoutError::Invalid)
}

fn is_web_address(text: &str, installation: &Installation) -> bool {
    let treacherous = |c: char| c == '\\' || c.is_control() || c.is_whitespace() || !c.is_ascii();
    if text.len() > LONGEST_URL || text.chars().any(treacherous) {
        return false;
    }
    let Ok(url) = Url::parse(text) else { return false };
    let scheme_is_fit = match url.scheme() {
        "https" => text.starts_with("https://"),
        "http" => installation.is_local() && text.starts_with("http://"),
        _ => false,
    };
    scheme_is_fit && url.has_host() && url.username() == "" && url.password().is_none()
}

impl std::fmt::Debug for Checkouts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Checkouts")
    }
}
