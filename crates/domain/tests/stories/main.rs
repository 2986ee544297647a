//! What Tollgate does, told as stories over the fakes.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests: a story that cannot go on has failed"
)]

mod accounts;
mod administration;
mod caused_mails;
mod checkout;
mod codes;
mod confirmation;
mod connect;
mod delivery;
mod embedding;
mod evidence;
mod explain;
mod files;
mod fulfilment;
mod gate;
mod grants;
mod group_buy_status;
mod group_buys;
mod jobs;
mod link_limits;
mod mocks;
mod pages;
mod people;
mod proof;
mod provider_errors;
mod refunds;
mod reports;
mod resends;
mod second_payments;
mod seller_links;
mod sign_in;
mod sweeps;
mod traded_tokens;
mod webhooks;

use tollgate_domain::{
    creators::Page,
    payments::{CheckoutSessionId, PaymentIntentId},
    token::Token,
};
use tollgate_domain_testing::{Shop, TestApp, a_page};

/// A shop with a page for 12 USD, and Bob, who is signed in.
#[derive(Clone)]
struct Sale {
    app: TestApp,
    shop: Shop,
    page: Page,
    bob: Token,
}

const BOB: &str = "bob@example.com";
/// The network address of a client.
const CLIENT: &str = "192.0.2.9";
const ADA: &str = "ada@creators.example";

impl Sale {
    async fn new() -> Self {
        Self::in_app(TestApp::new()).await
    }

    async fn in_app(app: TestApp) -> Self {
        let shop = app.shop("ada").await;
        let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
        let bob = app.sign_in(BOB).await;
        app.mailer.clear();
        app.payments.take_events();
        Self { app, shop, page, bob }
    }

    async fn is_open(&self) -> bool {
        self.app.is_open(&self.shop, &self.page, &self.bob).await
    }

    /// Begins to buy, and gives the session at the provider.
    async fn started(&self) -> CheckoutSessionId {
        let started = self.app.start(&self.shop, &self.page, &self.bob).await.unwrap();
        self.app.payments.session_at(&started.url).unwrap()
    }

    /// Pays in a session of somebody else's making that names the order, and gives both.
    fn paid_elsewhere(&self) -> (CheckoutSessionId, PaymentIntentId) {
        let (order, payments) = (self.app.store.orders().remove(0), &self.app.payments);
        let other = payments.open_elsewhere(&order.account, order.id, order.page_id, order.price);
        let payment = payments.pay(&other.session).unwrap();
        (other.session, payment)
    }

    /// The kinds of what was mailed to an address, oldest first.
    async fn mails_to(&self, address: &str) -> Vec<&'static str> {
        self.app.mails_to(address).await
    }
}

/// How often the provider was called, in whatever way.
fn all_calls(app: &TestApp) -> u32 {
    app.payments.all_calls()
}

/// Runs `count` tasks at once and gives what they give.
async fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let run = |number| {
        let task = task(number);
        std::thread::spawn(move || pollster::block_on(task))
    };
    let threads: Vec<_> = (0..count).map(run).collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}
