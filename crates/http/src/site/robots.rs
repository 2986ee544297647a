//! What search engines may read on each host.

use actix_web::{HttpResponse, guard::fn_guard, http::header, web};

use crate::{
    extract::{on_handle, on_root},
    routes::get,
};

/// Pages that only lead on, or that concern one person, are of no use in a search. Pictures of shops are files.
const ROOT: &str = "User-agent: *\nAllow: /-/style.css\nAllow: /-/icon\nAllow: /-/sign-in\nDisallow: /-/\nDisallow: /access\nAllow: /v2/public/files/\nDisallow: /v2/\n";
const HANDLE: &str = "User-agent: *\nAllow: /-/style.css\nAllow: /-/icon\nAllow: /-/sign-in\nAllow: /-/group-buys/\nAllow: /-/files/\nAllow: /-/picture\nDisallow: /-/\nAllow: /v2/public/files/\nDisallow: /v2/\n";
const NOTHING: &str = "User-agent: *\nDisallow: /\n";

/// Adds the rules, which are others on each kind of host.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let rules = || web::resource("/robots.txt");
    config
        .service(get(rules().guard(fn_guard(on_root)), of_root))
        .service(get(rules().guard(fn_guard(on_handle)), of_handle))
        .service(get(rules(), elsewhere));
}

async fn of_root() -> HttpResponse {
    answer(ROOT)
}

async fn of_handle() -> HttpResponse {
    answer(HANDLE)
}

async fn elsewhere() -> HttpResponse {
    answer(NOTHING)
}

fn answer(rules: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(rules)
}
