//! What the creator's console and the pages of buyers read and store besides the rest: changes of
//! address, the browser of a link, and lists for screens.

use super::fixture::{Begin, Fixture, count_true, parallel};
use crate::{
    a_creator, a_creator_session, a_fact, a_file, a_gift, a_link, a_mail, a_move, a_page, a_place,
    a_token_hash, a_visitor, an_order, at, email,
};
use tollgate_domain::{
    access::{FactKind, ports::MovedPurchases},
    checkout::{CheckoutOrder, OrderStatus, QuarantinedPayment, ReportedStatus},
    clock::plus_seconds,
    creators::{HandleChange, Page},
    files::Media,
    mail::{MailStatus, QueuedMail},
    moves::AddressMove,
    paging::PageRequest,
    payments::AccountId,
    reports::ports::PageSales,
    store::Stores,
};

/// The session has to be alive. The newest of a creator come first.
pub async fn a_creator_is_known_by_the_token_of_a_session(on: Stores) {
    let (creator, other) = (a_creator().build(), a_creator().build());
    let [first, second, foreign] = [&creator, &creator, &other].map(a_creator_session);
    let mut unit = on.begin().await;
    for creator in [&creator, &other] {
        assert!(unit.creators().insert(creator).await.unwrap());
    }
    for session in [&first, &second, &foreign] {
        unit.creator_sessions().insert(session).await.unwrap();
    }
    unit.commit().await.unwrap();
    let now = first.created_at;
    let known = on.creators.creator_by_token(first.token, now).await;
    assert_eq!(known, Ok(Some((creator.clone(), first.id))));
    assert_eq!(on.creators.creator_by_token(first.token, first.expires_at).await, Ok(None));
    let all = PageRequest::default();
    let theirs = on.creators.creator_sessions_of(creator.id, now, &all).await.unwrap().items;
    assert_eq!(theirs.len(), 2);
    assert!(theirs.iter().all(|session| session.creator_id == creator.id));
    let mut unit = on.begin().await;
    unit.creator_sessions().revoke(first.id, now).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(on.creators.creator_by_token(first.token, now).await, Ok(None));
    let theirs = on.creators.creator_sessions_of(creator.id, now, &all).await.unwrap();
    assert_eq!((theirs.items, theirs.next), (vec![second], None));
}

/// Names that are free are left out.
pub async fn taken_names_are_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let free = "nobody-has-this".parse().unwrap();
    let names = [fixture.handle.name.clone(), free];
    assert_eq!(on.creators.taken_names(&names).await, Ok(vec![fixture.handle.name.clone()]));
    assert_eq!(on.creators.taken_names(&[]).await, Ok(vec![]));
}

/// Both can be taken away again.
pub async fn a_storefront_has_a_description_and_a_picture(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    for (description, picture) in
        [(Some("On balconies.\nWith \u{1f331}."), Some("cover")), (None, None)]
    {
        let change = HandleChange {
            description: Some(description.map(str::to_owned)),
            picture: Some(picture.map(|slug| slug.parse().unwrap())),
            ..HandleChange::default()
        };
        let mut unit = fixture.begin().await;
        unit.handles().change(fixture.handle.id, &change).await.unwrap();
        unit.commit().await.unwrap();
        let handle = on.creators.handle(&fixture.handle.name).await.unwrap().unwrap();
        assert_eq!(handle.description.as_deref(), description);
        assert_eq!(handle.picture.map(|slug| slug.to_string()).as_deref(), picture);
    }
}

/// The newest link of the browser is found.
pub async fn a_link_is_found_by_the_browser_that_asked(on: Stores) {
    let browser = a_token_hash();
    let mut links = [1, 2].map(|_| a_link().build());
    for (link, second) in links.iter_mut().zip([1, 2]) {
        (link.asked_by, link.created_at) = (Some(browser), at(second));
    }
    let [first, second] = links;
    let mut unit = on.begin().await;
    unit.magic_links().insert(&first).await.unwrap();
    unit.magic_links().insert(&second).await.unwrap();
    let nonce = a_token_hash();
    unit.magic_links().confirmed(second.id, nonce).await.unwrap();
    unit.commit().await.unwrap();
    let found = on.visitor_auth.link_asked_by(browser).await.unwrap().unwrap();
    assert_eq!((found.id, found.confirmed_by), (second.id, Some(nonce)));
    assert_eq!(on.visitor_auth.link_asked_by(a_token_hash()).await, Ok(None));
}

/// It cannot be confirmed from its expiry on.
pub async fn a_change_of_address_is_confirmed_once(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let asked = a_move(&fixture.handle, &email("old@example.com"), &email("new@example.com"));
    let mut unit = fixture.begin().await;
    unit.address_moves().insert(&asked).await.unwrap();
    unit.commit().await.unwrap();
    let found = on.moves.address_move(asked.token).await;
    assert_eq!(found, Ok(Some((asked.clone(), fixture.handle.clone()))));
    let mut unit = fixture.begin().await;
    assert_eq!(unit.address_moves().redeem(asked.id, at(10)).await, Ok(false));
    drop(unit);
    let done = parallel(8, |_| {
        let on = on.clone();
        async move {
            let mut unit = on.begin().await;
            let done = unit.address_moves().redeem(asked.id, at(9)).await.unwrap();
            unit.commit().await.unwrap();
            done
        }
    })
    .await;
    assert_eq!(count_true(&done), 1);
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
    let mut unit = fixture.begin().await;
    for asked in [&first, &second, &unconfirmed, &elsewhere] {
        unit.address_moves().insert(asked).await.unwrap();
    }
    for (asked, now) in [(&first, 3), (&second, 4), (&elsewhere, 5)] {
        assert_eq!(unit.address_moves().redeem(asked.id, at(now)).await, Ok(true));
    }
    unit.commit().await.unwrap();
    let mut unit = fixture.begin().await;
    unit.address_moves().forget_expired(at(11), 9).await.unwrap();
    unit.commit().await.unwrap();
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
}

/// They are found as long as they can be confirmed, and no longer.
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
    let mut unit = fixture.begin().await;
    for asked in [&first, &second, &confirmed, &a_move(&other, &old, &new)] {
        unit.address_moves().insert(asked).await.unwrap();
    }
    assert_eq!(unit.address_moves().redeem(confirmed.id, at(4)).await, Ok(true));
    unit.commit().await.unwrap();
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
    let mut unit = fixture.begin().await;
    for asked in [&first, &second, &to_them, &elsewhere, &unconfirmed] {
        unit.address_moves().insert(asked).await.unwrap();
    }
    for (asked, now) in [(&first, 3), (&to_them, 4), (&second, 5), (&elsewhere, 6)] {
        assert_eq!(unit.address_moves().redeem(asked.id, at(now)).await, Ok(true));
    }
    unit.commit().await.unwrap();
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

/// Where both are on a list, one entry remains.
pub async fn entries_of_lists_move_to_another_address(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let [alone, both] =
        [fixture.file(a_file().by_list()).await, fixture.file(a_file().by_list()).await];
    let (from, to) = (email("old@example.com"), email("new@example.com"));
    for place in
        [a_place(&alone, &from, at(1)), a_place(&both, &from, at(1)), a_place(&both, &to, at(1))]
    {
        assert!(fixture.place(&place).await);
    }
    let mut unit = fixture.begin().await;
    let moved = unit.allowlists().move_to(fixture.handle.id, &from, &to, at(2)).await;
    assert_eq!(moved, Ok(2));
    unit.commit().await.unwrap();
    for file in [&alone, &both] {
        let list = on.files.allowlist(file.id, &PageRequest::default()).await.unwrap().items;
        let listed: Vec<_> = list.into_iter().map(|entry| entry.email).collect();
        assert_eq!(listed, std::slice::from_ref(&to));
    }
}

/// A page calls them by slug or by name. What a picture is comes back as stored.
pub async fn files_are_found_by_what_a_page_calls_them(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let file = fixture.file(a_file()).await;
    let other = fixture.file(a_file()).await;
    let ids = |names: Vec<String>| {
        let (on, handle) = (on.clone(), fixture.handle.id);
        async move {
            let files = on.files.files_named(handle, &names).await.unwrap();
            let mut ids: Vec<_> = files.into_iter().map(|file| file.id).collect();
            ids.sort();
            ids
        }
    };
    assert_eq!(ids(vec![file.slug.to_string()]).await, [file.id]);
    let mut both = vec![file.id, other.id];
    both.sort();
    assert_eq!(ids(vec![file.slug.to_string(), other.slug.to_string()]).await, both);
    assert!(ids(vec!["nothing.png".to_owned()]).await.is_empty());
    assert!(ids(vec![file.name.clone()]).await.contains(&file.id));
}

/// A file's media are kept when its upload completes.
pub async fn the_media_of_a_file_are_kept(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let mut file = a_file().of(&fixture.handle).build();
    let mut unit = fixture.begin().await;
    assert!(unit.files().reserve(&file, at(60)).await.unwrap());
    file.media = Some("image/png 640x480".parse::<Media>().unwrap());
    assert!(unit.files().complete(&file).await.unwrap());
    unit.commit().await.unwrap();
    let found = on.files.file(fixture.handle.id, &file.slug).await.unwrap().unwrap();
    assert_eq!(found.media, file.media);
}

/// It is the one that was noted last, of this visitor and this page, and none that was refunded.
pub async fn a_payment_that_does_not_match_its_order_is_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (other, _) = fixture.another_visitor().await;
    let quarantined = |visitor, instant| {
        let order = an_order(visitor, &fixture.page).open().created_at(instant);
        order.status(OrderStatus::Quarantined).build()
    };
    let mine = &fixture.visitor;
    let (first, second) = (quarantined(mine, at(2)), quarantined(mine, at(1)));
    let (unnoted, theirs) = (quarantined(mine, at(3)), quarantined(&other, at(3)));
    let mut stray = an_order(mine, &fixture.page).open().created_at(at(4)).build();
    stray.status = OrderStatus::Expired;
    let purchase = fixture.bought(|it| it).await;
    let note = async |order: &CheckoutOrder, kind, instant| {
        let session = order.opened.clone().unwrap().session.to_string();
        let fact = a_fact(&purchase, kind, instant).reference(&session).build();
        assert!(fixture.keep_fact(&fact).await);
    };
    for order in [&first, &second, &unnoted, &theirs, &stray] {
        assert!(fixture.keep_order(order).await);
    }
    note(&first, FactKind::PaymentQuarantined, at(10)).await;
    note(&second, FactKind::PaymentQuarantined, at(20)).await;
    note(&theirs, FactKind::PaymentQuarantined, at(30)).await;
    note(&stray, FactKind::PaymentQuarantined, at(40)).await;
    let page = fixture.page.id;
    let told = async |who| on.checkout.quarantined_payment(who, page).await.unwrap();
    let expected = QuarantinedPayment { order: second.clone(), since: at(20) };
    assert_eq!(told(mine.id).await, Some(expected));
    let account = &first.account;
    let at_account =
        async |after, limit| on.sweeps.quarantined_orders_at(account, after, limit).await.unwrap();
    let mut all = [theirs.clone(), second.clone(), first.clone()];
    all.sort_by_key(|order| order.id);
    assert_eq!(at_account(None, 9).await, all);
    assert_eq!(at_account(None, 1).await, all[..1]);
    assert_eq!(at_account(Some(all[0].id), 9).await, all[1..]);
    let other_account = on.sweeps.quarantined_orders_at(&AccountId::new("acct_0"), None, 9).await;
    assert_eq!(other_account, Ok(vec![]));
    note(&second, FactKind::QuarantineRefunded, at(50)).await;
    let kept: Vec<_> = all.iter().filter(|order| order.id != second.id).cloned().collect();
    assert_eq!(at_account(None, 9).await, kept);
    assert_eq!(told(mine.id).await, Some(QuarantinedPayment { order: first, since: at(10) }));
    assert_eq!(told(other.id).await, Some(QuarantinedPayment { order: theirs, since: at(30) }));
    let elsewhere = fixture.page(a_page().paid(700, "usd").published()).await.id;
    assert_eq!(on.checkout.quarantined_payment(mine.id, elsewhere).await, Ok(None));
}

/// No other state of an order is told.
pub async fn a_payment_on_its_way_is_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let order = an_order(&fixture.visitor, &fixture.page).open().build();
    assert!(fixture.keep_order(&order).await);
    let (visitor, page) = (fixture.visitor.id, fixture.page.id);
    let told = async |status| on.checkout.told_order(visitor, page, status).await.unwrap();
    assert_eq!(told(ReportedStatus::Pending).await, None);
    let mut unit = fixture.begin().await;
    let from = [OrderStatus::Open];
    assert!(unit.checkout_orders().advance(order.id, &from, OrderStatus::Pending).await.unwrap());
    unit.commit().await.unwrap();
    let pending = told(ReportedStatus::Pending).await.unwrap();
    assert_eq!((pending.id, pending.status), (order.id, OrderStatus::Pending));
    assert_eq!(told(ReportedStatus::Failed).await, None);
    let all = async |who| on.checkout.pending_orders_of(who).await.unwrap();
    let names = (fixture.handle.name.clone(), fixture.page.slug.clone());
    assert_eq!(all(visitor).await, [(pending, names.0.clone(), names.1.clone())]);
    let (stranger, _) = fixture.another_visitor().await;
    assert_eq!(all(stranger.id).await, []);

    let mut unit = fixture.begin().await;
    let from = [OrderStatus::Pending];
    assert!(unit.checkout_orders().advance(order.id, &from, OrderStatus::Failed).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(told(ReportedStatus::Pending).await, None);
    assert_eq!(all(visitor).await, []);
    let failed = told(ReportedStatus::Failed).await.unwrap();
    assert_eq!((failed.id, failed.status), (order.id, OrderStatus::Failed));
    let since = failed.created_at;
    let all = on.checkout.failed_orders_of(visitor, since).await.unwrap();
    assert_eq!(all, [(failed, names.0, names.1)]);
    let since = plus_seconds(since, 1);
    assert_eq!(on.checkout.failed_orders_of(visitor, since).await, Ok(vec![]));
    assert_eq!(on.checkout.failed_orders_of(stranger.id, at(0)).await, Ok(vec![]));
}

/// Its state does not matter. An order without a pay page is not found, nor one of another visitor or page.
pub async fn the_last_order_with_a_pay_page_is_found(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (visitor, page) = (&fixture.visitor, &fixture.page);
    let last = async |who, of| on.checkout.last_order(who, of).await.unwrap().map(|it| it.id);
    assert_eq!(last(visitor.id, page.id).await, None);
    let begun = |minute: i64| an_order(visitor, page).created_at(at(minute * 60));
    let failed = begun(2).open().status(OrderStatus::Failed).build();
    let expired = begun(3).open().status(OrderStatus::Expired).build();
    let older = begun(1).open().status(OrderStatus::Paid).build();
    for order in [&failed, &expired, &older, &begun(4).build()] {
        assert!(fixture.keep_order(order).await);
    }
    assert_eq!(last(visitor.id, page.id).await, Some(expired.id));
    let (stranger, _) = fixture.another_visitor().await;
    assert_eq!(last(stranger.id, page.id).await, None);
    let elsewhere = fixture.page(a_page().paid(700, "usd").published()).await.id;
    assert_eq!(last(visitor.id, elsewhere).await, None);
}

/// The list has it as long as the visitor does not have the page, and has no other state of an order.
pub async fn a_payment_that_does_not_match_is_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let visitor = fixture.visitor.id;
    let begun = |minute: i64, status| {
        let order = an_order(&fixture.visitor, &fixture.page).created_at(at(minute * 60)).open();
        order.status(status).build()
    };
    let (older, failed) = (begun(1, OrderStatus::Quarantined), begun(2, OrderStatus::Failed));
    let newer = begun(3, OrderStatus::Quarantined);
    for order in [&older, &failed, &newer] {
        assert!(fixture.keep_order(order).await);
    }
    let told = async |since| {
        let told = on.checkout.quarantined_orders_of(visitor, since).await.unwrap();
        told.into_iter().map(|(order, ..)| order.id).collect::<Vec<_>>()
    };
    assert_eq!(told(at(0)).await, [newer.id, older.id]);
    assert_eq!(told(at(120)).await, [newer.id]);
    let (stranger, _) = fixture.another_visitor().await;
    assert_eq!(on.checkout.quarantined_orders_of(stranger.id, at(0)).await, Ok(vec![]));
    let bought = fixture.bought_by(&stranger, &fixture.page, |it| it).await;
    let session = newer.opened.clone().unwrap().session.to_string();
    let refunded = a_fact(&bought, FactKind::QuarantineRefunded, at(240)).reference(&session);
    assert!(fixture.keep_fact(&refunded.build()).await);
    assert_eq!(told(at(0)).await, [older.id], "all was given back");
    fixture.keep_gift(&a_gift(&fixture.visitor, &fixture.page).build()).await;
    assert_eq!(told(at(0)).await, [], "the visitor has the page");
}

/// In a list, a failure is told once for each page, and only while the visitor could still want the page.
pub async fn a_failed_payment_is_told_until_it_is_settled(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let visitor = fixture.visitor.id;
    let told = async || {
        let told = on.checkout.failed_orders_of(visitor, at(0)).await.unwrap();
        told.into_iter().map(|(order, ..)| order.id).collect::<Vec<_>>()
    };
    let begun = async |minute: i64, page: &Page, status| {
        let order = an_order(&fixture.visitor, page).created_at(at(minute * 60)).open();
        let order = order.status(status).build();
        assert!(fixture.keep_order(&order).await);
        order.id
    };
    begun(1, &fixture.page, OrderStatus::Failed).await;
    let newer = begun(2, &fixture.page, OrderStatus::Failed).await;
    let other = fixture.page(a_page().paid(900, "usd").published()).await;
    let newest = begun(3, &other, OrderStatus::Failed).await;
    assert_eq!(told().await, [newest, newer]);
    begun(4, &other, OrderStatus::Expired).await;
    assert_eq!(told().await, [newest, newer], "nothing was paid");
    begun(5, &other, OrderStatus::Pending).await;
    assert_eq!(told().await, [newer], "the next payment is on its way");

    fixture.keep_gift(&a_gift(&fixture.visitor, &fixture.page).build()).await;
    assert_eq!(told().await, [], "the visitor has the page");
    let archived = fixture.page(a_page().paid(900, "usd").archived()).await;
    let free = fixture.page(a_page().free_with_login().published()).await;
    for page in [archived, free] {
        begun(6, &page, OrderStatus::Failed).await;
    }
    assert_eq!(told().await, [], "neither is for sale");
}

/// Of two failed payments for a page, the newer one is told.
pub async fn the_newest_failed_payment_is_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let mut newest = None;
    for _ in 0..2 {
        let order = an_order(&fixture.visitor, &fixture.page).open().build();
        assert!(fixture.keep_order(&order).await);
        let mut unit = fixture.begin().await;
        let from = [OrderStatus::Open];
        let orders = unit.checkout_orders();
        assert!(orders.advance(order.id, &from, OrderStatus::Failed).await.unwrap());
        unit.commit().await.unwrap();
        newest = newest.max(Some((order.created_at, order.id)));
    }
    // Without a session nobody was asked to pay.
    let unasked = an_order(&fixture.visitor, &fixture.page).status(OrderStatus::Failed).build();
    assert!(fixture.keep_order(&unasked).await);
    let (visitor, page) = (fixture.visitor.id, fixture.page.id);
    let told = on.checkout.told_order(visitor, page, ReportedStatus::Failed).await.unwrap();
    assert_eq!(told.map(|order| (order.created_at, order.id)), newest);
}

/// Gifts are counted on their own, and pages that nobody ever had are left out.
pub async fn sales_are_counted_by_page(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let other = fixture.page(a_page().paid(900, "usd").published()).await;
    fixture.page(a_page().paid(900, "usd").published()).await;
    assert_eq!(on.reports.sales_by_page(fixture.handle.id).await, Ok(vec![]));
    fixture.bought(|purchase| purchase).await;
    let (stranger, _) = fixture.another_visitor().await;
    fixture.bought_by(&stranger, &fixture.page, |purchase| purchase).await;
    fixture.keep_gift(&a_gift(&fixture.visitor, &other).revoked(at(1)).build()).await;
    let mut counts = on.reports.sales_by_page(fixture.handle.id).await.unwrap();
    counts.sort_by_key(|counted| counted.given);
    let sold = PageSales { page_id: fixture.page.id, sold: 2, given: 0 };
    assert_eq!(counts, [sold, PageSales { page_id: other.id, sold: 0, given: 1 }]);
}

/// The content is kept if it may be, and only for a while; that of a mail that was given up, too.
pub async fn a_sent_mail_can_be_read_again(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let visitor = a_visitor().build();
    let [kept, secret, dead] = [(); 3].map(|()| {
        let handle_id = Some(fixture.handle.id);
        QueuedMail { handle_id, to: visitor.email.clone(), ..a_mail(at(1)) }
    });
    let mut unit = fixture.begin().await;
    for (mail, keep) in [(&kept, true), (&secret, false)] {
        unit.outbox().insert(mail).await.unwrap();
        unit.outbox().sent(mail.id, 1, at(2), keep).await.unwrap();
    }
    unit.outbox().insert(&dead).await.unwrap();
    unit.outbox().failed(dead.id, 14, "no such mailbox", true).await.unwrap();
    unit.commit().await.unwrap();
    let handle = fixture.handle.id;
    let read = |id| {
        let on = on.clone();
        async move { on.outbox.mail_about(handle, id).await.unwrap().unwrap().0.sealed.0 }
    };
    assert_eq!(read(kept.id).await, kept.sealed.0);
    assert!(read(secret.id).await.is_empty());
    for (id, status) in [(kept.id, MailStatus::Sent), (dead.id, MailStatus::Dead)] {
        let found = on.outbox.mail_about(handle, id).await.unwrap();
        assert_eq!(found.map(|(_, status)| status), Some(status));
    }
    let other = fixture.another_handle().await;
    assert_eq!(on.outbox.mail_about(other.id, kept.id).await, Ok(None));
    let mut unit = fixture.begin().await;
    unit.outbox().forget_contents(at(1), 9).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(read(dead.id).await, dead.sealed.0);
    let mut unit = fixture.begin().await;
    unit.outbox().forget_contents(at(2), 9).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(read(kept.id).await, kept.sealed.0);
    assert!(read(dead.id).await.is_empty());
    let mut unit = fixture.begin().await;
    unit.outbox().forget_contents(at(3), 9).await.unwrap();
    unit.commit().await.unwrap();
    assert!(read(kept.id).await.is_empty());
}

/// A wildcard in an address stands for itself.
pub async fn mails_are_searched_by_the_start_of_the_address(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let addresses = ["bob@example.com", "b%b@example.com", "eve@example.com"];
    let mut unit = fixture.begin().await;
    for address in addresses {
        let handle_id = Some(fixture.handle.id);
        let mail = QueuedMail { handle_id, to: email(address), ..a_mail(at(1)) };
        unit.outbox().insert(&mail).await.unwrap();
    }
    unit.commit().await.unwrap();
    for (prefix, count) in [("bob", 1), ("b", 2), ("b%", 1), ("%", 0), ("bob@example.com", 1)] {
        let prefix = Some(prefix.to_owned());
        let page = PageRequest::default();
        let found = on.reports.mails(fixture.handle.id, prefix.clone(), &page).await.unwrap();
        assert_eq!(found.items.len(), count, "{prefix:?}");
    }
}
