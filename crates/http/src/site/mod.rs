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
mod joined;
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
    HttpResponse, Resource,
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
    edge::{Surface, nothing_here},
    extract::{on_handle, on_root},
    links::{ACCESS, MOVE, PICTURE, SIGN_IN, STOP_MAILS},
    problem::{Answer, Code, Problem},
    routes::{get, post},
    style,
};

/// Adds the pages. Behind them come the creators' screens, and then [`elsewhere`]. A form to sign in that is not taken is shown again
/// on the page of the host that it is a part of, so that each host has a resource of its own for it.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(style::routes)
        .configure(robots::routes)
        .configure(sign_in::routes)
        .service(web::scope("").guard(fn_guard(on_handle)).configure(handle))
        .configure(root)
        .service(post(get(at(SIGN_IN), sign_in::show), sign_in::ask_alone));
}

fn root(config: &mut web::ServiceConfig) {
    let on = |path: &str| web::resource(path).guard(fn_guard(on_root));
    config
        .service(get(on("/"), home::home))
        .service(post(get(on(SIGN_IN), sign_in::show), again::ask_on_root))
        .service(get(on(ACCESS), access::show))
        .service(post(get(on("/access/sessions"), access::back), access::end_session))
        .service(get(on("/access/receipts/{id}"), receipt::show))
        .service(post(get(on("/access/receipts/{id}/resend"), receipt::back), receipt::resend))
        .service(post(get(on(MOVE), moves::look), moves::confirm));
}

/// Declares the pages that every handle has. Hosts that do not have them answer the same methods of the same paths with what
/// stands after `else`: they are routes there as well, so that a wrong method gets the same answer on every host.
macro_rules! pages_of_handles {
    ($($path:tt { $($method:ident $handler:path),+ } else $nowhere:path;)*) => {
        fn pages_of_handle(config: &mut web::ServiceConfig) {
            $(
                let resource = at($path);
                $(let resource = $method(resource, $handler);)+
                config.service(resource);
            )*
        }

        fn pages_elsewhere(config: &mut web::ServiceConfig) {
            $(
                let resource = at($path);
                $(let resource = $method(resource, $nowhere);)+
                config.service(resource);
            )*
        }
    };
}

pages_of_handles! {
    "/-/group-buys/{name}" { get group_buy::show } else group_buy::nowhere;
    "/-/group-buys/{name}/cancelled" { get group_buy::turned_back } else group_buy::nowhere;
    "/-/group-buys/{name}/interest" { get group_buy::back, post group_buy::express } else group_buy::nowhere;
    "/-/group-buys/{name}/checkout" { get group_buy::back, post group_buy::pay } else group_buy::nowhere;
    "/-/files/{name}" { get files::show } else files::nowhere;
    PICTURE { get storefront::show_picture } else nothing_here;
    "/{name}" { get page::show } else nothing_here;
    "/{name}/checkout" { get checkout::back, post checkout::pay } else checkout::nowhere;
    "/{name}/return" { get checkout::complete_return } else checkout::nowhere;
}

fn handle(config: &mut web::ServiceConfig) {
    config
        .service(get(at("/"), storefront::show))
        .service(post(get(at(SIGN_IN), sign_in::show), again::ask_on_handle))
        .service(post(get(at(STOP_MAILS), no_mails::look), no_mails::press))
        .configure(pages_of_handle);
}

/// Adds the paths of pages that the host does not have.
pub(crate) fn elsewhere(config: &mut web::ServiceConfig) {
    config.service(get(at("/-/stripe/return"), nothing_here)).configure(pages_elsewhere);
}

/// Returns the resource of a path, which may have the form of one of the JSON interface.
fn at(path: &str) -> Resource {
    web::resource(path).guard(fn_guard(is_page))
}

/// Returns whether the path is outside the JSON interface.
fn is_page(context: &GuardContext<'_>) -> bool {
    Surface::of(context.head().uri.path()) == Surface::Site
}

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
