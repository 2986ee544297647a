//! Complimentary access.

use tollgate_domain::{
    access::{AccessStatus, AccessType, FactKind, GrantError, GrantType, Reason},
    id::PurchaseId,
    outbox::MailContent,
    paging::PageRequest,
    testing::{SeededRandom, a_page, at, email},
};

use crate::{BOB, Sale, at_once};

const CAROL: &str = "carol@example.com";

#[pollster::test]
async fn a_gift_opens_the_page_once_its_owner_signs_in() {
    let Sale { world, shop, page, .. } = Sale::new().await;
    let given = world.give(&shop, &page, " Carol@Example.com").await;
    assert!(given.is_new);
    assert_eq!(given.visitor.email, email(CAROL));
    assert_eq!(given.grant.granted_as, GrantType::Complimentary);
    assert_eq!(world.mails_to(CAROL).await, ["granted"]);
    let mails = world.mailer.sent_to(&email(CAROL));
    let [MailContent::Granted { page_url, title, .. }] = mails.as_slice() else { panic!() };
    assert_eq!(title, &page.title);
    assert_eq!(page_url, &format!("http://ada.tollgate.localhost:8080/{}", page.slug));
    assert_eq!(
        world.check(&shop, &page, None).await.unwrap(),
        Reason::VisitorAuthRequired,
        "a gift opens nothing by itself"
    );
    let carol = world.sign_in(CAROL).await;
    assert_eq!(world.visitor(&carol).await.id, given.visitor.id);
    assert!(world.is_open(&shop, &page, &carol).await);
    let facts = world.store.facts();
    let granted: Vec<_> = facts.iter().filter(|fact| fact.kind == FactKind::Granted).collect();
    assert_eq!(granted.len(), 1);
    assert_eq!(granted[0].reference, given.grant.id.to_string());
}

#[pollster::test]
async fn giving_again_changes_nothing_however_many_do_it_at_once() {
    let Sale { world, shop, page, .. } = Sale::new().await;
    let given = at_once(12, |_| {
        let (world, shop, page) = (world.clone(), shop.clone(), page.clone());
        async move { world.give(&shop, &page, CAROL).await }
    })
    .await;
    assert_eq!(given.iter().filter(|given| given.is_new).count(), 1);
    let grants: std::collections::BTreeSet<_> = given.iter().map(|given| given.grant.id).collect();
    assert_eq!(grants.len(), 1);
    assert_eq!(world.store.purchases().len(), 1);
    assert_eq!(world.mails_to(CAROL).await, ["granted"]);
}

#[pollster::test]
async fn taking_a_gift_back_ends_it_at_once_and_leaves_what_was_bought() {
    let Sale { world, shop, page, bob } = Sale::new().await;
    let (name, slug) = (&shop.handle.name, &page.slug);
    let first = world.give(&shop, &page, BOB).await.grant;
    assert!(world.is_open(&shop, &page, &bob).await);
    for _ in 0..2 {
        world.grants.revoke(&shop.creator, name, slug, first.id).await.unwrap();
        assert!(!world.is_open(&shop, &page, &bob).await);
    }
    let revoked = world.store.facts();
    let revoked = revoked.iter().filter(|fact| fact.kind == FactKind::Revoked).count();
    assert_eq!(revoked, 1);

    world.buy(&shop, &page, &bob).await;
    let second = world.give(&shop, &page, BOB).await;
    assert!(second.is_new, "the first is over");
    world.grants.revoke(&shop.creator, name, slug, second.grant.id).await.unwrap();
    assert!(world.is_open(&shop, &page, &bob).await, "what was bought stays");

    let bob = world.visitor(&bob).await;
    let history = world.gate.history(bob.id, &PageRequest::default()).await.unwrap().items;
    let told: Vec<_> = history.iter().map(|row| (row.access_type, row.status)).collect();
    assert_eq!(told.len(), 3);
    let gifts =
        told.iter().filter(|told| **told == (AccessType::Complimentary, AccessStatus::Revoked));
    assert_eq!(gifts.count(), 2);
    assert!(told.contains(&(AccessType::Purchase, AccessStatus::Active)));
}

#[pollster::test]
async fn what_was_paid_for_is_no_gift() {
    let Sale { world, shop, page, bob } = Sale::new().await;
    let bought = world.buy(&shop, &page, &bob).await;
    let (name, slug) = (&shop.handle.name, &page.slug);
    let refused = world.grants.revoke(&shop.creator, name, slug, bought.id).await;
    assert!(matches!(refused, Err(GrantError::NotFound)));
    let unknown = PurchaseId::new(at(0), &SeededRandom::new(99));
    let refused = world.grants.revoke(&shop.creator, name, slug, unknown).await;
    assert!(matches!(refused, Err(GrantError::NotFound)));
    assert!(world.is_open(&shop, &page, &bob).await);
}

#[pollster::test]
async fn nobody_gives_or_takes_what_is_somebody_elses() {
    let Sale { world, shop, page, .. } = Sale::new().await;
    let eve = world.shop("eve").await;
    let own = world.page(&eve, a_page().paid(500, "usd").published()).await;
    let grant = world.give(&shop, &page, BOB).await.grant;
    let (name, slug) = (&shop.handle.name, &page.slug);
    let foreign = world.grants.give(&eve.creator, name, slug, email(CAROL)).await;
    assert!(matches!(foreign, Err(GrantError::HandleNotFound)));
    let foreign = world.grants.give(&eve.creator, &eve.handle.name, slug, email(CAROL)).await;
    assert!(matches!(foreign, Err(GrantError::PageNotFound)));
    let foreign = world.grants.revoke(&eve.creator, name, slug, grant.id).await;
    assert!(matches!(foreign, Err(GrantError::HandleNotFound)));
    let name = &eve.handle.name;
    let foreign = world.grants.revoke(&eve.creator, name, &own.slug, grant.id).await;
    assert!(matches!(foreign, Err(GrantError::NotFound)));
    assert!(world.purchase(&grant).holding().is_active());
    assert!(world.mails_to(CAROL).await.is_empty());
}

#[pollster::test]
async fn a_gift_is_whole_or_not_there_at_all() {
    let Sale { world, shop, page, .. } = Sale::new().await;
    for passes in 0..40 {
        world.store.fail_after(passes);
        let (name, slug) = (&shop.handle.name, &page.slug);
        let given = world.grants.give(&shop.creator, name, slug, email(CAROL)).await;
        let crashed = !world.store.heal();
        let (gifts, mails) = (world.store.purchases().len(), world.store.mails());
        let mails = mails.iter().filter(|(mail, _)| mail.kind == "granted").count();
        let facts = world.store.facts().len();
        assert_eq!((gifts, facts), (mails, mails), "after {passes} calls");
        if !crashed {
            assert!(given.is_ok());
            return;
        }
    }
    panic!("giving never ends");
}
