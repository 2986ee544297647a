//! Start pages, storefronts and pages.

use actix_web::{HttpRequest, http::StatusCode};
use askama::Template;
use tollgate_domain::{
    access::{PageView, Reason, ViewerClaim},
    creators::{AccessMode, Handle, HandleName, Page, Slug},
    email::Email,
    files::File,
    installation::HostKind,
    money::Money,
};

use super::{access, page};
use crate::{
    extract::{Host, Paging, VisitorCookie},
    markdown,
    problem::{Answer, Code, Problem},
    state::Http,
};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    app_origin: String,
}

#[derive(Template)]
#[template(path = "app.html")]
struct AppPage {
    app_origin: String,
}

#[derive(Template)]
#[template(path = "storefront.html")]
struct Storefront<'a> {
    name: &'a str,
    support: Option<&'a str>,
    pages: Vec<Teaser>,
    older: Option<String>,
}

struct Teaser {
    slug: String,
    title: String,
    terms: String,
}

#[derive(Template)]
#[template(path = "page.html")]
struct GatedPage<'a> {
    seller: &'a str,
    support: Option<&'a str>,
    title: &'a str,
    slug: &'a Slug,
    teaser: String,
    gate: Gate,
    /// What comes with the page, for whoever may see it.
    files: Vec<FileLink>,
}

struct FileLink {
    path: String,
    name: String,
    size: String,
}

/// What stands below the teaser.
enum Gate {
    /// The body.
    Open { body: String },
    /// The way in for who is not signed in.
    SignIn { price: Option<Money> },
    /// The way to the pay page.
    Buy { price: Money, visitor: String },
}

/// The first page of each host.
pub(super) async fn start(http: Http, host: Host, paging: Paging) -> Answer {
    let app_origin = http.installation.app_origin();
    match host.0 {
        HostKind::Root => page(StatusCode::OK, &HomePage { app_origin }),
        HostKind::App => page(StatusCode::OK, &AppPage { app_origin }),
        HostKind::Handle(name) => storefront(&http, &name, &paging).await,
        HostKind::Foreign => Err(Problem::new(Code::NotFound)),
    }
}

/// A page of a handle, or the one other page of the root host.
pub(super) async fn named(
    http: Http,
    req: HttpRequest,
    host: Host,
    session: VisitorCookie,
    paging: Paging,
) -> Answer {
    let name = req.match_info().get("name").unwrap_or_default();
    match host.0 {
        HostKind::Root if name == "access" => access::show(&http, session, &paging).await,
        HostKind::Handle(handle) => {
            let slug: Slug = name.parse().map_err(|_| Problem::new(Code::PageNotFound))?;
            gated(&http, handle, slug, session).await
        }
        HostKind::Root | HostKind::App | HostKind::Foreign => Err(Problem::new(Code::NotFound)),
    }
}

async fn storefront(http: &Http, name: &HandleName, paging: &Paging) -> Answer {
    let found = http.gate.storefront(name, &paging.read()?).await?;
    let (handle, pages) = found.ok_or_else(|| Problem::new(Code::HandleNotFound))?;
    let older = pages.next.map(|cursor| cursor.to_string());
    let pages = pages.items.into_iter().map(Teaser::of).collect();
    page(
        StatusCode::OK,
        &Storefront { name: &handle.title, support: support(&handle), pages, older },
    )
}

async fn gated(http: &Http, handle: HandleName, slug: Slug, session: VisitorCookie) -> Answer {
    let claim = ViewerClaim { session: session.0, creator: None };
    let view = http.gate.view(handle, slug, claim).await?;
    let files = if view.reason.has_access() {
        http.downloads.of_page(view.page.id).await?
    } else {
        Vec::new()
    };
    let files = files.into_iter().map(|file| FileLink::of(&view.handle.name, file)).collect();
    let shown = GatedPage {
        seller: &view.handle.title,
        support: support(&view.handle),
        title: &view.page.title,
        slug: &view.page.slug,
        teaser: markdown::render(&view.page.teaser),
        gate: Gate::of(&view)?,
        files,
    };
    page(StatusCode::OK, &shown)
}

/// Where visitors of a handle can ask for help.
fn support(handle: &Handle) -> Option<&str> {
    handle.texts.support_email.as_ref().map(Email::as_str)
}

impl Gate {
    fn of(view: &PageView) -> Result<Self, Problem> {
        Ok(match view.reason {
            Reason::Public | Reason::Entitled => {
                Self::Open { body: markdown::render(&view.page.body) }
            }
            Reason::VisitorAuthRequired => {
                let price = view.page.price.filter(|_| view.page.mode == AccessMode::Paid);
                Self::SignIn { price }
            }
            Reason::PurchaseRequired => {
                let visitor = view.visitor.as_ref().map(|visitor| visitor.email.to_string());
                // A paid page always has a price; without one there is nothing to sell.
                let price = view.page.price.ok_or_else(|| Problem::new(Code::PageNotPaid))?;
                Self::Buy { price, visitor: visitor.unwrap_or_default() }
            }
        })
    }
}

impl FileLink {
    fn of(handle: &HandleName, file: File) -> Self {
        let path = File::path(handle, &file.slug);
        Self { path, name: file.name, size: size_in_words(file.size) }
    }
}

/// A size as people say it.
fn size_in_words(bytes: u64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        // One digit behind the point, rounded up: nothing gets larger than was said.
        Some((name, unit)) => {
            let tenths = bytes.div_ceil(unit / 10);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} bytes"),
    }
}

impl Teaser {
    fn of(page: Page) -> Self {
        let terms = match (page.mode, page.price) {
            (AccessMode::Paid, Some(price)) => price.to_string(),
            (AccessMode::FreeWithLogin, _) => "Free, with your e-mail address".to_owned(),
            (AccessMode::Public | AccessMode::Paid, _) => "Free".to_owned(),
        };
        Self { slug: page.slug.to_string(), title: page.title, terms }
    }
}
