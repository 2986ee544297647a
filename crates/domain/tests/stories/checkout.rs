//! Buying a page.

mod addresses;
mod changes;
mod conflicts;
mod failures;

use tollgate_domain::{
    access::Purchase,
    checkout::{CheckoutError, OrderStatus, ReturnUrls},
    creators::{PageChange, PageStatus},
    names::Slug,
    payments::{AccountId, PaymentsError},
    token::Token,
    visitor_auth::Visitor,
};
use tollgate_domain_testing::{Call, TestApp, a_page, at, money, yield_now};

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

/// Neither while the pay page is open nor while the payment is being processed.
#[pollster::test]
async fn asking_again_begins_no_unit_of_work() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let ask_again = async || {
        let before = sale.app.store.count_units();
        let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
        assert_eq!(sale.app.store.count_units(), before);
        started
    };
    assert_eq!(sale.app.payments.session_at(&ask_again().await.url), Some(session.clone()));
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Pending]);
    assert!(ask_again().await.url.ends_with(&format!("/{}", sale.page.slug)));
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
    // The same fee as the creator was told, and what the creator was told to expect.
    assert_eq!(sale.page.price.map(|price| sale.app.checkouts.fee(price).amount), Some(30));
    assert_eq!(sale.page.price.map(|price| sale.app.checkouts.net(price).amount), Some(1_170));
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

/// What else opens the page does not count.
#[pollster::test]
async fn an_order_gives_access_as_long_as_its_own_purchase_does() {
    let sale = Sale::new().await;
    let order_of = async |purchase: Purchase| {
        let id = purchase.payment.unwrap().checkout_id;
        sale.app.checkouts.order_of(purchase.visitor_id, id).await.unwrap().unwrap()
    };
    let first = order_of(sale.app.buy(&sale.shop, &sale.page, &sale.bob).await).await;
    let gives_access = async |order| sale.app.checkouts.gives_access(order).await.unwrap();
    assert!(gives_access(&first).await);
    let visitor = sale.app.visitor(&sale.bob).await;
    sale.app.refund(&sale.shop, &sale.page, &visitor).await.unwrap();
    assert!(!gives_access(&first).await);
    let second = order_of(sale.app.buy(&sale.shop, &sale.page, &sale.bob).await).await;
    assert!(!gives_access(&first).await && gives_access(&second).await);
    sale.app.refund(&sale.shop, &sale.page, &visitor).await.unwrap();
    sale.app.give(&sale.shop, &sale.page, BOB).await;
    assert!(sale.is_open().await);
    assert!(!gives_access(&first).await && !gives_access(&second).await);
}

/// Also after its page was taken down.
#[pollster::test]
async fn the_pay_page_that_a_visitor_was_last_sent_to_is_known() {
    let sale = Sale::new().await;
    let bob = sale.app.visitor(&sale.bob).await;
    let eve = sale.app.visitor(&sale.app.sign_in("eve@example.com").await).await;
    let (checkouts, handle) = (&sale.app.checkouts, &sale.shop.handle.name);
    let last = async |who: &Visitor, slug: &Slug| {
        let found = checkouts.last_order_at(who.id, handle.clone(), slug.clone()).await.unwrap();
        if *slug == sale.page.slug {
            assert_eq!(found, checkouts.last_order(who.id, sale.page.id).await.unwrap());
        }
        found
    };
    assert_eq!(last(&bob, &sale.page.slug).await, None);
    let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    let order = last(&bob, &sale.page.slug).await.unwrap();
    assert_eq!(order.id, started.id);
    assert!(!checkouts.is_pay_page_closed(&order));
    assert_eq!(last(&eve, &sale.page.slug).await, None);
    assert_eq!(last(&bob, &"nothing".parse().unwrap()).await, None);
    let archived = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    sale.app.change(&sale.shop, &sale.page, archived).await;
    let order = last(&bob, &sale.page.slug).await.unwrap();
    assert_eq!(order.id, started.id);
    assert!(checkouts.is_pay_page_closed(&order));
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

/// Lets others go first so many times.
pub(crate) async fn after(turns: usize) {
    for _ in 0..turns {
        yield_now().await;
    }
}
