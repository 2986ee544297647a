//! The control calls under `/_sandbox`, which play buyers and banks and inject faults.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::accounts::AccountChange;
use crate::api::{is_authorized, respond};
use crate::error::ApiError;
use crate::model::State;
use crate::render::{self, Expand};
use crate::shared::Shared;
use crate::state::PayOutcome;
use crate::status::{DisputeStatus, RefundStatus, SessionStatus};

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum SettleOutcome {
    Succeeded,
    Failed,
}

#[derive(Deserialize)]
struct Outcome<T> {
    outcome: T,
}

#[derive(Deserialize)]
struct Status<T> {
    status: T,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenDispute {
    status: Option<DisputeStatus>,
    amount: Option<i64>,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u32,
}

/// Handles every request under `/_sandbox`.
pub(crate) async fn handle(
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
    shared: Data<Shared>,
) -> HttpResponse {
    let answer = match body {
        _ if !is_authorized(&request, &shared) => Err(ApiError::unauthorized()),
        Err(_) => Err(ApiError::invalid("The request body could not be read.")),
        Ok(body) => run(&request, &body, &shared).await,
    };
    match answer {
        Ok(body) => respond(HttpResponse::Ok(), 200, &body),
        Err(error) => respond(HttpResponse::Ok(), error.status, &error.body()),
    }
}

async fn run(request: &HttpRequest, body: &[u8], shared: &Shared) -> Result<Value, ApiError> {
    let path = request.path().strip_prefix("/_sandbox/").unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    match (request.method().as_str(), segments.as_slice()) {
        ("GET", ["requests"]) => Ok(json!(shared.requests())),
        ("GET", ["stats"]) => {
            let requests = shared.requests().len();
            Ok(shared.with(|state| stats(state, requests)))
        }
        ("POST", segments) => shared.change(|state| change(state, segments, body)).await?,
        (method, _) => Err(ApiError::unknown_route(method, request.path())),
    }
}

/// Carries out a control call that changes something.
pub(crate) fn change(state: &mut State, segments: &[&str], body: &[u8]) -> Result<Value, ApiError> {
    match segments {
        ["faults"] => {
            state.faults.apply(parse(body)?)?;
            Ok(json!(state.faults))
        }
        ["clock"] => {
            let Advance { advance_seconds } = parse(body)?;
            state.add("clock", i64::from(advance_seconds));
            state.expire_due();
            Ok(json!({"now": state.now()}))
        }
        ["sessions", id, "pay"] => {
            state.buy(id, parse::<Outcome<PayOutcome>>(body)?.outcome, None)?;
            session(state, id)
        }
        ["sessions", id, "settle"] => {
            let outcome = parse::<Outcome<SettleOutcome>>(body)?.outcome;
            state.finish_debit(id, matches!(outcome, SettleOutcome::Succeeded))?;
            session(state, id)
        }
        ["refunds", id] => {
            state.set_refund(id, parse::<Status<RefundStatus>>(body)?.status)?;
            let refund = state.refunds.find("refund", id)?;
            Ok(render::refund(state, refund, &Expand::default()))
        }
        ["payment_intents", id, "dispute"] => {
            let OpenDispute { status, amount, reason } = parse(body)?;
            let status = status.unwrap_or(DisputeStatus::NeedsResponse);
            let id = state.open_dispute(id, status, amount, reason)?;
            dispute(state, &id)
        }
        ["disputes", id] | ["disputes", id, "close"] => {
            state.move_dispute(id, parse::<Status<DisputeStatus>>(body)?.status)?;
            dispute(state, id)
        }
        ["accounts", id, "enable"] => {
            state.enable_account(id);
            state.accounts.find("account", id).map(render::account)
        }
        ["accounts", id] => {
            state.change_account(id, parse::<AccountChange>(body)?)?;
            state.accounts.find("account", id).map(render::account)
        }
        ["events", id, "resend"] => {
            state.resend(id)?;
            Ok(json!({"id": id}))
        }
        _ => Err(ApiError::unknown_route("POST", "/_sandbox")),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::invalid(format!("The control call is not understood: {error}")))
}

fn session(state: &State, id: &str) -> Result<Value, ApiError> {
    let session = state.sessions.find("checkout.session", id)?;
    Ok(render::session(state, session, &Expand::default()))
}

fn dispute(state: &State, id: &str) -> Result<Value, ApiError> {
    let dispute = state.disputes.find("dispute", id)?;
    Ok(render::dispute(state, dispute, &Expand::default()))
}

fn stats(state: &State, requests: usize) -> Value {
    let in_status = |status: SessionStatus| {
        let sessions = state.sessions.values();
        sessions.filter(|session| session.status == status).count()
    };
    json!({
        "accounts": state.accounts.len(),
        "accountLinks": state.links.len(),
        "checkoutSessions": state.sessions.len(),
        "openCheckoutSessions": in_status(SessionStatus::Open),
        "completeCheckoutSessions": in_status(SessionStatus::Complete),
        "expiredCheckoutSessions": in_status(SessionStatus::Expired),
        "paymentIntents": state.payments.len(),
        "refunds": state.refunds.len(),
        "disputes": state.disputes.len(),
        "events": state.events.len(),
        "pendingDeliveries": state.deliveries.len(),
        "requests": requests,
    })
}
