//! What becomes of a visitor's orders, and the return from the pay page.

use super::{CheckoutError, CheckoutOrder, Checkouts, OrderStatus, order::FAILURE_SECONDS};
use crate::{
    access::{Purchase, Resource, ResourceType, ports::ResourceQuery},
    clock::plus_seconds,
    id::{CheckoutId, PageId, VisitorId},
    limits::{Limit, ONCE_IN_A_WHILE},
    names::{HandleName, Slug},
    store_error::StoreError,
    token::TokenHash,
};

/// Where a visitor continues after returning from the pay page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutReturn {
    /// The handle that the checkout was for.
    pub handle: HandleName,
    /// The page that the checkout was for.
    pub slug: Slug,
    /// The URL requested by the frontend, if the order was paid.
    pub success_url: Option<String>,
    /// Whether the order's status is the provider's answer of now. It is not while the order can still be paid and the
    /// provider did not answer, or was asked a moment ago.
    pub is_certain: bool,
}

/// The limit for asking the provider about one order on the return page: once in three seconds.
const PER_ORDER: Limit = Limit { name: "checkout-return", rule: ONCE_IN_A_WHILE };

impl Checkouts {
    /// Returns a visitor's own order, so that a page can say what became of it.
    pub async fn order_of(
        &self,
        visitor: VisitorId,
        id: CheckoutId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let order = self.fulfilment.ports.checkout.order(id).await?;
        Ok(order.filter(|order| order.visitor_id == visitor))
    }

    /// Returns whether the purchase that a visitor's order was paid for gives access to its page now. Gifts and other purchases of the
    /// page do not count.
    pub async fn gives_access(&self, order: &CheckoutOrder) -> Result<bool, StoreError> {
        let purchases = self.ports.purchases.purchases_of(order.visitor_id, order.page_id).await?;
        let gives = |purchase: &Purchase| {
            let payment = purchase.payment.as_ref();
            payment.is_some_and(|payment| payment.checkout_id == order.id)
                && purchase.holding().is_active()
        };
        Ok(purchases.iter().any(gives))
    }

    /// Returns the order whose pay page a visitor of a page was last sent to, whatever became of it.
    pub async fn last_order(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        self.fulfilment.ports.checkout.last_order(visitor, page).await
    }

    /// Returns the same for the page with this name, also if that is not published any more.
    pub async fn last_order_at(
        &self,
        visitor: VisitorId,
        handle: HandleName,
        slug: Slug,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let query = ResourceQuery { handle, slug, session: None, now: self.runtime().now() };
        let found = self.ports.reads.access(ResourceType::Page, &query).await?;
        let Some(Resource::Page(page)) = found.map(|found| found.resource) else { return Ok(None) };
        self.last_order(visitor, page).await
    }

    /// Returns whether the pay page of an order is closed: for a reason, or by itself after a while.
    pub fn is_pay_page_closed(&self, order: &CheckoutOrder) -> bool {
        match order.status {
            OrderStatus::Closing | OrderStatus::Expired => true,
            // The provider may not have told yet.
            OrderStatus::Creating | OrderStatus::Open => self.runtime().now() >= order.expires_at,
            OrderStatus::Pending
            | OrderStatus::Paid
            | OrderStatus::Failed
            | OrderStatus::Quarantined => false,
        }
    }

    /// Returns the visitor's orders whose payment is being processed, newest first.
    pub async fn pending_of(
        &self,
        visitor: VisitorId,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let mut orders = self.fulfilment.ports.checkout.pending_orders_of(visitor).await?;
        orders.retain(|(order, ..)| order.is_processed_at(self.runtime().now()));
        Ok(orders)
    }

    /// Returns the visitor's orders whose payment failed, newest first, if they were begun in the last 30 days and the
    /// visitor neither has the page nor has paid for it again.
    pub async fn failed_of(
        &self,
        visitor: VisitorId,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let since = plus_seconds(self.runtime().now(), -FAILURE_SECONDS);
        self.fulfilment.ports.checkout.failed_orders_of(visitor, since).await
    }

    /// Returns the visitor's orders whose payment does not match them and was not refunded, newest first, unless the visitor
    /// was given the page.
    pub async fn quarantined_of(
        &self,
        visitor: VisitorId,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        self.fulfilment.ports.checkout.quarantined_orders_of(visitor).await
    }

    /// Handles the return from the pay page. It asks the provider for the result, at most once in a few
    /// seconds, so that access does not depend on the webhook, and returns where to go next. Anyone can
    /// open the page: the frontend's URL is used only for the buyer, whose `session` it is, and only
    /// soon after the payment.
    pub async fn complete_return(
        &self,
        id: CheckoutId,
        session: Option<TokenHash>,
    ) -> Result<CheckoutReturn, CheckoutError> {
        let reads = &self.fulfilment.ports.checkout;
        let (order, handle, slug) =
            reads.order_with_page(id).await?.ok_or(CheckoutError::NotFound)?;
        let mut has_answer = false;
        if let Some(opened) = &order.opened
            && order.status != OrderStatus::Paid
            && self.may_ask_about(id, PER_ORDER).await?
        {
            match self.fulfilment.apply_session(&order.account, &opened.session).await {
                Ok(_) => has_answer = true,
                // The webhook will still arrive; until then the page shows the stored state.
                Err(error) => {
                    tracing::warn!(checkout = %id, %error, "payment could not be confirmed on return");
                }
            }
        }
        let order = reads.order(id).await?.ok_or(CheckoutError::NotFound)?;
        let is_done = matches!(order.status, OrderStatus::Paid | OrderStatus::Pending)
            && self.runtime().now() < order.expires_at;
        let success_url = match order.success_url {
            Some(url) if is_done && self.is_buyer(order.visitor_id, session).await? => Some(url),
            Some(_) | None => None,
        };
        let is_certain = has_answer || !OrderStatus::PAYABLE.contains(&order.status);
        Ok(CheckoutReturn { handle, slug, success_url, is_certain })
    }

    async fn is_buyer(
        &self,
        buyer: VisitorId,
        session: Option<TokenHash>,
    ) -> Result<bool, StoreError> {
        let Some(session) = session else { return Ok(false) };
        let found = self.ports.sessions.signed_in(session, self.runtime().now()).await?;
        Ok(found.is_some_and(|found| found.visitor.id == buyer))
    }
}
