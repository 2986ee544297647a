//! Successful answers with something in them that cannot be, which the real Stripe does not send.

use jiff::Timestamp;
use tollgate_domain::payments::{
    AccountId, ChargeId, CheckoutSessionId, DisputeId, DisputeProgress, PaymentIntentId, Payments,
    PaymentsError, ProviderRefundId, RefundProgress, Refusal, SessionProgress, SessionState,
};

use crate::{
    CHECKOUT, PAGE, account, gateway, order, refusal,
    stub::{Reply, Stub},
};

/// Returns the members of a session of ours that was paid, and these, of which the last of each name counts.
fn paid(members: &str) -> String {
    format!(
        r#"{{"id":"cs_1","status":"complete","payment_status":"paid","amount_total":1200,"currency":"usd",
        "payment_intent":"pi_1","client_reference_id":"{CHECKOUT}",
        "metadata":{{"tollgate_checkout":"{CHECKOUT}","tollgate_page":"{PAGE}"}},{members}}}"#
    )
}

/// Returns what is not an id of Stripe's.
fn no_ids() -> [String; 6] {
    ["", "..", "../x", "pi_../../x", "a b", &"x".repeat(300)].map(ToOwned::to_owned)
}

fn is_bad_answer<T>(answer: &Result<T, PaymentsError>) -> bool {
    matches!(answer, Err(PaymentsError::Unavailable(reason)) if reason.contains("not understood"))
}

async fn read(body: impl Into<String>) -> Result<SessionState, PaymentsError> {
    let stub = Stub::start([Reply::json(200, body)]).await;
    gateway(&stub).checkout(&account(), &CheckoutSessionId::new("cs_1")).await
}

#[tokio::test]
async fn tax_that_cannot_be_part_of_the_price_is_not_told() {
    for (amount_tax, expected) in [
        ("0", Some(0)),
        ("200", Some(200)),
        ("1200", Some(1_200)),
        ("1201", None),
        ("1000000000000000", None),
        ("18446744073709551615", None),
        ("-5", None),
        ("1.5", None),
        ("null", None),
        (r#""x""#, None),
        ("{}", None),
    ] {
        let computed = |enabled: &str| {
            let tax = format!(r#""total_details":{{"amount_tax":{amount_tax}}}"#);
            paid(&format!(r#""automatic_tax":{{"enabled":{enabled}}},{tax}"#))
        };
        let state = read(computed("true")).await.unwrap();
        assert_eq!((state.progress, state.is_whole), (SessionProgress::Paid, true), "{amount_tax}");
        assert_eq!(state.tax, expected, "{amount_tax}");
        for not in ["false", "null", "1"] {
            assert_eq!(read(computed(not)).await.unwrap().tax, None, "{not}");
        }
    }
}

/// Buyers get what they paid for.
#[tokio::test]
async fn a_member_of_another_type_does_not_hide_the_rest_of_an_answer() {
    for member in [
        r#""url":5"#,
        r#""total_details":"x""#,
        r#""automatic_tax":[]"#,
        r#""automatic_tax":{"enabled":"x"},"total_details":5"#,
        r#""client_reference_id":{}"#,
    ] {
        let state = read(paid(member)).await.unwrap();
        assert_eq!(state.checkout_id, Some(CHECKOUT.parse().unwrap()), "{member}");
        assert_eq!((state.tax, state.is_whole), (None, true), "{member}");
    }

    let dispute = r#"{"id":"du_1","status":"lost","reason":5,"amount":"x","currency":[],"created":"x",
        "evidence_details":[],"payment_intent":"pi_1"}"#;
    let refund = r#"{"id":"re_1","amount":5,"currency":"usd","status":5,"metadata":"x","payment_intent":"pi_1"}"#;
    let connected = r#"{"id":"acct_1","charges_enabled":true,"metadata":5,
        "requirements":{"currently_due":["external_account",5]}}"#;
    let stub = Stub::start([dispute, refund, connected].map(|body| Reply::json(200, body))).await;
    let gateway = gateway(&stub);
    let state = gateway.dispute(&account(), &DisputeId::new("du_1")).await.unwrap();
    assert_eq!((state.progress, state.amount), (DisputeProgress::Lost, 0));
    let state = gateway.refund_state(&account(), &ProviderRefundId::new("re_1")).await.unwrap();
    assert_eq!((state.progress, state.refund_id), (RefundProgress::Pending, None));
    let report = gateway.account(&account()).await.unwrap();
    assert!(report.state.charges_enabled);
    assert_eq!(report.due, ["external_account"]);
}

/// They are read again: nothing is compared with what they say of the order.
#[tokio::test]
async fn ids_in_metadata_that_are_not_text_make_a_session_incomplete() {
    for metadata in [
        r#"{"tollgate_checkout":5}"#.to_owned(),
        format!(r#"{{"tollgate_checkout":"{CHECKOUT}","tollgate_page":null}}"#),
        r#""x""#.to_owned(),
    ] {
        let session = format!(
            r#"{{"id":"cs_1","status":"complete","payment_status":"paid","amount_total":1200,
            "currency":"usd","payment_intent":"pi_1","metadata":{metadata}}}"#
        );
        assert!(!read(session).await.unwrap().is_whole, "{metadata}");
    }
}

#[tokio::test]
async fn what_an_account_can_do_is_not_guessed() {
    let stub = Stub::start([Reply::json(200, r#"{"id":"acct_1","charges_enabled":"x"}"#)]).await;
    let error = gateway(&stub).account(&account()).await.unwrap_err();
    assert!(matches!(error, PaymentsError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_refusal_is_understood_whatever_else_it_says() {
    let body = r#"{"error":{"code":"account_invalid","type":5,"param":[],"message":null}}"#;
    let stub = Stub::start([Reply::json(403, body)]).await;
    let error = gateway(&stub).account(&AccountId::new("acct_1")).await.unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::AccountDisconnected));
}

/// The session is looked for by the order in it, so that a buyer who pays gets the page.
#[tokio::test]
async fn a_session_or_an_account_with_an_id_that_cannot_be_is_not_taken() {
    for id in no_ids() {
        let made = format!(r#"{{"id":"{id}","url":"https://pay.test/cs_1","status":"open"}}"#);
        let stub = Stub::start([Reply::json(200, made)]).await;
        let gateway = gateway(&stub);
        assert!(is_bad_answer(&gateway.open_checkout(&order()).await), "{id}");
        let email = "ada@example.com".parse().unwrap();
        assert!(is_bad_answer(&gateway.create_account("label", "", &email).await), "{id}");
        assert_eq!(stub.received().len(), 2);
    }
}

#[tokio::test]
async fn what_is_found_by_its_label_or_order_has_an_id_that_can_be() {
    let checkout = CHECKOUT.parse().unwrap();
    for id in no_ids() {
        let listed = format!(
            r#"{{"data":[{{"id":"{id}","url":"https://pay.test/cs_1","status":"open","metadata":
            {{"tollgate_checkout":"{CHECKOUT}","tollgate_account":"label"}}}}],"has_more":false}}"#
        );
        let stub = Stub::start([Reply::json(200, listed)]).await;
        let (gateway, since) = (gateway(&stub), Timestamp::UNIX_EPOCH);
        assert!(is_bad_answer(&gateway.find_checkout(&account(), checkout, since).await), "{id}");
        assert!(is_bad_answer(&gateway.find_account("label", since).await), "{id}");
    }
}

#[tokio::test]
async fn a_payment_with_an_id_that_cannot_be_is_read_again() {
    for id in no_ids() {
        for payment in [format!(r#""{id}""#), format!(r#"{{"id":"{id}","status":"succeeded"}}"#)] {
            let state = read(paid(&format!(r#""payment_intent":{payment}"#))).await.unwrap();
            assert_eq!((state.payment_intent, state.is_whole), (None, false), "{payment}");
        }
    }
}

#[tokio::test]
async fn the_charge_names_the_payment_of_a_refund_or_dispute_that_names_none_that_can_be() {
    let charge = r#"{"id":"ch_1","payment_intent":"pi_1"}"#;
    let payment = Some(PaymentIntentId::new("pi_1"));
    for id in no_ids() {
        let of_it = format!(r#""payment_intent":"{id}","charge":"ch_1""#);
        let refund = format!(r#"{{"id":"re_1","amount":5,"currency":"usd",{of_it}}}"#);
        let dispute = format!(r#"{{"id":"du_1","status":"lost",{of_it}}}"#);
        for body in [refund, dispute] {
            let is_refund = body.contains("re_1");
            let stub = Stub::start([body, charge.to_owned()].map(|it| Reply::json(200, it))).await;
            let (gateway, refund) = (gateway(&stub), ProviderRefundId::new("re_1"));
            let told = if is_refund {
                gateway.refund_state(&account(), &refund).await.unwrap().payment_intent
            } else {
                gateway.dispute(&account(), &DisputeId::new("du_1")).await.unwrap().payment_intent
            };
            assert_eq!(told, payment, "{id}");
        }
        let charge = format!(r#"{{"id":"pi_1","latest_charge":"{id}"}}"#);
        let stub = Stub::start([Reply::json(200, charge)]).await;
        let payment = PaymentIntentId::new("pi_1");
        let charge = gateway(&stub).charge_of_payment(&account(), &payment).await;
        assert!(is_bad_answer(&charge), "{id}");
    }
}

#[tokio::test]
async fn a_listed_object_with_an_id_that_cannot_be_is_left_out_and_ends_no_list() {
    let since = Timestamp::UNIX_EPOCH;
    for id in no_ids() {
        let of_it = format!(r#""id":"{id}","amount":5,"currency":"usd","status":"lost""#);
        let listed =
            |more: bool| Reply::json(200, format!(r#"{{"data":[{{{of_it}}}],"has_more":{more}}}"#));
        let stub = Stub::start([listed(false)]).await;
        let listing = gateway(&stub);
        let refunds = listing.refunds_since(&account(), since, None).await.unwrap();
        assert_eq!((refunds.items.len(), refunds.unreadable.len()), (0, 1), "{id}");
        let disputes = listing.disputes_since(&account(), since, None).await.unwrap();
        assert_eq!(disputes.unreadable, ["an object without an id"], "{id}");
        let stub = Stub::start([listed(true)]).await;
        let more = gateway(&stub).refunds_since(&account(), since, None).await;
        assert!(is_bad_answer(&more), "{id}");
        let charge =
            format!(r#"{{"id":"ch_1","refunds":{{"data":[{{{of_it}}}],"has_more":false}}}}"#);
        let stub = Stub::start([Reply::json(200, charge)]).await;
        let charge = ChargeId::new("ch_1");
        let refunds = gateway(&stub).refunds_of_charge(&account(), &charge).await;
        assert!(is_bad_answer(&refunds), "{id}");
    }
}

#[tokio::test]
async fn an_answer_about_another_object_is_not_taken_for_the_one_that_was_asked_for() {
    let bodies = [
        r#"{"id":"cs_2","status":"expired"}"#,
        r#"{"id":"cs_2","status":"expired"}"#,
        r#"{"id":"re_2","amount":5,"currency":"usd","status":"succeeded","payment_intent":"pi_1"}"#,
        r#"{"id":"ch_2","payment_intent":"pi_1","refunds":{"data":[],"has_more":false}}"#,
        r#"{"id":"du_2","status":"lost","payment_intent":"pi_1"}"#,
        r#"{"id":"pi_2","latest_charge":"ch_1"}"#,
        r#"{"id":"pi_2","latest_charge":"ch_1"}"#,
        r#"{"id":"acct_2","charges_enabled":true}"#,
    ];
    let stub = Stub::start(bodies.map(|body| Reply::json(200, body))).await;
    let (gateway, account) = (gateway(&stub), account());
    let (session, payment) = (CheckoutSessionId::new("cs_1"), PaymentIntentId::new("pi_1"));
    let answers = [
        is_bad_answer(&gateway.checkout(&account, &session).await),
        is_bad_answer(&gateway.expire_checkout(&account, &session).await),
        is_bad_answer(&gateway.refund_state(&account, &ProviderRefundId::new("re_1")).await),
        is_bad_answer(&gateway.refunds_of_charge(&account, &ChargeId::new("ch_1")).await),
        is_bad_answer(&gateway.dispute(&account, &DisputeId::new("du_1")).await),
        is_bad_answer(&gateway.charge_of_payment(&account, &payment).await),
        is_bad_answer(&gateway.checkout_of_payment(&account, &payment).await),
        is_bad_answer(&gateway.account(&account).await),
    ];
    assert_eq!(answers, [true; 8]);
    assert_eq!(stub.received().len(), answers.len());
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_of_the_web() {
    let checkout = CHECKOUT.parse().unwrap();
    for url in ["javascript:alert(1)", "//evil", "data:text/html,x", "", r"https://pay.test/\nx"] {
        let link = format!(r#"{{"url":"{url}"}}"#);
        let made = format!(
            r#"{{"id":"cs_1","url":"{url}","status":"open","metadata":{{"tollgate_checkout":"{CHECKOUT}"}}}}"#
        );
        let listed = format!(r#"{{"data":[{made}],"has_more":false}}"#);
        let stub = Stub::start([link, made, listed].map(|body| Reply::json(200, body))).await;
        let gateway = gateway(&stub);
        assert!(is_bad_answer(&gateway.onboarding_link(&account(), "r", "r").await), "{url}");
        assert!(is_bad_answer(&gateway.open_checkout(&order()).await), "{url}");
        let since = Timestamp::UNIX_EPOCH;
        assert!(is_bad_answer(&gateway.find_checkout(&account(), checkout, since).await), "{url}");
    }
}

/// A sandbox on this machine has no certificate.
#[tokio::test]
async fn a_local_servers_pages_need_no_encryption() {
    let made = r#"{"id":"cs_1","url":"http://127.0.0.1:1/pay/cs_1","status":"open"}"#;
    let stub = Stub::start([Reply::json(200, made)]).await;
    let opened = gateway(&stub).open_checkout(&order()).await.unwrap();
    assert_eq!(opened.url, "http://127.0.0.1:1/pay/cs_1");
}

#[tokio::test]
async fn a_deleted_account_is_one_that_is_no_longer_connected() {
    let deleted = r#"{"id":"acct_1","object":"account","deleted":true}"#;
    let stub = Stub::start([Reply::json(200, deleted)]).await;
    let error = gateway(&stub).account(&account()).await.unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::AccountDisconnected));
    let there = r#"{"id":"acct_1","object":"account","deleted":false,"charges_enabled":true}"#;
    let stub = Stub::start([Reply::json(200, there)]).await;
    assert!(gateway(&stub).account(&account()).await.unwrap().state.charges_enabled);
}

#[tokio::test]
async fn an_amount_without_its_currency_says_nothing() {
    for currency in ["null", "5", r#"{"code":"usd"}"#] {
        let refund =
            format!(r#"{{"id":"re_1","amount":5,"currency":{currency},"status":"failed"}}"#);
        let listed = format!(r#"{{"data":[{refund}],"has_more":false}}"#);
        let stub = Stub::start([refund, listed].map(|body| Reply::json(200, body))).await;
        let (gateway, refund) = (gateway(&stub), ProviderRefundId::new("re_1"));
        assert!(is_bad_answer(&gateway.refund_state(&account(), &refund).await), "{currency}");
        let page = gateway.refunds_since(&account(), Timestamp::UNIX_EPOCH, None).await.unwrap();
        assert_eq!(page.unreadable, ["re_1"], "{currency}");
    }
}
