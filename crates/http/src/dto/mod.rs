//! Bodies and parts of bodies that several kinds of callers share.

mod enums;
mod money;
mod session;
mod whole;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde::{Deserialize, Serialize};
use tollgate_domain::version::Version;

pub(crate) use self::{
    enums::{AccessMode, AccessStatus, FileReason, GrantType, ResourceType},
    money::MoneyBody,
    session::session_body,
    whole::{Whole, whole},
};
pub(crate) use crate::text_enum::{TextEnum, text_enum};

pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status).json(body)
}

/// Returns the `ETag` of a version.
pub(crate) fn entity_tag(version: &Version) -> String {
    format!("\"{version}\"")
}

/// Returns the answer of [`json`] with the version of what it is about.
pub(crate) fn versioned(
    status: StatusCode,
    version: &Version,
    body: &impl Serialize,
) -> HttpResponse {
    HttpResponse::build(status).insert_header((header::ETAG, entity_tag(version))).json(body)
}

/// The body of calls that say nothing: an empty object, or no body at all.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmptyBody {}

/// The answer to calls that have a mail sent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MailAccepted)]
pub(crate) struct MailAcceptedBody {
    /// Always `accepted`.
    #[schema(example = "accepted")]
    status: &'static str,
}

impl MailAcceptedBody {
    pub(crate) const ANSWER: Self = Self { status: "accepted" };
}
