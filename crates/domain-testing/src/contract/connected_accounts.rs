//! Connected accounts.

use tollgate_domain::{
    checkout::{AccountTurn, ConnectedAccount},
    creators::Handle,
    payments::AccountState,
    store::Stores,
};

use super::fixture::{Fixture, count_true, parallel};
use crate::{an_account, at, start_of_time};

/// The account that a handle is connected to, and how many it was ever connected to.
async fn accounts(fixture: &Fixture, handle: &Handle) -> (Option<ConnectedAccount>, u64) {
    let reads = &fixture.on.checkout;
    let connected = reads.connected_account(handle.id).await.unwrap();
    (connected, reads.count_of_accounts(handle.id).await.unwrap())
}

pub async fn an_account_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    for bits in 0..8 {
        let handle = fixture.another_handle().await;
        let state = AccountState {
            charges_enabled: bits & 1 > 0,
            payouts_enabled: bits & 2 > 0,
            details_submitted: bits & 4 > 0,
        };
        let mut account = an_account(&handle).state(state).build();
        account.created_at = at(1);
        account.updated_at = at(2);
        assert_eq!(accounts(&fixture, &handle).await, (None, 0));
        let mut unit = fixture.begin().await;
        assert!(unit.connected_accounts().insert(&account).await.unwrap());
        unit.commit().await.unwrap();
        assert_eq!(accounts(&fixture, &handle).await, (Some(account), 1));
    }
}

/// A second one is refused; another handle is not concerned.
pub async fn a_handle_has_one_account_at_a_time(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (one, other) = (fixture.another_handle().await, fixture.another_handle().await);
    let mut unit = fixture.begin().await;
    let connected = unit.connected_accounts();
    let (first, second) = (an_account(&one).build(), an_account(&other).build());
    assert!(connected.insert(&first).await.unwrap());
    assert!(!connected.insert(&an_account(&one).build()).await.unwrap());
    assert!(connected.insert(&second).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(accounts(&fixture, &one).await, (Some(first), 1));
    assert_eq!(accounts(&fixture, &other).await, (Some(second), 1));
}

pub async fn of_parallel_connections_one_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let handle = fixture.another_handle().await;
    let kept = parallel(10, async |_| {
        let account = an_account(&handle).build();
        fixture.commit(async |unit| unit.connected_accounts().insert(&account).await).await
    })
    .await;
    assert_eq!(count_true(&kept), 1);
}

/// State and time change, nothing else; an unknown account is not an error.
pub async fn an_account_changes_its_state(on: Stores) {
    let fixture = Fixture::new(on).await;
    let handle = fixture.another_handle().await;
    let account = an_account(&handle).state(AccountState::default()).build();
    let stranger = an_account(&handle).build();
    let state = AccountState { charges_enabled: true, ..AccountState::default() };
    let mut unit = fixture.begin().await;
    let connected = unit.connected_accounts();
    assert!(connected.insert(&account).await.unwrap());
    let turn = connected.set_state(&account.account, state, at(9)).await.unwrap();
    assert_eq!(turn, Some(AccountTurn::Opened(handle.id)));
    assert_eq!(connected.set_state(&stranger.account, state, at(9)).await.unwrap(), None);
    unit.commit().await.unwrap();
    let found = accounts(&fixture, &handle).await.0.unwrap();
    assert_eq!(found.state, state);
    assert_eq!(found.updated_at, at(9));
    assert_eq!((found.account, found.created_at), (account.account, start_of_time()));
}

/// One of several parallel calls learns that payments have ended, or are possible again. What was so before is not news, nor
/// is an account that is no longer connected.
pub async fn a_turn_of_an_accounts_payments_is_told_once(on: Stores) {
    let fixture = Fixture::new(on).await;
    let handle = fixture.another_handle().await;
    let open = AccountState { charges_enabled: true, ..AccountState::default() };
    let closed = AccountState::default();
    let account = an_account(&handle).state(open).build();
    assert!(fixture.commit(async |unit| unit.connected_accounts().insert(&account).await).await);
    for (state, turn) in
        [(closed, AccountTurn::Closed(handle.id)), (open, AccountTurn::Opened(handle.id))]
    {
        let id = &account.account;
        let told = parallel(10, async |_| {
            let mut unit = fixture.begin().await;
            let told = unit.connected_accounts().set_state(id, state, at(9)).await.unwrap();
            unit.commit().await.unwrap();
            told
        })
        .await;
        assert_eq!(told.into_iter().flatten().collect::<Vec<_>>(), [turn]);
    }
    let mut unit = fixture.begin().await;
    let accounts = unit.connected_accounts();
    accounts.disconnect(&account.account, at(10)).await.unwrap();
    for state in [closed, open] {
        assert_eq!(accounts.set_state(&account.account, state, at(11)).await.unwrap(), None);
    }
    unit.commit().await.unwrap();
}

/// A state that was read before the stored one, by more than clocks may differ, is not stored and is not a turn. One that was read within
/// that time is stored.
pub async fn an_account_keeps_what_was_read_later(on: Stores) {
    let fixture = Fixture::new(on).await;
    let handle = fixture.another_handle().await;
    let closed = AccountState { details_submitted: true, ..AccountState::default() };
    let open = AccountState { charges_enabled: true, ..closed };
    let account = an_account(&handle).state(closed).build();
    assert!(fixture.commit(async |unit| unit.connected_accounts().insert(&account).await).await);
    let (opened, ended) = (AccountTurn::Opened(handle.id), AccountTurn::Closed(handle.id));
    for (state, read_at, turn, kept) in [
        (open, 20, Some(opened), (open, 20)),
        (closed, 14, None, (open, 20)),
        (AccountState::default(), 14, None, (open, 20)),
        (AccountState { payouts_enabled: true, ..open }, 14, None, (open, 20)),
        // The clock of another replica may be ahead.
        (closed, 15, Some(ended), (closed, 15)),
        (AccountState::default(), 9, None, (closed, 15)),
        (closed, 21, None, (closed, 21)),
        // A clock that was far ahead does not keep out what is read later.
        (closed, 1_000, None, (closed, 1_000)),
        (open, 22, Some(opened), (open, 22)),
    ] {
        let mut unit = fixture.begin().await;
        let accounts = unit.connected_accounts();
        let told = accounts.set_state(&account.account, state, at(read_at)).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(told, turn, "{state:?} at {read_at}");
        let found = self::accounts(&fixture, &handle).await.0.unwrap();
        assert_eq!((found.state, found.updated_at), (kept.0, at(kept.1)));
    }
}

/// The last refusal counts, of this account alone, until it is forgotten.
pub async fn a_refusal_because_of_an_account_is_remembered(on: Stores) {
    let fixture = Fixture::new(on).await;
    let accounts = [fixture.another_handle().await, fixture.another_handle().await]
        .map(|handle| an_account(&handle).build());
    let [account, other] = &accounts;
    let mut unit = fixture.begin().await;
    for account in &accounts {
        assert!(unit.connected_accounts().insert(account).await.unwrap());
    }
    unit.commit().await.unwrap();
    let was_refused = async |account: &ConnectedAccount, since| {
        let account = &account.account;
        let read = fixture.on.checkout.account_was_refused_since(account, since).await.unwrap();
        let mut unit = fixture.begin().await;
        let found = unit.connected_accounts().was_refused_since(account, since).await.unwrap();
        assert_eq!(found, read);
        found
    };
    assert!(!was_refused(account, at(0)).await);
    for second in [5, 9] {
        let mut unit = fixture.begin().await;
        unit.connected_accounts().note_refusal(&account.account, at(second)).await.unwrap();
        unit.commit().await.unwrap();
    }
    assert!(was_refused(account, at(8)).await);
    assert!(!was_refused(account, at(9)).await);
    assert!(!was_refused(other, at(0)).await);
    let (found, _) = self::accounts(&fixture, &fixture.handle).await;
    assert!(!was_refused(&found.unwrap(), at(0)).await);
    let mut unit = fixture.begin().await;
    unit.connected_accounts().note_refusal(&other.account, at(3)).await.unwrap();
    unit.connected_accounts().forget_refusal(&other.account, at(2)).await.unwrap();
    unit.connected_accounts().forget_refusal(&account.account, at(9)).await.unwrap();
    unit.commit().await.unwrap();
    assert!(!was_refused(account, at(0)).await);
    assert!(was_refused(other, at(0)).await);
}

/// After disconnecting, another account can be connected; the count tells how many there were.
pub async fn a_disconnected_account_makes_room_and_is_still_counted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let handle = fixture.another_handle().await;
    let (first, second) = (an_account(&handle).build(), an_account(&handle).build());
    let mut unit = fixture.begin().await;
    let connected = unit.connected_accounts();
    assert!(connected.insert(&first).await.unwrap());
    let told = connected.disconnect(&first.account, at(1)).await.unwrap();
    assert_eq!(told, Some(handle.id));
    assert_eq!(connected.disconnect(&first.account, at(2)).await.unwrap(), None);
    unit.commit().await.unwrap();
    assert_eq!(accounts(&fixture, &handle).await, (None, 1));
    assert!(fixture.commit(async |unit| unit.connected_accounts().insert(&second).await).await);
    assert_eq!(accounts(&fixture, &handle).await, (Some(second), 2));
}

/// An account that no handle had is of none.
pub async fn the_handle_of_an_account_is_told_also_when_it_is_disconnected(on: Stores) {
    let fixture = Fixture::new(on).await;
    let handles = [fixture.another_handle().await, fixture.another_handle().await];
    let told = async |account: &ConnectedAccount| {
        fixture.on.checkout.handle_of_account(&account.account).await.unwrap()
    };
    for handle in &handles {
        let account = an_account(handle).build();
        assert_eq!(told(&account).await, None);
        let mut unit = fixture.begin().await;
        assert!(unit.connected_accounts().insert(&account).await.unwrap());
        unit.commit().await.unwrap();
        assert_eq!(told(&account).await, Some((handle.id, handle.name.clone())));
        let mut unit = fixture.begin().await;
        unit.connected_accounts().disconnect(&account.account, at(9)).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(told(&account).await, Some((handle.id, handle.name.clone())));
    }
}
