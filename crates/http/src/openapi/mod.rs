//! The description of the JSON interface, made from the handlers.
//!
//! A handler says what is its own: summary, parameters, types, and the codes it may refuse with. What
//! follows from that is added here once for all ([`finish`]): the refusals that come with a body, a
//! session or a key, an answer for each status with an example for each code, and an example of each
//! body, put together from the examples of its fields ([`examples`]). The tests below say what is
//! missing.

mod examples;
mod finish;
mod problems;
#[cfg(test)]
mod tests;
pub(crate) mod words;

use std::sync::LazyLock;

use serde_json::Value;
use utoipa::{IntoParams, OpenApi};

use crate::api::Description;

pub(crate) use problems::describe;

/// Declares the problems of operations: a type that `responses(…)` takes.
macro_rules! refusals {
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
pub(crate) use refusals;

/// The part of a list that is wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described; extract::Paging reads it")]
pub(crate) struct ListQuery {
    /// How many rows.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 50, example = 20)]
    limit: Option<u32>,
    /// `nextCursor` of the part before.
    #[param(
        nullable = false,
        pattern = "^[0-9]{1,17}\\.[A-Za-z0-9_]{1,64}$",
        example = "1772357400000000.pag_01j9z3k5v7w8x9y0z1a2b3c4d5"
    )]
    cursor: Option<String>,
}

/// A handle in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described; extract::HandlePath reads it")]
pub(crate) struct HandleParams {
    /// The handle.
    #[param(value_type = words::HandleName, example = "ada")]
    handle: String,
}

/// A page in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described; extract::PagePath reads it")]
pub(crate) struct PageParams {
    /// The handle.
    #[param(value_type = words::HandleName, example = "ada")]
    handle: String,
    /// The page.
    #[param(rename = "pageSlug", value_type = words::Slug, example = "guide")]
    page_slug: String,
}

/// A group buy in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described; extract::GroupBuyPath reads it")]
pub(crate) struct GroupBuyParams {
    /// The handle.
    #[param(value_type = words::HandleName, example = "ada")]
    handle: String,
    /// The group buy.
    #[param(rename = "groupBuySlug", value_type = words::Slug, example = "together")]
    group_buy_slug: String,
}

/// The key of a request that may be sent twice.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described; api::idempotent reads it")]
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

/// The OpenAPI 3.1 description of the JSON interface.
pub fn openapi() -> &'static Value {
    static FINISHED: LazyLock<Value> =
        LazyLock::new(|| finish::finish(Description::openapi(), &mut Vec::new()));
    &FINISHED
}
