//! The HTML pages. They work without scripts.

mod access;
mod checkout;
mod front;
mod group_buy;
mod sign_in;
mod stripe;

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

use crate::{
    edge::{Surface, nothing_here},
    extract::{on_app, on_handle, on_root},
    problem::{Answer, Code, Problem},
    routes::{get, post},
    style,
};

/// Adds the pages.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(get(web::resource("/-/style.css"), style::style))
        .service(get(web::resource("/-/icon.svg"), style::icon))
        .configure(sign_in)
        .configure(root_and_app)
        .configure(handle)
        .configure(elsewhere);
}

/// Adds the routes to sign in and out, on every host of the installation.
fn sign_in(config: &mut web::ServiceConfig) {
    let verify = post(get(web::resource("/-/verify"), sign_in::look), sign_in::redeem_link);
    config
        .service(verify)
        .service(post(web::resource("/-/sign-in"), sign_in::ask))
        .service(post(web::resource("/-/code"), sign_in::redeem_code))
        .service(post(web::resource("/-/sign-out"), sign_in::sign_out));
}

/// Adds the pages of the root host and of the creators' application.
fn root_and_app(config: &mut web::ServiceConfig) {
    let root = |path: &str| web::resource(path).guard(fn_guard(on_root));
    let app = |path: &str| web::resource(path).guard(fn_guard(on_app));
    config
        .service(get(root("/"), front::home))
        .service(get(root("/access"), access::show))
        .service(get(app("/"), front::app))
        .service(get(app("/-/stripe/return"), stripe::come_back));
}

/// Adds the pages of a handle.
fn handle(config: &mut web::ServiceConfig) {
    let on = |path: &str| web::resource(path).guard(fn_guard(on_handle));
    let page = |path: &str| on(path).guard(fn_guard(is_page));
    config
        .service(get(on("/-/group-buys/{name}"), group_buy::show))
        .service(post(on("/-/group-buys/{name}/interest"), group_buy::express))
        .service(post(on("/-/group-buys/{name}/checkout"), group_buy::pay))
        .service(get(on("/"), front::storefront))
        .service(get(page("/{name}"), front::page))
        .service(post(page("/{name}/checkout"), checkout::pay))
        .service(get(page("/{name}/return"), checkout::come_back));
}

/// The same paths on hosts that do not have the page. They are routes, so that a wrong method gets the same
/// answer on every host.
fn elsewhere(config: &mut web::ServiceConfig) {
    let page = |path: &str| web::resource(path).guard(fn_guard(is_page));
    config
        .service(get(web::resource("/-/stripe/return"), nothing_here))
        .service(get(web::resource("/-/group-buys/{name}"), group_buy::nowhere))
        .service(post(web::resource("/-/group-buys/{name}/interest"), group_buy::nowhere))
        .service(post(web::resource("/-/group-buys/{name}/checkout"), group_buy::nowhere))
        .service(get(page("/{name}"), nothing_here))
        .service(post(page("/{name}/checkout"), checkout::nowhere))
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
