//! Events, newest first.

use serde_json::Value;

use super::call::{Call, expand};
use super::lists::{Created, Paging};
use crate::error::ApiError;
use crate::faults::is_type;
use crate::model::{Event, State};
use crate::params::Fields;
use crate::render;

pub(super) fn get(
    state: &State,
    call: &Call,
    fields: &mut Fields,
    id: &str,
) -> Result<Value, ApiError> {
    expand("event", fields)?;
    fields.finish()?;
    state
        .events
        .values()
        .find(|event| event.id == id && event.owner == call.owner)
        .map(|event| render::event(state, event))
        .ok_or_else(|| ApiError::missing("event", id))
}

pub(super) fn list(state: &State, call: &Call, fields: &mut Fields) -> Result<Value, ApiError> {
    expand("event", fields)?;
    let paging = Paging::take(fields)?;
    let created = Created::take(fields)?;
    let types = types(fields)?;
    let delivered = fields.boolean("delivery_success")?;
    fields.finish()?;
    let pending = |event: &Event| {
        let mut deliveries = state.deliveries.values();
        deliveries.any(|delivery| delivery.event == event.id)
    };
    paging.list(
        ("event", "/v1/events"),
        state.events.values().rev().filter(|event| event.owner == call.owner).collect(),
        |event| &event.id,
        |event| {
            created.admits(event.created)
                && (types.is_empty() || types.iter().any(|known| is_type(known, &event.kind)))
                && delivered.is_none_or(|delivered| pending(event) != delivered)
        },
        |event| render::event(state, event),
    )
}

/// Takes the types of the events that are listed. None is every type.
fn types(fields: &mut Fields) -> Result<Vec<String>, ApiError> {
    let mut types = fields.list_of_text("types")?;
    if types.len() > 20 {
        return Err(fields.invalid("types", "array of at most 20 types"));
    }
    if let Some(kind) = fields.text("type")? {
        if !types.is_empty() {
            return Err(ApiError::invalid("You may pass either type or types, not both."));
        }
        types.push(kind);
    }
    Ok(types)
}
