//! Links to sign in, and the codes beside them.

use crate::{
    a_link, a_token_hash, an_email, at,
    contract::fixture::{Begin, count_true, just_before, parallel},
    start_of_time,
};
use tollgate_domain::{email::Email, id::MagicLinkId, store::Stores, visitor_auth::MagicLink};

pub(super) async fn keep(on: &Stores, link: &MagicLink) {
    on.commit(async |unit| unit.magic_links().insert(link).await).await;
}

async fn redeem(on: &Stores, link: &MagicLink, now: jiff::Timestamp) -> bool {
    on.commit(async |unit| unit.magic_links().redeem(link.id, &link.email, now).await).await
}

async fn read(on: &Stores, link: &MagicLink) -> MagicLink {
    on.visitor_auth.magic_link(link.token).await.unwrap().expect("the link")
}

pub async fn a_link_comes_back_as_stored(on: Stores) {
    let plain = a_link().build();
    let mut full = a_link()
        .created_at(at(1))
        .return_to("http://ada.tollgate.localhost:8080/guide?x=1#y")
        .build();
    full.attempts = 3;
    full.used_at = Some(at(2));
    for link in [plain, full] {
        keep(&on, &link).await;
        assert_eq!(read(&on, &link).await, link);
        let mut unit = on.begin().await;
        assert_eq!(unit.magic_links().newest(&link.email).await.unwrap(), Some(link));
    }
}

pub async fn an_unknown_link_is_none(on: Stores) {
    assert_eq!(on.visitor_auth.magic_link(a_token_hash()).await.unwrap(), None);
    let mut unit = on.begin().await;
    assert_eq!(unit.magic_links().newest(&an_email()).await.unwrap(), None);
    let unknown = a_link().build().id;
    assert!(!unit.magic_links().redeem(unknown, &an_email(), start_of_time()).await.unwrap());
    assert!(!unit.magic_links().count_attempt(unknown, 5).await.unwrap());
}

pub async fn of_fifty_parallel_redemptions_one_succeeds(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    let redeemed = parallel(50, |_| redeem(&on, &link, at(1))).await;
    assert_eq!(count_true(&redeemed), 1);
    assert_eq!(read(&on, &link).await.used_at, Some(at(1)));
}

pub async fn a_link_is_good_until_just_before_its_expiry(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    assert!(redeem(&on, &link, just_before(link.expires_at)).await);
}

pub async fn a_link_is_refused_at_its_expiry(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    assert!(!redeem(&on, &link, link.expires_at).await);
    assert_eq!(read(&on, &link).await.used_at, None);
}

/// Used never becomes unused, and its time stays.
pub async fn a_used_link_stays_used(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    assert!(redeem(&on, &link, at(1)).await);
    assert!(!redeem(&on, &link, at(2)).await);
    let sibling = a_link().to(&link.email).created_at(at(3)).build();
    keep(&on, &sibling).await;
    assert!(redeem(&on, &sibling, at(4)).await);
    assert_eq!(read(&on, &link).await.used_at, Some(at(1)));
}

pub async fn redeeming_spends_the_links_of_that_address_only(on: Stores) {
    let email = an_email();
    let links = [a_link().to(&email).build(), a_link().to(&email).created_at(at(1)).build()];
    let stranger = a_link().build();
    for link in links.iter().chain([&stranger]) {
        keep(&on, link).await;
    }
    assert!(redeem(&on, &links[0], at(2)).await);
    for link in &links {
        assert_eq!(read(&on, link).await.used_at, Some(at(2)));
        assert!(!redeem(&on, link, at(2)).await);
    }
    assert_eq!(read(&on, &stranger).await.used_at, None);
    assert!(redeem(&on, &stranger, at(2)).await);
}

/// Each spends the others. One comes through and nobody fails, whatever locks that takes.
pub async fn of_sibling_links_redeemed_at_once_one_succeeds(on: Stores) {
    for _ in 0..10 {
        let email = an_email();
        let links: Vec<_> = (0..6).map(|_| a_link().to(&email).build()).collect();
        for link in &links {
            keep(&on, link).await;
        }
        let redeemed = parallel(6, |number| redeem(&on, links.get(number).unwrap(), at(1))).await;
        assert_eq!(count_true(&redeemed), 1);
        for link in &links {
            assert_eq!(read(&on, link).await.used_at, Some(at(1)));
        }
    }
}

/// The time at which it was made decides, whatever the order of insertion and whether it is used.
pub async fn the_newest_link_of_an_address_is_the_one_made_last(on: Stores) {
    async fn newest(on: &Stores, email: &Email) -> Option<MagicLinkId> {
        let mut unit = on.begin().await;
        let newest = unit.magic_links().newest(email).await.unwrap();
        drop(unit);
        assert_eq!(on.visitor_auth.newest_link(email).await.as_ref(), Ok(&newest));
        newest.map(|link| link.id)
    }
    let email = an_email();
    let [second, third, first] =
        [2, 3, 1].map(|second| a_link().to(&email).created_at(at(second)).build());
    for link in [&second, &third, &first] {
        keep(&on, link).await;
    }
    keep(&on, &a_link().created_at(at(4)).build()).await;
    assert_eq!(newest(&on, &email).await, Some(third.id));
    assert!(redeem(&on, &third, at(5)).await);
    assert_eq!(newest(&on, &email).await, Some(third.id));
}

pub async fn code_attempts_are_counted_up_to_the_limit(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    for attempt in 1..=7_u32 {
        let mut unit = on.begin().await;
        let counted = unit.magic_links().count_attempt(link.id, 5).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(counted, attempt <= 5);
        assert_eq!(read(&on, &link).await.attempts, attempt.min(5));
    }
}

pub async fn parallel_code_attempts_never_exceed_the_limit(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    let counted = parallel(20, async |_| {
        on.commit(async |unit| unit.magic_links().count_attempt(link.id, 5).await).await
    })
    .await;
    assert_eq!(count_true(&counted), 5);
    assert_eq!(read(&on, &link).await.attempts, 5);
}

pub async fn a_link_redeemed_in_a_dropped_unit_is_still_good(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    let mut unit = on.begin().await;
    assert!(unit.magic_links().redeem(link.id, &link.email, at(1)).await.unwrap());
    drop(unit);
    assert!(redeem(&on, &link, at(1)).await);
}

pub async fn expired_links_are_forgotten_and_others_kept(on: Stores) {
    let old = a_link().build();
    let new = a_link().created_at(at(1)).build();
    keep(&on, &old).await;
    keep(&on, &new).await;
    on.commit(async |unit| unit.magic_links().forget_expired(new.expires_at, 9).await).await;
    assert_eq!(on.visitor_auth.magic_link(old.token).await.unwrap(), None);
    assert_eq!(read(&on, &new).await, new);
}
