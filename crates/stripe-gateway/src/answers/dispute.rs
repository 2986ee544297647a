//! Disputes.

use miniserde::{Deserialize, json::Value};
use tollgate_domain::{
    Timestamp,
    payments::{ChargeId, DisputeId, DisputeProgress, DisputeStage, DisputeState},
};

use super::{id_of, payment_by};
use crate::{
    failure::CallError,
    ids::given,
    values::{integer, member, text},
};

#[derive(Deserialize)]
pub(crate) struct Dispute {
    pub(super) id: String,
    status: String,
    payment_intent: Option<Value>,
    charge: Option<Value>,
    reason: Option<Value>,
    amount: Option<Value>,
    currency: Option<Value>,
    created: Option<Value>,
    evidence_details: Option<Value>,
}

fn instant(seconds: &Value) -> Option<Timestamp> {
    Timestamp::from_second(integer(seconds)?).ok()
}

impl Dispute {
    /// Returns the charge that is disputed.
    pub(crate) fn charge(&self) -> Option<ChargeId> {
        id_of(self.charge.as_ref()).map(ChargeId::new)
    }

    pub(crate) fn state(self) -> Result<DisputeState, CallError> {
        let stage = match self.status.as_str() {
            status if status.ends_with("needs_response") => DisputeStage::NeedsResponse,
            "won" | "lost" | "warning_closed" | "prevented" => DisputeStage::Closed,
            _ => DisputeStage::UnderReview,
        };
        let due_by = self.evidence_details.as_ref().and_then(|it| member(it, "due_by"));
        let amount = self.amount.as_ref().and_then(integer).filter(|amount| *amount >= 0);
        let text_in = |value: Option<&Value>| value.and_then(text).unwrap_or_default().to_owned();
        Ok(DisputeState {
            stage,
            reason: text_in(self.reason.as_ref()),
            amount: amount.unwrap_or_default(),
            currency: text_in(self.currency.as_ref()),
            opened_at: self.created.as_ref().and_then(instant).unwrap_or(Timestamp::UNIX_EPOCH),
            respond_by: due_by.filter(|_| stage == DisputeStage::NeedsResponse).and_then(instant),
            payment_intent: payment_by(self.payment_intent.as_ref(), self.charge.as_ref()),
            progress: match self.status.as_str() {
                "won" => DisputeProgress::Won,
                "lost" => DisputeProgress::Lost,
                // No money was withdrawn for these.
                "prevented" => DisputeProgress::Inquiry,
                status if status.starts_with("warning_") => DisputeProgress::Inquiry,
                _ => DisputeProgress::Open,
            },
            dispute: DisputeId::new(given(self.id)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use miniserde::json;

    use super::*;

    fn dispute(status: &str) -> Dispute {
        let text = format!(
            r#"{{"id":"du_1","status":"{status}","reason":"fraudulent","amount":1200,"currency":"usd",
                "created":60,"evidence_details":{{"due_by":120}}}}"#
        );
        json::from_str(&text).unwrap()
    }

    #[test]
    fn a_deadline_is_told_while_an_answer_is_awaited() {
        let state = dispute("needs_response").state().unwrap();
        assert_eq!((state.amount, state.currency.as_str()), (1_200, "usd"));
        assert_eq!((state.reason.as_str(), state.opened_at.as_second()), ("fraudulent", 60));
        assert_eq!(state.respond_by.map(Timestamp::as_second), Some(120));
        assert_eq!(dispute("under_review").state().unwrap().respond_by, None);
    }

    #[test]
    fn every_dispute_status_has_its_meaning() {
        use DisputeProgress::{Inquiry, Lost, Open, Won};
        use DisputeStage::{Closed, NeedsResponse, UnderReview};
        for (status, expected, stage) in [
            ("warning_needs_response", Inquiry, NeedsResponse),
            ("warning_under_review", Inquiry, UnderReview),
            ("warning_closed", Inquiry, Closed),
            ("prevented", Inquiry, Closed),
            ("needs_response", Open, NeedsResponse),
            ("under_review", Open, UnderReview),
            ("appeal_needs_response", Open, NeedsResponse),
            ("appeal_under_review", Open, UnderReview),
            ("something_new", Open, UnderReview),
            ("won", Won, Closed),
            ("lost", Lost, Closed),
        ] {
            let state = dispute(status).state().unwrap();
            assert_eq!((state.progress, state.stage), (expected, stage), "{status}");
        }
    }
}
