//! Reading requests.

/// Implements `FromRequest` for a part of a request that can always be read, from `|request, payload| value`.
macro_rules! extractor {
    ($name:ident, |$req:ident, $payload:pat_param| $value:expr) => {
        impl actix_web::FromRequest for $name {
            type Error = std::convert::Infallible;
            type Future = std::future::Ready<Result<Self, Self::Error>>;

            fn from_request(
                $req: &actix_web::HttpRequest,
                $payload: &mut actix_web::dev::Payload,
            ) -> Self::Future {
                std::future::ready(Ok($value))
            }
        }
    };
}

mod accept;
mod arrived;
mod body;
mod client;
mod console;
mod cookie;
mod device;
mod draft;
mod form;
mod from_frontend;
mod header;
mod host;
mod if_match;
mod paging;
mod path;
mod query;
mod range;
mod seen;
mod source;
mod upload;
mod who;

pub(crate) use accept::prefers_html;
pub(crate) use arrived::Arrived;
#[cfg(feature = "fuzzing")]
pub(crate) use body::parsed_json;
pub(crate) use body::{Incoming, JsonBody, Object, essence, nullable};
pub(crate) use client::{Asking, Client};
pub(crate) use console::{
    ConsoleCookie, ConsoleCreator, ConsoleRefusal, OptionalConsoleCreator, carries_console_session,
    cleared_console_cookie, console_cookie,
};
pub(crate) use cookie::{
    PresentedSessions, VisitorCookie, add_cookies, carries_session, cleared_cookies, end_ambiguity,
    only_cookie, plain_cookie, session_cookie,
};
pub(crate) use device::device;
pub(crate) use draft::{Draft, merged};
pub(crate) use form::{Fields, Form, MAX_LIST_BYTES};
pub(crate) use from_frontend::FromFrontend;
pub(crate) use header::only;
pub(crate) use host::{HandleHost, Host, named_host, on_app, on_handle, on_root, plain};
pub(crate) use if_match::IfMatch;
pub(crate) use paging::{ListBody, Paging};
pub(crate) use path::{
    FilePath, GroupBuyPath, HandlePath, PagePath, PersonPath, PlacePath, part, plain_part,
};
pub(crate) use query::{Query, address};
pub(crate) use range::RangeOutcome;
pub(crate) use seen::{ForeignOrigin, recording};
pub(crate) use upload::{Upload, UploadBody, UploadLimits};
pub(crate) use who::{OptionalCreator, Own, SignedCreator, SignedVisitor, Viewer};
