//! What a form says after it was refused.

use serde_json::json;

use super::{Chrome, hands::NAMES};
use crate::support::within;

/// Returns the error beside the field with a label, if the field is marked as wrong.
const ERROR: &str = "
    const [label] = arguments;
    const fields = [...document.querySelectorAll('input, textarea, select, fieldset')];
    const labelled = field => name(field.querySelector('legend') ?? field) === label;
    const field = fields.find(field => seen(field) && labelled(field));
    if (field?.getAttribute('aria-invalid') !== 'true') return null;
    const parts = (field.getAttribute('aria-describedby') ?? '').split(' ');
    const error = parts.map(id => document.getElementById(id)).find(part => part?.matches('.error'));
    return error && seen(error) ? plain(error.textContent) : null;
";

/// Returns the lines of the summary of errors whose links lead nowhere, and how many there are in all.
const SUMMARY: &str = "
    const lines = [...document.querySelectorAll('.summary li')];
    const leads = line => !line.querySelector('a')
        || document.getElementById(line.querySelector('a').hash.slice(1));
    return [lines.filter(line => !leads(line)).map(line => line.textContent), lines.length];
";

impl Chrome {
    /// Checks that the form was refused because of these fields: the message is beside each, and the summary
    /// that names them has the focus. A field without a name stands for the whole form.
    pub(crate) async fn refuses(&self, errors: &[(&str, &str)]) {
        self.shows("Please look at this again").await;
        let title = self.title().await;
        assert!(title.starts_with("Error: "), "{}: {title}", self.url().await);
        // The browser gives the focus when it first draws the page.
        let focus = within(async || {
            let focus = self.focus().await;
            focus.filter(|focus| focus.starts_with("Please look at this again"))
        });
        let focus = focus.await;
        assert!(focus.is_some(), "{:?} has the focus", self.focus().await);
        for (label, message) in errors {
            if label.is_empty() {
                self.shows(message).await;
            } else {
                let said = self.error(label).await;
                assert_eq!(said.as_deref(), Some(*message), "{}: {label}", self.url().await);
            }
        }
        let summary = self.session.run(SUMMARY, []).await.unwrap();
        assert_eq!(summary, json!([[], errors.len()]), "{}: {focus:?}", self.url().await);
    }

    /// Returns the error beside the field with this label.
    pub(crate) async fn error(&self, label: &str) -> Option<String> {
        let script = format!("{NAMES} {ERROR}");
        let found = within(async || {
            let said = self.session.run(&script, [json!(label)]).await.unwrap();
            said.as_str().map(str::to_owned)
        });
        found.await
    }
}
