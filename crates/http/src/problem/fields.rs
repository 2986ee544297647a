//! What is wrong with the fields of a request, by their names in JSON.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use tollgate_domain::validation::{self, Field, FieldError};

/// The errors of invalid fields, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldErrors(BTreeMap<String, FieldError>);

impl FieldErrors {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn one(name: &str, error: impl Into<FieldError>) -> Self {
        let mut errors = Self::new();
        errors.add(name, error);
        errors
    }

    /// Adds an error. The first error of a field is kept.
    pub(crate) fn add(&mut self, name: &str, error: impl Into<FieldError>) {
        self.0.entry(name.to_owned()).or_insert_with(|| error.into());
    }

    pub(crate) fn extend(&mut self, more: impl Into<Self>) {
        let more: Self = more.into();
        for (name, error) in more.0 {
            self.0.entry(name).or_insert(error);
        }
    }

    /// Adds the errors that a check of the domain finds.
    pub(crate) fn found_by(&mut self, check: impl FnOnce(&mut validation::FieldErrors)) {
        let mut found = validation::FieldErrors::new();
        check(&mut found);
        self.extend(found);
    }

    /// Returns the value, or adds the error and returns `None`.
    pub(crate) fn check<T, E: Into<FieldError>>(
        &mut self,
        name: &str,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|error| self.add(name, error)).ok()
    }

    pub(crate) fn finish(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Returns the errors, ordered by name.
    pub(crate) fn fields(&self) -> &BTreeMap<String, FieldError> {
        &self.0
    }
}

impl From<validation::FieldErrors> for FieldErrors {
    fn from(errors: validation::FieldErrors) -> Self {
        let errors = errors.fields().iter();
        Self(errors.map(|(field, error)| (name(*field).to_owned(), error.clone())).collect())
    }
}

impl Serialize for FieldErrors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, error)| (name, written(error))))
    }
}

/// Returns a field's name in JSON, which it has in forms, too.
fn name(field: Field) -> &'static str {
    match field {
        Field::Slug => "slug",
        Field::Title => "title",
        Field::Description => "description",
        Field::Teaser => "teaser",
        Field::Body => "body",
        Field::Price => "price",
        Field::TargetQuantity => "targetQuantity",
        Field::MaxQuantity => "maxQuantity",
        Field::Deadline => "deadline",
        Field::OfferDays => "offerDays",
        Field::HandleTitle | Field::DisplayName | Field::FileName => "name",
        Field::MailFooter => "mailFooter",
        Field::FrontendOrigins => "frontendOrigins",
        Field::Password => "password",
        Field::NewPassword => "newPassword",
        Field::PageOfFile => "pageSlug",
        Field::SuccessUrl => "successUrl",
        Field::CancelUrl => "cancelUrl",
        Field::RefundReason => "reason",
        Field::OldAddress | Field::FirstDay => "from",
        Field::NewAddress | Field::LastDay => "to",
        Field::AddressPrefix => "q",
    }
}

/// Returns what is wrong, in English and with the names of JSON.
fn written(error: &FieldError) -> String {
    match error {
        FieldError::PageMissing => "is required when access is PAGE".to_owned(),
        FieldError::PageUnexpected => "goes with access PAGE only".to_owned(),
        FieldError::BeforeFirstDay => "must not be before from".to_owned(),
        FieldError::TooManyDays(days) => format!("must be within {days} days of to"),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_domain_have_the_names_of_json() {
        let mut errors = validation::FieldErrors::new();
        errors.add(Field::PageOfFile, FieldError::PageMissing);
        errors.add(Field::LastDay, FieldError::BeforeFirstDay);
        errors.add(Field::FirstDay, FieldError::TooManyDays(366));
        errors.add(Field::HandleTitle, FieldError::Empty);
        insta::assert_snapshot!(
            serde_json::to_string(&FieldErrors::from(errors)).unwrap(),
            @r#"{"from":"must be within 366 days of to","name":"must not be empty","pageSlug":"is required when access is PAGE","to":"must not be before from"}"#
        );
    }

    #[test]
    fn first_error_of_a_field_is_kept() {
        let mut errors = FieldErrors::one("name", FieldError::Missing);
        errors.extend(validation::FieldErrors::one(Field::DisplayName, FieldError::Empty));
        assert_eq!(errors, FieldErrors::one("name", FieldError::Missing));
    }
}
