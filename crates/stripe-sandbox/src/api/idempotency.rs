//! Idempotency keys: each key has one effect and one answer, for a day.

use serde_json::Value;

use super::call::Call;
use crate::error::ApiError;
use crate::model::{State, StoredAnswer};
use crate::shared::Shared;

/// What to do with a request.
pub(crate) enum Admission {
    /// The stored answer is repeated.
    Replay(StoredAnswer),
    /// The request runs. If it has a key, its answer is stored under the reservation.
    Fresh(Option<Reserved>),
}

/// A key that is reserved for a request in progress.
#[derive(Clone, Debug)]
pub(crate) struct Reserved {
    pub(crate) key: String,
    fingerprint: String,
}

/// Releases a key when its request ends or is cancelled.
pub(crate) struct InFlight<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) key: String,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.shared.with(|state| state.in_flight.remove(&self.key));
    }
}

/// Decides how a request is handled, and reserves its key.
pub(crate) fn admit(state: &mut State, call: &Call) -> Result<Admission, ApiError> {
    let Some(key) = &call.cause.idempotency_key else {
        return Ok(Admission::Fresh(None));
    };
    if key.is_empty() || key.len() > 255 {
        return Err(ApiError::invalid("An Idempotency-Key has between 1 and 255 characters."));
    }
    // Each account has keys of its own.
    let key = format!("{}/{key}", call.owner.as_deref().unwrap_or_default());
    let fingerprint = fingerprint(call);
    if state.in_flight.contains(&key) {
        return Err(ApiError::key_in_use());
    }
    if let Some(stored) = state.answers.get(&key) {
        if stored.fingerprint == fingerprint {
            return Ok(Admission::Replay(stored.clone()));
        }
        return Err(ApiError::new(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were first \
             used with.",
        ));
    }
    state.in_flight.insert(key.clone());
    Ok(Admission::Fresh(Some(Reserved { key, fingerprint })))
}

/// Stores the answer, unless the request failed validation.
pub(crate) fn keep(state: &mut State, reserved: &Reserved, answer: &Result<Value, ApiError>) {
    let (status, body) = match answer {
        Ok(body) => (200, body.clone()),
        Err(error) if error.executed => (error.status, error.body()),
        Err(_) => return,
    };
    let stored = StoredAnswer {
        fingerprint: reserved.fingerprint.clone(),
        status,
        body,
        created: state.now(),
    };
    state.answers.insert(reserved.key.clone(), stored);
}

/// Returns a text that is the same for equal requests with parameters in any order.
fn fingerprint(call: &Call) -> String {
    let mut pairs: Vec<_> = form_urlencoded::parse(call.encoded.as_bytes()).collect();
    pairs.sort();
    let parameters = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{} {} {parameters}", call.method, call.path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Cause;

    #[test]
    fn key_is_in_use_until_its_request_ends() {
        let mut state = State::default();
        let call = Call {
            method: "POST".to_owned(),
            path: "/v1/refunds".to_owned(),
            owner: None,
            encoded: "a=1&b=2".to_owned(),
            cause: Cause { request: None, idempotency_key: Some("k".to_owned()) },
        };
        let Ok(Admission::Fresh(Some(reserved))) = admit(&mut state, &call) else {
            unreachable!("the key is fresh");
        };
        let error = admit(&mut state, &call).err().unwrap();
        assert_eq!(error.status, 409);
        keep(&mut state, &reserved, &Ok(Value::Null));
        state.in_flight.remove(&reserved.key);
        let reordered = Call { encoded: "b=2&a=1".to_owned(), ..call };
        assert!(matches!(admit(&mut state, &reordered), Ok(Admission::Replay(_))));
    }
}
