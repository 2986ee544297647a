//! Passwords: wrong, forgotten, and changed.

use super::encoded;
use crate::{
    console_browser::{APP, Browser},
    support::TestApp,
};

#[actix_web::test]
async fn password_that_is_far_too_long_is_told_and_the_rest_is_kept() {
    let app = TestApp::new();
    let nobody = Browser::new(&app);
    let long = "x".repeat(66_000);
    for path in ["/sign-in", "/sign-up"] {
        let fields = [("email", "ada@example.com"), ("password", &*long)];
        let refused = nobody.post(path, &fields).await;
        assert_eq!(refused.status, 422, "{path}");
        assert!(refused.body.contains("value=\"ada@example.com\""), "{path}: {}", refused.body);
        assert!(!refused.body.contains("xxx"), "{path}");
    }
}

#[actix_web::test]
async fn wrong_password_keeps_the_address_and_the_way_back() {
    let app = TestApp::new();
    app.shop().await;
    let browser = Browser::new(&app);
    let wrong = "The address or the password is not right.";
    for (password, told) in
        [("wrong horse", wrong), ("x", wrong), ("", "id=\"password-error\">Please fill this in.")]
    {
        let fields =
            [("email", "ada@creators.example"), ("password", password), ("next", "/ada/settings")];
        let reply = browser.post("/sign-in", &fields).await;
        assert_eq!(reply.status, 422);
        assert!(reply.body.contains("value=\"ada@creators.example\""));
        assert!(reply.body.contains("name=\"next\" value=\"/ada/settings\""));
        assert!(reply.body.contains(told), "{password}");
        assert!(!reply.body.contains("wrong horse"));
    }
    assert!(browser.cookies().is_empty());
}

#[actix_web::test]
async fn forgotten_password_is_replaced_once() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let browser = Browser::new(&app);
    let address = "ada@creators.example";
    let known = browser.submit("/password-reset", &[("email", address)]).await;
    let unknown = browser.submit("/password-reset", &[("email", "eve@creators.example")]).await;
    assert!(known.body.contains(&format!("If there is an account for {address}")));
    assert_eq!(known.body.replace(address, "eve@creators.example"), unknown.body);
    let bad = browser.post("/password-reset", &[("email", "ada")]).await;
    assert!(bad.status == 422 && bad.body.contains("value=\"ada\""));

    let token = app.mailed_token(address).await;
    let form = browser.get(&format!("/password-reset/confirm?token={token}")).await;
    assert!(form.body.contains(&format!("name=\"token\" value=\"{token}\"")));
    let path = "/password-reset/confirm";
    let short = browser.post(path, &[("token", &token), ("password", "x")]).await;
    assert!(short.status == 422 && short.body.contains(&format!("value=\"{token}\"")));
    let set = [("token", &*token), ("password", "battery staple")];
    let done = browser.submit(path, &set).await;
    assert!(done.body.contains("Your password is changed."), "{}", done.body);
    assert_eq!(ada.get("/ada").await.status, 303);
    let link = format!("{path}?token={token}");
    for again in [Browser::new(&app).post(path, &set).await, Browser::new(&app).get(&link).await] {
        assert!(again.status == 422 && again.body.contains("This link was used already"));
    }
    let unknown = Browser::new(&app).get("/password-reset/confirm?token=x").await;
    assert!(unknown.status == 422 && !unknown.body.contains("type=\"password\""));
    assert!(unknown.body.contains("href=\"/password-reset\""), "{}", unknown.body);
    Browser::new(&app).submit("/password-reset", &[("email", address)]).await;
    let late = format!("{path}?token={}", app.mailed_token(address).await);
    app.domain.clock.advance_seconds(30 * 60);
    let late = Browser::new(&app).get(&late).await;
    assert!(late.status == 422 && late.body.contains("has expired"), "{}", late.body);
    for (password, status) in [("correct horse", 422), ("battery staple", 303)] {
        let fields = [("email", address), ("password", password)];
        assert_eq!(Browser::new(&app).post("/sign-in", &fields).await.status, status);
    }
}

#[actix_web::test]
async fn creator_changes_name_and_password_and_ends_sessions() {
    let app = TestApp::new();
    app.shop().await;
    let (ada, _phone) = (Browser::of(&app, "ada").await, Browser::of(&app, "ada").await);
    let renamed = ada.submit("/account", &[("do", "rename"), ("name", "Ada L.")]).await;
    assert!(renamed.body.contains("value=\"Ada L.\"") && renamed.body.contains("Saved."));
    let long = "x".repeat(300);
    let reply = ada.post("/account", &[("do", "rename"), ("name", &long)]).await;
    assert!(
        reply.status == 422 && reply.body.contains(&long) && reply.body.contains("200 characters")
    );

    let account = ada.get("/account").await.body;
    assert_eq!(account.matches("This browser").count(), 1);
    for at in ["1 Jan 2026, 00:00 UTC</time>", "31 Jan 2026, 00:00 UTC</time>"] {
        assert!(account.contains(at), "{at}: {account}");
    }
    let first = ada.get("/account?limit=1").await.body;
    assert!(first.contains("class=\"pager\"><a href=\"/account?cursor="), "{first}");
    let session = account.split("name=\"session\" value=\"").nth(1).unwrap();
    let session = session.split('"').next().unwrap();
    let count = |body: &str| body.matches("name=\"session\"").count();
    let before = count(&account);
    let ended = ada.submit("/account", &[("do", "end"), ("session", session)]).await;
    assert!(ended.body.contains("That session has ended.") && count(&ended.body) == before - 1);
    let unknown = ada.submit("/account", &[("do", "end"), ("session", "x")]).await;
    assert_eq!(count(&unknown.body), before - 1);

    let wrong =
        [("do", "password"), ("currentPassword", "wrong"), ("newPassword", "battery staple")];
    let reply = ada.post("/account", &wrong).await;
    assert!(reply.status == 422 && reply.body.contains("This is not your current password."));
    assert!(reply.body.contains("value=\"Ada L.\"") && !reply.body.contains("battery staple"));
    for (current, new) in [
        ("wrong", "short"),
        ("wrong", "Password123"),
        ("wrong", "ada@creators.example"),
        ("", "short"),
    ] {
        let both = [("do", "password"), ("currentPassword", current), ("newPassword", new)];
        let reply = ada.post("/account", &both).await;
        assert_eq!(reply.status, 422, "{new}");
        for field in ["currentPassword", "newPassword"] {
            assert!(reply.body.contains(&format!("id=\"{field}-error\"")), "{new}: {}", reply.body);
        }
    }
    let weak = [("do", "password"), ("currentPassword", "correct horse"), ("newPassword", "short")];
    let reply = ada.post("/account", &weak).await;
    assert!(!reply.body.contains("id=\"currentPassword-error\""), "{}", reply.body);
    let right = [
        ("do", "password"),
        ("currentPassword", "correct horse"),
        ("newPassword", "battery staple"),
    ];
    let before = ada.cookies();
    let done = ada.submit("/account", &right).await;
    assert!(done.body.contains("Your password is changed."));
    assert_eq!(app.get(APP, "/account").with("cookie", &before).send().await.status, 303);
}

#[actix_web::test]
async fn common_password_is_told_beside_its_field() {
    let app = TestApp::new();
    let fields = [("name", "Ada"), ("email", "ada@example.com"), ("password", "Password123")];
    for (language, told) in [
        ("en", "id=\"password-error\">This password is very common"),
        ("de", "id=\"password-error\">Dieses Passwort ist sehr verbreitet"),
    ] {
        let call =
            app.post(APP, "/sign-up").form(&encoded(&fields)).with("accept-language", language);
        let reply = call.send().await;
        assert_eq!(reply.status, 422);
        assert!(reply.body.contains(told), "{}", reply.body);
    }
}
