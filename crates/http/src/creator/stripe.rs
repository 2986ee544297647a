//! Connecting a handle's own Stripe account.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::checkout::{self, ConnectedAccount};

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
    let connected = http.use_cases.connect.status(&creator.creator, &path.name()?).await?;
    Ok(json(StatusCode::OK, &StripeAccount::of(connected)))
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
