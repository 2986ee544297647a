//! The style and the icon of all pages. The address of the style changes with its content, so that browsers
//! can cache it.

use std::sync::LazyLock;

use actix_web::{HttpResponse, http::header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("../templates/style.css");
const ICON: &str = include_str!("../templates/icon.svg");
const KEEP: (header::HeaderName, &str) =
    (header::CACHE_CONTROL, "public, max-age=31536000, immutable");

static ADDRESS: LazyLock<String> = LazyLock::new(|| versioned("/-/style.css", STYLE));

/// Returns the address of a style sheet, which changes with its content.
pub(crate) fn versioned(path: &str, content: &str) -> String {
    let digest = Sha256::digest(content);
    let version: Vec<u8> = digest.iter().copied().take(9).collect();
    format!("{path}?v={}", URL_SAFE_NO_PAD.encode(version))
}

/// Answers with a style sheet for caching.
pub(crate) fn sheet(content: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").insert_header(KEEP).body(content)
}

/// Returns the address of the style of all pages.
pub(crate) fn address() -> &'static str {
    &ADDRESS
}

pub(crate) async fn style() -> HttpResponse {
    sheet(STYLE)
}

pub(crate) async fn icon() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .body(ICON)
}

#[cfg(test)]
mod tests {
    #[test]
    fn style_is_small() {
        assert!(super::STYLE.len() < 10_000);
    }
}
