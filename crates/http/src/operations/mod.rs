//! Handlers for operators, their tools and Stripe, and the reference pages.

pub(crate) mod docs;
mod health;
mod metrics;
mod webhook;

pub(crate) use metrics::alone;
pub(crate) use webhook::WebhookBodies;

use crate::routes::routes;

routes! {
    "/v2/webhooks/stripe" { post webhook::receive }
    "/healthz" { get health::healthz }
    "/readyz" { get health::readyz }
    "/metrics" { get metrics::metrics }
    "/v2/openapi.json" { get docs::json::description }
}
