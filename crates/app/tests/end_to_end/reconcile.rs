//! Sweeps: what Stripe has and nobody told of.

use serde_json::{Value, json};

use crate::support::{Backend, Place, Server, until, until_so};

on_each_database!(
    with_every_webhook_lost_access_equals_payments_after_one_sweep,
    a_dry_run_says_what_it_would_mend,
    the_command_goes_on_after_a_pause_that_stripe_asks_for,
    commands_about_what_is_stored_make_no_database,
);

async fn with_every_webhook_lost_access_equals_payments_after_one_sweep(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let ada = server.ada().await;
    let (refunded, paid) = server.bought(&sandbox, "refunded@example.com").await;
    sandbox.webhooks("drop").await;
    let buyer = server.sign_in("buyer@example.com").await;
    let opened = server.checkout(&buyer).await;
    sandbox.pay(&opened.session).await;
    let account = server.account(&ada).await;
    let intent = sandbox.intent(&account, &paid.session).await;
    sandbox.write(&account, "refunds", &format!("payment_intent={intent}")).await;
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
    assert_eq!(server.access(&refunded.cookie, "guide").await, "entitled");
    let swept = server.place.run(&["reconcile", "--json"]);
    assert!(swept.status.success(), "{swept:?}");
    assert!(!String::from_utf8_lossy(&swept.stderr).contains("[1/1]"), "{swept:?}");
    let report: Value = serde_json::from_slice(&swept.stdout).unwrap();
    let findings = report["accounts"][0]["findings"].as_array().unwrap();
    let kinds: Vec<_> = findings.iter().map(|finding| finding["kind"].clone()).collect();
    assert_eq!(kinds, [json!("session"), json!("refund")], "{report}");
    assert_eq!(server.access(&buyer.cookie, "guide").await, "entitled");
    assert_eq!(server.access(&refunded.cookie, "guide").await, "purchase_required");
    let explain = "/v2/handles/ada/explain?email=buyer%40example.com&page=guide";
    let explained = server.get(explain).bearer(&ada.token).send().await.ok();
    assert!(explained["lastSweep"].is_string(), "{explained}");
    let again = server.place.run(&["reconcile"]);
    let told = String::from_utf8(again.stderr).unwrap();
    assert_eq!(told.matches("[1/1] ada").count(), 1, "no more where nobody watches: {told}");
    let printed = String::from_utf8(again.stdout).unwrap();
    assert!(printed.contains("0 differences"), "{printed}");
    until_so("the receipt", async || {
        let letters = server.place.letters();
        letters.iter().any(|it| it.to == "buyer@example.com" && it.subject.contains("receipt"))
    })
    .await;
}

async fn a_dry_run_says_what_it_would_mend(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    sandbox.webhooks("drop").await;
    let buyer = server.sign_in("buyer@example.com").await;
    let opened = server.checkout(&buyer).await;
    sandbox.pay(&opened.session).await;
    let dry = server.place.run(&["reconcile", "--dry-run", "--handle", "ada"]);
    let printed = String::from_utf8(dry.stdout).unwrap();
    assert!(printed.contains("would be mended") && printed.contains("1 difference"), "{printed}");
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
    let nobody = server.place.run(&["reconcile", "--handle", "nobody"]);
    assert!(!nobody.status.success());
    let error = String::from_utf8(nobody.stderr).unwrap();
    assert!(error.contains("no Stripe account is or was connected"), "{error}");
    let early = server.place.run(&["reconcile", "--since", "9000-01-01T00:00:00Z"]);
    assert!(!early.status.success());
    let error = String::from_utf8(early.stderr).unwrap();
    assert!(error.contains("--since 9000-01-01T00:00:00Z is in the future"), "{error}");
}

async fn the_command_goes_on_after_a_pause_that_stripe_asks_for(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    sandbox.control("faults", &json!({"api": {"mode": "429", "path": "/v1/disputes"}})).await;
    let mut sweep = Server::beside(&server.place, &["reconcile", "--handle", "ada"], "sweep");
    until_so("the pause is told", async || {
        let told = server.place.read("sweep.err");
        told.contains("[1/1] ada: Stripe asks to wait 5 s; going on then")
    })
    .await;
    sandbox.control("faults", &json!({"api": {"mode": "none"}})).await;
    let status = until("the command ends", async || sweep.ended()).await;
    let printed = server.place.read("sweep.out");
    assert!(status.success() && printed.contains("0 differences"), "{status}: {printed}");
}

async fn commands_about_what_is_stored_make_no_database(backend: Backend) {
    let place = Place::new(backend).await;
    for arguments in [
        &["reconcile", "--dry-run"][..],
        &["reconcile"],
        &["creator", "list"],
        &["creator", "suspend", "ada@example.com"],
    ] {
        let refused = place.run(arguments);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success(), "{error}");
        let line = error.lines().last().unwrap();
        if backend == Backend::Sqlite {
            let expected = "tollgate: there is no database at var/tollgate.db; run `tollgate` (or \
                            `tollgate migrate`) first";
            assert_eq!(line, expected);
        }
        assert!(line.contains("`tollgate migrate`"), "{error}");
        assert!(!place.path("var").exists(), "{arguments:?}");
    }
    let migrated = place.run(&["migrate"]);
    assert!(String::from_utf8(migrated.stdout).unwrap().contains("Migrated"));
    assert!(place.run(&["reconcile", "--dry-run"]).status.success());
}
