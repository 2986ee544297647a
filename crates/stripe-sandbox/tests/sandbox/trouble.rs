//! What the pay page lets go wrong.

use serde_json::{Value, json};

use crate::support::{Answer, Api, checkout};

/// Opens a session, and returns the address of its pay page and its path.
async fn pay_page(api: &Api, account: &str) -> (String, String) {
    let path = format!("/pay/{}", api.open_session(account).await);
    (api.address(&path), path)
}

/// Presses a button of the page that sets something.
async fn press(api: &Api, (address, path): &(String, String), form: &[(&str, &str)]) {
    let set = api.submit(&format!("{address}/faults"), form).await;
    assert_eq!((set.status, set.header("location")), (303, format!("{path}?set=yes").as_str()));
}

/// Returns whether the page shows a choice as the one that is set.
fn shows(page: &Answer, choice: &str) -> bool {
    page.text.contains(&format!("<option value=\"{choice}\" selected>"))
}

/// Returns the faults that are set.
async fn faults(api: &Api) -> Value {
    api.control("faults", json!({})).await.ok()
}

#[tokio::test]
async fn each_fault_of_a_call_can_be_set_on_the_pay_page() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let page = pay_page(&api, &account).await;
    for (choice, mode, after_effect, kept, millis) in [
        ("latency", "latency", false, false, 2_000),
        ("timeout", "timeout", false, false, 0),
        ("timeout_after", "timeout", true, false, 0),
        ("429", "429", false, false, 0),
        ("409", "409", false, false, 0),
        ("500", "500", false, false, 0),
        ("500_kept", "500", false, true, 0),
        ("cut", "cut", false, false, 0),
        ("cut_after", "cut", true, false, 0),
    ] {
        press(&api, &page, &[("set", "call"), ("call", choice), ("webhooks", "drop")]).await;
        let set = faults(&api).await;
        let fault = &set["api"][0];
        assert_eq!((&fault["mode"], &fault["times"]), (&json!(mode), &json!(1)), "{choice}");
        assert_eq!(fault["after_effect"], after_effect, "{choice}");
        assert_eq!((&fault["kept"], &fault["millis"]), (&json!(kept), &json!(millis)), "{choice}");
        assert_eq!(set["webhooks"], Value::Null, "only what the button says is set");
        let shown = api.page(&format!("{}?set=yes", page.0)).await;
        assert!(shows(&shown, choice) && shown.text.contains("<details open>"), "{choice}");
    }
    press(&api, &page, &[("set", "call"), ("call", "429")]).await;
    let path = format!("/v1/accounts/{account}");
    assert_eq!(api.get(None, &path).await.status, 429);
    assert_eq!(api.get(None, &path).await.status, 200);
    press(&api, &page, &[("set", "call"), ("call", "500")]).await;
    press(&api, &page, &[("set", "call"), ("call", "none")]).await;
    assert_eq!(api.get(None, &path).await.status, 200);
}

#[tokio::test]
async fn each_fault_of_webhooks_and_refunds_can_be_set_on_the_pay_page() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let page = pay_page(&api, &account).await;
    for (mode, millis) in [
        ("drop", 0),
        ("duplicate", 0),
        ("delay", 5_000),
        ("reorder", 0),
        ("wrong_signature", 0),
        ("old_version", 0),
        ("none", 0),
    ] {
        press(&api, &page, &[("set", "webhooks"), ("webhooks", mode)]).await;
        let expected = json!({"mode": mode, "types": [], "millis": millis});
        assert_eq!(faults(&api).await["webhooks"], expected);
        assert!(shows(&api.page(&page.0).await, mode), "{mode}");
    }
    for (choice, status, seconds) in [
        ("later", Value::Null, json!(5)),
        ("failed", json!("failed"), Value::Null),
        ("pending", json!("pending"), Value::Null),
        ("none", Value::Null, Value::Null),
    ] {
        press(&api, &page, &[("set", "refunds"), ("refunds", choice)]).await;
        let expected = json!({"status": status, "fails_after_seconds": seconds});
        assert_eq!(faults(&api).await["refunds"], expected, "{choice}");
        assert!(shows(&api.page(&page.0).await, choice), "{choice}");
    }
}

#[tokio::test]
async fn the_account_can_be_restricted_disconnected_and_restored_on_the_pay_page() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let page = pay_page(&api, &account).await;
    let path = format!("/v1/accounts/{account}");
    let set = async |choice: &str| {
        press(&api, &page, &[("set", "account"), ("account", choice)]).await;
        assert!(shows(&api.page(&page.0).await, choice), "{choice}");
        api.get(None, &path).await
    };
    for (choice, enabled) in
        [("restricted", false), ("review", false), ("restricted", false), ("empty", true)]
    {
        let read = set(choice).await.ok();
        assert_eq!(read["charges_enabled"], enabled, "{choice}");
        assert_eq!(read["payouts_enabled"], enabled, "{choice}");
    }
    let (intent, _) = api.paid(&account).await;
    let refund = [("payment_intent", intent.as_str())];
    let refused = api.post(Some(&account), "/v1/refunds", &refund).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    set("disconnected").await.refused(403, "account_invalid");
    assert_eq!(set("usual").await.ok()["charges_enabled"], true);
    api.post(Some(&account), "/v1/refunds", &refund).await.ok();
    // Nobody pays on an account that is restricted.
    set("restricted").await.ok();
    let paid = api.submit(&page.0, &[("outcome", "succeed")]).await;
    assert_eq!(paid.header("location"), format!("{}?declined=yes", page.1));
}

#[tokio::test]
async fn disputes_are_decided_and_opened_again_on_the_pay_page() {
    let api = Api::start().await;
    let (account, other) = (api.enabled_account().await, api.enabled_account().await);
    let page = pay_page(&api, &account).await;
    let open = async |status: &str| {
        let (intent, _) = api.paid(&account).await;
        let path = format!("payment_intents/{intent}/dispute");
        let dispute = api.control(&path, json!({"status": status})).await.ok();
        dispute["id"].as_str().unwrap().to_owned()
    };
    let status = async |dispute: &str| {
        let path = format!("/v1/disputes/{dispute}");
        api.get(Some(&account), &path).await.ok()["status"].as_str().unwrap().to_owned()
    };
    let lives: [(&str, &[&str]); 4] = [
        ("needs_response", &["under_review", "won"]),
        ("needs_response", &["lost", "appeal_needs_response", "appeal_under_review", "won"]),
        ("warning_needs_response", &["warning_under_review", "warning_closed"]),
        ("warning_needs_response", &["needs_response", "lost"]),
    ];
    for (first, steps) in lives {
        let dispute = open(first).await;
        for step in steps {
            let button = format!("{dispute} {step}");
            let shown = api.page(&page.0).await;
            assert!(shown.text.contains(&format!("value=\"{button}\"")), "{}", shown.text);
            // The second of two clicks changes nothing.
            for _ in 0..2 {
                press(&api, &page, &[("dispute", &button)]).await;
                assert_eq!(status(&dispute).await, *step);
            }
        }
    }
    // The page of another shop neither shows the disputes nor decides them.
    let dispute = open("needs_response").await;
    let theirs = pay_page(&api, &other).await;
    assert!(!api.page(&theirs.0).await.text.contains(&dispute));
    let lost = format!("{dispute} lost");
    let refused = api.submit(&format!("{}/faults", theirs.0), &[("dispute", &lost)]).await;
    assert_eq!(refused.status, 400);
    assert_eq!(status(&dispute).await, "needs_response");
}

#[tokio::test]
async fn a_choice_that_does_not_exist_sets_nothing() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let page = pay_page(&api, &account).await;
    let before = faults(&api).await;
    for form in [
        &[][..],
        &[("set", "call")],
        &[("set", "call"), ("call", "418")],
        &[("set", "email"), ("email", "429")],
        &[("dispute", "du_none lost")],
        &[("dispute", "lost")],
    ] {
        let answer = api.submit(&format!("{}/faults", page.0), form).await;
        assert_eq!(answer.status, 400, "{form:?}");
    }
    let form = [("set", "call"), ("call", "429")];
    assert_eq!(api.submit(&api.address("/pay/cs_none/faults"), &form).await.status, 404);
    assert_eq!(faults(&api).await, before);
    api.post(Some(&account), "/v1/checkout/sessions", &checkout()).await.ok();
}

#[tokio::test]
async fn dispute_has_a_page_of_its_own() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let id = api.open_session(&account).await;
    api.submit(&api.address(&format!("/pay/{id}")), &[("outcome", "dispute")]).await;
    let list = api.get(Some(&account), "/v1/disputes").await.ok();
    let dispute = list["data"][0]["id"].as_str().unwrap();
    let path = format!("/disputes/{dispute}");
    let address = api.address(&path);
    let page = api.page(&address).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("<h1>Dispute over 12.00 USD</h1>"), "{}", page.text);
    assert_eq!(page.text.matches("<form").count(), 1, "{}", page.text);
    for status in ["under_review", "lost"] {
        assert!(api.page(&address).await.text.contains(&format!("value=\"{status}\"")));
        // A second click changes nothing more.
        for _ in 0..2 {
            let set = api.submit(&address, &[("status", status)]).await;
            assert_eq!((set.status, set.header("location")), (303, path.as_str()));
        }
        let read = api.get(Some(&account), &format!("/v1{path}")).await.ok();
        assert_eq!(read["status"], status);
    }
    let refused = api.submit(&address, &[("status", "")]).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let none = api.address("/disputes/du_none");
    assert_eq!(api.page(&none).await.status, 404);
    assert_eq!(api.submit(&none, &[("status", "lost")]).await.status, 404);
}
