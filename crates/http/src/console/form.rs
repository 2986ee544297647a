//! Forms of screens: what was typed, and what is wrong about it.

use std::str::FromStr;

use tollgate_domain::{
    email::Email,
    validation::FieldError,
    version::{BasedOn, Version},
};

use super::errors;
use crate::{
    extract::{Fields, Form},
    locale::Texts,
    problem::{FieldErrors, Problem},
};

/// The fields of a form in its order, with the ids of their labels. Fields that the JSON interface has too have
/// the same name here, so that the errors of use cases find them.
pub(crate) type Labels = &'static [(&'static str, &'static str)];

/// A form as its screen shows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct FormState {
    t: Texts,
    labels: Labels,
    fields: Fields,
    errors: Vec<FormError>,
    /// How long to wait before the form is sent again, in seconds, if it was sent too often.
    wait: Option<u64>,
    /// The id of what stands above the errors, if they are not about what was typed.
    heading: Option<&'static str>,
    /// The id of what says more about the errors of the whole form.
    more: Option<&'static str>,
    /// Whether its screen showed what is not so any more.
    is_outdated: bool,
}

/// What is wrong about a field, or about the whole form if the field is empty.
#[derive(Debug, Clone)]
pub(crate) struct FormError {
    pub(crate) field: String,
    pub(crate) text: String,
}

impl FormState {
    pub(crate) fn new(t: Texts, labels: Labels) -> Self {
        Self { t, labels, ..Self::default() }
    }

    /// Reads what was sent. Of a text that is far too long for any field, only the beginning is kept.
    pub(crate) async fn read(t: Texts, labels: Labels, form: Form) -> Result<Self, Problem> {
        Ok(Self::of(t, labels, form.read_typed().await?))
    }

    pub(crate) fn of(t: Texts, labels: Labels, fields: Fields) -> Self {
        Self { fields: fields.with_plain_breaks(), ..Self::new(t, labels) }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.add(name, value.into());
        self
    }

    /// Fills in a field, replacing its content.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.fields.set(name, value.into());
    }

    /// Fills in a field that was not sent, such as one of another form on the same screen.
    pub(crate) fn with_missing(self, name: &str, value: impl Into<String>) -> Self {
        if self.is_sent(name) { self } else { self.with(name, value) }
    }

    /// Returns what is in a field; empty if there is nothing or the field is there twice.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    /// Returns whether a field was sent, even if nothing is in it.
    pub(crate) fn is_sent(&self, name: &str) -> bool {
        self.fields.all(name).next().is_some()
    }

    /// Returns the version of what is edited that a change is based on. Only a form from before forms had one changes whatever is
    /// stored: one that is blank or there twice is no version.
    pub(crate) fn based_on(&self) -> BasedOn {
        if self.is_sent("version") {
            Version::named(self.get("version")).into()
        } else {
            BasedOn::Any
        }
    }

    /// Returns what is in a field, unless it is blank.
    pub(crate) fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|text| !text.trim().is_empty())
    }

    /// Returns whether this radio button, option or checkbox is chosen.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.fields.all(name).any(|chosen| chosen == value)
    }

    pub(crate) fn label(&self, name: &str) -> String {
        self.known_label(name).unwrap_or_else(|| {
            tracing::error!(name, "a field has no label");
            name.to_owned()
        })
    }

    fn known_label(&self, name: &str) -> Option<String> {
        let found = self.labels.iter().find(|(field, _)| *field == name);
        found.map(|(_, id)| self.t.get(id))
    }

    /// Returns the name of a field; see [`name_of`].
    fn name(&self, field: &str) -> Option<String> {
        self.known_label(field).map(|label| name_of(self.t, &label))
    }

    /// Adds an error; the first one of a field is kept. An empty name stands for the whole form.
    pub(crate) fn refuse(&mut self, field: &str, text: String) {
        if self.error(field).is_none() {
            self.errors.push(FormError { field: field.to_owned(), text });
        }
    }

    /// Adds an error, like [`refuse`](Self::refuse).
    pub(crate) fn with_error(mut self, field: &str, text: String) -> Self {
        self.refuse(field, text);
        self
    }

    /// Returns the value, or adds the error of its parser.
    pub(crate) fn check<T, E: Into<FieldError>>(
        &mut self,
        field: &str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        parsed.map_err(|error| self.refuse(field, errors::told(self.t, &error.into()))).ok()
    }

    /// Returns the address in a field, or adds what is wrong with it.
    pub(crate) fn check_email(&mut self, field: &str) -> Option<Email> {
        if self.needs(field) { self.check(field, self.get(field).parse()) } else { None }
    }

    /// Returns whether there is something in a field; adds an error if there is not.
    pub(crate) fn needs(&mut self, field: &str) -> bool {
        let is_there = self.some(field).is_some();
        if !is_there {
            self.refuse(field, self.t.get("console-error-empty"));
        }
        is_there
    }

    /// Adds errors of the domain or of the JSON interface.
    pub(crate) fn add(&mut self, errors: impl Into<FieldErrors>) {
        let errors: FieldErrors = errors.into();
        for (field, error) in errors.fields() {
            self.refuse(field, errors::told(self.t, error));
        }
    }

    /// Returns what was read of the form unless a field has an error, or adds what is wrong.
    pub(crate) fn parsed<T>(&mut self, read: Result<T, FieldErrors>) -> Option<T> {
        match read {
            Ok(read) => (!self.has_errors()).then_some(read),
            Err(errors) => {
                self.add(errors);
                None
            }
        }
    }

    /// Adds the errors of a use case. Returns the problem if it is not about what was typed.
    pub(crate) fn refused(mut self, problem: impl Into<Problem>) -> Result<Self, Problem> {
        let problem = problem.into();
        self.wait = problem.retry_after();
        if let Some(fields) = problem.fields() {
            for (field, error) in fields.fields() {
                self.refuse(field, errors::told(self.t, error));
            }
            return Ok(self);
        }
        match errors::of_code(self.t, &problem) {
            Some((field, text)) => Ok(self.with_error(field, text)),
            None => Err(problem),
        }
    }

    /// Adds that the screen of the form showed what is not so any more, so that nothing was done.
    pub(crate) fn outdated(self) -> Self {
        let text = self.t.get("console-error-outdated");
        let form = self.with_error("", text).headed("console-not-done");
        Self { is_outdated: true, ..form }
    }

    /// Returns whether the screen of the form showed what is not so any more.
    pub(crate) fn is_outdated(&self) -> bool {
        self.is_outdated
    }

    /// Returns whether the form does not name in a field what is there now: another thing, or none, since the field is blank or
    /// there twice. Only a form from before forms had the field need not name it.
    pub(crate) fn names_another(&self, field: &str, there: &impl ToString) -> bool {
        self.is_sent(field) && self.get(field) != there.to_string()
    }

    /// Returns whether it cannot be read what the screen of the form showed in a field that it sent along: the field is blank,
    /// there twice, or has something else in it.
    pub(crate) fn is_unreadable<T: FromStr>(&self, field: &str) -> bool {
        self.is_sent(field) && self.get(field).parse::<T>().is_err()
    }

    /// Sets the id of what stands above errors that are not about what was typed.
    pub(crate) fn headed(self, heading: &'static str) -> Self {
        Self { heading: Some(heading), ..self }
    }

    /// Sets the id of what says more on the screen about the errors of the whole form, so that they lead there.
    pub(crate) fn more_at(self, id: &'static str) -> Self {
        Self { more: Some(id), ..self }
    }

    /// Returns what stands above the errors.
    pub(crate) fn heading(&self) -> String {
        let usual = if self.wait.is_some() { "console-not-done" } else { "console-error-heading" };
        self.t.get(self.heading.unwrap_or(usual))
    }

    pub(crate) fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| &*error.text)
    }

    /// Returns how long to wait before the form is sent again, in seconds, if it was sent too often.
    pub(crate) fn wait(&self) -> Option<u64> {
        self.wait
    }

    pub(crate) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Returns the lines of the summary: the field to go to, if the form has it, or else what says more; and the text. What is
    /// wrong about the whole form comes first, then the fields in the order of the form.
    pub(crate) fn summary(&self) -> Vec<FormError> {
        let line = |error: &FormError| match self.name(&error.field) {
            Some(name) => FormError {
                field: error.field.clone(),
                text: self.t.with2("console-error-line", "label", name, "error", &error.text),
            },
            None => FormError {
                field: self.more.unwrap_or_default().to_owned(),
                text: error.text.clone(),
            },
        };
        let place =
            |error: &&FormError| self.labels.iter().position(|(field, _)| *field == error.field);
        let mut errors: Vec<_> = self.errors.iter().collect();
        errors.sort_by_key(place);
        errors.into_iter().map(line).collect()
    }
}

/// Returns the name of a field: its label without the word that says that it may stay empty.
pub(super) fn name_of(t: Texts, label: &str) -> String {
    let optional = t.get("console-optional");
    label.strip_suffix(&*optional).unwrap_or(label).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use tollgate_domain::{language::Language, names::NameError};

    use super::*;
    use crate::problem::Code;

    const FIELDS: Labels = &[("email", "console-field-email"), ("name", "console-field-shop-name")];

    fn form() -> FormState {
        FormState::new(Texts::default(), FIELDS).with("email", "ada@example.com")
    }

    #[test]
    fn error_of_a_use_case_stands_beside_its_field() {
        let form = form().refused(Problem::new(Code::EmailTaken)).unwrap();
        assert!(form.error("email").unwrap().contains("account"), "{form:?}");
        assert_eq!(form.get("email"), "ada@example.com");
        let form = form.refused(Problem::field("name", FieldError::Empty)).unwrap();
        let summary = form.summary();
        assert_eq!(summary.len(), 2);
        assert_eq!(summary[1].field, "name");
        assert_eq!(summary[1].text, "Name of the shop: Please fill this in.");
    }

    #[test]
    fn summary_is_in_the_order_of_the_form() {
        let mut form = form();
        for field in ["name", "", "email"] {
            form.refuse(field, format!("about {field}"));
        }
        let fields: Vec<_> = form.summary().into_iter().map(|line| line.field).collect();
        assert_eq!(fields, ["", "email", "name"]);
    }

    #[test]
    fn summary_does_not_say_that_a_field_is_optional() {
        const OPTIONAL: Labels = &[("teaser", "console-pages-field-teaser")];
        for language in Language::ALL {
            let mut form = FormState::new(Texts(language), OPTIONAL);
            form.refuse("teaser", "!".to_owned());
            assert_eq!(form.label("teaser"), "Teaser (optional)");
            assert_eq!(form.summary()[0].text, "Teaser: !");
        }
    }

    #[test]
    fn fault_is_not_an_error_of_the_form() {
        assert!(form().refused(Problem::new(Code::Unavailable)).is_err());
        assert!(form().refused(Problem::new(Code::HandleNotFound)).is_err());
    }

    #[test]
    fn error_of_a_field_that_the_form_lacks_is_about_the_form() {
        let form = form().refused(Problem::field("slug", NameError::Reserved)).unwrap();
        assert_eq!(form.summary()[0].field, "");
    }
}
