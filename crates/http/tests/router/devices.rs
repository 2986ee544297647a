//! Sessions say on which kind of device they began.

use serde_json::{Value, json};

use crate::{
    console_browser::APP,
    site_browser::Window,
    support::{ADA, ROOT, TestApp},
};

const BOB: &str = "bob@example.com";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 \
                      (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

/// What a list of sessions says of each, newest first.
fn devices(list: &Value) -> Vec<Value> {
    list["items"].as_array().unwrap().iter().map(|item| item["device"].clone()).collect()
}

#[actix_web::test]
async fn visitor_tells_sessions_apart_by_their_devices() {
    let app = TestApp::new();
    app.shop().await;
    // As if it were from before devices were stored.
    let before = app.domain.sign_in(BOB).await;
    app.domain.clock.advance_seconds(120);
    let (link, _) = app.domain.request_link(BOB).await;
    let form = format!("token={}", link.reveal());
    let by_link = app.post(ADA, "/-/verify").form(&form).with("user-agent", FIREFOX);
    assert_eq!(by_link.send().await.status, 303);
    app.domain.clock.advance_seconds(120);
    let (_, code) = app.domain.request_link(BOB).await;
    let form = format!("email=bob%40example.com&code={}", code.reveal());
    let by_code = app.post(ADA, "/-/code").form(&form).with("user-agent", IPHONE);
    assert_eq!(by_code.send().await.status, 303);
    app.domain.clock.advance_seconds(120);
    let (link, _) = app.domain.request_link(BOB).await;
    let token = json!({"token": link.reveal()});
    let by_call = app.post(ROOT, "/v2/visitor/auth/verify").json(&token);
    assert_eq!(by_call.with("user-agent", "curl/8.14.1").send().await.status, 200);

    let list = app.get(ROOT, "/v2/visitor/sessions").visitor(&before).send().await.json();
    let known = ["a browser", "Safari on iPhone", "Firefox on Linux"].map(Value::from);
    assert_eq!(devices(&list), [&known[..], &[Value::Null]].concat());
    for (language, told) in [
        ("en", ["<li><span>Since ", "A browser<", "Firefox on Linux<", "(Safari on iPhone)"]),
        ("de", ["<li><span>Seit ", "Ein Browser<", "Firefox unter Linux<", "(Safari auf iPhone)"]),
    ] {
        let page = Window::of(&app, ROOT, &before).speaking(language).get("/access").await.body;
        for told in told {
            assert!(page.contains(told), "{told}: {page}");
        }
        assert!(!page.contains("Mozilla"), "{page}");
    }
}

#[actix_web::test]
async fn creator_tells_sessions_apart_by_their_devices() {
    let app = TestApp::new();
    app.shop().await;
    let form = "email=ada%40creators.example&password=correct%20horse";
    let entered = app.post(APP, "/sign-in").form(form).with("user-agent", FIREFOX).send().await;
    assert_eq!(entered.status, 303);
    app.domain.clock.advance_seconds(1);
    let login = json!({"email": "ada@creators.example", "password": "correct horse"});
    let call = app.post(ROOT, "/v2/creator/auth/login").json(&login).with("user-agent", IPHONE);
    let tokens = call.send().await.json();
    let token = tokens["accessToken"].as_str().unwrap();
    let list = app.get(ROOT, "/v2/creator/sessions").bearer(token).send().await.json();
    let known = ["Safari on iPhone", "Firefox on Linux"].map(Value::from);
    assert_eq!(devices(&list)[..2], known);
    for (language, told) in [
        ("en", [">Firefox on Linux</td>", ": Safari on iPhone, "]),
        ("de", [">Firefox unter Linux</td>", ": Safari auf iPhone, "]),
    ] {
        let account = app.get(APP, "/account").with("cookie", &entered.cookie());
        let account = account.with("accept-language", language).send().await.body;
        for told in told {
            assert!(account.contains(told), "{told}: {account}");
        }
    }

    let change = json!({"currentPassword": "correct horse", "newPassword": "battery staple"});
    let call = app.post(ROOT, "/v2/creator/auth/password").bearer(token).json(&change);
    let tokens = call.with("user-agent", FIREFOX).send().await.json();
    let token = tokens["accessToken"].as_str().unwrap();
    let list = app.get(ROOT, "/v2/creator/sessions").bearer(token).send().await.json();
    assert_eq!(devices(&list), ["Firefox on Linux"].map(Value::from));
}
