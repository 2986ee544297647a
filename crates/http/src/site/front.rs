//! Start pages, storefronts and pages.

use actix_web::{HttpRequest, http::StatusCode};
use askama::Template;
use tollgate_domain::{
    access::{PageView, Reason, ViewerClaim},
    creators::{AccessMode, Handle, Page},
    email::Email,
    files::File,
    money::Money,
    names::{HandleName, Slug},
};

use super::page as rendered;
use crate::{
    extract::{HandleHost, Paging, VisitorCookie},
    links::file_path,
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
    /// The files of the page, for visitors who may see it.
    files: Vec<FileLink>,
}

struct FileLink {
    path: String,
    name: String,
    size: String,
}

/// The part of the page below the teaser.
enum Gate {
    /// The body of the page.
    Open { body: String },
    /// The form to sign in.
    SignIn { price: Option<Money> },
    /// The link to the pay page.
    Buy { price: Money, visitor: String },
}

/// The first page of the root host.
pub(super) async fn home(http: Http) -> Answer {
    rendered(StatusCode::OK, &HomePage { app_origin: http.installation.app_origin() })
}

/// The first page of the creators' application.
pub(super) async fn app(http: Http) -> Answer {
    rendered(StatusCode::OK, &AppPage { app_origin: http.installation.app_origin() })
}

/// The first page of a handle's host: the pages of the handle.
pub(super) async fn storefront(http: Http, host: HandleHost, paging: Paging) -> Answer {
    let found = http.use_cases.gate.storefront(&host.0, &paging.read()?).await?;
    let (handle, pages) = found.ok_or_else(|| Problem::new(Code::HandleNotFound))?;
    let older = pages.next.map(|cursor| cursor.to_string());
    let pages = pages.items.into_iter().map(Teaser::of).collect();
    let shown = Storefront { name: &handle.title, support: support(&handle), pages, older };
    rendered(StatusCode::OK, &shown)
}

/// A page of a handle.
pub(super) async fn page(
    http: Http,
    req: HttpRequest,
    host: HandleHost,
    session: VisitorCookie,
) -> Answer {
    let slug = req.match_info().get("name").and_then(|name| name.parse().ok());
    let slug: Slug = slug.ok_or_else(|| Problem::new(Code::PageNotFound))?;
    let claim = ViewerClaim { session: session.0, creator: None };
    let view = http.use_cases.gate.view(host.0, slug, claim).await?;
    let files = if view.reason.has_access() {
        http.use_cases.downloads.of_page(view.page.id).await?
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
    rendered(StatusCode::OK, &shown)
}

/// Returns the handle's e-mail address for support.
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
            // Only files have allowlists; a page with this reason is closed as well.
            Reason::PurchaseRequired | Reason::FileForbidden => {
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
        let path = file_path(handle, &file.slug);
        Self { path, name: file.name, size: size_in_words(file.size) }
    }
}

/// Returns a size in readable units.
fn size_in_words(bytes: u64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match units.into_iter().find(|(_, unit)| bytes >= *unit) {
        // One decimal place, rounded up, so that a file is never larger than the page says.
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
