//! What search engines may read on each host.

use actix_web::{HttpResponse, http::header};
use tollgate_domain::installation::HostKind;

use crate::extract::Host;

/// Pages that only lead on, or that concern one person, are of no use in a search. Pictures of shops are files.
const ROOT: &str = "User-agent: *\nAllow: /-/style.css\nAllow: /-/icon\nAllow: /-/sign-in\nDisallow: /-/\nDisallow: /access\nAllow: /v2/public/files/\nDisallow: /v2/\n";
const HANDLE: &str = "User-agent: *\nAllow: /-/style.css\nAllow: /-/icon\nAllow: /-/sign-in\nAllow: /-/group-buys/\nAllow: /-/files/\nDisallow: /-/\nAllow: /v2/public/files/\nDisallow: /v2/\n";
const NOTHING: &str = "User-agent: *\nDisallow: /\n";

/// Answers with the rules of the host.
pub(super) async fn robots(host: Host) -> HttpResponse {
    let rules = match host.0 {
        HostKind::Root => ROOT,
        HostKind::Handle(_) => HANDLE,
        HostKind::App | HostKind::Foreign => NOTHING,
    };
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(rules)
}
