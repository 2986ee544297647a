//! Stripe's published contract as a test oracle.
//!
//! [`Contract::check_request`] decodes and validates a form-encoded request;
//! [`Contract::check_response`] and [`Contract::check_object`] validate objects in answers. They
//! return problems as lines of the form `path: reason`. The crate's README states the origin of the
//! files.

mod form;
mod schema;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

static CONTRACT: LazyLock<Arc<Inner>> = LazyLock::new(|| Arc::new(Inner::read()));
static FIXTURES: LazyLock<Value> = LazyLock::new(|| embedded(include_str!("../fixtures.json")));

/// The contract. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Contract {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    paths: Map<String, Value>,
    schemas: Value,
    /// Validators, which are compiled on first use because most tests need only a few.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Returns an example object by its resource name, for instance `checkout.session`.
///
/// # Panics
///
/// Panics if the example does not exist.
#[expect(clippy::panic, reason = "test support: an unknown fixture is an error in the test")]
pub fn fixture(name: &str) -> Value {
    FIXTURES
        .pointer("/resources")
        .and_then(|resources| resources.get(name))
        .cloned()
        .unwrap_or_else(|| panic!("there is no fixture named {name}"))
}

impl Contract {
    /// Returns the embedded contract, which is parsed once in a process.
    pub fn load() -> Self {
        Self { inner: Arc::clone(&CONTRACT) }
    }

    /// Checks the path of a request, and the name, type and limits of every parameter. `form_body`
    /// is the raw body and `query` the raw query string; either may be empty.
    pub fn check_request(
        &self,
        method: &str,
        path: &str,
        form_body: &str,
        query: &str,
    ) -> Result<(), Vec<String>> {
        let (template, operation) = self.operation(method, path)?;
        let body = operation
            .pointer("/requestBody/content/application~1x-www-form-urlencoded/schema")
            .cloned()
            .unwrap_or_else(|| json!({"type": "object", "additionalProperties": false}));
        let mut problems = Vec::new();
        let parts = [("body", form_body, body), ("query", query, schema::of_query(operation))];
        for (part, encoded, described) in parts {
            let key = format!("{method} {template} {part}");
            match form::decode(encoded, &described) {
                Ok(decoded) => {
                    problems.extend(self.problems(&key, &described, &decoded, part)?);
                }
                Err(reasons) => {
                    problems.extend(reasons.iter().map(|reason| format!("{part}: {reason}")));
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Checks an answer to a request. An answer with an `error` member is checked as an error.
    pub fn check_response(
        &self,
        method: &str,
        path: &str,
        answer: &Value,
    ) -> Result<(), Vec<String>> {
        if answer.get("error").is_some() {
            return self.check_object("error", answer);
        }
        let (template, operation) = self.operation(method, path)?;
        let described = operation
            .pointer("/responses/200/content/application~1json/schema")
            .ok_or_else(|| vec![format!("the contract has no answer for {method} {template}")])?;
        let key = format!("{method} {template} answer");
        let problems = self.problems(&key, described, answer, "answer")?;
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Checks an object against a schema, for instance `checkout.session` or
    /// `event.refund.created`.
    pub fn check_object(&self, schema_name: &str, object: &Value) -> Result<(), Vec<String>> {
        if self.inner.schemas.get(schema_name).is_none() {
            return Err(vec![format!("there is no schema named {schema_name}")]);
        }
        let described = json!({"$ref": format!("#/components/schemas/{schema_name}")});
        let problems = self.problems(schema_name, &described, object, schema_name)?;
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Returns the API version of the contract.
    pub fn api_version(&self) -> &'static str {
        "2026-10-28.endive"
    }

    /// Finds the operation of a path. A literal segment has priority over a parameter.
    fn operation(&self, method: &str, path: &str) -> Result<(&str, &Value), Vec<String>> {
        let method = method.to_ascii_lowercase();
        let mut found: Vec<(usize, &str, &Value)> = self
            .inner
            .paths
            .iter()
            .filter_map(|(template, methods)| {
                let parameters = schema::matches(template, path)?;
                Some((parameters, template.as_str(), methods.get(&method)?))
            })
            .collect();
        found.sort_by_key(|(parameters, ..)| *parameters);
        found
            .into_iter()
            .map(|(_, template, operation)| (template, operation))
            .next()
            .ok_or_else(|| vec![format!("{method} {path} is not in the contract")])
    }

    fn problems(
        &self,
        key: &str,
        described: &Value,
        instance: &Value,
        part: &str,
    ) -> Result<Vec<String>, Vec<String>> {
        let validator = self.validator(key, described)?;
        Ok(validator.iter_errors(instance).flat_map(|error| explain(part, &error)).collect())
    }

    fn validator(&self, key: &str, described: &Value) -> Result<Arc<Validator>, Vec<String>> {
        let mut validators = self.inner.validators.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(validator) = validators.get(key) {
            return Ok(Arc::clone(validator));
        }
        let document = json!({
            "allOf": [described],
            "components": {"schemas": self.inner.schemas},
        });
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .build(&document)
            .map_err(|error| vec![format!("the schema of {key} is wrong: {error}")])?;
        let validator = Arc::new(validator);
        validators.insert(key.to_owned(), Arc::clone(&validator));
        Ok(validator)
    }
}

impl Inner {
    fn read() -> Self {
        let mut document = embedded(include_str!("../contract.json"));
        schema::normalize(&mut document);
        let take = |value: Option<&mut Value>| value.map(Value::take).unwrap_or_default();
        let paths = match take(document.get_mut("paths")) {
            Value::Object(paths) => paths,
            _ => Map::new(),
        };
        Self {
            paths,
            schemas: take(document.pointer_mut("/components/schemas")),
            validators: Mutex::default(),
        }
    }
}

/// Formats an error as lines. If no alternative of a schema fits, the lines are those of the
/// closest alternative.
fn explain(part: &str, error: &ValidationError<'_>) -> Vec<String> {
    let at = error.instance_path().as_str();
    if let ValidationErrorKind::AnyOf { context } = error.kind() {
        let nearest = context.iter().find(|reasons| {
            let deeper = |reason: &ValidationError<'_>| reason.instance_path().as_str() != at;
            let lacks = |reason: &ValidationError<'_>| {
                matches!(reason.kind(), ValidationErrorKind::Required { .. })
            };
            reasons.iter().any(|reason| deeper(reason) || lacks(reason))
        });
        if let Some(reasons) = nearest {
            return reasons.iter().flat_map(|reason| explain(part, reason)).collect();
        }
    }
    let mut reason = error.to_string();
    if let Some((end, _)) = reason.char_indices().nth(300) {
        reason.truncate(end);
        reason.push('…');
    }
    vec![format!("{part}{at}: {reason}")]
}

#[expect(clippy::expect_used, reason = "the files are compiled in")]
fn embedded(text: &str) -> Value {
    serde_json::from_str(text).expect("the embedded file is JSON")
}
