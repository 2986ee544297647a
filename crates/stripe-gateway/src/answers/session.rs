//! Checkout sessions.

use jiff::Timestamp;
use miniserde::{Deserialize, json::Value};
use tollgate_domain::{
    id::CheckoutId,
    payments::{CheckoutSessionId, OpenedSession, SessionProgress, SessionState},
};

use super::{CHECKOUT, GROUP_BUY, PAGE, noted, payment_intent};
use crate::{
    addresses::Addresses,
    failure::CallError,
    ids::given,
    values::{integer, is_true, member, text, text_of},
};

#[derive(Deserialize)]
pub(crate) struct Session {
    pub(super) id: String,
    url: Option<Value>,
    status: Option<Value>,
    payment_status: Option<Value>,
    amount_total: Option<Value>,
    total_details: Option<Value>,
    automatic_tax: Option<Value>,
    currency: Option<Value>,
    client_reference_id: Option<Value>,
    success_url: Option<Value>,
    customer_email: Option<Value>,
    metadata: Option<Value>,
    payment_intent: Option<Value>,
}

impl Session {
    fn status(&self) -> Option<&str> {
        self.status.as_ref().and_then(text)
    }

    /// Returns whether the session can still be paid.
    pub(crate) fn is_open(&self) -> bool {
        self.status() == Some("open") && !self.is_paid()
    }

    /// Returns whether the session was closed without payment.
    pub(crate) fn is_expired(&self) -> bool {
        self.status() == Some("expired") && !self.is_paid()
    }

    /// Returns whether Stripe says that the payment has arrived. Whatever it says of the session then, such as that it is closed, the
    /// buyer has paid.
    fn is_paid(&self) -> bool {
        self.payment_status() == Some("paid")
    }

    /// Returns a session that was looked for. It has no pay page if it was completed.
    pub(crate) fn found(self, addresses: Addresses) -> Result<OpenedSession, CallError> {
        if self.is_open() {
            return self.opened(addresses);
        }
        let session = CheckoutSessionId::new(given(self.id)?);
        Ok(OpenedSession { session, url: String::new() })
    }

    pub(crate) fn opened(self, addresses: Addresses) -> Result<OpenedSession, CallError> {
        // A replayed answer may be that of a session that is closed by now and has no page.
        let url = self.url.as_ref().and_then(text);
        let url = url.ok_or_else(|| CallError::bad_answer("the session has no pay page"))?;
        let url = addresses.check(url)?;
        Ok(OpenedSession { session: CheckoutSessionId::new(given(self.id)?), url })
    }

    pub(crate) fn state(self) -> Result<SessionState, CallError> {
        let progress = self.progress();
        let progress =
            progress.ok_or_else(|| CallError::bad_answer("the session's status is unknown"))?;
        let metadata = self.metadata.as_ref();
        let (checkout_id, page_id) = (self.checkout_id(), noted(metadata, PAGE));
        let (paid_at, fee) = (self.paid_at(), self.fee());
        let success_url = self.success_url.as_ref().and_then(text).unwrap_or_default().to_owned();
        let customer_email = self.customer_email.as_ref().and_then(text);
        let customer_email = customer_email.and_then(|email| email.parse().ok());
        let payment_intent = payment_intent(self.payment_intent.as_ref());
        let amount = self.amount_total.as_ref().and_then(integer);
        let currency = self.currency.as_ref().and_then(text).map(str::to_ascii_lowercase);
        // A missing amount becomes 0, which matches no price, so that nothing is granted.
        let tax = self.tax(amount.unwrap_or_default());
        let is_complete = payment_intent.is_some() && amount.is_some() && currency.is_some();
        // Only Tollgate writes the metadata; anybody can have the other place filled in. Where there are none at all, they may
        // be lacking; whether the session is the order's own is known where it is compared.
        let is_ours = noted::<CheckoutId>(metadata, CHECKOUT).is_some();
        let is_bare = metadata.is_none_or(is_without_members);
        let is_garbled = metadata.is_some_and(is_garbled);
        let is_whole = !self.is_paid() || (!is_bare && !is_garbled && (is_complete || !is_ours));
        Ok(SessionState {
            progress,
            checkout_id,
            page_id,
            group_buy_id: noted(metadata, GROUP_BUY),
            payment_intent,
            paid_at,
            fee,
            success_url,
            customer_email,
            session: CheckoutSessionId::new(given(self.id)?),
            is_whole,
            amount: amount.unwrap_or_default(),
            currency: currency.unwrap_or_default(),
            tax,
        })
    }

    /// Returns when the buyer paid, which is when the charge was made, if the answer shows that.
    fn paid_at(&self) -> Option<Timestamp> {
        let charge = member(self.payment_intent.as_ref()?, "latest_charge")?;
        Timestamp::from_second(integer(member(charge, "created")?)?).ok()
    }

    /// Returns the platform's fee in the payment.
    fn fee(&self) -> i64 {
        let payment = self.payment_intent.as_ref();
        let fee = payment.and_then(|payment| member(payment, "application_fee_amount"));
        fee.and_then(integer).unwrap_or_default()
    }

    fn payment_status(&self) -> Option<&str> {
        self.payment_status.as_ref().and_then(text)
    }

    /// Returns the tax that Stripe has computed, if it can be part of this amount.
    fn tax(&self, amount: i64) -> Option<i64> {
        let is_computed = member(self.automatic_tax.as_ref()?, "enabled").is_some_and(is_true);
        let tax = integer(member(self.total_details.as_ref()?, "amount_tax")?)?;
        (is_computed && (0..=amount).contains(&tax)).then_some(tax)
    }

    fn progress(&self) -> Option<SessionProgress> {
        if self.is_paid() {
            return Some(SessionProgress::Paid);
        }
        match self.status()? {
            "open" => return Some(SessionProgress::Open),
            "expired" => return Some(SessionProgress::Expired),
            "complete" => {}
            _ => return None,
        }
        if self.payment_status()? == "no_payment_required" {
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
        let reference = self.client_reference_id.as_ref().and_then(text);
        let reference = reference.and_then(|id| id.parse().ok());
        match (reference, noted(self.metadata.as_ref(), CHECKOUT)) {
            (Some(one), Some(other)) if one != other => None,
            (one, other) => one.or(other),
        }
    }
}

fn is_without_members(metadata: &Value) -> bool {
    let Value::Object(members) = metadata else { return true };
    members.is_empty()
}

/// Returns whether an id of Tollgate's is in the metadata and is not even a text, which Stripe's metadata always are.
fn is_garbled(metadata: &Value) -> bool {
    [CHECKOUT, PAGE].iter().any(|key| member(metadata, key).is_some_and(|it| text(it).is_none()))
}

/// Returns the order that a listed session names in its metadata, which only Tollgate writes, whatever else it says.
pub(crate) fn order_noted_in(listed: &Value) -> Option<CheckoutId> {
    noted(member(listed, "metadata"), CHECKOUT)
}

#[cfg(test)]
mod tests {
    use miniserde::json;
    use tollgate_domain::payments::PaymentIntentId;

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
            // A payment that has arrived counts, whatever is said of the session.
            (r#""status":"open","payment_status":"paid""#.to_owned(), Some(Paid)),
            (r#""status":"expired","payment_status":"paid""#.to_owned(), Some(Paid)),
            (r#""status":"new","payment_status":"paid""#.to_owned(), Some(Paid)),
            (r#""status":null,"payment_status":"paid""#.to_owned(), Some(Paid)),
            (r#""payment_status":"paid""#.to_owned(), Some(Paid)),
            (r#""status":"open","payment_status":"no_payment_required""#.to_owned(), Some(Open)),
            (
                r#""status":"expired","payment_status":"no_payment_required""#.to_owned(),
                Some(Expired),
            ),
            (r#""status":"new","payment_status":"unpaid""#.to_owned(), None),
            (r#""status":null,"payment_status":"unpaid""#.to_owned(), None),
            (r#""payment_status":"unpaid""#.to_owned(), None),
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
            // Anyone who opens a payment link can name an order, and nothing waits for that.
            let answer = state(&lacking, r#"{"from":"a link"}"#).unwrap();
            assert_eq!((answer.page_id, answer.is_whole), (None, true));
        }
        for bare in ["null", "{}"] {
            let answer = state(PAYMENT, bare).unwrap();
            assert_eq!((answer.page_id, answer.is_whole), (None, false), "{bare}");
        }
    }

    #[test]
    fn the_group_buy_of_a_session_is_read() {
        let named = |metadata: &str| {
            let members =
                format!(r#""status":"open","payment_status":"unpaid","metadata":{metadata}"#);
            session(&members).state().unwrap().group_buy_id.map(|id| id.to_string())
        };
        let group_buy = "gb_01arz3ndektsv4rrffq69g5fav";
        let noted = format!(r#"{{"tollgate_page":"{A_PAGE}","tollgate_group_buy":"{group_buy}"}}"#);
        assert_eq!(named(&noted).as_deref(), Some(group_buy));
        for other in ["7", "null", &format!("\"{A_PAGE}\"")] {
            assert_eq!(named(&format!(r#"{{"tollgate_group_buy":{other}}}"#)), None, "{other}");
        }
        for bare in ["null", "{}"] {
            assert_eq!(named(bare), None, "{bare}");
        }
    }

    #[test]
    fn a_payment_was_made_when_its_charge_was() {
        let paid_at = |payment: &str| {
            let members = format!(
                r#""status":"complete","payment_status":"paid","payment_intent":{payment}"#
            );
            session(&members).state().unwrap().paid_at.map(Timestamp::as_second)
        };
        let charged =
            |charge: &str| format!(r#"{{"id":"pi_1","created":7,"latest_charge":{charge}}}"#);
        assert_eq!(paid_at(&charged(r#"{"id":"ch_1","created":1767225600}"#)), Some(1_767_225_600));
        for charge in [r#""ch_1""#, "null", r#"{"id":"ch_1"}"#, r#"{"created":"7"}"#] {
            assert_eq!(paid_at(&charged(charge)), None, "{charge}");
        }
        assert_eq!(paid_at(&charged(r#"{"created":9223372036854775807}"#)), None);
        assert_eq!((paid_at(r#""pi_1""#), paid_at("null")), (None, None));
    }

    #[test]
    fn what_a_session_was_opened_with_is_read() {
        let opened_with = |members: &str| {
            let members = format!(r#""status":"complete","payment_status":"paid",{members}"#);
            let state = session(&members).state().unwrap();
            let email = state.customer_email.map(|email| email.as_str().to_owned());
            (state.success_url, email, state.fee)
        };
        let whole = r#""success_url":"https://a.test/p","customer_email":"bob@example.com",
            "customer_details":{"email":"eve@example.com"},
            "payment_intent":{"id":"pi_1","application_fee_amount":30}"#;
        let bob = Some("bob@example.com".to_owned());
        assert_eq!(opened_with(whole), ("https://a.test/p".to_owned(), bob, 30));
        for lacking in [
            r#""customer_details":{"email":"eve@example.com"}"#,
            r#""success_url":null,"customer_email":null,"payment_intent":"pi_1""#,
            r#""success_url":7,"customer_email":"bob","payment_intent":{"id":"pi_1","application_fee_amount":null}"#,
        ] {
            assert_eq!(opened_with(lacking), (String::new(), None, 0), "{lacking}");
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
}
