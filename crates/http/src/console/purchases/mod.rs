//! The purchases of a handle: the list, receipts, refunds and the export.

mod access_effect;
mod dispute;
mod export;
mod refund;
mod refund_option;
mod row;
mod sale_facts;
mod unfinished;

use actix_web::{HttpRequest, web::ServiceConfig};
use askama::Template;
use tollgate_domain::{
    checkout::ReceiptError, email::Email, id::PurchaseId, mail::MailWriteError, names::Slug,
    paging::Listing, reports::SaleQuery, validation,
};

use self::{row::Row, unfinished::Unfinished};
use super::{
    choice::{self, PageChoice},
    form::{FormState, Labels},
    page::{Nav, Notice, Screen, render, see_other_with},
    who::AtHandle,
};
use crate::{
    extract::{Form, Paging, Query},
    local_path::LocalPath,
    locale::Texts,
    problem::{Answer, Code, Problem},
    routes::{form, screen},
    state::Http,
};

const FIELDS: Labels =
    &[("page", "console-purchases-field-page"), ("email", "console-purchases-field-email")];

/// The length of the longest address, in characters.
const MAX_ADDRESS: usize = 254;

#[derive(Template)]
#[template(path = "console/purchases.html")]
struct PurchasesScreen {
    t: Texts,
    screen: Screen,
    /// The paths of this screen and of the revenue, which says how to sell.
    path: String,
    revenue: String,
    /// The pages to choose from.
    pages: Vec<PageChoice>,
    rows: Vec<Row>,
    /// Payments that opened nothing; only with the newest purchases.
    unfinished: Vec<Unfinished>,
    older: Option<String>,
    /// Where the same purchases are as a table for spreadsheets.
    export: String,
    is_filtered: bool,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/{handle}/purchases", list, resend))
        .service(screen("/{handle}/purchases.csv", export::download))
        .configure(dispute::routes)
        .configure(refund::routes);
}

async fn list(http: Http, at: AtHandle, query: Query, paging: Paging) -> Answer {
    let (form, wanted) = filter(at.screen.t, &query)?;
    shown(&http, at, form, wanted, &paging).await
}

/// Reads the filter; without the query if parts of it have errors.
fn filter(t: Texts, query: &Query) -> Result<(FormState, Option<SaleQuery>), Problem> {
    let [page, email] = query.read(["page", "email"])?;
    let mut form = FormState::new(t, FIELDS);
    for (name, value) in [("page", page), ("email", email)] {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            form = form.with(name, value.trim());
        }
    }
    let page = form.some("page").map(str::parse::<Slug>).transpose();
    let page = form.check("page", page);
    let start = validation::line(form.get("email"), 0, MAX_ADDRESS);
    let wanted = page.zip(form.check("email", start)).map(|(page, start)| SaleQuery {
        page,
        prefix: Some(start),
        ..SaleQuery::default()
    });
    Ok((form, wanted))
}

/// Returns a path of the handle with the filter in its query.
fn filtered(at: &AtHandle, rest: &str, form: &FormState, cursor: &str) -> String {
    let [page, email] = ["page", "email"].map(|name| form.get(name));
    at.path_with(rest, &[("page", page), ("email", email), ("cursor", cursor)])
}

async fn shown(
    http: &Http,
    at: AtHandle,
    form: FormState,
    wanted: Option<SaleQuery>,
    paging: &Paging,
) -> Answer {
    let (creator, name, t) = (&at.creator, &at.handle.name, at.screen.t);
    let (page, reports) = (paging.read()?, &http.use_cases.reports);
    let unfinished = match wanted.clone().filter(|_| page.after.is_none()) {
        Some(wanted) => unfinished_payments(http, &at, wanted).await?,
        None => Vec::new(),
    };
    let sales = match wanted {
        Some(wanted) => reports.sales(creator, name, wanted, &page).await?,
        None => Listing { items: Vec::new(), next: None },
    };
    let pages = page_choices(http, &at, &form).await?;
    let (path, revenue) = (at.path("/purchases"), at.path("/revenue"));
    let next = sales.next.map(|cursor| cursor.to_string());
    let older = next.map(|cursor| filtered(&at, "/purchases", &form, &cursor));
    let export = filtered(&at, "/purchases.csv", &form, "");
    let rows = sales.items.iter().map(|sale| Row::of(&at, sale)).collect();
    let is_filtered = form.some("page").is_some() || form.some("email").is_some();
    let screen = at.screen.on(Nav::Purchases).with(form);
    let purchases = PurchasesScreen {
        t,
        screen,
        path,
        revenue,
        pages,
        rows,
        unfinished,
        older,
        export,
        is_filtered,
    };
    render(purchases.screen.status(), &purchases)
}

/// Returns the payments that opened nothing.
async fn unfinished_payments(
    http: &Http,
    at: &AtHandle,
    wanted: SaleQuery,
) -> Result<Vec<Unfinished>, Problem> {
    let (creator, name) = (&at.creator, &at.handle.name);
    let found = http.use_cases.reports.unfinished_payments(creator, name, wanted).await?;
    Ok(found.iter().map(|one| Unfinished::of(at, one)).collect())
}

/// Returns all pages, which may have been sold before they were archived, and the one that is chosen now.
async fn page_choices(
    http: &Http,
    at: &AtHandle,
    form: &FormState,
) -> Result<Vec<PageChoice>, Problem> {
    let mut choices = choice::all_pages(http, at).await?;
    let chosen = form.some("page").and_then(|slug| slug.parse::<Slug>().ok());
    if let Some(slug) = chosen
        && choices.iter().all(|choice| choice.slug != slug)
    {
        choices.push(PageChoice { label: slug.to_string(), slug, price: None });
    }
    Ok(choices)
}

/// Mails a receipt once more and comes back to the same part of the list.
async fn resend(
    http: Http,
    at: AtHandle,
    req: HttpRequest,
    query: Query,
    paging: Paging,
    form: Form,
) -> Answer {
    let form = FormState::of(at.screen.t, &[], form.read().await?);
    if form.is_unreadable::<Email>("email") {
        let (list, wanted) = filter(at.screen.t, &query)?;
        return shown(&http, at, list.outdated(), wanted, &paging).await;
    }
    let notice = resent(&http, &at, &form).await?;
    let back = req.uri().path_and_query().and_then(|path| LocalPath::parse(path.as_str()));
    let back = back.map_or_else(|| at.path("/purchases"), |path| path.as_str().to_owned());
    Ok(see_other_with(&back, notice))
}

/// Mails a receipt to the person whom the list showed as the buyer, unless the purchase has moved since.
async fn resent(http: &Http, at: &AtHandle, form: &FormState) -> Result<Notice, Problem> {
    let id = form.get("resend").parse::<PurchaseId>();
    let id = id.map_err(|_| Problem::new(Code::PurchaseNotFound))?;
    let receipts = &http.use_cases.receipts;
    let email = receipts.purchase(&at.creator, &at.handle.name, id).await?.email.shown();
    if form.names_another("email", &email) {
        return Ok(Notice::about("console-purchases-notice-refused-moved", email));
    }
    Ok(match receipts.resend(&at.creator, &at.handle.name, id).await {
        Ok(()) => Notice::about("console-purchases-notice-resent", email),
        Err(ReceiptError::EmailNotVerified(_)) => {
            Notice::new("console-purchases-notice-refused-unproved")
        }
        Err(ReceiptError::Mail(MailWriteError::Limited { .. })) => {
            Notice::new("console-purchases-notice-refused-limited")
        }
        Err(error) => return Err(error.into()),
    })
}
