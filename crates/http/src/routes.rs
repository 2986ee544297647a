//! The table of routes that each folder of the JSON interface has. The router and the description are
//! both made from it, so that neither can have a route that the other lacks.

use actix_web::{
    FromRequest, Handler, Resource, Responder,
    web::{self, ServiceConfig},
};
use utoipa::openapi::OpenApi;

/// The routes of one kind of caller.
pub(crate) struct Table {
    /// Adds the routes to the router, in the order of the table.
    pub(crate) add: fn(&mut ServiceConfig),
    /// Returns what the handlers say of themselves.
    pub(crate) describe: fn() -> OpenApi,
    /// Each path with its methods, in lower case.
    pub(crate) paths: &'static [(&'static str, &'static [&'static str])],
}

/// Declares the `TABLE` of a module: paths, each a literal or the name of a constant, with their methods and handlers. The
/// router tries them in this order.
macro_rules! routes {
    ($($path:tt { $($method:ident $($part:ident)::+),+ })*) => {
        fn add(config: &mut actix_web::web::ServiceConfig) {
            $(
                let resource = actix_web::web::resource($path);
                $(let resource = $crate::routes::$method(resource, $($part)::+);)+
                config.service(resource);
            )*
        }

        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($($($part)::+),+),*))]
        struct Handlers;

        pub(crate) const TABLE: $crate::routes::Table = $crate::routes::Table {
            add,
            describe: <Handlers as utoipa::OpenApi>::openapi,
            paths: &[$(($path, &[$(stringify!($method)),+])),*],
        };
    };
}
pub(crate) use routes;

macro_rules! methods {
    ($($name:ident: $($verb:ident)+;)*) => {$(
        pub(crate) fn $name<F, Args>(resource: Resource, handler: F) -> Resource
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
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

/// Returns a screen: GET shows it.
pub(crate) fn screen<F, Args>(path: &str, show: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    get(web::resource(path), show)
}

/// Returns a screen with a form: POST takes it.
pub(crate) fn form<F, Args, G, Sent>(path: &str, show: F, take: G) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
    G: Handler<Sent>,
    Sent: FromRequest + 'static,
    G::Output: Responder + 'static,
{
    post(screen(path, show), take)
}
