//! The whole of Tollgate over the fakes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "test support: a story that cannot go on has failed"
)]

use std::{ops::Deref, sync::Arc};

use super::{
    FakePayments, ManualClock, MemoryFileStore, MemoryStore, PageBuilder, PlainPasswords,
    RecordingMailer, SeededRandom, Shop, TestLinks, email, link_in, open_shop,
};
use tollgate_domain::{
    access::{AccessError, GrantOutcome, Purchase, Reason, ResourceType, ViewerClaim},
    checkout::{CheckoutError, ReturnUrls, StartedCheckout},
    clock::Clock,
    creators::{Creator, Page, PageChange, Password, Quotas},
    installation::Installation,
    jobs::Step,
    mail::MailQuota,
    payments::ProviderEvent,
    refunds::{RefundError, RefundReceipt, RefundWish},
    seal::Seal,
    store::{Store, Stores, UnitOfWork},
    token::{Code, Token},
    use_cases::{Ports, Settings, UseCases},
    version::BasedOn,
    visitor_auth::{Browser, LinkRequest, Visitor},
};

/// All use cases over fakes that the test can look into and break. A clone is another replica over the
/// same store, provider and clock.
#[derive(Debug, Clone)]
pub struct TestApp {
    /// What is stored.
    pub store: MemoryStore,
    /// What time it is.
    pub clock: Arc<ManualClock>,
    /// Where ids and tokens come from.
    pub random: Arc<SeededRandom>,
    /// What was mailed.
    pub mailer: Arc<RecordingMailer>,
    /// What the payment provider knows.
    pub payments: Arc<FakePayments>,
    /// How passwords are hashed.
    pub passwords: Arc<PlainPasswords>,
    /// `tollgate.localhost:8080`.
    pub installation: Installation,
    /// What seals mails.
    pub seal: Seal,
    /// Where files are kept.
    pub objects: MemoryFileStore,
    ports: Ports,
    settings: Settings,
    /// The use cases. They are also reached as fields of the app.
    pub use_cases: Arc<UseCases>,
}

/// The largest file that a [`TestApp`] takes.
pub const MAX_BYTES: u64 = 100_000;

/// Every client comes from here.
const CLIENT: &str = "192.0.2.1";

impl TestApp {
    /// Creates an application whose randomness starts at 1 and that takes no fee.
    pub fn new() -> Self {
        Self::with(1, 0)
    }

    /// Creates an application whose randomness follows from `seed`, with a platform fee.
    pub fn with(seed: u64, fee_basis_points: u32) -> Self {
        let store = MemoryStore::new();
        let clock = Arc::new(ManualClock::new());
        let random = Arc::new(SeededRandom::new(seed));
        let mailer = Arc::new(RecordingMailer::new());
        let payments = Arc::new(FakePayments::with_clock(clock.clone()));
        let passwords = Arc::new(PlainPasswords::new());
        let objects = MemoryFileStore::new();
        let installation = Installation::new("tollgate.localhost:8080").unwrap();
        let seal = Seal::new([b"the secret of a test".as_slice()]);
        let ports = Ports {
            stores: Stores::of(store.clone()),
            payments: payments.clone(),
            mailer: mailer.clone(),
            objects: Arc::new(objects.clone()),
            passwords: passwords.clone(),
            links: Arc::new(TestLinks::new(installation.clone())),
            clock: clock.clone(),
            random: random.clone(),
        };
        let settings = Settings {
            fee_basis_points,
            max_file_bytes: MAX_BYTES,
            ..Settings::new(installation.clone(), seal.clone())
        };
        let use_cases = Arc::new(UseCases::new(&ports, &settings));
        Self {
            store,
            clock,
            random,
            mailer,
            payments,
            passwords,
            installation,
            seal,
            objects,
            ports,
            settings,
            use_cases,
        }
    }

    /// Returns the same application with other quotas of creators.
    pub fn with_quotas(self, quotas: Quotas) -> Self {
        self.changed(|settings| settings.quotas = quotas)
    }

    /// Returns the same application with another number of mails that creators may cause.
    pub fn with_mail_quota(self, quota: MailQuota) -> Self {
        self.changed(|settings| settings.mail_quota = quota)
    }

    fn changed(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self.use_cases = Arc::new(UseCases::new(&self.ports, &self.settings));
        self
    }

    /// Returns the use cases of this application over other stores.
    pub fn over(&self, stores: Stores) -> UseCases {
        UseCases::new(&Ports { stores, ..self.ports.clone() }, &self.settings)
    }

    /// Begins a unit of work, to look at what no use case shows.
    pub async fn unit(&self) -> Box<dyn UnitOfWork> {
        self.store.begin().await.unwrap()
    }

    /// Creates a creator with the password `correct horse`, whose address is proved.
    pub async fn creator(&self, address: &str) -> Creator {
        let password = Password::new("correct horse".into()).unwrap();
        self.accounts.create_verified(email(address), &password, "").await.unwrap()
    }

    /// Creates a creator `{handle}@creators.example` with a handle whose payment account is active.
    pub async fn shop(&self, handle: &str) -> Shop {
        open_shop(&self.use_cases, &self.store, &self.payments, handle).await.unwrap()
    }

    /// Creates a page of the shop.
    pub async fn page(&self, shop: &Shop, page: PageBuilder) -> Page {
        self.pages.create(&shop.creator, &shop.handle.name, page.new_page()).await.unwrap()
    }

    /// Changes a page as its creator.
    pub async fn change(&self, shop: &Shop, page: &Page, change: PageChange) -> Page {
        let name = &shop.handle.name;
        self.pages.change(&shop.creator, name, &page.slug, change, &BasedOn::Any).await.unwrap()
    }

    /// Asks for a link; the mail goes out. Gives what it carries.
    pub async fn request_link(&self, address: &str) -> (Token, Code) {
        self.sign_in.request_link(link_request(address)).await.unwrap();
        self.deliver_mails().await;
        self.link_mailed_to(address)
    }

    /// Returns what the last link that was mailed to an address carries.
    pub fn link_mailed_to(&self, address: &str) -> (Token, Code) {
        let mails = self.mailer.sent_to(&email(address));
        mails.iter().rev().find_map(link_in).expect("a mail with a link")
    }

    /// Signs a visitor in, from asking for the link to the cookie's value.
    pub async fn sign_in(&self, address: &str) -> Token {
        let (token, _) = self.request_link(address).await;
        self.sign_in.redeem_token(&token, &Browser::default()).await.unwrap().token
    }

    /// Returns the visitor who has this session.
    pub async fn visitor(&self, session: &Token) -> Visitor {
        let found = self.sessions.authenticate(session.hash()).await.unwrap();
        found.expect("a valid session").visitor
    }

    /// Returns what the gate says to the visitor who has `session`.
    pub async fn check(
        &self,
        shop: &Shop,
        page: &Page,
        session: Option<&Token>,
    ) -> Result<Reason, AccessError> {
        let claim = ViewerClaim { session: session.map(Token::hash), ..ViewerClaim::default() };
        self.gate
            .check(ResourceType::Page, shop.handle.name.clone(), page.slug.clone(), claim)
            .await
    }

    /// Returns whether the page is open to the visitor who has `session`; a fault counts as closed.
    pub async fn is_open(&self, shop: &Shop, page: &Page, session: &Token) -> bool {
        self.check(shop, page, Some(session)).await.is_ok_and(Reason::has_access)
    }

    /// Begins to buy.
    pub async fn start(
        &self,
        shop: &Shop,
        page: &Page,
        session: &Token,
    ) -> Result<StartedCheckout, CheckoutError> {
        let (name, slug) = (shop.handle.name.clone(), page.slug.clone());
        self.checkouts.start(name, slug, Some(session.hash()), ReturnUrls::default()).await
    }

    /// Buys: starts, pays, comes back.
    pub async fn buy(&self, shop: &Shop, page: &Page, session: &Token) -> Purchase {
        let started = self.start(shop, page, session).await.unwrap();
        let hosted = self.payments.session_at(&started.url).expect("a pay page");
        self.payments.pay(&hosted).expect("a session that can be paid");
        self.checkouts.complete_return(started.id, None).await.unwrap();
        let bought = self.store.purchases().into_iter().rev().find(|purchase| {
            purchase.payment.as_ref().is_some_and(|payment| payment.checkout_id == started.id)
        });
        bought.expect("the purchase")
    }

    /// Refunds what the visitor paid last for the page.
    pub async fn refund(
        &self,
        shop: &Shop,
        page: &Page,
        visitor: &Visitor,
    ) -> Result<RefundReceipt, RefundError> {
        let wish = RefundWish {
            visitor_id: visitor.id,
            purchase_id: None,
            reason: None,
            idempotency_key: None,
            arrived_at: self.clock.now(),
            at_most: None,
        };
        self.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await
    }

    /// Gives the page to the visitor with this address.
    pub async fn give(&self, shop: &Shop, page: &Page, address: &str) -> GrantOutcome {
        let name = &shop.handle.name;
        self.grants.give(&shop.creator, name, &page.slug, email(address)).await.unwrap()
    }

    /// Returns a purchase as it is now.
    pub fn purchase(&self, purchase: &Purchase) -> Purchase {
        let mut purchases = self.store.purchases().into_iter();
        purchases.find(|found| found.id == purchase.id).expect("the purchase")
    }

    /// Receives these webhooks and runs jobs until none is due.
    pub async fn deliver(&self, events: impl IntoIterator<Item = ProviderEvent>) {
        for event in events {
            self.events.receive(&event).await.unwrap();
        }
        self.work().await;
    }

    /// Receives what the provider has sent since the last time, and runs jobs until none is due.
    pub async fn deliver_webhooks(&self) {
        self.deliver(self.payments.take_events()).await;
    }

    /// Runs a job of the kind that comes first, if one is due.
    pub async fn step(&self) -> Step {
        self.runner().step().await.unwrap()
    }

    /// Runs jobs until none is due, and returns what became of each.
    pub async fn work(&self) -> Vec<Step> {
        let runner = self.runner();
        let mut steps = Vec::new();
        while steps.len() < 10_000 {
            match runner.step().await.unwrap() {
                Step::Idle => return steps,
                step @ Step::Ran(..) => steps.push(step),
            }
        }
        panic!("the jobs never end");
    }

    /// Runs jobs until none is due, and returns how many objects were deleted.
    pub async fn sweep(&self) -> usize {
        let before = self.objects.count();
        self.work().await;
        before - self.objects.count()
    }

    /// Sends mails: runs jobs until none is due.
    pub async fn deliver_mails(&self) {
        self.work().await;
    }

    /// Sends what is due, and gives the kinds of what was ever sent to an address, oldest first.
    pub async fn mails_to(&self, address: &str) -> Vec<&'static str> {
        self.deliver_mails().await;
        self.mailer.sent_to(&email(address)).iter().map(|content| content.kind().as_str()).collect()
    }
}

impl Deref for TestApp {
    type Target = UseCases;

    fn deref(&self) -> &UseCases {
        &self.use_cases
    }
}

impl Default for TestApp {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns a request for a sign-in link with nothing but the address.
fn link_request(address: &str) -> LinkRequest<'static> {
    let email = email(address);
    LinkRequest {
        email,
        return_to: None,
        handle: None,
        client: CLIENT,
        browser: None,
        language: None,
    }
}
