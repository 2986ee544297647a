//! A dispute as it is stored.

use jiff::Timestamp;

use crate::{
    id::PurchaseId,
    money::Money,
    payments::{DisputeId, DisputeProgress, DisputeStage, DisputeState},
};

/// A dispute as it was last read from the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The provider's id of the dispute.
    pub id: DisputeId,
    /// The disputed purchase.
    pub purchase_id: PurchaseId,
    /// Whether the dispute is open or decided.
    pub progress: DisputeProgress,
    /// What has to be done about it.
    pub stage: DisputeStage,
    /// The buyer's reason, as a word of the provider such as `fraudulent`.
    pub reason: String,
    /// The disputed amount.
    pub amount: Money,
    /// When the dispute was opened.
    pub opened_at: Timestamp,
    /// When the time for the creator's answer ends, if an answer is awaited.
    pub respond_by: Option<Timestamp>,
    /// When the provider was asked for this.
    pub read_at: Timestamp,
}

impl Dispute {
    /// Returns whether this is what the provider says of the dispute.
    pub(crate) fn is_as(&self, state: &DisputeState) -> bool {
        Self::of(self.purchase_id, state, self.read_at).as_ref() == Some(self)
    }

    /// Returns what is stored of a dispute of this purchase; `None` if its currency is not known.
    pub(super) fn of(
        purchase_id: PurchaseId,
        state: &DisputeState,
        read_at: Timestamp,
    ) -> Option<Self> {
        Some(Self {
            id: state.dispute.clone(),
            purchase_id,
            progress: state.progress,
            stage: state.stage,
            reason: state.reason.clone(),
            amount: Money::new(state.amount, state.currency.parse().ok()?),
            opened_at: state.opened_at,
            respond_by: state.respond_by,
            read_at,
        })
    }
}
