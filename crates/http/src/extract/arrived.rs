//! When a request arrived.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use tollgate_domain::Timestamp;

use crate::{problem::Problem, state::Http};

/// When a request arrived, before it waited for anything, such as for the store to say who sent it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrived(pub(crate) Timestamp);

impl FromRequest for Arrived {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let noted = req.extensions().get::<Self>().copied();
        ready(noted.map_or_else(|| Ok(Self(Http::of(req)?.clock.now())), Ok))
    }
}
