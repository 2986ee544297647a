//! Units of work: all or nothing, and nothing left behind.

use std::time::Duration;

use super::fixture::{Begin, Fixture, count_true, parallel, soon, within};
use crate::{a_creator, a_job, a_link, a_mail, a_session, a_visitor, at, start_of_time};
use tollgate_domain::{jobs::ports::QueueDepth, store::Stores, store_error::StoreError};

pub async fn the_store_is_ready(on: Stores) {
    assert_eq!(on.store.ready().await, Ok(()));
}

pub async fn what_a_unit_did_is_there_after_commit(on: Stores) {
    let (one, other) = (a_link().build(), a_link().build());
    let mut unit = on.begin().await;
    unit.magic_links().insert(&one).await.unwrap();
    unit.magic_links().insert(&other).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(on.visitor_auth.magic_link(one.token).await.unwrap(), Some(one));
    assert_eq!(on.visitor_auth.magic_link(other.token).await.unwrap(), Some(other));
}

pub async fn what_a_unit_did_is_seen_by_nobody_before_commit(on: Stores) {
    let link = a_link().build();
    let mut unit = on.begin().await;
    unit.magic_links().insert(&link).await.unwrap();
    assert_eq!(unit.magic_links().newest(&link.email).await.unwrap(), Some(link.clone()));
    let seen = soon(on.visitor_auth.magic_link(link.token)).await.unwrap();
    assert_eq!(seen, None);
    unit.commit().await.unwrap();
    assert_eq!(on.visitor_auth.magic_link(link.token).await.unwrap(), Some(link));
}

pub async fn what_a_dropped_unit_did_is_gone(on: Stores) {
    let fixture = Fixture::new(on).await;
    let link = a_link().build();
    let mut unit = fixture.begin().await;
    unit.magic_links().insert(&link).await.unwrap();
    let token = [fixture.session.token];
    unit.visitor_sessions().revoke_by_tokens(&token, None, start_of_time()).await.unwrap();
    drop(unit);
    assert_eq!(fixture.on.visitor_auth.magic_link(link.token).await.unwrap(), None);
    let signed_in = fixture.on.visitor_auth.signed_in(fixture.session.token, start_of_time()).await;
    assert!(signed_in.unwrap().is_some());
}

pub async fn a_unit_sees_its_own_changes(on: Stores) {
    let link = a_link().build();
    let mut unit = on.begin().await;
    unit.magic_links().insert(&link).await.unwrap();
    assert_eq!(unit.magic_links().newest(&link.email).await.unwrap(), Some(link.clone()));
    assert!(unit.magic_links().redeem(link.id, &link.email, start_of_time()).await.unwrap());
    assert!(!unit.magic_links().redeem(link.id, &link.email, start_of_time()).await.unwrap());
}

pub async fn a_dropped_unit_holds_no_lock(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let mut unit = fixture.begin().await;
    unit.purchases().lock(purchase.id).await.unwrap();
    assert!(unit.purchases().reserve_refund(purchase.id, 1_200).await.unwrap());
    drop(unit);
    soon(async {
        let mut unit = fixture.begin().await;
        let found = unit.purchases().lock(purchase.id).await.unwrap().unwrap();
        assert_eq!(found.refund_reserved, 0);
        assert!(unit.purchases().reserve_refund(purchase.id, 1_200).await.unwrap());
        unit.commit().await.unwrap();
    })
    .await;
}

/// A client that goes away in the middle of a statement takes its unit with it.
pub async fn a_unit_that_is_cancelled_in_mid_call_is_gone(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    for patience in [0, 0, 0, 50, 100, 200, 400, 800, 1_600, 3_200] {
        let work = async {
            let mut unit = fixture.begin().await;
            unit.purchases().lock(purchase.id).await.unwrap();
            for _ in 0..1_000 {
                unit.purchases().reserve_refund(purchase.id, 1).await.unwrap();
            }
            std::future::pending::<()>().await;
        };
        let outcome = within(Duration::from_micros(patience), work).await;
        assert!(outcome.is_none(), "the work never ends by itself");
        let found = soon(fixture.purchase(purchase.id)).await;
        assert_eq!(found.refund_reserved, 0);
    }
}

pub async fn many_dropped_units_leave_the_store_usable(on: Stores) {
    for _ in 0..50 {
        let mut unit = soon(on.begin()).await;
        unit.magic_links().insert(&a_link().build()).await.unwrap();
    }
    parallel(20, async |_| {
        let mut unit = on.begin().await;
        unit.magic_links().insert(&a_link().build()).await.unwrap();
    })
    .await;
    let link = a_link().build();
    let mut unit = soon(on.begin()).await;
    unit.magic_links().insert(&link).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(on.visitor_auth.magic_link(link.token).await.unwrap(), Some(link));
}

/// Whether a unit is kept depends on itself alone, also if the store commits several together.
pub async fn of_units_at_once_exactly_the_committed_are_kept(on: Stores) {
    let links: Vec<_> = (0..60).map(|_| a_link().build()).collect();
    parallel(links.len(), async |number: usize| {
        let link = links.get(number).unwrap();
        let mut unit = on.begin().await;
        unit.magic_links().insert(link).await.unwrap();
        match number % 5 {
            0 => unit.commit().await.unwrap(),
            1 => drop(unit),
            2 => {
                unit.magic_links().newest(&link.email).await.unwrap();
                drop(unit);
            }
            // A statement that fails ends nothing but its own unit.
            3 => {
                let again = unit.magic_links().insert(link).await;
                assert!(again.is_err() || unit.commit().await.is_err());
            }
            _ => {
                unit.magic_links().newest(&link.email).await.unwrap();
                let again = unit.magic_links().insert(link).await;
                assert!(again.is_err() || unit.commit().await.is_err());
            }
        }
    })
    .await;
    for (number, link) in links.into_iter().enumerate() {
        let found = on.visitor_auth.magic_link(link.token).await.unwrap();
        assert_eq!(found.is_some(), number % 5 == 0, "{number}");
    }
}

/// It comes at once, with a later statement, or at the end; whatever was done before it in the unit is gone.
pub async fn an_error_of_a_statement_that_returns_nothing_is_not_lost(on: Stores) {
    let (known, new) = (a_link().build(), a_link().build());
    on.commit(async |unit| unit.magic_links().insert(&known).await).await;

    let mut unit = on.begin().await;
    unit.magic_links().insert(&new).await.unwrap();
    let outcome = match unit.magic_links().insert(&known).await {
        Ok(()) => unit.commit().await,
        error => {
            drop(unit);
            error
        }
    };
    assert_eq!(outcome, Err(StoreError::Conflict));
    assert_eq!(on.visitor_auth.magic_link(new.token).await.unwrap(), None);

    let mut unit = on.begin().await;
    unit.magic_links().insert(&new).await.unwrap();
    let outcome = match unit.magic_links().insert(&known).await {
        Ok(()) => unit.magic_links().newest(&new.email).await.map(drop),
        error => error,
    };
    assert_eq!(outcome, Err(StoreError::Conflict));
    assert!(unit.commit().await.is_err());
    assert_eq!(on.visitor_auth.magic_link(new.token).await.unwrap(), None);
}

pub async fn a_unit_that_did_nothing_can_be_committed(on: Stores) {
    assert_eq!(on.begin().await.commit().await, Ok(()));
}

pub async fn a_read_does_not_wait_for_an_open_unit(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let mut unit = fixture.begin().await;
    unit.purchases().lock(purchase.id).await.unwrap();
    unit.purchases()
        .store_state(&tollgate_domain::access::Purchase {
            revoked_at: Some(start_of_time()),
            ..purchase.clone()
        })
        .await
        .unwrap();
    let token = [fixture.session.token];
    unit.visitor_sessions().revoke_by_tokens(&token, None, start_of_time()).await.unwrap();
    let access = soon(fixture.ask(&fixture.page, Some(fixture.session.token))).await;
    assert_eq!(access.visitor_id, Some(fixture.visitor.id));
    assert_eq!(access.holdings, vec![purchase.holding()]);
    unit.commit().await.unwrap();
    let access = fixture.ask(&fixture.page, Some(fixture.session.token)).await;
    assert_eq!(access.visitor_id, None);
}

/// `Ok(false)` is an answer: the unit goes on and commits.
pub async fn a_refused_insert_leaves_the_unit_usable(on: Stores) {
    let fixture = Fixture::new(on).await;
    let namesake = a_creator().email(fixture.creator.email.clone()).build();
    let mut unit = fixture.begin().await;
    assert!(!unit.creators().insert(&namesake).await.unwrap());
    let link = a_link().build();
    unit.magic_links().insert(&link).await.unwrap();
    unit.commit().await.unwrap();
    let kept = fixture.on.visitor_auth.magic_link(link.token).await.unwrap();
    assert_eq!(kept, Some(link));
}

pub async fn a_mail_is_queued_exactly_when_its_unit_commits(on: Stores) {
    let visitor = a_visitor().build();
    let mut unit = on.begin().await;
    unit.visitors().ensure(&visitor).await.unwrap();
    let (mail, job) = (a_mail(start_of_time()), a_job(start_of_time()));
    unit.outbox().insert(&mail).await.unwrap();
    unit.jobs().enqueue(&job).await.unwrap();
    drop(unit);
    assert_eq!(on.outbox.queued_mail(mail.id).await.unwrap(), None);
    assert_eq!(QueueDepth::of(&on.jobs.depth().await.unwrap()).waiting, 0);

    let session = a_session(&visitor).build();
    let mut unit = on.begin().await;
    unit.visitors().ensure(&visitor).await.unwrap();
    unit.visitor_sessions().insert(&session).await.unwrap();
    unit.outbox().insert(&mail).await.unwrap();
    unit.jobs().enqueue(&job).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(on.outbox.queued_mail(mail.id).await.unwrap(), Some(mail));
    assert_eq!(QueueDepth::of(&on.jobs.depth().await.unwrap()).waiting, 1);
    let signed_in = on.visitor_auth.signed_in(session.token, start_of_time()).await.unwrap();
    assert!(signed_in.is_some());
}

/// Of units at once that store the same, one is kept; the others find it when they read.
pub async fn a_refused_writer_reads_what_was_there_before(on: Stores) {
    for second in 0..20 {
        let mail = a_mail(at(second));
        let kept = parallel(8, async |_| {
            let mut unit = on.begin().await;
            let inserted = unit.outbox().insert(&mail).await;
            let kept = match inserted {
                Ok(()) => unit.commit().await,
                Err(error) => {
                    drop(unit);
                    Err(error)
                }
            };
            let found = on.outbox.queued_mail(mail.id).await.unwrap();
            assert_eq!(found.as_ref(), Some(&mail));
            kept.is_ok()
        })
        .await;
        assert_eq!(count_true(&kept), 1);
    }
}
