//! Why somebody sees a page, or does not.

use proptest::{prelude::*, test_runner::Config};
use tollgate_domain::{
    access::{AccessError, FactKind, Reason, Rule},
    books::{BooksError, Change, Explanation, Target},
    checkout::DisputeProgress,
    creators::{AccessMode, PageChange, PageStatus},
    testing::{a_page, email, money},
};

use crate::{BOB, Sale};

async fn explain(sale: &Sale, address: &str) -> Explanation {
    let Sale { world, shop, page, .. } = sale;
    let target = Target::Page(page.slug.clone());
    world.books.explain(&shop.creator, &shop.handle.name, target, email(address)).await.unwrap()
}

fn changes(explanation: &Explanation) -> Vec<Change> {
    explanation.would_change.iter().map(|would| would.change).collect()
}

#[pollster::test]
async fn who_never_bought_is_told_what_would_help() {
    let sale = Sale::new().await;
    let told = explain(&sale, BOB).await;
    assert_eq!((told.rule, told.reason()), (Rule::NotBought, Some(Reason::PurchaseRequired)));
    assert_eq!(told.anonymous, Rule::SignInFirst);
    assert!(told.facts.is_empty());
    assert_eq!(
        changes(&told),
        [Change::Buy, Change::Grant, Change::MakePublic, Change::MakeFreeWithLogin]
    );
    assert!(told.would_change.iter().all(|would| would.rule.reason().is_some()));
}

#[pollster::test]
async fn a_purchase_and_its_refund_are_told_with_their_facts() {
    let sale = Sale::new().await;
    let Sale { world, shop, page, bob } = &sale;
    let bought = world.buy(shop, page, bob).await;
    let told = explain(&sale, BOB).await;
    assert_eq!((told.rule, changes(&told)), (Rule::Bought, vec![Change::Refund]));
    let [fact] = told.facts.as_slice() else { panic!("{told:?}") };
    assert_eq!((fact.kind, fact.amount), (FactKind::Purchased, Some(money(1_200, "usd"))));
    assert_eq!(fact.purchase_id, Some(bought.id));

    let grant = world.give(shop, page, BOB).await.grant;
    assert!(changes(&explain(&sale, BOB).await).is_empty(), "either is enough");
    world.refund(shop, page, &world.visitor(bob).await).await.unwrap();
    assert_eq!(changes(&explain(&sale, BOB).await), [Change::RevokeGrant]);
    let (name, slug) = (&shop.handle.name, &page.slug);
    world.grants.revoke(&shop.creator, name, slug, grant.id).await.unwrap();
    let told = explain(&sale, BOB).await;
    assert_eq!(told.rule, Rule::NotBought);
    let kinds: Vec<_> = told.facts.iter().map(|fact| fact.kind).collect();
    for kind in
        [FactKind::Purchased, FactKind::Granted, FactKind::RefundAccepted, FactKind::Revoked]
    {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[pollster::test]
async fn somebody_without_relation_is_told_like_nobody() {
    let sale = Sale::new().await;
    let Sale { world, .. } = &sale;
    let eve = world.shop("eve").await;
    let other = world.page(&eve, a_page().paid(500, "usd").published()).await;
    let mallory = world.sign_in("mallory@example.com").await;
    world.buy(&eve, &other, &mallory).await;
    let known = explain(&sale, "mallory@example.com").await;
    let unknown = explain(&sale, "nobody@example.com").await;
    assert_eq!(known, Explanation { email: known.email.clone(), ..unknown });
}

#[pollster::test]
async fn only_own_pages_are_explained() {
    let sale = Sale::new().await;
    let Sale { world, shop, page, .. } = &sale;
    let eve = world.shop("eve").await;
    let ask = async |name, slug| {
        let target = Target::Page(slug);
        world.books.explain(&eve.creator, name, target, email(BOB)).await
    };
    let foreign = ask(&shop.handle.name, page.slug.clone()).await;
    assert!(matches!(foreign, Err(BooksError::HandleNotFound)));
    let foreign = ask(&eve.handle.name, page.slug.clone()).await;
    assert!(matches!(foreign, Err(BooksError::PageNotFound)));
}

/// Something that happens to Bob and the page.
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
    ])
}

/// What cannot happen now does not: a purchase of what is open, a refund of nothing.
async fn happen(sale: &Sale, event: Event) {
    let Sale { world, shop, page, bob } = sale;
    let (creator, name, slug) = (&shop.creator, &shop.handle.name, &page.slug);
    let newest = || world.store.purchases().into_iter().rev().find_map(|bought| bought.payment);
    let decide = |progress| {
        if let Some(dispute) = world.payments.disputes().pop() {
            world.payments.decide_dispute(&dispute, progress);
        }
    };
    match event {
        Event::Buy => {
            if let Ok(started) = world.start(shop, page, bob).await {
                let hosted = world.payments.session_at(&started.url).unwrap();
                if world.payments.pay(&hosted).is_some() {
                    world.checkouts.come_back(started.id).await.unwrap();
                }
            }
        }
        Event::Give => drop(world.give(shop, page, BOB).await),
        Event::TakeBack => {
            for gift in world.store.purchases() {
                let _ = world.grants.revoke(creator, name, slug, gift.id).await;
            }
        }
        Event::Refund => drop(world.refund(shop, page, &world.visitor(bob).await).await),
        Event::PartialRefund => {
            if let Some(payment) = newest() {
                let _ = world.payments.refund_in_dashboard(&payment.payment_intent, 100);
            }
        }
        Event::Dispute => {
            if let Some(payment) = newest() {
                world.payments.dispute(&payment.payment_intent, DisputeProgress::Open);
            }
        }
        Event::Win => decide(DisputeProgress::Won),
        Event::Lose => decide(DisputeProgress::Lost),
        Event::Mode(mode) => {
            let change = PageChange { mode: Some(mode), ..PageChange::default() };
            world.change(shop, page, change).await;
        }
        Event::Status(status) => {
            let change = PageChange { status: Some(status), ..PageChange::default() };
            world.change(shop, page, change).await;
        }
    }
    world.deliver_webhooks().await;
}

proptest! {
    #![proptest_config(Config { cases: 150, failure_persistence: None, ..Config::default() })]

    #[test]
    fn explaining_agrees_with_the_gate_after_every_history(
        events in prop::collection::vec(event(), 0..14),
    ) {
        pollster::block_on(async {
            let sale = Sale::new().await;
            let Sale { world, shop, page, bob } = &sale;
            for event in events {
                happen(&sale, event).await;
                let gate = match world.check(shop, page, Some(bob)).await {
                    Ok(reason) => Some(reason),
                    Err(AccessError::PageNotFound) => None,
                    Err(error) => panic!("{error}"),
                };
                let anonymous = world.check(shop, page, None).await.ok();
                let told = explain(&sale, BOB).await;
                assert_eq!(told.reason(), gate, "after {event:?}");
                assert_eq!(told.anonymous.reason(), anonymous, "after {event:?}");
                let now = gate.is_some_and(Reason::has_access);
                for would in &told.would_change {
                    let then = would.rule.reason().is_some_and(Reason::has_access);
                    assert_ne!(then, now, "{would:?}");
                }
            }
        });
    }
}
