//! The first page of the root host.

use actix_web::http::StatusCode;
use askama::Template;

use super::{
    frame::{Card, Frame},
    page,
    visit::Visit,
};
use crate::{locale::Texts, problem::Answer};

#[derive(Template)]
#[template(path = "site/home.html")]
struct HomePage {
    t: Texts,
    frame: Frame,
    app_origin: String,
}

/// Says what this is.
pub(super) async fn home(visit: Visit) -> Answer {
    let (t, installation) = (visit.t, &visit.http.installation);
    let card = Card {
        address: format!("{}/", installation.origin()),
        title: "Tollgate".to_owned(),
        description: t.get("home-what"),
    };
    let frame = visit.frame("/").await?.listed(card);
    page(StatusCode::OK, &HomePage { t, frame, app_origin: installation.app_origin() })
}
