//! Changes of address, and what moves with them.

use std::collections::BTreeSet;

use super::fixture::{Begin, Fixture, count_true, parallel};
use crate::{a_file, a_gift, a_move, a_place, an_order, at, email};
use tollgate_domain::{
    access::ports::MovedPurchases, checkout::OrderStatus, moves::AddressMove, store::Stores,
};

/// Stores changes of address that were asked for, and confirms some of them, each at its second.
pub(super) async fn keep(
    fixture: &Fixture,
    asked: &[&AddressMove],
    confirmed: &[(&AddressMove, i64)],
) {
    let mut unit = fixture.begin().await;
    for asked in asked {
        unit.address_moves().insert(asked).await.unwrap();
    }
    for (asked, second) in confirmed {
        assert_eq!(unit.address_moves().redeem(asked, at(*second)).await, Ok(true));
    }
    unit.commit().await.unwrap();
}

/// It cannot be confirmed from its expiry on.
pub async fn a_change_of_address_is_confirmed_once(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let asked = a_move(&fixture.handle, &email("old@example.com"), &email("new@example.com"));
    keep(&fixture, &[&asked], &[]).await;
    let found = on.moves.address_move(asked.token).await;
    assert_eq!(found, Ok(Some((asked.clone(), fixture.handle.clone()))));
    let mut unit = fixture.begin().await;
    assert_eq!(unit.address_moves().redeem(&asked, at(10)).await, Ok(false));
    drop(unit);
    let done = parallel(8, async |_| {
        on.commit(async |unit| unit.address_moves().redeem(&asked, at(9)).await).await
    })
    .await;
    assert_eq!(count_true(&done), 1);
}

/// Those that have expired, or are from another address or at another handle, are as they were.
pub async fn a_confirmed_change_of_address_ends_the_others_from_its_address(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let other = fixture.another_handle().await;
    let [old, new, typo] = ["old", "new", "typo"].map(|n| email(&format!("{n}@example.com")));
    let confirmed = a_move(&fixture.handle, &old, &new);
    let (again, mistaken) =
        (a_move(&fixture.handle, &old, &new), a_move(&fixture.handle, &old, &typo));
    let expired = AddressMove { expires_at: at(5), ..a_move(&fixture.handle, &old, &typo) };
    let back = a_move(&fixture.handle, &new, &old);
    let elsewhere = a_move(&other, &old, &typo);
    let all = [&confirmed, &again, &mistaken, &expired, &back, &elsewhere];
    keep(&fixture, &all, &[(&confirmed, 5)]).await;
    let stored =
        async |asked: &AddressMove| on.moves.address_move(asked.token).await.unwrap().unwrap().0;
    let used = AddressMove { used_at: Some(at(5)), ..confirmed.clone() };
    assert_eq!(stored(&confirmed).await, used);
    for ended in [&again, &mistaken] {
        assert_eq!(stored(ended).await, ended_at_once(ended));
        let mut unit = fixture.begin().await;
        assert_eq!(unit.address_moves().redeem(ended, at(6)).await, Ok(false));
    }
    for asked in [&expired, &back, &elsewhere] {
        assert_eq!(stored(asked).await, *asked);
    }
    // What cannot be confirmed ends nothing.
    let since = a_move(&fixture.handle, &old, &typo);
    keep(&fixture, &[&since], &[]).await;
    for asked in [&confirmed, &again, &expired] {
        fixture
            .commit(async |unit| {
                assert_eq!(unit.address_moves().redeem(asked, at(7)).await, Ok(false));
                Ok(())
            })
            .await;
    }
    assert_eq!(stored(&since).await, since);
}

/// A change of address as it is once it was ended.
fn ended_at_once(asked: &AddressMove) -> AddressMove {
    AddressMove { expires_at: asked.created_at, ..asked.clone() }
}

pub async fn of_changes_from_one_address_that_are_confirmed_at_once_one_counts(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let old = email("old@example.com");
    let mut asked = Vec::new();
    for number in 0..8 {
        let new = email(&format!("new{number}@example.com"));
        asked.push(a_move(&fixture.handle, &old, &new));
    }
    keep(&fixture, &asked.iter().collect::<Vec<_>>(), &[]).await;
    let done = parallel(8, async |number| {
        let Some(asked) = asked.get(number) else { return false };
        on.commit(async |unit| unit.address_moves().redeem(asked, at(9)).await).await
    })
    .await;
    assert_eq!(count_true(&done), 1);
    let confirmed = on.moves.confirmed_moves(fixture.handle.id, &old, 9).await.unwrap();
    assert_eq!(confirmed.len(), 1);
    let waiting = on.moves.waiting_moves(fixture.handle.id, &old, at(9), 9).await;
    assert_eq!(waiting, Ok(vec![]));
}

/// Those to the same address, from another one, at another handle, or that were confirmed or have expired, are as they were.
pub async fn a_change_to_another_address_ends_those_before(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let other = fixture.another_handle().await;
    let [old, new, typo] = ["old", "new", "typo"].map(|n| email(&format!("{n}@example.com")));
    let confirmed = a_move(&fixture.handle, &old, &typo);
    keep(&fixture, &[&confirmed], &[(&confirmed, 3)]).await;
    let (mistaken, same) =
        (a_move(&fixture.handle, &old, &typo), a_move(&fixture.handle, &old, &new));
    let expired = AddressMove { expires_at: at(5), ..a_move(&fixture.handle, &old, &typo) };
    let back = a_move(&fixture.handle, &new, &typo);
    let elsewhere = a_move(&other, &old, &typo);
    keep(&fixture, &[&mistaken, &same, &expired, &back, &elsewhere], &[]).await;
    let asked = a_move(&fixture.handle, &old, &new);
    fixture.commit(async |unit| unit.address_moves().end_others(&asked, at(5)).await).await;
    keep(&fixture, &[&asked], &[]).await;
    let stored =
        async |asked: &AddressMove| on.moves.address_move(asked.token).await.unwrap().unwrap().0;
    assert_eq!(stored(&mistaken).await, ended_at_once(&mistaken));
    let confirmed = AddressMove { used_at: Some(at(3)), ..confirmed };
    for kept in [&confirmed, &same, &expired, &back, &elsewhere, &asked] {
        assert_eq!(stored(kept).await, *kept);
    }
}

/// Those from another address, at another handle, or that were confirmed, are as they were.
pub async fn changes_of_address_are_called_off(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let other = fixture.another_handle().await;
    let [old, new, newest] = ["old", "new", "newest"].map(|n| email(&format!("{n}@example.com")));
    let confirmed = a_move(&fixture.handle, &old, &new);
    keep(&fixture, &[&confirmed], &[(&confirmed, 3)]).await;
    let (first, second) =
        (a_move(&fixture.handle, &old, &new), a_move(&fixture.handle, &old, &newest));
    let (back, elsewhere) = (a_move(&fixture.handle, &new, &old), a_move(&other, &old, &new));
    keep(&fixture, &[&first, &second, &back, &elsewhere], &[]).await;
    let handle = fixture.handle.id;
    // At ten they have expired, and after nine nothing waits any more.
    for (second, is_done) in [(10, false), (9, true), (9, false)] {
        let now = at(second);
        let done = fixture
            .commit(async |unit| unit.address_moves().call_off(handle, &old, None, now).await)
            .await;
        assert_eq!(done, is_done, "{second}");
    }
    let stored =
        async |asked: &AddressMove| on.moves.address_move(asked.token).await.unwrap().unwrap().0;
    for ended in [&first, &second] {
        assert_eq!(stored(ended).await, ended_at_once(ended));
    }
    let confirmed = AddressMove { used_at: Some(at(3)), ..confirmed };
    for kept in [&confirmed, &back, &elsewhere] {
        assert_eq!(stored(kept).await, *kept);
    }
}

/// Those to another address, from another one, or at another handle, are as they were.
pub async fn changes_of_address_are_called_off_by_the_new_one(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let other = fixture.another_handle().await;
    let [old, new, newest] = ["old", "new", "newest"].map(|n| email(&format!("{n}@example.com")));
    let (first, again) = (a_move(&fixture.handle, &old, &new), a_move(&fixture.handle, &old, &new));
    let since = a_move(&fixture.handle, &old, &newest);
    let (theirs, elsewhere) = (a_move(&fixture.handle, &newest, &new), a_move(&other, &old, &new));
    let done = a_move(&fixture.handle, &old, &new);
    keep(&fixture, &[&done], &[(&done, 1)]).await;
    keep(&fixture, &[&first, &again, &since, &theirs, &elsewhere], &[]).await;
    let handle = fixture.handle.id;
    // Nothing waits to move to where it is, and at ten they have expired.
    for (to, second, is_done) in
        [(&old, 9, false), (&new, 10, false), (&new, 9, true), (&new, 9, false)]
    {
        let now = at(second);
        let done = fixture
            .commit(async |unit| unit.address_moves().call_off(handle, &old, Some(to), now).await)
            .await;
        assert_eq!(done, is_done, "{to} {second}");
    }
    let stored =
        async |asked: &AddressMove| on.moves.address_move(asked.token).await.unwrap().unwrap().0;
    for ended in [&first, &again] {
        assert_eq!(stored(ended).await, ended_at_once(ended));
    }
    for kept in [&since, &theirs, &elsewhere] {
        assert_eq!(stored(kept).await, *kept);
    }
    assert_eq!(stored(&done).await, AddressMove { used_at: Some(at(1)), ..done.clone() });
    let waiting = on.moves.waiting_moves(handle, &old, at(9), 9).await;
    assert_eq!(waiting, Ok(vec![since]));
}

/// Those that were not confirmed are forgotten.
pub async fn confirmed_changes_of_address_are_kept_and_found_by_either_address(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let other = fixture.another_handle().await;
    let [old, new, newest] = ["old", "new", "newest"].map(|n| email(&format!("{n}@example.com")));
    let first = a_move(&fixture.handle, &old, &new);
    let second = a_move(&fixture.handle, &new, &newest);
    let unconfirmed = a_move(&fixture.handle, &old, &newest);
    let elsewhere = a_move(&other, &old, &new);
    keep(
        &fixture,
        &[&first, &second, &unconfirmed, &elsewhere],
        &[(&first, 3), (&second, 4), (&elsewhere, 5)],
    )
    .await;
    fixture.commit(async |unit| unit.address_moves().forget_expired(at(11), 9).await).await;
    assert_eq!(on.moves.address_move(unconfirmed.token).await, Ok(None));

    let handle = fixture.handle.id;
    let first = AddressMove { used_at: Some(at(3)), ..first };
    let second = AddressMove { used_at: Some(at(4)), ..second };
    let of = async |email, limit| on.moves.confirmed_moves(handle, email, limit).await.unwrap();
    let both = [second, first];
    assert_eq!(of(&old, 9).await, both[1..]);
    assert_eq!(of(&new, 9).await, both);
    assert_eq!(of(&new, 1).await, both[..1]);
    assert_eq!(of(&newest, 9).await, both[..1]);
    let last_from = async |email| on.moves.last_move_from(handle, email).await.unwrap();
    assert_eq!(last_from(&new).await.as_ref(), both.first());
    assert_eq!(last_from(&old).await.as_ref(), both.last(), "the one elsewhere is newer");
    assert_eq!(last_from(&newest).await, None);
}

pub async fn the_last_change_of_several_from_an_address_is_found(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let [old, new] = ["old", "new"].map(|n| email(&format!("{n}@example.com")));
    let all = [(); 3].map(|()| a_move(&fixture.handle, &old, &new));
    let [first, second, third] = &all;
    for (asked, second) in [(second, 3), (third, 5), (first, 4)] {
        keep(&fixture, &[asked], &[(asked, second)]).await;
    }
    let last = on.moves.last_move_from(fixture.handle.id, &old).await.unwrap();
    assert_eq!(last, Some(AddressMove { used_at: Some(at(5)), ..third.clone() }));
}

pub async fn waiting_changes_of_address_are_found_by_either_address(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let other = fixture.another_handle().await;
    let [old, new, newest] = ["old", "new", "newest"].map(|n| email(&format!("{n}@example.com")));
    let made = |from, to, second| AddressMove {
        created_at: at(second),
        ..a_move(&fixture.handle, from, to)
    };
    let (first, second) = (made(&old, &new, 1), made(&new, &newest, 2));
    let confirmed = made(&old, &newest, 3);
    let elsewhere = a_move(&other, &old, &new);
    keep(&fixture, &[&confirmed], &[(&confirmed, 4)]).await;
    keep(&fixture, &[&first, &second, &elsewhere], &[]).await;
    let handle = fixture.handle.id;
    let of = async |email, now, limit| {
        on.moves.waiting_moves(handle, email, at(now), limit).await.unwrap()
    };
    let both = [second, first];
    assert_eq!(of(&old, 9, 9).await, both[1..]);
    assert_eq!(of(&new, 9, 9).await, both);
    assert_eq!(of(&new, 9, 1).await, both[..1]);
    assert_eq!(of(&newest, 9, 9).await, both[..1]);
    assert!(of(&new, 10, 9).await.is_empty());
}

/// Only confirmed changes from the buyer's own address are found.
pub async fn changes_of_address_are_found_where_their_buyer_has_ordered(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (other, old) = (fixture.another_handle().await, fixture.visitor.email.clone());
    let [new, newest] = ["new", "newest"].map(|n| email(&format!("{n}@example.com")));
    fixture.bought(|purchase| purchase).await;
    let first = a_move(&fixture.handle, &old, &new);
    let second = a_move(&fixture.handle, &old, &newest);
    let to_them = a_move(&fixture.handle, &new, &old);
    let elsewhere = a_move(&other, &old, &new);
    let unconfirmed = a_move(&fixture.handle, &old, &new);
    keep(&fixture, &[&first, &to_them], &[(&first, 3), (&to_them, 4)]).await;
    keep(&fixture, &[&second, &elsewhere], &[(&second, 5), (&elsewhere, 6)]).await;
    keep(&fixture, &[&unconfirmed], &[]).await;
    let of = async |visitor, limit| on.moves.moves_of_buyer(visitor, &old, limit).await.unwrap();
    let handle = &fixture.handle;
    let both = [
        (AddressMove { used_at: Some(at(5)), ..second }, handle.clone()),
        (AddressMove { used_at: Some(at(3)), ..first }, handle.clone()),
    ];
    assert_eq!(of(fixture.visitor.id, 9).await, both);
    assert_eq!(of(fixture.visitor.id, 1).await, both[..1]);
    let (bystander, _) = fixture.another_visitor().await;
    assert!(of(bystander.id, 9).await.is_empty());
}

/// What another visitor or handle has stays.
pub async fn purchases_move_to_another_visitor(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (to, _) = fixture.another_visitor().await;
    let (bystander, _) = fixture.another_visitor().await;
    let bought = fixture.bought(|purchase| purchase).await;
    let theirs = fixture.bought_by(&bystander, &fixture.page, |purchase| purchase).await;
    let mut unit = fixture.begin().await;
    let moved = unit.purchases().move_to(fixture.handle.id, fixture.visitor.id, to.id).await;
    unit.commit().await.unwrap();
    let moved: Vec<_> = moved.unwrap().moved.into_iter().map(|purchase| purchase.id).collect();
    assert_eq!(moved, [bought.id]);
    let owner = |id| {
        let on = on.clone();
        async move { on.purchases.purchase(id).await.unwrap().unwrap().visitor_id }
    };
    assert_eq!((owner(bought.id).await, owner(theirs.id).await), (to.id, bystander.id));
    let sold = on.purchases.sold(bought.id).await.unwrap().unwrap();
    assert_eq!((sold.email, sold.handle), (to.email, fixture.handle.clone()));
    assert_eq!((sold.slug, sold.title), (fixture.page.slug.clone(), fixture.page.title.clone()));
}

/// If both have a gift of one page, the one that would be a second gift stays where it is.
pub async fn a_gift_that_the_other_has_stays(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (to, _) = fixture.another_visitor().await;
    let [theirs, other] =
        [&fixture.visitor, &to].map(|visitor| a_gift(visitor, &fixture.page).build());
    for gift in [&theirs, &other] {
        fixture.keep_gift(gift).await;
    }
    let mut unit = fixture.begin().await;
    let moved = unit.purchases().move_to(fixture.handle.id, fixture.visitor.id, to.id).await;
    assert_eq!(moved, Ok(MovedPurchases { moved: vec![], stayed: vec![theirs] }));
    unit.commit().await.unwrap();
}

/// A purchase, a gift, a payment that is being made, or a place on a list counts.
pub async fn an_address_has_something_at_a_handle_or_not(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let elsewhere = fixture.another_handle().await.id;
    let has = async |email| {
        assert_eq!(on.moves.has_anything(elsewhere, email).await, Ok(false));
        on.moves.has_anything(fixture.handle.id, email).await.unwrap()
    };
    let [(buyer, _), (given, _), (payer, _), (mismatched, _), (looking, _)] = [
        fixture.another_visitor().await,
        fixture.another_visitor().await,
        fixture.another_visitor().await,
        fixture.another_visitor().await,
        fixture.another_visitor().await,
    ];
    let (listed, removed) = (email("listed@example.com"), email("removed@example.com"));
    for nobody in [&buyer.email, &given.email, &payer.email, &listed, &removed] {
        assert!(!has(nobody).await, "{nobody}");
    }
    fixture.bought_by(&buyer, &fixture.page, |purchase| purchase).await;
    fixture.keep_gift(&a_gift(&given, &fixture.page).build()).await;
    let pending = an_order(&payer, &fixture.page).open().status(OrderStatus::Pending).build();
    let open = an_order(&looking, &fixture.page).open().build();
    assert!(fixture.keep_order(&pending).await && fixture.keep_order(&open).await);
    let kept = an_order(&mismatched, &fixture.page).open().status(OrderStatus::Quarantined).build();
    assert!(fixture.keep_order(&kept).await);
    let file = fixture.file(a_file().by_list()).await;
    for who in [&listed, &removed] {
        assert!(fixture.place(&a_place(&file, who, at(1))).await);
    }
    assert!(fixture.unplace(&file, &removed, at(2)).await.is_some());
    for somebody in [&buyer.email, &given.email, &payer.email, &mismatched.email, &listed] {
        assert!(has(somebody).await, "{somebody}");
    }
    for nobody in [&looking.email, &removed] {
        assert!(!has(nobody).await, "{nobody}");
    }
}

/// Those that were removed, or are at another handle or of another address, are not.
pub async fn the_entries_of_an_address_at_a_handle_are_found(on: Stores) {
    let fixture = Fixture::new(on).await;
    let elsewhere = fixture.another_handle().await;
    let (who, other) = (email("old@example.com"), email("new@example.com"));
    let mut expected = BTreeSet::new();
    for _ in 0..3 {
        let file = fixture.file(a_file().by_list()).await;
        let removed = a_place(&file, &who, at(1));
        assert!(fixture.place(&removed).await);
        assert_eq!(fixture.unplace(&file, &who, at(2)).await, Some(removed));
        let place = a_place(&file, &who, at(3));
        assert!(fixture.place(&place).await);
        assert!(fixture.place(&a_place(&file, &other, at(3))).await);
        expected.insert(place.id);
    }
    let gone = fixture.file(a_file().by_list()).await;
    let place = a_place(&gone, &who, at(1));
    assert!(fixture.place(&place).await);
    assert_eq!(fixture.unplace(&gone, &who, at(2)).await, Some(place));
    let mut unit = fixture.begin().await;
    let found = unit.allowlists().of_address(fixture.handle.id, &who).await.unwrap();
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().all(|place| place.email == who && place.added_at == at(3)));
    let again = unit.allowlists().of_address(fixture.handle.id, &who).await;
    assert_eq!(again.as_ref(), Ok(&found), "the order is the same");
    assert_eq!(found.into_iter().map(|place| place.id).collect::<BTreeSet<_>>(), expected);
    assert_eq!(unit.allowlists().of_address(elsewhere.id, &who).await, Ok(vec![]));
}
