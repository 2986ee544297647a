//! Connecting a handle's own Stripe account.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{
    checkout::{self, ConnectError, Connection},
    creators::Creator,
    names::HandleName,
};

use crate::{
    dto::{EmptyBody, json, text_enum},
    extract::{HandlePath, JsonBody, SignedCreator},
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
    /// Whether an account was connected before, and none is any more.
    #[schema(example = false)]
    disconnected: bool,
    /// What Stripe still asks the creator for before the account can do everything, named as Stripe names it.
    #[schema(example = json!(["external_account"]))]
    due: Vec<String>,
}

problem_responses! {
    StripeProblems: HandleNotFound;
    BeginProblems: HandleNotFound EmailNotVerified PaymentProviderError RateLimited;
}

/// Begins or goes on with connecting the handle's Stripe account.
#[utoipa::path(post, path = "/v2/handles/{handle}/stripe/connect", tag = "stripe", security(("creator" = [])),
    params(crate::openapi::HandleParams), request_body = Option<EmptyBody>,
    responses((status = 200, description = "Where to go on", body = Onboarding), BeginProblems))]
pub(super) async fn begin(
    http: Http,
    creator: SignedCreator,
    path: HandlePath,
    body: JsonBody,
) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let name = path.name()?;
    let (back, again) = stripe_return(&http.installation, &name);
    let begun = http.use_cases.connect.begin(&creator.creator, &name, &back, &again).await?;
    Ok(json(StatusCode::OK, &Onboarding { onboarding_url: begun }))
}

/// How far the connection of the handle's Stripe account has come.
#[utoipa::path(get, path = "/v2/handles/{handle}/stripe", tag = "stripe", security(("creator" = [])),
    params(crate::openapi::HandleParams),
    responses((status = 200, description = "The account", body = StripeAccount), StripeProblems))]
pub(super) async fn status(http: Http, creator: SignedCreator, path: HandlePath) -> Answer {
    let connection = connection(&http, &creator.creator, &path.name()?).await?;
    Ok(json(StatusCode::OK, &StripeAccount::of(connection)))
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
    if !(connected.state.charges_enabled && connected.state.payouts_enabled) {
        return Ok(known);
    }
    let connected = connect.status(creator, name).await?;
    let account = |connected| Connection::Account { connected, due: Some(Vec::new()) };
    Ok(connected.map_or(Connection::Disconnected, account))
}

impl StripeAccount {
    fn of(connection: Connection) -> Self {
        let disconnected = matches!(connection, Connection::Disconnected);
        let (connected, due) = match connection {
            Connection::Account { connected, due } => (Some(connected), due.unwrap_or_default()),
            Connection::Never | Connection::Disconnected => (None, Vec::new()),
        };
        let state = connected.as_ref().map(|connected| connected.state);
        Self {
            account_id: connected.map(|connected| connected.account.to_string()),
            charges_enabled: state.is_some_and(|state| state.charges_enabled),
            payouts_enabled: state.is_some_and(|state| state.payouts_enabled),
            status: checkout::ConnectStatus::of(state).into(),
            disconnected,
            due,
        }
    }
}
