//! The screen for creators where there is nothing: it keeps the navigation and leads on.

use actix_web::{
    FromRequest, HttpResponse,
    body::BoxBody,
    dev::{Payload, ServiceResponse},
    http::{StatusCode, header},
};
use askama::Template;

use super::{
    page::{Nav, Screen, render},
    who::Visit,
};
use crate::locale::Texts;

#[derive(Template)]
#[template(path = "console/gone.html")]
struct GoneScreen {
    t: Texts,
    screen: Screen,
    /// The path and the words of the link that leads on.
    back: String,
    label: String,
}

/// Returns the screen in place of an answer that says that nothing is there; `None` for any other answer, and if nobody is
/// signed in.
pub(super) async fn answer(response: &ServiceResponse<BoxBody>) -> Option<HttpResponse> {
    let is_told = response.headers().contains_key(header::CONTENT_TYPE);
    if response.status() != StatusCode::NOT_FOUND || is_told {
        return None;
    }
    let request = response.request();
    let visit = Visit::from_request(request, &mut Payload::None).await.ok()?;
    visit.creator.as_ref()?;
    let gone = GoneScreen::of(visit.screen, request.path());
    render(StatusCode::NOT_FOUND, &gone).ok()
}

impl GoneScreen {
    /// Creates the screen for a path. Below a handle of the creator it leads to the list that the path is part of.
    fn of(mut screen: Screen, path: &str) -> Self {
        let mut words = path.split('/').skip(1);
        let (name, part) = (words.next().unwrap_or_default(), words.next());
        let mut own = screen.handles.iter().chain(&screen.handle);
        let own = own.find(|handle| handle.name == name).cloned();
        let (back, nav) = if let Some(handle) = own {
            let nav = part.and_then(Nav::of_word).unwrap_or(Nav::Start);
            let back = nav.path(&handle.name);
            screen.handle = Some(handle);
            (back, nav)
        } else {
            ("/".to_owned(), Nav::Start)
        };
        let t = screen.t;
        let label = t.with("console-gone-back", "screen", nav.label(t));
        Self { t, screen, back, label }
    }
}
