//! Handlers for operators, their tools and services, and the reference pages.

pub(crate) mod docs;
mod health;
mod intake;
mod mail_reports;
mod metrics;
mod webhook;

pub use health::{DOCTOR, DOCTORS_CLIENT};
pub(crate) use metrics::alone;

use crate::{links::STRIPE_WEBHOOK, routes::routes};

routes! {
    STRIPE_WEBHOOK { post webhook::receive }
    "/v2/webhooks/mail" { post mail_reports::receive_report }
    "/healthz" { get health::healthz }
    "/readyz" { get health::readyz }
    "/metrics" { get metrics::metrics }
    "/v2/openapi.json" { get docs::json::description }
}
