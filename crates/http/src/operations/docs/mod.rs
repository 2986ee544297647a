//! `GET /docs`: the reference of the JSON interface, made once from its description. It needs no other host
//! and no script, and every host answers it.

pub(crate) mod json;
mod model;
mod schema;

use std::sync::OnceLock;

use actix_web::{
    HttpResponse,
    http::header::{self, ContentType, HeaderName},
    web,
};
use askama::Template;

use crate::{
    openapi::{Describe, Description},
    problem::{Answer, Code, Problem},
    routes::get,
    style,
    unchanging::Unchanging,
};
use model::Reference;

const STYLE_PATH: &str = "/docs/style.css";
const STYLE: &str = include_str!("../../../templates/docs.css");
/// The policy is stricter than for other pages, since there are no forms.
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
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(get(web::resource("/docs"), page))
        .service(get(web::resource(STYLE_PATH), sheet));
}

fn rendered(description: &Description) -> Option<&'static str> {
    static TEXT: OnceLock<Option<String>> = OnceLock::new();
    let text = TEXT.get_or_init(|| {
        let style = style::versioned(STYLE_PATH, STYLE);
        let page = DocsPage { reference: Reference::of(description), style };
        page.render()
            .inspect_err(|error| tracing::error!(%error, "a page could not be rendered"))
            .ok()
    });
    text.as_deref()
}

async fn page(describe: web::Data<Describe>) -> Answer {
    let text = rendered((describe.0)()).ok_or_else(|| Problem::new(Code::InternalError))?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(ContentType::html()).insert_header(POLICY);
    answer.insert_header((header::CACHE_CONTROL, "public, max-age=300"));
    let mut answer = answer.body(text);
    answer.extensions_mut().insert(Unchanging(text));
    Ok(answer)
}

async fn sheet() -> HttpResponse {
    style::sheet(STYLE)
}
