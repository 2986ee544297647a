//! The style, the script and the icons of the buyer's pages. The addresses of style and script change with
//! their content, so that browsers can cache them.

use std::sync::LazyLock;

use actix_web::{HttpResponse, HttpResponseBuilder, http::header, web};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{routes::get, unchanging::Unchanging};

const STYLE: &str = include_str!("../templates/style.css");
const WAITING: &str = include_str!("../templates/site/waiting.js");
const ICON: &str = include_str!("../templates/icon.svg");
const PICTURE: &[u8] = include_bytes!("../templates/icon.png");
const SMALL_PICTURE: &[u8] = include_bytes!("../templates/icon.ico");
const KEEP: (header::HeaderName, &str) =
    (header::CACHE_CONTROL, "public, max-age=31536000, immutable");

static ADDRESS: LazyLock<String> = LazyLock::new(|| versioned("/-/style.css", STYLE));
static WAITING_ADDRESS: LazyLock<String> = LazyLock::new(|| versioned("/-/waiting.js", WAITING));

/// Adds the style, the script and the icons, on every host.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(get(web::resource("/-/style.css"), style))
        .service(get(web::resource("/-/waiting.js"), waiting))
        .service(get(web::resource("/-/icon.svg"), icon))
        .service(get(web::resource("/-/icon.png"), picture))
        .service(get(web::resource("/favicon.ico"), small_picture));
}

/// Returns the address of a style sheet, which changes with its content.
pub(crate) fn versioned(path: &str, content: &str) -> String {
    let digest = Sha256::digest(content);
    let version: Vec<u8> = digest.iter().copied().take(9).collect();
    format!("{path}?v={}", URL_SAFE_NO_PAD.encode(version))
}

/// Answers with a style sheet for caching.
pub(crate) fn sheet(content: &'static str) -> HttpResponse {
    kept("text/css; charset=utf-8", content)
}

/// Answers with a script for caching.
pub(crate) fn module(content: &'static str) -> HttpResponse {
    kept("text/javascript; charset=utf-8", content)
}

fn kept(content_type: &'static str, content: &'static str) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    let mut answer = answer.content_type(content_type).insert_header(KEEP).body(content);
    answer.extensions_mut().insert(Unchanging(content));
    answer
}

/// Returns the address of the style of all pages.
pub(crate) fn address() -> &'static str {
    &ADDRESS
}

/// Returns the address of the script of the page that waits for a mail.
pub(crate) fn waiting_address() -> &'static str {
    &WAITING_ADDRESS
}

async fn style() -> HttpResponse {
    sheet(STYLE)
}

async fn waiting() -> HttpResponse {
    module(WAITING)
}

async fn icon() -> HttpResponse {
    kept_for_a_day("image/svg+xml").body(ICON)
}

/// Answers with the icon for home screens, which take no drawings.
async fn picture() -> HttpResponse {
    kept_for_a_day("image/png").body(PICTURE)
}

/// Answers with the icon for programs that look at the usual place only.
async fn small_picture() -> HttpResponse {
    kept_for_a_day("image/x-icon").body(SMALL_PICTURE)
}

fn kept_for_a_day(content_type: &'static str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"));
    answer
}

#[cfg(test)]
mod tests {
    #[test]
    fn style_and_script_are_small() {
        assert!(super::STYLE.len() < 10_000);
        assert!(super::WAITING.len() < 2_000);
    }
}
