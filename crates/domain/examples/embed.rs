//! A program without a database or a payment provider that embeds Tollgate's rules: a visitor asks
//! for a link, signs in, is refused a paid page, buys it, is let in, is refunded, and is out again.
//!
//! A real program hands in adapters of its own where this one has the fakes. One that wants everything
//! builds [`UseCases`]; one that wants only to sign visitors in, or only the gate, builds just that, as
//! `only_sign_in` and `only_gate` do.
//!
//! ```sh
//! cargo run -p tollgate-domain --example embed --features testing
//! ```

use std::{error::Error, sync::Arc};

use async_trait::async_trait;
use tollgate_domain::{
    access::{Gate, Reason, ResourceType, ViewerClaim},
    checkout::ReturnUrls,
    creators::{AccessMode, Handle, NewPage, PageStatus, Password},
    installation::Installation,
    jobs::{ClaimedJob, Finish, HandlerError, Job, JobHandler, JobKind, Outcome, Runner, Step},
    mail::{Delivery, MailContent, MailWriter},
    money::Money,
    names::Slug,
    refunds::RefundWish,
    seal::Seal,
    store::{Runtime, Stores},
    store_error::StoreError,
    token::Token,
    use_cases::{Ports, Settings, UseCases},
    visitor_auth::{Browser, LinkRequest, SignIn, SignInPorts, ports::Destinations},
};
use tollgate_domain_testing::{
    FakePayments, ManualClock, MemoryFileStore, MemoryStore, PlainPasswords, RecordingMailer,
    SeededRandom, TestLinks,
};

type Told = Result<(), Box<dyn Error + Send + Sync>>;

fn main() -> Told {
    pollster::block_on(run())
}

/// Signing in, for a program that has pages of its own, and what runs the jobs that send its mails.
fn only_sign_in(ports: &Ports, settings: &Settings) -> (SignIn, Runner) {
    let runtime = runtime(ports);
    let sign_in_ports = SignInPorts {
        reads: ports.stores.visitor_auth.clone(),
        creators: ports.stores.creators.clone(),
        destinations: Arc::new(PagesOnly),
        mails: ports.stores.outbox.clone(),
        limits: ports.stores.limits.clone(),
        links: ports.links.clone(),
    };
    let mails = MailWriter::new(runtime.clone(), settings.seal.clone());
    let (outbox, mailer) = (ports.stores.outbox.clone(), ports.mailer.clone());
    let delivery = Delivery::new(runtime.clone(), outbox, mails.clone(), mailer);
    let jobs = ports.stores.jobs.clone();
    let runner = Runner::new(runtime.clone(), jobs, Arc::new(OnlyLinks(delivery)));
    let installation = settings.installation.clone();
    (SignIn::new(runtime, sign_in_ports, mails, installation, settings.sign_in), runner)
}

/// Does the one job that signing in stores: it sends a link. What the job has to send is sealed, so that only a
/// [`Delivery`] can read it; the [`Mailer`](tollgate_domain::mail::ports::Mailer) that sends it is the program's.
struct OnlyLinks(Delivery);

#[async_trait]
impl JobHandler for OnlyLinks {
    async fn handle(&self, claimed: &ClaimedJob) -> Result<Finish, HandlerError> {
        match &claimed.job {
            Job::SendUrgentMail(id) => Ok(self.0.send(*id, claimed).await?),
            _ => Err("this program has no such jobs".into()),
        }
    }
}

/// The mails of a program that has neither files nor group buys name none.
struct PagesOnly;

#[async_trait]
impl Destinations for PagesOnly {
    async fn group_buy(&self, _: &Handle, _: &Slug) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    async fn file(&self, _: &Handle, _: &Slug) -> Result<Option<String>, StoreError> {
        Ok(None)
    }
}

/// The gate, for a program that only asks who may see what.
fn only_gate(ports: &Ports) -> Gate {
    Gate::new(runtime(ports), ports.stores.access.clone(), ports.stores.creators.clone())
}

fn runtime(ports: &Ports) -> Runtime {
    Runtime {
        store: ports.stores.store.clone(),
        clock: ports.clock.clone(),
        random: ports.random.clone(),
    }
}

/// The whole story; fails if anything in it is not as it should be.
pub(crate) async fn run() -> Told {
    // What the program brings along.
    let clock = Arc::new(ManualClock::new());
    let random = Arc::new(SeededRandom::new(42));
    let payments = Arc::new(FakePayments::new());
    let mailer = Arc::new(RecordingMailer::new());
    let installation = Installation::new("tollgate.localhost:8080")?;
    let ports = Ports {
        stores: Stores::of(MemoryStore::new()),
        payments: payments.clone(),
        mailer: mailer.clone(),
        objects: Arc::new(MemoryFileStore::new()),
        passwords: Arc::new(PlainPasswords::new()),
        links: Arc::new(TestLinks::new(installation.clone())),
        clock,
        random,
    };
    let seal = Seal::new([b"a secret of the installation".as_slice()]);
    let settings = Settings::new(installation, seal);

    // The use cases over it. `use_cases.runner()` would run the jobs of them all.
    let use_cases = UseCases::new(&ports, &settings);
    let UseCases { accounts, handles, connect, pages, checkouts, refunds, .. } = use_cases;

    // Those that can be had alone.
    let (sign_in, runner) = only_sign_in(&ports, &settings);
    let gate = only_gate(&ports);

    // Ada sells a guide.
    let password = Password::new("correct horse battery staple".into())?;
    let ada = accounts.create_verified("ada@example.com".parse()?, &password, "Ada").await?;
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
    let request = LinkRequest {
        email: bob,
        return_to: Some("/guide"),
        handle: Some(&handle),
        client: "",
        browser: None,
        language: None,
    };
    sign_in.request_link(request).await?;
    assert_eq!(runner.step().await?, Step::Ran(JobKind::SendUrgentMail, Outcome::Done));
    let link = mailer.sent().into_iter().find_map(|mail| match mail.content {
        MailContent::MagicLink { link, .. } => Some(link.0),
        _ => None,
    });
    let link = link.ok_or("no link was mailed")?;
    println!("bob got a link to {}", link.split('?').next().unwrap_or_default());
    let (_, token) = link.split_once("token=").ok_or("the link has no token")?;
    let token: Token = token.parse()?;
    assert_eq!(sign_in.preview(&token, None).await?.masked_email, "b•••@example.com");
    let bob = sign_in.redeem_token(&token, &Browser::default()).await?;
    assert!(
        sign_in.redeem_token(&token, &Browser::default()).await.is_err(),
        "a link is good once"
    );
    println!("bob is signed in as {}", bob.visitor.id);

    // The page is closed until Bob buys it.
    let claim = ViewerClaim { session: Some(bob.token.hash()), ..ViewerClaim::default() };
    let check = || gate.check(ResourceType::Page, handle.clone(), guide.slug.clone(), claim);
    let reason = check().await?;
    assert_eq!(reason, Reason::PurchaseRequired);
    println!("before he buys: {reason:?}");

    let started = checkouts
        .start(handle.clone(), guide.slug.clone(), claim.session, ReturnUrls::default())
        .await?;
    println!("bob is sent to {}", started.url);
    let session = payments.session_at(&started.url).ok_or("no such pay page")?;
    assert!(payments.pay(&session).is_some());
    assert_eq!(check().await?, Reason::PurchaseRequired, "nobody knows of the payment yet");
    checkouts.complete_return(started.id, None).await?;
    let reason = check().await?;
    assert_eq!(reason, Reason::Entitled);
    let view = gate.view(handle.clone(), guide.slug.clone(), claim).await?;
    assert_eq!(view.page.body, "All of it.");
    println!("after he paid: {reason:?}");

    // Ada refunds the payment.
    let wish = RefundWish {
        visitor_id: bob.visitor.id,
        purchase_id: None,
        reason: None,
        idempotency_key: None,
        arrived_at: ports.clock.now(),
        at_most: None,
    };
    let receipt = refunds.refund(&ada, &handle, &guide.slug, wish).await?;
    println!("ada refunded {}", receipt.amount);
    let reason = check().await?;
    assert_eq!(reason, Reason::PurchaseRequired);
    let view = gate.view(handle.clone(), guide.slug.clone(), claim).await?;
    assert_eq!(view.page.body, "");
    println!("after the refund: {reason:?}");
    Ok(())
}
