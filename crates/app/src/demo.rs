//! The demo: a creator, pages and a group buy, stored in the sandbox when its database is empty.

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use tollgate_domain::{
    creators::{AccessMode, AccountError, Creator, HandleChange, NewPage, PageStatus, Password},
    email::Email,
    group_buys::NewGroupBuy,
    money::Money,
    names::{HandleName, Slug},
    paging::PageRequest,
    use_cases::UseCases,
    version::BasedOn,
};

use crate::{
    config::Config,
    payments::Provider,
    sandbox::SandboxSite,
    started::{self, Schema},
    wiring::Wired,
};

pub(crate) const EMAIL: &str = "ada@example.com";
pub(crate) const PASSWORD: &str = "tollgate-demo";
pub(crate) const HANDLE: &str = "ada";
/// A group buy of the paid page.
pub(crate) const GROUP_BUY: &str = "together";
/// What the storefront says about itself.
const DESCRIPTION: &str = "Notes, letters and a guide to growing food on four square metres.";

struct Sample {
    slug: &'static str,
    title: &'static str,
    teaser: &'static str,
    body: &'static str,
    mode: AccessMode,
}

const SAMPLES: &[Sample] = &[
    Sample {
        slug: "welcome",
        title: "Welcome",
        teaser: "Notes on growing food on a balcony. **This page is open to everyone.**",
        body: "Start with herbs: they forgive almost everything.\n\n\
               - *Basil* wants sun and company.\n- *Mint* wants a pot of its own.\n\n\
               The letters are free once you sign in, and the guide is for sale.",
        mode: AccessMode::Public,
    },
    Sample {
        slug: "letters",
        title: "Letters from the balcony",
        teaser: "One letter a month, free. **Sign in with your e-mail address to read them.**",
        body: "## March\n\nThe first seeds are in. The windowsill has become a nursery, and every \
               morning begins with counting leaves.",
        mode: AccessMode::FreeWithLogin,
    },
    Sample {
        slug: "guide",
        title: "The balcony guide",
        teaser: "Forty pots, one railing, a harvest in every month. **The whole guide, for good.**",
        body: "## January\n\nWash the pots, sharpen the knife, order seeds before they are gone.\n\n\
               ## February\n\nSow chillies indoors. They take their time; so can you.",
        mode: AccessMode::Paid,
    },
];

/// Runs `tollgate demo`.
pub(crate) async fn command(config: &Config) -> anyhow::Result<()> {
    if !config.installation.is_local() {
        bail!(
            "the demo's password is public, so it is for this machine only: set \
             TOLLGATE_PUBLIC_DOMAIN to tollgate.localhost:8080"
        );
    }
    started::run(config, Schema::Migrate, async |started| {
        if !is_empty(&started.wired).await? {
            bail!(
                "the database is not empty, so nothing was changed; start on an empty one by \
                 setting TOLLGATE_DATABASE_URL"
            );
        }
        fill(&started.wired.use_cases, &started.provider).await
    })
    .await?;
    say!("The demo is in place. Start the server with: tollgate serve");
    print_pages(config);
    if config.stripe.is_some() {
        say!(
            "  Nothing can be bought yet, since payments do not go to the sandbox of this server:"
        );
        say!("  sign in to the console as the creator, and choose Connect Stripe under Revenue.");
        say!();
    }
    Ok(())
}

pub(crate) async fn is_empty(wired: &Wired) -> anyhow::Result<bool> {
    Ok(!wired.ports.stores.creators.any_creator().await?)
}

/// Makes a creator with a handle, a page of each access mode and a group buy. Paid pages can be paid for in the
/// sandbox only.
pub(crate) async fn fill(use_cases: &UseCases, provider: &Provider) -> anyhow::Result<()> {
    let email: Email = EMAIL.parse()?;
    let password = Password::new(PASSWORD.to_owned())?;
    let creator = match use_cases.accounts.create_verified(email, &password, "Ada").await {
        Ok(creator) => creator,
        // Another replica is creating the demo in the same database.
        Err(AccountError::EmailTaken) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let handle: HandleName = HANDLE.parse()?;
    use_cases.handles.create(&creator, handle.clone(), "Ada's balcony").await?;
    let description = Some(Some(DESCRIPTION.to_owned()));
    let described = HandleChange { description, ..HandleChange::default() };
    use_cases.handles.change(&creator, &handle, described, &BasedOn::Any).await?;
    // Lists show the newest page first, so the pages are made in reverse order.
    for sample in SAMPLES.iter().rev() {
        use_cases.pages.create(&creator, &handle, new_page(sample)?).await?;
    }
    use_cases.group_buys.create(&creator, &handle, group_buy()?).await?;
    if let Some(site) = &provider.sandbox {
        connect(use_cases, &creator, &handle, site).await?;
    }
    Ok(())
}

fn new_page(sample: &Sample) -> anyhow::Result<NewPage> {
    let price = match sample.mode {
        AccessMode::Paid => Some(Money::price(1_200, "usd".parse()?)?),
        AccessMode::Public | AccessMode::FreeWithLogin => None,
    };
    Ok(NewPage {
        slug: sample.slug.parse()?,
        title: sample.title.to_owned(),
        teaser: sample.teaser.to_owned(),
        body: sample.body.to_owned(),
        mode: sample.mode,
        price,
        status: PageStatus::Published,
    })
}

fn group_buy() -> anyhow::Result<NewGroupBuy> {
    Ok(NewGroupBuy {
        slug: GROUP_BUY.parse()?,
        title: "The guide, together".to_owned(),
        description: "If five of us want it, it costs everyone a third less.".to_owned(),
        page_slug: "guide".parse()?,
        price: Money::price(800, "usd".parse()?)?,
        target_quantity: 5,
        max_quantity: None,
        deadline: None,
        offer_days: None,
    })
}

/// Completes the sandbox's onboarding for the handle, as its creator would in a browser.
async fn connect(
    use_cases: &UseCases,
    creator: &Creator,
    handle: &HandleName,
    site: &SandboxSite,
) -> anyhow::Result<()> {
    let here = format!("{}/", site.url);
    use_cases.connect.begin(creator, handle, &here, &here).await?;
    let connected = use_cases.connect.status(creator, handle).await?;
    let account = connected.context("the sandbox made no account")?.account;
    let answer = reqwest::Client::new()
        .post(format!("{}/_sandbox/accounts/{account}/enable", site.url))
        .bearer_auth(site.secret_key.expose_secret())
        .send()
        .await?;
    if !answer.status().is_success() {
        bail!("the sandbox did not enable the demo account: {}", answer.status());
    }
    use_cases.connect.refresh(handle).await?;
    Ok(())
}

/// Returns whether this database holds the demo, judging by its pages.
pub(crate) async fn is_there(wired: &Wired) -> anyhow::Result<bool> {
    let reads = &wired.ports.stores.creators;
    let Some(handle) = reads.handle(&HANDLE.parse()?).await? else { return Ok(false) };
    let pages = reads.pages_of(handle.id, None, &PageRequest::default()).await?;
    let has = |slug: &str| pages.items.iter().any(|page| page.slug.as_str() == slug);
    Ok(SAMPLES.iter().all(|sample| has(sample.slug)))
}

/// Returns the slug and the meaning of each demo page.
pub(crate) fn pages() -> impl Iterator<Item = (Slug, &'static str)> {
    SAMPLES.iter().filter_map(|sample| {
        let meaning = match sample.mode {
            AccessMode::Public => "open to everyone",
            AccessMode::FreeWithLogin => "free with login",
            AccessMode::Paid => "paid",
        };
        Some((sample.slug.parse().ok()?, meaning))
    })
}

/// Prints the addresses of the demo.
pub(crate) fn print_pages(config: &Config) {
    say!();
    let domain = config.installation.public_domain();
    for (slug, meaning) in pages() {
        say!("  {meaning:<18}  http://{HANDLE}.{domain}/{slug}");
    }
    let (handle, group_buy) = (HANDLE, GROUP_BUY);
    say!("  group buy           http://{handle}.{domain}/-/group-buys/{group_buy}");
    say!("  console             {}/", config.installation.app_origin());
    say!("  creator             {EMAIL} with the password {PASSWORD}");
    say!();
}
