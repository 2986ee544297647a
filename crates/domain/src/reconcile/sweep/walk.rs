//! Walking through the pages of a list at the provider.

use std::collections::BTreeSet;

use crate::payments::PaymentsError;

/// Where a walk through a list has come to.
#[derive(Debug)]
pub(super) struct Walk {
    after: Option<String>,
    seen: BTreeSet<String>,
}

impl Walk {
    /// Begins with the page after `after`, or with the first one.
    pub(super) fn from(after: Option<String>) -> Self {
        Self { after, seen: BTreeSet::new() }
    }

    /// Returns what the next page comes after.
    pub(super) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Goes on to the page after `next`; `false` if there is none. A list that leads back to where it was would never end.
    pub(super) fn go_on(&mut self, next: Option<String>) -> Result<bool, PaymentsError> {
        let Some(next) = next else { return Ok(false) };
        if !self.seen.insert(next.clone()) {
            let reason = format!("a list begins again after {next}");
            return Err(PaymentsError::Unavailable(reason));
        }
        self.after = Some(next);
        Ok(true)
    }
}
