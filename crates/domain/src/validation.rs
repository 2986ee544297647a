//! Validation errors, reported for each field.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    email::EmailError,
    invisible::is_ignorable,
    money::{Currency, CurrencyError, Money, PriceError},
    names::NameError,
};

/// What is wrong with the value of a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The text shows nothing.
    #[error("must not be empty")]
    Empty,
    /// There is no value.
    #[error("is required")]
    Missing,
    /// The text has fewer characters than this.
    #[error("must have at least {0} characters")]
    TooShort(usize),
    /// The text has more characters than this.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// The text has fewer characters than the first number, or more than the second.
    #[error("must have {0} to {1} characters")]
    Length(usize, usize),
    /// The text has more KiB than this.
    #[error("must have at most {0} KiB")]
    TooLarge(usize),
    /// A form has more in this field than it takes.
    #[error("is too long")]
    Oversized,
    /// The Markdown makes more HTML than a page may have.
    #[error("makes too large a page: use smaller tables and shorter paragraphs")]
    PageTooLarge,
    /// The text has line breaks, control characters, or marks that change the writing direction.
    #[error("must be one line without control characters")]
    NotOneLine,
    /// The text has control characters, or marks that have text written backwards.
    #[error("must not have control characters")]
    ControlCharacters,
    /// The password is among those that are tried first.
    #[error("is a common password that is easy to guess")]
    CommonPassword,
    /// The password is the creator's own address or a part of it.
    #[error("must not be your own address, or a part of it")]
    OwnAddress,
    /// The text is not an e-mail address.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// The text is not a name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The text is not the origin of a frontend.
    #[error(
        "must be origins as browsers write them, such as https://shop.example.com: lower case, no path, no usual \
         port, and https unless it is this machine"
    )]
    Origin,
    /// There are more values than this.
    #[error("must be at most {0}")]
    TooMany(usize),
    /// The text is not a currency.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    /// The amount cannot be charged.
    #[error(transparent)]
    Price(#[from] PriceError),
    /// A paid page has no price.
    #[error("is required when the page is paid")]
    PriceMissing,
    /// The price of a group buy is not in the currency of its page, which is this one.
    #[error("must be in the page's currency, {}", .0.code())]
    OtherCurrency(Currency),
    /// The price of a group buy is above that of its page, which is this one.
    #[error(
        "must not be above the page's price, {0}: amount must be at most {amount}",
        amount = .0.amount
    )]
    AbovePagePrice(Money),
    /// The text does not name a public picture among the files of the handle.
    #[error("must be a picture among the handle's files that everybody may open")]
    NoPublicPicture,
    /// The number is not between 1 and this one.
    #[error("must be from 1 to {0}")]
    OutOfRange(i64),
    /// The maximum of a group buy is below its target.
    #[error("must not be below the target")]
    BelowTarget,
    /// The target exceeds the maximum.
    #[error("must not be above the maximum, {0}")]
    AboveMaximum(i64),
    /// The maximum of a group buy is below the quantity that visitors want already, which is this number.
    #[error("must not be below the quantity that is wanted already, {0}")]
    BelowWanted(i64),
    /// The page of a group buy has no price.
    #[error("needs a page that has a price")]
    PageUnpriced,
    /// The handle has no such page.
    #[error("is not a page of this handle")]
    NoPage,
    /// A file that opens with a page names none.
    #[error("is required for a file that opens with a page")]
    PageMissing,
    /// A file that does not open with a page names one.
    #[error("goes only with a file that opens with a page")]
    PageUnexpected,
    /// The text is not the name of a file.
    #[error("must be a plain name without slashes")]
    FileName,
    /// The instant is not in the future.
    #[error("must be in the future")]
    Past,
    /// The instant is more than this many years ahead.
    #[error("must be within {0} years")]
    TooFarAhead(i64),
    /// The text is not a date.
    #[error("must be a date such as 2026-01-31")]
    Date,
    /// The last day comes before the first one.
    #[error("must not be before the first day")]
    BeforeFirstDay,
    /// The first day is at least this many days before the last one.
    #[error("must be within {0} days of the last day")]
    TooManyDays(i32),
    /// The address is the one that there is already.
    #[error("must be another address")]
    SameAddress,
    /// There is no purchase, payment, grant or list entry under the address at the handle.
    #[error("has nothing at this handle")]
    NothingThere,
    /// The address takes no more mails from the shop.
    #[error("asked for no more mails from this shop")]
    MailUnwanted,
    /// The page is not published, and the person that a link to it is for does not have it.
    #[error("is not published, and this person does not have it")]
    PageHidden,
    /// The URL is not one that a visitor may be sent to after paying.
    #[error(
        "must be an absolute https address, or an http address of localhost, a name that ends in .localhost or a loopback \
         address, without a user name, of at most 2000 ASCII characters"
    )]
    ReturnUrl,
    /// Something that only programs get wrong, or that only one form knows.
    #[error("{0}")]
    Other(Cow<'static, str>),
}

impl From<&'static str> for FieldError {
    fn from(message: &'static str) -> Self {
        Self::Other(message.into())
    }
}

impl From<String> for FieldError {
    fn from(message: String) -> Self {
        Self::Other(message.into())
    }
}

/// Something that a person or a program enters, and that may be wrong. Its name in JSON and in forms is made elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The name of a page, file or group buy in URLs.
    Slug,
    /// The title of a page or group buy.
    Title,
    /// The description of a storefront or group buy.
    Description,
    /// The public part of a page.
    Teaser,
    /// The part of a page behind its gate.
    Body,
    /// The price of a page or group buy.
    Price,
    /// The target of a group buy.
    TargetQuantity,
    /// The maximum of a group buy.
    MaxQuantity,
    /// The deadline of a group buy.
    Deadline,
    /// The duration of a group buy's offer.
    OfferDays,
    /// The title of a storefront.
    HandleTitle,
    /// The end of mails to visitors.
    MailFooter,
    /// The origins of a creator's own frontends.
    FrontendOrigins,
    /// The display name of a creator.
    DisplayName,
    /// The password of a creator.
    Password,
    /// The password that replaces the creator's current one.
    NewPassword,
    /// The name that a file is saved under.
    FileName,
    /// The page that a file opens with.
    PageOfFile,
    /// The URL after paying.
    SuccessUrl,
    /// The URL after cancelling a payment.
    CancelUrl,
    /// The creator's note about a refund.
    RefundReason,
    /// The address that a person is known by.
    OldAddress,
    /// The address that a person moves to.
    NewAddress,
    /// The start of the addresses that a list is limited to.
    AddressPrefix,
    /// The first day of a period.
    FirstDay,
    /// The last day of a period.
    LastDay,
}

/// The errors of invalid fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(BTreeMap<Field, FieldError>);

impl FieldErrors {
    /// Creates an empty set of errors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a set with a single error.
    pub fn one(field: Field, error: impl Into<FieldError>) -> Self {
        let mut errors = Self::new();
        errors.add(field, error);
        errors
    }

    /// Adds an error. The first error of a field is kept.
    pub fn add(&mut self, field: Field, error: impl Into<FieldError>) {
        self.0.entry(field).or_insert_with(|| error.into());
    }

    /// Returns the value, or adds the error and returns `None`.
    pub fn check<T, E: Into<FieldError>>(
        &mut self,
        field: Field,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|error| self.add(field, error)).ok()
    }

    /// Returns `Ok` if there are no errors.
    pub fn finish(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Returns the errors by field.
    pub fn fields(&self) -> &BTreeMap<Field, FieldError> {
        &self.0
    }
}

/// Checks a text of one line: like [`text`], but without line breaks, tabs and marks that change the
/// writing direction.
pub fn line(value: &str, least: usize, most: usize) -> Result<String, FieldError> {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || turns(c);
    if value.chars().any(breaks) {
        return Err(FieldError::NotOneLine);
    }
    text(value, least, most)
}

/// Checks that a text has between `least` and `most` characters, and no control characters other than line breaks and tabs. Marks
/// that change the writing direction belong to some languages, except for those that have any text written backwards.
pub fn text(value: &str, least: usize, most: usize) -> Result<String, FieldError> {
    let length = value.chars().count();
    if length < least || is_blank(value) && least > 0 {
        return Err(match least {
            0 | 1 => FieldError::Empty,
            _ => FieldError::TooShort(least),
        });
    }
    if length > most {
        return Err(FieldError::TooLong(most));
    }
    printable(value)
}

/// Returns whether a text shows nothing: it has only white space and characters without a width.
fn is_blank(value: &str) -> bool {
    value.chars().all(|c| c.is_whitespace() || is_ignorable(c))
}

/// Checks that a text has at most `most` bytes, which are whole KiB, and else like [`text`].
pub fn large_text(value: &str, most: usize) -> Result<String, FieldError> {
    if value.len() > most {
        return Err(FieldError::TooLarge(most / 1024));
    }
    printable(value)
}

fn printable(value: &str) -> Result<String, FieldError> {
    let is_override = |c| matches!(c, '\u{202d}' | '\u{202e}');
    let is_refused = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t') || is_override(c);
    if value.chars().any(is_refused) {
        return Err(FieldError::ControlCharacters);
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_shows_nothing_is_empty() {
        for blank in [
            "",
            " ",
            "\u{a0}",
            "\u{200b}",
            "\u{feff}\u{2060} ",
            "\u{ad}",
            "\u{e0041}",
            "\u{115f}\u{1160}",
            "\u{17b4}",
            "\u{3164}",
            "\u{ffa0}",
            "\u{1bca0}",
            "\u{1d173}",
        ] {
            assert_eq!(text(blank, 1, 9), Err(FieldError::Empty), "{blank:?}");
            assert!(text(blank, 0, 9).is_ok());
        }
        // A joiner is a part of what is shown.
        assert!(line("\u{1f469}\u{200d}\u{1f33e}", 1, 9).is_ok());
    }
    #[test]
    fn text_is_not_written_backwards() {
        for backwards in ["gpj.\u{202e}exe", "\u{202d}abc\u{202c}"] {
            assert_eq!(text(backwards, 0, 99), Err(FieldError::ControlCharacters));
            assert_eq!(large_text(backwards, 1024), Err(FieldError::ControlCharacters));
            assert_eq!(line(backwards, 0, 99), Err(FieldError::NotOneLine));
        }
        // Names from right to left within a sentence from left to right, and the other way round.
        for mixed in ["\u{2067}שלום\u{2069}, world\u{200e}", "\u{202b}שלום\u{202c}"] {
            assert!(text(mixed, 0, 99).is_ok() && large_text(mixed, 1024).is_ok());
        }
    }
}
