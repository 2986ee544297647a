//! Making and changing pages.

use tollgate_domain::{
    creators::{AccessMode, PageChange, PageError, PageStatus, QuotaExceeded, Quotas},
    paging::PageRequest,
    validation::Field,
    version::BasedOn,
};
use tollgate_domain_testing::{TestApp, a_page, money};

use crate::{Sale, at_once};

#[pollster::test]
async fn a_paid_page_needs_a_price_that_can_be_charged() {
    let Sale { app, shop, page, .. } = Sale::new().await;
    let name = &shop.handle.name;
    for price in [None, Some(money(49, "usd")), Some(money(100_000_000, "usd"))] {
        let new =
            tollgate_domain::creators::NewPage { price, ..a_page().paid(1_200, "usd").new_page() };
        let refused = app.pages.create(&shop.creator, name, new).await;
        let Err(PageError::Invalid(errors)) = refused else { panic!("{price:?}") };
        assert!(errors.fields().contains_key(&Field::Price));
        let change = PageChange { price: Some(price), ..PageChange::default() };
        let refused =
            app.pages.change(&shop.creator, name, &page.slug, change, &BasedOn::Any).await;
        assert!(matches!(refused, Err(PageError::Invalid(_))));
    }
}

#[pollster::test]
async fn edits_at_once_are_all_kept() {
    let Sale { app, shop, page, .. } = Sale::new().await;
    let edits = at_once(4, |number| {
        let (app, shop, page) = (app.clone(), shop.clone(), page.clone());
        let change = match number {
            0 => PageChange { title: Some("Title".into()), ..PageChange::default() },
            1 => PageChange { teaser: Some("Teaser".into()), ..PageChange::default() },
            2 => PageChange { body: Some("Body".into()), ..PageChange::default() },
            _ => PageChange { mode: Some(AccessMode::Public), ..PageChange::default() },
        };
        async move { app.change(&shop, &page, change).await }
    })
    .await;
    let (_, now) = app.pages.owned(&shop.creator, &shop.handle.name, &page.slug).await.unwrap();
    assert_eq!((now.title.as_str(), now.teaser.as_str()), ("Title", "Teaser"));
    assert_eq!((now.body.as_str(), now.mode), ("Body", AccessMode::Public));
    // Every version has an instant of its own, though the clock stands still.
    let mut instants: Vec<_> = edits.iter().map(|page| page.updated_at).collect();
    instants.sort_unstable();
    instants.dedup();
    assert_eq!(instants.len(), 4);
}

#[pollster::test]
async fn a_page_without_buyers_is_deleted_and_any_other_is_archived() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, bob } = &sale;
    let name = &shop.handle.name;
    let unused = app.page(shop, a_page().published()).await;
    assert_eq!(
        app.pages.delete(&shop.creator, name, &unused.slug, &BasedOn::Any).await.unwrap(),
        None
    );
    let gone = app.pages.owned(&shop.creator, name, &unused.slug).await;
    assert!(matches!(gone, Err(PageError::NotFound)));

    app.buy(shop, page, bob).await;
    let told = app.pages.delete(&shop.creator, name, &page.slug, &BasedOn::Any).await.unwrap();
    let (_, kept) = app.pages.owned(&shop.creator, name, &page.slug).await.unwrap();
    assert_eq!(kept.status, PageStatus::Archived);
    assert_eq!(told, Some(kept));
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn a_page_that_was_changed_since_is_not_deleted() {
    let Sale { app, shop, page, bob } = Sale::new().await;
    let unused = app.page(&shop, a_page().published()).await;
    app.buy(&shop, &page, &bob).await;
    let name = &shop.handle.name;
    for page in [&unused, &page] {
        let seen = BasedOn::from(page.version());
        let change = PageChange { title: Some("Newer".into()), ..PageChange::default() };
        let newer =
            app.pages.change(&shop.creator, name, &page.slug, change, &BasedOn::Any).await.unwrap();
        let outdated = app.pages.delete(&shop.creator, name, &page.slug, &seen).await;
        assert!(matches!(outdated, Err(PageError::VersionConflict(now)) if *now == newer));
        let seen = BasedOn::from(newer.version());
        app.pages.delete(&shop.creator, name, &page.slug, &seen).await.unwrap();
    }
    let gone = app.pages.owned(&shop.creator, name, &unused.slug).await;
    assert!(matches!(gone, Err(PageError::NotFound)));
    let (_, kept) = app.pages.owned(&shop.creator, name, &page.slug).await.unwrap();
    assert_eq!(kept.status, PageStatus::Archived);
}

#[pollster::test]
async fn deleting_a_page_that_is_being_bought_ends_the_checkout() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let Sale { app, shop, page, .. } = &sale;
    app.pages.delete(&shop.creator, &shop.handle.name, &page.slug, &BasedOn::Any).await.unwrap();
    app.work().await;
    assert_eq!(app.payments.pay(&session), None);
}

#[pollster::test]
async fn a_slug_is_used_once_under_a_handle() {
    let app = TestApp::new();
    let (ada, eve) = (app.shop("ada").await, app.shop("eve").await);
    app.page(&ada, a_page().slug("guide")).await;
    let again = a_page().slug("guide").new_page();
    let taken = app.pages.create(&ada.creator, &ada.handle.name, again).await;
    assert!(matches!(taken, Err(PageError::SlugTaken)));
    app.page(&eve, a_page().slug("guide")).await;
}

#[pollster::test]
async fn nobody_touches_somebody_elses_pages() {
    let Sale { app, shop, page, .. } = Sale::new().await;
    let eve = app.shop("eve").await.creator;
    let (name, slug) = (&shop.handle.name, &page.slug);
    let change = PageChange { title: Some("Mine".into()), ..PageChange::default() };
    let not_found = |error: PageError| matches!(error, PageError::HandleNotFound);
    assert!(not_found(app.pages.owned(&eve, name, slug).await.unwrap_err()));
    assert!(not_found(
        app.pages.change(&eve, name, slug, change, &BasedOn::Any).await.unwrap_err()
    ));
    assert!(not_found(app.pages.delete(&eve, name, slug, &BasedOn::Any).await.unwrap_err()));
    assert!(not_found(app.pages.create(&eve, name, a_page().new_page()).await.unwrap_err()));
    let list = app.pages.list(&eve, name, None, &PageRequest::default()).await;
    assert!(not_found(list.unwrap_err()));
    let (_, untouched) = app.pages.owned(&shop.creator, name, slug).await.unwrap();
    assert_eq!(untouched, page);
}

#[pollster::test]
async fn a_page_remembers_since_when_signing_in_opens_it_no_more() {
    let Sale { app, shop, .. } = Sale::new().await;
    let page = app.page(&shop, a_page().free_with_login().published()).await;
    assert_eq!(page.closed_at, None);
    let change = async |change| {
        app.clock.advance_seconds(1);
        let page = app.change(&shop, &page, change).await;
        (page.closed_at, page.updated_at)
    };
    let status = |status| PageChange { status: Some(status), ..PageChange::default() };
    let mode = |mode| PageChange {
        mode: Some(mode),
        price: Some(Some(money(500, "usd"))),
        ..PageChange::default()
    };
    let (closed, at) = change(mode(AccessMode::Paid)).await;
    assert_eq!(closed, Some(at));
    assert_eq!(change(status(PageStatus::Archived)).await.0, closed, "it was closed before");
    assert_eq!(change(mode(AccessMode::FreeWithLogin)).await.0, closed, "nobody sees it");
    assert_eq!(change(status(PageStatus::Published)).await.0, None);
    assert_eq!(change(mode(AccessMode::Public)).await.0, None);
    let (closed, at) = change(status(PageStatus::Draft)).await;
    assert_eq!(closed, Some(at));
}

#[pollster::test]
async fn a_page_lets_visitors_in_exactly_when_the_gate_does() {
    let Sale { app, shop, bob, .. } = Sale::new().await;
    for mode in [AccessMode::Public, AccessMode::FreeWithLogin, AccessMode::Paid] {
        for status in [PageStatus::Draft, PageStatus::Published, PageStatus::Archived] {
            let page = app.page(&shop, a_page().paid(500, "usd")).await;
            let change =
                PageChange { mode: Some(mode), status: Some(status), ..PageChange::default() };
            let page = app.change(&shop, &page, change).await;
            let is_open = app.is_open(&shop, &page, &bob).await;
            assert_eq!(page.lets_visitors_in(), is_open, "{mode:?} {status:?}");
        }
    }
}

#[pollster::test]
async fn list_can_be_limited_to_a_status() {
    let Sale { app, shop, page, .. } = Sale::new().await;
    let draft = app.page(&shop, a_page()).await;
    let (creator, name, all) = (&shop.creator, &shop.handle.name, PageRequest::default());
    for (status, ids) in [
        (Some(PageStatus::Draft), vec![draft.id]),
        (Some(PageStatus::Published), vec![page.id]),
        (Some(PageStatus::Archived), vec![]),
    ] {
        let found = app.pages.list(creator, name, status, &all).await.unwrap();
        assert_eq!(found.items.iter().map(|page| page.id).collect::<Vec<_>>(), ids, "{status:?}");
    }
    assert_eq!(app.pages.list(creator, name, None, &all).await.unwrap().items.len(), 2);
}

#[pollster::test]
async fn a_handle_has_at_most_as_many_pages_as_the_quota_says() {
    let app = TestApp::new().with_quotas(Quotas { max_pages: 3, ..Quotas::default() });
    let shop = app.shop("ada").await;
    let results = at_once(8, |_| {
        let (app, shop) = (app.clone(), shop.clone());
        async move { app.pages.create(&shop.creator, &shop.handle.name, a_page().new_page()).await }
    })
    .await;
    let exceeded = |result: &&Result<_, _>| {
        matches!(result, Err(PageError::QuotaExceeded(QuotaExceeded::Pages(3))))
    };
    assert_eq!(results.iter().filter(exceeded).count(), 5);
    let made: Vec<_> = results.iter().flatten().collect();
    assert_eq!(made.len(), 3);
    let (creator, name) = (&shop.creator, &shop.handle.name);
    app.pages.delete(creator, name, &made[0].slug, &BasedOn::Any).await.unwrap();
    app.pages.create(creator, name, a_page().new_page()).await.unwrap();
}
