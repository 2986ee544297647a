//! The API under `/v1`: the steps that every request goes through, and the calls.

mod accounts;
mod call;
mod events;
pub(crate) mod idempotency;
mod lists;
mod refunds;
mod sessions;

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde_json::Value;
use subtle::ConstantTimeEq;

use self::call::{Call, expand, header, parse};
use self::idempotency::{Admission, InFlight};
use crate::connection::Connection;
use crate::error::ApiError;
use crate::faults::{ApiFaultMode, Failure};
use crate::ids;
use crate::model::State;
use crate::params::Fields;
use crate::render::{self, API_VERSION};
use crate::shared::{RecordedRequest, Shared};

/// The time that an unanswered request is kept open. Clients give up earlier.
const NO_ANSWER: Duration = Duration::from_mins(5);

struct Answer {
    status: u16,
    body: Value,
    replayed: bool,
}

impl From<ApiError> for Answer {
    fn from(error: ApiError) -> Self {
        Self { status: error.status, body: error.body(), replayed: false }
    }
}

/// Handles every request under `/v1`.
pub(crate) async fn handle(
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
    shared: Data<Shared>,
) -> HttpResponse {
    let request_id = ids::random("req_", 14);
    let mut response = HttpResponse::build(StatusCode::OK);
    response.insert_header(("Request-Id", request_id.clone()));
    let version = header(&request, "Stripe-Version").unwrap_or_else(|| API_VERSION.to_owned());
    response.insert_header(("Stripe-Version", version));
    for name in ["Stripe-Account", "Idempotency-Key"] {
        if let Some(value) = header(&request, name) {
            response.insert_header((name, value));
        }
    }
    let answer = match parse(&request, body, request_id) {
        Ok(call) => process(&request, call, &shared).await,
        Err(error) => error.into(),
    };
    if answer.replayed {
        response.insert_header(("Idempotent-Replayed", "true"));
    }
    respond(response, answer.status, &answer.body)
}

/// Builds an answer with a JSON body.
pub(crate) fn respond(
    mut response: HttpResponseBuilder,
    status: u16,
    body: &Value,
) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .status(status)
        .insert_header(("Cache-Control", "no-store"))
        .content_type("application/json")
        .body(body.to_string())
}

/// Returns whether the request carries the secret key.
pub(crate) fn is_authorized(request: &HttpRequest, shared: &Shared) -> bool {
    let sent = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    sent.is_some_and(|sent| {
        bool::from(sent.trim().as_bytes().ct_eq(shared.config.secret_key.as_bytes()))
    })
}

async fn process(request: &HttpRequest, call: Call, shared: &Shared) -> Answer {
    shared.record(RecordedRequest {
        method: call.method.clone(),
        path: call.path.clone(),
        query: request.query_string().to_owned(),
        stripe_account: call.owner.clone(),
        idempotency_key: call.cause.idempotency_key.clone(),
        stripe_version: header(request, "Stripe-Version"),
        form: if call.method == "GET" { String::new() } else { call.encoded.clone() },
    });
    if !is_authorized(request, shared) {
        return ApiError::unauthorized().into();
    }
    let failure =
        shared.with(|state| state.faults.take(&call.method, &call.path, call.owner.as_deref()));
    let Some(failure) = failure else {
        return execute(&call, shared, None).await.unwrap_or_else(Answer::from);
    };
    if failure.kept || failure.mode == ApiFaultMode::Latency {
        // The failure itself becomes the answer of the request, or the answer is only late.
        return execute(&call, shared, Some(failure)).await.unwrap_or_else(Answer::from);
    }
    if failure.after_effect {
        // The request is carried out; only its answer is replaced.
        let _ = execute(&call, shared, None).await;
    }
    fail(failure.mode, request).await
}

async fn fail(mode: ApiFaultMode, request: &HttpRequest) -> Answer {
    match mode {
        ApiFaultMode::Timeout => {
            tokio::time::sleep(NO_ANSWER).await;
            ApiError::internal().into()
        }
        ApiFaultMode::Cut => {
            if let Some(connection) = request.conn_data::<Connection>() {
                connection.cut();
            }
            // The connection is cut, so this answer reaches nobody.
            ApiError::internal().into()
        }
        ApiFaultMode::InUse => ApiError::key_in_use().into(),
        ApiFaultMode::RateLimited => ApiError::rate_limited().into(),
        ApiFaultMode::Internal | ApiFaultMode::Latency | ApiFaultMode::None => {
            ApiError::internal().into()
        }
    }
}

/// Runs the call, only once for each idempotency key. A failure is stored as the answer under it. While the call
/// is late, its key is in use.
async fn execute(
    call: &Call,
    shared: &Shared,
    failure: Option<Failure>,
) -> Result<Answer, ApiError> {
    let fields = Fields::parse(&call.encoded)?;
    if let Some(owner) = &call.owner
        && shared.with(|state| !state.has_access(owner))
    {
        return Err(ApiError::foreign_account(owner));
    }
    let is_late = |failure: &Failure| failure.mode == ApiFaultMode::Latency;
    let (late, failure) = (failure.filter(is_late), failure.filter(|it| !is_late(it)));
    if call.method != "POST" {
        if failure.is_some() {
            return Err(ApiError::internal());
        }
        wait(late).await;
        let body = shared.with(|state| run(state, call, fields))?;
        return Ok(Answer { status: 200, body, replayed: false });
    }
    let reserved = match shared.with(|state| idempotency::admit(state, call))? {
        Admission::Replay(stored) => {
            return Ok(Answer { status: stored.status, body: stored.body, replayed: true });
        }
        Admission::Fresh(reserved) => reserved,
    };
    // The key stays in use until the answer is saved.
    let _in_flight =
        reserved.as_ref().map(|reserved| InFlight { shared, key: reserved.key.clone() });
    wait(late.filter(|late| !late.after_effect)).await;
    // The effect and the stored answer are saved together, so that a crash loses both or neither.
    let answer = shared
        .change(|state| {
            let answer = match failure {
                None => run(state, call, fields),
                Some(Failure { after_effect: true, .. }) => {
                    run(state, call, fields).and(Err(ApiError::kept()))
                }
                Some(_) => Err(ApiError::kept()),
            };
            if let Some(reserved) = &reserved {
                idempotency::keep(state, reserved, &answer);
            }
            answer
        })
        .await?;
    wait(late.filter(|late| late.after_effect)).await;
    Ok(Answer { status: 200, body: answer?, replayed: false })
}

async fn wait(late: Option<Failure>) {
    if let Some(late) = late {
        tokio::time::sleep(Duration::from_millis(late.millis)).await;
    }
}

/// Routes a call to its implementation.
fn run(state: &mut State, call: &Call, mut fields: Fields) -> Result<Value, ApiError> {
    let path = call.path.strip_prefix("/v1/").unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    let fields = &mut fields;
    match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["accounts"]) => accounts::create(state, call, fields),
        ("GET", ["accounts"]) => accounts::list(state, call, fields),
        ("GET", ["accounts", id]) => accounts::get(state, call, fields, id),
        ("POST", ["account_links"]) => accounts::create_link(state, call, fields),
        ("POST", ["checkout", "sessions"]) => sessions::create(state, call, fields),
        ("GET", ["checkout", "sessions"]) => sessions::list(state, call, fields),
        ("GET", ["checkout", "sessions", id]) => sessions::get(state, call, fields, id),
        ("POST", ["checkout", "sessions", id, "expire"]) => {
            sessions::expire(state, call, fields, id)
        }
        ("GET", ["payment_intents", id]) => {
            let expand = expand("payment_intent", fields)?;
            fields.finish()?;
            let payment = state.payments.get(*id);
            let payment = payment.filter(|payment| payment.owner == call.owner);
            let payment = payment.ok_or_else(|| ApiError::missing("payment_intent", id))?;
            Ok(render::payment_intent(state, payment, &expand))
        }
        ("GET", ["charges", id]) => {
            let expand = expand("charge", fields)?;
            fields.finish()?;
            let payment = state.payments.get(&id.replacen("ch_", "pi_", 1));
            let payment =
                payment.filter(|payment| payment.charge_id == *id && payment.owner == call.owner);
            let payment = payment.ok_or_else(|| ApiError::missing("charge", id))?;
            Ok(render::charge(state, payment, &expand))
        }
        ("POST", ["refunds"]) => refunds::create(state, call, fields),
        ("GET", ["refunds"]) => refunds::list(state, call, fields),
        ("GET", ["refunds", id]) => refunds::get(state, call, fields, id),
        ("GET", ["disputes"]) => refunds::list_disputes(state, call, fields),
        ("GET", ["disputes", id]) => refunds::get_dispute(state, call, fields, id),
        ("GET", ["events"]) => events::list(state, call, fields),
        ("GET", ["events", id]) => events::get(state, call, fields, id),
        _ => Err(ApiError::unknown_route(&call.method, &call.path)),
    }
}
