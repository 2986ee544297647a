//! API errors in Stripe's format.

use serde_json::{Map, Value, json};

/// An API error: its HTTP status and the members of Stripe's `error` object.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    /// A code that Stripe sends for some errors that have no `code`.
    message_code: Option<&'static str>,
    param: Option<String>,
    message: String,
    /// Whether execution had started. Stripe stores the answer of a request that was executed under
    /// its idempotency key, but not that of a request that failed validation.
    pub(crate) executed: bool,
}

impl ApiError {
    pub(crate) fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code: None,
            message_code: None,
            param: None,
            message: message.into(),
            executed: false,
        }
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
                 exist). Application access may have been revoked."
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

    /// Creates the refusal of a refund that the account's balance does not cover. Stripe's has no code.
    pub(crate) fn insufficient_balance() -> Self {
        let mut error =
            Self::invalid("Insufficient funds in your Stripe balance to refund this amount.");
        error.message_code = Some("insufficient_balance_for_refund");
        error.executed = true;
        error
    }

    /// Creates the refusal of a charge on an account that may not make any. Stripe's has no code.
    pub(crate) fn restricted() -> Self {
        let mut error = Self::invalid(
            "This Connect account cannot currently make live charges. The \
             `requirements.disabled_reason` property on the account will provide information about \
             why this account is currently disabled.",
        );
        error.executed = true;
        error
    }

    /// Creates a failure after execution had started, which Stripe keeps.
    pub(crate) fn kept() -> Self {
        Self { executed: true, ..Self::internal() }
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
        if let Some(code) = self.message_code {
            error.insert("message_code".to_owned(), json!(code));
        }
        if let Some(param) = &self.param {
            error.insert("param".to_owned(), json!(param));
        }
        json!({ "error": error })
    }
}
