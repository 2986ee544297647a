//! Events from Stripe: checked, stored and answered. A worker deals with them.

use actix_web::{HttpRequest, http::StatusCode, web::Payload};
use serde::Serialize;

use crate::{
    dto::json,
    edge::count,
    extract::only,
    openapi::problem_responses,
    problem::{Answer, Code, Problem, of_webhook},
    state::Http,
};

const SIGNATURE: &str = "stripe-signature";

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct WebhookReceipt {
    /// What was sent is stored, or is about something that Tollgate does not use.
    pub(super) received: bool,
}

problem_responses! {
    WebhookProblems: BadRequest InvalidSignature PayloadTooLarge;
}

/// Takes an event from Stripe.
///
/// It is checked, stored and answered; a worker deals with it.
#[utoipa::path(post, path = "/v2/webhooks/stripe", tag = "operations", security(()),
    params(("Stripe-Signature" = String, Header, description = "Stripe's signature of the raw body",
        example = "t=1772357400,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd")),
    request_body(content = Object, content_type = "application/json", description = "A Stripe event, as it was signed",
        example = json!({"id": "evt_1TGvfXJd4Xq2Yk0b", "type": "account.updated"})),
    responses((status = 200, description = "Received", body = WebhookReceipt), WebhookProblems))]
pub(super) async fn receive(http: Http, req: HttpRequest, payload: Payload) -> Answer {
    // Requests without a plausible signature are refused before their body is read.
    let intake = http.webhook_intake();
    let signature = only(req.headers(), SIGNATURE)
        .filter(|signature| http.webhooks.check_header(signature, http.clock.now()).is_ok())
        .ok_or_else(|| intake.refused(Problem::new(Code::InvalidSignature)))?;
    let body = intake.receive(req.headers(), payload.into_inner()).await?;
    match http.webhooks.verify(&body, signature, http.clock.now()) {
        Ok(event) => {
            http.use_cases.events.receive(&event).await?;
            count::webhook("taken");
        }
        Err(error) => {
            if let Some(problem) = of_webhook(error) {
                return Err(intake.refused(problem));
            }
            count::webhook("ignored");
        }
    }
    Ok(json(StatusCode::OK, &WebhookReceipt { received: true }))
}
