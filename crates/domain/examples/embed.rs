//! A program without a database or a payment provider that embeds Tollgate's rules: a visitor asks
//! for a link, signs in, is refused a paid page, buys it, is let in, is refunded, and is out again.
//!
//! A real program hands in adapters of its own where this one has the fakes.
//!
//! ```sh
//! cargo run -p tollgate-domain --example embed --features testing
//! ```

use std::{error::Error, sync::Arc};

use tollgate_domain::{
    access::{Gate, Reason, ViewerClaim},
    checkout::{Checkouts, Connect, Fulfilment, ReturnUrls},
    creators::{AccessMode, Accounts, Handles, NewPage, PageStatus, Pages, Password},
    installation::Installation,
    money::Money,
    outbox::{Delivery, DeliveryStep, MailContent},
    refunds::{RefundWish, Refunds},
    seal::Seal,
    token::Token,
    visitor_auth::{LinkRequest, SignIn, SignInConfig},
};
use tollgate_domain_testing::{
    FakePayments, ManualClock, MemoryStore, PlainPasswords, RecordingMailer, SeededRandom,
};

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

fn main() -> Outcome {
    pollster::block_on(run())
}

/// The whole story; fails if anything in it is not as it should be.
pub(crate) async fn run() -> Outcome {
    // What the program brings along.
    let store = Arc::new(MemoryStore::new());
    let clock = Arc::new(ManualClock::new());
    let random = Arc::new(SeededRandom::new(42));
    let payments = Arc::new(FakePayments::new());
    let mailer = Arc::new(RecordingMailer::new());
    let installation = Installation::new("tollgate.localhost:8080")?;
    let seal = Seal::new([b"a secret of the installation".as_slice()]);

    // The use cases over it.
    let sign_in = SignIn::new(
        store.clone(),
        store.clone(),
        store.clone(),
        store.clone(),
        clock.clone(),
        random.clone(),
        seal.clone(),
        installation.clone(),
        SignInConfig { link_seconds: 900, client_requests_per_minute: 300 },
    );
    let accounts = Accounts::new(
        store.clone(),
        store.clone(),
        store.clone(),
        Arc::new(PlainPasswords::new()),
        clock.clone(),
        random.clone(),
        300,
    );
    let gate = Gate::new(store.clone(), store.clone(), store.clone(), clock.clone());
    let handles = Handles::new(store.clone(), store.clone(), clock.clone(), random.clone());
    let connect = Connect::new(store.clone(), handles.clone(), payments.clone(), clock.clone());
    let fulfilment = Fulfilment::new(
        store.clone(),
        payments.clone(),
        clock.clone(),
        random.clone(),
        seal.clone(),
        installation.clone(),
    );
    let checkouts = Checkouts::new(
        store.clone(),
        store.clone(),
        payments.clone(),
        connect.clone(),
        fulfilment.clone(),
        clock.clone(),
        random.clone(),
        installation,
        0,
    );
    let pages = Pages::new(
        store.clone(),
        store.clone(),
        handles.clone(),
        fulfilment.clone(),
        clock.clone(),
        random.clone(),
    );
    let refunds = Refunds::new(
        store.clone(),
        pages.clone(),
        payments.clone(),
        fulfilment,
        clock.clone(),
        random,
    );
    let delivery = Delivery::new(store, mailer.clone(), seal, clock);

    // Ada sells a guide.
    let password = Password::new("correct horse battery staple".into())?;
    let ada = accounts
        .register("ada@example.com".parse()?, &password, Some("Ada"), "192.0.2.1")
        .await?
        .creator;
    let handle = handles.create(&ada, "ada".parse()?, "Ada's notes").await?.name;
    connect.begin(&ada, &handle, "https://ada.example/", "https://ada.example/").await?;
    let connected = connect.status(&ada, &handle).await?.ok_or("no account was connected")?;
    payments.activate(&connected.account);
    let guide = NewPage {
        slug: "guide".parse()?,
        title: "The guide".into(),
        teaser: "What it is about.".into(),
        body: "All of it.".into(),
        mode: AccessMode::Paid,
        price: Some(Money::price(1_200, "usd".parse()?)?),
        status: PageStatus::Published,
    };
    let guide = pages.create(&ada, &handle, guide).await?;
    println!("ada sells {} for {}", guide.title, guide.price.ok_or("no price")?);

    // Bob asks for a link and signs in with it.
    let bob = "bob@example.com".parse()?;
    let request =
        LinkRequest { email: bob, return_to: Some("/guide"), handle: Some(&handle), client: "" };
    sign_in.request_link(request).await?;
    assert_eq!(delivery.step().await?, DeliveryStep::Sent);
    let link = mailer.sent().into_iter().find_map(|mail| match mail.content {
        MailContent::MagicLink { link, .. } => Some(link.0),
        _ => None,
    });
    let link = link.ok_or("no link was mailed")?;
    println!("bob got a link to {}", link.split('?').next().unwrap_or_default());
    let (_, token) = link.split_once("token=").ok_or("the link has no token")?;
    let token: Token = token.parse()?;
    assert_eq!(sign_in.preview(&token).await?.masked_email, "b•••@example.com");
    let bob = sign_in.redeem_token(&token).await?;
    assert!(sign_in.redeem_token(&token).await.is_err(), "a link is good once");
    println!("bob is signed in as {}", bob.visitor.id);

    // The page is closed until Bob buys it.
    let claim = ViewerClaim { session: Some(bob.token.hash()), creator: None };
    let check = || gate.check(handle.clone(), guide.slug.clone(), claim);
    let reason = check().await?;
    assert_eq!(reason, Reason::PurchaseRequired);
    println!("before he buys: {}", reason.as_str());

    let started = checkouts
        .start(handle.clone(), guide.slug.clone(), claim.session, ReturnUrls::default())
        .await?;
    println!("bob is sent to {}", started.url);
    let session = payments.session_at(&started.url).ok_or("no such pay page")?;
    assert!(payments.pay(&session).is_some());
    assert_eq!(check().await?, Reason::PurchaseRequired, "nobody knows of the payment yet");
    checkouts.come_back(started.id).await?;
    let reason = check().await?;
    assert_eq!(reason, Reason::Entitled);
    let view = gate.view(handle.clone(), guide.slug.clone(), claim).await?;
    assert_eq!(view.page.body, "All of it.");
    println!("after he paid: {}", reason.as_str());

    // Ada gives the money back.
    let wish = RefundWish {
        visitor_id: bob.visitor.id,
        purchase_id: None,
        reason: None,
        idempotency_key: None,
    };
    let receipt = refunds.refund(&ada, &handle, &guide.slug, wish).await?;
    println!("ada gave back {}", receipt.amount);
    let reason = check().await?;
    assert_eq!(reason, Reason::PurchaseRequired);
    let view = gate.view(handle.clone(), guide.slug.clone(), claim).await?;
    assert_eq!(view.page.body, "");
    println!("after the refund: {}", reason.as_str());
    Ok(())
}
