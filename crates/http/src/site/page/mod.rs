//! A page of a handle: its teaser for everyone, and its body or the gate in front of it.

pub(crate) mod gate;

use std::sync::Arc;

use actix_web::http::StatusCode;
use askama::Template;
use tollgate_domain::{
    access::{PageView, ResourceType, ViewerClaim},
    names::{HandleName, Slug},
};

use self::gate::{Gate, Way};
use super::{
    frame::{Card, Frame},
    notice::{Notice, Place, missing, said_unless_unconfirmed},
    page as rendered,
    sign_in::Refused,
    visit::Visit,
};
use crate::{
    edge::count,
    extract::{HandleHost, part},
    links::{page_address, page_path},
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

impl GatedPage<'_> {
    /// Returns whether the form of the gate says what is wrong with it.
    fn is_refused(&self) -> bool {
        matches!(&self.gate, Gate::Closed(closed) if closed.is_refused())
    }
}

pub(super) async fn show(visit: Visit, HandleHost(handle): HandleHost) -> Answer {
    let slug = part(&visit.req, "name").ok_or_else(|| Problem::new(Code::PageNotFound))?;
    match shown(&visit, handle, slug, visit.look(), None).await {
        Err(problem) if problem.code() == Code::PageNotFound => missing(&visit, problem).await,
        answer => answer,
    }
}

/// Shows the page, also with a form that was not taken.
pub(super) async fn shown(
    visit: &Visit,
    handle: HandleName,
    slug: Slug,
    claim: ViewerClaim,
    refused: Option<Refused>,
) -> Answer {
    let (http, t) = (&visit.http, visit.t);
    let view = http.use_cases.gate.view(handle, slug, claim).await?;
    count::decision(ResourceType::Page, view.reason);
    http.store_first_view_of(visit.session.0).await;
    let outline = http.rendered().outline(&view.page).await?;
    let own = own_files(http, view.handle.id, &outline.media, |file| address(&view.handle, file));
    let own = own.await?;
    let unconfirmed = Notice::of(visit).and_then(Notice::unconfirmed);
    let mut gate = Gate::of(http, t, &view, &own, unconfirmed).await?;
    let visitor = view.visitor.as_ref();
    let place = Place::of(gate.leads_to_payment(), view.reason.has_access());
    let notice = Notice::told_where(place, visit, visitor).await?;
    let status = refused.map_or(Ok(StatusCode::OK), |refused| refused.replace(gate.form()))?;
    let own = if view.reason.has_access() {
        own
    } else {
        own.for_strangers(|file| address(&view.handle, file))
    };
    let shown = GatedPage {
        t,
        frame: frame(http, t, &view, &outline.summary).telling(notice),
        title: &view.page.title,
        teaser: http.rendered().html(t, &view.page, Part::Teaser, &own).await?,
        gate,
    };
    let answer = rendered(status, &shown)?;
    said_unless_unconfirmed(visit, visitor, answer).await
}

fn frame(http: &Http, t: Texts, view: &PageView, summary: &str) -> Frame {
    let path = page_path(&view.page.slug);
    let description = if summary.is_empty() {
        t.with2("page-description", "title", &view.page.title, "seller", &view.handle.title)
    } else {
        summary.to_owned()
    };
    let card = Card {
        address: page_address(&http.installation, &view.handle.name, &view.page.slug),
        title: view.page.title.clone(),
        description,
    };
    Frame::new(http, path)
        .of(&view.handle)
        .seen_by(view.visitor.as_ref())
        .with_picture_of(http, &view.handle)
        .listed(card)
}
