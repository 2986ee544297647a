//! Changes of address that are asked for again.

use super::{fixture::Fixture, moves::keep};
use crate::{a_move, at, email};
use tollgate_domain::{moves::AddressMove, store::Stores};

/// Neither one between other addresses, at another handle, or that was confirmed or has ended.
pub async fn the_same_change_of_address_is_found_while_it_waits(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    let [old, new, typo] = ["old", "new", "typo"].map(|n| email(&format!("{n}@example.com")));
    let confirmed = a_move(&fixture.handle, &old, &new);
    keep(&fixture, &[&confirmed], &[(&confirmed, 3)]).await;
    let (mistaken, back) =
        (a_move(&fixture.handle, &old, &typo), a_move(&fixture.handle, &new, &old));
    let elsewhere = a_move(&other, &old, &new);
    keep(&fixture, &[&mistaken, &back, &elsewhere], &[]).await;
    let asked = a_move(&fixture.handle, &old, &new);
    let found = async |since: i64, now: i64| {
        let mut unit = fixture.begin().await;
        unit.address_moves().was_asked_after(&asked, at(since), at(now)).await.unwrap()
    };
    assert!(!found(-60, 4).await, "nothing that is the same waits");
    let same = AddressMove { created_at: at(4), ..a_move(&fixture.handle, &old, &new) };
    keep(&fixture, &[&same], &[]).await;
    for (since, now, is_found) in [(3, 4, true), (3, 9, true), (4, 9, false), (3, 10, false)] {
        assert_eq!(found(since, now).await, is_found, "{since} {now}");
    }
    let handle = fixture.handle.id;
    fixture
        .commit(async |unit| unit.address_moves().call_off(handle, &old, None, at(5)).await)
        .await;
    assert!(!found(3, 6).await, "it was called off");
}
