//! The first page of the root host.

use actix_web::http::StatusCode;
use askama::Template;

use super::{
    frame::{Card, Frame},
    page,
};
use crate::{
    extract::{Host, VisitorCookie},
    locale::Texts,
    problem::Answer,
    state::Http,
};

#[derive(Template)]
#[template(path = "site/home.html")]
struct HomePage {
    t: Texts,
    frame: Frame,
    app_origin: String,
}

/// Says what this is.
pub(super) async fn home(http: Http, t: Texts, host: Host, session: VisitorCookie) -> Answer {
    let card = Card {
        address: format!("{}/", http.installation.origin()),
        title: "Tollgate".to_owned(),
        description: t.get("home-what"),
    };
    let frame = Frame::read(&http, &host, session, "/").await?.listed(card);
    page(StatusCode::OK, &HomePage { t, frame, app_origin: http.installation.app_origin() })
}
