//! The HTTP adapter of Tollgate: the JSON interface under `/v2` and the HTML pages.
//!
//! A program creates an [`Http`] from the domain's use cases and passes it to [`configure`].
//!
//! Every request passes `edge`. The handlers are divided by caller: `visitor`, `public`, `creator` and
//! `operations` answer in JSON, `site` with the buyer's pages and `console` with the creator's screens. They
//! read requests with `extract`, call one use case each, and answer with a body or with a `problem`. `dto`
//! has the bodies that several of them share, and `state` is what all requests share.
//! `openapi` completes what the handlers say of themselves to the description, which `description` makes
//! from the tables of all callers.

mod access_tokens;
mod console;
mod creator;
mod description;
mod dto;
mod edge;
mod evidence;
mod extract;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod idempotent;
mod json;
mod links;
mod local_path;
mod locale;
mod markdown;
mod openapi;
mod operations;
mod own_files;
mod person;
mod problem;
mod public;
mod query;
mod routes;
mod site;
mod state;
mod style;
mod text_enum;
mod unchanging;
mod visitor;

pub use access_tokens::{AccessTokens, AccessTokensError};
pub use description::openapi;
pub use links::{STRIPE_WEBHOOK, SiteLinks};
pub use operations::{DOCTOR, DOCTORS_CLIENT};
pub use state::{Dependencies, Http, Network, NetworkError, TrustedProxies};

use actix_web::{
    guard::{GuardContext, fn_guard},
    middleware::from_fn,
    web,
};

/// Adds `/metrics` alone, for a listener of its own.
pub fn configure_metrics(app: &mut web::ServiceConfig, http: &Http) {
    let metrics = routes::get(web::resource("/metrics"), operations::alone);
    app.app_data(http.clone()).service(metrics);
}

fn is_api(context: &GuardContext<'_>) -> bool {
    edge::Surface::of(context.head().uri.path()) == edge::Surface::Api
}

/// Adds all routes, for `App::new().configure(|app| tollgate_http::configure(app, &http))`.
pub fn configure(app: &mut web::ServiceConfig, http: &Http) {
    // The router tries one route after another, so each of the two surfaces is one of them.
    let api = web::scope("").guard(fn_guard(is_api));
    let api = description::TABLES.into_iter().fold(api, |scope, table| scope.configure(table.add));
    let everything = web::scope("")
        .wrap(from_fn(edge::edge))
        .service(api)
        .configure(operations::docs::routes)
        .configure(site::routes)
        .configure(console::routes)
        .configure(site::elsewhere)
        .default_service(web::to(edge::nothing_here));
    app.app_data(http.clone())
        .app_data(http.receiving().clone())
        .app_data(web::Data::new(openapi::Describe(description::description)))
        .service(everything)
        .default_service(web::to(edge::no_path));
}
