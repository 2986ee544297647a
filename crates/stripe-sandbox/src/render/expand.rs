//! The `expand` parameter.

use crate::error::ApiError;

/// Expandable members: the kind of object, the member, and the kind of object that it refers to.
const EXPANDABLE: &[(&str, &str, &str)] = &[
    ("checkout.session", "payment_intent", "payment_intent"),
    ("checkout.session", "line_items", "item"),
    ("payment_intent", "latest_charge", "charge"),
    ("charge", "payment_intent", "payment_intent"),
    ("charge", "refunds", "refund"),
    ("refund", "charge", "charge"),
    ("refund", "payment_intent", "payment_intent"),
    ("dispute", "charge", "charge"),
    ("dispute", "payment_intent", "payment_intent"),
];

/// The members of an object that are returned as whole objects instead of ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expand(Vec<String>);

impl Expand {
    /// Parses the paths to expand in an object of this kind. Like Stripe, fails for members that
    /// cannot be expanded and for more than four levels.
    pub(crate) fn parse(object: &str, paths: Vec<String>) -> Result<Self, ApiError> {
        for path in &paths {
            let mut kind = object;
            for (depth, member) in path.split('.').enumerate() {
                let target = EXPANDABLE.iter().find(|(of, name, _)| *of == kind && *name == member);
                kind = match target {
                    Some((_, _, target)) if depth < 4 => target,
                    _ => {
                        return Err(ApiError::invalid(format!(
                            "This property cannot be expanded ({path})."
                        ))
                        .param("expand"));
                    }
                };
            }
        }
        Ok(Self(paths))
    }

    /// Returns the paths to expand within `member`, or `None` if it is not expanded itself.
    pub(super) fn within(&self, member: &str) -> Option<Self> {
        let mut asked = false;
        let mut inner = Vec::new();
        for path in &self.0 {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            if first == member {
                asked = true;
                if !rest.is_empty() {
                    inner.push(rest.to_owned());
                }
            }
        }
        asked.then_some(Self(inner))
    }
}
