//! Who may see what.

use tollgate_domain::{
    access::{
        AccessError, AccessStatus, AccessType, GrantType, Purchase, Reason, ResourceType,
        ViewerClaim,
    },
    creators::{AccessMode, Page, PageChange, PageStatus},
    id::CreatorId,
    paging::PageRequest,
    payments::DisputeProgress,
    token::Token,
};
use tollgate_domain_testing::{Shop, TestApp, a_gift, a_page, a_token};

use crate::{BOB, Sale};

/// What a visitor may hold of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    Active,
    Refunded,
    Revoked,
    Suspended,
    RefundedAndActive,
}

const HELD: [Held; 6] = [
    Held::Nothing,
    Held::Active,
    Held::Refunded,
    Held::Revoked,
    Held::Suspended,
    Held::RefundedAndActive,
];

async fn give(app: &TestApp, held: Held, purchase: Purchase) {
    let now = Some(purchase.created_at);
    let given = match held {
        Held::Nothing => return,
        Held::Active | Held::RefundedAndActive => purchase,
        Held::Refunded => Purchase { grant_type: GrantType::Refunded, revoked_at: now, ..purchase },
        Held::Revoked => Purchase { revoked_at: now, ..purchase },
        Held::Suspended => Purchase { suspended_at: now, ..purchase },
    };
    let mut unit = app.unit().await;
    assert!(unit.purchases().insert(&given).await.unwrap());
    unit.commit().await.unwrap();
}

/// The rule, written out once more in the plainest words.
fn expected(
    mode: AccessMode,
    status: PageStatus,
    signed_in: bool,
    held: Held,
    owner: bool,
) -> Option<Reason> {
    let active = signed_in && matches!(held, Held::Active | Held::RefundedAndActive);
    if owner {
        return Some(if mode == AccessMode::Public { Reason::Public } else { Reason::Entitled });
    }
    if status != PageStatus::Published {
        return active.then_some(Reason::Entitled);
    }
    Some(match mode {
        AccessMode::Public => Reason::Public,
        AccessMode::FreeWithLogin | AccessMode::Paid if !signed_in => Reason::VisitorAuthRequired,
        AccessMode::FreeWithLogin => Reason::Entitled,
        AccessMode::Paid if active => Reason::Entitled,
        AccessMode::Paid => Reason::PurchaseRequired,
    })
}

async fn reason(
    app: &TestApp,
    shop: &Shop,
    page: &Page,
    session: Option<&Token>,
    creator: Option<CreatorId>,
) -> Option<Reason> {
    let claim =
        ViewerClaim { session: session.map(Token::hash), creator, ..ViewerClaim::default() };
    let (name, slug) = (shop.handle.name.clone(), page.slug.clone());
    let checked = match app.gate.check(ResourceType::Page, name.clone(), slug.clone(), claim).await
    {
        Ok(reason) => Some(reason),
        Err(AccessError::NotFound(ResourceType::Page)) => None,
        Err(error) => panic!("{error}"),
    };
    match (app.gate.view(name, slug, claim).await, checked) {
        (Ok(view), Some(reason)) => {
            assert_eq!(view.reason, reason, "there are not two truths");
            assert_eq!(view.page.body.is_empty(), !reason.has_access());
            assert_eq!(view.page.teaser, page.teaser);
        }
        (Err(AccessError::NotFound(ResourceType::Page)), None) => {}
        (view, checked) => panic!("{view:?} but {checked:?}"),
    }
    checked
}

#[pollster::test]
async fn every_mode_status_and_viewer_gets_the_answer_of_the_rule() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let stranger = app.shop("eve").await;
    let mut number = 0;
    for mode in [AccessMode::Public, AccessMode::FreeWithLogin, AccessMode::Paid] {
        for status in [PageStatus::Draft, PageStatus::Published, PageStatus::Archived] {
            for held in HELD {
                let mut page = a_page().paid(1_200, "usd").new_page();
                page.mode = mode;
                page.status = status;
                let name = &shop.handle.name;
                let page = app.pages.create(&shop.creator, name, page).await.unwrap();
                number += 1;
                let bob = app.sign_in(&format!("bob{number}@example.com")).await;
                let visitor = app.visitor(&bob).await;
                if held == Held::RefundedAndActive {
                    let refunded = a_gift(&visitor, &page).build();
                    give(&app, Held::Refunded, refunded).await;
                }
                give(&app, held, a_gift(&visitor, &page).build()).await;
                let garbage = a_token();
                for (session, signed_in) in
                    [(None, false), (Some(&garbage), false), (Some(&bob), true)]
                {
                    for (creator, owner) in [
                        (None, false),
                        (Some(stranger.creator.id), false),
                        (Some(shop.creator.id), true),
                    ] {
                        let found = reason(&app, &shop, &page, session, creator).await;
                        let wanted = expected(mode, status, signed_in, held, owner);
                        assert_eq!(
                            found, wanted,
                            "{mode:?} {status:?} {held:?} signed in: {signed_in} owner: {owner}"
                        );
                    }
                }
            }
        }
    }
}

#[pollster::test]
async fn an_unknown_page_or_handle_is_not_found() {
    let Sale { app, shop, page, bob } = Sale::new().await;
    let nowhere = Page { slug: "nothing".parse().unwrap(), ..page.clone() };
    assert!(matches!(
        app.check(&shop, &nowhere, Some(&bob)).await,
        Err(AccessError::NotFound(ResourceType::Page))
    ));
    let mut nobody = shop.clone();
    nobody.handle.name = "nobody".parse().unwrap();
    assert!(matches!(
        app.check(&nobody, &page, Some(&bob)).await,
        Err(AccessError::NotFound(ResourceType::Page))
    ));
}

#[pollster::test]
async fn a_free_page_is_in_the_history_from_its_first_view_once() {
    let Sale { app, shop, bob, .. } = Sale::new().await;
    let free = app.page(&shop, a_page().free_with_login().published()).await;
    let visitor = app.visitor(&bob).await;
    let first_view = {
        app.clock.advance_seconds(10);
        tollgate_domain::clock::Clock::now(&*app.clock)
    };
    for _ in 0..3 {
        assert!(app.is_open(&shop, &free, &bob).await);
        app.clock.advance_seconds(10);
    }
    let history = app.gate.history(visitor.id, &PageRequest::default()).await.unwrap();
    assert_eq!(history.items.len(), 1);
    let row = history.items.first().unwrap();
    assert_eq!(row.access_type, AccessType::FreeLogin);
    assert_eq!(row.granted_at, first_view);
}

#[pollster::test]
async fn looking_at_public_or_closed_pages_is_in_nobodys_history() {
    let Sale { app, shop, page, bob } = Sale::new().await;
    let public = app.page(&shop, a_page().public().published()).await;
    assert!(app.is_open(&shop, &public, &bob).await);
    assert!(!app.is_open(&shop, &page, &bob).await);
    let visitor = app.visitor(&bob).await;
    let history = app.gate.history(visitor.id, &PageRequest::default()).await.unwrap();
    assert!(history.items.is_empty());
}

#[pollster::test]
async fn a_free_visit_does_not_open_the_page_once_it_is_paid() {
    let Sale { app, shop, bob, .. } = Sale::new().await;
    let free = app.page(&shop, a_page().free_with_login().published()).await;
    assert!(app.is_open(&shop, &free, &bob).await);
    let price = Some(Some(tollgate_domain_testing::money(500, "usd")));
    let paid = PageChange { mode: Some(AccessMode::Paid), price, ..PageChange::default() };
    app.change(&shop, &free, paid).await;
    let now = app.check(&shop, &free, Some(&bob)).await.unwrap();
    assert_eq!(now, Reason::PurchaseRequired);
}

#[pollster::test]
async fn edits_never_touch_what_was_bought() {
    let sale = Sale::new().await;
    let purchase = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    for change in [
        PageChange { mode: Some(AccessMode::Public), ..PageChange::default() },
        PageChange { mode: Some(AccessMode::FreeWithLogin), ..PageChange::default() },
        PageChange { status: Some(PageStatus::Draft), ..PageChange::default() },
        PageChange {
            mode: Some(AccessMode::Paid),
            price: Some(Some(tollgate_domain_testing::money(9_900, "eur"))),
            ..PageChange::default()
        },
        PageChange { status: Some(PageStatus::Archived), ..PageChange::default() },
    ] {
        sale.app.change(&sale.shop, &sale.page, change).await;
        assert!(sale.is_open().await);
        assert_eq!(sale.app.purchase(&purchase), purchase);
    }
}

#[pollster::test]
async fn what_is_answered_is_seen_by_the_next_check_on_every_replica() {
    let sale = Sale::new().await;
    let replica = sale.app.clone();
    let purchase = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    assert!(replica.is_open(&sale.shop, &sale.page, &sale.bob).await);
    let visitor = sale.app.visitor(&sale.bob).await;
    sale.app.refund(&sale.shop, &sale.page, &visitor).await.unwrap();
    assert!(!replica.is_open(&sale.shop, &sale.page, &sale.bob).await);
    replica.buy(&sale.shop, &sale.page, &sale.bob).await;
    assert!(sale.is_open().await);
    sale.app.sessions.sign_out(&[sale.bob.hash()]).await.unwrap();
    assert!(!replica.is_open(&sale.shop, &sale.page, &sale.bob).await);
    assert_eq!(purchase.visitor_id, visitor.id);
}

#[pollster::test]
async fn when_the_store_is_down_nobody_is_let_in() {
    let sale = Sale::new().await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let public = sale.app.page(&sale.shop, a_page().public().published()).await;
    sale.app.store.set_down(true);
    for page in [&sale.page, &public] {
        let result = sale.app.check(&sale.shop, page, Some(&sale.bob)).await;
        assert!(matches!(result, Err(AccessError::Store(_))));
    }
    sale.app.store.set_down(false);
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn the_history_tells_how_each_access_stands() {
    let sale = Sale::new().await;
    let app = &sale.app;
    let visitor = app.visitor(&sale.bob).await;
    app.buy(&sale.shop, &sale.page, &sale.bob).await;
    app.clock.advance_seconds(1);
    app.refund(&sale.shop, &sale.page, &visitor).await.unwrap();
    app.clock.advance_seconds(1);
    let second = app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payment = second.payment.unwrap().payment_intent;
    app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    app.deliver_webhooks().await;
    let history = app.gate.history(visitor.id, &PageRequest::default()).await.unwrap();
    let told: Vec<_> = history.items.iter().map(|row| row.status).collect();
    assert_eq!(told, [AccessStatus::Suspended, AccessStatus::Refunded]);
}

#[pollster::test]
async fn a_storefront_shows_what_is_published_only() {
    let Sale { app, shop, page, .. } = Sale::new().await;
    app.page(&shop, a_page().public()).await;
    app.page(&shop, a_page().public().archived()).await;
    let shown = app.gate.storefront(&shop.handle.name, &PageRequest::default()).await.unwrap();
    let (handle, pages) = shown.unwrap();
    assert_eq!(handle, shop.handle);
    assert_eq!(pages.items.iter().map(|page| page.id).collect::<Vec<_>>(), [page.id]);
    let nobody = "nobody".parse().unwrap();
    assert!(app.gate.storefront(&nobody, &PageRequest::default()).await.unwrap().is_none());
}

#[pollster::test]
async fn the_buyer_is_whose_session_started_the_checkout() {
    let sale = Sale::new().await;
    let eve = sale.app.sign_in("eve@example.com").await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    assert_eq!(bought.visitor_id, sale.app.visitor(&sale.bob).await.id);
    assert!(sale.is_open().await);
    assert!(!sale.app.is_open(&sale.shop, &sale.page, &eve).await);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
}
