//! `Idempotency-Key`: a request that is sent twice is carried out once.
//!
//! What is done under a key is safe to repeat, so a request whose predecessor was cut off is carried out
//! again. Only answers of success are stored: the reason of a refusal may be mended, and a refusal that is final
//! is decided in the same way again.

use std::{
    borrow::Cow, collections::BTreeMap, convert::Infallible, future::Future, pin::pin,
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, ContentType},
    },
    rt::time::sleep,
};
use futures_util::future::{Either, LocalBoxFuture, select};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tollgate_domain::{
    idempotency::{KeyClaim, KeyClaimOutcome, LEASE_SECONDS, StoredResponse},
    version::Version,
};

use crate::{
    dto::entity_tag,
    problem::{Answer, Code, Problem},
    state::{Http, RequestId},
};

const HEADER: &str = "idempotency-key";
const MAX_LENGTH: usize = 255;

/// A request with its idempotency key, if it has one.
pub(crate) struct IdempotentRequest {
    request_id: RequestId,
    keyed: Option<Keyed>,
}

/// How often, with pauses of `BETWEEN_LOOKS`, a request checks for the answer of an earlier one with its key:
/// for five seconds. The lease of a process that is gone ends before.
const LOOKS: u32 = 50;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// The pause between two renewals of a claim, which leaves time for one that fails.
const BETWEEN_RENEWALS: Duration = Duration::from_secs(1);

type Work<'a, T> = LocalBoxFuture<'a, Result<(StatusCode, T), Problem>>;

struct Keyed {
    key: String,
    /// The caller and the resource. The same key in another scope is a different key.
    scope: String,
    /// The hash of method, path, the versions that are asked for, and what the body says.
    fingerprint: [u8; 32],
}

impl IdempotentRequest {
    pub(crate) fn of(req: &HttpRequest, scope: String, body: &[u8]) -> Result<Self, Problem> {
        let keyed = key(req)?.map(|key| {
            let mut asked = Sha256::new();
            asked.update(req.method().as_str());
            asked.update(req.uri().path());
            for versions in req.headers().get_all(header::IF_MATCH) {
                asked.update([0]);
                asked.update(versions);
            }
            asked.update([0]);
            asked.update(meaning(body));
            Keyed { key, scope, fingerprint: asked.finalize().into() }
        });
        Ok(Self { request_id: RequestId::of(req), keyed })
    }

    /// Returns the key, for use cases that store it longer than answers are stored.
    pub(crate) fn key(&self) -> Option<String> {
        self.keyed.as_ref().map(|keyed| keyed.key.clone())
    }

    /// Returns the stored answer for this key, or the answer of `work`.
    pub(crate) fn answer<'a, T: Serialize + 'a>(
        self,
        http: &'a Http,
        work: impl Future<Output = Result<(StatusCode, T), Problem>> + 'a,
    ) -> impl Future<Output = Answer> + 'a {
        // The work is boxed to keep the futures of the handlers small.
        self.answer_boxed(http, Box::pin(work))
    }

    async fn answer_boxed<T: Serialize>(self, http: &Http, work: Work<'_, T>) -> Answer {
        let Some(Keyed { key, scope, fingerprint }) = self.keyed else {
            return respond(answered(work.await?)?);
        };
        let owner = self.request_id.as_str();
        let claim = KeyClaim { scope: &scope, key: &key, owner };
        for _ in 0..LOOKS {
            match http.idempotency.claim(claim, fingerprint, http.clock.now()).await? {
                KeyClaimOutcome::Replay(stored) => return respond(stored),
                KeyClaimOutcome::Conflict => return Err(Problem::new(Code::IdempotencyConflict)),
                KeyClaimOutcome::Fresh => return first(http, claim, work).await,
                KeyClaimOutcome::Busy => sleep(BETWEEN_LOOKS).await,
            }
        }
        let detail = "The same request is being carried out.";
        Err(Problem::because(Code::Unavailable, detail).again_in(LEASE_SECONDS.unsigned_abs()))
    }
}

/// Returns the same bytes for all bodies that say the same: no body is an empty object, and null is a missing member, as in
/// everything that takes a key. What is not an object is returned as it is; it is refused.
fn meaning(body: &[u8]) -> Cow<'_, [u8]> {
    if body.is_empty() {
        return Cow::Borrowed(b"{}");
    }
    let members = serde_json::from_slice::<BTreeMap<String, Value>>(body);
    let Ok(mut members) = members else { return Cow::Borrowed(body) };
    members.retain(|_, value| !value.is_null());
    serde_json::to_vec(&members).map_or(Cow::Borrowed(body), Cow::Owned)
}

/// Carries the request out and stores its answer.
async fn first<T: Serialize>(http: &Http, claim: KeyClaim<'_>, work: Work<'_, T>) -> Answer {
    let answer = match renewing(http, claim, work).await {
        Ok(answer) => answer,
        Err(problem) => {
            if let Err(error) = http.idempotency.release(claim).await {
                // Its lease ends soon.
                tracing::warn!(%error, "an idempotency key was not released");
            }
            return Err(problem);
        }
    };
    let response = answered(answer)?;
    if let Err(error) = http.idempotency.store(claim, &response).await {
        // The work is done, and the same request may repeat it.
        tracing::warn!(%error, "an answer was not stored under its idempotency key");
    }
    respond(response)
}

/// Returns what is stored of an answer.
fn answered<T: Serialize>((status, body): (StatusCode, T)) -> Result<StoredResponse, Problem> {
    let body = serde_json::to_string(&body).map_err(|_| Problem::new(Code::InternalError))?;
    Ok(StoredResponse { status: status.as_u16(), body })
}

/// Waits for `work`, and renews the claim of its key in the meantime. Both go on at the same time: the work may
/// hold what the renewal waits for.
async fn renewing<T>(
    http: &Http,
    claim: KeyClaim<'_>,
    work: Work<'_, T>,
) -> Result<(StatusCode, T), Problem> {
    match select(work, pin!(renew(http, claim))).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right((never, _)) => match never {},
    }
}

async fn renew(http: &Http, claim: KeyClaim<'_>) -> Infallible {
    loop {
        sleep(BETWEEN_RENEWALS).await;
        if let Err(error) = http.idempotency.renew(claim, http.clock.now()).await {
            tracing::warn!(%error, "the claim of an idempotency key was not renewed");
        }
    }
}

fn key(req: &HttpRequest) -> Result<Option<String>, Problem> {
    let mut values = req.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let fits =
        (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b));
    if fits && values.next().is_none() {
        Ok(Some(text.to_owned()))
    } else {
        Err(Problem::because(
            Code::BadRequest,
            "There must be one Idempotency-Key, of 1 to 255 printable characters.",
        ))
    }
}

fn respond(stored: StoredResponse) -> Answer {
    let status =
        StatusCode::from_u16(stored.status).map_err(|_| Problem::new(Code::InternalError))?;
    let mut answer = HttpResponse::build(status);
    if status.is_success() {
        answer.content_type(ContentType::json());
        if let Some(tag) = tag(&stored.body) {
            answer.insert_header((header::ETAG, tag));
        }
    } else {
        // Versions before this one stored refusals, too.
        answer.content_type("application/problem+json");
    }
    Ok(answer.body(stored.body))
}

/// Returns the `ETag` of an answer, which is the `version` in its body.
fn tag(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Versioned {
        version: String,
    }
    let Versioned { version } = serde_json::from_str(body).ok()?;
    Some(entity_tag(&Version::named(&version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_that_say_the_same_are_the_same_request() {
        for bodies in [
            ["", "{}", " {\n} ", r#"{"reason":null}"#],
            [
                r#"{"a":"1","b":"é"}"#,
                r#"{"b":"é","a":"1"}"#,
                r#"{ "a": "1", "b": "\u00e9", "c": null }"#,
                r#"{"c":null,"b":"é","a":"1"}"#,
            ],
        ] {
            for body in bodies {
                assert_eq!(meaning(body.as_bytes()), meaning(bodies[0].as_bytes()), "{body}");
            }
        }
    }

    #[test]
    fn other_bodies_are_other_requests() {
        let bodies =
            ["{}", r#"{"a":"1"}"#, r#"{"a":1}"#, r#"{"a":"2"}"#, r#"{"b":"1"}"#, "[]", "{"];
        let all: std::collections::BTreeSet<_> =
            bodies.iter().map(|body| meaning(body.as_bytes())).collect();
        assert_eq!(all.len(), bodies.len());
    }
}
