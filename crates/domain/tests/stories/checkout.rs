//! Buying a page.

use futures_util::future::join;
use tollgate_domain::{
    checkout::{CheckoutError, NoPayments, OrderStatus, ReturnUrls},
    creators::{PageChange, PageStatus},
    payments::{AccountId, PaymentsError, Refusal, SessionProgress},
    token::Token,
    validation::Field,
};
use tollgate_domain_testing::{Call, Fault, TestApp, a_page, at, money, yield_now};

use crate::{ADA, BOB, Sale, at_once};

pub(crate) fn price(amount: i64) -> PageChange {
    PageChange { price: Some(Some(money(amount, "usd"))), ..PageChange::default() }
}

pub(crate) fn statuses(app: &TestApp) -> Vec<OrderStatus> {
    app.store.orders().iter().map(|order| order.status).collect()
}

fn unavailable<T>(result: &Result<T, CheckoutError>) -> bool {
    matches!(result, Err(CheckoutError::Payments(PaymentsError::Unavailable(_))))
}

#[pollster::test]
async fn a_visitor_pays_comes_back_and_is_in() {
    let sale = Sale::new().await;
    let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    assert_eq!(started.expires_at, at(23 * 3600));
    assert!(!sale.is_open().await);
    let session = sale.app.payments.session_at(&started.url).unwrap();
    let payment = sale.app.payments.pay(&session).unwrap();
    assert!(!sale.is_open().await, "nobody has asked the provider yet");
    assert_eq!(
        sale.app.checkouts.complete_return(started.id, None).await.unwrap().success_url,
        None
    );
    assert!(sale.is_open().await);
    let purchases = sale.app.store.purchases();
    let [purchase] = purchases.as_slice() else { panic!("{purchases:?}") };
    let paid = purchase.payment.clone().unwrap();
    assert_eq!(paid.paid, money(1_200, "usd"));
    assert_eq!(paid.account, sale.shop.account);
    assert_eq!((paid.session, paid.payment_intent), (session, payment));
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
}

/// The address of the return page can be passed on.
#[pollster::test]
async fn the_provider_is_asked_once_in_three_seconds_however_many_come_back() {
    let sale = Sale::new().await;
    let eve = sale.app.sign_in("eve@example.com").await;
    let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    let come_back = async || {
        let before = sale.app.payments.calls(Call::Checkout);
        let sessions = [None, Some(sale.bob.hash()), Some(eve.hash())];
        for session in sessions.into_iter().cycle().take(200) {
            sale.app.checkouts.complete_return(started.id, session).await.unwrap();
        }
        sale.app.payments.calls(Call::Checkout) - before
    };
    assert_eq!(come_back().await, 1);
    sale.app.clock.advance_seconds(2);
    assert_eq!(come_back().await, 0, "it was asked a moment ago");
    sale.app.clock.advance_seconds(1);
    assert_eq!(come_back().await, 1);
    let session = sale.app.payments.session_at(&started.url).unwrap();
    sale.app.payments.pay(&session).unwrap();
    sale.app.clock.advance_seconds(3);
    assert_eq!(come_back().await, 1);
    assert!(sale.is_open().await);
    sale.app.clock.advance_seconds(3);
    assert_eq!(come_back().await, 0, "the payment is known");
}

#[pollster::test]
async fn asking_again_gives_the_same_pay_page() {
    let sale = Sale::new().await;
    let first = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    sale.app.clock.advance_seconds(3_600);
    let second = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(sale.app.payments.sessions().len(), 1);
}

#[pollster::test]
async fn asking_again_finds_out_what_nobody_has_told_of() {
    let sale = Sale::new().await;
    let first = sale.started().await;
    assert!(sale.app.payments.expire(&first));
    sale.app.clock.advance_seconds(1);
    let second = sale.started().await;
    assert_ne!(second, first);
    sale.app.payments.pay(&second).unwrap();
    let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    assert!(matches!(again, Err(CheckoutError::AlreadyPurchased)), "{again:?}");
    assert!(sale.is_open().await);
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired, OrderStatus::Paid]);
}

#[pollster::test]
async fn asking_again_while_the_provider_is_away_gives_the_page_that_is_known() {
    let sale = Sale::new().await;
    let first = sale.started().await;
    sale.app.payments.set_down(true);
    assert_eq!(sale.started().await, first);
}

#[pollster::test]
async fn asking_again_and_again_asks_the_provider_once_in_a_while() {
    let sale = Sale::new().await;
    let first = sale.started().await;
    let asked = sale.app.payments.calls(Call::Checkout);
    for _ in 0..20 {
        assert_eq!(sale.started().await, first);
    }
    assert_eq!(sale.app.payments.calls(Call::Checkout), asked + 1);
    assert!(sale.app.payments.expire(&first));
    assert_eq!(sale.started().await, first, "what is stored");
    sale.app.clock.advance_seconds(3);
    assert_ne!(sale.started().await, first);
}

#[pollster::test]
async fn twenty_checkouts_at_once_are_one_session() {
    for seed in 0..10 {
        let sale = Sale::in_app(TestApp::with(seed, 0)).await;
        let urls = at_once(20, |_| {
            let (app, shop, page, bob) =
                (sale.app.clone(), sale.shop.clone(), sale.page.clone(), sale.bob.clone());
            async move { app.start(&shop, &page, &bob).await.unwrap().url }
        })
        .await;
        assert!(urls.iter().all(|url| Some(url) == urls.first()), "{urls:?}");
        assert_eq!(sale.app.payments.sessions().len(), 1);
    }
}

#[pollster::test]
async fn the_platforms_fee_is_part_of_the_order() {
    let sale = Sale::in_app(TestApp::with(1, 250)).await;
    sale.started().await;
    let orders = sale.app.store.orders();
    assert_eq!(orders.first().map(|order| order.fee), Some(30));
    // The same fee as the creator was told.
    assert_eq!(sale.page.price.map(|price| sale.app.checkouts.fee(price).amount), Some(30));
}

#[pollster::test]
async fn who_is_not_signed_in_cannot_buy() {
    let sale = Sale::new().await;
    let (name, slug) = (sale.shop.handle.name.clone(), sale.page.slug.clone());
    for session in [None, Some(Token::new(&*sale.app.random).hash())] {
        let refused = sale
            .app
            .checkouts
            .start(name.clone(), slug.clone(), session, ReturnUrls::default())
            .await;
        assert!(matches!(refused, Err(CheckoutError::Unauthorized)));
    }
    assert!(sale.app.store.orders().is_empty());
}

#[pollster::test]
async fn only_paid_and_published_pages_are_for_sale() {
    let Sale { app, shop, bob, .. } = Sale::new().await;
    for page in [a_page().public(), a_page().free_with_login()] {
        let page = app.page(&shop, page.published()).await;
        let refused = app.start(&shop, &page, &bob).await;
        assert!(matches!(refused, Err(CheckoutError::PageNotPaid)));
    }
    for page in [a_page().paid(500, "usd"), a_page().paid(500, "usd").archived(), a_page()] {
        let page = app.page(&shop, page).await;
        let refused = app.start(&shop, &page, &bob).await;
        assert!(matches!(refused, Err(CheckoutError::PageNotFound)));
    }
    assert!(app.payments.sessions().is_empty());
}

#[pollster::test]
async fn a_page_is_bought_once() {
    let sale = Sale::new().await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    assert!(matches!(again, Err(CheckoutError::AlreadyPurchased)));
    let archive = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    sale.app.change(&sale.shop, &sale.page, archive).await;
    let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    assert!(matches!(again, Err(CheckoutError::AlreadyPurchased)));
}

#[pollster::test]
async fn after_a_refund_the_page_can_be_bought_again() {
    let sale = Sale::new().await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let visitor = sale.app.visitor(&sale.bob).await;
    sale.app.refund(&sale.shop, &sale.page, &visitor).await.unwrap();
    assert!(!sale.is_open().await);
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn without_an_account_that_takes_payments_nothing_is_sold() {
    let app = TestApp::new();
    let creator = app.creator(ADA).await;
    let handle = app.handles.create(&creator, "ada".parse().unwrap(), "Ada").await.unwrap();
    let page = a_page().paid(500, "usd").published().new_page();
    let page = app.pages.create(&creator, &handle.name, page).await.unwrap();
    let bob = app.sign_in(BOB).await;
    let account = AccountId::new("none yet");
    let mut shop = tollgate_domain_testing::Shop { creator, handle, account };
    let refused = app.start(&shop, &page, &bob).await;
    assert!(matches!(refused, Err(CheckoutError::ConnectNotConfigured(_))));

    let urls = "https://app.example/";
    app.connect.begin(&shop.creator, &shop.handle.name, urls, urls).await.unwrap();
    let refused = app.start(&shop, &page, &bob).await;
    assert!(matches!(refused, Err(CheckoutError::ConnectNotConfigured(_))));

    // The account comes to life, and the webhook that says so is lost.
    let connected = app.connect.status(&shop.creator, &shop.handle.name).await.unwrap();
    shop.account = connected.unwrap().account;
    app.payments.activate(&shop.account);
    assert!(app.start(&shop, &page, &bob).await.is_ok());
}

#[pollster::test]
async fn a_price_edit_ends_the_open_checkout() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    sale.app.work().await;
    let state = sale.app.payments.session(&old).unwrap();
    assert_eq!(state.progress, SessionProgress::Expired);
    assert_eq!(sale.app.payments.pay(&old), None);
    sale.app.clock.advance_seconds(1);
    let new = sale.started().await;
    assert_ne!(old, new);
    assert_eq!(sale.app.payments.session(&new).unwrap().amount, 2_000);
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired, OrderStatus::Open]);
}

#[pollster::test]
async fn taking_a_page_off_sale_ends_the_open_checkout() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    let archive = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    sale.app.change(&sale.shop, &sale.page, archive).await;
    sale.app.work().await;
    assert_eq!(sale.app.payments.pay(&old), None);
}

#[pollster::test]
async fn an_edit_of_anything_else_leaves_the_checkout_open() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let title = PageChange { title: Some("New".into()), ..PageChange::default() };
    sale.app.change(&sale.shop, &sale.page, title).await;
    assert_eq!(sale.started().await, session);
    assert!(sale.app.payments.pay(&session).is_some());
}

#[pollster::test]
async fn a_request_that_is_lost_is_made_again_for_the_same_order() {
    for fault in [Fault::lost_request(), Fault::lost_answer()] {
        let sale = Sale::new().await;
        sale.app.payments.fail_next(Call::OpenCheckout, fault);
        sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
        assert!(unavailable(&sale.app.start(&sale.shop, &sale.page, &sale.bob).await));
        assert_eq!(statuses(&sale.app), [OrderStatus::Creating]);
        sale.app.clock.advance_seconds(600);
        sale.started().await;
        assert_eq!(sale.app.payments.sessions().len(), 1);
        assert_eq!(statuses(&sale.app), [OrderStatus::Open]);
    }
}

#[pollster::test]
async fn failures_that_the_provider_keeps_stand_in_nobodys_way() {
    let sale = Sale::new().await;
    for _ in 0..3 {
        sale.app.payments.fail_next(Call::OpenCheckout, Fault::kept_error());
    }
    let failed = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    assert!(matches!(failed, Err(CheckoutError::Payments(PaymentsError::Failed(_)))));
    sale.app.clock.advance_seconds(1);
    // The next order has keys of its own.
    sale.started().await;
    assert_eq!(sale.app.payments.sessions().len(), 1);
    assert_eq!(statuses(&sale.app), [OrderStatus::Failed, OrderStatus::Open]);
}

#[pollster::test]
async fn an_order_is_not_given_up_while_nobody_knows_what_came_of_it() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::kept_error_after_effect());
    let failed = PaymentsError::Failed("500".into());
    sale.app.payments.fail_next(Call::FindCheckout, Fault::BeforeEffect(failed));
    assert!(unavailable(&sale.app.start(&sale.shop, &sale.page, &sale.bob).await));
    assert_eq!(statuses(&sale.app), [OrderStatus::Creating]);
    sale.started().await;
    assert_eq!(sale.app.payments.sessions().len(), 1);
}

#[pollster::test]
async fn an_order_that_was_never_opened_is_given_up_when_nothing_can_come_of_it() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::lost_request());
    sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
    assert!(unavailable(&sale.app.start(&sale.shop, &sale.page, &sale.bob).await));
    sale.app.clock.advance_seconds(3_600);
    // The last repetition may still be under way.
    assert!(unavailable(&sale.app.start(&sale.shop, &sale.page, &sale.bob).await));
    sale.app.clock.advance_seconds(180);
    sale.started().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired, OrderStatus::Open]);
}

#[pollster::test]
async fn an_order_that_the_provider_refuses_stands_in_nobodys_way() {
    let sale = Sale::new().await;
    let refused = PaymentsError::Refused { refusal: Refusal::Other, message: "no".into() };
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::BeforeEffect(refused));
    let result = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    let Err(CheckoutError::Payments(PaymentsError::Refused { .. })) = result else {
        panic!("{result:?}")
    };
    sale.app.clock.advance_seconds(1);
    sale.started().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Failed, OrderStatus::Open]);
}

#[pollster::test]
async fn a_checkout_that_has_run_out_is_followed_by_a_new_one() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    sale.app.clock.set(at(23 * 3600));
    let new = sale.started().await;
    assert_ne!(old, new);
    assert_eq!(sale.app.payments.pay(&old), None, "the old one was ended at the provider");
    assert!(sale.app.payments.pay(&new).is_some());
}

#[pollster::test]
async fn an_expired_session_makes_room_for_another() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    assert!(sale.app.payments.expire(&session));
    sale.app.deliver_webhooks().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
    assert_ne!(sale.started().await, session);
}

#[pollster::test]
async fn a_frontend_says_where_the_visitor_goes_on() {
    let sale = Sale::new().await;
    let urls = ReturnUrls {
        success: Some("https://example.com/thanks".into()),
        cancel: Some("http://localhost:3000/back".into()),
    };
    let (name, slug) = (sale.shop.handle.name.clone(), sale.page.slug.clone());
    let started = sale.app.checkouts.start(name, slug, Some(sale.bob.hash()), urls).await.unwrap();
    let session = sale.app.payments.session_at(&started.url).unwrap();
    let early = sale.app.checkouts.complete_return(started.id, None).await.unwrap();
    assert_eq!(early.success_url, None, "nothing was paid yet");
    sale.app.payments.pay(&session).unwrap();
    sale.app.clock.advance_seconds(3);
    let stranger = sale.app.sign_in("eve@example.com").await;
    for other in [None, Some(stranger.hash())] {
        let back = sale.app.checkouts.complete_return(started.id, other).await.unwrap();
        assert_eq!(back.success_url, None, "it leads on for the buyer alone");
    }
    let bob = Some(sale.bob.hash());
    let back = sale.app.checkouts.complete_return(started.id, bob).await.unwrap();
    assert_eq!(back.success_url.as_deref(), Some("https://example.com/thanks"));
    assert_eq!((&back.handle, &back.slug), (&sale.shop.handle.name, &sale.page.slug));
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn an_open_pay_page_leads_on_to_where_the_newest_request_wants() {
    let sale = Sale::new().await;
    let ask = async |success: Option<&str>| {
        let urls = ReturnUrls { success: success.map(Into::into), cancel: None };
        let (name, slug) = (sale.shop.handle.name.clone(), sale.page.slug.clone());
        sale.app.checkouts.start(name, slug, Some(sale.bob.hash()), urls).await.unwrap()
    };
    let first = ask(None).await;
    for target in [Some("https://one.example/thanks"), None, Some("https://two.example/")] {
        let again = ask(target).await;
        assert_eq!((again.id, &again.url), (first.id, &first.url));
    }
    sale.app.payments.pay(&sale.app.payments.session_at(&first.url).unwrap()).unwrap();
    let bob = Some(sale.bob.hash());
    let back = sale.app.checkouts.complete_return(first.id, bob).await.unwrap();
    assert_eq!(back.success_url.as_deref(), Some("https://two.example/"));
}

#[pollster::test]
async fn addresses_that_are_not_plain_web_addresses_are_refused() {
    let sale = Sale::new().await;
    let (name, slug) = (sale.shop.handle.name.clone(), sale.page.slug.clone());
    let long = format!("https://example.com/{}", "a".repeat(2_000));
    for url in [
        "",
        "/thanks",
        "//evil.example",
        "javascript:alert(1)",
        "https:/evil.example",
        "https://a@evil.example/",
        "https://example.com/\\",
        "https://exa mple.com",
        "data:,x",
        "ftp://example.com/",
        "http://example.com/",
        "http://evil.example#.tollgate.localhost",
        "http://evil.example/?.localhost",
        "https://x;sandbox/",
        "https://",
        "https:///evil.example",
        "https://exa%6dple.com/",
        "https://example.com/\u{dc}",
        &long,
    ] {
        for urls in [
            ReturnUrls { success: Some(url.into()), cancel: None },
            ReturnUrls { success: None, cancel: Some(url.into()) },
        ] {
            let field = if urls.success.is_some() { Field::SuccessUrl } else { Field::CancelUrl };
            let result = sale
                .app
                .checkouts
                .start(name.clone(), slug.clone(), Some(sale.bob.hash()), urls)
                .await;
            let Err(CheckoutError::Invalid(errors)) = result else { panic!("{url:?} is taken") };
            assert_eq!(errors.fields().keys().collect::<Vec<_>>(), [&field]);
        }
    }
    assert!(sale.app.store.orders().is_empty());
}

#[pollster::test]
async fn wherever_the_store_fails_a_checkout_ends_up_with_one_session() {
    for passes in 0..40 {
        let sale = Sale::new().await;
        sale.app.store.fail_after(passes);
        let result = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
        let failed = !sale.app.store.heal();
        assert_eq!(result.is_err(), failed);
        sale.started().await;
        assert_eq!(sale.app.payments.sessions().len(), 1, "after {passes}");
        if !failed {
            return;
        }
    }
    panic!("it never comes through");
}

/// Lets others go first so many times.
pub(crate) async fn after(turns: usize) {
    for _ in 0..turns {
        yield_now().await;
    }
}

#[pollster::test]
async fn an_edit_while_a_checkout_starts_leaves_no_session_at_the_old_price() {
    for turns in 0..60 {
        let sale = Sale::new().await;
        let edit = async {
            after(turns).await;
            sale.app.change(&sale.shop, &sale.page, price(2_000)).await
        };
        let start = sale.app.start(&sale.shop, &sale.page, &sale.bob);
        let (_, started) = join(edit, start).await;
        sale.app.work().await;
        for session in sale.app.payments.sessions() {
            let state = sale.app.payments.session(&session).unwrap();
            let is_open = state.progress == SessionProgress::Open;
            assert!(!is_open || state.amount == 2_000, "after {turns}: {started:?}");
        }
        // Whatever came of it, asking again goes on at the new price.
        let session = sale.started().await;
        assert_eq!(sale.app.payments.session(&session).unwrap().amount, 2_000);
    }
}

/// The event about it was lost.
#[pollster::test]
async fn the_pay_page_of_an_account_that_is_gone_is_not_offered_again() {
    let sale = Sale::new().await;
    sale.started().await;
    sale.app.payments.deauthorize(&sale.shop.account);
    sale.app.payments.take_events();
    for _ in 0..2 {
        let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
        let is_said = matches!(
            again,
            Err(CheckoutError::ConnectNotConfigured(NoPayments::AccountDisconnected))
        );
        assert!(is_said, "{again:?}");
        assert_eq!(sale.mails_to(ADA).await, ["account_closed"], "she is told once");
        sale.app.clock.advance_seconds(60);
    }
    assert!(!sale.app.connect.can_charge(&sale.shop.handle).await.unwrap());
}

#[pollster::test]
async fn an_account_that_shows_no_session_since_it_is_restricted_offers_no_pay_page() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let error = PaymentsError::Refused {
        refusal: Refusal::AccountRestricted,
        message: "cannot currently make charges".into(),
    };
    sale.app.payments.fail_next(Call::Checkout, Fault::BeforeEffect(error));
    let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    let why =
        matches!(again, Err(CheckoutError::ConnectNotConfigured(NoPayments::AccountRestricted)));
    assert!(why, "{again:?}");
    assert_eq!(sale.mails_to(ADA).await, ["account_closed"]);
    sale.app.clock.advance_seconds(60);
    assert_eq!(sale.started().await, session, "the account can take payments again");
}
