//! Accounts, checkout sessions and events, and the rules that apply to every call.

use serde_json::json;

use crate::support::{Api, checkout, checkout_with, read};

const SESSIONS: &str = "/v1/checkout/sessions";

#[tokio::test]
async fn without_the_secret_key_nothing_is_answered() {
    let api = Api::start().await;
    for path in ["/v1/events", "/v1/nothing", "/_sandbox/stats"] {
        for key in ["sk_test_other", "", "sk_test_sandbo"] {
            let request = api.client.get(api.address(path)).bearer_auth(key);
            let answer = read(request.send().await.unwrap()).await;
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.body["error"]["type"], "invalid_request_error");
        }
    }
    let answer = api.get(None, "/v1/nothing").await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn headers_are_echoed() {
    let api = Api::start().await;
    let request = api.client.get(api.address("/v1/events"));
    let request = request.bearer_auth(crate::support::KEY);
    let request = request.header("Stripe-Version", "2026-09-30.endive");
    let answer = read(request.send().await.unwrap()).await;
    assert_eq!(answer.header("stripe-version"), "2026-09-30.endive");
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn an_account_is_created_with_a_type_or_a_controller() {
    let api = Api::start().await;
    let standard = [("type", "standard"), ("metadata[handle]", "ada")];
    let standard = api.post(None, "/v1/accounts", &standard).await.ok();
    assert_eq!(standard["type"], "standard");
    assert_eq!(standard["charges_enabled"], false);
    assert_eq!(standard["metadata"]["handle"], "ada");
    let controller = [
        ("controller[fees][payer]", "account"),
        ("controller[losses][payments]", "stripe"),
        ("controller[requirement_collection]", "stripe"),
        ("controller[stripe_dashboard][type]", "full"),
        ("country", "DE"),
    ];
    let account = api.post(None, "/v1/accounts", &controller).await.ok();
    assert_eq!(account["controller"]["stripe_dashboard"]["type"], "full");
    let path = format!("/v1/accounts/{}", account["id"].as_str().unwrap());
    assert_eq!(api.get(None, &path).await.ok(), account);
    let both = [("type", "standard"), ("controller[fees][payer]", "account")];
    assert_eq!(api.post(None, "/v1/accounts", &both).await.status, 400);
    let unknown = api.get(None, "/v1/accounts/acct_none").await;
    unknown.refused(403, "account_invalid");
}

#[tokio::test]
async fn account_links_are_checked() {
    let api = Api::start().await;
    let account = api.post(None, "/v1/accounts", &[("type", "standard")]).await.ok();
    let id = account["id"].as_str().unwrap();
    let form = [
        ("account", id),
        ("type", "account_onboarding"),
        ("refresh_url", "https://example.com/again"),
        ("return_url", "https://example.com/done"),
    ];
    let link = api.post(None, "/v1/account_links", &form).await.ok();
    let lifetime = link["expires_at"].as_i64().unwrap() - link["created"].as_i64().unwrap();
    assert_eq!(lifetime, 300);
    let missing = api.post(None, "/v1/account_links", &form[..3]).await;
    missing.refused(400, "parameter_missing");
    let mut form = form;
    form[3].1 = "/done";
    let relative = api.post(None, "/v1/account_links", &form).await;
    relative.refused(400, "url_invalid");
}

#[tokio::test]
async fn a_session_is_open_and_has_no_payment() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let session = api.post(Some(&account), SESSIONS, &checkout()).await.ok();
    assert_eq!(session["status"], "open");
    assert_eq!(session["payment_status"], "unpaid");
    assert_eq!(session["payment_intent"], json!(null));
    assert_eq!(session["amount_total"], 1200);
    let id = session["id"].as_str().unwrap();
    let address = format!("{}/pay/{id}", api.sandbox.url());
    assert_eq!(session["url"], json!(address));
    let path = format!("{SESSIONS}/{id}?expand[]=payment_intent&expand[]=line_items");
    let read = api.get(Some(&account), &path).await.ok();
    assert_eq!(read["line_items"]["data"][0]["amount_total"], 1200);
}

#[tokio::test]
async fn what_stripe_refuses_is_refused() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let soon = (read_now(&api).await + 60).to_string().leak();
    let late = (read_now(&api).await + 90_000).to_string().leak();
    for (name, value, code) in [
        ("mode", "", "parameter_missing"),
        ("metadata", "x", "parameter_unknown"),
        ("success_url", "", "parameter_missing"),
        ("success_url", "thanks", "url_invalid"),
        ("colour", "red", "parameter_unknown"),
        ("payment_method_types[0]", "card", "parameter_unknown"),
        ("payment_intent_data[colour]", "red", "parameter_unknown"),
        ("line_items[0][colour]", "red", "parameter_unknown"),
        ("line_items[0][price_data][unit_amount]", "49", "amount_too_small"),
        ("line_items[0][price_data][unit_amount]", "12.5", "parameter_invalid_integer"),
        ("line_items[0][price_data][unit_amount]", "-5", "parameter_invalid_integer"),
        ("line_items[0][price_data][currency]", "xyz", ""),
        ("line_items[0][quantity]", "0", ""),
        ("line_items[0][price]", "price_1", "resource_missing"),
        ("payment_intent_data[application_fee_amount]", "1300", ""),
        ("customer_email", "nobody", "email_invalid"),
        ("expires_at", soon, ""),
        ("expires_at", late, ""),
        ("expand[0]", "customer", ""),
    ] {
        let answer = api.post(Some(&account), SESSIONS, &checkout_with(name, value)).await;
        let status = if code == "resource_missing" { 404 } else { 400 };
        assert_eq!(answer.status, status, "{name}={value}: {}", answer.text);
        answer.refused(status, code);
    }
    let answer = api.post(None, SESSIONS, &checkout()).await;
    answer.refused(400, "application_fees_not_allowed");
    assert_eq!(api.control_get("stats").await["checkoutSessions"], 0);
}

#[tokio::test]
async fn an_account_that_is_not_onboarded_takes_no_charges() {
    let api = Api::start().await;
    let account = api.post(None, "/v1/accounts", &[("type", "standard")]).await.ok();
    let id = account["id"].as_str();
    api.post(id, SESSIONS, &checkout()).await.refused(400, "account_invalid");
    let foreign = api.post(Some("acct_other"), SESSIONS, &checkout()).await;
    foreign.refused(403, "account_invalid");
}

#[tokio::test]
async fn another_accounts_objects_are_missing() {
    let api = Api::start().await;
    let (ours, theirs) = (api.enabled_account().await, api.enabled_account().await);
    let session = api.open_session(&ours).await;
    let (intent, charge) = api.paid(&ours).await;
    let refund = api.post(Some(&ours), "/v1/refunds", &[("charge", &charge)]).await.ok();
    let refund = refund["id"].as_str().unwrap();
    let event = api.get(Some(&ours), "/v1/events").await.ok()["data"][0]["id"].clone();
    for path in [
        format!("{SESSIONS}/{session}"),
        format!("/v1/payment_intents/{intent}"),
        format!("/v1/charges/{charge}"),
        format!("/v1/refunds/{refund}"),
        format!("/v1/events/{}", event.as_str().unwrap()),
    ] {
        assert_eq!(api.get(Some(&ours), &path).await.status, 200, "{path}");
        for other in [Some(theirs.as_str()), None] {
            api.get(other, &path).await.refused(404, "resource_missing");
        }
    }
    let path = format!("{SESSIONS}/{session}/expire");
    api.post(Some(&theirs), &path, &[]).await.refused(404, "resource_missing");
    let form = [("payment_intent", intent.as_str())];
    let stolen = api.post(Some(&theirs), "/v1/refunds", &form).await;
    stolen.refused(404, "resource_missing");
}

#[tokio::test]
async fn only_an_open_session_expires() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let id = api.open_session(&account).await;
    let path = format!("{SESSIONS}/{id}/expire");
    let expired = api.post(Some(&account), &path, &[]).await.ok();
    assert_eq!((&expired["status"], &expired["url"]), (&json!("expired"), &json!(null)));
    assert_eq!(api.post(Some(&account), &path, &[]).await.status, 400);
}

#[tokio::test]
async fn a_session_expires_when_its_time_has_passed() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let id = api.open_session(&account).await;
    let advance = |seconds: u32| json!({"advance_seconds": seconds});
    api.control("clock", advance(24 * 3600 - 60)).await.ok();
    let path = format!("{SESSIONS}/{id}");
    assert_eq!(api.get(Some(&account), &path).await.ok()["status"], "open");
    api.control("clock", advance(60)).await.ok();
    assert_eq!(api.get(Some(&account), &path).await.ok()["status"], "expired");
    let events = api.get(Some(&account), "/v1/events?type=checkout.session.expired").await;
    assert_eq!(events.ok()["data"][0]["data"]["object"]["id"], json!(id));
}

#[tokio::test]
async fn events_are_listed_in_pages() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    for _ in 0..3 {
        let id = api.open_session(&account).await;
        let path = format!("{SESSIONS}/{id}/expire");
        api.post(Some(&account), &path, &[]).await.ok();
    }
    let account = Some(account.as_str());
    let all = api.get(account, "/v1/events").await.ok();
    assert_eq!(all["data"].as_array().unwrap().len(), 4);
    assert_eq!(all["data"][3]["type"], "account.updated");
    let first = api.get(account, "/v1/events?limit=1").await.ok();
    assert_eq!((&first["data"][0], &first["has_more"]), (&all["data"][0], &json!(true)));
    let after = all["data"][0]["id"].as_str().unwrap();
    let path = format!("/v1/events?types[]=checkout.session.expired&starting_after={after}");
    let rest = api.get(account, &path).await.ok();
    assert_eq!(rest["data"].as_array().unwrap().len(), 2);
    assert_eq!(rest["has_more"], false);
    let newest = all["data"][0]["created"].as_i64().unwrap();
    let path = format!("/v1/events?created[gt]={newest}");
    assert_eq!(api.get(account, &path).await.ok()["data"], json!([]));
    let path = format!("/v1/events?type=account.*&created[gte]={}", newest - 60);
    assert_eq!(api.get(account, &path).await.ok()["data"][0], all["data"][3]);
    assert_eq!(api.get(account, "/v1/events?limit=101").await.status, 400);
    assert_eq!(api.get(None, "/v1/events").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn requests_are_recorded_as_they_came() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let form = checkout();
    api.post_with_key(Some(&account), SESSIONS, &form, Some("key-1")).await.ok();
    let requests = api.control_get("requests").await;
    let last = requests.as_array().unwrap().last().unwrap();
    assert_eq!(last["method"], "POST");
    assert_eq!(last["path"], SESSIONS);
    assert_eq!(last["stripeAccount"], json!(account));
    assert_eq!(last["idempotencyKey"], "key-1");
    assert_eq!(last["form"], json!(crate::support::encode(&form)));
    assert_eq!(api.sandbox.requests().len(), requests.as_array().unwrap().len());
}

async fn read_now(api: &Api) -> i64 {
    let now = api.control("clock", json!({"advance_seconds": 0})).await.ok();
    now["now"].as_i64().unwrap()
}
