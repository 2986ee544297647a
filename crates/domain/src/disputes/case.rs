//! What a creator can answer to a dispute.

use std::sync::Arc;

use super::{Dispute, held::times_of_holders, ports::DisputeReads};
use crate::{
    access::{
        Purchase,
        ports::{PurchaseReads, SoldPurchase},
    },
    activity::{Activity, VisitorTime, ports::ActivityReads},
    checkout::{ReceiptError, ports::CheckoutReads, sold_at},
    creators::{Creator, Ownership},
    id::PurchaseId,
    names::HandleName,
    opaque_debug::opaque_debug,
    store_error::StoreError,
};

/// How many rows of activity are evidence at most: what each visitor did in each way on each day is one.
const MAX_ACTIVITY: u32 = 500;

/// A dispute with everything that is known about the sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeCase {
    /// The newest dispute of the purchase.
    pub dispute: Dispute,
    /// The disputed purchase, with its buyer and seller.
    pub sold: SoldPurchase,
    /// What those did at the handle who had the purchase, while they had it, oldest first: sign-ins, views of the page, and
    /// downloads. Of the one who paid, what was done before counts as well.
    pub activity: Vec<Activity>,
    /// Whether the page is open to the buyer now, by this purchase or otherwise.
    pub is_open: bool,
    /// Whether the handle is still connected to the account that received the payment. The provider tells nothing new about
    /// a dispute at another one.
    pub is_connected: bool,
}

/// The use case of reading a dispute with its evidence.
#[derive(Clone)]
pub struct DisputeCases {
    ownership: Ownership,
    purchases: Arc<dyn PurchaseReads>,
    orders: Arc<dyn CheckoutReads>,
    disputes: Arc<dyn DisputeReads>,
    activity: Arc<dyn ActivityReads>,
}

impl DisputeCases {
    /// Creates the use case.
    pub fn new(
        ownership: Ownership,
        purchases: Arc<dyn PurchaseReads>,
        orders: Arc<dyn CheckoutReads>,
        disputes: Arc<dyn DisputeReads>,
        activity: Arc<dyn ActivityReads>,
    ) -> Self {
        Self { ownership, purchases, orders, disputes, activity }
    }

    /// Returns the newest dispute of a purchase with its evidence; `None` if the purchase was never disputed.
    pub async fn of_purchase(
        &self,
        creator: &Creator,
        handle: &HandleName,
        id: PurchaseId,
    ) -> Result<Option<DisputeCase>, ReceiptError> {
        let sold = sold_at(&self.ownership, &*self.purchases, creator, handle, id).await?;
        let newest = self.disputes.disputes_of(id).await?.into_iter().next();
        let Some(dispute) = newest else { return Ok(None) };
        let (visitor, page) = (sold.purchase.visitor_id, sold.purchase.page_id);
        let theirs = self.purchases.purchases_of(visitor, page).await?;
        let is_open = Purchase::is_any_active(&theirs);
        // The purchase may have moved to other addresses since it was paid, also to that of a stranger.
        let held = times_of_holders(&sold.purchase, &self.purchases.facts_of(id).await?);
        let activity = self.done_in(&held, &sold).await?;
        let is_connected = self.is_received_by_connected(&sold.purchase).await?;
        Ok(Some(DisputeCase { dispute, sold, activity, is_open, is_connected }))
    }

    /// Returns what was done in these times, the newest of which is the last, oldest first. Rows of other times are not read, so that however
    /// many there are, they push none out.
    async fn done_in(
        &self,
        times: &[VisitorTime],
        sold: &SoldPurchase,
    ) -> Result<Vec<Activity>, StoreError> {
        let (handle, mut done) = (sold.purchase.handle_id, Vec::new());
        let mut left = MAX_ACTIVITY;
        for time in times.iter().rev() {
            if left == 0 {
                break;
            }
            let rows = self.activity.activity_of(handle, *time, &sold.slug, left).await?;
            left = left.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            done.extend(rows.iter().filter_map(|row| time.part_of(row)));
        }
        done.sort_by_key(|it| it.first_at);
        Ok(done)
    }

    async fn is_received_by_connected(&self, purchase: &Purchase) -> Result<bool, StoreError> {
        let Some(payment) = &purchase.payment else { return Ok(true) };
        let connected = self.orders.connected_account(purchase.handle_id).await?;
        Ok(connected.is_some_and(|connected| connected.account == payment.account))
    }
}

opaque_debug!(DisputeCases);
