//! A page of a handle: its teaser for everyone, and its body or the gate in front of it.

pub(crate) mod gate;

use std::sync::Arc;

use actix_web::{HttpRequest, http::StatusCode};
use askama::Template;
use tollgate_domain::{
    access::{PageView, ResourceType, ViewerClaim},
    names::Slug,
};

use self::gate::{Gate, Way};
use super::{
    frame::{Card, Frame},
    notice::{Notice, said},
    page as rendered,
};
use crate::{
    edge::count,
    extract::{HandleHost, Seen, VisitorCookie, part},
    locale::Texts,
    markdown::Part,
    own_files::{address, own_files},
    problem::{Answer, Code, Problem},
    state::Http,
};

#[derive(Template)]
#[template(path = "site/page.html")]
struct GatedPage<'a> {
    t: Texts,
    frame: Frame,
    title: &'a str,
    teaser: Arc<str>,
    gate: Gate,
}

/// Shows the page.
pub(super) async fn show(
    http: Http,
    t: Texts,
    req: HttpRequest,
    host: HandleHost,
    session: VisitorCookie,
    seen: Seen,
) -> Answer {
    let slug: Slug = part(&req, "name").ok_or_else(|| Problem::new(Code::PageNotFound))?;
    let claim = ViewerClaim { session: session.0, creator: None, recording: seen.0 };
    let view = http.use_cases.gate.view(host.0, slug, claim).await?;
    count::decision(ResourceType::Page, view.reason);
    http.store_first_view_of(session.0).await;
    let unconfirmed = Notice::of(&req).and_then(Notice::unconfirmed);
    let notice = Notice::told(&req, &http, t, view.visitor.as_ref()).await?;
    let outline = http.rendered().outline(&view.page).await?;
    let own = own_files(&http, view.handle.id, &outline.media, |file| address(&view.handle, file));
    let own = own.await?;
    let gate = Gate::of(&http, t, &view, &own, unconfirmed).await?;
    let own = if view.reason.has_access() {
        own
    } else {
        own.for_strangers(|file| address(&view.handle, file))
    };
    let shown = GatedPage {
        t,
        frame: frame(&http, t, &view, &outline.summary).telling(notice),
        title: &view.page.title,
        teaser: http.rendered().html(t, &view.page, Part::Teaser, &own).await?,
        gate,
    };
    Ok(said(&http.installation, &req, rendered(StatusCode::OK, &shown)?))
}

fn frame(http: &Http, t: Texts, view: &PageView, summary: &str) -> Frame {
    let path = format!("/{}", view.page.slug);
    let description = if summary.is_empty() {
        t.with2("page-description", "title", &view.page.title, "seller", &view.handle.title)
    } else {
        summary.to_owned()
    };
    let card = Card {
        address: format!("{}{path}", http.installation.handle_origin(&view.handle.name)),
        title: view.page.title.clone(),
        description,
    };
    Frame::new(http, path).of(&view.handle).seen_by(view.visitor.as_ref()).listed(card)
}
