//! What a visitor who cannot read a page has to know before paying for it.

use super::Checkouts;
use crate::{
    access::{AccessStatus, GrantType, Holding, Purchase},
    checkout::{CheckoutError, CheckoutOrder, QuarantinedPayment, ReportedStatus, may_be_mended},
    id::{PageId, VisitorId},
    store_error::StoreError,
};

/// What became of the last purchase of a page that costs something by a visitor who cannot read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EarlierPurchase {
    /// There was none.
    None,
    /// The visitor's payment is being processed.
    Pending(CheckoutOrder),
    /// The bank disputes the visitor's payment, which may still turn out to be good.
    Suspended,
    /// A payment arrived that does not match its order. The seller has been told, and has time to mend it.
    Quarantined(CheckoutOrder),
    /// The same, and the seller has not refunded it although that time is over.
    LeftUnmatched(CheckoutOrder),
    /// The payment failed a while after it was made.
    Failed(CheckoutOrder),
    /// The payment was refunded.
    Refunded,
    /// The bank gave the money back, since the seller lost the dispute.
    DisputeLost,
    /// The creator took a gift back.
    Revoked,
}

impl EarlierPurchase {
    /// Returns whether the visitor should be offered to pay: not while an earlier payment may still open the page, or has just
    /// arrived without opening it.
    pub fn may_pay(&self) -> bool {
        !matches!(self, Self::Pending(_) | Self::Suspended | Self::Quarantined(_))
    }

    /// Returns how access ended that a purchase gave.
    fn after(purchase: &Purchase) -> Self {
        match (purchase.grant_type, &purchase.payment) {
            (GrantType::Refunded, _) => Self::Refunded,
            // Only gifts can be taken back, so what else ends a payment is its dispute.
            (_, Some(_)) => Self::DisputeLost,
            (_, None) => Self::Revoked,
        }
    }
}

impl Checkouts {
    /// Returns what became of a visitor's last purchase of a page. `holdings` are all purchases of the page by the visitor, and none of
    /// them gives access now.
    pub async fn earlier_purchase(
        &self,
        visitor: VisitorId,
        page: PageId,
        holdings: &[Holding],
    ) -> Result<EarlierPurchase, StoreError> {
        if let Some(order) = self.pending(visitor, page).await? {
            return Ok(EarlierPurchase::Pending(order));
        }
        let mut statuses = holdings.iter().copied().map(AccessStatus::of_holding);
        if statuses.any(|status| status == AccessStatus::Suspended) {
            return Ok(EarlierPurchase::Suspended);
        }
        let failed = self.failed(visitor, page).await?;
        let purchases = self.purchases_behind(visitor, page, holdings).await?;
        let ended = purchases.iter().filter_map(|purchase| Some((purchase.revoked_at?, purchase)));
        let last = ended.max_by_key(|(at, _)| *at);
        if let Some(found) = self.unmatched(visitor, page, &purchases).await? {
            if self.is_waited_for(&found) {
                return Ok(EarlierPurchase::Quarantined(found.order));
            }
            if failed.as_ref().is_none_or(|failed| failed.created_at < found.since) {
                return Ok(EarlierPurchase::LeftUnmatched(found.order));
            }
        }
        Ok(match (failed, last) {
            (Some(order), last) if last.is_none_or(|(at, _)| at < order.created_at) => {
                EarlierPurchase::Failed(order)
            }
            (_, Some((_, purchase))) => EarlierPurchase::after(purchase),
            (_, None) => EarlierPurchase::None,
        })
    }

    /// Returns what became of a visitor's last purchase of a page that is not published and closed to the visitor.
    pub async fn earlier_purchase_of_hidden(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<EarlierPurchase, StoreError> {
        let purchases = self.ports.purchases.purchases_of(visitor, page).await?;
        let holdings: Vec<_> = purchases.iter().map(Purchase::holding).collect();
        self.earlier_purchase(visitor, page, &holdings).await
    }

    /// Refuses a checkout that the page of the visitor would not offer; see [`EarlierPurchase::may_pay`]. While a payment
    /// is being processed, the checkout itself leads to the page.
    pub(super) async fn check_earlier(
        &self,
        visitor: VisitorId,
        page: PageId,
        holdings: &[Holding],
    ) -> Result<(), CheckoutError> {
        let mut statuses = holdings.iter().copied().map(AccessStatus::of_holding);
        let refusal = if statuses.any(|status| status == AccessStatus::Suspended) {
            CheckoutError::Disputed
        } else {
            let purchases = self.purchases_behind(visitor, page, holdings).await?;
            match self.unmatched(visitor, page, &purchases).await? {
                Some(found) if self.is_waited_for(&found) => CheckoutError::Quarantined,
                _ => return Ok(()),
            }
        };
        if self.pending(visitor, page).await?.is_some() { Ok(()) } else { Err(refusal) }
    }

    /// Returns whether the seller may still resolve a payment that does not match its order, so that the visitor is asked to wait.
    pub async fn awaits_seller(&self, order: &CheckoutOrder) -> Result<bool, StoreError> {
        let reads = &self.fulfilment.ports.checkout;
        let found = reads.quarantined_payment(order.visitor_id, order.page_id).await?;
        let found = found.filter(|found| found.order.id == order.id);
        // Only the newest such payment has a time. For an earlier one, the time of its order counts.
        let since = found.map_or(order.created_at, |found| found.since);
        Ok(may_be_mended(since, self.runtime().now()))
    }

    /// Returns the visitor's order for a page whose payment is being processed.
    async fn pending(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let reads = &self.fulfilment.ports.checkout;
        let order = reads.told_order(visitor, page, ReportedStatus::Pending).await?;
        Ok(order.filter(|order| order.is_processed_at(self.runtime().now())))
    }

    /// Returns the visitor's newest order for a page whose payment failed, if that was begun in the last 30 days.
    async fn failed(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let reads = &self.fulfilment.ports.checkout;
        let order = reads.told_order(visitor, page, ReportedStatus::Failed).await?;
        Ok(order.filter(|order| order.is_news_at(self.runtime().now())))
    }

    async fn purchases_behind(
        &self,
        visitor: VisitorId,
        page: PageId,
        holdings: &[Holding],
    ) -> Result<Vec<Purchase>, StoreError> {
        if holdings.is_empty() {
            return Ok(Vec::new());
        }
        self.ports.purchases.purchases_of(visitor, page).await
    }

    /// Returns whether the seller may still resolve such a payment, so that the visitor is asked to wait.
    fn is_waited_for(&self, found: &QuarantinedPayment) -> bool {
        may_be_mended(found.since, self.runtime().now())
    }

    /// Returns the visitor's payment for a page that does not match its order. Returns `None` if the seller has given access for it: one of
    /// `purchases` is a gift that was made since.
    async fn unmatched(
        &self,
        visitor: VisitorId,
        page: PageId,
        purchases: &[Purchase],
    ) -> Result<Option<QuarantinedPayment>, StoreError> {
        let found = self.fulfilment.ports.checkout.quarantined_payment(visitor, page).await?;
        let is_answer = |purchase: &Purchase, found: &QuarantinedPayment| {
            purchase.payment.is_none() && purchase.created_at >= found.since
        };
        Ok(found.filter(|found| !purchases.iter().any(|purchase| is_answer(purchase, found))))
    }
}
