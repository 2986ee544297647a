//! Events from Stripe: checked, stored and answered. A worker deals with them.

use actix_web::{HttpRequest, http::StatusCode, web::Payload};
use serde::Serialize;

use crate::{
    dto::json,
    extract::receive as receive_body,
    openapi::problem_responses,
    problem::{Answer, Code, Problem, of_webhook},
    state::Http,
};

const MAX_BYTES: usize = 512 * 1024;
const SIGNATURE: &str = "stripe-signature";

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct WebhookReceipt {
    /// The event is stored, or is none of our business.
    received: bool,
}

problem_responses! {
    WebhookRefusals: BadRequest InvalidSignature PayloadTooLarge;
}

/// Takes an event from Stripe.
///
/// It is checked, stored and answered; a worker deals with it.
#[utoipa::path(post, path = "/v2/webhooks/stripe", tag = "operations", security(()),
    params(("Stripe-Signature" = String, Header, description = "Stripe's signature of the raw body",
        example = "t=1772357400,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd")),
    request_body(content = Object, content_type = "application/json", description = "A Stripe event, as it was signed",
        example = json!({"id": "evt_1TGvfXJd4Xq2Yk0b", "type": "account.updated"})),
    responses((status = 200, description = "Received", body = WebhookReceipt), WebhookRefusals))]
pub(super) async fn receive(http: Http, req: HttpRequest, payload: Payload) -> Answer {
    let body =
        receive_body(http.receiving(), req.headers(), payload.into_inner(), MAX_BYTES).await?;
    let mut signatures = req.headers().get_all(SIGNATURE);
    let only = signatures.next().filter(|_| signatures.next().is_none());
    let signature = only.and_then(|value| value.to_str().ok());
    let signature = signature.ok_or_else(|| Problem::new(Code::InvalidSignature))?;
    match http.webhooks.verify(&body, signature, http.clock.now()) {
        Ok(event) => {
            http.use_cases.events.receive(&event).await?;
        }
        Err(error) => {
            if let Some(problem) = of_webhook(error) {
                return Err(problem);
            }
        }
    }
    Ok(json(StatusCode::OK, &WebhookReceipt { received: true }))
}
