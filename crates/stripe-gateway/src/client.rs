//! The HTTP client: pooled connections, and retries with the same idempotency key.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use metrics::{counter, histogram};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Response, StatusCode, redirect};
use secrecy::ExposeSecret;
use stripe_client_core::{
    CustomizedStripeRequest, IdempotencyKey, RequestStrategy, StripeClient, StripeMethod,
};
use tokio::time::{Instant, sleep};
use tollgate_outbound::{self as outbound, innermost_cause};
use tracing::{Instrument, Span, field};

use crate::{
    config::{StripeConfig, StripeConfigError},
    failure::{self, CallError},
    pace::Pace,
};

/// The version of Stripe's API that is asked for: that of the contract which tests hold requests and answers against. The
/// builders of requests are made for an earlier one of the same release, whose versions only add to each other.
pub(crate) const API_VERSION: &str = "2026-10-28.endive";

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const STRIPE_ACCOUNT: HeaderName = HeaderName::from_static("stripe-account");
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// The limit of an answer, in bytes. Most have a few kilobytes, a charge with a hundred refunds has
/// a few hundred.
const MAX_ANSWER: usize = 4 * 1024 * 1024;
/// The longest pause before the second try. It doubles for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// A try is not started if less time than this is left.
const MIN_TRY: Duration = Duration::from_millis(500);
/// The longest pause that Stripe can ask for within a call. A call that has to wait longer fails and is made again later.
const MAX_ASKED_PAUSE: Duration = Duration::from_secs(5);
/// The pause after an answer that the limit of requests is reached and that names none. Within a call, tries are spread as after
/// other failures.
const UNNAMED_PAUSE: Duration = Duration::from_secs(5);

/// Sends requests that the async-stripe crates build.
pub(crate) struct ApiClient {
    http: Client,
    /// The URL of the API with its version: `https://api.stripe.com/v1`.
    root: String,
    request_timeout: Duration,
    total_timeout: Duration,
    total_read_timeout: Duration,
    tries: u32,
    pace: Pace,
}

/// A request that can be sent several times.
struct Call {
    method: Method,
    /// The account that the request is about; empty for the platform's own.
    account: String,
    /// The path without the query, for the log. Its ids are not secret.
    path: String,
    url: String,
    headers: HeaderMap,
    body: String,
}

/// The failure of a try.
enum AttemptError {
    /// The same request may succeed later, after the pause that Stripe asks for, if it does.
    Transient(CallError, Option<Duration>),
    /// The same request is being carried out, so that its answer can be had later.
    InUse(CallError),
    /// The same request would fail again.
    Permanent(CallError),
}

impl ApiClient {
    pub(crate) fn new(config: &StripeConfig) -> Result<Self, StripeConfigError> {
        config.check()?;
        let mut key =
            HeaderValue::try_from(format!("Bearer {}", config.secret_key.expose_secret()))
                .map_err(|_| StripeConfigError::SecretKey)?;
        key.set_sensitive(true);
        let version = HeaderValue::from_static(API_VERSION);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, key), (STRIPE_VERSION, version)]);
        let mut http = Client::builder()
            .user_agent(concat!("tollgate/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .tls_backend_preconfigured(tls(&config.authorities)?)
            // The key must not be sent to another server.
            .redirect(redirect::Policy::none())
            .connect_timeout(config.connect_timeout)
            // Detects a dead connection, so that the next try opens a new one.
            .http2_keep_alive_interval(Duration::from_secs(5))
            .http2_keep_alive_timeout(Duration::from_secs(4))
            .pool_idle_timeout(Duration::from_mins(1));
        if config.is_local() {
            http = http.no_proxy();
        }
        let http =
            http.build().map_err(|error| StripeConfigError::Client(innermost_cause(&error)))?;
        Ok(Self {
            http,
            root: format!("{}/v1", config.base_url.as_str().trim_end_matches('/')),
            request_timeout: config.request_timeout,
            total_timeout: config.total_timeout,
            total_read_timeout: config.total_read_timeout,
            tries: config.tries.max(1),
            pace: Pace::new(config.reads_per_second),
        })
    }

    /// Reads what is at a path, without retries.
    pub(crate) async fn get_once(&self, path: &str) -> reqwest::Result<Response> {
        let url = format!("{}/{path}", self.root);
        self.http.get(url).timeout(self.request_timeout).send().await
    }

    fn prepare(&self, request: CustomizedStripeRequest) -> Result<Call, CallError> {
        let (request, custom) = request.into_pieces();
        let mut headers = HeaderMap::new();
        let mut account = String::new();
        if let Some(named) = &custom.account_id {
            account.push_str(named.as_str());
            let named = HeaderValue::from_str(named.as_str());
            headers.insert(STRIPE_ACCOUNT, named.map_err(|_| CallError::no_such_id())?);
        }
        if let Some(key) = custom.request_strategy.as_ref().and_then(RequestStrategy::get_key) {
            let key = HeaderValue::from_str(key.as_str());
            headers.insert(IDEMPOTENCY_KEY, key.map_err(|_| CallError::bad_key())?);
        }
        let method = match request.method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        if method == Method::POST {
            headers.insert(CONTENT_TYPE, FORM);
        }
        let mut url = format!("{}{}", self.root, request.path);
        if let Some(query) = request.query.filter(|query| !query.is_empty()) {
            url.push('?');
            url.push_str(&query);
        }
        // Metadata come in any order, and requests with one key have to be the same.
        let body = request.body.unwrap_or_default();
        let mut parameters: Vec<_> = body.split('&').collect();
        parameters.sort_unstable();
        let body = parameters.join("&");
        Ok(Call { method, account, path: request.path, url, headers, body })
    }

    /// Waits until the account may be read again: at once, unless much of it is read.
    async fn keep_pace(&self, call: &Call, deadline: Instant) -> Result<(), CallError> {
        if call.method != Method::GET {
            return Ok(());
        }
        let now = Instant::now();
        let most = deadline.saturating_duration_since(now + MIN_TRY);
        let Some(wait) = self.pace.take(&call.account, now, most) else {
            let reason = "too much of the account is read at once".to_owned();
            return Err(CallError::Busy { reason, retry_after_seconds: MAX_ASKED_PAUSE.as_secs() });
        };
        if !wait.is_zero() {
            sleep(wait).await;
        }
        Ok(())
    }

    /// Sends the request once. Fails after `timeout`.
    async fn attempt(&self, call: &Call, timeout: Duration) -> Result<Bytes, AttemptError> {
        let request = self
            .http
            .request(call.method.clone(), &call.url)
            .headers(call.headers.clone())
            .timeout(timeout);
        let request =
            if call.method == Method::POST { request.body(call.body.clone()) } else { request };
        let response = request.send().await.map_err(|error| lost(&error))?;
        let status = response.status();
        let request_id = text(&response, "request-id");
        let should_retry = match text(&response, "stripe-should-retry").as_deref() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            // The answer is kept under the idempotency key and would be the same again.
            _ if text(&response, "idempotent-replayed").as_deref() == Some("true") => Some(false),
            _ => None,
        };
        let asked_pause = asked_pause(&response);
        let body = read(response).await?;
        if status.is_success() {
            return Ok(body);
        }
        let is_limited = status == StatusCode::TOO_MANY_REQUESTS;
        let pause = asked_pause.or_else(|| is_limited.then_some(UNNAMED_PAUSE));
        let error = failure::read(status, request_id.as_deref(), &body).with_pause(pause);
        if !should_retry.unwrap_or_else(|| failure::is_transient(status)) {
            return Err(AttemptError::Permanent(error));
        }
        let error = match error {
            CallError::Refused { message, .. } => CallError::Unavailable(message),
            error => error,
        };
        Err(if status == StatusCode::CONFLICT {
            AttemptError::InUse(error)
        } else {
            AttemptError::Transient(error, asked_pause)
        })
    }
}

impl StripeClient for ApiClient {
    type Err = CallError;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, CallError> {
        let call = self.prepare(request)?;
        let total = match call.method {
            Method::GET => self.total_read_timeout,
            _ => self.total_timeout,
        };
        let deadline = Instant::now() + total;
        let mut tried = 0;
        let mut is_one_lost = false;
        loop {
            self.keep_pace(&call, deadline).await?;
            let started = Instant::now();
            let left = deadline.saturating_duration_since(Instant::now());
            let attempt = self.attempt(&call, left.min(self.request_timeout));
            let attempt = attempt.instrument(span_of(&call)).await;
            count(&call, &attempt, started.elapsed());
            let (error, asked_pause) = match attempt {
                Ok(body) => return Ok(body),
                Err(AttemptError::Permanent(error)) => return Err(error),
                Err(AttemptError::InUse(error)) => (error, None),
                Err(AttemptError::Transient(error, asked_pause)) => {
                    tried += 1;
                    (error, asked_pause)
                }
            };
            is_one_lost |= matches!(error, CallError::Unavailable(_) | CallError::Busy { .. });
            // An earlier try without an answer may still be carried out.
            let error = match error {
                CallError::Failed(message) if is_one_lost => CallError::Unavailable(message),
                error => error,
            };
            let pause = pause_after(tried.max(1)).max(asked_pause.unwrap_or_default());
            let is_too_long = asked_pause.is_some_and(|asked| asked > MAX_ASKED_PAUSE);
            if is_too_long || tried >= self.tries || Instant::now() + pause + MIN_TRY > deadline {
                return Err(error);
            }
            let (method, path) = (&call.method, &call.path);
            tracing::warn!(%method, path, tried, ?error, "retrying a call to Stripe");
            sleep(pause).await;
        }
    }
}

/// Returns the span of a try in a trace.
fn span_of(call: &Call) -> Span {
    let span = tracing::trace_span!(
        target: "tollgate::trace",
        "stripe",
        otel.kind = "client",
        otel.name = field::Empty
    );
    if !span.is_disabled() {
        span.record("otel.name", format!("Stripe {} {}", call.method, resource(&call.path)));
    }
    span
}

/// Counts a try, by what it was about and how it ended.
fn count(call: &Call, attempt: &Result<Bytes, AttemptError>, took: Duration) {
    let outcome = match attempt {
        Ok(_) => "success",
        Err(AttemptError::Permanent(_)) => "refused",
        Err(AttemptError::InUse(_)) => "in_use",
        Err(AttemptError::Transient(..)) => "unavailable",
    };
    let resource = resource(&call.path);
    let labels = [("resource", resource.clone()), ("outcome", outcome.to_owned())];
    counter!("tollgate_stripe_requests_total", &labels).increment(1);
    histogram!("tollgate_stripe_request_duration_seconds", "resource" => resource).record(took);
}

/// Returns the fixed segments of a path such as `checkout/sessions/cs_1`, without ids, which have a `_` and a digit.
fn resource(path: &str) -> String {
    let is_word = |part: &&str| part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    path.split('/').filter(|part| !part.is_empty()).filter(is_word).collect::<Vec<_>>().join("/")
}

/// Returns TLS settings that trust the public authorities and these.
fn tls(authorities: &[Vec<u8>]) -> Result<rustls::ClientConfig, StripeConfigError> {
    let mut tls = outbound::tls(outbound::public_and(authorities))
        .map_err(|error| StripeConfigError::Client(error.to_string()))?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// Returns the strategy of a request that Stripe carries out only once for `key`.
pub(crate) fn idempotent(key: &str) -> Result<RequestStrategy, CallError> {
    let key = IdempotencyKey::new(key).map_err(|_| CallError::bad_key())?;
    Ok(RequestStrategy::Idempotent(key))
}

/// Returns the pause that an answer asks for, if it names one in seconds, as Stripe does. A date would have to be compared with a
/// clock that may differ from Stripe's, and counts as no pause, as do a negative number and other text.
fn asked_pause(response: &Response) -> Option<Duration> {
    text(response, "retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

fn text(response: &Response, name: &str) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.to_owned())
}

async fn read(mut response: Response) -> Result<Bytes, AttemptError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            let reason = "Stripe's answer is too long".to_owned();
            return Err(AttemptError::Permanent(CallError::Unavailable(reason)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Returns the failure of a request without a complete answer, which Stripe may have carried out.
fn lost(error: &reqwest::Error) -> AttemptError {
    let reason = if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_connect() {
        format!("no connection: {}", innermost_cause(error))
    } else {
        format!("no answer: {}", innermost_cause(error))
    };
    AttemptError::Transient(CallError::Unavailable(reason), None)
}

/// Returns a random pause between half and all of 0.5 s, 1 s, 2 s, and so on, so that requests that
/// fail together are not repeated together.
#[expect(clippy::disallowed_methods, reason = "nothing depends on how long the pause is")]
fn pause_after(tried: u32) -> Duration {
    let max = FIRST_PAUSE.saturating_mul(1 << tried.saturating_sub(1).min(6));
    let spread = getrandom::u32().unwrap_or(u32::MAX);
    let half = max / 2;
    half + half.mul_f64(f64::from(spread) / f64::from(u32::MAX))
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient").field("root", &self.root).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use stripe_client_core::VERSION;

    use super::*;

    /// Versions of another release may take other requests.
    #[test]
    fn version_is_one_of_the_release_that_requests_are_built_for() {
        let release = |version: &str| version.split_once('.').map(|(_, name)| name.to_owned());
        assert!(release(API_VERSION).is_some());
        assert_eq!(release(API_VERSION), release(VERSION.as_str()));
        assert!(API_VERSION >= VERSION.as_str());
    }

    #[test]
    fn pauses_double_and_are_spread() {
        for (tried, longest) in [(1, 500), (2, 1_000), (3, 2_000), (40, 32_000)] {
            for _ in 0..100 {
                let pause = pause_after(tried).as_millis();
                assert!((longest / 2..=longest).contains(&pause), "{tried}: {pause}");
            }
        }
    }
}
