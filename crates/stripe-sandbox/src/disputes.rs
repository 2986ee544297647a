//! The life of a dispute, with the events that it causes.

use crate::error::ApiError;
use crate::ids;
use crate::model::{Dispute, State};
use crate::status::{DisputeStatus, PaymentStatus};

impl DisputeStatus {
    /// Returns whether the bank only asks, so that no money has moved.
    pub(crate) fn is_inquiry(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::WarningUnderReview | Self::WarningClosed)
    }

    /// Returns whether the payment can be refunded in spite of the dispute.
    pub(crate) fn is_refundable(self) -> bool {
        self.is_inquiry() || matches!(self, Self::Won | Self::Prevented)
    }

    /// Returns whether the bank keeps the money from being refunded. A lost dispute does not count, since Stripe does not document
    /// it: the caller that asks for a refund has to know of the loss.
    pub(crate) fn refuses_refunds(self) -> bool {
        !self.is_refundable() && self != Self::Lost
    }

    /// Returns whether the account has to answer.
    pub(crate) fn needs_response(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::NeedsResponse | Self::AppealNeedsResponse)
    }

    /// Returns whether the account has answered.
    pub(crate) fn is_under_review(self) -> bool {
        matches!(self, Self::WarningUnderReview | Self::UnderReview | Self::AppealUnderReview)
    }

    fn is_closed(self) -> bool {
        matches!(self, Self::WarningClosed | Self::Won | Self::Lost | Self::Prevented)
    }

    /// Returns whether a dispute can take the status `next` after this one.
    pub(crate) fn can_become(self, next: Self) -> bool {
        use DisputeStatus as To;
        match self {
            Self::WarningNeedsResponse => {
                matches!(next, To::WarningUnderReview | To::WarningClosed | To::NeedsResponse)
            }
            Self::WarningUnderReview => matches!(next, To::WarningClosed | To::NeedsResponse),
            Self::NeedsResponse => matches!(next, To::UnderReview | To::Won | To::Lost),
            Self::UnderReview | Self::AppealUnderReview => matches!(next, To::Won | To::Lost),
            Self::Lost => matches!(next, To::AppealNeedsResponse),
            Self::AppealNeedsResponse => matches!(next, To::AppealUnderReview | To::Lost),
            Self::WarningClosed | Self::Won | Self::Prevented => false,
        }
    }
}

impl State {
    /// Opens a dispute over a payment, and returns its id.
    pub(crate) fn open_dispute(
        &mut self,
        payment_id: &str,
        status: DisputeStatus,
        amount: Option<i64>,
        reason: Option<String>,
    ) -> Result<String, ApiError> {
        use DisputeStatus::{NeedsResponse, Prevented, WarningNeedsResponse};
        if !matches!(status, NeedsResponse | Prevented | WarningNeedsResponse) {
            return Err(ApiError::invalid("A dispute cannot start with this status."));
        }
        let payment = self.payments.find("payment_intent", payment_id)?;
        if payment.status != PaymentStatus::Succeeded {
            return Err(ApiError::invalid("Only a payment that succeeded can be disputed."));
        }
        let amount = amount.unwrap_or(payment.amount);
        if !(1..=payment.amount).contains(&amount) {
            return Err(ApiError::invalid("The amount is not a part of the payment."));
        }
        let owner = payment.owner.clone();
        if self.disputes_of(payment_id).any(|known| !known.status.is_refundable()) {
            return Err(ApiError::invalid("The payment was disputed before."));
        }
        let dispute = Dispute {
            id: ids::random("du_", 24),
            serial: self.next_serial(),
            owner,
            created: self.now(),
            payment: payment_id.to_owned(),
            amount,
            status,
            reason,
        };
        let id = dispute.id.clone();
        self.disputes.insert(id.clone(), dispute);
        self.emit_dispute(&id, "charge.dispute.created");
        if status == NeedsResponse {
            self.emit_dispute(&id, "charge.dispute.funds_withdrawn");
        }
        Ok(id)
    }

    /// Moves a dispute on to its next status.
    pub(crate) fn move_dispute(&mut self, id: &str, next: DisputeStatus) -> Result<(), ApiError> {
        let before = self.disputes.find("dispute", id)?.status;
        if !before.can_become(next) {
            return Err(ApiError::invalid("The dispute cannot take this status."));
        }
        self.disputes.find_mut("dispute", id)?.status = next;
        let kind = if next.is_closed() { "closed" } else { "updated" };
        self.emit_dispute(id, &format!("charge.dispute.{kind}"));
        if before.is_inquiry() && next == DisputeStatus::NeedsResponse {
            self.emit_dispute(id, "charge.dispute.funds_withdrawn");
        } else if next == DisputeStatus::Won {
            self.emit_dispute(id, "charge.dispute.funds_reinstated");
        }
        Ok(())
    }
}
