//! All handles of a creator, for those who have more than the switcher of the frame holds.

use actix_web::web::ServiceConfig;
use askama::Template;

use super::{
    page::{HandleView, Screen, render},
    who::Signed,
};
use crate::{extract::Paging, locale::Texts, problem::Answer, routes::screen, state::Http};

#[derive(Template)]
#[template(path = "console/handles.html")]
struct HandlesScreen {
    t: Texts,
    screen: Screen,
    handles: Vec<HandleView>,
    /// The URL of the part of the list with older handles.
    older: Option<String>,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(screen("/account/handles", show));
}

async fn show(http: Http, signed: Signed, paging: Paging) -> Answer {
    let found = http.use_cases.handles.list(&signed.creator, &paging.read()?).await?;
    let handles = found.items.iter().map(HandleView::from).collect();
    let older = found.next.map(|cursor| format!("/account/handles?cursor={cursor}"));
    let list = HandlesScreen { t: signed.screen.t, screen: signed.screen, handles, older };
    render(list.screen.status(), &list)
}
