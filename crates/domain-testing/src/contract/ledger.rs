//! The ledger.

use super::fixture::{Fixture, count_true, parallel};
use crate::{a_fact, a_file, a_file_fact, a_page, at, money};
use tollgate_domain::{
    access::{FactKind, Purchase, Resource},
    store::Stores,
};

pub async fn a_fact_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    for kind in [
        FactKind::Purchased,
        FactKind::GroupPurchased,
        FactKind::Granted,
        FactKind::RefundAccepted,
        FactKind::RefundFailed,
        FactKind::Inquired,
        FactKind::Disputed,
        FactKind::DisputeWon,
        FactKind::DisputeLost,
        FactKind::Revoked,
        FactKind::PaymentQuarantined,
        FactKind::QuarantineRefunded,
        FactKind::QuarantineRefundFailed,
        FactKind::SecondPaymentHeld,
    ] {
        let purchase = fixture.bought(|it| it).await;
        let plain = a_fact(&purchase, kind, at(1)).build();
        let full = a_fact(&purchase, kind, at(2)).amount(money(5_120, "kwd")).build();
        assert!(fixture.keep_fact(&plain).await);
        assert!(fixture.keep_fact(&full).await);
        let mut unit = fixture.begin().await;
        let found = unit.ledger().of_purchase(purchase.id).await.unwrap();
        assert_eq!(found, vec![plain, full]);
    }
}

/// Facts form a set: the first stays as it is.
pub async fn a_fact_is_kept_once(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let first = a_fact(&purchase, FactKind::RefundAccepted, at(1))
        .reference("re_1")
        .amount(money(100, "usd"))
        .build();
    let again = a_fact(&purchase, FactKind::RefundAccepted, at(2))
        .reference("re_1")
        .amount(money(900, "usd"))
        .build();
    let mut unit = fixture.begin().await;
    assert!(unit.ledger().record(&first).await.unwrap());
    assert!(!unit.ledger().record(&again).await.unwrap());
    assert!(!unit.ledger().record(&first).await.unwrap());
    unit.commit().await.unwrap();
    assert!(!fixture.keep_fact(&again).await);
    let mut unit = fixture.begin().await;
    for (kind, reference, expected) in [
        (FactKind::RefundAccepted, "re_1", true),
        (FactKind::RefundFailed, "re_1", false),
        (FactKind::RefundAccepted, "re_2", false),
    ] {
        assert_eq!(unit.ledger().has(kind, reference).await, Ok(expected), "{reference}");
    }
    assert_eq!(unit.ledger().of_purchase(purchase.id).await.unwrap(), vec![first]);
}

/// Those that are known stay as they are, also within one call.
pub async fn many_facts_are_kept_like_one(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let file = fixture.file(a_file()).await;
    let fact = |second| a_fact(&purchase, FactKind::RefundAccepted, at(second));
    let known = fact(1).reference("re_1").amount(money(100, "usd")).build();
    assert!(fixture.keep_fact(&known).await);
    let new = fact(2).reference("re_2").amount(money(200, "usd")).build();
    let facts = [
        fact(3).reference("re_1").amount(money(900, "usd")).build(),
        new.clone(),
        fact(4).reference("re_2").build(),
    ];
    let about_file: Vec<_> = (1..=300)
        .map(|second| a_file_fact(&file, FactKind::Allowlisted, at(second)).build())
        .collect();
    let (facts, about_file) = (facts.as_slice(), about_file.as_slice());
    for facts in [facts, about_file, facts, [].as_slice()] {
        fixture.commit(async |unit| unit.ledger().record_all(facts).await).await;
    }
    let mut unit = fixture.begin().await;
    assert_eq!(unit.ledger().of_purchase(purchase.id).await.unwrap(), vec![known, new]);
    let found = unit.ledger().of_resource(Resource::File(file.id)).await.unwrap();
    assert_eq!(found, about_file);
}

pub async fn of_parallel_facts_with_one_reference_one_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let new = parallel(20, async |_| {
        let fact = a_fact(&purchase, FactKind::Disputed, at(1)).reference("du_1").build();
        fixture.keep_fact(&fact).await
    })
    .await;
    assert_eq!(count_true(&new), 1);
}

/// Both a dispute and its end have the id of the dispute.
pub async fn facts_of_different_kinds_share_a_reference(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    for kind in [FactKind::Disputed, FactKind::DisputeLost, FactKind::DisputeWon] {
        assert!(fixture.keep_fact(&a_fact(&purchase, kind, at(1)).reference("du_1").build()).await);
    }
}

/// The time at which they were learnt decides, whatever was stored first.
pub async fn the_facts_of_a_purchase_are_listed_oldest_first(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (purchase, other) = (fixture.bought(|it| it).await, fixture.bought(|it| it).await);
    for second in [5, 1, 4, 2, 3] {
        let fact = |purchase| a_fact(purchase, FactKind::RefundAccepted, at(second)).build();
        assert!(fixture.keep_fact(&fact(&purchase)).await);
        assert!(fixture.keep_fact(&fact(&other)).await);
    }
    let mut unit = fixture.begin().await;
    let found = unit.ledger().of_purchase(purchase.id).await.unwrap();
    let times: Vec<_> = found.iter().map(|fact| fact.at).collect();
    assert_eq!(times, [1, 2, 3, 4, 5].map(at).to_vec());
    assert!(found.iter().all(|fact| fact.subject.purchase_id == Some(purchase.id)));
}

/// A quarantined payment has no purchase.
pub async fn a_fact_without_a_purchase_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let mut fact = a_fact(&purchase, FactKind::PaymentQuarantined, at(1)).build();
    fact.subject.purchase_id = None;
    assert!(fixture.keep_fact(&fact).await);
    assert!(!fixture.keep_fact(&fact).await);
    let mut unit = fixture.begin().await;
    assert_eq!(unit.ledger().of_purchase(purchase.id).await.unwrap(), vec![]);
    let of_page = unit.ledger().of_resource(Resource::Page(fixture.page.id)).await.unwrap();
    assert_eq!(of_page, vec![fact]);
}

pub async fn a_fact_about_a_file_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (file, other) = (fixture.file(a_file()).await, fixture.file(a_file()).await);
    let facts = [
        a_file_fact(&file, FactKind::Allowlisted, at(1)).reference("alw_1").build(),
        a_file_fact(&file, FactKind::AllowlistRemoved, at(2)).reference("alw_1").build(),
        a_file_fact(&file, FactKind::FileDeleted, at(3)).reference(&file.id.to_string()).build(),
    ];
    for fact in facts.iter().rev() {
        assert!(fixture.keep_fact(fact).await);
    }
    let again = a_file_fact(&other, FactKind::Allowlisted, at(9)).reference("alw_1").build();
    assert!(!fixture.keep_fact(&again).await);
    let mut unit = fixture.begin().await;
    assert_eq!(unit.ledger().of_resource(Resource::File(file.id)).await.unwrap(), facts);
    assert_eq!(unit.ledger().of_resource(Resource::File(other.id)).await.unwrap(), vec![]);
}

/// There is one ledger: kind and reference tell facts apart, whatever they are about.
pub async fn facts_about_pages_and_files_are_one_list(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().on(&fixture.page)).await;
    let elsewhere = fixture.page(a_page().paid(500, "usd").published()).await;
    let (one, two) = (fixture.bought(|it| it).await, fixture.bought(|it| it).await);
    let other = fixture.bought_by(&fixture.visitor, &elsewhere, |it| it).await;
    let of_page = [
        a_fact(&one, FactKind::Purchased, at(1)).reference("x").build(),
        a_fact(&two, FactKind::Purchased, at(2)).build(),
        a_fact(&one, FactKind::Disputed, at(4)).reference("x").build(),
    ];
    let of_file = [a_file_fact(&file, FactKind::Allowlisted, at(3)).reference("x").build()];
    for fact in of_page.iter().rev().chain(&of_file) {
        assert!(fixture.keep_fact(fact).await);
    }
    assert!(fixture.keep_fact(&a_fact(&other, FactKind::Granted, at(1)).build()).await);
    // A kind and a reference that are known are refused, also about another page or file.
    assert!(
        !fixture.keep_fact(&a_fact(&other, FactKind::Disputed, at(9)).reference("x").build()).await
    );
    assert!(
        !fixture
            .keep_fact(&a_file_fact(&file, FactKind::Purchased, at(9)).reference("x").build())
            .await
    );
    let mut unit = fixture.begin().await;
    let ledger = unit.ledger();
    let found = ledger.of_resource(Resource::Page(fixture.page.id)).await.unwrap();
    assert_eq!(found, of_page);
    assert_eq!(ledger.of_resource(Resource::File(file.id)).await.unwrap(), of_file);
    assert_eq!(ledger.of_purchase(two.id).await.unwrap(), of_page[1..2]);
}

/// This one, and not another one of the same visitor.
pub async fn it_is_known_whether_a_payment_is_held(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (first, second) = (fixture.bought(|it| it).await, fixture.bought(|it| it).await);
    let is_held = async |purchase: &Purchase| {
        let (kind, id) = (FactKind::SecondPaymentHeld, purchase.id.to_string());
        let mut unit = fixture.begin().await;
        let is_held = unit.ledger().has(kind, &id).await.unwrap();
        assert_eq!(fixture.on.purchases.was_held(purchase.id).await.unwrap(), is_held);
        is_held
    };
    let id = second.id.to_string();
    for (kind, expected) in [
        (FactKind::Disputed, false),
        (FactKind::SecondPaymentHeld, true),
        (FactKind::Revoked, true),
    ] {
        assert!(fixture.keep_fact(&a_fact(&second, kind, at(1)).reference(&id).build()).await);
        assert_eq!(is_held(&second).await, expected, "{kind:?}");
        assert!(!is_held(&first).await);
    }
}

/// Changes of address name others than the buyer, and a fact may name nobody. Facts about another purchase do not count.
pub async fn the_facts_about_a_purchase_are_read_oldest_first(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (moved, other) = (fixture.bought(|it| it).await, fixture.bought(|it| it).await);
    let unknown = fixture.bought(|it| it).await;
    let (second, _) = fixture.another_visitor().await;
    let had_by_second = Purchase { visitor_id: second.id, ..moved.clone() };
    let mut of_nobody = a_fact(&moved, FactKind::Revoked, at(3)).build();
    of_nobody.subject.visitor_id = None;
    let [first, back] = [at(1), at(4)].map(|at| a_fact(&moved, FactKind::Moved, at).build());
    let away = a_fact(&had_by_second, FactKind::Moved, at(2)).build();
    let of_other = a_fact(&other, FactKind::Moved, at(2)).build();
    for fact in [&back, &of_other, &of_nobody, &first, &away] {
        assert!(fixture.keep_fact(fact).await);
    }
    let facts = fixture.on.purchases.facts_of(moved.id).await.unwrap();
    assert_eq!(facts, [first, away, of_nobody, back]);
    assert_eq!(fixture.on.purchases.facts_of(other.id).await.unwrap(), [of_other]);
    assert!(fixture.on.purchases.facts_of(unknown.id).await.unwrap().is_empty());
}

pub async fn a_fact_of_a_dropped_unit_is_not_there(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let fact = a_fact(&purchase, FactKind::Purchased, at(1)).build();
    let mut unit = fixture.begin().await;
    assert!(unit.ledger().record(&fact).await.unwrap());
    drop(unit);
    assert!(fixture.keep_fact(&fact).await);
}
