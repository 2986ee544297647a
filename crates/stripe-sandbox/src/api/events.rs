//! Events, newest first.

use serde_json::Value;

use super::call::{Call, expand};
use crate::error::ApiError;
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
    let limit = fields.integer("limit")?.unwrap_or(10);
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| (1..=100).contains(limit))
        .ok_or_else(|| fields.invalid("limit", "integer between 1 and 100"))?;
    let filter = Filter::take(fields)?;
    let delivered = fields.boolean("delivery_success")?;
    let starting_after = fields.text("starting_after")?;
    let ending_before = fields.text("ending_before")?;
    fields.finish()?;
    if starting_after.is_some() && ending_before.is_some() {
        return Err(ApiError::invalid("You cannot use both starting_after and ending_before."));
    }
    let mut events: Vec<&Event> =
        state.events.values().rev().filter(|event| event.owner == call.owner).collect();
    let position = |events: &[&Event], id: &str| {
        let index = events.iter().position(|event| event.id == id);
        index.ok_or_else(|| ApiError::missing("event", id).param("starting_after"))
    };
    // The cursor is applied before the filter, because it may be an event that the filter excludes.
    if let Some(id) = &starting_after {
        let index = position(&events, id)?;
        events.drain(..=index);
    }
    if let Some(id) = &ending_before {
        events.truncate(position(&events, id)?);
    }
    let pending = |event: &&Event| {
        let mut deliveries = state.deliveries.values();
        deliveries.any(|delivery| delivery.event == event.id)
    };
    events.retain(|event| {
        filter.admits(event) && delivered.is_none_or(|delivered| pending(event) != delivered)
    });
    let has_more = events.len() > limit;
    if ending_before.is_some() && has_more {
        events.drain(..events.len() - limit);
    }
    let page: Vec<Value> =
        events.into_iter().take(limit).map(|event| render::event(state, event)).collect();
    Ok(render::list("/v1/events", &page, has_more))
}

/// The filter of a list of events.
#[derive(Debug, Default)]
struct Filter {
    types: Vec<String>,
    from: Option<i64>,
    to: Option<i64>,
}

impl Filter {
    fn take(fields: &mut Fields) -> Result<Self, ApiError> {
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
        let mut filter = Self { types, ..Self::default() };
        // `created` is a time or a map with the ends of an interval.
        if !fields.is_map("created") {
            filter.from = fields.integer("created")?;
            filter.to = filter.from;
        } else if let Some(mut interval) = fields.fields("created")? {
            let after = interval.integer("gt")?.map(|time| time.saturating_add(1));
            let before = interval.integer("lt")?.map(|time| time.saturating_sub(1));
            filter.from = interval.integer("gte")?.max(after);
            filter.to = match (interval.integer("lte")?, before) {
                (Some(to), Some(before)) => Some(to.min(before)),
                (to, before) => to.or(before),
            };
            interval.finish()?;
        }
        Ok(filter)
    }

    fn admits(&self, event: &Event) -> bool {
        let typed = |kind: &String| match kind.strip_suffix('*') {
            Some(prefix) => event.kind.starts_with(prefix),
            None => event.kind == *kind,
        };
        (self.types.is_empty() || self.types.iter().any(typed))
            && self.from.is_none_or(|from| event.created >= from)
            && self.to.is_none_or(|to| event.created <= to)
    }
}
