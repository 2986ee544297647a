//! The ledger.

use super::fixture::{Begin, Fixture, count_true, parallel};
use crate::{a_fact, at, money};
use tollgate_domain::{
    access::{Fact, FactKind},
    store::Stores,
};

/// Every field of a fact, of every kind.
pub async fn a_fact_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    for kind in [
        FactKind::Purchased,
        FactKind::GroupPurchased,
        FactKind::Granted,
        FactKind::RefundAccepted,
        FactKind::RefundFailed,
        FactKind::Disputed,
        FactKind::DisputeWon,
        FactKind::DisputeLost,
        FactKind::Revoked,
        FactKind::PaymentQuarantined,
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
    assert!(unit.ledger().append(&first).await.unwrap());
    assert!(!unit.ledger().append(&again).await.unwrap());
    assert!(!unit.ledger().append(&first).await.unwrap());
    unit.commit().await.unwrap();
    assert!(!fixture.keep_fact(&again).await);
    let mut unit = fixture.begin().await;
    assert_eq!(unit.ledger().of_purchase(purchase.id).await.unwrap(), vec![first]);
}

/// Also when they come at once.
pub async fn of_parallel_facts_with_one_reference_one_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let new = parallel(20, |_| {
        let on = fixture.on.clone();
        let fact = a_fact(&purchase, FactKind::Disputed, at(1)).reference("du_1").build();
        async move {
            let mut unit = on.begin().await;
            let new = unit.ledger().append(&fact).await.unwrap();
            unit.commit().await.unwrap();
            new
        }
    })
    .await;
    assert_eq!(count_true(&new), 1);
}

/// A dispute and its end have the dispute's id both.
pub async fn facts_of_different_kinds_share_a_reference(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    for kind in [FactKind::Disputed, FactKind::DisputeLost, FactKind::DisputeWon] {
        assert!(fixture.keep_fact(&a_fact(&purchase, kind, at(1)).reference("du_1").build()).await);
    }
}

/// By the time that they were learnt, whatever was stored first.
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
    assert!(found.iter().all(|fact| fact.purchase_id == Some(purchase.id)));
}

/// A quarantined payment has no purchase.
pub async fn a_fact_without_a_purchase_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let fact = Fact {
        purchase_id: None,
        ..a_fact(&purchase, FactKind::PaymentQuarantined, at(1)).build()
    };
    assert!(fixture.keep_fact(&fact).await);
    assert!(!fixture.keep_fact(&fact).await);
    let mut unit = fixture.begin().await;
    assert_eq!(unit.ledger().of_purchase(purchase.id).await.unwrap(), vec![]);
}

/// The ledger is part of the unit.
pub async fn a_fact_of_a_dropped_unit_is_not_there(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let fact = a_fact(&purchase, FactKind::Purchased, at(1)).build();
    let mut unit = fixture.begin().await;
    assert!(unit.ledger().append(&fact).await.unwrap());
    drop(unit);
    assert!(fixture.keep_fact(&fact).await);
}
