//! The pages that people see: rendered here, readable without scripts, each with one way on.

mod access;
mod checkout;
mod front;
mod group_buy;
mod sign_in;
mod stripe;
pub(crate) mod style;

use actix_web::{
    HttpResponse, Scope,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    guard::{GuardContext, fn_guard},
    http::{
        StatusCode,
        header::{self, ContentType},
    },
    web,
};
use askama::Template;

use crate::{
    edge::Surface,
    problem::{Answer, Code, Problem},
};

/// Adds the pages.
pub(crate) fn routes<T>(scope: Scope<T>) -> Scope<T>
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse,
            Error = actix_web::Error,
            InitError = (),
        >,
{
    scope
        .service(
            web::resource("/-/style.css")
                .route(web::get().to(style::style))
                .route(web::head().to(style::style)),
        )
        .service(
            web::resource("/-/icon.svg")
                .route(web::get().to(style::icon))
                .route(web::head().to(style::icon)),
        )
        .service(
            web::resource("/-/verify")
                .route(web::get().to(sign_in::look))
                .route(web::head().to(sign_in::look))
                .route(web::post().to(sign_in::redeem_link)),
        )
        .service(web::resource("/-/sign-in").route(web::post().to(sign_in::ask)))
        .service(web::resource("/-/code").route(web::post().to(sign_in::redeem_code)))
        .service(web::resource("/-/sign-out").route(web::post().to(sign_in::sign_out)))
        .service(
            web::resource("/-/stripe/return")
                .route(web::get().to(stripe::come_back))
                .route(web::head().to(stripe::come_back)),
        )
        .service(
            web::resource("/-/group-buys/{name}")
                .route(web::get().to(group_buy::show))
                .route(web::head().to(group_buy::show)),
        )
        .service(
            web::resource("/-/group-buys/{name}/interest")
                .route(web::post().to(group_buy::express)),
        )
        .service(
            web::resource("/-/group-buys/{name}/checkout").route(web::post().to(group_buy::pay)),
        )
        .service(
            web::resource("/")
                .route(web::get().to(front::start))
                .route(web::head().to(front::start)),
        )
        .service(
            web::resource("/{name}")
                .guard(fn_guard(is_page))
                .route(web::get().to(front::named))
                .route(web::head().to(front::named)),
        )
        .service(
            web::resource("/{name}/checkout")
                .guard(fn_guard(is_page))
                .route(web::post().to(checkout::pay)),
        )
        .service(
            web::resource("/{name}/return")
                .guard(fn_guard(is_page))
                .route(web::get().to(checkout::come_back))
                .route(web::head().to(checkout::come_back)),
        )
}

/// Whether the address is not one of the JSON interface, whose part no page can take.
fn is_page(context: &GuardContext<'_>) -> bool {
    Surface::of(context.head().uri.path()) == Surface::Site
}

/// A page.
fn page(status: StatusCode, template: &impl Template) -> Answer {
    let text = template.render().map_err(|error| {
        tracing::error!(%error, "a page could not be rendered");
        Problem::new(Code::InternalError)
    })?;
    Ok(HttpResponse::build(status).content_type(ContentType::html()).body(text))
}

/// Sends the browser on, by GET.
fn go_to(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'static str,
    text: &'a str,
    request_id: &'a str,
}

/// The page that tells of a problem.
pub(crate) fn problem_page(problem: &Problem, request_id: &str) -> String {
    let text = match problem.code() {
        Code::RateLimited => "That was a bit much at once. Wait a moment, then try again.",
        Code::Unavailable => "We cannot answer right now. Please try again in a moment.",
        Code::PaymentProviderError => {
            "The payment page could not be opened. You have not been charged; please try again."
        }
        Code::ConnectNotConfigured => {
            "The creator cannot take payments yet, so this page cannot be bought at the moment."
        }
        Code::CrossSiteRequest => "Please open the page here and use its own form.",
        _ => problem.detail(),
    };
    let page = ProblemPage { title: problem.code().title(), text, request_id };
    page.render().unwrap_or_else(|_| problem.code().title().to_owned())
}
