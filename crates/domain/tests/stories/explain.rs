//! Why somebody sees a page, or does not.

mod order;

use proptest::{prelude::*, test_runner::Config};
use tollgate_domain::{
    access::{AccessError, FactKind, Reason, ResourceType, Rule, ViewerClaim},
    creators::{AccessMode, PageChange, PageStatus},
    files::{FileAccess, NewFile},
    payments::DisputeProgress,
    reports::{Change, Explanation, ReportsError, Ruling, Target},
    token::Token,
};
use tollgate_domain_testing::{a_page, email, money, slug};

use crate::{
    BOB, Sale,
    files::{new_file, upload},
};

async fn explain(sale: &Sale, address: &str) -> Explanation {
    let Sale { app, shop, page, .. } = sale;
    let target = Target::Page(page.slug.clone());
    app.reports.explain(&shop.creator, &shop.handle.name, target, email(address)).await.unwrap()
}

/// A ruling about a page itself, or about a file that no page decides about.
fn ruling(rule: Rule) -> Ruling {
    Ruling { rule, is_of_page: false }
}

fn changes(explanation: &Explanation) -> Vec<Change> {
    explanation.would_change.iter().map(|would| would.change).collect()
}

#[pollster::test]
async fn who_never_bought_is_told_what_would_help() {
    let sale = Sale::new().await;
    let told = explain(&sale, BOB).await;
    assert_eq!(told.ruling, ruling(Rule::NotBought));
    assert_eq!(told.ruling.reason(), Some(Reason::PurchaseRequired));
    assert_eq!(told.anonymous, ruling(Rule::SignInFirst));
    assert!(told.facts.is_empty());
    assert_eq!(
        changes(&told),
        [Change::Buy, Change::Grant, Change::MakePublic, Change::MakeFreeWithLogin]
    );
    assert!(told.would_change.iter().all(|would| would.ruling.reason().is_some()));
}

#[pollster::test]
async fn a_purchase_and_its_refund_are_told_with_their_facts() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, bob } = &sale;
    let bought = app.buy(shop, page, bob).await;
    let told = explain(&sale, BOB).await;
    assert_eq!(told.ruling, ruling(Rule::Bought));
    assert_eq!(changes(&told), [Change::Refund]);
    let [fact] = told.facts.as_slice() else { panic!("{told:?}") };
    assert_eq!((fact.kind, fact.amount), (FactKind::Purchased, Some(money(1_200, "usd"))));
    assert_eq!(fact.subject.purchase_id, Some(bought.id));

    let grant = app.give(shop, page, BOB).await.grant;
    assert!(changes(&explain(&sale, BOB).await).is_empty(), "either is enough");
    app.refund(shop, page, &app.visitor(bob).await).await.unwrap();
    assert_eq!(changes(&explain(&sale, BOB).await), [Change::RevokeGrant]);
    let (name, slug) = (&shop.handle.name, &page.slug);
    app.grants.revoke(&shop.creator, name, slug, grant.id).await.unwrap();
    let told = explain(&sale, BOB).await;
    assert_eq!(told.ruling, ruling(Rule::NotBought));
    let kinds: Vec<_> = told.facts.iter().map(|fact| fact.kind).collect();
    for kind in
        [FactKind::Purchased, FactKind::Granted, FactKind::RefundAccepted, FactKind::Revoked]
    {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[pollster::test]
async fn nobody_is_to_buy_what_an_earlier_payment_may_still_open() {
    let sale = Sale::new().await;
    let Sale { app, .. } = &sale;
    let session = sale.started().await;
    app.payments.pay_later(&session).unwrap();
    app.deliver_webhooks().await;
    let told = explain(&sale, BOB).await;
    assert!(told.pending.is_some());
    assert_eq!(told.ruling, ruling(Rule::PaymentPending));
    assert_eq!(told.ruling.reason(), Some(Reason::PurchaseRequired));
    assert_eq!(told.anonymous, ruling(Rule::SignInFirst));
    let [arrives, others @ ..] = told.would_change.as_slice() else { panic!("{told:?}") };
    assert_eq!((arrives.change, arrives.ruling), (Change::PaymentArrives, ruling(Rule::Bought)));
    let others: Vec<_> = others.iter().map(|would| would.change).collect();
    assert_eq!(others, [Change::Grant, Change::MakePublic, Change::MakeFreeWithLogin]);
    assert!(app.payments.fail_payment(&session));
    app.deliver_webhooks().await;
    let failed = explain(&sale, BOB).await;
    assert_eq!(changes(&failed)[0], Change::Buy);
    assert_eq!((failed.pending, failed.failed.len()), (None, 1));

    let bought = app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payment = bought.payment.unwrap().payment_intent;
    let dispute = app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    app.deliver_webhooks().await;
    let disputed = changes(&explain(&sale, BOB).await);
    assert_eq!(disputed[..2], [Change::Grant, Change::WinDisputes]);
    app.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    app.deliver_webhooks().await;
    assert_eq!(changes(&explain(&sale, BOB).await)[0], Change::Buy);
}

#[pollster::test]
async fn a_payment_that_does_not_match_is_told_until_the_creator_answers_it() {
    let sale = Sale::new().await;
    let Sale { app, .. } = &sale;
    let session = sale.started().await;
    app.payments.pay(&session).unwrap();
    app.payments.tamper(&session, |state| state.amount = 1_100);
    app.deliver_webhooks().await;
    let told = explain(&sale, BOB).await;
    assert_eq!(told.ruling, ruling(Rule::NotBought));
    let quarantined = told.quarantined.unwrap();
    assert_eq!(quarantined.checkout_id, app.store.orders().pop().unwrap().id);
    assert_eq!(quarantined.amount, money(1_200, "usd"));
    assert_eq!(changes(&told), [Change::Grant, Change::MakePublic, Change::MakeFreeWithLogin]);
    app.clock.advance_seconds(3 * 24 * 3600);
    let told = explain(&sale, BOB).await;
    assert_eq!((told.quarantined, changes(&told)[0]), (Some(quarantined), Change::Buy));
    app.buy(&sale.shop, &sale.page, &sale.bob).await;
    assert_eq!(
        explain(&sale, BOB).await.quarantined,
        Some(quarantined),
        "the money is still there"
    );
    let payment = app.payments.session(&session).unwrap().payment_intent.unwrap();
    app.payments.refund_in_dashboard(&payment, 1_100).unwrap();
    app.deliver_webhooks().await;
    assert_eq!(explain(&sale, BOB).await.quarantined, None);
}

#[pollster::test]
async fn a_payment_that_does_not_match_is_answered_by_a_gift() {
    let sale = Sale::new().await;
    let Sale { app, .. } = &sale;
    let session = sale.started().await;
    app.payments.pay(&session).unwrap();
    app.payments.tamper(&session, |state| state.amount = 1_100);
    app.deliver_webhooks().await;
    app.give(&sale.shop, &sale.page, BOB).await;
    assert_eq!(explain(&sale, BOB).await.quarantined, None);
}

#[pollster::test]
async fn somebody_without_relation_is_told_like_nobody() {
    let sale = Sale::new().await;
    let Sale { app, .. } = &sale;
    let eve = app.shop("eve").await;
    let other = app.page(&eve, a_page().paid(500, "usd").published()).await;
    let mallory = app.sign_in("mallory@example.com").await;
    app.buy(&eve, &other, &mallory).await;
    let known = explain(&sale, "mallory@example.com").await;
    let unknown = explain(&sale, "nobody@example.com").await;
    assert_eq!(known, Explanation { email: known.email.clone(), ..unknown });
}

#[pollster::test]
async fn only_own_pages_are_explained() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, .. } = &sale;
    let eve = app.shop("eve").await;
    let ask = async |name, slug| {
        let target = Target::Page(slug);
        app.reports.explain(&eve.creator, name, target, email(BOB)).await
    };
    let foreign = ask(&shop.handle.name, page.slug.clone()).await;
    assert!(matches!(foreign, Err(ReportsError::HandleNotFound)));
    let foreign = ask(&eve.handle.name, page.slug.clone()).await;
    assert!(matches!(foreign, Err(ReportsError::PageNotFound)));
}

/// A file below the page and one that is given by list.
async fn keep_files(sale: &Sale) {
    let Sale { app, shop, page, .. } = sale;
    for (name, access) in [("workbook", FileAccess::Page), ("letter", FileAccess::Allowlist)] {
        let page_slug = (access == FileAccess::Page).then(|| page.slug.clone());
        upload(app, shop, NewFile { page_slug, ..new_file(name, access) }).await;
    }
}

async fn explained_files_agree(sale: &Sale, after: &str) {
    let Sale { app, shop, bob, .. } = sale;
    let name = &shop.handle.name;
    for file in ["workbook", "letter"].map(slug) {
        let gate = async |session: Option<&Token>| {
            let claim = ViewerClaim { session: session.map(Token::hash), ..ViewerClaim::default() };
            match app.gate.check(ResourceType::File, name.clone(), file.clone(), claim).await {
                Ok(reason) => Some(reason),
                Err(AccessError::NotFound(ResourceType::File)) => None,
                Err(error) => panic!("{error}"),
            }
        };
        let target = Target::File(file.clone());
        let told = app.reports.explain(&shop.creator, name, target, email(BOB)).await.unwrap();
        assert_eq!(told.ruling.reason(), gate(Some(bob)).await, "{file} {after}");
        assert_eq!(told.anonymous.reason(), gate(None).await, "{file} {after}");
        assert_eq!(told.ruling.is_of_page, file.as_str() == "workbook");
        for would in &told.would_change {
            assert_ne!(would.ruling.has_access(), told.ruling.has_access(), "{would:?}");
        }
    }
}

#[pollster::test]
async fn a_place_on_a_list_is_told_with_its_facts() {
    let sale = Sale::new().await;
    keep_files(&sale).await;
    let Sale { app, shop, .. } = &sale;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let ask = async || {
        let target = Target::File(slug("letter"));
        app.reports.explain(creator, name, target, email(BOB)).await.unwrap()
    };
    let told = ask().await;
    assert_eq!(told.ruling, ruling(Rule::NotListed));
    assert_eq!((changes(&told), told.facts), (vec![Change::Allow, Change::MakeFilePublic], vec![]));
    app.files.allow(creator, name, &slug("letter"), email(BOB)).await.unwrap();
    let told = ask().await;
    assert_eq!(told.ruling, ruling(Rule::Listed));
    assert_eq!(changes(&told), [Change::Disallow]);
    let [fact] = told.facts.as_slice() else { panic!("{told:?}") };
    assert_eq!(fact.kind, FactKind::Allowlisted);
    app.files.disallow(creator, name, &slug("letter"), &email(BOB)).await.unwrap();
    assert_eq!(ask().await.facts.len(), 2);

    let target = Target::File(slug("nothing"));
    let missing = app.reports.explain(creator, name, target, email(BOB)).await;
    assert!(matches!(missing, Err(ReportsError::FileNotFound)));
}

/// Something that happens to Bob, the page and the files.
#[derive(Debug, Clone, Copy)]
enum Event {
    Buy,
    Give,
    TakeBack,
    Refund,
    PartialRefund,
    Dispute,
    Win,
    Lose,
    Mode(AccessMode),
    Status(PageStatus),
    Allow,
    Disallow,
}

fn event() -> impl Strategy<Value = Event> {
    prop::sample::select(vec![
        Event::Buy,
        Event::Buy,
        Event::Give,
        Event::TakeBack,
        Event::Refund,
        Event::PartialRefund,
        Event::Dispute,
        Event::Win,
        Event::Lose,
        Event::Mode(AccessMode::Public),
        Event::Mode(AccessMode::FreeWithLogin),
        Event::Mode(AccessMode::Paid),
        Event::Mode(AccessMode::Paid),
        Event::Status(PageStatus::Draft),
        Event::Status(PageStatus::Published),
        Event::Status(PageStatus::Published),
        Event::Status(PageStatus::Archived),
        Event::Allow,
        Event::Disallow,
    ])
}

/// What cannot happen now does not: a purchase of what is open, a refund of nothing.
async fn happen(sale: &Sale, event: Event) {
    let Sale { app, shop, page, bob } = sale;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let newest = || app.store.purchases().into_iter().rev().find_map(|bought| bought.payment);
    let decide = |progress| {
        if let Some(dispute) = app.payments.disputes().pop() {
            app.payments.decide_dispute(&dispute, progress);
        }
    };
    match event {
        Event::Buy => {
            if let Ok(started) = app.start(shop, page, bob).await {
                let hosted = app.payments.session_at(&started.url).unwrap();
                if app.payments.pay(&hosted).is_some() {
                    app.checkouts.complete_return(started.id, None).await.unwrap();
                }
            }
        }
        Event::Give => drop(app.give(shop, page, BOB).await),
        Event::TakeBack => {
            for gift in app.store.purchases() {
                let _ = app.grants.revoke(creator, name, &page.slug, gift.id).await;
            }
        }
        Event::Refund => drop(app.refund(shop, page, &app.visitor(bob).await).await),
        Event::PartialRefund => {
            if let Some(payment) = newest() {
                let _ = app.payments.refund_in_dashboard(&payment.payment_intent, 100);
            }
        }
        Event::Dispute => {
            if let Some(payment) = newest() {
                app.payments.dispute(&payment.payment_intent, DisputeProgress::Open);
            }
        }
        Event::Win => decide(DisputeProgress::Won),
        Event::Lose => decide(DisputeProgress::Lost),
        Event::Mode(mode) => {
            let change = PageChange { mode: Some(mode), ..PageChange::default() };
            app.change(shop, page, change).await;
        }
        Event::Allow => {
            app.files.allow(creator, name, &slug("letter"), email(BOB)).await.unwrap();
        }
        Event::Disallow => {
            app.files.disallow(creator, name, &slug("letter"), &email(BOB)).await.unwrap();
        }
        Event::Status(status) => {
            let change = PageChange { status: Some(status), ..PageChange::default() };
            app.change(shop, page, change).await;
        }
    }
    app.deliver_webhooks().await;
}

proptest! {
    #![proptest_config(Config { cases: 150, failure_persistence: None, ..Config::default() })]

    #[test]
    fn explaining_agrees_with_the_gate_after_every_history(
        events in prop::collection::vec(event(), 0..14),
    ) {
        pollster::block_on(async {
            let sale = Sale::new().await;
            keep_files(&sale).await;
            let Sale { app, shop, page, bob } = &sale;
            for event in events {
                happen(&sale, event).await;
                let gate = match app.check(shop, page, Some(bob)).await {
                    Ok(reason) => Some(reason),
                    Err(AccessError::NotFound(ResourceType::Page)) => None,
                    Err(error) => panic!("{error}"),
                };
                let anonymous = app.check(shop, page, None).await.ok();
                let told = explain(&sale, BOB).await;
                assert_eq!(told.ruling.reason(), gate, "after {event:?}");
                assert_eq!(told.anonymous.reason(), anonymous, "after {event:?}");
                let now = gate.is_some_and(Reason::has_access);
                for would in &told.would_change {
                    assert_ne!(would.ruling.has_access(), now, "{would:?}");
                }
                explained_files_agree(&sale, &format!("after {event:?}")).await;
            }
        });
    }
}
