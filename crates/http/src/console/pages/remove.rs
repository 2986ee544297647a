//! Archiving and deleting a page, each with a screen that asks before.

use actix_web::HttpResponse;
use tollgate_domain::creators::{Page, PageChange, PageError, PageStatus};

use super::{
    super::{
        confirm::{Confirmation, confirm},
        page::{Nav, Notice, see_other_with},
    },
    AtPage, address,
};
use crate::{
    problem::{Answer, Problem},
    state::Http,
};

/// Returns how many people the page was sold or given to.
async fn holders(http: &Http, on: &AtPage) -> Result<i64, Problem> {
    let sales = http.use_cases.reports.sales_by_page(&on.at.creator, &on.at.handle.name).await?;
    Ok(sales.get(&on.page.id).map_or(0, |counted| counted.sold + counted.given))
}

pub(super) async fn ask_archive(http: Http, on: AtPage) -> Answer {
    let holders = holders(&http, &on).await?;
    let t = on.at.screen.t;
    let asked = Confirmation {
        heading: t.with("console-pages-archive-heading", "title", &on.page.title),
        effects: vec![
            t.get("console-pages-archive-effect"),
            t.count("console-pages-archive-holders", holders),
            t.get("console-pages-archive-back"),
        ],
        action: on.path("/archive"),
        button: t.get("console-pages-archive-button"),
        back: address(&on.at, &on.page.slug),
        hidden: Vec::new(),
    };
    confirm(on.at.screen.on(Nav::Pages), asked)
}

pub(super) async fn archive(http: Http, on: AtPage) -> Answer {
    let change = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    let (creator, name) = (&on.at.creator, &on.at.handle.name);
    let page = http.use_cases.pages.change(creator, name, &on.page.slug, change).await?;
    Ok(done(&on, "console-pages-notice-archived", page))
}

pub(super) async fn ask_delete(http: Http, on: AtPage) -> Answer {
    let holders = holders(&http, &on).await?;
    let t = on.at.screen.t;
    let mut effects = if holders > 0 {
        vec![t.count("console-pages-delete-holders", holders)]
    } else {
        vec![t.get("console-pages-delete-effect"), t.get("console-pages-delete-used")]
    };
    let files = http.use_cases.downloads.of_page(on.page.id).await?.len();
    if files > 0 && holders == 0 {
        effects.push(t.count("console-pages-delete-files", files));
    }
    let asked = Confirmation {
        heading: t.with("console-pages-delete-heading", "title", &on.page.title),
        effects,
        action: on.path("/delete"),
        button: t.get("console-pages-delete-button"),
        back: address(&on.at, &on.page.slug),
        hidden: Vec::new(),
    };
    confirm(on.at.screen.on(Nav::Pages), asked)
}

/// Deletes the page. One that somebody has a stake in is archived instead, and the notice says so.
pub(super) async fn delete(http: Http, on: AtPage) -> Answer {
    let (creator, name, slug) = (&on.at.creator, &on.at.handle.name, &on.page.slug);
    let pages = &http.use_cases.pages;
    pages.delete(creator, name, slug).await?;
    match pages.owned(creator, name, slug).await {
        Ok((_, page)) => Ok(done(&on, "console-pages-notice-kept", page)),
        Err(PageError::NotFound) => {
            let page = on.page.clone();
            Ok(done(&on, "console-pages-notice-deleted", page))
        }
        Err(error) => Err(error.into()),
    }
}

fn done(on: &AtPage, notice: &'static str, page: Page) -> HttpResponse {
    see_other_with(&on.at.path("/pages"), Notice::about(notice, page.title))
}
