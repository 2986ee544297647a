//! What a browser asked for, kept in a cookie: the page with the field for the code can be reloaded, and the
//! address is in no URL.

use actix_web::{HttpResponse, http::header::HeaderMap};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use tollgate_domain::{Timestamp, email::Email, token::Token};

use super::{
    super::{cookies::ASKED, go_to, visit::Visit},
    kept::RETURN_TO,
};
use crate::{links::CODE, problem::Problem, query::with_query, state::Http};

/// A mail that was asked for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Asked {
    /// The address that was typed; `None` for the address of a link that had expired, which the browser does not know.
    pub(super) email: Option<Email>,
    /// Where the visitor wants to go, as the form said it and not checked.
    pub(super) return_to: String,
    pub(super) at: Timestamp,
    /// Shows that the link was asked for by this browser.
    pub(super) secret: String,
}

/// How long what was asked for is of interest, in seconds.
const MAX_AGE_SECONDS: i64 = 1_800;
/// How long to wait before another mail is offered, since the first one takes its time.
const PATIENCE_SECONDS: i64 = 30;

impl Asked {
    /// Creates what the browser asks for now. A secret that it has is kept.
    pub(super) fn new(
        http: &Http,
        headers: &HeaderMap,
        email: Option<Email>,
        return_to: &str,
    ) -> Self {
        let before = Self::read(http, headers).map(|asked| asked.secret);
        let secret = before.unwrap_or_else(|| Token::new(&*http.random).reveal());
        Self { email, return_to: return_to.to_owned(), at: http.clock.now(), secret }
    }

    /// Returns what the browser asked for, unless it was too long ago.
    pub(super) fn read(http: &Http, headers: &HeaderMap) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(ASKED.of(headers)?).ok()?;
        let asked: Self = serde_json::from_slice(&bytes).ok()?;
        (asked.age(http) < MAX_AGE_SECONDS && asked.token().is_some()).then_some(asked)
    }

    /// Leads to the page that takes the code, which finds there what the browser asked for. One that keeps no cookies finds in the
    /// address where its visitor was going.
    pub(super) fn to_code(&self, visit: &Visit) -> HttpResponse {
        let place = visit.own_path(&self.return_to).unwrap_or_default();
        let mut response = go_to(&with_query(CODE, &[(RETURN_TO, place)]));
        // A struct of texts and an instant always serialises.
        let json = serde_json::to_vec(self).unwrap_or_default();
        ASKED.set(&visit.http.installation, &mut response, URL_SAFE_NO_PAD.encode(json));
        response
    }

    /// Returns the address that the mail went to, if one was sent.
    pub(super) async fn address(&self, http: &Http) -> Result<Option<Email>, Problem> {
        match (&self.email, self.token()) {
            (Some(email), _) => Ok(Some(email.clone())),
            (None, Some(secret)) => {
                Ok(http.use_cases.sign_in.address_asked_by(secret.hash()).await?)
            }
            (None, None) => Ok(None),
        }
    }

    pub(super) fn token(&self) -> Option<Token> {
        self.secret.parse().ok()
    }

    /// Returns how long to wait for the mail before asking for another one; `None` once that is over.
    pub(super) fn wait(&self, http: &Http) -> Option<u64> {
        let rest = u64::try_from(PATIENCE_SECONDS.saturating_sub(self.age(http))).ok()?;
        (rest > 0).then_some(rest)
    }

    /// Returns for how many minutes the mail is still good, rounded up; `None` once it is not.
    pub(super) fn minutes_left(&self, http: &Http) -> Option<u64> {
        let lifetime = http.use_cases.sign_in.link_seconds();
        let rest = u64::try_from(lifetime.saturating_sub(self.age(http))).ok()?;
        Some(rest.div_ceil(60)).filter(|minutes| *minutes > 0)
    }

    fn age(&self, http: &Http) -> i64 {
        http.clock.now().as_second().saturating_sub(self.at.as_second()).max(0)
    }
}
