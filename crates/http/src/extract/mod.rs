//! Reading requests.

mod body;
mod client;
mod cookie;
mod form;
mod host;
mod paging;
mod path;
mod query;
mod range;
mod upload;
mod who;
mod whole;

pub(crate) use body::{JsonBody, Object, receive};
pub(crate) use client::Client;
pub use client::{Network, NetworkError, TrustedProxies};
pub(crate) use cookie::{VisitorCookie, carries_session, cleared_cookie, session_cookie};
pub(crate) use form::Form;
pub(crate) use host::Host;
pub(crate) use paging::{ListBody, Paging};
pub(crate) use path::{FilePath, GroupBuyPath, HandlePath, PagePath, PlacePath};
pub(crate) use query::Query;
pub(crate) use range::RangeOutcome;
pub(crate) use upload::{Upload, UploadBody};
pub(crate) use who::{OptionalCreator, SignedCreator, SignedVisitor};
pub(crate) use whole::{whole, whole_or_null};
