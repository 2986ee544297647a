//! The buyer's pages. They work without scripts.

mod access;
mod again;
mod checkout;
mod cookies;
mod earlier;
mod files;
mod frame;
mod group_buy;
mod home;
mod moves;
mod no_mails;
mod notice;
mod page;
mod receipt;
mod robots;
mod sign_in;
mod storefront;
mod visit;

use actix_web::{
    HttpResponse,
    guard::{GuardContext, fn_guard},
    http::{
        StatusCode,
        header::{self, ContentType},
    },
    web,
};
use askama::Template;

pub(crate) use self::page::gate;
use crate::{
    console,
    edge::{Surface, nothing_here},
    extract::{on_handle, on_root},
    problem::{Answer, Code, Problem},
    routes::{get, post},
    style,
};

/// Adds the pages.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(style::routes)
        .service(get(web::resource("/robots.txt"), robots::robots))
        .configure(sign_in::routes)
        .service(web::scope("").guard(fn_guard(on_handle)).configure(handle))
        .configure(root)
        .configure(console::routes)
        .configure(elsewhere);
}

/// Adds the pages of the root host.
fn root(config: &mut web::ServiceConfig) {
    let on = |path: &str| web::resource(path).guard(fn_guard(on_root));
    config
        .service(get(on("/"), home::home))
        .service(get(on("/access"), access::show))
        .service(post(get(on("/access/sessions"), access::back), access::end_session))
        .service(get(on("/access/receipts/{id}"), receipt::show))
        .service(post(get(on("/access/receipts/{id}/resend"), receipt::back), receipt::resend))
        .service(post(get(on("/-/move"), moves::look), moves::confirm));
}

/// Adds the pages of a handle.
fn handle(config: &mut web::ServiceConfig) {
    let on = |path: &str| web::resource(path);
    let page = |path: &str| on(path).guard(fn_guard(is_page));
    config
        .service(get(on("/-/group-buys/{name}"), group_buy::show))
        .service(get(on("/-/group-buys/{name}/cancelled"), group_buy::turned_back))
        .service(post(
            get(on("/-/group-buys/{name}/interest"), group_buy::back),
            group_buy::express,
        ))
        .service(post(get(on("/-/group-buys/{name}/checkout"), group_buy::back), group_buy::pay))
        .service(get(on("/-/files/{name}"), files::show))
        .service(post(get(on("/-/no-mails"), no_mails::look), no_mails::press))
        .service(get(on("/"), storefront::show))
        .service(get(page("/{name}"), page::show))
        .service(post(get(page("/{name}/checkout"), checkout::back), checkout::pay))
        .service(get(page("/{name}/return"), checkout::complete_return));
}

/// Adds the same paths on hosts that do not have the page. They are routes, so that a wrong method gets the same
/// answer on every host.
fn elsewhere(config: &mut web::ServiceConfig) {
    let page = |path: &str| web::resource(path).guard(fn_guard(is_page));
    let form = |path: &str| {
        let resource = web::resource(path);
        post(get(resource, group_buy::nowhere), group_buy::nowhere)
    };
    config
        .service(get(web::resource("/-/stripe/return"), nothing_here))
        .service(get(web::resource("/-/group-buys/{name}"), group_buy::nowhere))
        .service(get(web::resource("/-/group-buys/{name}/cancelled"), group_buy::nowhere))
        .service(form("/-/group-buys/{name}/interest"))
        .service(form("/-/group-buys/{name}/checkout"))
        .service(get(web::resource("/-/files/{name}"), files::nowhere))
        .service(get(page("/{name}"), nothing_here))
        .service(post(get(page("/{name}/checkout"), checkout::nowhere), checkout::nowhere))
        .service(get(page("/{name}/return"), checkout::nowhere));
}

/// Returns whether the path is outside the JSON interface.
fn is_page(context: &GuardContext<'_>) -> bool {
    Surface::of(context.head().uri.path()) == Surface::Site
}

/// Renders a page.
fn page(status: StatusCode, template: &impl Template) -> Answer {
    let text = template.render().map_err(|error| {
        tracing::error!(%error, "a page could not be rendered");
        Problem::new(Code::InternalError)
    })?;
    Ok(HttpResponse::build(status).content_type(ContentType::html()).body(text))
}

/// Redirects the browser, which continues with GET.
fn go_to(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}
