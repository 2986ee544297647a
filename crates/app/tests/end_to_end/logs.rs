//! Tests that logs contain no personal data.

use serde_json::{Value, json};

use crate::support::{Backend, Browser, Letter, Place, Server, until, until_so};

on_each_database!(
    nothing_personal_is_logged_even_when_debugging,
    the_first_start_logs_a_few_lines_of_its_own,
);

const EVERYTHING_OF_OURS: &str = "debug,tollgate=trace,tollgate_domain=trace,tollgate_http=trace,\
    tollgate_persistence=trace,tollgate_mailer=trace,tollgate_stripe_gateway=trace,\
    tollgate_stripe_sandbox=trace";

async fn the_first_start_logs_a_few_lines_of_its_own(backend: Backend) {
    let server = Place::new(backend).await.serve().await;
    let is_ready =
        async || server.logged().contains("\"message\":\"ready\"").then(|| server.logged());
    let logged = until("the start is logged", is_ready).await;
    let targets = logged.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["target"].as_str().unwrap().to_owned()
    });
    let (ours, others): (Vec<_>, Vec<_>) =
        targets.partition(|target| target.starts_with("tollgate"));
    assert!(others.is_empty(), "{logged}");
    let of_start = ours.iter().filter(|target| *target != "tollgate_http::edge");
    assert!(of_start.count() < 8, "{logged}");
    let migrated = logged.lines().filter(|line| line.contains("brought up to date"));
    assert_eq!(migrated.count(), 1, "{logged}");
}

async fn nothing_personal_is_logged_even_when_debugging(backend: Backend) {
    let place = Place::new(backend).await.with("TOLLGATE_LOG", EVERYTHING_OF_OURS);
    let server = place.serve().await;
    let secrets = walk(&server).await;
    let printed = server.printed();
    for secret in &secrets {
        assert!(secret.len() > 5, "{secret:?} would be found by accident");
        let line = printed.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} was printed");
    }
    for line in server.logged().lines() {
        let logged: Value = serde_json::from_str(line).expect("each line is a JSON object");
        assert!(logged["level"].is_string(), "{line}");
    }
    // Times also contain six digits, so they are ignored.
    let mut letters = server.place.letters();
    letters.retain(Letter::is_link);
    let codes: Vec<_> = letters.iter().map(Letter::code).collect();
    assert!(codes.len() >= 3);
    for line in server.logged().lines() {
        let mut logged: Value = serde_json::from_str(line).unwrap();
        for time in ["timestamp", "micros"] {
            logged[time] = Value::Null;
        }
        let rest = logged.to_string();
        let words: Vec<_> = rest.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        assert!(!codes.iter().any(|code| words.contains(&code.as_str())), "{line}");
    }
    // The requests themselves were logged.
    assert!(server.logged().contains("/v2/visitor/auth/verify"));
}

/// Uses every function once, and returns the values that must not be logged.
async fn walk(server: &Server) -> Vec<String> {
    let mut secrets: Vec<String> =
        ["token=", "checkout=", "?handle", "againxyz", "correct horse"].map(str::to_owned).into();
    let place = &server.place;
    let mut browser = Browser::new();
    let address = place.url("ada", "/guide?search=againxyz");
    browser.open(&address).await;
    browser.submit(&[("email", "bob.secret@example.com")]).await;
    let letter = place.link_letter("bob.secret@example.com", 1).await;
    browser.submit(&[("code", &letter.wrong_code(0))]).await;
    browser.open(&letter.link()).await;
    browser.submit(&[]).await;
    browser.submit(&[]).await.shows("Wash the pots");
    let cookie = browser.session(&address);
    browser.open(&letter.link()).await;

    let carol = server.creator("carol").await;
    let wrong = json!({"email": "carol@example.com", "password": "correct horses"});
    server.post("/v2/creator/auth/login").json(&wrong).send().await;
    let refresh = json!({"refreshToken": carol.refresh_token});
    let refreshed = server.post("/v2/creator/auth/refresh").json(&refresh).send().await.ok();
    let connect = server.post("/v2/handles/carol/stripe/connect").bearer(&carol.token);
    let begun = connect.send().await.ok();
    Browser::new().open(begun["onboardingUrl"].as_str().unwrap()).await;

    let buyer = server.sign_in("eve.secret@example.com").await;
    server.ask_link("eve.secret@example.com").await;
    let second = place.link_letter("eve.secret@example.com", 2).await;
    let proof = json!({"email": "eve.secret@example.com", "code": second.code()});
    let other = server.post("/v2/visitor/auth/verify").json(&proof).send().await.cookie();
    let opened = server.checkout(&buyer).await;
    place.sandbox().pay(&opened.session).await;
    until_so("the webhook opens the page", async || {
        server.access(&buyer.cookie, "guide").await == "entitled"
    })
    .await;
    let ada = server.ada().await;
    assert_eq!(server.refund(&ada, &buyer).await.status, 200);
    place.letter("eve.secret@example.com", "Your refund").await;
    for bad in
        ["{\"email\":\"bob.secret@example.com\"", "{\"email\":\"bob.secret@\",\"x\":\"againxyz\"}"]
    {
        server.post("/v2/visitor/auth/magic-link").body("application/json", bad).send().await;
    }
    server.post("/v2/visitor/auth/logout").cookie(&other).send().await;
    server.get("/v2/none?email=bob.secret@example.com").send().await;

    let token = |name: &str| refreshed[name].as_str().unwrap().to_owned();
    let value = |cookie: &str| cookie.trim_start_matches("_10x_visitor=").to_owned();
    secrets
        .extend(["bob.secret", "eve.secret", "carol@example.com", "carol%40"].map(str::to_owned));
    secrets.extend([value(&cookie), value(&buyer.cookie), value(&other)]);
    let letters = place.letters();
    let links = letters.iter().filter(|letter| letter.text.contains("token="));
    secrets.extend(links.map(Letter::token));
    secrets.extend([carol.token, carol.refresh_token, ada.token, ada.refresh_token]);
    secrets.extend([token("accessToken"), token("refreshToken")]);
    for file in ["jwt-secret", "stripe-sandbox/secret-key", "stripe-sandbox/webhook-secret"] {
        let secret = place.read(&format!("var/{file}"));
        let kind = |prefix: &&str| secret.starts_with(*prefix);
        let prefix = ["sk_test_", "whsec_"].into_iter().find(kind).unwrap_or_default();
        secrets.push(secret.trim_start_matches(prefix).trim().to_owned());
    }
    secrets
}
