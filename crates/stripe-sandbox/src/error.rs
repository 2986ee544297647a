//! API errors in Stripe's format.

use serde_json::{Map, Value, json};

/// An API error: its HTTP status and the members of Stripe's `error` object.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    param: Option<String>,
    message: String,
    /// Whether execution had started. Stripe stores the answer of a request that was executed under
    /// its idempotency key, but not that of a request that failed validation.
    pub(crate) executed: bool,
}

impl ApiError {
    pub(crate) fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, code: None, param: None, message: message.into(), executed: false }
    }

    /// Creates the error of a request that failed validation.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// Creates the error of a valid request that the current state does not allow.
    pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Self {
        let mut error = Self::invalid(message).code(code);
        error.executed = true;
        error
    }

    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(crate) fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    pub(crate) fn missing(kind: &str, id: &str) -> Self {
        Self::new(404, "invalid_request_error", format!("No such {kind}: '{id}'"))
            .code("resource_missing")
            .param("id")
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "invalid_request_error", "Invalid API Key provided.")
    }

    pub(crate) fn foreign_account(id: &str) -> Self {
        Self::new(
            403,
            "invalid_request_error",
            format!(
                "The provided key does not have access to account '{id}' (or that account does not \
                 exist)."
            ),
        )
        .code("account_invalid")
    }

    pub(crate) fn unknown_route(method: &str, path: &str) -> Self {
        Self::new(
            404,
            "invalid_request_error",
            format!("Unrecognized request URL ({method}: {path})."),
        )
    }

    pub(crate) fn key_in_use() -> Self {
        Self::new(
            409,
            "idempotency_error",
            "There is currently another in-progress request using this Idempotent Key.",
        )
        .code("idempotency_key_in_use")
    }

    pub(crate) fn rate_limited() -> Self {
        Self::new(429, "invalid_request_error", "Request rate limit exceeded.").code("rate_limit")
    }

    pub(crate) fn internal() -> Self {
        Self::new(500, "api_error", "An unknown error occurred.")
    }

    /// Returns the body of the answer.
    pub(crate) fn body(&self) -> Value {
        let mut error = Map::new();
        error.insert("type".to_owned(), json!(self.kind));
        error.insert("message".to_owned(), json!(self.message));
        if let Some(code) = self.code {
            let anchor = code.replace('_', "-");
            error.insert("code".to_owned(), json!(code));
            error.insert(
                "doc_url".to_owned(),
                json!(format!("https://docs.stripe.com/error-codes#{anchor}")),
            );
        }
        if let Some(param) = &self.param {
            error.insert("param".to_owned(), json!(param));
        }
        json!({ "error": error })
    }
}
