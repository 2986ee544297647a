//! Connecting a handle's own Stripe account.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{
    checkout::{self, ConnectError, ConnectedAccount, Connection},
    creators::Creator,
    names::HandleName,
};

use crate::{
    dto::{EmptyBody, json, text_enum},
    extract::{HandlePath, JsonBody, Own},
    links::stripe_return,
    openapi::problem_responses,
    problem::Answer,
    state::Http,
};

text_enum! {
    /// How far the connection of a Stripe account has come.
    #[schema(example = "active")]
    ConnectStatus = checkout::ConnectStatus {
        NotConnected "not_connected",
        Onboarding "onboarding",
        Restricted "restricted",
        Active "active",
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Onboarding {
    /// Where the creator tells Stripe what it wants to know; good once and for minutes.
    #[schema(
        example = "https://connect.stripe.com/setup/e/acct_1TGvfXJd4Xq2Yk0b/aT9x",
        format = "uri"
    )]
    onboarding_url: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StripeAccount {
    /// Stripe's id of the account; null before onboarding began.
    #[schema(required = true, example = "acct_1TGvfXJd4Xq2Yk0b")]
    account_id: Option<String>,
    /// Whether visitors can pay.
    charges_enabled: bool,
    /// Whether Stripe pays out to the creator.
    payouts_enabled: bool,
    status: ConnectStatus,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StripeRequirements {
    /// What Stripe still asks the creator for before the account can do everything, named as Stripe names it; null if Stripe
    /// could not be asked now.
    #[schema(required = true, example = json!(["external_account"]))]
    due: Option<Vec<String>>,
    /// Whether an account was connected before, and none is any more.
    #[schema(example = false)]
    disconnected: bool,
}

problem_responses! {
    StripeProblems: HandleNotFound;
    BeginProblems: HandleNotFound EmailNotVerified PaymentProviderError RateLimited;
}

/// Begins or goes on with connecting the handle's Stripe account.
#[utoipa::path(post, path = "/v2/handles/{handle}/stripe/connect", tag = "stripe", security(("creator" = [])),
    params(crate::openapi::HandleParams), request_body = Option<EmptyBody>,
    responses((status = 200, description = "Where to go on", body = Onboarding), BeginProblems))]
pub(super) async fn begin(own: Own<HandlePath>, body: JsonBody) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let name = own.path.name()?;
    let (back, again) = stripe_return(&own.http.installation, &name);
    let begun = own.http.use_cases.connect.begin(&own.creator, &name, &back, &again).await?;
    Ok(json(StatusCode::OK, &Onboarding { onboarding_url: begun }))
}

/// How far the connection of the handle's Stripe account has come.
#[utoipa::path(get, path = "/v2/handles/{handle}/stripe", tag = "stripe", security(("creator" = [])),
    params(crate::openapi::HandleParams),
    responses((status = 200, description = "The account", body = StripeAccount), StripeProblems))]
pub(super) async fn status(own: Own<HandlePath>) -> Answer {
    let connected = own.http.use_cases.connect.status(&own.creator, &own.path.name()?).await?;
    Ok(json(StatusCode::OK, &StripeAccount::of(connected)))
}

/// What Stripe asks for before the handle's account can do everything.
#[utoipa::path(get, path = "/v2/handles/{handle}/stripe/requirements", tag = "stripe", security(("creator" = [])),
    params(crate::openapi::HandleParams),
    responses((status = 200, description = "What is missing", body = StripeRequirements), StripeProblems))]
pub(super) async fn requirements(own: Own<HandlePath>) -> Answer {
    let connection = connection(&own.http, &own.creator, &own.path.name()?).await?;
    Ok(json(StatusCode::OK, &StripeRequirements::of(connection)))
}

/// Returns the connection of a handle. An account that can do everything is asked for, too, so that a change is told whose
/// event was lost.
async fn connection(
    http: &Http,
    creator: &Creator,
    name: &HandleName,
) -> Result<Connection, ConnectError> {
    let connect = &http.use_cases.connect;
    let known = connect.connection(creator, name).await?;
    let Connection::Account { connected, .. } = &known else { return Ok(known) };
    if !connected.state.is_ready() {
        return Ok(known);
    }
    let read = connect.status(creator, name).await?;
    if read.is_some_and(|read| read.state.is_ready()) {
        return Ok(known);
    }
    // What is asked for now is not known yet.
    connect.connection(creator, name).await
}

impl StripeAccount {
    fn of(connected: Option<ConnectedAccount>) -> Self {
        let state = connected.as_ref().map(|connected| connected.state);
        Self {
            account_id: connected.map(|connected| connected.account.to_string()),
            charges_enabled: state.is_some_and(|state| state.charges_enabled),
            payouts_enabled: state.is_some_and(|state| state.payouts_enabled),
            status: checkout::ConnectStatus::of(state).into(),
        }
    }
}

impl StripeRequirements {
    fn of(connection: Connection) -> Self {
        match connection {
            Connection::Never => Self { due: Some(Vec::new()), disconnected: false },
            Connection::Disconnected => Self { due: Some(Vec::new()), disconnected: true },
            Connection::Account { due, .. } => Self { due, disconnected: false },
        }
    }
}
