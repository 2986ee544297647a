//! The settings of a handle, and changes to them.

use std::collections::BTreeSet;

use super::{FrontendOrigin, Handle};
use crate::{
    email::Email,
    mail::HandleTexts,
    names::Slug,
    payments::PaymentExtras,
    text_enum::text_enum,
    validation::{self, Field, FieldError, FieldErrors},
    version::Version,
};

/// What becomes of a payment for a page that its buyer has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SecondPayments {
    /// The payment is refunded automatically.
    #[default]
    Refund,
    /// The payment is held, and the creator is told and decides.
    Hold,
}

text_enum!(SecondPayments, Refund = "REFUND", Hold = "HOLD");

/// A handle with its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleSettings {
    /// The handle that the settings belong to.
    pub handle: Handle,
    /// The origins that the creator's own frontends may call from, with the visitor's cookie.
    pub frontend_origins: Vec<FrontendOrigin>,
}

/// A change to a handle; `None` leaves a field unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandleChange {
    /// See [`Handle::title`].
    pub title: Option<String>,
    /// See [`HandleTexts::support_email`]; `Some(None)` removes it.
    pub support_email: Option<Option<Email>>,
    /// See [`HandleTexts::mail_footer`]; `Some(None)` removes it.
    pub mail_footer: Option<Option<String>>,
    /// See [`Handle::description`]; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// See [`Handle::picture`]; `Some(None)` removes it.
    pub picture: Option<Option<Slug>>,
    /// See [`PaymentExtras::invoice`].
    pub invoice: Option<bool>,
    /// See [`PaymentExtras::automatic_tax`].
    pub automatic_tax: Option<bool>,
    /// See [`PaymentExtras::tax_id`].
    pub tax_id: Option<bool>,
    /// See [`Handle::second_payments`].
    pub second_payments: Option<SecondPayments>,
    /// The full set of origins, which replaces the current one.
    pub frontend_origins: Option<Vec<FrontendOrigin>>,
}

/// The maximum number of origins of a handle. Each one costs a row, and no creator should need more.
const MAX_ORIGINS: usize = 20;
const MAX_FOOTER: usize = 500;
const MAX_DESCRIPTION: usize = 1_000;

impl HandleSettings {
    /// Returns what identifies this version of the settings: it depends on what they are, not on when they were set.
    pub fn version(&self) -> Version {
        let Self { handle, frontend_origins } = self;
        let PaymentExtras { invoice, automatic_tax, tax_id } = handle.extras;
        let wishes = [invoice, automatic_tax, tax_id].map(|is_on| is_on.then_some("on"));
        let texts = [
            Some(handle.title.as_str()),
            handle.texts.support_email.as_ref().map(Email::as_str),
            handle.texts.mail_footer.as_deref(),
            handle.description.as_deref(),
            handle.picture.as_ref().map(Slug::as_str),
        ];
        let second = Some(handle.second_payments.as_str());
        let origins = frontend_origins.iter().map(|origin| Some(origin.as_str()));
        Version::of_content(wishes.into_iter().chain(texts).chain([second]).chain(origins))
    }
}

impl HandleChange {
    /// Removes duplicate origins and empty texts, and returns the errors of invalid fields.
    pub fn check(&mut self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        if let Some(title) = &self.title {
            errors.check(Field::HandleTitle, validation::line(title, 1, 100));
        }
        if let Some(footer) = &mut self.mail_footer {
            *footer = footer.take().filter(|text| !text.trim().is_empty());
            let text = footer.as_deref().unwrap_or_default();
            errors.check(Field::MailFooter, validation::text(text, 0, MAX_FOOTER));
        }
        if let Some(description) = &mut self.description {
            *description = description.take().filter(|text| !text.trim().is_empty());
            let text = description.as_deref().unwrap_or_default();
            errors.check(Field::Description, validation::text(text, 0, MAX_DESCRIPTION));
        }
        if let Some(origins) = &mut self.frontend_origins {
            let mut seen = BTreeSet::new();
            origins.retain(|origin| seen.insert(origin.clone()));
            if origins.len() > MAX_ORIGINS {
                errors.add(Field::FrontendOrigins, FieldError::TooMany(MAX_ORIGINS));
            }
        }
        errors.finish()
    }

    /// Returns the texts of a handle as they are after this change.
    pub fn texts(self, before: HandleTexts) -> HandleTexts {
        HandleTexts {
            support_email: self.support_email.unwrap_or(before.support_email),
            mail_footer: self.mail_footer.unwrap_or(before.mail_footer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_after_a_change_are_those_before_where_it_says_nothing() {
        let help: Email = "help@example.com".parse().unwrap();
        let before =
            HandleTexts { support_email: Some(help), mail_footer: Some("1 Mill Lane".to_owned()) };
        let nothing = HandleChange::default();
        assert_eq!(nothing.texts(before.clone()), before);
        let footer = Some(Some("2 Mill Lane".to_owned()));
        let other = HandleChange { mail_footer: footer.clone(), ..HandleChange::default() };
        let expected = HandleTexts { mail_footer: footer.flatten(), ..before.clone() };
        assert_eq!(other.texts(before.clone()), expected);
        let none = HandleChange {
            support_email: Some(None),
            mail_footer: Some(None),
            ..HandleChange::default()
        };
        assert_eq!(none.texts(before), HandleTexts::default());
    }
}
