//! The description of the JSON interface, made from the handlers.
//!
//! A handler has its own part: summary, parameters, types, and the codes it may refuse with. What follows
//! from that is added here for all of them ([`finish`]): the refusals that come with a body, a
//! session or a key, an answer for each status with an example for each code, and an example of each
//! body, put together from the examples of its fields ([`examples`]). The tests of `description` say
//! what is missing.

mod examples;
mod finish;
mod headers;
mod problems;
pub(crate) mod schemas;

use serde_json::Value;
use utoipa::IntoParams;

pub(crate) use finish::finish;
pub(crate) use problems::describe;

pub(crate) struct Description {
    /// The OpenAPI 3.1 document.
    pub(crate) document: Value,
    /// The path and the method of each operation, in the order of the router.
    pub(crate) operations: Vec<(&'static str, &'static str)>,
}

/// Returns the finished description. It is made at the first call and is the application's data, so that
/// handlers can show it without knowing all others.
pub(crate) struct Describe(pub(crate) fn() -> &'static Description);

/// Declares the problems of operations that follow from what they do: a type that `responses(…)` takes. Those
/// that follow from a body, a session, a key or a list are added by [`finish`].
macro_rules! problem_responses {
    ($($name:ident: $($code:ident)*;)*) => {$(
        pub(crate) struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<
                String,
                utoipa::openapi::RefOr<utoipa::openapi::Response>,
            > {
                $crate::openapi::describe(&[$($crate::problem::Code::$code),*])
            }
        }
    )*};
}
pub(crate) use problem_responses;

problem_responses! {
    CommonProblems: ;
}

/// The part of a list that is wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described; extract::Paging reads it")]
pub(crate) struct ListQuery {
    /// How many rows.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 50, example = 20)]
    limit: Option<u32>,
    /// `nextCursor` of the part before; those of other lists are refused.
    #[param(
        nullable = false,
        pattern = "^[0-9]{1,17}\\.[A-Za-z0-9_]{1,64}\\.[0-9a-f]{8}$",
        example = "1772357400000000.pag_01j9z3k5v7w8x9y0z1a2b3c4d5.5f3a09c1"
    )]
    cursor: Option<String>,
}

/// A handle in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described; extract::HandlePath reads it")]
pub(crate) struct HandleParams {
    /// The handle.
    #[param(value_type = schemas::HandleName, example = "ada")]
    handle: String,
}

/// A page in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described; extract::PagePath reads it")]
pub(crate) struct PageParams {
    /// The handle.
    #[param(value_type = schemas::HandleName, example = "ada")]
    handle: String,
    /// The page.
    #[param(rename = "pageSlug", value_type = schemas::Slug, example = "guide")]
    page_slug: String,
}

/// A group buy in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described; extract::GroupBuyPath reads it")]
pub(crate) struct GroupBuyParams {
    /// The handle.
    #[param(value_type = schemas::HandleName, example = "ada")]
    handle: String,
    /// The group buy.
    #[param(rename = "groupBuySlug", value_type = schemas::Slug, example = "together")]
    group_buy_slug: String,
}

/// A file in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described; extract::FilePath reads it")]
pub(crate) struct FileParams {
    /// The handle.
    #[param(value_type = schemas::HandleName, example = "ada")]
    handle: String,
    /// The file.
    #[param(rename = "fileSlug", value_type = schemas::Slug, example = "workbook")]
    file_slug: String,
}

/// An address in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described; extract::PlacePath and PersonPath read it")]
pub(crate) struct EmailParam {
    /// The address, with escapes where a path needs them.
    #[param(value_type = schemas::EmailAddress, example = "reader@example.com")]
    email: String,
}

/// Which part of a file is wanted, and what the client has of it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described; extract::RangeOutcome reads it")]
pub(crate) struct RangeHeaders {
    /// One range of bytes; several are answered with the whole file.
    #[param(rename = "Range", nullable = false, example = "bytes=0-1023")]
    range: Option<String>,
    /// Nothing is sent (412) unless one of these tags is the file's. `*` matches any file; a weak tag, with a `W/`, matches none.
    #[param(rename = "If-Match", nullable = false, example = "\"5891b5b522d5df08\"")]
    if_match: Option<String>,
    /// Nothing is sent if one of these tags is the file's.
    #[param(rename = "If-None-Match", nullable = false, example = "\"5891b5b522d5df08\"")]
    if_none_match: Option<String>,
    /// The range counts only if this tag is the file's.
    #[param(rename = "If-Range", nullable = false, example = "\"5891b5b522d5df08\"")]
    if_range: Option<String>,
}

/// The version that a change is based on.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described; extract::IfMatch reads it")]
pub(crate) struct VersionHeader {
    /// The `ETag` of what is changed, ended or deleted; several with commas between them, or `*` for any.
    #[param(rename = "If-Match", nullable = false, example = "\"1772357400000000\"")]
    if_match: Option<String>,
}

/// The key of a request that may be sent twice.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described; idempotent reads it")]
pub(crate) struct IdempotencyHeader {
    /// The same key and request give the same answer; 1 to 255 printable characters.
    #[param(
        rename = "Idempotency-Key",
        nullable = false,
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]([ -~]*[!-~])?$",
        example = "order-7421"
    )]
    key: Option<String>,
}
