//! Handlers for operators, their tools and Stripe, and the reference pages.

pub(crate) mod docs;
mod health;
mod webhook;

pub(crate) use webhook::WebhookBodies;

use crate::routes::routes;

routes! {
    "/v2/webhooks/stripe" { post webhook::receive }
    "/healthz" { get health::healthz }
    "/readyz" { get health::readyz }
    "/v2/openapi.json" { get docs::json::description }
}
