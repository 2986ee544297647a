//! `GET /docs`: the reference of the JSON interface, made from its own description, once. It names no
//! other host and needs no script, and like the interface it is on every host.

mod model;
mod schema;

use std::sync::LazyLock;

use actix_web::{
    HttpResponse, Scope,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header::{self, ContentType, HeaderName},
    web,
};
use askama::Template;

use crate::{
    problem::{Answer, Code, Problem},
    site::style,
};
use model::Reference;

const PAGE: &str = "/docs";
const STYLE_PATH: &str = "/docs/style.css";
const STYLE: &str = include_str!("../../templates/docs.css");
/// Stricter than for other pages: there is nothing to send and nowhere to go on to.
const POLICY: (HeaderName, &str) = (
    header::CONTENT_SECURITY_POLICY,
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage {
    reference: Reference,
    style: String,
}

/// Adds the page and its style.
pub(crate) fn routes<T>(scope: Scope<T>) -> Scope<T>
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse,
            Error = actix_web::Error,
            InitError = (),
        >,
{
    scope
        .service(web::resource(PAGE).route(web::get().to(page)).route(web::head().to(page)))
        .service(web::resource(STYLE_PATH).route(web::get().to(sheet)).route(web::head().to(sheet)))
}

/// Whether the address is one of these, which every host answers.
pub(crate) fn is_here(path: &str) -> bool {
    path == PAGE || path == STYLE_PATH
}

fn rendered() -> Option<&'static str> {
    static TEXT: LazyLock<Option<String>> = LazyLock::new(|| {
        let style = style::versioned(STYLE_PATH, STYLE);
        let page = DocsPage { reference: Reference::of(crate::openapi()), style };
        page.render()
            .inspect_err(|error| tracing::error!(%error, "a page could not be rendered"))
            .ok()
    });
    TEXT.as_deref()
}

async fn page() -> Answer {
    let text = rendered().ok_or_else(|| Problem::new(Code::InternalError))?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(ContentType::html()).insert_header(POLICY);
    Ok(answer.insert_header((header::CACHE_CONTROL, "public, max-age=300")).body(text))
}

async fn sheet() -> HttpResponse {
    style::sheet(STYLE)
}
