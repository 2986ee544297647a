//! Mocks, where one call matters.

use std::sync::Arc;

use tollgate_domain::{
    Timestamp,
    access::{
        AccessError, Gate, PageTerms, Reason, Resource, ResourceGate, ResourceType, Terms,
        ViewerClaim, ports::ResourceAccess,
    },
    clock::Clock,
    creators::{AccessMode, PageStatus},
    id::{CreatorId, HandleId, PageId, VisitorId},
    mocks::{
        MockAccessReads, MockClock, MockCreatorReads, MockStore, MockUnit, MockVisitorAuthReads,
    },
    store::Runtime,
    store_error::StoreError,
    visitor_auth::Sessions,
};
use tollgate_domain_testing::{ManualClock, SeededRandom, a_token_hash, at, handle_name, slug};

fn entitled_by_login(visited: bool) -> ResourceAccess {
    let random = SeededRandom::new(7);
    let now = at(0);
    let page_id = PageId::new(now, &random);
    let page =
        PageTerms { page_id, mode: AccessMode::FreeWithLogin, status: PageStatus::Published };
    ResourceAccess {
        resource: Resource::Page(page_id),
        handle_id: HandleId::new(now, &random),
        gate: ResourceGate { creator_id: CreatorId::new(now, &random), terms: Terms::Page(page) },
        visitor_id: Some(VisitorId::new(&random)),
        holdings: vec![],
        listed: false,
        visited,
    }
}

fn runtime(store: MockStore, clock: impl Clock + 'static) -> Runtime {
    Runtime {
        store: Arc::new(store),
        clock: Arc::new(clock),
        random: Arc::new(SeededRandom::new(8)),
    }
}

fn gate(reads: MockAccessReads, store: MockStore) -> Gate {
    let runtime = runtime(store, ManualClock::new());
    Gate::new(runtime, Arc::new(reads), Arc::new(MockCreatorReads::new()))
}

async fn check(gate: &Gate) -> Result<Reason, AccessError> {
    let claim = ViewerClaim { session: Some(a_token_hash()), ..ViewerClaim::default() };
    gate.check(ResourceType::Page, handle_name("ada"), slug("guide"), claim).await
}

#[pollster::test]
async fn a_decision_is_one_read_and_opens_no_unit() {
    let mut reads = MockAccessReads::new();
    reads.expect_access().times(1).returning(|_, _| Ok(Some(entitled_by_login(true))));
    // A store that is told to expect nothing fails the test when a unit is begun.
    let gate = gate(reads, MockStore::new());
    assert_eq!(check(&gate).await.unwrap(), Reason::Entitled);
}

#[pollster::test]
async fn a_first_visit_that_cannot_be_kept_lets_nobody_in() {
    let mut reads = MockAccessReads::new();
    reads.expect_access().returning(|_, _| Ok(Some(entitled_by_login(false))));
    let mut unit = MockUnit::new();
    unit.visits.expect_record().times(1).returning(|_, _, _| Ok(()));
    unit.commit.expect_commit().times(1).returning(|| Err(StoreError::Unavailable("full".into())));
    let gate = gate(reads, unit.into_store());
    let refused = check(&gate).await;
    assert!(matches!(refused, Err(AccessError::Store(StoreError::Unavailable(_)))), "{refused:?}");
}

#[pollster::test]
async fn a_fault_of_the_store_is_told_as_such() {
    for error in [
        StoreError::Conflict,
        StoreError::Corrupt("pages.mode".into()),
        StoreError::Unavailable("gone".into()),
    ] {
        let mut reads = MockAccessReads::new();
        let told = error.clone();
        reads.expect_access().returning(move |_, _| Err(told.clone()));
        let gate = gate(reads, MockStore::new());
        let result = check(&gate).await;
        assert!(matches!(result, Err(AccessError::Store(told)) if told == error));
    }
}

#[pollster::test]
async fn a_session_is_asked_for_at_the_clocks_instant() {
    let now: Timestamp = at(77);
    let mut clock = MockClock::new();
    clock.expect_now().return_const(now);
    assert_eq!(clock.now(), now);
    let token = a_token_hash();
    let mut reads = MockVisitorAuthReads::new();
    reads
        .expect_signed_in()
        .withf(move |asked, at| *asked == token && *at == now)
        .times(1)
        .returning(|_, _| Ok(None));
    let sessions = Sessions::new(runtime(MockStore::new(), clock), Arc::new(reads));
    assert_eq!(sessions.authenticate(token).await.unwrap(), None);
}
