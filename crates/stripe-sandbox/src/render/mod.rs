//! Stripe's objects, built from the state of the sandbox.

mod account;
mod dispute;
mod expand;
mod method;
mod older;
mod payment;
mod session;
mod template;

use serde_json::{Value, json};

pub(crate) use account::{account, account_link};
pub(crate) use dispute::dispute;
pub(crate) use expand::Expand;
pub(crate) use older::{OLD_VERSION, older};
pub(crate) use payment::{APPLICATION, charge, payment_intent, refund};
pub(crate) use session::session;
pub(crate) use template::list;

use crate::model::{Event, State};

/// The API version of objects and events, which is that of the contract.
pub(crate) const API_VERSION: &str = "2026-10-28.endive";

pub(crate) fn event(state: &State, event: &Event) -> Value {
    let pending = state.deliveries.values().filter(|delivery| delivery.event == event.id).count();
    let mut rendered = json!({
        "id": event.id,
        "object": "event",
        "api_version": event.version.as_deref().unwrap_or(API_VERSION),
        "created": event.created,
        "data": {"object": event.object},
        "livemode": false,
        "pending_webhooks": pending,
        "request": {"id": event.request, "idempotency_key": event.idempotency_key},
        "type": event.kind,
    });
    if let (Some(account), Some(members)) = (&event.owner, rendered.as_object_mut()) {
        members.insert("account".to_owned(), json!(account));
    }
    rendered
}
