//! Complimentary access.

use tollgate_domain::{
    access::{AccessStatus, AccessType, FactKind, GrantError, GrantType, Reason},
    id::PurchaseId,
    mail::{MailContent, MailKind},
    paging::PageRequest,
};
use tollgate_domain_testing::{SeededRandom, a_page, at, email};

use crate::{BOB, Sale, at_once};

const CAROL: &str = "carol@example.com";

#[pollster::test]
async fn a_gift_opens_the_page_once_its_owner_signs_in() {
    let Sale { app, shop, page, .. } = Sale::new().await;
    let given = app.give(&shop, &page, " Carol@Example.com").await;
    assert!(given.is_new);
    assert_eq!(given.visitor.email, email(CAROL));
    assert_eq!(given.grant.granted_as, GrantType::Complimentary);
    assert_eq!(app.mails_to(CAROL).await, ["granted"]);
    let mails = app.mailer.sent_to(&email(CAROL));
    let [MailContent::Granted { page_url, title, .. }] = mails.as_slice() else { panic!() };
    assert_eq!(title, &page.title);
    assert_eq!(page_url, &format!("http://ada.tollgate.localhost:8080/{}", page.slug));
    assert_eq!(
        app.check(&shop, &page, None).await.unwrap(),
        Reason::VisitorAuthRequired,
        "a gift opens nothing by itself"
    );
    let carol = app.sign_in(CAROL).await;
    assert_eq!(app.visitor(&carol).await.id, given.visitor.id);
    assert!(app.is_open(&shop, &page, &carol).await);
    let facts = app.store.facts();
    let granted: Vec<_> = facts.iter().filter(|fact| fact.kind == FactKind::Granted).collect();
    assert_eq!(granted.len(), 1);
    assert_eq!(granted[0].reference, given.grant.id.to_string());
}

#[pollster::test]
async fn giving_again_changes_nothing_however_many_do_it_at_once() {
    let Sale { app, shop, page, .. } = Sale::new().await;
    let given = at_once(12, |_| {
        let (app, shop, page) = (app.clone(), shop.clone(), page.clone());
        async move { app.give(&shop, &page, CAROL).await }
    })
    .await;
    assert_eq!(given.iter().filter(|given| given.is_new).count(), 1);
    let grants: std::collections::BTreeSet<_> = given.iter().map(|given| given.grant.id).collect();
    assert_eq!(grants.len(), 1);
    assert_eq!(app.store.purchases().len(), 1);
    assert_eq!(app.mails_to(CAROL).await, ["granted"]);
}

#[pollster::test]
async fn taking_a_gift_back_ends_it_at_once_and_leaves_what_was_bought() {
    let Sale { app, shop, page, bob } = Sale::new().await;
    let (name, slug) = (&shop.handle.name, &page.slug);
    let first = app.give(&shop, &page, BOB).await.grant;
    assert!(app.is_open(&shop, &page, &bob).await);
    for _ in 0..2 {
        app.grants.revoke(&shop.creator, name, slug, first.id).await.unwrap();
        assert!(!app.is_open(&shop, &page, &bob).await);
    }
    let revoked = app.store.facts();
    let revoked = revoked.iter().filter(|fact| fact.kind == FactKind::Revoked).count();
    assert_eq!(revoked, 1);

    app.buy(&shop, &page, &bob).await;
    let second = app.give(&shop, &page, BOB).await;
    assert!(second.is_new, "the first is over");
    app.grants.revoke(&shop.creator, name, slug, second.grant.id).await.unwrap();
    assert!(app.is_open(&shop, &page, &bob).await, "what was bought stays");

    let bob = app.visitor(&bob).await;
    let history = app.gate.history(bob.id, &PageRequest::default()).await.unwrap().items;
    let told: Vec<_> = history.iter().map(|row| (row.access_type, row.status)).collect();
    assert_eq!(told.len(), 3);
    let gifts =
        told.iter().filter(|told| **told == (AccessType::Complimentary, AccessStatus::Revoked));
    assert_eq!(gifts.count(), 2);
    assert!(told.contains(&(AccessType::Purchase, AccessStatus::Active)));
}

/// The clock of the process that gives may be behind.
#[pollster::test]
async fn a_gift_comes_after_what_was_bought_before_it() {
    let Sale { app, shop, page, bob } = Sale::new().await;
    app.clock.advance_seconds(60);
    let bought = app.buy(&shop, &page, &bob).await;
    app.clock.set(at(1));
    let given = app.give(&shop, &page, BOB).await.grant;
    assert!(given.created_at > bought.created_at, "{given:?}");
}

#[pollster::test]
async fn what_was_paid_for_is_not_a_gift() {
    let Sale { app, shop, page, bob } = Sale::new().await;
    let bought = app.buy(&shop, &page, &bob).await;
    let (name, slug) = (&shop.handle.name, &page.slug);
    let refused = app.grants.revoke(&shop.creator, name, slug, bought.id).await;
    assert!(matches!(refused, Err(GrantError::NotFound)));
    let unknown = PurchaseId::new(at(0), &SeededRandom::new(99));
    let refused = app.grants.revoke(&shop.creator, name, slug, unknown).await;
    assert!(matches!(refused, Err(GrantError::NotFound)));
    assert!(app.is_open(&shop, &page, &bob).await);
}

#[pollster::test]
async fn nobody_gives_or_takes_what_is_somebody_elses() {
    let Sale { app, shop, page, .. } = Sale::new().await;
    let eve = app.shop("eve").await;
    let own = app.page(&eve, a_page().paid(500, "usd").published()).await;
    let grant = app.give(&shop, &page, BOB).await.grant;
    let (name, slug) = (&shop.handle.name, &page.slug);
    let foreign = app.grants.give(&eve.creator, name, slug, email(CAROL)).await;
    assert!(matches!(foreign, Err(GrantError::HandleNotFound)));
    let foreign = app.grants.give(&eve.creator, &eve.handle.name, slug, email(CAROL)).await;
    assert!(matches!(foreign, Err(GrantError::PageNotFound)));
    let foreign = app.grants.revoke(&eve.creator, name, slug, grant.id).await;
    assert!(matches!(foreign, Err(GrantError::HandleNotFound)));
    let name = &eve.handle.name;
    let foreign = app.grants.revoke(&eve.creator, name, &own.slug, grant.id).await;
    assert!(matches!(foreign, Err(GrantError::NotFound)));
    assert!(app.purchase(&grant).holding().is_active());
    assert!(app.mails_to(CAROL).await.is_empty());
}

#[pollster::test]
async fn a_gift_is_whole_or_not_there_at_all() {
    let Sale { app, shop, page, .. } = Sale::new().await;
    for passes in 0..40 {
        app.store.fail_after(passes);
        let (name, slug) = (&shop.handle.name, &page.slug);
        let given = app.grants.give(&shop.creator, name, slug, email(CAROL)).await;
        let crashed = !app.store.heal();
        let (gifts, mails) = (app.store.purchases().len(), app.store.mails());
        let mails = mails.iter().filter(|(mail, _)| mail.kind == MailKind::Granted).count();
        let facts = app.store.facts().len();
        assert_eq!((gifts, facts), (mails, mails), "after {passes} calls");
        if !crashed {
            assert!(given.is_ok());
            return;
        }
    }
    panic!("giving never ends");
}
