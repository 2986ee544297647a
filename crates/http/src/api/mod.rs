//! The JSON interface. One table holds all routes; the router and the description are both made from
//! it, so that neither can know a route that the other does not.

mod allowlist;
mod connect;
mod creator;
mod downloads;
mod explain;
mod files;
mod grants;
mod group_buys;
mod handles;
mod idempotent;
mod offers;
mod operations;
mod pages;
mod public;
mod refund;
mod reports;
mod revenue;
mod sessions;
mod visitor;
mod webhook;

use actix_web::{
    Handler, HttpResponse, Resource, Responder, Scope,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::StatusCode,
    web,
};
use serde::Serialize;
use tollgate_domain::money::{CurrencyError, Money};
use utoipa::OpenApi;

macro_rules! table {
    ($($path:literal { $($method:ident $module:ident::$handler:ident),+ })*) => {
        /// Adds the routes of the JSON interface.
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
            $(
                let resource = web::resource($path);
                $(let resource = $method(resource, $module::$handler);)+
                let scope = scope.service(resource);
            )*
            scope
        }

        /// What the handlers say of themselves.
        #[derive(OpenApi)]
        #[openapi(paths($($($module::$handler),+),*))]
        pub(crate) struct Description;

        /// Every path with its methods.
        pub(crate) const TABLE: &[(&str, &[&str])] = &[$(($path, &[$(stringify!($method)),+])),*];
    };
}

// The router tries them in this order: what is asked most comes first.
table! {
    "/v2/public/pages/{handle}/{pageSlug}/access-check" { post public::access_check }
    "/v2/visitor/auth/magic-link" { post visitor::magic_link }
    "/v2/visitor/auth/verify" { post visitor::verify }
    "/v2/visitor/auth/logout" { post visitor::logout }
    "/v2/visitor/me" { get visitor::me }
    "/v2/visitor/access" { get visitor::access }
    "/v2/visitor/sessions" { get sessions::sessions }
    "/v2/visitor/sessions/{id}" { delete sessions::end_session }
    "/v2/public/pages/{handle}/{pageSlug}" { get public::page }
    "/v2/public/pages/{handle}/{pageSlug}/checkout" { post public::checkout }
    "/v2/public/files/{handle}/{fileSlug}" { get downloads::download }
    "/v2/public/files/{handle}/{fileSlug}/access-check" { post downloads::check }
    "/v2/creator/auth/register" { post creator::register }
    "/v2/creator/auth/login" { post creator::login }
    "/v2/creator/auth/refresh" { post creator::refresh }
    "/v2/creator/auth/logout" { post creator::logout }
    "/v2/creator/auth/password" { post creator::password }
    "/v2/creator/me" { get creator::me, patch creator::rename }
    "/v2/handles" { post handles::create, get handles::list }
    "/v2/handles/{handle}" { get handles::show, patch handles::change }
    "/v2/handles/{handle}/pages" { post pages::create, get pages::list }
    "/v2/handles/{handle}/pages/{pageSlug}" { get pages::show, patch pages::change, delete pages::remove }
    "/v2/handles/{handle}/pages/{pageSlug}/refund" { post refund::refund }
    "/v2/public/group-buys/{handle}/{groupBuySlug}" { get offers::show }
    "/v2/public/group-buys/{handle}/{groupBuySlug}/interest" { post offers::express }
    "/v2/public/group-buys/{handle}/{groupBuySlug}/my-interest" { get offers::mine, delete offers::withdraw }
    "/v2/public/group-buys/{handle}/{groupBuySlug}/checkout" { post offers::checkout }
    "/v2/handles/{handle}/group-buys" { post group_buys::create, get group_buys::list }
    "/v2/handles/{handle}/group-buys/{groupBuySlug}" { get group_buys::show, patch group_buys::change }
    "/v2/handles/{handle}/group-buys/{groupBuySlug}/activate" { post group_buys::activate }
    "/v2/handles/{handle}/group-buys/{groupBuySlug}/cancel" { post group_buys::cancel }
    "/v2/handles/{handle}/group-buys/{groupBuySlug}/interests" { get group_buys::interests }
    "/v2/handles/{handle}/files" { post files::create, get files::list }
    "/v2/handles/{handle}/files/{fileSlug}" { get files::show, patch files::change, delete files::remove }
    "/v2/handles/{handle}/files/{fileSlug}/allowlist" { get allowlist::allowed }
    "/v2/handles/{handle}/files/{fileSlug}/allowlist/{email}" { put allowlist::allow, delete allowlist::disallow }
    "/v2/handles/{handle}/pages/{pageSlug}/grants" { post grants::give }
    "/v2/handles/{handle}/pages/{pageSlug}/grants/{id}" { delete grants::revoke }
    "/v2/handles/{handle}/purchases" { get reports::purchases }
    "/v2/handles/{handle}/visitors" { get reports::visitors }
    "/v2/handles/{handle}/emails" { get reports::emails }
    "/v2/handles/{handle}/revenue" { get revenue::revenue }
    "/v2/handles/{handle}/explain" { get explain::explain }
    "/v2/handles/{handle}/stripe" { get connect::status }
    "/v2/handles/{handle}/stripe/connect" { post connect::begin }
    "/v2/webhooks/stripe" { post webhook::receive }
    "/healthz" { get operations::healthz }
    "/readyz" { get operations::readyz }
    "/v2/openapi.json" { get operations::description }
}

macro_rules! methods {
    ($($name:ident: $($verb:ident)+;)*) => {$(
        fn $name<F, Args>(resource: Resource, handler: F) -> Resource
        where
            F: Handler<Args>,
            Args: actix_web::FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            resource$(.route(web::$verb().to(handler.clone())))+
        }
    )*};
}

methods! {
    get: get head;
    post: post;
    patch: patch;
    put: put;
    delete: delete;
}

/// An answer in JSON.
fn json(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status).json(body)
}

/// Money on the wire.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Money)]
struct MoneyBody {
    /// Whole minor units: cents for usd, yen for jpy.
    #[schema(example = 1200)]
    #[serde(deserialize_with = "crate::extract::whole")]
    amount: i64,
    #[schema(value_type = crate::openapi::schemas::CurrencyCode)]
    currency: String,
}

impl MoneyBody {
    fn of(money: Money) -> Self {
        Self { amount: money.amount, currency: money.currency.code().to_owned() }
    }

    fn read(&self) -> Result<Money, CurrencyError> {
        Ok(Money::new(self.amount, self.currency.parse()?))
    }
}
