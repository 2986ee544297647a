//! The case of a creator: what is known of one person and one page or file.

use super::fixture::Fixture;
use crate::{
    a_fact, a_file, a_file_fact, a_gift, a_page, a_place, an_email, an_order, at, email, money,
};
use tollgate_domain::{
    access::{FactKind, GrantType, Purchase, Resource},
    checkout::OrderStatus,
    creators::Page,
    email::Email,
    id::HandleId,
    names::Slug,
    reports::ports::{MAX_FACTS, PendingPayment, ResourceCase, UnpaidOrder},
    store::Stores,
};

async fn case_of(fixture: &Fixture, page: &Page, email: &Email) -> ResourceCase {
    fixture.on.reports.case(Resource::Page(page.id), email).await.unwrap()
}

/// The pages of the fixture's handle about which something is known of this address.
async fn pages_about(fixture: &Fixture, email: &Email) -> Vec<Slug> {
    fixture.on.reports.pages_about(fixture.handle.id, email, 20).await.unwrap()
}

/// It has nothing of other people or pages. A person without anything is like one who was never here.
pub async fn a_case_holds_what_is_known_of_one_person_and_page(on: Stores) {
    let fixture = Fixture::new(on).await;
    let page = fixture.page(a_page().paid(500, "usd").published()).await;
    let (other, _) = fixture.another_visitor().await;
    let old = fixture.bought(|it| it.created_at(at(1)).refunded(at(3))).await;
    let new = fixture.bought(|it| it.created_at(at(2))).await;
    let elsewhere = fixture.bought_by(&fixture.visitor, &page, |it| it).await;
    let bought = a_fact(&old, FactKind::Purchased, at(1)).amount(money(1_200, "usd")).build();
    let refunded = a_fact(&old, FactKind::RefundAccepted, at(3)).build();
    let mut quarantined = a_fact(&new, FactKind::PaymentQuarantined, at(2)).build();
    quarantined.subject.purchase_id = None;
    let not_this_page = a_fact(&elsewhere, FactKind::Purchased, at(1)).build();
    for fact in [&refunded, &quarantined, &bought, &not_this_page] {
        assert!(fixture.keep_fact(fact).await);
    }
    assert_eq!(
        case_of(&fixture, &fixture.page, &fixture.visitor.email).await,
        ResourceCase {
            purchases: vec![new, old],
            listed: false,
            facts: vec![bought, quarantined, refunded],
            pending: None,
            failed: vec![],
            quarantined: None,
            unpaid: vec![],
        }
    );
    assert_eq!(case_of(&fixture, &fixture.page, &other.email).await, ResourceCase::default());
    assert_eq!(case_of(&fixture, &fixture.page, &an_email()).await, ResourceCase::default());
}

/// It is of this person and this page only, and only until it is refunded.
pub async fn a_case_holds_the_payment_that_does_not_match_its_order(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let order = an_order(&fixture.visitor, &fixture.page).open();
    let order = order.status(OrderStatus::Quarantined).build();
    assert!(fixture.keep_order(&order).await);
    let purchase = fixture.bought_by(&other, &fixture.page, |it| it).await;
    let session = order.opened.clone().unwrap().session.to_string();
    let told = async |email: &Email| case_of(&fixture, &fixture.page, email).await.quarantined;
    for (kind, instant, expected) in
        [(FactKind::PaymentQuarantined, at(5), true), (FactKind::QuarantineRefunded, at(6), false)]
    {
        let fact = a_fact(&purchase, kind, instant).reference(&session).build();
        assert!(fixture.keep_fact(&fact).await);
        let found = PendingPayment { since: at(5), ..PendingPayment::of(&order) };
        assert_eq!(told(&fixture.visitor.email).await, expected.then_some(found));
        assert_eq!(told(&other.email).await, None);
    }
}

/// It is of this person and this page only, and only while it is under way.
pub async fn a_case_holds_the_payment_that_is_on_its_way(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let order = an_order(&fixture.visitor, &fixture.page).open().status(OrderStatus::Pending);
    let (order, open) = (order.build(), an_order(&other, &fixture.page).open().build());
    for order in [&order, &open] {
        assert!(fixture.keep_order(order).await);
    }
    let pending = async |email: &Email| case_of(&fixture, &fixture.page, email).await.pending;
    let about = async |email: &Email| pages_about(&fixture, email).await;
    assert_eq!(pending(&fixture.visitor.email).await, Some(PendingPayment::of(&order)));
    assert_eq!(about(&fixture.visitor.email).await, vec![fixture.page.slug.clone()]);
    assert_eq!(pending(&other.email).await, None);
    assert_eq!(about(&other.email).await, vec![fixture.page.slug.clone()]);
    assert!(fixture.advance(order.id, &[OrderStatus::Pending], OrderStatus::Paid).await);
    assert_eq!(pending(&fixture.visitor.email).await, None);
    assert!(about(&an_email()).await.is_empty());
}

/// They are of this person and this page only. An order without a session asked nobody to pay.
pub async fn a_case_holds_the_pay_pages_that_were_not_paid(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let page = fixture.page(a_page().paid(500, "usd").published()).await;
    let order = |page, second, status| {
        let order = an_order(&fixture.visitor, page).open().created_at(at(second));
        order.status(status).build()
    };
    let expired = order(&fixture.page, 1, OrderStatus::Expired);
    let open = order(&fixture.page, 3, OrderStatus::Open);
    let paid = order(&fixture.page, 2, OrderStatus::Paid);
    let elsewhere = order(&page, 4, OrderStatus::Closing);
    let without = an_order(&other, &fixture.page).status(OrderStatus::Expired).build();
    for order in [&open, &expired, &paid, &elsewhere, &without] {
        assert!(fixture.keep_order(order).await);
    }
    let unpaid = async |page: &Page, email: &Email| case_of(&fixture, page, email).await.unpaid;
    let told = |order, is_over| UnpaidOrder { payment: PendingPayment::of(order), is_over };
    let own = &fixture.visitor.email;
    let expected = vec![told(&expired, true), told(&open, false)];
    assert_eq!(unpaid(&fixture.page, own).await, expected);
    assert_eq!(unpaid(&page, own).await, vec![told(&elsewhere, true)]);
    assert_eq!(unpaid(&fixture.page, &other.email).await, vec![]);
    assert_eq!(pages_about(&fixture, &other.email).await, vec![]);
}

/// They are of this person and this page only. An order without a session asked nobody to pay.
pub async fn a_case_holds_the_payments_that_failed(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let failed = |second| {
        let order = an_order(&fixture.visitor, &fixture.page).open().created_at(at(second));
        order.status(OrderStatus::Failed).build()
    };
    let refused = an_order(&other, &fixture.page).status(OrderStatus::Failed).build();
    let (first, second) = (failed(1), failed(2));
    for order in [&second, &first, &refused] {
        assert!(fixture.keep_order(order).await);
    }
    let known = async |email: &Email| {
        let case = case_of(&fixture, &fixture.page, email).await;
        (case.failed, pages_about(&fixture, email).await)
    };
    let expected = vec![PendingPayment::of(&first), PendingPayment::of(&second)];
    assert_eq!(known(&fixture.visitor.email).await, (expected, vec![fixture.page.slug.clone()]));
    assert_eq!(known(&other.email).await, (vec![], vec![]));
}

/// What happened to a purchase can be read under the address that it was bought with and the one it moved to.
pub async fn a_case_of_a_moved_purchase_is_told_under_both_addresses(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let purchase = fixture.bought(|it| it.created_at(at(1))).await;
    let bought = a_fact(&purchase, FactKind::Purchased, at(1)).amount(money(1_200, "usd")).build();
    assert!(fixture.keep_fact(&bought).await);
    let mut unit = fixture.begin().await;
    let moved =
        unit.purchases().move_to(fixture.handle.id, fixture.visitor.id, other.id).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(moved.moved.iter().map(|moved| moved.id).collect::<Vec<_>>(), [purchase.id]);
    let purchase = Purchase { visitor_id: other.id, ..purchase };
    let moved = a_fact(&purchase, FactKind::Moved, at(2)).build();
    let refunded = a_fact(&purchase, FactKind::RefundAccepted, at(3)).build();
    for fact in [&moved, &refunded] {
        assert!(fixture.keep_fact(fact).await);
    }
    let case = async |email: &Email| case_of(&fixture, &fixture.page, email).await;
    let facts = vec![bought, moved, refunded];
    let of_new = case(&other.email).await;
    assert_eq!((&of_new.facts, of_new.purchases), (&facts, vec![purchase]));
    let of_old = case(&fixture.visitor.email).await;
    assert_eq!((of_old.facts, of_old.purchases), (facts, vec![]));
    for email in [&fixture.visitor.email, &other.email] {
        let about = pages_about(&fixture, email).await;
        assert_eq!(about, vec![fixture.page.slug.clone()], "{email}");
    }
}

/// A purchase or a gift of this visitor and this page opens it, while it is neither refunded nor revoked nor suspended.
pub async fn a_page_is_open_to_who_has_it(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let elsewhere = fixture.page(a_page().paid(500, "usd").published()).await;
    let opens =
        async |page: &Page, email: &Email| fixture.on.reports.opens(page.id, email).await.unwrap();
    let is_open = async || opens(&fixture.page, &fixture.visitor.email).await;
    assert!(!opens(&fixture.page, &an_email()).await, "an unknown address");
    fixture.bought_by(&other, &fixture.page, |it| it).await;
    fixture.bought_by(&fixture.visitor, &elsewhere, |it| it).await;
    fixture.bought(|it| it.refunded(at(3))).await;
    assert!(!is_open().await);
    let mut bought = fixture.bought(|it| it).await;
    for (suspended_at, revoked_at) in [(None, None), (Some(at(2)), None), (None, Some(at(3)))] {
        (bought.suspended_at, bought.revoked_at) = (suspended_at, revoked_at);
        fixture.commit(async |unit| unit.purchases().store_state(&bought).await).await;
        assert_eq!(is_open().await, suspended_at.or(revoked_at).is_none(), "{bought:?}");
    }
    fixture.keep_gift(&a_gift(&fixture.visitor, &fixture.page).build()).await;
    assert!(is_open().await);
}

/// Files of other handles, without a list or with the places of others are left out, and the newest come first.
pub async fn files_are_found_by_who_is_or_was_on_their_lists(on: Stores) {
    let fixture = Fixture::new(on).await;
    let reader = an_email();
    let mut slugs = Vec::new();
    for second in 1..=3 {
        let file = fixture.file(a_file().by_list().created_at(at(second))).await;
        assert!(fixture.place(&a_place(&file, &reader, at(5))).await);
        // An address that comes back has two places.
        assert!(fixture.unplace(&file, &reader, at(6)).await.is_some());
        assert!(second == 2 || fixture.place(&a_place(&file, &reader, at(7))).await);
        slugs.insert(0, file.slug);
    }
    let theirs = fixture.file(a_file().by_list()).await;
    assert!(fixture.place(&a_place(&theirs, &fixture.visitor.email, at(5))).await);
    let public = fixture.file(a_file()).await;
    assert!(fixture.place(&a_place(&public, &reader, at(5))).await);
    let retired = fixture.file(a_file().by_list()).await;
    assert!(fixture.place(&a_place(&retired, &reader, at(5))).await);
    assert!(fixture.retire(&retired, at(9)).await);
    let about = async |handle: HandleId, who: &Email, limit| {
        fixture.on.reports.files_about(handle, who, limit).await.unwrap()
    };
    let handle = fixture.handle.id;
    assert_eq!(about(handle, &reader, 20).await, slugs);
    assert_eq!(about(handle, &reader, 2).await, slugs.iter().take(2).cloned().collect::<Vec<_>>());
    assert_eq!(about(handle, &an_email(), 20).await, vec![]);
    let elsewhere = fixture.another_handle().await;
    assert_eq!(about(elsewhere.id, &reader, 20).await, vec![]);
}

/// It has every place that the address had, and no other address's.
pub async fn a_case_of_a_file_holds_the_places_of_one_address(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().by_list()).await;
    let other = fixture.file(a_file().by_list()).await;
    let reader = an_email();
    let mine = a_place(&file, &reader, at(1));
    let (mine_id, theirs, elsewhere) = (
        mine.id.to_string(),
        a_place(&file, &fixture.visitor.email, at(2)),
        a_place(&other, &reader, at(3)),
    );
    for place in [&mine, &theirs, &elsewhere] {
        assert!(fixture.place(place).await);
    }
    let fact = |file, kind, reference: &str, second| {
        a_file_fact(file, kind, at(second)).reference(reference).build()
    };
    let added = fact(&file, FactKind::Allowlisted, &mine_id, 1);
    let removed = fact(&file, FactKind::AllowlistRemoved, &mine_id, 4);
    let not_mine = fact(&file, FactKind::Allowlisted, &theirs.id.to_string(), 2);
    let not_here = fact(&other, FactKind::Allowlisted, &elsewhere.id.to_string(), 3);
    let mut unit = fixture.begin().await;
    for fact in [&removed, &not_mine, &not_here, &added] {
        assert!(unit.ledger().record(fact).await.unwrap());
    }
    unit.commit().await.unwrap();
    let case =
        async |who: &Email| fixture.on.reports.case(Resource::File(file.id), who).await.unwrap();
    let facts = vec![added, removed];
    let expected = ResourceCase { listed: true, facts, ..ResourceCase::default() };
    assert_eq!(case(&reader).await, expected);
    assert!(fixture.unplace(&file, &reader, at(4)).await.is_some());
    assert_eq!(case(&reader).await, ResourceCase { listed: false, ..expected });
    assert_eq!(case(&email("nobody@example.com")).await, ResourceCase::default());
}

/// It has the newest of very many facts.
pub async fn a_case_holds_no_more_facts_than_can_be_read(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let most = i64::from(MAX_FACTS);
    let mut unit = fixture.begin().await;
    for second in 0..=most {
        let fact = a_fact(&purchase, FactKind::RefundAccepted, at(second)).build();
        assert!(unit.ledger().record(&fact).await.unwrap());
    }
    unit.commit().await.unwrap();
    let case = case_of(&fixture, &fixture.page, &fixture.visitor.email).await;
    let times: Vec<_> = case.facts.iter().map(|fact| fact.at).collect();
    assert_eq!(times, (1..=most).map(at).collect::<Vec<_>>());
    assert!(case.purchases.iter().all(|held| held.grant_type == GrantType::Purchase));
}
