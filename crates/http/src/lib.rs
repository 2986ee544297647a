//! The HTTP side of Tollgate: the JSON interface under `/v2` and the pages that people see.
//!
//! A program makes an [`Http`] out of the domain's use cases and gives it to [`configure`]. The parts
//! follow a request: `edge` is what every request passes, `extract` reads it, `api` and `site`
//! answer it with one use case each, `problem` turns what went wrong into words.

mod access_tokens;
mod api;
mod docs;
mod edge;
mod extract;
mod json;
mod markdown;
mod openapi;
mod problem;
mod site;
mod state;

pub use access_tokens::{AccessTokens, AccessTokensError};
pub use extract::{Network, NetworkError, TrustedProxies};
pub use openapi::openapi;
pub use state::{Dependencies, Http, Notifier};

use actix_web::{middleware::from_fn, web};

/// Adds all routes, for `App::new().configure(|app| tollgate_http::configure(app, &http))`.
pub fn configure(app: &mut web::ServiceConfig, http: &Http) {
    let everything = web::scope("").wrap(from_fn(edge::edge));
    let everything = api::routes(everything);
    let everything = docs::routes(everything);
    let everything = site::routes(everything);
    app.app_data(http.clone()).service(everything.default_service(web::to(edge::nothing_here)));
}
