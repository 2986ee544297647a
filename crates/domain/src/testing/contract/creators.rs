//! Creators, their sessions, handles and pages.

use super::scene::{Scene, count_true, just_before, parallel};
use crate::{
    creators::{AccessMode, Creator, CreatorSession, HandleChange, Page, PageStatus},
    id::HandleId,
    paging::{Cursor, PageRequest},
    store::Stores,
    testing::{
        a_creator, a_creator_session, a_handle, a_page, a_purchase, a_token_hash, an_email,
        an_order, at, handle_name, money, slug, start_of_time,
    },
    token::TokenHash,
};

async fn keep(on: &Stores, creator: &Creator) -> bool {
    let mut unit = on.begin().await;
    let kept = unit.creators().insert(creator).await.unwrap();
    unit.commit().await.unwrap();
    kept
}

async fn keep_page(on: &Stores, page: &Page) -> bool {
    let mut unit = on.begin().await;
    let kept = unit.pages().insert(page).await.unwrap();
    unit.commit().await.unwrap();
    kept
}

/// From empty to not empty.
pub async fn an_empty_store_has_no_creator(on: Stores) {
    assert!(!on.creators.any_creator().await.unwrap());
    let creator = a_creator().build();
    assert_eq!(on.creators.creator(creator.id).await.unwrap(), None);
    assert_eq!(on.creators.creator_by_email(&creator.email).await.unwrap(), None);
    assert!(keep(&on, &creator).await);
    assert!(on.creators.any_creator().await.unwrap());
}

/// Every field of a creator. (`Creator` has no telling `Debug`, so fields are compared one by one.)
pub async fn a_creator_comes_back_as_stored(on: Stores) {
    let mut creator = a_creator().build();
    creator.name = "Ada ☃ 'Lovelace'".into();
    creator.created_at = at(5);
    assert!(keep(&on, &creator).await);
    let by_id = on.creators.creator(creator.id).await.unwrap().unwrap();
    let by_email = on.creators.creator_by_email(&creator.email).await.unwrap().unwrap();
    for found in [by_id, by_email] {
        assert_eq!(found.id, creator.id);
        assert_eq!(found.email, creator.email);
        assert_eq!(found.name, creator.name);
        assert_eq!(found.password_hash, creator.password_hash);
        assert_eq!(found.created_at, creator.created_at);
    }
}

/// Taken is an answer, not an error.
pub async fn an_address_has_one_creator(on: Stores) {
    let creator = a_creator().build();
    let second = a_creator().email(creator.email.clone()).build();
    assert!(keep(&on, &creator).await);
    assert!(!keep(&on, &second).await);
    let found = on.creators.creator_by_email(&creator.email).await.unwrap();
    assert_eq!(found.map(|found| found.id), Some(creator.id));
    assert_eq!(on.creators.creator(second.id).await.unwrap(), None);
}

/// Also at once.
pub async fn of_parallel_registrations_of_an_address_one_is_kept(on: Stores) {
    let address = an_email();
    let kept = parallel(10, |_| {
        let (on, creator) = (on.clone(), a_creator().email(address.clone()).build());
        async move { keep(&on, &creator).await }
    })
    .await;
    assert_eq!(count_true(&kept), 1);
}

/// And nothing else is.
pub async fn a_password_hash_is_replaced(on: Stores) {
    let (creator, other) = (a_creator().build(), a_creator().build());
    assert!(keep(&on, &creator).await);
    assert!(keep(&on, &other).await);
    let mut unit = on.begin().await;
    let creators = unit.creators();
    assert!(!creators.replace_password_hash(creator.id, "plain$other", "plain$no").await.unwrap());
    let known = &creator.password_hash;
    assert!(creators.replace_password_hash(creator.id, known, "plain$new").await.unwrap());
    assert!(!creators.replace_password_hash(creator.id, known, "plain$newer").await.unwrap());
    unit.commit().await.unwrap();
    let found = on.creators.creator(creator.id).await.unwrap().unwrap();
    assert_eq!(found.password_hash, "plain$new");
    assert_eq!(found.email, creator.email);
    assert_eq!(on.creators.creator(other.id).await.unwrap(), Some(other));
}

/// Where alerts go.
pub async fn the_owner_of_a_handle_has_an_address(on: Stores) {
    let scene = Scene::new(on).await;
    let mut unit = scene.begin().await;
    let creators = unit.creators();
    let found = creators.email_of_handle(scene.handle.id).await.unwrap();
    assert_eq!(found, Some(scene.creator.email.clone()));
    let unknown: HandleId = a_handle().build().id;
    assert_eq!(creators.email_of_handle(unknown).await.unwrap(), None);
}

/// Every field of a handle.
pub async fn a_handle_comes_back_as_stored(on: Stores) {
    let scene = Scene::new(on).await;
    let mut handle = a_handle().of(&scene.creator).created_at(at(3)).build();
    handle.title = "Ada's ☃ \"notes\"".into();
    let mut unit = scene.begin().await;
    assert!(unit.handles().insert(&handle).await.unwrap());
    unit.commit().await.unwrap();
    let by_name = scene.on.creators.handle(&handle.name).await.unwrap();
    assert_eq!(by_name.as_ref(), Some(&handle));
    let mut unit = scene.begin().await;
    assert_eq!(unit.handles().find(handle.id).await.unwrap().as_ref(), Some(&handle));
    assert_eq!(unit.handles().find(a_handle().build().id).await.unwrap(), None);
    drop(unit);
    assert_eq!(scene.on.creators.handle(&handle_name("nobody")).await.unwrap(), None);
}

/// Taken is an answer, not an error.
pub async fn a_handle_has_one_owner(on: Stores) {
    let scene = Scene::new(on).await;
    let thief = a_creator().build();
    assert!(keep(&scene.on, &thief).await);
    let second = a_handle().of(&thief).named(scene.handle.name.as_str()).build();
    let mut unit = scene.begin().await;
    assert!(!unit.handles().insert(&second).await.unwrap());
    unit.commit().await.unwrap();
    let found = scene.on.creators.handle(&scene.handle.name).await.unwrap();
    assert_eq!(found, Some(scene.handle));
}

/// Also at once.
pub async fn of_parallel_handles_of_one_name_one_is_kept(on: Stores) {
    let scene = Scene::new(on).await;
    let kept = parallel(10, |_| {
        let on = scene.on.clone();
        let handle = a_handle().of(&scene.creator).named("wanted").build();
        async move {
            let mut unit = on.begin().await;
            let kept = unit.handles().insert(&handle).await.unwrap();
            unit.commit().await.unwrap();
            kept
        }
    })
    .await;
    assert_eq!(count_true(&kept), 1);
}

/// The name in addresses stays.
pub async fn a_handle_is_renamed(on: Stores) {
    let scene = Scene::new(on).await;
    let other = scene.another_handle().await;
    let mut unit = scene.begin().await;
    let change = HandleChange { title: Some("New title".into()), ..HandleChange::default() };
    unit.handles().change(scene.handle.id, &change).await.unwrap();
    unit.commit().await.unwrap();
    let mut expected = scene.handle.clone();
    expected.title = "New title".into();
    let found = scene.on.creators.handle(&scene.handle.name).await.unwrap();
    assert_eq!(found, Some(expected));
    assert_eq!(scene.on.creators.handle(&other.name).await.unwrap(), Some(other));
}

/// A cursor as it comes back from a client.
fn through_text(cursor: &Cursor) -> Cursor {
    let text = cursor.to_string();
    let read: Cursor = text.parse().expect("a cursor that can be read back");
    assert_eq!(read, *cursor);
    read
}

/// Newest first, with ties, in parts of every size; another creator's are not among them.
pub async fn handles_are_listed_newest_first_in_parts(on: Stores) {
    let creator = a_creator().build();
    let other = a_creator().build();
    assert!(keep(&on, &creator).await);
    assert!(keep(&on, &other).await);
    let request = PageRequest { limit: 10, after: None };
    let empty = on.creators.handles_of(creator.id, &request).await.unwrap();
    assert_eq!((empty.items, empty.next), (vec![], None));
    for second in [2, 1, 2, 3, 2] {
        let mut unit = on.begin().await;
        for owner in [&creator, &other] {
            let handle = a_handle().of(owner).created_at(at(second)).build();
            assert!(unit.handles().insert(&handle).await.unwrap());
        }
        unit.commit().await.unwrap();
    }
    let whole = on.creators.handles_of(creator.id, &request).await.unwrap();
    assert_eq!(whole.next, None);
    let times: Vec<_> = whole.items.iter().map(|handle| handle.created_at).collect();
    assert_eq!(times, [3, 2, 2, 2, 1].map(at).to_vec());
    assert!(whole.items.iter().all(|handle| handle.creator_id == creator.id));
    for limit in [1, 2, 4, 5, 6] {
        let mut rows = Vec::new();
        let mut request = PageRequest { limit, after: None };
        for _ in 0..=5 {
            let part = on.creators.handles_of(creator.id, &request).await.unwrap();
            rows.extend(part.items);
            request.after = part.next.as_ref().map(through_text);
            if request.after.is_none() {
                break;
            }
        }
        assert_eq!(request.after, None);
        assert_eq!(rows, whole.items, "in parts of {limit}");
    }
}

/// Every field of a page.
pub async fn a_page_comes_back_as_stored(on: Stores) {
    let scene = Scene::new(on).await;
    let mut page = a_page().of(&scene.handle).paid(5_120, "kwd").created_at(at(3)).build();
    page.title = "Ünïcode ☃ '\" -- %_".into();
    page.teaser = "a\nb\r\n\tc".into();
    page.body = String::new();
    page.updated_at = at(4);
    assert!(keep_page(&scene.on, &page).await);
    let read = scene.on.creators.page(scene.handle.id, &page.slug).await.unwrap();
    assert_eq!(read.as_ref(), Some(&page));
    let mut unit = scene.begin().await;
    assert_eq!(unit.pages().find(page.id).await.unwrap(), Some(page));
    assert_eq!(unit.pages().find(a_page().build().id).await.unwrap(), None);
    drop(unit);
    let unknown = scene.on.creators.page(scene.handle.id, &slug("nothing")).await;
    assert_eq!(unknown.unwrap(), None);
    let elsewhere = scene.another_handle().await;
    let elsewhere = scene.on.creators.page(elsewhere.id, &scene.page.slug).await;
    assert_eq!(elsewhere.unwrap(), None);
}

/// Also a price on a page that is not paid, which is kept for later.
pub async fn a_page_of_every_mode_status_and_price_comes_back(on: Stores) {
    let scene = Scene::new(on).await;
    for mode in [AccessMode::Public, AccessMode::FreeWithLogin, AccessMode::Paid] {
        for status in [PageStatus::Draft, PageStatus::Published, PageStatus::Archived] {
            for price in [None, Some(money(1_200, "jpy")), Some(money(99_999_999, "usd"))] {
                let mut page = a_page().of(&scene.handle).build();
                page.mode = mode;
                page.status = status;
                page.price = price.or((mode == AccessMode::Paid).then(|| money(50, "usd")));
                assert!(keep_page(&scene.on, &page).await);
                let read = scene.on.creators.page(scene.handle.id, &page.slug).await.unwrap();
                assert_eq!(read, Some(page));
            }
        }
    }
}

/// Taken is an answer; another handle is not concerned.
pub async fn a_slug_is_used_once_under_a_handle(on: Stores) {
    let scene = Scene::new(on).await;
    let again = a_page().of(&scene.handle).slug(scene.page.slug.as_str()).build();
    assert!(!keep_page(&scene.on, &again).await);
    let other = scene.another_handle().await;
    let elsewhere = a_page().of(&other).slug(scene.page.slug.as_str()).build();
    assert!(keep_page(&scene.on, &elsewhere).await);
    let kept = parallel(10, |_| {
        let (on, page) = (scene.on.clone(), a_page().of(&scene.handle).slug("wanted").build());
        async move { keep_page(&on, &page).await }
    })
    .await;
    assert_eq!(count_true(&kept), 1);
}

/// The instant of the last change tells versions apart.
pub async fn a_page_is_changed_only_if_unchanged(on: Stores) {
    let scene = Scene::new(on).await;
    let mut edited = scene.page.clone();
    edited.title = "New".into();
    edited.teaser = "New teaser".into();
    edited.body = "New body".into();
    edited.mode = AccessMode::FreeWithLogin;
    edited.price = None;
    edited.status = PageStatus::Archived;
    edited.updated_at = at(1);
    let mut unit = scene.begin().await;
    let pages = unit.pages();
    assert!(!pages.update(&edited, just_before(start_of_time())).await.unwrap());
    assert!(!pages.update(&edited, at(1)).await.unwrap());
    assert_eq!(pages.find(edited.id).await.unwrap().as_ref(), Some(&scene.page));
    assert!(pages.update(&edited, start_of_time()).await.unwrap());
    assert!(!pages.update(&scene.page, start_of_time()).await.unwrap());
    unit.commit().await.unwrap();
    let found = scene.on.creators.page(scene.handle.id, &scene.page.slug).await.unwrap();
    assert_eq!(found, Some(edited));
    let mut unit = scene.begin().await;
    let unknown = a_page().of(&scene.handle).build();
    assert!(!unit.pages().update(&unknown, unknown.updated_at).await.unwrap());
}

/// Two editors: one is told to look again.
pub async fn of_parallel_changes_of_one_version_one_is_kept(on: Stores) {
    let scene = Scene::new(on).await;
    let changed = parallel(10, |number| {
        let (on, mut page) = (scene.on.clone(), scene.page.clone());
        page.title = format!("Version {number}");
        page.updated_at = at(1);
        async move {
            let mut unit = on.begin().await;
            let changed = unit.pages().update(&page, start_of_time()).await.unwrap();
            unit.commit().await.unwrap();
            changed
        }
    })
    .await;
    assert_eq!(count_true(&changed), 1);
    let winner = changed.iter().position(|changed| *changed).unwrap();
    let found = scene.on.creators.page(scene.handle.id, &scene.page.slug).await.unwrap();
    assert_eq!(found.map(|page| page.title), Some(format!("Version {winner}")));
}

async fn pages_in_parts(
    scene: &Scene,
    handle: HandleId,
    status: Option<PageStatus>,
    limit: u32,
) -> Vec<Page> {
    let mut rows = Vec::new();
    let mut request = PageRequest { limit, after: None };
    loop {
        let part = scene.on.creators.pages_of(handle, status, &request).await.unwrap();
        assert!(part.items.len() <= usize::try_from(limit).unwrap());
        rows.extend(part.items);
        assert!(rows.len() <= 100, "the list does not end");
        let Some(next) = part.next else { return rows };
        request.after = Some(through_text(&next));
    }
}

/// Newest first by when they were made, with ties, in parts of every size.
pub async fn pages_are_listed_newest_first_in_parts(on: Stores) {
    let scene = Scene::new(on).await;
    let handle = scene.another_handle().await;
    assert_eq!(pages_in_parts(&scene, handle.id, None, 10).await, vec![]);
    for second in [2, 1, 2, 3, 2] {
        let mut page = a_page().of(&handle).created_at(at(second)).build();
        page.updated_at = at(9 - second);
        assert!(keep_page(&scene.on, &page).await);
    }
    let whole = pages_in_parts(&scene, handle.id, None, 100).await;
    let times: Vec<_> = whole.iter().map(|page| page.created_at).collect();
    assert_eq!(times, [3, 2, 2, 2, 1].map(at).to_vec());
    for limit in [1, 2, 4, 5, 6] {
        let parts = pages_in_parts(&scene, handle.id, None, limit).await;
        assert_eq!(parts, whole, "in parts of {limit}");
    }
}

/// A storefront shows what is published, in parts as well.
pub async fn pages_are_listed_by_status(on: Stores) {
    let scene = Scene::new(on).await;
    let handle = scene.another_handle().await;
    let made = |second| a_page().of(&handle).created_at(at(second));
    let pages = [
        made(1).published(),
        made(2),
        made(3).published(),
        made(4).archived(),
        made(5).published(),
        made(6),
    ];
    for page in pages {
        assert!(keep_page(&scene.on, &page.build()).await);
    }
    for (status, expected) in [
        (Some(PageStatus::Published), vec![5, 3, 1]),
        (Some(PageStatus::Draft), vec![6, 2]),
        (Some(PageStatus::Archived), vec![4]),
        (None, vec![6, 5, 4, 3, 2, 1]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(at).collect();
        for limit in [1, 2, 3, 10] {
            let found = pages_in_parts(&scene, handle.id, status, limit).await;
            let times: Vec<_> = found.iter().map(|page| page.created_at).collect();
            assert_eq!(times, expected, "{status:?} in parts of {limit}");
        }
    }
}

async fn delete(scene: &Scene, page: &Page) -> bool {
    let mut unit = scene.begin().await;
    let deleted = unit.pages().delete_if_unused(page.id).await.unwrap();
    unit.commit().await.unwrap();
    deleted
}

/// Nobody has a stake in it: gone.
pub async fn an_unused_page_is_deleted_and_its_slug_is_free(on: Stores) {
    let scene = Scene::new(on).await;
    assert!(delete(&scene, &scene.page).await);
    assert!(!delete(&scene, &scene.page).await);
    let gone = scene.on.creators.page(scene.handle.id, &scene.page.slug).await.unwrap();
    assert_eq!(gone, None);
    let again = a_page().of(&scene.handle).slug(scene.page.slug.as_str()).build();
    assert!(keep_page(&scene.on, &again).await);
}

/// Somebody has a stake in it: kept.
pub async fn a_page_with_an_order_a_purchase_or_a_visit_is_not_deleted(on: Stores) {
    let scene = Scene::new(on).await;
    let ordered = scene.page(a_page().paid(700, "usd").published()).await;
    let mut order = an_order(&scene.visitor, &ordered).build();
    order.status = crate::checkout::OrderStatus::Expired;
    assert!(scene.keep_order(&order).await);
    let given = scene.page(a_page().paid(700, "usd").published()).await;
    let mut gift = a_purchase(&an_order(&scene.visitor, &given).build()).build();
    gift.payment = None;
    scene.keep_gift(&gift).await;
    let visited = scene.page(a_page().free_with_login().published()).await;
    scene.visit(&scene.visitor, &visited, at(1)).await;
    for page in [ordered, given, visited] {
        assert!(!delete(&scene, &page).await);
        let kept = scene.on.creators.page(scene.handle.id, &page.slug).await.unwrap();
        assert_eq!(kept, Some(page));
    }
}

struct SignedIn {
    scene: Scene,
    session: CreatorSession,
}

async fn signed_in(on: Stores) -> SignedIn {
    let scene = Scene::new(on).await;
    let session = a_creator_session(&scene.creator);
    let mut unit = scene.begin().await;
    unit.creator_sessions().insert(&session).await.unwrap();
    unit.commit().await.unwrap();
    SignedIn { scene, session }
}

impl SignedIn {
    async fn is_alive(&self, now: jiff::Timestamp) -> bool {
        let found = self.scene.on.creators.creator_in_session(self.session.id, now).await.unwrap();
        if let Some(found) = &found {
            assert_eq!(found, &self.scene.creator);
        }
        found.is_some()
    }

    async fn rotate(
        &self,
        from: TokenHash,
        to: TokenHash,
        now: jiff::Timestamp,
    ) -> Option<CreatorSession> {
        let mut unit = self.scene.begin().await;
        let rotated = unit.creator_sessions().rotate(from, to, now).await.unwrap();
        unit.commit().await.unwrap();
        rotated
    }

    async fn reused(&self, token: TokenHash) -> bool {
        let mut unit = self.scene.begin().await;
        let ended = unit.creator_sessions().revoke_reused(token, at(9)).await.unwrap();
        unit.commit().await.unwrap();
        ended
    }
}

/// Valid exactly while now < expiry.
pub async fn a_creator_session_lives_until_just_before_its_expiry(on: Stores) {
    let on = signed_in(on).await;
    assert!(on.is_alive(start_of_time()).await);
    assert!(on.is_alive(just_before(on.session.expires_at)).await);
    assert!(!on.is_alive(on.session.expires_at).await);
    let unknown = a_creator_session(&on.scene.creator).id;
    let found = on.scene.on.creators.creator_in_session(unknown, at(1)).await.unwrap();
    assert_eq!(found, None);
}

/// The session stays, its token is another.
pub async fn a_refresh_token_is_traded_for_another(on: Stores) {
    let on = signed_in(on).await;
    let next = a_token_hash();
    let rotated = on.rotate(on.session.token, next, at(1)).await;
    assert_eq!(rotated, Some(CreatorSession { token: next, ..on.session.clone() }));
    assert_eq!(on.rotate(on.session.token, a_token_hash(), at(1)).await, None);
    assert!(on.rotate(next, a_token_hash(), at(2)).await.is_some());
    assert!(on.is_alive(at(2)).await);
}

/// A token is good for one trade.
pub async fn of_parallel_trades_one_succeeds(on: Stores) {
    let on = signed_in(on).await;
    let traded = parallel(10, |_| {
        let (store, from) = (on.scene.on.clone(), on.session.token);
        async move {
            let mut unit = store.begin().await;
            let to = a_token_hash();
            let rotated = unit.creator_sessions().rotate(from, to, at(1)).await.unwrap();
            unit.commit().await.unwrap();
            rotated.is_some()
        }
    })
    .await;
    assert_eq!(count_true(&traded), 1);
}

/// What has ended trades nothing.
pub async fn an_expired_or_revoked_session_trades_nothing(on: Stores) {
    let on = signed_in(on).await;
    let (token, expires_at) = (on.session.token, on.session.expires_at);
    assert_eq!(on.rotate(token, a_token_hash(), expires_at).await, None);
    assert_eq!(on.rotate(a_token_hash(), a_token_hash(), at(1)).await, None);
    let next = a_token_hash();
    assert!(on.rotate(token, next, just_before(expires_at)).await.is_some());
    let mut unit = on.scene.begin().await;
    unit.creator_sessions().revoke(on.session.id, at(1)).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(on.rotate(next, a_token_hash(), at(1)).await, None);
}

/// Somebody has a copy: the session ends for both.
pub async fn a_reused_refresh_token_ends_its_session(on: Stores) {
    let on = signed_in(on).await;
    let next = a_token_hash();
    assert!(on.rotate(on.session.token, next, at(1)).await.is_some());
    assert!(on.reused(on.session.token).await);
    assert!(!on.is_alive(at(9)).await);
    assert_eq!(on.rotate(next, a_token_hash(), at(9)).await, None);
    assert!(!on.reused(on.session.token).await, "it has ended already");
}

/// Neither a stranger's token nor the current one counts as reused.
pub async fn an_unknown_refresh_token_ends_nothing(on: Stores) {
    let on = signed_in(on).await;
    assert!(!on.reused(a_token_hash()).await);
    assert!(!on.reused(on.session.token).await);
    assert!(on.is_alive(at(9)).await);
}

/// Only this one.
pub async fn a_creator_session_is_revoked(on: Stores) {
    let on = signed_in(on).await;
    let other = a_creator_session(&on.scene.creator);
    let mut unit = on.scene.begin().await;
    unit.creator_sessions().insert(&other).await.unwrap();
    unit.creator_sessions().revoke(on.session.id, at(1)).await.unwrap();
    unit.creator_sessions().revoke(on.session.id, at(2)).await.unwrap();
    unit.commit().await.unwrap();
    assert!(!on.is_alive(at(1)).await);
    let found = on.scene.on.creators.creator_in_session(other.id, at(1)).await.unwrap();
    assert_eq!(found, Some(on.scene.creator));
}

/// By its current token; an unknown one changes nothing.
pub async fn a_creator_session_is_revoked_by_its_token(on: Stores) {
    let on = signed_in(on).await;
    let mut unit = on.scene.begin().await;
    unit.creator_sessions().revoke_by_token(a_token_hash(), at(1)).await.unwrap();
    unit.commit().await.unwrap();
    assert!(on.is_alive(at(1)).await);
    let mut unit = on.scene.begin().await;
    unit.creator_sessions().revoke_by_token(on.session.token, at(1)).await.unwrap();
    unit.commit().await.unwrap();
    assert!(!on.is_alive(at(1)).await);
}
