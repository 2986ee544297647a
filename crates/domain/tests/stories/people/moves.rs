//! A change of address that a creator asks for and the new address confirms.

use std::sync::{Arc, Mutex};

use tollgate_domain::{
    access::{FactKind, ports::MovedPurchases},
    checkout::ports::MovedOrders,
    creators::Ownership,
    limits::Admission,
    mail::{MailContent, MailQuota, MailWriter},
    mocks::{MockCreatorReads, MockLinks, MockMoveReads, MockRateLimits, MockUnit},
    moves::{ConfirmMoveError, MoveError, Moves, MovesPorts},
    store::{Runtime, Stores},
    token::Token,
    validation::Field,
};
use tollgate_domain_testing::{
    ManualClock, SeededRandom, TestApp, a_handle, a_move, a_page, email,
};

use super::{ROB, asked, asked_for, asked_twice, shop_with_page, shop_with_sale};
use crate::{BOB, at_once};

#[pollster::test]
async fn what_was_bought_moves_once_the_new_address_confirms() {
    let app = TestApp::new();
    let (shop, page, bob) = shop_with_sale(&app).await;
    let token = asked(&app, &shop).await;
    assert!(app.is_open(&shop, &page, &bob).await, "nothing moves before it is confirmed");
    let shown = app.moves.preview(&token).await.unwrap();
    assert_eq!((shown.from.as_str(), shown.to.as_str()), ("b•••@example.com", ROB));
    app.moves.confirm(&token).await.unwrap();
    assert!(!app.is_open(&shop, &page, &bob).await);
    let rob = app.sign_in(ROB).await;
    assert!(app.is_open(&shop, &page, &rob).await);
    let moved = app.store.facts().into_iter().filter(|fact| fact.kind == FactKind::Moved);
    assert_eq!(moved.count(), 1);
    for address in [BOB, ROB].map(email) {
        let name = &shop.handle.name;
        let confirmed = app.moves.confirmed(&shop.creator, name, &address).await.unwrap();
        let pairs: Vec<_> = confirmed.iter().map(|it| (it.from.as_str(), it.to.as_str())).collect();
        assert_eq!(pairs, [(BOB, ROB)]);
    }
    for address in [BOB, ROB] {
        assert!(app.mails_to(address).await.contains(&"moved"), "{address}");
    }
    let told = |address| {
        let mails = app.mailer.sent_to(&email(address)).into_iter();
        let mut moved = mails.filter_map(|mail| match mail {
            MailContent::Moved { from, to, .. } => Some((from, to)),
            _ => None,
        });
        moved.next().unwrap()
    };
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(told(BOB), pair(BOB, &email(ROB).masked()), "each reads the own address in full");
    assert_eq!(told(ROB), pair("b•••@example.com", ROB));
}

#[pollster::test]
async fn a_change_of_address_waits_once_until_it_is_confirmed_or_its_link_ends() {
    let app = TestApp::new();
    let (shop, _, _) = shop_with_sale(&app).await;
    let waiting = async |address: &str| {
        let found = app.moves.waiting(&shop.creator, &shop.handle.name, &email(address)).await;
        let pairs = found.unwrap().into_iter().map(|it| (it.from.to_string(), it.to.to_string()));
        pairs.collect::<Vec<_>>()
    };
    let [_, token] = asked_twice(&app, &shop).await;
    for address in [BOB, ROB] {
        assert_eq!(waiting(address).await, [(BOB.to_owned(), ROB.to_owned())]);
    }
    app.moves.confirm(&token).await.unwrap();
    for address in [BOB, ROB] {
        assert!(waiting(address).await.is_empty(), "the other link leads nowhere");
    }
    let eve = app.shop("eve").await;
    let refused = app.moves.waiting(&eve.creator, &shop.handle.name, &email(BOB)).await;
    assert!(matches!(refused, Err(MoveError::HandleNotFound)));
}

/// At once and one after the other. A limit of three mails an hour is for who asks again later.
#[pollster::test]
async fn the_same_change_that_is_asked_for_again_within_a_minute_is_mailed_once() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let ask = async |to: &str| app.moves.request(creator, name, email(BOB), email(to)).await;
    let mails = async || app.mails_to(ROB).await.len();
    let results =
        at_once(3, |_| {
            let (app, shop) = (app.clone(), shop.clone());
            async move {
                app.moves.request(&shop.creator, &shop.handle.name, email(BOB), email(ROB)).await
            }
        })
        .await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(mails().await, 1);
    for _ in 0..5 {
        app.clock.advance_seconds(11);
        ask(ROB).await.unwrap();
    }
    assert_eq!(mails().await, 1, "it waits, and the mail is on its way");
    // One that does not wait any more is asked for anew.
    app.clock.advance_seconds(3_600);
    ask(ROB).await.unwrap();
    app.moves.call_off(creator, name, &email(BOB), None).await.unwrap();
    ask(ROB).await.unwrap();
    assert_eq!(mails().await, 3);
}

/// Neither that for mails to one address, which the presses of one moment have used up, nor that for mails of the creator.
#[pollster::test]
async fn a_press_beside_which_the_same_change_is_stored_exceeds_no_limit() {
    let quota = MailQuota { selling: 1, ..MailQuota::default() };
    for admission in [Admission::Limited { retry_after_seconds: 9 }, Admission::Admitted] {
        let app = TestApp::new().with_mail_quota(quota);
        let (shop, ..) = shop_with_sale(&app).await;
        let (creator, name) = (shop.creator, shop.handle.name);
        let (other, by, at) = (app.clone(), creator.clone(), name.clone());
        let mut limits = MockRateLimits::new();
        limits.expect_admit().times(1).returning(move |_, _, _| {
            pollster::block_on(other.moves.request(&by, &at, email(BOB), email(ROB))).unwrap();
            Ok(admission)
        });
        let stores = Stores { limits: Arc::new(limits), ..Stores::of(app.store.clone()) };
        let moves = &app.over(stores).moves;
        let asked = moves.request(&creator, &name, email(BOB), email(ROB)).await;
        assert!(asked.is_ok(), "{admission:?}: {asked:?}");
        assert_eq!(app.mails_to(ROB).await, ["confirm_move"], "{admission:?}");
    }
}

/// Another change to the same address is no second press.
#[pollster::test]
async fn a_press_beside_which_another_change_is_stored_exceeds_the_limit() {
    let app = TestApp::new();
    let (shop, page, _) = shop_with_sale(&app).await;
    app.give(&shop, &page, "carol@example.com").await;
    let (creator, name) = (shop.creator, shop.handle.name);
    let (other, by, at) = (app.clone(), creator.clone(), name.clone());
    let mut limits = MockRateLimits::new();
    limits.expect_admit().times(1).returning(move |_, _, _| {
        let from = email("carol@example.com");
        pollster::block_on(other.moves.request(&by, &at, from, email(ROB))).unwrap();
        Ok(Admission::Limited { retry_after_seconds: 9 })
    });
    let stores = Stores { limits: Arc::new(limits), ..Stores::of(app.store.clone()) };
    let asked = app.over(stores).moves.request(&creator, &name, email(BOB), email(ROB)).await;
    assert!(matches!(asked, Err(MoveError::Limited { retry_after_seconds: 9 })), "{asked:?}");
}

#[pollster::test]
async fn the_old_address_learns_where_its_purchases_are_until_they_come_back() {
    let app = TestApp::new();
    let (shop, _, bob) = shop_with_sale(&app).await;
    let (bob, handle) = (app.visitor(&bob).await, shop.handle.id);
    let away = async |address: &str| {
        let last = app.moves.moved_away(handle, &email(address)).await.unwrap();
        last.map(|last| last.to.to_string())
    };
    let all = async || app.moves.all_moved_away(&bob).await.unwrap();
    let token = asked(&app, &shop).await;
    assert_eq!((away(BOB).await, all().await), (None, vec![]), "not before it is confirmed");
    app.moves.confirm(&token).await.unwrap();
    assert_eq!((away(BOB).await.as_deref(), away(ROB).await), (Some(ROB), None));
    let told: Vec<_> = all().await.into_iter().map(|(it, shop)| (it.to, shop.id)).collect();
    assert_eq!(told, [(email(ROB), handle)]);
    app.clock.advance_seconds(60);
    let token = asked_for(&app, &shop, ROB, BOB).await;
    app.moves.confirm(&token).await.unwrap();
    assert_eq!((away(BOB).await, all().await), (None, vec![]));
    assert_eq!(away(ROB).await.as_deref(), Some(BOB));
}

/// Also when it has come back: another change has led there then.
#[pollster::test]
async fn a_used_link_names_the_new_address_as_long_as_nothing_was_moved_away_from_there() {
    const ROBERT: &str = "robert@example.com";
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    let moved = async |from: &str, to: &str| {
        let token = asked_for(&app, &shop, from, to).await;
        assert_eq!(app.moves.moved(&token).await, Ok(None), "not before it is confirmed");
        app.moves.confirm(&token).await.unwrap();
        app.clock.advance_seconds(60);
        token
    };
    let under = async |token: &Token| {
        let moved = app.moves.moved(token).await.unwrap();
        moved.map(|moved| moved.to.to_string())
    };
    let first = moved(BOB, ROB).await;
    assert_eq!(under(&first).await.as_deref(), Some(ROB));
    let back = moved(ROB, BOB).await;
    assert_eq!((under(&first).await, under(&back).await.as_deref()), (None, Some(BOB)));
    let again = moved(BOB, ROB).await;
    assert_eq!((under(&back).await, under(&again).await.as_deref()), (None, Some(ROB)));
    let on = moved(ROB, ROBERT).await;
    for token in [&first, &again] {
        assert_eq!(under(token).await, None);
    }
    assert_eq!(under(&on).await.as_deref(), Some(ROBERT));
}

#[pollster::test]
async fn an_address_that_nothing_is_under_is_not_moved_and_hears_nothing() {
    let app = TestApp::new();
    let (shop, page, bob) = shop_with_sale(&app).await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    app.sign_in("eve@example.com").await;
    for unknown in ["eve@example.com", "nobody@example.com"] {
        let asked = app.moves.request(creator, name, email(unknown), email(ROB)).await;
        let Err(MoveError::Invalid(errors)) = asked else { panic!("{asked:?}") };
        assert_eq!(errors.fields().keys().collect::<Vec<_>>(), [&Field::OldAddress]);
    }
    // Two links for the same address: the first ends the second.
    let [first, second] = asked_twice(&app, &shop).await;
    app.moves.confirm(&first).await.unwrap();
    let told = app.mails_to(BOB).await.len();
    for _ in 0..2 {
        assert!(matches!(app.moves.confirm(&second).await, Err(ConfirmMoveError::Ended)));
    }
    assert_eq!(app.mails_to(BOB).await.len(), told);
    assert!(!app.is_open(&shop, &page, &bob).await);
}

#[pollster::test]
async fn of_parallel_confirmations_one_counts() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    let token = asked(&app, &shop).await;
    let results = at_once(10, |_| {
        let (app, token) = (app.clone(), token.clone());
        async move { app.moves.confirm(&token).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let used = |result: &&Result<_, _>| matches!(result, Err(ConfirmMoveError::Used));
    assert_eq!(results.iter().filter(used).count(), 9);
}

#[pollster::test]
async fn a_move_is_refused_when_it_is_late_or_leads_nowhere() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    let same = app.moves.request(&shop.creator, &shop.handle.name, email(BOB), email(BOB)).await;
    assert!(matches!(same, Err(MoveError::Invalid(_))));
    let token = asked(&app, &shop).await;
    app.clock.advance_seconds(7 * 24 * 3600);
    assert!(matches!(app.moves.confirm(&token).await, Err(ConfirmMoveError::Expired)));
}

#[pollster::test]
async fn only_what_belongs_to_the_handle_moves() {
    let app = TestApp::new();
    let (shop, _, bob) = shop_with_sale(&app).await;
    let other = app.shop("eve").await;
    let theirs = app.page(&other, a_page().slug("book").paid(900, "usd").published()).await;
    app.buy(&other, &theirs, &bob).await;
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    assert!(app.is_open(&other, &theirs, &bob).await);
}

#[pollster::test]
async fn of_a_gift_that_both_have_only_that_of_the_new_address_remains() {
    let app = TestApp::new();
    let (shop, page) = shop_with_page(&app).await;
    app.give(&shop, &page, BOB).await;
    app.give(&shop, &page, ROB).await;
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    for (address, is_open) in [(BOB, false), (ROB, true)] {
        let session = app.sign_in(address).await;
        assert_eq!(app.is_open(&shop, &page, &session).await, is_open, "{address}");
    }
    // It is the change of the address that ended the other, not the creator.
    let confirmed = app.moves.confirmed(&shop.creator, &shop.handle.name, &email(BOB)).await;
    let change = confirmed.unwrap().remove(0).id.to_string();
    let facts = app.store.facts();
    let ended = facts.iter().find(|fact| fact.kind == FactKind::Revoked).unwrap();
    assert_eq!(ended.change_of_address(), Some(&*change));
}

/// Confirms a change of address, and gives the addresses in the order in which their visitors were stored.
async fn stored_in_order(from: &str, to: &str) -> Vec<String> {
    let stored = Arc::new(Mutex::new(Vec::new()));
    let noted = stored.clone();
    let mut unit = MockUnit::new();
    unit.address_moves.expect_redeem().times(1).returning(|_, _| Ok(true));
    unit.allowlists.expect_of_address().returning(|_, _| Ok(vec![]));
    unit.visitors.expect_ensure().times(2).returning(move |candidate| {
        noted.lock().unwrap().push(candidate.email.to_string());
        Ok(candidate.clone())
    });
    unit.visitors.expect_lock().times(2).returning(|_| Ok(()));
    unit.purchases.expect_move_to().returning(|_, _, _| Ok(MovedPurchases::default()));
    unit.checkout_orders.expect_move_unpaid().returning(|_, _, _| Ok(MovedOrders::default()));
    let random = SeededRandom::new(7);
    let token = Token::new(&random);
    let runtime = Runtime {
        store: Arc::new(unit.into_store()),
        clock: Arc::new(ManualClock::new()),
        random: Arc::new(random),
    };
    let mut reads = MockMoveReads::new();
    let handle = a_handle().build();
    let asked = a_move(&handle, &email(from), &email(to));
    reads.expect_address_move().return_once(move |_| Ok(Some((asked, handle))));
    let ports = MovesPorts {
        reads: Arc::new(reads),
        limits: Arc::new(MockRateLimits::new()),
        links: Arc::new(MockLinks::new()),
    };
    let ownership = Ownership::new(Arc::new(MockCreatorReads::new()));
    let mails = MailWriter::new(runtime.clone(), TestApp::new().seal);
    let confirmed = Moves::new(runtime, ownership, ports, mails).confirm(&token).await;
    assert!(matches!(confirmed, Err(ConfirmMoveError::NothingToMove)), "{confirmed:?}");
    stored.lock().unwrap().clone()
}

/// Two changes between new addresses in opposite directions would wait for each other otherwise.
#[pollster::test]
async fn the_visitors_of_both_addresses_are_stored_in_one_order() {
    for (from, to) in [(BOB, ROB), (ROB, BOB)] {
        assert_eq!(stored_in_order(from, to).await, [BOB, ROB], "{from}");
    }
}
