//! Tests of the program's commands.

use std::process::Output;

use serde_json::{Value, json};

use crate::support::{Backend, Browser, Place, Sandbox, Server, free_port, until, until_so};

on_each_database!(
    migrate_may_be_repeated,
    commands_whose_output_nobody_reads_go_on,
    demo_fills_an_empty_database_once,
    description_is_openapi_3_1,
    server_uses_a_sandbox_that_runs_alone,
);

#[track_caller]
fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

async fn migrate_may_be_repeated(backend: Backend) {
    let place = Place::new(backend).await;
    assert!(printed(&place.run(&["migrate"])).contains("Migrated"));
    let census = place.database.census().await;
    assert!(census.values().all(|rows| *rows == 0), "{census:?}");
    assert!(printed(&place.run(&["migrate"])).contains("up to date"));
    let server = place.serve().await;
    assert_eq!(server.place.database.census().await["pages"], 3);
}

#[tokio::test]
async fn demo_whose_payments_go_elsewhere_says_that_stripe_is_to_be_connected() {
    let place = Place::new(Backend::Sqlite)
        .await
        .with("TOLLGATE_STRIPE_API_URL", "http://127.0.0.1:1")
        .with("TOLLGATE_STRIPE_SECRET_KEY", "sk_test_1")
        .with("TOLLGATE_STRIPE_WEBHOOK_SECRETS", "whsec_1")
        .with("TOLLGATE_JWT_SECRET", &"a".repeat(32));
    let told = printed(&place.run(&["demo"]));
    assert!(
        told.contains("Nothing can be bought yet") && told.contains("Connect Stripe"),
        "{told}"
    );
    let beside = printed(&Place::new(Backend::Sqlite).await.run(&["demo"]));
    assert!(!beside.contains("Nothing can be bought yet"), "{beside}");
}

#[tokio::test]
async fn eight_replicas_may_migrate_an_empty_database_at_once() {
    let place = Place::new(Backend::Postgres).await;
    let outputs = std::thread::scope(|scope| {
        let running: Vec<_> = (0..8).map(|_| scope.spawn(|| place.run(&["migrate"]))).collect();
        running.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    let migrated = outputs.iter().filter(|output| printed(output).contains("Migrated"));
    assert_eq!(migrated.count(), 1);
}

async fn commands_whose_output_nobody_reads_go_on(backend: Backend) {
    let place = Place::new(backend).await;
    assert!(place.run_unread(&["demo"]).success());
    assert_eq!(place.database.census().await["pages"], 3);
    // It tells of each account on standard error.
    assert!(place.run_unread(&["reconcile"]).success());
    for refused in [&["demo"][..], &["restore", "nothing.tar"], &["doctor", "--url", "nowhere"]] {
        let status = place.run_unread(refused);
        assert!(matches!(status.code(), Some(1 | 2)), "{refused:?}: {status}");
    }
    let misspelt = Place::new(backend).await.with("TOLLGATE_LISTN", "127.0.0.1:1");
    assert!(misspelt.run_unread(&["migrate"]).success());
}

async fn demo_fills_an_empty_database_once(backend: Backend) {
    let place = Place::new(backend).await;
    let told = printed(&place.run(&["demo"]));
    for words in ["ada@example.com", "tollgate-demo", &place.url("ada", "/guide")] {
        assert!(told.contains(words), "{told}");
    }
    let before = place.database.census().await;
    assert_eq!((before["creators"], before["handles"], before["pages"]), (1, 1, 3));
    let again = place.run(&["demo"]);
    assert!(!again.status.success());
    let line = String::from_utf8(again.stderr).unwrap();
    assert!(line.contains("not empty"), "{line}");
    assert_eq!(place.database.census().await, before);
    let server = place.serve().await;
    assert_eq!(server.place.database.census().await["pages"], 3);
    server.bought(&server.place.sandbox(), "bob@example.com").await;
}

#[tokio::test]
async fn sandbox_sends_webhooks_to_addresses_of_servers_alone() {
    let place = Place::new(Backend::Sqlite).await;
    for address in ["nonsense", "ftp://127.0.0.1/", "http://", "127.0.0.1:8080"] {
        let refused = place.run(&["stripe-sandbox", "--webhook-url", address]);
        assert_eq!(refused.status.code(), Some(2), "{address}: {refused:?}");
        let told = String::from_utf8(refused.stderr).unwrap();
        assert!(told.contains("--webhook-url") && told.contains("http://"), "{told}");
        assert!(!place.path("var").exists(), "{address} left something behind");
    }
}

#[tokio::test]
async fn demo_is_for_this_machine_only() {
    let place = [
        ("TOLLGATE_PUBLIC_DOMAIN", "shop.example"),
        ("TOLLGATE_STRIPE_SECRET_KEY", "sk_test_1"),
        ("TOLLGATE_STRIPE_WEBHOOK_SECRETS", "whsec_0123456789abcdef0123456789abcdef"),
        ("TOLLGATE_JWT_SECRET", "0123456789abcdef0123456789abcdef"),
        ("TOLLGATE_MAIL_URL", "smtp://127.0.0.1:2525?tls=none"),
    ];
    let place = place
        .iter()
        .fold(Place::new(Backend::Sqlite).await, |place, (name, value)| place.with(name, value));
    let refused = place.run(&["demo"]);
    let line = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && line.contains("this machine only"), "{line}");
    assert!(!place.path("var/tollgate.db").exists());
}

#[tokio::test]
async fn health_tells_whether_the_server_answers() {
    let mut server = Server::fresh(Backend::Sqlite).await;
    let place = server.place.clone();
    let told = tokio::task::spawn_blocking(move || printed(&place.run(&["health"])));
    assert_eq!(told.await.unwrap(), "ok\n");
    server.terminate().await;
    assert!(!server.place.run(&["health"]).status.success());
}

async fn description_is_openapi_3_1(backend: Backend) {
    let place = Place::new(backend).await;
    let text = printed(&place.run(&["openapi"]));
    let description: Value = serde_json::from_str(&text).unwrap();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1."));
    for (path, method) in [
        ("/v2/visitor/auth/magic-link", "post"),
        ("/v2/visitor/auth/verify", "post"),
        ("/v2/visitor/me", "get"),
        ("/v2/visitor/auth/logout", "post"),
        ("/v2/public/pages/{handle}/{pageSlug}/access-check", "post"),
        ("/v2/public/pages/{handle}/{pageSlug}/checkout", "post"),
        ("/v2/visitor/access", "get"),
        ("/v2/handles/{handle}/pages/{pageSlug}/refund", "post"),
    ] {
        assert!(description["paths"][path][method]["responses"].is_object(), "{method} {path}");
    }
    // The description needs no settings and no working directory.
    assert!(!place.path("var").exists());
    let server = place.serve().await;
    let served = server.get("/v2/openapi.json").send().await;
    assert_eq!(served.ok(), description);
}

async fn server_uses_a_sandbox_that_runs_alone(backend: Backend) {
    let place = Place::new(backend).await;
    let listen = format!("127.0.0.1:{}", free_port());
    let webhooks = format!("http://127.0.0.1:{}/v2/webhooks/stripe", place.port);
    let arguments =
        ["stripe-sandbox", "--listen", &listen, "--state", "own-state", "--webhook-url", &webhooks];
    let mut alone = Server::beside(&place, &arguments, "sandbox");
    let setting = |name: &str, told: &str| {
        let line = told.lines().map(str::trim).find(|line| line.starts_with(name))?;
        Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned())
    };
    let names = ["STRIPE_API_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS", "JWT_SECRET"];
    let names = names.map(|name| format!("TOLLGATE_{name}"));
    let values = until("the sandbox is ready", async || {
        let told = place.read("sandbox.out");
        names.iter().map(|name| setting(name, &told)).collect::<Option<Vec<_>>>()
    })
    .await;
    let sandbox = Sandbox::new(&values[0], &values[1], &values[2]);
    let settings = names.iter().zip(&values);
    let place = settings.fold(place, |place, (name, value)| place.with(name, value));
    let server = place.serve().await;
    // The demo is refused when payments do not go to the server's own sandbox.
    assert_eq!(server.place.database.census().await["creators"], 0);
    assert!(!server.place.path("var/stripe-sandbox").exists());
    sell(&server, &sandbox).await;
    drop(server);
    let (status, _) = alone.terminate().await;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn sandbox_that_runs_alone_is_refused_by_the_option_that_is_wrong() {
    let place = Place::new(Backend::Sqlite).await;
    let listen = format!("127.0.0.1:{}", free_port());
    let arguments = ["stripe-sandbox", "--listen", &listen, "--state", "own-state"];
    let _alone = Server::beside(&place, &arguments, "sandbox");
    until_so("the sandbox is ready", async || {
        place.read("sandbox.out").contains("TOLLGATE_JWT_SECRET=")
    })
    .await;
    // Where it is told what it printed, it needs no secret of the server's.
    let place = place
        .with("TOLLGATE_STRIPE_SECRET_KEY", "sk_test_1")
        .with("TOLLGATE_STRIPE_WEBHOOK_SECRETS", "whsec_1");
    for (state, expected) in [
        ("own-state", "another process runs the sandbox of own-state: "),
        ("other-state", &format!("--listen: cannot listen on {listen} (is it in use?): ")),
    ] {
        let output = place.run(&["stripe-sandbox", "--listen", &listen, "--state", state]);
        let line = String::from_utf8(output.stderr).unwrap();
        let line = line.lines().last().unwrap();
        assert!(!output.status.success(), "{line}");
        assert!(line.starts_with(&format!("tollgate: {expected}")), "{line}");
        assert!(line.matches("already in use").count() <= 1, "{line}");
    }
}

/// Connects an account, sells a page to a browser, and receives a refund by webhook.
async fn sell(server: &Server, sandbox: &Sandbox) {
    let ada = server.creator("ada").await;
    let page = json!({
        "slug": "guide", "title": "Guide", "teaser": "", "body": "Behind the gate", "accessMode": "PAID",
        "price": {"amount": 900, "currency": "usd"}, "status": "PUBLISHED"
    });
    server.post("/v2/handles/ada/pages").bearer(&ada.token).json(&page).send().await.ok();
    let begun = server.post("/v2/handles/ada/stripe/connect").bearer(&ada.token).send().await.ok();
    let mut browser = Browser::new();
    browser.open(begun["onboardingUrl"].as_str().unwrap()).await;
    browser.submit(&[]).await;
    let login = [("email", "ada@example.com"), ("password", "correct horse")];
    browser.submit(&login).await.shows("Stripe is connected");
    let account = server.account(&ada).await;

    let (bob, opened) = server.bought(sandbox, "bob@example.com").await;
    let intent = sandbox.intent(&account, &opened.session).await;
    sandbox.write(&account, "refunds", &format!("payment_intent={intent}")).await;
    until_so("the refund ends the access", async || {
        server.access(&bob.cookie, "guide").await == "purchase_required"
    })
    .await;

    let address = server.place.url("ada", "/guide");
    browser.open(&address).await;
    browser.submit(&[("email", "eve@example.com")]).await;
    browser.open(&server.place.link_letter("eve@example.com", 1).await.link()).await;
    let pay = browser.submit(&[]).await;
    assert!(pay.url.as_str().starts_with(&sandbox.url), "{}", pay.url);
    browser.submit(&[]).await.shows("Behind the gate");
}
