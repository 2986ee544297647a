//! The pages, used as by a browser without scripts.

use serde_json::json;

use crate::support::{Answer, Api, checkout_with, read};

/// Returns the value of the first button, which must be in the page's only form.
fn first_button(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(!page.text.contains("<script"));
    let forms: Vec<&str> = page.text.split("<form").collect();
    assert_eq!(forms.len(), 2, "{}", page.text);
    assert!(forms[1].starts_with(" method=\"post\">"), "{}", page.text);
    let button = forms[1].split_once("<button").unwrap().1;
    let value = button.split_once("value=\"").unwrap().1;
    value.split_once('"').unwrap().0.to_owned()
}

#[actix_web::test]
async fn the_first_button_pays_and_leads_back() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let id = api.open_session(&account).await;
    let address = api.address(&format!("/pay/{id}"));
    let page = api.page(&address).await;
    assert!(page.text.contains("12.00 USD"), "{}", page.text);
    assert!(page.text.contains("buyer@example.com"));
    assert!(page.text.contains("href=\"https://shop.example.com/back\""));
    // Markup in a name is escaped.
    assert!(!page.text.contains("<b>page"), "{}", page.text);

    let declined = api.submit(&address, &[("outcome", "decline")]).await;
    assert_eq!(declined.status, 303);
    let page = api.page(&api.address(declined.header("location"))).await;
    assert!(page.text.contains("declined"), "{}", page.text);

    let button = first_button(&page);
    let thanks = format!("https://shop.example.com/thanks?session={id}");
    // A second click leads to the same URL and does not pay again.
    for _ in 0..2 {
        let paid = api.submit(&address, &[("outcome", &button)]).await;
        assert_eq!((paid.status, paid.header("location")), (303, thanks.as_str()));
    }
    assert_eq!(api.control_get("stats").await["paymentIntents"], 1);
    let session = api.get(Some(&account), &format!("/v1/checkout/sessions/{id}")).await.ok();
    assert_eq!(session["payment_status"], "paid");
    let page = api.page(&address).await;
    assert!(page.text.contains("complete") && !page.text.contains("<form"), "{}", page.text);
}

/// The shop may say in which language; the rest is as the browser asks.
#[tokio::test]
async fn a_buyer_reads_the_pay_page_in_german() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let path = "/v1/checkout/sessions";
    for (locale, browser, language, pay) in [
        ("", "", "en", "Pay"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de", "Bezahlen"),
        ("", "fr,en;q=0.5,de;q=0.1", "en", "Pay"),
        ("", "de;q=0", "en", "Pay"),
        ("auto", "de", "de", "Bezahlen"),
        ("de", "en", "de", "Bezahlen"),
        ("en", "de", "en", "Pay"),
    ] {
        let session = api.post(Some(&account), path, &checkout_with("locale", locale)).await.ok();
        let page = async |address: &str| {
            let request = api.client.get(address).header("accept-language", browser);
            read(request.send().await.unwrap()).await
        };
        let address = session["url"].as_str().unwrap();
        let shown = page(address).await;
        let (amount, declined, over) = if language == "de" {
            ("12,00 USD", "wurde abgelehnt", "Diese Bezahlseite ist abgelaufen")
        } else {
            ("12.00 USD", "was declined", "This checkout has expired")
        };
        let head = format!("<html lang=\"{language}\">");
        for text in [&*head, amount, &*format!("value=\"succeed\">{pay}</button>")] {
            assert!(shown.text.contains(text), "{locale} {browser}: {}", shown.text);
        }
        let again = page(&format!("{address}?declined=yes")).await;
        assert!(again.text.contains(declined), "{locale} {browser}: {}", again.text);
        let id = session["id"].as_str().unwrap();
        api.post(Some(&account), &format!("{path}/{id}/expire"), &[]).await.ok();
        let closed = page(address).await;
        assert!(closed.text.contains(over), "{locale} {browser}: {}", closed.text);
    }
}

#[tokio::test]
async fn a_bank_debit_is_paid_later() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let path = "/v1/checkout/sessions";
    let form = checkout_with("customer_email", "");
    let session = api.post(Some(&account), path, &form).await.ok();
    let address = session["url"].as_str().unwrap();
    assert!(api.page(address).await.text.contains("type=\"email\""));
    let form = [("email", "other@example.com"), ("outcome", "later")];
    assert_eq!(api.submit(address, &form).await.status, 303);
    let id = session["id"].as_str().unwrap();
    let path = format!("{path}/{id}?expand[]=payment_intent");
    let session = api.get(Some(&account), &path).await.ok();
    assert_eq!(
        (&session["status"], &session["payment_status"]),
        (&json!("complete"), &json!("unpaid"))
    );
    assert_eq!(session["payment_intent"]["status"], "processing");
    assert_eq!(session["customer_details"]["email"], "other@example.com");
    let settle = json!({"outcome": "succeeded"});
    let applied = api.control(&format!("sessions/{id}/settle"), settle).await.ok();
    assert_eq!(applied["payment_status"], "paid");
}

#[tokio::test]
async fn a_buyer_may_pay_and_go_to_the_bank() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    for (outcome, status) in [("dispute", "needs_response"), ("inquiry", "warning_needs_response")]
    {
        let id = api.open_session(&account).await;
        let address = api.address(&format!("/pay/{id}"));
        let button = format!("value=\"{outcome}\"");
        assert!(api.page(&address).await.text.contains(&button), "{outcome}");
        let paid = api.submit(&address, &[("outcome", outcome)]).await;
        assert!(paid.header("location").starts_with("https://shop.example.com/thanks"));
        let path = format!("/v1/checkout/sessions/{id}");
        let session = api.get(Some(&account), &path).await.ok();
        assert_eq!(session["payment_status"], "paid");
        let intent = session["payment_intent"].as_str().unwrap();
        let path = format!("/v1/disputes?payment_intent={intent}");
        let disputes = api.get(Some(&account), &path).await.ok();
        assert_eq!(disputes["data"][0]["status"], status);
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_paid_shows_why() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let id = api.open_session(&account).await;
    let address = api.address(&format!("/pay/{id}"));
    assert_eq!(api.submit(&address, &[]).await.status, 400);
    let path = format!("/v1/checkout/sessions/{id}/expire");
    api.post(Some(&account), &path, &[]).await.ok();
    assert!(api.page(&address).await.text.contains("expired"));
    let late = api.submit(&address, &[("outcome", "succeed")]).await;
    assert!(late.status == 200 && late.text.contains("expired"), "{}", late.text);
    assert_eq!(api.control_get("stats").await["paymentIntents"], 0);
    assert_eq!(api.page(&api.address("/pay/cs_none")).await.status, 404);
}

#[tokio::test]
async fn onboarding_enables_the_account_once() {
    let api = Api::start().await;
    let account = api.post(None, "/v1/accounts", &[("type", "standard")]).await.ok();
    let id = account["id"].as_str().unwrap();
    let form = [
        ("account", id),
        ("type", "account_onboarding"),
        ("refresh_url", "https://example.com/again"),
        ("return_url", "https://example.com/done"),
    ];
    let new_link = || async {
        let link = api.post(None, "/v1/account_links", &form).await.ok();
        link["url"].as_str().unwrap().to_owned()
    };
    let read = || async { api.get(None, &format!("/v1/accounts/{id}")).await.ok() };

    let link = new_link().await;
    let left = api.submit(&link, &[("outcome", "leave")]).await;
    assert_eq!((left.status, left.header("location")), (303, "https://example.com/done"));
    assert_eq!(read().await["charges_enabled"], false);
    let used = api.page(&link).await;
    assert_eq!((used.status, used.header("location")), (303, "https://example.com/again"));

    let link = new_link().await;
    let button = first_button(&api.page(&link).await);
    let done = api.submit(&link, &[("outcome", &button)]).await;
    assert_eq!((done.status, done.header("location")), (303, "https://example.com/done"));
    let account = read().await;
    for member in ["charges_enabled", "payouts_enabled", "details_submitted"] {
        assert_eq!(account[member], true, "{member}");
    }
    let again = api.submit(&link, &[("outcome", &button)]).await;
    assert_eq!(again.header("location"), "https://example.com/again");

    let link = new_link().await;
    api.control("clock", json!({"advance_seconds": 300})).await.ok();
    assert_eq!(api.page(&link).await.header("location"), "https://example.com/again");
    assert_eq!(api.page(&api.address("/connect/none")).await.status, 404);
}
