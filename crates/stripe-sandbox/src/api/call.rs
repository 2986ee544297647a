//! A request to the API and what every call takes from it.

use actix_web::HttpRequest;
use actix_web::web::Bytes;

use crate::error::ApiError;
use crate::model::Owner;
use crate::params::Fields;
use crate::render::Expand;
use crate::state::Cause;

/// A parsed request to the API.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) owner: Owner,
    /// The body of a POST, or the query of a GET.
    pub(crate) encoded: String,
    pub(crate) cause: Cause,
}

/// Returns the value of a header, if it is text.
pub(super) fn header(request: &HttpRequest, name: &str) -> Option<String> {
    let value = request.headers().get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

/// Reads a request.
pub(super) fn parse(
    request: &HttpRequest,
    body: Result<Bytes, actix_web::Error>,
    request_id: String,
) -> Result<Call, ApiError> {
    let body = body.map_err(|_| ApiError::invalid("The request body could not be read."))?;
    let body = String::from_utf8(body.to_vec())
        .map_err(|_| ApiError::invalid("The request body is not UTF-8."))?;
    let method = request.method().as_str().to_owned();
    Ok(Call {
        encoded: if method == "GET" { request.query_string().to_owned() } else { body },
        method,
        path: request.path().to_owned(),
        owner: header(request, "Stripe-Account"),
        cause: Cause {
            request: Some(request_id),
            idempotency_key: header(request, "Idempotency-Key"),
        },
    })
}

/// Takes the `expand` parameter of a call that returns an object of this kind.
pub(super) fn expand(object: &str, fields: &mut Fields) -> Result<Expand, ApiError> {
    Expand::parse(object, fields.list_of_text("expand")?)
}

/// Takes the `expand` parameter of a call that returns a list of objects of this kind.
pub(super) fn expand_listed(object: &str, fields: &mut Fields) -> Result<Expand, ApiError> {
    let paths = fields.list_of_text("expand")?;
    let within = paths.iter().map(|path| {
        path.strip_prefix("data.").map(str::to_owned).ok_or_else(|| {
            ApiError::invalid(format!("This property cannot be expanded ({path}).")).param("expand")
        })
    });
    Expand::parse(object, within.collect::<Result<_, _>>()?)
}
