//! Why a form to sign in was not taken, kept in a cookie for the page that shows it again. The answer to the form leads there,
//! so that a browser that goes back sends nothing once more.

use actix_web::{HttpResponse, http::header::HeaderMap};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::super::{cookies::REFUSED, go_to};
use crate::{locale::Texts, state::Http};

/// The longest value of the cookie, in bytes. Browsers keep 4,096 bytes of a cookie.
const MAX_BYTES: usize = 2_000;

/// A form that was not taken.
#[derive(Serialize, Deserialize)]
pub(super) enum Refusal {
    /// The form with the code. What was typed is good for nothing, so it is not kept.
    Code(CodeError),
    /// The form with the address.
    Address(BadAddress),
}

/// Why a code was not taken.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum CodeError {
    Empty,
    Invalid,
    Expired,
    Used,
}

/// A form whose address is none.
#[derive(Serialize, Deserialize)]
pub(super) struct BadAddress {
    pub(super) typed: String,
    /// Where the visitor wants to go, as the form said it and not checked.
    pub(super) return_to: String,
    /// Whether the form is a part of the page that the visitor returns to.
    pub(super) is_inline: bool,
}

impl Refusal {
    /// Returns why the code that the browser sent was not taken.
    pub(super) fn of_code(headers: &HeaderMap) -> Option<CodeError> {
        match Self::read(headers)? {
            Self::Code(error) => Some(error),
            Self::Address(_) => None,
        }
    }

    /// Returns the address that the browser sent and that is none.
    pub(super) fn of_address(headers: &HeaderMap) -> Option<BadAddress> {
        match Self::read(headers)? {
            Self::Address(address) => Some(address),
            Self::Code(_) => None,
        }
    }

    fn read(headers: &HeaderMap) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(REFUSED.of(headers)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Leads to the page that shows it; `None` if it does not fit into a cookie.
    pub(super) fn lead_to(&self, http: &Http, address: &str) -> Option<HttpResponse> {
        let value = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).ok()?);
        if value.len() > MAX_BYTES {
            return None;
        }
        let mut answer = go_to(address);
        REFUSED.set(&http.installation, &mut answer, value);
        Some(answer)
    }

    /// Removes what the page has shown, so that it is shown once.
    pub(super) fn forget(
        http: &Http,
        headers: &HeaderMap,
        mut answer: HttpResponse,
    ) -> HttpResponse {
        if REFUSED.of(headers).is_some() {
            REFUSED.clear(&http.installation, &mut answer);
        }
        answer
    }
}

impl CodeError {
    /// Returns the sentence beside the field.
    pub(super) fn told(self, t: Texts) -> String {
        t.get(match self {
            Self::Empty => "code-empty",
            Self::Invalid => "code-invalid",
            Self::Expired => "code-expired",
            Self::Used => "code-used",
        })
    }
}
