//! The creators' console at `app.{PUBLIC_DOMAIN}`: HTML screens over the same use cases as the JSON interface.
//!
//! Every story has a file with its screens and a function `routes`. `who` reads who asks and on which handle,
//! `page` draws the frame around a screen, `form` keeps what was typed with what is wrong about it, and
//! `confirm` asks before steps that cannot be taken back.

mod account;
mod assets;
mod attention;
mod choice;
mod confirm;
mod conflict;
mod digits;
mod errors;
mod files;
mod form;
mod gone;
mod group_buys;
mod handles;
mod joined;
mod kept;
mod last_shop;
mod mail;
mod named;
mod new_handle;
mod page;
mod pages;
mod password_reset;
mod people;
mod price;
mod purchases;
mod revenue;
mod settings;
mod sign_in;
mod sign_up;
mod slugs;
mod start;
mod verify_email;
mod who;

use actix_web::{
    Error,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    guard::{GuardContext, fn_guard},
    http::header::{self, HeaderName, HeaderValue},
    middleware::{Next, from_fn},
    web::{self, ServiceConfig},
};

use self::page::Notice;
use crate::{
    edge::{Surface, nothing_here},
    extract::on_app,
    state::Http,
};

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// Adds the screens. The paths that begin with a fixed segment come first, since every other segment is taken for a handle.
pub(crate) fn routes(config: &mut ServiceConfig) {
    let screens = web::scope("")
        .guard(fn_guard(is_console))
        .wrap(from_fn(frame))
        .configure(sign_in::routes)
        .configure(sign_up::routes)
        .configure(password_reset::routes)
        .configure(verify_email::routes)
        .configure(new_handle::routes)
        .configure(account::routes)
        .configure(handles::routes)
        .configure(settings::routes)
        .configure(people::routes)
        .configure(mail::routes)
        .configure(revenue::routes)
        .configure(purchases::routes)
        .configure(pages::routes)
        .configure(files::routes)
        .configure(group_buys::routes)
        .configure(start::routes)
        .default_service(web::to(nothing_here));
    config.configure(assets::routes).service(screens);
}

/// Returns whether the request is for a screen: a page of the console's host whose path begins with a word of
/// the console or a handle.
fn is_console(context: &GuardContext<'_>) -> bool {
    let path = context.head().uri.path();
    // A hyphen is never a handle: below it are the addresses that all hosts have.
    let is_screen = !path.starts_with("/-/") || path.starts_with("/-/stripe/");
    is_screen && on_app(context) && Surface::of(path) == Surface::Site
}

/// Adds to every answer of the console what all of them have: the policy that allows own scripts, the cookie of the
/// notice, which is set by a redirect and removed by the screen that shows it, and that of the shop.
async fn frame(
    mut req: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let http = req.app_data::<Http>().cloned();
    let mut response = match kept::answer(&mut req).await {
        Some(answer) => req.into_response(answer),
        None => next.call(req).await?,
    };
    if let Some(answer) = gone::answer(&response).await {
        response = response.into_response(answer);
    }
    let Some(http) = http else { return Ok(response) };
    let notice = Notice::cookie_after(&http.installation, &response);
    let shop = last_shop::cookie_after(&http.installation, &response);
    for cookie in notice.into_iter().chain(shop) {
        if response.response_mut().add_cookie(&cookie).is_err() {
            tracing::error!(name = cookie.name(), "a cookie could not be set");
        }
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, http.policy().console());
    headers.insert(ROBOTS, HeaderValue::from_static("noindex"));
    Ok(response)
}
