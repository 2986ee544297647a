//! The requests that the gateway sends, and its handling of every kind of answer and failure.
#![expect(clippy::unwrap_used, reason = "tests")]

mod failures;
mod lists;
mod odd_answers;
mod sessions;
mod stub;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jiff::Timestamp;
use rustls::{pki_types::PrivatePkcs8KeyDer, server::Acceptor};
use tokio_rustls::LazyConfigAcceptor;
use tollgate_domain::{
    money::Money,
    payments::{
        AccountId, ChargeId, CheckoutSessionId, DisputeId, OpenCheckout, PaymentExtras,
        PaymentIntentId, Payments, PaymentsError, ProviderRefundId, RefundOrder, Refusal,
    },
};
use tollgate_stripe_gateway::{StripeConfig, StripeGateway};

use crate::stub::{Reply, Stub};

const CHECKOUT: &str = "chk_01arz3ndektsv4rrffq69g5fav";
const PAGE: &str = "pag_01arz3ndektsv4rrffq69g5faw";
const GROUP_BUY: &str = "gb_01arz3ndektsv4rrffq69g5faz";
const REFUND: &str = "rfd_01arz3ndektsv4rrffq69g5fax";
const SESSION: &str = r#"{"id":"cs_1","url":"https://pay.test/cs_1","status":"open"}"#;
const MADE: &str = r#"{"id":"re_1","amount":500,"currency":"usd","status":"succeeded","payment_intent":"pi_1",
    "metadata":{"tollgate_refund":"rfd_01arz3ndektsv4rrffq69g5fax"}}"#;

fn gateway(stub: &Stub) -> StripeGateway {
    gateway_at(stub.addr)
}

fn gateway_at(addr: SocketAddr) -> StripeGateway {
    let url = format!("http://{addr}").parse().unwrap();
    let config = StripeConfig {
        request_timeout: Duration::from_millis(300),
        total_timeout: Duration::from_secs(20),
        ..StripeConfig::new("sk_test_gateway".into()).at(url)
    };
    StripeGateway::new(&config).unwrap()
}

fn account() -> AccountId {
    AccountId::new("acct_1")
}

fn order() -> OpenCheckout {
    OpenCheckout {
        checkout_id: CHECKOUT.parse().unwrap(),
        attempt: 0,
        page_id: PAGE.parse().unwrap(),
        group_buy_id: None,
        account: account(),
        title: "Ten & more [things]".into(),
        price: Money::new(1_200, "usd".parse().unwrap()),
        fee: 30,
        customer_email: "bob+x@example.com".parse().unwrap(),
        success_url: "https://a.test/p/return?session={CHECKOUT_SESSION_ID}&a=ü".into(),
        cancel_url: "https://a.test/p".into(),
        extras: PaymentExtras::default(),
        expires_at: Timestamp::from_microsecond(1_795_000_000_999_999).unwrap(),
    }
}

fn refund_order() -> RefundOrder {
    RefundOrder {
        refund_id: REFUND.parse().unwrap(),
        attempt: 0,
        account: account(),
        payment_intent: PaymentIntentId::new("pi_1"),
        amount: Money::new(500, "usd".parse().unwrap()),
        with_fee: true,
    }
}

fn refusal(error: &PaymentsError) -> Option<Refusal> {
    match error {
        PaymentsError::Refused { refusal, .. } => Some(*refusal),
        PaymentsError::Unavailable(_) | PaymentsError::Busy { .. } | PaymentsError::Failed(_) => {
            None
        }
    }
}

#[tokio::test]
async fn a_refund_is_requested_with_the_key_of_its_id() {
    let stub = Stub::start([Reply::json(200, MADE)]).await;
    let state = gateway(&stub).refund(&refund_order()).await.unwrap();
    assert_eq!(state.refund, ProviderRefundId::new("re_1"));
    assert_eq!(state.refund_id, Some(REFUND.parse().unwrap()));
    assert_eq!(state.payment_intent, Some(PaymentIntentId::new("pi_1")));
    let sent = &stub.received()[0];
    assert_eq!(sent.line, "POST /v1/refunds");
    assert_eq!(sent.header("stripe-account"), Some("acct_1"));
    assert_eq!(sent.header("idempotency-key"), Some(format!("refund-{REFUND}").as_str()));
    let fields = sent.fields();
    assert_eq!(fields["payment_intent"], "pi_1");
    assert_eq!(fields["amount"], "500");
    assert_eq!(fields["metadata[tollgate_refund]"], REFUND);
    assert_eq!(fields["refund_application_fee"], "true");
    assert_eq!(fields.len(), 4);
}

#[tokio::test]
async fn an_account_is_created_on_the_platform() {
    let stub = Stub::start([
        Reply::json(200, r#"{"id":"acct_2"}"#),
        Reply::json(200, r#"{"id":"acct_2","charges_enabled":true,"payouts_enabled":null}"#),
        Reply::json(200, r#"{"url":"https://connect.test/1"}"#),
        Reply::json(200, r#"{"url":"https://connect.test/2"}"#),
    ])
    .await;
    let gateway = gateway(&stub);
    let email = "ada@example.com".parse().unwrap();
    let account = gateway.create_account("account-hdl_1-0", "", &email).await.unwrap();
    let state = gateway.account(&account).await.unwrap().state;
    assert!(state.charges_enabled && !state.payouts_enabled && !state.details_submitted);
    let mut links = Vec::new();
    for _ in 0..2 {
        let link = gateway.onboarding_link(&account, "https://a.test/r", "https://a.test/again");
        links.push(link.await.unwrap());
    }
    assert_eq!(links, ["https://connect.test/1", "https://connect.test/2"]);

    let sent = stub.received();
    assert!(sent.iter().all(|sent| sent.header("stripe-account").is_none()));
    assert_eq!(sent[0].header("idempotency-key"), Some("account-hdl_1-0"));
    let fields = sent[0].fields();
    assert_eq!(fields["controller[fees][payer]"], "account");
    assert_eq!(fields["controller[losses][payments]"], "stripe");
    assert_eq!(fields["controller[requirement_collection]"], "stripe");
    assert_eq!(fields["controller[stripe_dashboard][type]"], "full");
    assert_eq!(fields["email"], "ada@example.com");
    assert_eq!(sent[1].line, "GET /v1/accounts/acct_2");
    assert_eq!(sent[2].header("idempotency-key"), None);
    assert_eq!(sent[2].fields()["type"], "account_onboarding");
}

/// What is ours is named, so that the sweep is known to be incomplete; the others are read.
#[tokio::test]
async fn one_odd_object_of_a_list_hides_no_other() {
    let listed =
        |objects: &str| Reply::json(200, format!(r#"{{"data":[{objects}],"has_more":false}}"#));
    let refund =
        r#"{"id":"re_1","amount":5,"currency":"usd","status":"succeeded","payment_intent":"pi_1"}"#;
    let odd = r#"{"id":"re_2","amount":null},{"id":"re_3","amount":-5,"currency":"usd","status":"succeeded"}"#;
    let stub = Stub::start([listed(&format!("{odd},{refund}"))]).await;
    let page = gateway(&stub).refunds_since(&account(), Timestamp::UNIX_EPOCH, None).await.unwrap();
    assert_eq!(page.items.iter().map(|it| it.refund.as_str()).collect::<Vec<_>>(), ["re_1"]);
    assert_eq!(page.unreadable, ["re_2", "re_3"]);

    let dispute = r#"{"id":"du_1","status":"won"},{"id":"du_2","status":null}"#;
    let stub = Stub::start([listed(dispute)]).await;
    let page =
        gateway(&stub).disputes_since(&account(), Timestamp::UNIX_EPOCH, None).await.unwrap();
    assert_eq!((page.items.len(), page.unreadable), (1, vec!["du_2".to_owned()]));

    let id = "chk_01arz3ndektsv4rrffq69g5fav";
    let ours = format!(r#""metadata":{{"tollgate_checkout":"{id}","more":null}}"#);
    let sessions = format!(
        r#"{{"id":"cs_1","status":"open"}},{{"id":"cs_2","status":"new"}},
        {{"id":"cs_3","status":"new",{ours}}},{{"id":"cs_4","status":5,{ours}}},
        {{"id":"cs_5","client_reference_id":"{id}"}},{{"id":"cs_6","status":"open",{ours}}}"#
    );
    let stub = Stub::start([listed(&sessions)]).await;
    let page =
        gateway(&stub).checkouts_since(&account(), Timestamp::UNIX_EPOCH, None).await.unwrap();
    assert_eq!(
        (page.items.len(), page.unreadable),
        (2, vec!["cs_3".to_owned(), "cs_4".to_owned()])
    );
}

#[tokio::test]
async fn all_refunds_of_a_charge_are_read_however_many_there_are() {
    let page = |ids: &[&str], more: bool| {
        let refunds: Vec<_> = ids
            .iter()
            .map(|id| format!(r#"{{"id":"{id}","amount":1,"currency":"usd","status":"pending"}}"#))
            .collect();
        format!(r#"{{"data":[{}],"has_more":{more}}}"#, refunds.join(","))
    };
    let charge = format!(r#"{{"id":"ch_1","refunds":{}}}"#, page(&["re_1", "re_2"], true));
    let stub = Stub::start([
        Reply::json(200, charge),
        Reply::json(200, page(&["re_3"], true)),
        Reply::json(200, page(&["re_4"], false)),
    ])
    .await;
    let refunds =
        gateway(&stub).refunds_of_charge(&account(), &ChargeId::new("ch_1")).await.unwrap();
    let ids: Vec<_> = refunds.iter().map(|refund| refund.refund.as_str()).collect();
    assert_eq!(ids, ["re_1", "re_2", "re_3", "re_4"]);
    let sent = stub.received();
    assert_eq!(sent[0].fields()["expand[0]"], "refunds");
    assert_eq!(sent[1].fields()["starting_after"], "re_2");
    assert_eq!(sent[2].fields()["starting_after"], "re_3");
    assert_eq!(sent[2].fields()["charge"], "ch_1");
    assert!(sent.iter().all(|sent| sent.header("stripe-account") == Some("acct_1")));
}

#[tokio::test]
async fn refunds_without_an_end_are_an_error() {
    let more = r#"{"data":[{"id":"re_1","amount":1,"currency":"usd"}],"has_more":true}"#;
    let stub = Stub::start([
        Reply::json(200, format!(r#"{{"id":"ch_1","refunds":{more}}}"#)),
        Reply::json(200, more),
    ])
    .await;
    let refunds = gateway(&stub).refunds_of_charge(&account(), &ChargeId::new("ch_1")).await;
    assert!(matches!(refunds, Err(PaymentsError::Unavailable(_))), "{refunds:?}");
    assert!(stub.received().len() < 30);
}

#[tokio::test]
async fn ids_from_outside_never_become_a_path() {
    let stub = Stub::start([Reply::json(200, SESSION)]).await;
    let gateway = gateway(&stub);
    let long = "c".repeat(256);
    for id in
        ["", ".", "..", "../accounts", "a/b", "a?b", "a#b", "a%2fb", "a b", "a\r\nb", "é", &long]
    {
        let (session, account) = (CheckoutSessionId::new(id), account());
        let errors = [
            gateway.checkout(&account, &session).await.err(),
            gateway.expire_checkout(&account, &session).await.err(),
            gateway.refund_state(&account, &ProviderRefundId::new(id)).await.err(),
            gateway.refunds_of_charge(&account, &ChargeId::new(id)).await.err(),
            gateway.dispute(&account, &DisputeId::new(id)).await.err(),
            gateway.checkout_of_payment(&account, &PaymentIntentId::new(id)).await.err(),
            gateway.account(&AccountId::new(id)).await.err(),
            gateway.onboarding_link(&AccountId::new(id), "r", "r").await.err(),
            gateway.checkout(&AccountId::new(id), &CheckoutSessionId::new("cs_1")).await.err(),
        ];
        for error in errors {
            assert_eq!(refusal(&error.unwrap()), Some(Refusal::NotFound), "{id:?}");
        }
    }
    for key in ["", "ü\n", &"k".repeat(256)] {
        let error =
            gateway.create_account(key, "", &"a@b.test".parse().unwrap()).await.unwrap_err();
        assert_eq!(refusal(&error), Some(Refusal::Other), "{key:?}");
    }
    assert!(stub.received().is_empty());
}

#[tokio::test]
async fn connections_are_used_again() {
    let stub = Stub::start([Reply::json(200, r#"{"id":"acct_1"}"#)]).await;
    let gateway = gateway(&stub);
    for _ in 0..10 {
        gateway.account(&account()).await.unwrap();
    }
    assert_eq!((stub.received().len(), stub.connections()), (10, 1));
}

#[tokio::test]
async fn a_server_with_an_untrusted_certificate_is_refused() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.into())
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await.unwrap();
        let protocols: Vec<Vec<u8>> =
            hello.client_hello().alpn().unwrap().map(<[u8]>::to_vec).collect();
        (protocols, hello.into_stream(Arc::new(tls)).await.is_ok())
    });
    let config = StripeConfig {
        tries: 1,
        ..StripeConfig::new("sk_live_mine".into()).at(url.parse().unwrap())
    };
    let error = StripeGateway::new(&config).unwrap().account(&account()).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    let (protocols, connected) = server.await.unwrap();
    assert_eq!(protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    assert!(!connected);
}

#[test]
fn debug_shows_no_key() {
    let gateway = StripeGateway::new(&StripeConfig::new("sk_live_mine".into())).unwrap();
    let shown = format!("{gateway:?}");
    assert!(!shown.contains("mine") && shown.contains("api.stripe.com/v1"), "{shown}");
}

#[tokio::test]
async fn a_refund_or_a_dispute_that_names_only_its_charge_is_of_the_charges_payment() {
    let charge = r#"{"id":"ch_1","payment_intent":"pi_1"}"#;
    let refund =
        r#"{"id":"re_1","amount":500,"currency":"usd","payment_intent":null,"charge":"ch_1"}"#;
    let dispute = r#"{"id":"du_1","status":"lost","payment_intent":null,"charge":{"id":"ch_1"}}"#;
    let payment = Some(PaymentIntentId::new("pi_1"));
    let stub = Stub::start([refund, charge].map(|body| Reply::json(200, body))).await;
    let told = gateway(&stub).refund_state(&account(), &ProviderRefundId::new("re_1")).await;
    assert_eq!(told.unwrap().payment_intent, payment);
    assert_eq!(stub.received()[1].line, "GET /v1/charges/ch_1");
    let stub = Stub::start([dispute, charge].map(|body| Reply::json(200, body))).await;
    let told = gateway(&stub).dispute(&account(), &DisputeId::new("du_1")).await;
    assert_eq!(told.unwrap().payment_intent, payment);
    // A charge may have no payment, and one that is named is believed.
    let bare = r#"{"id":"ch_1","payment_intent":null}"#;
    let stub = Stub::start([refund, bare].map(|body| Reply::json(200, body))).await;
    let told = gateway(&stub).refund_state(&account(), &ProviderRefundId::new("re_1")).await;
    assert_eq!(told.unwrap().payment_intent, None);
    let stub = Stub::start([Reply::json(200, MADE)]).await;
    gateway(&stub).refund_state(&account(), &ProviderRefundId::new("re_1")).await.unwrap();
    assert_eq!(stub.received().len(), 1);
}
