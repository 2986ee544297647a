//! Stripe's answers, and their conversion to the port's types.
//!
//! Only the members that Tollgate uses are read. The types of async-stripe read the whole object
//! and fail on any unexpected member, which must not keep a buyer from what they have paid for.

use std::{collections::HashMap, str::FromStr};

use miniserde::{
    Deserialize,
    json::{self, Number, Value},
};
use tollgate_domain::{
    Timestamp,
    id::CheckoutId,
    payments::{
        AccountReport, AccountState, ChargeId, CheckoutSessionId, DisputeId, DisputeProgress,
        DisputeStage, DisputeState, OpenedSession, PaymentIntentId, ProviderRefundId,
        RefundProgress, RefundState, SessionProgress, SessionState,
    },
};

use crate::failure::CallError;

/// The metadata keys that hold Tollgate's ids in Stripe's objects.
pub(crate) const ACCOUNT: &str = "tollgate_account";
pub(crate) const CHECKOUT: &str = "tollgate_checkout";
pub(crate) const PAGE: &str = "tollgate_page";
pub(crate) const REFUND: &str = "tollgate_refund";

type Metadata = Option<HashMap<String, String>>;

/// Parses an id in the metadata.
fn noted<T: FromStr>(metadata: &Metadata, key: &str) -> Option<T> {
    metadata.as_ref()?.get(key)?.parse().ok()
}

/// Returns the id in a reference, which is the id itself or an expanded object.
fn id_of(reference: Option<&Value>) -> Option<&str> {
    match reference? {
        Value::String(id) => Some(id),
        object @ Value::Object(_) => text_of(object, "id"),
        _ => None,
    }
}

fn text_of<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    match object {
        Value::Object(members) => match members.get(key)? {
            Value::String(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(Number::I64(number)) => Some(*number),
        Value::Number(Number::U64(number)) => i64::try_from(*number).ok(),
        _ => None,
    }
}

fn payment_intent(reference: Option<&Value>) -> Option<PaymentIntentId> {
    id_of(reference).map(PaymentIntentId::new)
}

#[derive(Deserialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    charges_enabled: Option<bool>,
    payouts_enabled: Option<bool>,
    details_submitted: Option<bool>,
    metadata: Metadata,
    requirements: Option<Requirements>,
}

#[derive(Deserialize)]
struct Requirements {
    currently_due: Option<Vec<String>>,
}

impl Account {
    pub(crate) fn label(&self) -> Option<&str> {
        self.metadata.as_ref()?.get(ACCOUNT).map(String::as_str)
    }

    pub(crate) fn report(self) -> AccountReport {
        let state = AccountState {
            charges_enabled: self.charges_enabled.unwrap_or_default(),
            payouts_enabled: self.payouts_enabled.unwrap_or_default(),
            details_submitted: self.details_submitted.unwrap_or_default(),
        };
        let due = self.requirements.and_then(|requirements| requirements.currently_due);
        AccountReport { state, due: due.unwrap_or_default() }
    }
}

#[derive(Deserialize)]
pub(crate) struct AccountLink {
    pub(crate) url: String,
}

#[derive(Deserialize)]
pub(crate) struct Session {
    id: String,
    url: Option<String>,
    status: Option<String>,
    payment_status: Option<String>,
    amount_total: Option<Value>,
    total_details: Option<TotalDetails>,
    automatic_tax: Option<AutomaticTax>,
    currency: Option<Value>,
    client_reference_id: Option<String>,
    metadata: Metadata,
    payment_intent: Option<Value>,
}

#[derive(Deserialize)]
struct TotalDetails {
    amount_tax: Option<i64>,
}

#[derive(Deserialize)]
struct AutomaticTax {
    enabled: Option<bool>,
}

impl Session {
    pub(crate) fn is_open(&self) -> bool {
        self.status.as_deref() == Some("open")
    }

    pub(crate) fn is_expired(&self) -> bool {
        self.status.as_deref() == Some("expired")
    }

    /// Returns a session that was looked for. It has no pay page if it was completed.
    pub(crate) fn found(self) -> OpenedSession {
        let url = self.url.unwrap_or_default();
        OpenedSession { session: CheckoutSessionId::new(self.id), url }
    }

    pub(crate) fn opened(self) -> Result<OpenedSession, CallError> {
        // A replayed answer may be that of a session that is closed by now and has no page.
        let url = self.url.ok_or_else(|| CallError::bad_answer("the session has no pay page"))?;
        Ok(OpenedSession { session: CheckoutSessionId::new(self.id), url })
    }

    pub(crate) fn state(self) -> Result<SessionState, CallError> {
        let progress = self.progress();
        let progress =
            progress.ok_or_else(|| CallError::bad_answer("the session's status is unknown"))?;
        let (checkout_id, page_id) = (self.checkout_id(), noted(&self.metadata, PAGE));
        let payment_intent = payment_intent(self.payment_intent.as_ref());
        let amount = self.amount_total.as_ref().and_then(integer);
        let currency = match self.currency {
            Some(Value::String(currency)) => Some(currency.to_ascii_lowercase()),
            _ => None,
        };
        let is_complete = payment_intent.is_some() && amount.is_some() && currency.is_some();
        // Only Tollgate writes the metadata; anybody can have the other place filled in.
        let is_ours = noted::<CheckoutId>(&self.metadata, CHECKOUT).is_some();
        let is_payment = self.payment_status.as_deref() == Some("paid");
        Ok(SessionState {
            progress,
            checkout_id,
            page_id,
            payment_intent,
            session: CheckoutSessionId::new(self.id),
            is_whole: is_complete || !(is_payment && is_ours),
            // A missing amount becomes 0, which matches no price, so that nothing is granted.
            amount: amount.unwrap_or_default(),
            currency: currency.unwrap_or_default(),
            tax: match (&self.automatic_tax, &self.total_details) {
                (Some(AutomaticTax { enabled: Some(true) }), Some(details)) => details.amount_tax,
                _ => None,
            },
        })
    }

    fn progress(&self) -> Option<SessionProgress> {
        match self.status.as_deref()? {
            "open" => return Some(SessionProgress::Open),
            "expired" => return Some(SessionProgress::Expired),
            "complete" => {}
            _ => return None,
        }
        if matches!(self.payment_status.as_deref()?, "paid" | "no_payment_required") {
            return Some(SessionProgress::Paid);
        }
        let payment = self.payment_intent.as_ref();
        match payment.and_then(|payment| text_of(payment, "status")) {
            Some("requires_payment_method" | "canceled") => Some(SessionProgress::Failed),
            _ => Some(SessionProgress::Pending),
        }
    }

    /// Returns the checkout id, which is stored in two places. If they differ, there is none.
    pub(crate) fn checkout_id(&self) -> Option<CheckoutId> {
        let reference = self.client_reference_id.as_ref().and_then(|id| id.parse().ok());
        match (reference, noted(&self.metadata, CHECKOUT)) {
            (Some(one), Some(other)) if one != other => None,
            (one, other) => one.or(other),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    amount: i64,
    status: Option<String>,
    metadata: Metadata,
    payment_intent: Option<Value>,
}

impl Refund {
    pub(crate) fn state(self) -> Result<RefundState, CallError> {
        if self.amount < 0 {
            return Err(CallError::bad_answer("a refund has an amount below zero"));
        }
        Ok(RefundState {
            refund_id: noted(&self.metadata, REFUND),
            payment_intent: payment_intent(self.payment_intent.as_ref()),
            amount: self.amount,
            progress: match self.status.as_deref() {
                Some("succeeded") => RefundProgress::Succeeded,
                Some("failed" | "canceled") => RefundProgress::Failed,
                // `pending`, `requires_action`, and statuses that Stripe adds later.
                _ => RefundProgress::Pending,
            },
            refund: ProviderRefundId::new(self.id),
        })
    }
}

/// A page of a list, newest first. Its objects are read one by one, so that one that is not understood does not hide the
/// others.
#[derive(Deserialize)]
pub(crate) struct Page {
    pub(crate) data: Vec<Value>,
    has_more: Option<bool>,
}

impl Page {
    /// Returns the cursor of the next page, or `None` if this is the last one.
    pub(crate) fn next(&self) -> Result<Option<String>, CallError> {
        if self.has_more != Some(true) {
            return Ok(None);
        }
        let last = self.data.last().and_then(|last| text_of(last, "id"));
        let last = last.map(|last| Some(last.to_owned()));
        last.ok_or_else(|| CallError::bad_answer("a page that is not the last one has no end"))
    }

    /// Reads all objects of the page.
    pub(crate) fn all<T: Deserialize>(&self) -> Result<Vec<T>, CallError> {
        self.data.iter().map(read).collect()
    }
}

/// Reads an object of a list.
pub(crate) fn read<T: Deserialize>(listed: &Value) -> Result<T, CallError> {
    json::from_str(&json::to_string(listed)).map_err(CallError::bad_answer)
}

/// Returns the id of a listed object.
pub(crate) fn id_in(listed: &Value) -> &str {
    text_of(listed, "id").unwrap_or("an object without an id")
}

/// Returns the order that a listed session names in its metadata, which only Tollgate writes, whatever else it says.
pub(crate) fn order_noted_in(listed: &Value) -> Option<CheckoutId> {
    let Value::Object(members) = listed else { return None };
    text_of(members.get("metadata")?, CHECKOUT)?.parse().ok()
}

#[derive(Deserialize)]
pub(crate) struct Charge {
    /// `None` unless it was expanded.
    pub(crate) refunds: Option<Page>,
}

#[derive(Deserialize)]
pub(crate) struct Dispute {
    id: String,
    status: String,
    payment_intent: Option<Value>,
    reason: Option<String>,
    amount: Option<i64>,
    currency: Option<String>,
    created: Option<i64>,
    evidence_details: Option<EvidenceDetails>,
}

#[derive(Deserialize)]
struct EvidenceDetails {
    due_by: Option<i64>,
}

fn instant(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

impl Dispute {
    pub(crate) fn state(self) -> DisputeState {
        let stage = match self.status.as_str() {
            status if status.ends_with("needs_response") => DisputeStage::NeedsResponse,
            "won" | "lost" | "warning_closed" | "prevented" => DisputeStage::Closed,
            _ => DisputeStage::UnderReview,
        };
        let due_by = self.evidence_details.and_then(|details| details.due_by);
        DisputeState {
            stage,
            reason: self.reason.unwrap_or_default(),
            amount: self.amount.unwrap_or_default(),
            currency: self.currency.unwrap_or_default(),
            opened_at: self.created.and_then(instant).unwrap_or(Timestamp::UNIX_EPOCH),
            respond_by: due_by.filter(|_| stage == DisputeStage::NeedsResponse).and_then(instant),
            payment_intent: payment_intent(self.payment_intent.as_ref()),
            progress: match self.status.as_str() {
                "won" => DisputeProgress::Won,
                "lost" => DisputeProgress::Lost,
                // No money was withdrawn for these.
                "prevented" => DisputeProgress::Inquiry,
                status if status.starts_with("warning_") => DisputeProgress::Inquiry,
                _ => DisputeProgress::Open,
            },
            dispute: DisputeId::new(self.id),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct PaymentIntent {
    latest_charge: Option<Value>,
    metadata: Metadata,
}

impl PaymentIntent {
    pub(crate) fn charge(&self) -> Option<ChargeId> {
        id_of(self.latest_charge.as_ref()).map(ChargeId::new)
    }

    pub(crate) fn checkout_id(&self) -> Option<CheckoutId> {
        noted(&self.metadata, CHECKOUT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "chk_01arz3ndektsv4rrffq69g5fav";
    const OTHER: &str = "chk_01arz3ndektsv4rrffq69g5faw";
    const A_PAGE: &str = "pag_01arz3ndektsv4rrffq69g5fav";
    const PAYMENT: &str = r#""amount_total":1200,"currency":"usd","payment_intent":"pi_1""#;

    fn session(members: &str) -> Session {
        json::from_str(&format!(r#"{{"id":"cs_1","new":{{"a":[1]}},{members}}}"#)).unwrap()
    }

    fn progress(members: &str) -> Option<SessionProgress> {
        session(members).state().ok().map(|state| state.progress)
    }

    #[test]
    fn a_sessions_progress_follows_from_its_two_statuses_and_the_payment() {
        use SessionProgress::{Expired, Failed, Open, Paid, Pending};
        let unpaid = r#""status":"complete","payment_status":"unpaid""#;
        let with = |payment: &str| format!(r#"{unpaid},"payment_intent":{payment}"#);
        for (members, expected) in [
            (r#""status":"open","payment_status":"unpaid""#.to_owned(), Some(Open)),
            (r#""status":"expired","payment_status":"unpaid""#.to_owned(), Some(Expired)),
            (r#""status":"complete","payment_status":"paid""#.to_owned(), Some(Paid)),
            (
                r#""status":"complete","payment_status":"no_payment_required""#.to_owned(),
                Some(Paid),
            ),
            (unpaid.to_owned(), Some(Pending)),
            (with(r#""pi_1""#), Some(Pending)),
            (with("null"), Some(Pending)),
            (with(r#"{"id":"pi_1","status":"processing"}"#), Some(Pending)),
            (with(r#"{"id":"pi_1","status":"requires_action"}"#), Some(Pending)),
            (with(r#"{"id":"pi_1","status":"requires_payment_method"}"#), Some(Failed)),
            (with(r#"{"id":"pi_1","status":"canceled"}"#), Some(Failed)),
            (r#""status":"complete","payment_status":"new""#.to_owned(), Some(Pending)),
            (r#""status":"complete","payment_status":null"#.to_owned(), None),
            (r#""status":"new","payment_status":"paid""#.to_owned(), None),
            (r#""status":null,"payment_status":"paid""#.to_owned(), None),
            (r#""payment_status":"paid""#.to_owned(), None),
        ] {
            assert_eq!(progress(&members), expected, "{members}");
        }
    }

    #[test]
    fn the_two_checkout_ids_of_a_session_must_agree() {
        let paid = r#""status":"complete","payment_status":"paid""#;
        let order = |reference: &str, noted: &str| {
            let members = format!(
                r#"{paid},{PAYMENT},"client_reference_id":{reference},
                "metadata":{{"tollgate_checkout":"{noted}","tollgate_page":"{A_PAGE}"}}"#
            );
            session(&members).state().unwrap().checkout_id.map(|id| id.to_string())
        };
        let quoted = format!("\"{ONE}\"");
        assert_eq!(order(&quoted, ONE).as_deref(), Some(ONE));
        assert_eq!(order("null", ONE).as_deref(), Some(ONE));
        assert_eq!(order(&quoted, "junk").as_deref(), Some(ONE));
        assert_eq!(order(&quoted, OTHER), None);
        assert_eq!(order("\"junk\"", "junk"), None);
        assert_eq!(session(paid).state().unwrap().checkout_id, None);
    }

    #[test]
    fn a_paid_session_of_ours_is_whole_or_said_not_to_be() {
        let state = |payment: &str, metadata: &str| {
            let members = format!(
                r#""status":"complete","payment_status":"paid","client_reference_id":"{ONE}",{payment},
                "metadata":{metadata}"#
            );
            session(&members).state()
        };
        let ours = format!(r#"{{"tollgate_checkout":"{ONE}","tollgate_page":"{A_PAGE}"}}"#);
        let whole = state(&PAYMENT.replace("usd", "USD"), &ours).unwrap();
        assert_eq!((whole.amount, whole.currency.as_str()), (1_200, "usd"));
        assert!(whole.is_whole);
        for lacking in [
            PAYMENT.replace("1200", "null"),
            PAYMENT.replace("1200", "1200.5"),
            PAYMENT.replace("1200", "18446744073709551615"),
            PAYMENT.replace("1200", "\"1200\""),
            PAYMENT.replace("\"usd\"", "840"),
            PAYMENT.replace("\"usd\"", "null"),
            PAYMENT.replace("\"pi_1\"", "null"),
            PAYMENT.replace("amount_total", "amount"),
        ] {
            let answer = state(&lacking, &ours).unwrap();
            assert_eq!(
                (answer.progress, answer.is_whole),
                (SessionProgress::Paid, false),
                "{lacking}"
            );
            // Whoever opens a payment link can name an order, and nothing waits for that.
            for metadata in ["null", "{}"] {
                let answer = state(&lacking, metadata).unwrap();
                assert_eq!((answer.page_id, answer.is_whole), (None, true));
            }
        }
    }

    #[test]
    fn a_payment_intent_is_read_as_an_id_or_an_object() {
        for payment in [r#""pi_1""#, r#"{"id":"pi_1","status":"succeeded"}"#] {
            let members = format!(
                r#""status":"complete","payment_status":"paid","payment_intent":{payment}"#
            );
            let state = session(&members).state().unwrap();
            assert_eq!(state.payment_intent, Some(PaymentIntentId::new("pi_1")));
        }
    }

    fn dispute(status: &str) -> Dispute {
        let text = format!(
            r#"{{"id":"du_1","status":"{status}","reason":"fraudulent","amount":1200,"currency":"usd",
                "created":60,"evidence_details":{{"due_by":120}}}}"#
        );
        json::from_str(&text).unwrap()
    }

    #[test]
    fn a_deadline_is_told_while_an_answer_is_awaited() {
        let state = dispute("needs_response").state();
        assert_eq!((state.amount, state.currency.as_str()), (1_200, "usd"));
        assert_eq!((state.reason.as_str(), state.opened_at.as_second()), ("fraudulent", 60));
        assert_eq!(state.respond_by.map(Timestamp::as_second), Some(120));
        assert_eq!(dispute("under_review").state().respond_by, None);
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
            let state = dispute(status).state();
            assert_eq!((state.progress, state.stage), (expected, stage), "{status}");
        }
    }

    #[test]
    fn every_refund_status_has_its_meaning() {
        use RefundProgress::{Failed, Pending, Succeeded};
        for (status, expected) in [
            (Some("succeeded"), Succeeded),
            (Some("pending"), Pending),
            (Some("requires_action"), Pending),
            (Some("something_new"), Pending),
            (None, Pending),
            (Some("failed"), Failed),
            (Some("canceled"), Failed),
        ] {
            let refund = Refund {
                id: "re_1".into(),
                amount: 5,
                status: status.map(str::to_owned),
                metadata: None,
                payment_intent: None,
            };
            assert_eq!(refund.state().unwrap().progress, expected, "{status:?}");
        }
    }
}
