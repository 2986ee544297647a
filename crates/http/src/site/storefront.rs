//! The first page of a handle's host: what can be read, bought and joined there.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use askama::Template;
use futures_util::{
    TryFutureExt,
    future::{try_join, try_join3},
};
use tollgate_domain::{
    checkout::PageState,
    creators::{AccessMode, Handle, PageLabel},
    files::{FileAccess, MediaKind},
    id::PageId,
    paging::PageRequest,
    visitor_auth::Visitor,
};

use super::{
    frame::{Card, Frame},
    group_buy::GroupBuyLink,
    notice::{Notice, said},
    page,
    visit::Visit,
};
use crate::{
    extract::{HandleHost, Paging},
    links::file_path,
    locale::Texts,
    problem::{Answer, Code, Problem},
    state::Http,
};

#[derive(Template)]
#[template(path = "site/storefront.html")]
struct Storefront {
    t: Texts,
    frame: Frame,
    name: String,
    description: Option<String>,
    picture: Option<Picture>,
    pages: Vec<PageLink>,
    group_buys: Vec<GroupBuyLink>,
    older: Option<String>,
}

struct Picture {
    address: String,
    size: Option<(u32, u32)>,
}

struct PageLink {
    slug: String,
    title: String,
    terms: String,
    mark: Option<Mark>,
}

/// What the visitor has of a page, in a label.
struct Mark {
    text: String,
    class: &'static str,
}

/// The greatest length of a description in search results, in characters.
const MAX_DESCRIPTION: usize = 160;

pub(super) async fn show(visit: Visit, host: HandleHost, paging: Paging) -> Answer {
    let (http, t, paging) = (&visit.http, visit.t, paging.read()?);
    let found = http.use_cases.gate.storefront(&host.0, &paging).map_err(Problem::from);
    let (found, visitor) = try_join(found, visit.visitor()).await?;
    let (handle, pages) = found.ok_or_else(|| Problem::new(Code::HandleNotFound))?;
    // A visitor who leaves a group buy whose page is not published comes here.
    let has_left = Notice::of(&visit) == Some(Notice::Left);
    let (page_states, group_buys, picture) = try_join3(
        page_states(http, &pages.items, visitor.as_ref()),
        group_buys(http, t, &handle, &paging),
        picture(http, &handle),
    )
    .await?;
    let older = pages.next.map(|cursor| cursor.to_string());
    let row = |page: PageLabel| PageLink::of(t, &page_states, page);
    let shown = Storefront {
        t,
        frame: frame(http, t, &handle, picture.as_ref())
            .seen_by(visitor.as_ref())
            .telling(has_left.then(|| t.get("notice-left"))),
        picture,
        description: handle.description,
        name: handle.title,
        pages: pages.items.into_iter().map(row).collect(),
        group_buys,
        older,
    };
    let answer = page(StatusCode::OK, &shown)?;
    Ok(if has_left { said(&visit, answer) } else { answer })
}

fn frame(http: &Http, t: Texts, handle: &Handle, picture: Option<&Picture>) -> Frame {
    let card = Card {
        address: format!("{}/", http.installation.handle_origin(&handle.name)),
        title: handle.title.clone(),
        description: match &handle.description {
            Some(text) => text.chars().take(MAX_DESCRIPTION).collect(),
            None => t.with("store-description", "name", &handle.title),
        },
    };
    Frame::new(http, "/")
        .of(handle)
        .with_picture(picture.map(|picture| &*picture.address))
        .listed(card)
}

/// Leads to the picture of the shop, by the address that pages name to messengers.
pub(super) async fn show_picture(visit: Visit, HandleHost(name): HandleHost) -> Answer {
    let http = &visit.http;
    let handle = http.use_cases.gate.seller(&name).await?;
    let handle = handle.ok_or_else(|| Problem::new(Code::HandleNotFound))?;
    let shown = picture(http, &handle).await?;
    let shown = shown.ok_or_else(|| Problem::new(Code::FileNotFound))?;
    Ok(HttpResponse::Found().insert_header((header::LOCATION, shown.address)).finish())
}

/// Returns the picture of the storefront, if it is one that browsers show.
async fn picture(http: &Http, handle: &Handle) -> Result<Option<Picture>, Problem> {
    let Some(slug) = &handle.picture else { return Ok(None) };
    let files = http.use_cases.downloads.named(handle.id, &[slug.to_string()]).await?;
    let shown = files.into_iter().find_map(|file| {
        let media = file.media.filter(|media| media.kind() == MediaKind::Image)?;
        let is_it = file.slug == *slug && file.access == FileAccess::Public;
        is_it.then(|| Picture { address: file_path(&handle.name, slug), size: media.size() })
    });
    Ok(shown)
}

/// Returns the group buys that visitors can join or buy now, which stand beside the newest pages.
async fn group_buys(
    http: &Http,
    t: Texts,
    handle: &Handle,
    paging: &PageRequest,
) -> Result<Vec<GroupBuyLink>, Problem> {
    if paging.after.is_some() {
        return Ok(Vec::new());
    }
    let current = http.use_cases.offers.current(handle.id).await?;
    Ok(current.into_iter().map(|details| GroupBuyLink::of(t, details)).collect())
}

/// Returns what the visitor has of the listed pages.
async fn page_states(
    http: &Http,
    pages: &[PageLabel],
    visitor: Option<&Visitor>,
) -> Result<BTreeMap<PageId, PageState>, Problem> {
    let Some(visitor) = visitor else { return Ok(BTreeMap::new()) };
    let ids: Vec<_> = pages.iter().map(|page| page.id).collect();
    Ok(http.use_cases.checkouts.page_states(visitor.id, &ids).await?)
}

impl PageLink {
    fn of(t: Texts, page_states: &BTreeMap<PageId, PageState>, page: PageLabel) -> Self {
        let terms = match (page.mode, page.price) {
            (AccessMode::Paid, Some(price)) => t.money(price),
            (AccessMode::FreeWithLogin, _) => t.get("store-free-with-login"),
            (AccessMode::Public | AccessMode::Paid, _) => t.get("store-free"),
        };
        let state = page_states.get(&page.id);
        let mark = state.and_then(|state| Mark::of(t, *state, page.mode));
        Self { slug: page.slug.to_string(), title: page.title, terms, mark }
    }
}

impl Mark {
    /// Returns the mark of a page. What became of a payment says nothing of a page that costs nothing now.
    fn of(t: Texts, state: PageState, mode: AccessMode) -> Option<Self> {
        let (text, class) = match (state, mode) {
            (PageState::Owned, _) => ("store-owned", "mark"),
            (PageState::Pending, AccessMode::Paid) => ("store-pending", "mark off"),
            (PageState::Suspended, AccessMode::Paid) => ("store-suspended", "mark off"),
            (PageState::Pending | PageState::Suspended, _) => return None,
        };
        Some(Self { text: t.get(text), class })
    }
}
