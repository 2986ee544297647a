//! Lists, the search for an order's session, and attempts.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tollgate_domain::payments::{
    AccountId, CheckoutSessionId, DisputeProgress, OpenCheckout, OpenedSession, PaymentIntentId,
    Payments, PaymentsError, RefundOrder, RefundProgress, Refusal, SessionProgress,
};
use tollgate_stripe_gateway::{StripeConfig, StripeGateway};

use crate::stub::{Received, Reply, Stub};
use crate::{CHECKOUT, MADE, REFUND, SESSION, account, gateway, order, refund_order, refusal};

/// 2026-11-19, and half a second.
fn instant() -> Timestamp {
    Timestamp::from_microsecond(1_795_000_000_500_000).unwrap()
}

fn list(items: &[&str], has_more: bool) -> Reply {
    Reply::json(200, format!(r#"{{"data":[{}],"has_more":{has_more}}}"#, items.join(",")))
}

fn ours(id: &str, status: &str) -> String {
    let url = if status == "open" { format!(r#""https://pay.test/{id}""#) } else { "null".into() };
    format!(
        r#"{{"id":"{id}","url":{url},"status":"{status}","payment_status":"unpaid","client_reference_id":"{CHECKOUT}","metadata":{{"tollgate_checkout":"{CHECKOUT}"}}}}"#
    )
}

async fn find(stub: &Stub) -> Result<Option<OpenedSession>, PaymentsError> {
    gateway(stub).find_checkout(&account(), CHECKOUT.parse().unwrap(), instant()).await
}

fn path(sent: &Received) -> &str {
    sent.line.split('?').next().unwrap()
}

/// Those of another account are not held up by it.
#[tokio::test]
async fn reads_of_an_account_are_spread_over_time() {
    let stub = Stub::start([(); 5].map(|()| list(&[], false))).await;
    let url = format!("http://{}", stub.addr).parse().unwrap();
    let config = StripeConfig {
        reads_per_second: Some(20),
        ..StripeConfig::new("sk_test_gateway".into()).at(url)
    };
    let gateway = StripeGateway::new(&config).unwrap();
    let read = async |account: &str| {
        gateway.checkouts_since(&AccountId::new(account), instant(), None).await.unwrap();
    };
    let started = Instant::now();
    for account in ["acct_1", "acct_1", "acct_2", "acct_1", "acct_1"] {
        read(account).await;
    }
    assert!(started.elapsed() >= Duration::from_millis(150), "{:?}", started.elapsed());
    assert_eq!(stub.received().len(), 5);
}

#[tokio::test]
async fn sessions_are_listed_with_their_payments_page_by_page() {
    let paid = r#"{"id":"cs_3","status":"complete","payment_status":"paid","amount_total":1200,
        "currency":"usd","payment_intent":{"id":"pi_3","status":"succeeded"}}"#;
    let failed = r#"{"id":"cs_2","status":"complete","payment_status":"unpaid",
        "payment_intent":{"id":"pi_2","status":"requires_payment_method"}}"#;
    let strange = r#"{"id":"cs_1","status":"something_new","payment_status":"unpaid"}"#;
    let stub = Stub::start([list(&[paid, failed, strange], true), list(&[], false)]).await;
    let gateway = gateway(&stub);
    let page = gateway.checkouts_since(&account(), instant(), None).await.unwrap();
    let seen: Vec<_> = page.items.iter().map(|it| (it.session.as_str(), it.progress)).collect();
    assert_eq!(seen, [("cs_3", SessionProgress::Paid), ("cs_2", SessionProgress::Failed)]);
    // A session that is not understood is left out, and is still where the next page starts.
    assert_eq!(page.next.as_deref(), Some("cs_1"));
    let page = gateway.checkouts_since(&account(), instant(), page.next.as_deref()).await.unwrap();
    assert_eq!((page.items, page.next), (vec![], None));

    let sent = stub.received();
    for sent in &sent {
        assert_eq!(path(sent), "GET /v1/checkout/sessions");
        assert_eq!(sent.header("stripe-account"), Some("acct_1"));
        assert_eq!(sent.header("idempotency-key"), None);
        let fields = sent.fields();
        assert_eq!(fields["created[gte]"], "1795000000");
        assert_eq!(fields["limit"], "100");
        assert_eq!(fields["expand[0]"], "data.payment_intent.latest_charge");
    }
    assert_eq!(sent[0].fields().get("starting_after"), None);
    assert_eq!(sent[1].fields()["starting_after"], "cs_1");
}

#[tokio::test]
async fn refunds_and_disputes_are_listed() {
    let refund = r#"{"id":"re_1","amount":500,"currency":"USD","status":"failed","payment_intent":"pi_1",
        "metadata":{"tollgate_refund":"rfd_01arz3ndektsv4rrffq69g5fax"},"new":[{}]}"#;
    let dispute = r#"{"id":"du_1","status":"lost","payment_intent":"pi_1","amount":500}"#;
    let stub = Stub::start([list(&[refund], true), list(&[dispute], false)]).await;
    let gateway = gateway(&stub);
    let refunds = gateway.refunds_since(&account(), instant(), Some("re_2")).await.unwrap();
    assert_eq!(refunds.items[0].refund_id, Some(REFUND.parse().unwrap()));
    assert_eq!(refunds.items[0].progress, RefundProgress::Failed);
    assert_eq!((refunds.items[0].amount, refunds.items[0].currency.as_str()), (500, "usd"));
    assert_eq!(refunds.next.as_deref(), Some("re_1"));
    let disputes = gateway.disputes_since(&account(), instant(), None).await.unwrap();
    assert_eq!(disputes.items[0].progress, DisputeProgress::Lost);
    assert_eq!(disputes.next, None);
    let sent = stub.received();
    assert_eq!((path(&sent[0]), path(&sent[1])), ("GET /v1/refunds", "GET /v1/disputes"));
    assert_eq!(sent[0].fields()["starting_after"], "re_2");
    for sent in sent {
        assert_eq!(sent.fields()["created[gte]"], "1795000000");
        assert_eq!(sent.fields()["limit"], "100");
        assert_eq!(sent.fields()["expand[0]"], "data.charge");
        assert_eq!(sent.header("stripe-account"), Some("acct_1"));
    }
}

#[tokio::test]
async fn a_listed_refund_or_dispute_that_names_only_its_charge_is_of_the_charges_payment() {
    let charge = r#""payment_intent":null,"charge":{"id":"ch_1","payment_intent":"pi_1"}"#;
    let bare = r#""payment_intent":null,"charge":{"id":"ch_2","payment_intent":null}"#;
    let named = r#""payment_intent":"pi_3","charge":{"id":"ch_3","payment_intent":"pi_1"}"#;
    let by_all = |of: &str| [charge, bare, named].map(|it| format!("{{{of},{it}}}"));
    let refunds = by_all(r#""id":"re_1","amount":500,"currency":"usd","status":"succeeded""#);
    let disputes = by_all(r#""id":"du_1","status":"lost","amount":500"#);
    let listed = [refunds, disputes].map(|it| list(&it.each_ref().map(String::as_str), false));
    let stub = Stub::start(listed).await;
    let gateway = gateway(&stub);
    let refunds = gateway.refunds_since(&account(), instant(), None).await.unwrap().items;
    let disputes = gateway.disputes_since(&account(), instant(), None).await.unwrap().items;
    let expected = [Some("pi_1"), None, Some("pi_3")].map(|id| id.map(PaymentIntentId::new));
    let payments: Vec<_> = refunds.into_iter().map(|refund| refund.payment_intent).collect();
    assert_eq!(payments, expected);
    let payments: Vec<_> = disputes.into_iter().map(|dispute| dispute.payment_intent).collect();
    assert_eq!(payments, expected);
    assert_eq!(stub.received().len(), 2, "no charge is read by itself");
}

#[tokio::test]
async fn a_list_that_cannot_be_continued_is_an_error() {
    for body in [r#"{"data":[],"has_more":true}"#, r#"{"has_more":false}"#, "{}", "[]"] {
        let stub = Stub::start([Reply::json(200, body)]).await;
        let page = gateway(&stub).refunds_since(&account(), instant(), None).await;
        assert!(matches!(page, Err(PaymentsError::Unavailable(_))), "{body}: {page:?}");
    }
    let stub = Stub::start([list(&[], false)]).await;
    for cursor in ["", "../x", "a&b=c", "a b"] {
        let page = gateway(&stub).disputes_since(&account(), instant(), Some(cursor)).await;
        assert_eq!(refusal(&page.unwrap_err()), Some(Refusal::NotFound), "{cursor:?}");
    }
    assert!(stub.received().is_empty());
}

#[tokio::test]
async fn the_session_of_an_order_is_found_around_its_creation() {
    let other = ours("cs_8", "open").replace(CHECKOUT, "chk_01arz3ndektsv4rrffq69g5fzz");
    let mixed = ours("cs_7", "open").replacen(CHECKOUT, "chk_01arz3ndektsv4rrffq69g5fzz", 1);
    let stub = Stub::start([
        list(&[&other, &mixed, &ours("cs_6", "expired")], true),
        list(&[&ours("cs_5", "open")], true),
    ])
    .await;
    let expected = OpenedSession {
        session: CheckoutSessionId::new("cs_5"),
        url: "https://pay.test/cs_5".into(),
    };
    assert_eq!(find(&stub).await.unwrap(), Some(expected));
    let sent = stub.received();
    assert_eq!(sent.len(), 2);
    for sent in &sent {
        assert_eq!(path(sent), "GET /v1/checkout/sessions");
        assert_eq!(sent.fields()["created[gte]"], "1794999400");
        assert_eq!(sent.fields()["created[lte]"], "1795000300");
    }
    assert_eq!(sent[1].fields()["starting_after"], "cs_6");
}

#[tokio::test]
async fn a_session_that_was_opened_late_is_found_and_one_that_was_not_opened_is_none() {
    let checkout = CHECKOUT.parse().unwrap();
    let stub = Stub::start([
        list(&[&ours("cs_1", "complete")], false),
        list(&[&ours("cs_2", "open")], false),
        list(&[&ours("cs_1", "complete")], false),
        list(&[], false),
        list(&[&ours("cs_3", "expired")], false),
        list(&[], false),
    ])
    .await;
    let gateway = gateway(&stub);
    let found = |expected: Option<(&'static str, &'static str)>| {
        let (gateway, checkout) = (&gateway, checkout);
        async move {
            let found = gateway.find_checkout(&account(), checkout, instant()).await.unwrap();
            let found = found.as_ref().map(|it| (it.session.as_str(), it.url.as_str()));
            assert_eq!(found, expected);
        }
    };
    // An open session is preferred to a completed one, which has no pay page.
    found(Some(("cs_2", "https://pay.test/cs_2"))).await;
    found(Some(("cs_1", ""))).await;
    found(None).await;
    let sent = stub.received();
    assert_eq!(sent[1].fields()["created[gte]"], "1795000301");
    assert_eq!(sent[1].fields()["created[lte]"], "1795007200");
}

#[tokio::test]
async fn a_session_that_was_paid_is_found_as_completed_whatever_else_is_said_of_it() {
    for status in ["expired", "open"] {
        let paid = ours("cs_1", status).replace("unpaid", "paid");
        let stub = Stub::start([list(&[&paid], false), list(&[], false)]).await;
        let session = CheckoutSessionId::new("cs_1");
        let expected = OpenedSession { session, url: String::new() };
        assert_eq!(find(&stub).await.unwrap(), Some(expected), "{status}");
    }
}

#[tokio::test]
async fn a_search_that_does_not_come_to_an_end_fails() {
    let other = ours("cs_1", "open").replace(CHECKOUT, "chk_01arz3ndektsv4rrffq69g5fzz");
    let stub = Stub::start([list(&[&other], true)]).await;
    let error = find(&stub).await.unwrap_err();
    assert!(matches!(error, PaymentsError::Unavailable(_)), "{error:?}");
    assert_eq!(stub.received().len(), 20);

    let stub = Stub::start([Reply::error(403, "account_invalid")]).await;
    assert_eq!(refusal(&find(&stub).await.unwrap_err()), Some(Refusal::AccountDisconnected));
}

#[tokio::test]
async fn every_attempt_has_a_key_of_its_own() {
    let stub = Stub::start([Reply::json(200, SESSION), Reply::json(200, SESSION)]).await;
    let opening = gateway(&stub);
    opening.open_checkout(&OpenCheckout { attempt: 1, ..order() }).await.unwrap();
    opening.open_checkout(&OpenCheckout { attempt: 12, ..order() }).await.unwrap();
    let sent = stub.received();
    let keys: Vec<_> = sent.iter().map(|sent| sent.header("idempotency-key").unwrap()).collect();
    assert_eq!(keys, [format!("checkout-{CHECKOUT}-1"), format!("checkout-{CHECKOUT}-12")]);
    assert_eq!(sent[0].fields(), sent[1].fields());

    let stub = Stub::start([Reply::json(200, MADE)]).await;
    gateway(&stub).refund(&RefundOrder { attempt: 3, ..refund_order() }).await.unwrap();
    let key = format!("refund-{REFUND}-3");
    assert_eq!(stub.received()[0].header("idempotency-key"), Some(key.as_str()));
}

#[tokio::test]
async fn an_error_that_stripe_keeps_is_not_asked_for_again() {
    let kept = Reply::error(500, "api_error").with("Idempotent-Replayed", "true");
    let stub = Stub::start([Reply::error(500, "api_error"), kept]).await;
    let error = gateway(&stub).open_checkout(&order()).await.unwrap_err();
    assert!(matches!(error, PaymentsError::Failed(_)), "{error:?}");
    assert_eq!(stub.received().len(), 2);
}
