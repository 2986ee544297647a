//! Things to test with: each builder starts with something sound and says only what matters.
//!
//! Every call makes new ids and names, so that two things never clash by accident.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "test support: a test that builds nonsense has to fail"
)]

use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

use jiff::Timestamp;

use super::{SeededRandom, start_of_time};
use crate::{
    access::{Fact, FactKind, GrantType, Payment, Purchase},
    checkout::{
        AccountId, AccountState, CheckoutOrder, CheckoutSessionId, ConnectedAccount, OpenedSession,
        OrderStatus, PaymentIntentId, ProviderEvent,
    },
    clock::plus_seconds,
    creators::{
        AccessMode, Creator, CreatorSession, Handle, HandleName, HandleTexts, NewPage, Page,
        PageStatus, Slug,
    },
    email::Email,
    files::{AllowlistEntry, AttachedPage, File, FileAccess, FileFact, FileFactKind},
    group_buys::{GroupBuy, GroupBuyState, NewGroupBuy},
    id::{
        AllowlistId, CheckoutId, CreatorId, CreatorSessionId, FactId, FileId, GroupBuyId, HandleId,
        MagicLinkId, MailId, PageId, PurchaseId, RefundId, VisitorId, VisitorSessionId,
    },
    money::Money,
    outbox::QueuedMail,
    random,
    refunds::RefundRequest,
    seal::Sealed,
    token::{Token, TokenHash},
    visitor_auth::{MagicLink, ReturnTo, Visitor, VisitorSession},
};

/// Far from the small seeds that tests choose, so that nothing built here is met again there.
static RANDOM: LazyLock<SeededRandom> = LazyLock::new(|| SeededRandom::new(0xB01D_FACE_5EED_0001));
static COUNT: AtomicU64 = AtomicU64::new(1);

fn number() -> u64 {
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// An address of its own.
pub fn an_email() -> Email {
    email(&format!("person{}@example.com", number()))
}

/// The address in `text`.
pub fn email(text: &str) -> Email {
    text.parse().expect("an e-mail address")
}

/// The handle's name in `text`.
pub fn handle_name(text: &str) -> HandleName {
    text.parse().expect("a handle")
}

/// The slug in `text`.
pub fn slug(text: &str) -> Slug {
    text.parse().expect("a slug")
}

/// `amount` minor units.
pub fn money(amount: i64, currency: &str) -> Money {
    Money::new(amount, currency.parse().expect("a currency"))
}

/// A token of its own.
pub fn a_token() -> Token {
    Token::new(&*RANDOM)
}

/// The hash of a token that nobody has.
pub fn a_token_hash() -> TokenHash {
    a_token().hash()
}

macro_rules! builder {
    ($(#[$doc:meta])* $name:ident of $what:ident; $($setters:tt)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name($what);

        impl $name {
            /// The finished thing.
            pub fn build(self) -> $what {
                self.0
            }

            $($setters)*
        }
    };
}

/// A visitor.
pub fn a_visitor() -> VisitorBuilder {
    VisitorBuilder(Visitor {
        id: VisitorId::new(start_of_time(), &*RANDOM),
        email: an_email(),
        created_at: start_of_time(),
    })
}

builder! {
    /// See [`a_visitor`].
    VisitorBuilder of Visitor;

    /// With this address.
    pub fn email(mut self, email: Email) -> Self {
        self.0.email = email;
        self
    }

    /// Who came at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.created_at = instant;
        self
    }
}

/// A magic link for 15 minutes.
pub fn a_link() -> LinkBuilder {
    LinkBuilder(MagicLink {
        id: MagicLinkId::new(start_of_time(), &*RANDOM),
        token: a_token_hash(),
        code_fingerprint: random::bytes(&*RANDOM),
        email: an_email(),
        return_to: None,
        attempts: 0,
        created_at: start_of_time(),
        expires_at: plus_seconds(start_of_time(), 900),
        used_at: None,
    })
}

builder! {
    /// See [`a_link`].
    LinkBuilder of MagicLink;

    /// To this address.
    pub fn to(mut self, email: &Email) -> Self {
        self.0.email = email.clone();
        self
    }

    /// Asked for at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = MagicLinkId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.expires_at = plus_seconds(instant, 900);
        self
    }

    /// With a place to go to afterwards.
    pub fn return_to(mut self, url: &str) -> Self {
        self.0.return_to = Some(ReturnTo::stored(url.to_owned()));
        self
    }
}

/// A visitor's session of 30 days.
pub fn a_session(visitor: &Visitor) -> SessionBuilder {
    SessionBuilder(VisitorSession {
        id: VisitorSessionId::new(start_of_time(), &*RANDOM),
        token: a_token_hash(),
        visitor_id: visitor.id,
        created_at: start_of_time(),
        expires_at: plus_seconds(start_of_time(), 30 * 24 * 3600),
    })
}

builder! {
    /// See [`a_session`].
    SessionBuilder of VisitorSession;

    /// Opened at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = VisitorSessionId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.expires_at = plus_seconds(instant, 30 * 24 * 3600);
        self
    }

    /// Ending at `instant`.
    pub fn expires_at(mut self, instant: Timestamp) -> Self {
        self.0.expires_at = instant;
        self
    }
}

/// A creator with the password `correct horse`, as `PlainPasswords` hash it.
pub fn a_creator() -> CreatorBuilder {
    CreatorBuilder(Creator {
        id: CreatorId::new(start_of_time(), &*RANDOM),
        email: an_email(),
        name: "Ada".into(),
        password_hash: "plain$correct horse".into(),
        created_at: start_of_time(),
    })
}

builder! {
    /// See [`a_creator`].
    CreatorBuilder of Creator;

    /// With this address.
    pub fn email(mut self, email: Email) -> Self {
        self.0.email = email;
        self
    }
}

/// A creator's session of 30 days.
pub fn a_creator_session(creator: &Creator) -> CreatorSession {
    CreatorSession {
        id: CreatorSessionId::new(start_of_time(), &*RANDOM),
        creator_id: creator.id,
        token: a_token_hash(),
        created_at: start_of_time(),
        expires_at: plus_seconds(start_of_time(), 30 * 24 * 3600),
    }
}

/// A handle; whose it is has to be said with [`HandleBuilder::of`].
pub fn a_handle() -> HandleBuilder {
    HandleBuilder(Handle {
        id: HandleId::new(start_of_time(), &*RANDOM),
        creator_id: CreatorId::new(start_of_time(), &*RANDOM),
        name: handle_name(&format!("handle-{}", number())),
        title: "Ada's notes".into(),
        texts: HandleTexts::default(),
        created_at: start_of_time(),
    })
}

builder! {
    /// See [`a_handle`].
    HandleBuilder of Handle;

    /// Owned by this creator.
    pub fn of(mut self, creator: &Creator) -> Self {
        self.0.creator_id = creator.id;
        self
    }

    /// Of this name.
    pub fn named(mut self, name: &str) -> Self {
        self.0.name = handle_name(name);
        self
    }

    /// Made at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = HandleId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self
    }
}

/// A public draft; whose it is has to be said with [`PageBuilder::of`].
pub fn a_page() -> PageBuilder {
    PageBuilder(Page {
        id: PageId::new(start_of_time(), &*RANDOM),
        handle_id: HandleId::new(start_of_time(), &*RANDOM),
        slug: slug(&format!("page-{}", number())),
        title: "A guide".into(),
        teaser: "What it is about.".into(),
        body: "Everything.".into(),
        mode: AccessMode::Public,
        price: None,
        status: PageStatus::Draft,
        created_at: start_of_time(),
        updated_at: start_of_time(),
    })
}

builder! {
    /// See [`a_page`].
    PageBuilder of Page;

    /// Under this handle.
    pub fn of(mut self, handle: &Handle) -> Self {
        self.0.handle_id = handle.id;
        self
    }

    /// Of this name.
    pub fn slug(mut self, text: &str) -> Self {
        self.0.slug = slug(text);
        self
    }

    /// Open to everybody.
    pub fn public(mut self) -> Self {
        self.0.mode = AccessMode::Public;
        self
    }

    /// Open to whoever signs in.
    pub fn free_with_login(mut self) -> Self {
        self.0.mode = AccessMode::FreeWithLogin;
        self
    }

    /// Open to whoever buys it for `amount` minor units.
    pub fn paid(mut self, amount: i64, currency: &str) -> Self {
        self.0.mode = AccessMode::Paid;
        self.0.price = Some(money(amount, currency));
        self
    }

    /// On offer.
    pub fn published(mut self) -> Self {
        self.0.status = PageStatus::Published;
        self
    }

    /// No longer on offer.
    pub fn archived(mut self) -> Self {
        self.0.status = PageStatus::Archived;
        self
    }

    /// Made at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = PageId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.updated_at = instant;
        self
    }

    /// As a creator would ask for it.
    pub fn new_page(self) -> NewPage {
        let page = self.0;
        NewPage {
            slug: page.slug,
            title: page.title,
            teaser: page.teaser,
            body: page.body,
            mode: page.mode,
            price: page.price,
            status: page.status,
        }
    }
}

/// An account that takes payments for a handle.
pub fn an_account(handle: &Handle) -> AccountBuilder {
    AccountBuilder(ConnectedAccount {
        account: AccountId::new(format!("acct_{}", number())),
        handle_id: handle.id,
        state: AccountState {
            charges_enabled: true,
            payouts_enabled: true,
            details_submitted: true,
        },
        created_at: start_of_time(),
        updated_at: start_of_time(),
    })
}

builder! {
    /// See [`an_account`].
    AccountBuilder of ConnectedAccount;

    /// In this state.
    pub fn state(mut self, state: AccountState) -> Self {
        self.0.state = state;
        self
    }
}

/// An order that was just stored, with the page's price or 1200 usd.
pub fn an_order(visitor: &Visitor, page: &Page) -> OrderBuilder {
    OrderBuilder(CheckoutOrder {
        id: CheckoutId::new(start_of_time(), &*RANDOM),
        visitor_id: visitor.id,
        handle_id: page.handle_id,
        page_id: page.id,
        group_buy_id: None,
        account: AccountId::new(format!("acct_of_{}", page.handle_id)),
        title: page.title.clone(),
        price: page.price.unwrap_or_else(|| money(1_200, "usd")),
        fee: 0,
        customer_email: visitor.email.clone(),
        success_url: None,
        cancel_url: None,
        status: OrderStatus::Creating,
        opened: None,
        created_at: start_of_time(),
        expires_at: plus_seconds(start_of_time(), 23 * 3600),
    })
}

/// A session of its own.
pub fn an_opened_session() -> OpenedSession {
    let number = number();
    OpenedSession {
        session: CheckoutSessionId::new(format!("cs_{number}")),
        url: format!("https://pay.example/cs_{number}"),
    }
}

builder! {
    /// See [`an_order`].
    OrderBuilder of CheckoutOrder;

    /// Already open at the provider.
    pub fn open(mut self) -> Self {
        self.0.status = OrderStatus::Open;
        self.0.opened = Some(an_opened_session());
        self
    }

    /// In this state.
    pub fn status(mut self, status: OrderStatus) -> Self {
        self.0.status = status;
        self
    }

    /// Stored at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = CheckoutId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.expires_at = plus_seconds(instant, 23 * 3600);
        self
    }
}

/// An open group buy of the page for 900 minor units, with a target of 3 and neither maximum nor
/// deadline.
pub fn a_group_buy(page: &Page) -> GroupBuyBuilder {
    let currency = page.price.map_or_else(|| money(0, "usd").currency, |price| price.currency);
    GroupBuyBuilder(
        GroupBuy {
            id: GroupBuyId::new(start_of_time(), &*RANDOM),
            handle_id: page.handle_id,
            page_id: page.id,
            slug: slug(&format!("group-{}", number())),
            title: "Together".into(),
            description: "Cheaper for all of us.".into(),
            price: Money::new(900, currency),
            target_quantity: 3,
            max_quantity: None,
            deadline: None,
            offer_days: 7,
            state: GroupBuyState::Open,
            current_quantity: 0,
            activated_at: None,
            offer_ends_at: None,
            created_at: start_of_time(),
            updated_at: start_of_time(),
        },
        page.slug.clone(),
    )
}

/// See [`a_group_buy`].
#[derive(Debug, Clone)]
pub struct GroupBuyBuilder(GroupBuy, Slug);

impl GroupBuyBuilder {
    /// The finished thing.
    pub fn build(self) -> GroupBuy {
        self.0
    }

    /// Of this name.
    pub fn slug(mut self, text: &str) -> Self {
        self.0.slug = slug(text);
        self
    }

    /// At this price, in the page's currency.
    pub fn price(mut self, amount: i64) -> Self {
        self.0.price.amount = amount;
        self
    }

    /// With this target.
    pub fn target(mut self, quantity: i64) -> Self {
        self.0.target_quantity = quantity;
        self
    }

    /// With this maximum.
    pub fn most(mut self, quantity: i64) -> Self {
        self.0.max_quantity = Some(quantity);
        self
    }

    /// With this deadline.
    pub fn deadline(mut self, instant: Timestamp) -> Self {
        self.0.deadline = Some(instant);
        self
    }

    /// With this sum.
    pub fn sum(mut self, quantity: i64) -> Self {
        self.0.current_quantity = quantity;
        self
    }

    /// With an offer of so many days.
    pub fn days(mut self, days: i64) -> Self {
        self.0.offer_days = days;
        self
    }

    /// Made at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = GroupBuyId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.updated_at = instant;
        self
    }

    /// As a creator would ask for it.
    pub fn new_group_buy(self) -> NewGroupBuy {
        let Self(it, page_slug) = self;
        NewGroupBuy {
            slug: it.slug,
            title: it.title,
            description: it.description,
            page_slug,
            price: it.price,
            target_quantity: it.target_quantity,
            max_quantity: it.max_quantity,
            deadline: it.deadline,
            offer_days: Some(it.offer_days),
        }
    }
}

/// A purchase that was paid for as `order` says.
pub fn a_purchase(order: &CheckoutOrder) -> PurchaseBuilder {
    let session = match &order.opened {
        Some(opened) => opened.session.clone(),
        None => an_opened_session().session,
    };
    PurchaseBuilder(Purchase {
        id: PurchaseId::new(order.created_at, &*RANDOM),
        visitor_id: order.visitor_id,
        handle_id: order.handle_id,
        page_id: order.page_id,
        created_at: order.created_at,
        payment: Some(Payment {
            checkout_id: order.id,
            paid: order.price,
            account: order.account.clone(),
            session,
            payment_intent: PaymentIntentId::new(format!("pi_{}", number())),
        }),
        granted_as: GrantType::Purchase,
        grant_type: GrantType::Purchase,
        refunded: 0,
        refund_reserved: 0,
        suspended_at: None,
        revoked_at: None,
    })
}

/// A purchase that was given away.
pub fn a_gift(visitor: &Visitor, page: &Page) -> PurchaseBuilder {
    let mut gift = a_purchase(&an_order(visitor, page).build());
    gift.0.payment = None;
    gift.0.granted_as = GrantType::Complimentary;
    gift.0.grant_type = GrantType::Complimentary;
    gift
}

builder! {
    /// See [`a_purchase`].
    PurchaseBuilder of Purchase;

    /// Recorded at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = PurchaseId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self
    }

    /// Taken back at `instant`.
    pub fn revoked(mut self, instant: Timestamp) -> Self {
        self.0.revoked_at = Some(instant);
        self
    }

    /// Disputed at `instant`.
    pub fn suspended(mut self, instant: Timestamp) -> Self {
        self.0.suspended_at = Some(instant);
        self
    }

    /// Given back in full at `instant`.
    pub fn refunded(mut self, instant: Timestamp) -> Self {
        self.0.refunded = self.0.payment.as_ref().map_or(0, |payment| payment.paid.amount);
        self.0.grant_type = GrantType::Refunded;
        self.0.revoked_at = Some(instant);
        self
    }
}

/// A fact about a purchase, learnt at `instant`.
pub fn a_fact(purchase: &Purchase, kind: FactKind, instant: Timestamp) -> FactBuilder {
    FactBuilder(Fact {
        id: FactId::new(instant, &*RANDOM),
        at: instant,
        kind,
        reference: format!("reference_{}", number()),
        purchase_id: Some(purchase.id),
        handle_id: purchase.handle_id,
        page_id: purchase.page_id,
        visitor_id: purchase.visitor_id,
        amount: None,
    })
}

builder! {
    /// See [`a_fact`].
    FactBuilder of Fact;

    /// Known by this reference.
    pub fn reference(mut self, reference: &str) -> Self {
        reference.clone_into(&mut self.0.reference);
        self
    }

    /// About this much money.
    pub fn amount(mut self, amount: Money) -> Self {
        self.0.amount = Some(amount);
        self
    }
}

/// A request to give back `amount` minor units of what was paid, asked for at `instant`.
pub fn a_refund_request(purchase: &Purchase, amount: i64, instant: Timestamp) -> RefundRequest {
    let paid = purchase.payment.as_ref().map_or_else(|| money(0, "usd"), |payment| payment.paid);
    RefundRequest {
        id: RefundId::new(instant, &*RANDOM),
        purchase_id: purchase.id,
        amount: Money::new(amount, paid.currency),
        reason: None,
        idempotency_key: None,
        requested_at: instant,
    }
}

/// A mail that is due at `instant`; its content is not sealed with any key.
pub fn a_mail(instant: Timestamp) -> QueuedMail {
    QueuedMail {
        id: MailId::new(instant, &*RANDOM),
        kind: "magic_link".into(),
        to: an_email(),
        handle_id: None,
        sealed: Sealed(random::bytes::<48>(&*RANDOM).to_vec()),
        attempts: 0,
        next_attempt_at: instant,
        queued_at: instant,
    }
}

/// An event that was received at `instant`.
pub fn an_event(instant: Timestamp) -> ProviderEvent {
    let number = number();
    ProviderEvent {
        id: format!("evt_{number}"),
        kind: "checkout.session.completed".into(),
        account: Some(AccountId::new("acct_1")),
        object_id: format!("cs_of_evt_{number}"),
        received_at: instant,
        attempts: 0,
    }
}

/// A public file of 3 bytes under a handle of its own.
pub fn a_file() -> FileBuilder {
    FileBuilder(File {
        id: FileId::new(start_of_time(), &*RANDOM),
        handle_id: HandleId::new(start_of_time(), &*RANDOM),
        slug: slug(&format!("file-{}", number())),
        name: "A file.txt".into(),
        content_type: "text/plain".into(),
        size: 3,
        sha256: random::bytes(&*RANDOM),
        access: FileAccess::Public,
        page: None,
        created_at: start_of_time(),
        updated_at: start_of_time(),
    })
}

builder! {
    /// See [`a_file`].
    FileBuilder of File;

    /// Of this handle.
    pub fn of(mut self, handle: &Handle) -> Self {
        self.0.handle_id = handle.id;
        self
    }

    /// With this slug.
    pub fn slug(mut self, text: &str) -> Self {
        self.0.slug = slug(text);
        self
    }

    /// Attached to a page.
    pub fn on(mut self, page: &Page) -> Self {
        self.0.access = FileAccess::Page;
        self.0.page = Some(AttachedPage { id: page.id, slug: page.slug.clone() });
        self
    }

    /// Given by list.
    pub fn by_list(mut self) -> Self {
        self.0.access = FileAccess::Allowlist;
        self
    }

    /// Uploaded at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = FileId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.updated_at = instant;
        self
    }
}

/// The address's place on a file's list.
pub fn a_place(file: &File, email: &Email, added_at: Timestamp) -> AllowlistEntry {
    let id = AllowlistId::new(added_at, &*RANDOM);
    AllowlistEntry { id, file_id: file.id, email: email.clone(), added_at }
}

/// A fact about a file.
pub fn a_file_fact(file: &File, kind: FileFactKind, reference: &str, at: Timestamp) -> FileFact {
    FileFact {
        id: FactId::new(at, &*RANDOM),
        at,
        kind,
        reference: reference.to_owned(),
        handle_id: file.handle_id,
        file_id: file.id,
    }
}
