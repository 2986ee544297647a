//! What a creator does for a person: a change of address, a receipt or a mail once more.

use bytes::Bytes;
use futures_util::stream;
use tollgate_domain::{
    access::{FactKind, Purchase},
    checkout::ReceiptError,
    creators::{HandleChange, Page, SecondPayments},
    files::{FileAccess, NewFile},
    language::Language,
    mail::{LoggedMail, MailContent, MailKind, MailWriteError, ports::MailError},
    moves::{ConfirmMoveError, MoveError},
    names::Slug,
    paging::PageRequest,
    payments::{DisputeProgress, PaymentIntentId, SessionProgress},
    reconcile::ProviderUpdate,
    reports::ResendError,
    token::Token,
    validation::Field,
    visitor_auth::{Browser, LinkRequest},
};
use tollgate_domain_testing::{Call, FakePayments, Shop, TestApp, a_page, email};

use crate::{ADA, BOB, at_once, sign_in::request};

const ROB: &str = "rob@example.com";

async fn shop_with_sale(app: &TestApp) -> (Shop, Page, Token) {
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
    let bob = app.sign_in(BOB).await;
    app.buy(&shop, &page, &bob).await;
    (shop, page, bob)
}

async fn asked(app: &TestApp, shop: &Shop) -> Token {
    app.moves.request(&shop.creator, &shop.handle.name, email(BOB), email(ROB)).await.unwrap();
    app.deliver_mails().await;
    let mails = app.mailer.sent_to(&email(ROB)).into_iter().rev();
    let mut links = mails.filter_map(|content| match content {
        MailContent::ConfirmMove { link, .. } => Some(link.0),
        _ => None,
    });
    links.next().unwrap().split_once("?token=").unwrap().1.parse().unwrap()
}

async fn log_of(app: &TestApp, shop: &Shop, prefix: Option<&str>) -> Vec<LoggedMail> {
    let (creator, name) = (&shop.creator, &shop.handle.name);
    app.reports.mails(creator, name, prefix, &PageRequest::default()).await.unwrap().items
}

/// Signs in with a browser in this language.
async fn signs_in_reading(app: &TestApp, address: &str, language: Language) {
    let (token, _) = app.request_link(address).await;
    let browser = Browser { language: Some(language), ..Browser::default() };
    app.sign_in.redeem_token(&token, &browser).await.unwrap();
}

#[pollster::test]
async fn mails_to_new_addresses_are_in_the_language_of_the_old_one_or_of_the_creator() {
    let app = TestApp::new();
    let (shop, page, _) = shop_with_sale(&app).await;
    let last = async || {
        app.deliver_mails().await;
        app.mailer.sent().last().unwrap().language
    };
    signs_in_reading(&app, ADA, Language::German).await;
    app.give(&shop, &page, "carol@example.com").await;
    assert_eq!(last().await, Language::German);
    let (creator, name) = (&shop.creator, &shop.handle.name);
    app.resends.sign_in_link(creator, name, email("dora@example.com"), None).await.unwrap();
    assert_eq!(last().await, Language::German);
    let token = asked(&app, &shop).await;
    assert_eq!(last().await, Language::German);
    signs_in_reading(&app, BOB, Language::English).await;
    app.moves.confirm(&token).await.unwrap();
    assert_eq!(last().await, Language::English, "Rob reads what Bob reads");
    app.give(&shop, &page, BOB).await;
    assert_eq!(last().await, Language::English, "English is known, too");
}

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
    asked(&app, &shop).await;
    app.clock.advance_seconds(60);
    let token = asked(&app, &shop).await;
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
    app.moves.request(&shop.creator, &shop.handle.name, email(ROB), email(BOB)).await.unwrap();
    app.deliver_mails().await;
    let mut mails = app.mailer.sent_to(&email(BOB)).into_iter().rev();
    let link = mails.find_map(|content| match content {
        MailContent::ConfirmMove { link, .. } => Some(link.0),
        _ => None,
    });
    let token = link.unwrap().split_once("?token=").unwrap().1.parse().unwrap();
    app.moves.confirm(&token).await.unwrap();
    assert_eq!((away(BOB).await, all().await), (None, vec![]));
    assert_eq!(away(ROB).await.as_deref(), Some(BOB));
}

#[pollster::test]
async fn a_payment_on_its_way_opens_the_page_for_the_new_address() {
    let app = TestApp::new();
    let (shop, _, bob) = shop_with_sale(&app).await;
    let page = app.page(&shop, a_page().slug("atlas").paid(900, "usd").published()).await;
    let started = app.start(&shop, &page, &bob).await.unwrap();
    let session = app.payments.session_at(&started.url).unwrap();
    app.payments.pay_later(&session).unwrap();
    app.deliver_webhooks().await;
    let token = asked(&app, &shop).await;
    app.moves.confirm(&token).await.unwrap();
    assert!(app.payments.apply(&session));
    app.deliver_webhooks().await;
    let rob = app.sign_in(ROB).await;
    assert!(app.is_open(&shop, &page, &rob).await);
    assert!(!app.is_open(&shop, &page, &bob).await);
    assert!(app.mails_to(ROB).await.contains(&"receipt"));
}

/// The first answer about it had another amount.
#[pollster::test]
async fn who_has_only_a_payment_that_does_not_match_can_change_the_address() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().slug("atlas").paid(900, "usd").published()).await;
    let bob = app.sign_in(BOB).await;
    let started = app.start(&shop, &page, &bob).await.unwrap();
    let session = app.payments.session_at(&started.url).unwrap();
    app.payments.pay(&session).unwrap();
    app.payments.tamper(&session, |state| state.amount = 800);
    app.deliver_webhooks().await;
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    app.payments.tamper(&session, |state| state.amount = 900);
    let update = ProviderUpdate::Session(app.payments.session(&session).unwrap());
    app.updates.apply(&shop.account, update).await.unwrap();
    app.work().await;
    let rob = app.sign_in(ROB).await;
    assert!(app.is_open(&shop, &page, &rob).await);
    assert!(!app.is_open(&shop, &page, &bob).await);
}

#[pollster::test]
async fn a_payment_on_its_way_comes_before_a_pay_page_of_the_new_address() {
    let app = TestApp::new();
    let (shop, _, bob) = shop_with_sale(&app).await;
    let page = app.page(&shop, a_page().slug("atlas").paid(900, "usd").published()).await;
    let started = app.start(&shop, &page, &bob).await.unwrap();
    let session = app.payments.session_at(&started.url).unwrap();
    app.payments.pay_later(&session).unwrap();
    app.deliver_webhooks().await;
    let rob = app.sign_in(ROB).await;
    let own = app.start(&shop, &page, &rob).await.unwrap();
    let own = app.payments.session_at(&own.url).unwrap();
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    app.work().await;
    assert!(app.payments.pay(&own).is_none(), "the pay page is closed");
    let again = app.start(&shop, &page, &rob).await.unwrap();
    assert_eq!(again.id, started.id, "a second payment is not offered");
    assert!(app.payments.apply(&session));
    app.deliver_webhooks().await;
    assert!(app.is_open(&shop, &page, &rob).await);
    assert!(!app.is_open(&shop, &page, &bob).await);
}

/// The payment was made before the move and is learnt of afterwards.
#[pollster::test]
async fn what_the_old_address_has_paid_unheard_opens_the_page_for_the_new_address() {
    let app = TestApp::new();
    let (shop, _, bob) = shop_with_sale(&app).await;
    let page = app.page(&shop, a_page().slug("atlas").paid(900, "usd").published()).await;
    let started = app.start(&shop, &page, &bob).await.unwrap();
    let token = asked(&app, &shop).await;
    app.payments.take_events();
    app.payments.pay(&app.payments.session_at(&started.url).unwrap()).unwrap();
    app.moves.confirm(&token).await.unwrap();
    app.work().await;
    let rob = app.sign_in(ROB).await;
    assert!(app.is_open(&shop, &page, &rob).await);
    assert!(!app.is_open(&shop, &page, &bob).await);
    assert!(app.mails_to(ROB).await.contains(&"receipt"));
    // What the old address buys from now on is its own.
    let later = app.start(&shop, &page, &bob).await.unwrap();
    assert_ne!(later.id, started.id);
    app.payments.pay(&app.payments.session_at(&later.url).unwrap()).unwrap();
    app.deliver_webhooks().await;
    assert!(app.is_open(&shop, &page, &bob).await);
}

/// The order is closed here, and the payment is learnt of after the move.
#[pollster::test]
async fn a_late_payment_for_a_closed_or_failed_order_opens_the_page_for_the_new_address() {
    for ends in [FakePayments::expire, FakePayments::fail_payment] {
        let app = TestApp::new();
        let (shop, _, bob) = shop_with_sale(&app).await;
        let page = app.page(&shop, a_page().slug("atlas").paid(900, "usd").published()).await;
        let started = app.start(&shop, &page, &bob).await.unwrap();
        let session = app.payments.session_at(&started.url).unwrap();
        if !ends(&app.payments, &session) {
            app.payments.pay_later(&session).unwrap();
            app.deliver_webhooks().await;
            assert!(ends(&app.payments, &session));
        }
        app.deliver_webhooks().await;
        app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
        app.payments.tamper(&session, |state| {
            state.progress = SessionProgress::Paid;
            state.payment_intent = Some(PaymentIntentId::new("pi_late"));
        });
        app.reconciler.sweep_account(&shop.account).await.unwrap();
        app.work().await;
        let rob = app.sign_in(ROB).await;
        assert!(app.is_open(&shop, &page, &rob).await);
        assert!(!app.is_open(&shop, &page, &bob).await);
        assert!(app.mails_to(ROB).await.contains(&"receipt"));
    }
}

#[pollster::test]
async fn what_both_addresses_have_paid_for_is_refunded_once_after_a_move() {
    for new_is_first in [false, true] {
        let app = TestApp::new();
        let shop = app.shop("ada").await;
        let page = app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
        let order = if new_is_first { [ROB, BOB] } else { [BOB, ROB] };
        let mut payments = Vec::new();
        for address in order {
            let session = app.sign_in(address).await;
            let bought = app.buy(&shop, &page, &session).await;
            payments.push(bought.payment.unwrap().payment_intent);
            app.clock.advance_seconds(3_600);
        }
        app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
        app.work().await;
        let refunds: Vec<_> =
            payments.iter().map(|payment| app.payments.refunds_of(payment).len()).collect();
        assert_eq!(refunds, [0, 1], "the later payment");
        let rob = app.sign_in(ROB).await;
        assert!(app.is_open(&shop, &page, &rob).await);
        let told = app.mails_to("ada@creators.example").await;
        assert_eq!(told.iter().filter(|kind| **kind == "paid_twice").count(), 1);
    }
}

#[pollster::test]
async fn what_both_addresses_have_paid_for_is_held_after_a_move_where_the_seller_decides() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let wish =
        HandleChange { second_payments: Some(SecondPayments::Hold), ..HandleChange::default() };
    app.handles.change(&shop.creator, &shop.handle.name, wish).await.unwrap();
    let page = app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
    for address in [BOB, ROB] {
        let session = app.sign_in(address).await;
        app.buy(&shop, &page, &session).await;
        app.clock.advance_seconds(3_600);
    }
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    app.work().await;
    assert_eq!(app.payments.calls(Call::Refund), 0);
    assert!(app.store.purchases().iter().all(|purchase| purchase.holding().is_active()));
    let told = app.mails_to("ada@creators.example").await;
    assert_eq!(told.iter().filter(|kind| **kind == "paid_twice").count(), 1);
    let told = app.mails_to(ROB).await;
    assert_eq!(told.iter().filter(|kind| **kind == "receipt").count(), 2, "{told:?}");
}

#[pollster::test]
async fn what_was_given_to_one_address_before_the_other_paid_is_given_back_after_a_move() {
    for gift_is_first in [true, false] {
        let app = TestApp::new();
        let shop = app.shop("ada").await;
        let page = app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
        let bob = app.sign_in(BOB).await;
        if gift_is_first {
            app.give(&shop, &page, ROB).await;
            app.clock.advance_seconds(60);
        }
        let payment = app.buy(&shop, &page, &bob).await.payment.unwrap().payment_intent;
        if !gift_is_first {
            app.clock.advance_seconds(60);
            app.give(&shop, &page, ROB).await;
        }
        app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
        app.work().await;
        assert_eq!(app.payments.refunds_of(&payment).len(), usize::from(gift_is_first));
        let rob = app.sign_in(ROB).await;
        assert!(app.is_open(&shop, &page, &rob).await);
    }
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
    // Two links for the same address: after the first, nothing is left for the second.
    let (first, second) = (asked(&app, &shop).await, asked(&app, &shop).await);
    app.moves.confirm(&first).await.unwrap();
    let told = app.mails_to(BOB).await.len();
    for _ in 0..2 {
        assert!(matches!(app.moves.confirm(&second).await, Err(ConfirmMoveError::NothingToMove)));
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
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
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

#[pollster::test]
async fn a_receipt_says_who_paid_whom_for_what() {
    let app = TestApp::new();
    let (shop, page, bob) = shop_with_sale(&app).await;
    let purchase = app.store.purchases().pop().unwrap();
    let visitor = app.visitor(&bob).await;
    let receipt = app.receipts.of_visitor(visitor.id, purchase.id).await.unwrap();
    assert_eq!(receipt.amount.amount, 1_200);
    assert_eq!((receipt.payer.as_str(), receipt.seller.as_str()), (BOB, "A shop"));
    assert_eq!((receipt.title, receipt.refunded.amount), (page.title.clone(), 0));
    assert!(receipt.number.starts_with("ADA-"));
    let eve = app.visitor(&app.sign_in("eve@example.com").await).await;
    let foreign = app.receipts.of_visitor(eve.id, purchase.id).await;
    assert!(matches!(foreign, Err(ReceiptError::NotFound)));
    let gift = app.give(&shop, &page, "gift@example.com").await;
    let of_gift = app.receipts.of_visitor(gift.visitor.id, gift.grant.id).await;
    assert!(matches!(of_gift, Err(ReceiptError::NotFound)), "a gift has no receipt");
}

#[pollster::test]
async fn a_receipt_is_mailed_once_more_by_its_seller_only() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    let purchase = app.store.purchases().pop().unwrap();
    app.receipts.resend(&shop.creator, &shop.handle.name, purchase.id).await.unwrap();
    let receipts = app.mails_to(BOB).await.into_iter().filter(|kind| *kind == "receipt").count();
    assert_eq!(receipts, 2);
    let eve = app.shop("eve").await;
    let foreign = app.receipts.resend(&eve.creator, &eve.handle.name, purchase.id).await;
    assert!(matches!(foreign, Err(ReceiptError::NotFound)));
}

#[pollster::test]
async fn each_receipt_is_mailed_three_times_more_in_a_day() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let bob = app.sign_in(BOB).await;
    let mut bought = Vec::new();
    for number in 0..4 {
        let page = a_page().slug(&format!("page-{number}")).paid(900, "usd").published();
        let page = app.page(&shop, page).await;
        bought.push(app.buy(&shop, &page, &bob).await);
    }
    let again = async |purchase: &Purchase| {
        app.receipts.resend_to_visitor(purchase.visitor_id, purchase.id).await
    };
    for purchase in &bought {
        for _ in 0..3 {
            again(purchase).await.unwrap();
        }
        let limited = again(purchase).await;
        assert!(matches!(limited, Err(ReceiptError::Mail(MailWriteError::Limited { .. }))));
    }
    app.clock.advance_seconds(24 * 3600);
    again(&bought[0]).await.unwrap();
}

#[pollster::test]
async fn a_purchase_is_shown_to_its_seller_only() {
    let app = TestApp::new();
    let (shop, page, _) = shop_with_sale(&app).await;
    let purchase = app.store.purchases().pop().unwrap();
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let sold = app.receipts.purchase(creator, name, purchase.id).await.unwrap();
    assert_eq!((sold.email.as_str(), &sold.slug, &sold.title), (BOB, &page.slug, &page.title));
    let gift = app.give(&shop, &page, "gift@example.com").await.grant;
    let given = app.receipts.purchase(creator, name, gift.id).await.unwrap();
    assert_eq!(given.purchase.payment, None);
    let eve = app.shop("eve").await;
    let foreign = app.receipts.purchase(&eve.creator, &eve.handle.name, purchase.id).await;
    assert!(matches!(foreign, Err(ReceiptError::NotFound)));
    let foreign = app.receipts.purchase(&eve.creator, name, purchase.id).await;
    assert!(matches!(foreign, Err(ReceiptError::HandleNotFound)));
}

#[pollster::test]
async fn a_mail_of_the_log_is_sent_once_more() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    app.deliver_mails().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let is_receipt = |mail: &LoggedMail| mail.kind == MailKind::Receipt;
    assert_eq!(log_of(&app, &shop, Some("nobody@")).await, vec![]);
    let receipt = log_of(&app, &shop, Some("Bob@")).await.into_iter().find(is_receipt).unwrap();
    app.resends.resend(creator, name, receipt.id).await.unwrap();
    app.deliver_mails().await;
    let receipts = log_of(&app, &shop, None).await.into_iter().filter(is_receipt).count();
    assert_eq!(receipts, 2);
    let eve = app.shop("eve").await;
    let foreign = app.resends.resend(&eve.creator, &eve.handle.name, receipt.id).await;
    assert!(matches!(foreign, Err(ResendError::NotFound)));
}

#[pollster::test]
async fn that_access_was_given_is_not_said_again_to_who_has_it_no_more() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
    let gift = app.give(&shop, &page, BOB).await.grant;
    app.deliver_mails().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let mail = log_of(&app, &shop, Some(BOB)).await.remove(0);
    app.resends.resend(creator, name, mail.id).await.unwrap();
    assert_eq!(app.mails_to(BOB).await, ["granted", "granted"]);
    app.grants.revoke(creator, name, &page.slug, gift.id).await.unwrap();
    let again = app.resends.resend(creator, name, mail.id).await;
    assert!(matches!(again, Err(ResendError::NoAccess)), "{again:?}");
    assert_eq!(app.mails_to(BOB).await.len(), 2);
    let bob = app.sign_in(BOB).await;
    app.buy(&shop, &page, &bob).await;
    app.resends.resend(creator, name, mail.id).await.unwrap();
}

/// Not as it was when it was mailed first.
#[pollster::test]
async fn a_receipt_of_the_log_says_what_is_so_when_it_is_sent_again() {
    let app = TestApp::new();
    let (shop, page, bob) = shop_with_sale(&app).await;
    app.deliver_mails().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let is_receipt = |mail: &LoggedMail| mail.kind == MailKind::Receipt;
    let mail = log_of(&app, &shop, Some(BOB)).await.into_iter().find(is_receipt).unwrap();
    app.refund(&shop, &page, &app.visitor(&bob).await).await.unwrap();
    app.deliver_mails().await;
    app.resends.resend(creator, name, mail.id).await.unwrap();
    app.deliver_mails().await;
    let Some(MailContent::Receipt { facts, .. }) = app.mailer.sent_to(&email(BOB)).pop() else {
        panic!("no receipt")
    };
    let facts = facts.unwrap();
    assert_eq!((facts.is_open, facts.refunded), (false, page.price));
    let token = asked(&app, &shop).await;
    app.moves.confirm(&token).await.unwrap();
    let again = app.resends.resend(creator, name, mail.id).await;
    assert!(matches!(again, Err(ResendError::Past)), "{again:?}");
}

/// The dispute that it tells of may be over.
#[pollster::test]
async fn what_was_so_once_is_sent_again_only_if_it_never_was() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    app.deliver_mails().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let payment = app.store.purchases().pop().unwrap().payment.unwrap().payment_intent;
    app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    // One of the two mails is given up.
    app.mailer.fail_next(MailError::Permanent("recipient: answer 550".into()));
    app.deliver_webhooks().await;
    app.mailer.heal();
    let tells =
        |mail: &LoggedMail| matches!(mail.kind, MailKind::Disputed | MailKind::AccessDisputed);
    let mut again = Vec::new();
    for mail in log_of(&app, &shop, None).await.into_iter().filter(tells) {
        again.push(app.resends.resend(creator, name, mail.id).await);
    }
    let refused = again.iter().filter(|it| matches!(it, Err(ResendError::Past))).count();
    assert_eq!((refused, again.iter().filter(|it| it.is_ok()).count()), (1, 1), "{again:?}");
}

#[pollster::test]
async fn in_place_of_a_sign_in_link_a_new_one_is_sent() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let asked = LinkRequest { handle: Some(&shop.handle.name), ..request(BOB) };
    app.sign_in.request_link(asked).await.unwrap();
    app.deliver_mails().await;
    let (first, _) = app.link_mailed_to(BOB);
    let mails = log_of(&app, &shop, None).await;
    let [mail] = mails.as_slice() else { panic!("one mail: {mails:?}") };
    assert_eq!(mail.kind, MailKind::MagicLink);
    app.resends.resend(&shop.creator, &shop.handle.name, mail.id).await.unwrap();
    app.deliver_mails().await;
    let (second, _) = app.link_mailed_to(BOB);
    assert_ne!(first.hash(), second.hash());
    let is_from_seller = |content| match content {
        MailContent::MagicLink { sent_by_seller, .. } => sent_by_seller,
        _ => panic!("no link: {content:?}"),
    };
    let mails = app.mailer.sent_to(&email(BOB)).into_iter();
    assert_eq!(mails.map(is_from_seller).collect::<Vec<_>>(), [false, true]);
}

/// Uploads a file for invited people.
async fn upload_book(app: &TestApp, shop: &Shop) -> Slug {
    let new = NewFile {
        slug: "book".parse().unwrap(),
        access: FileAccess::Allowlist,
        page_slug: None,
        name: "book.pdf".into(),
        content_type: None,
    };
    let content = stream::iter([Ok::<_, ()>(Bytes::from_static(b"x"))]);
    app.files.upload(&shop.creator, &shop.handle.name, new, content).await.unwrap().slug
}

#[pollster::test]
async fn a_long_list_is_stored_in_parts_of_which_each_is_kept() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let slug = upload_book(&app, &shop).await;
    let mut lines: Vec<_> = (0..450).map(|number| format!("p{number}@example.com")).collect();
    lines.push("P0@example.com".to_owned());
    let kept = async || {
        let all = PageRequest { limit: 1_000, after: None };
        app.files.allowlist(creator, name, &slug, &all).await.unwrap().items.len()
    };
    let dry = app.files.allow_many(creator, name, &slug, &lines, true).await.unwrap();
    assert_eq!((dry.added, dry.known, kept().await), (450, 1, 0));
    // Each address takes a few operations of the store.
    app.store.fail_after(1_000);
    assert!(app.files.allow_many(creator, name, &slug, &lines, false).await.is_err());
    app.store.heal();
    let first = kept().await;
    assert!([200, 400].contains(&first), "{first} of whole parts");
    let dry = app.files.allow_many(creator, name, &slug, &lines, true).await.unwrap();
    assert_eq!((dry.added, dry.known), (450 - first, first + 1));
    let done = app.files.allow_many(creator, name, &slug, &lines, false).await.unwrap();
    assert_eq!((done, kept().await), (dry, 450));
}

#[pollster::test]
async fn many_addresses_are_put_on_a_list_at_once() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let slug = upload_book(&app, &shop).await;
    let lines = [BOB, "", "not an address", "BOB@example.com", ROB].map(str::to_owned);
    let dry = app.files.allow_many(creator, name, &slug, &lines, true).await.unwrap();
    assert_eq!((dry.added, dry.known), (2, 1));
    let done = app.files.allow_many(creator, name, &slug, &lines, false).await.unwrap();
    assert_eq!(done, dry, "the preview says what happens");
    let [invalid] = done.invalid.as_slice() else { panic!("{done:?}") };
    assert_eq!((invalid.line, invalid.text.as_str()), (3, "not an address"));
    let again = app.files.allow_many(creator, name, &slug, &lines, false).await.unwrap();
    assert_eq!((again.added, again.known), (0, 3));
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    let list = app.files.allowlist(creator, name, &slug, &PageRequest::default()).await;
    let listed: Vec<_> = list.unwrap().items.into_iter().map(|entry| entry.email).collect();
    assert_eq!(listed, [email(ROB)], "both addresses were on the list, one remains");
}
