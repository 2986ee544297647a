//! What is wrong with what was typed, in the creator's language.

use tollgate_domain::{money::PriceError, names::NameError, validation::FieldError};

use crate::{
    locale::Texts,
    problem::{Code, Problem, Reason},
};

/// Returns what is wrong with a field as a sentence in the creator's language.
pub(crate) fn told(t: Texts, error: &FieldError) -> String {
    let number = |id, number: usize| t.with(id, "what", t.number(number));
    let count = |id, count: i64| t.with(id, "what", t.number(count));
    let between =
        |id, least: usize, most: usize| t.with2(id, "what", t.number(least), "and", t.number(most));
    match error {
        FieldError::Empty | FieldError::Missing => t.get("console-error-empty"),
        FieldError::TooShort(least) => number("console-error-too-short", *least),
        FieldError::TooLong(most) => number("console-error-too-long", *most),
        FieldError::Length(least, most) => between("console-error-length", *least, *most),
        FieldError::TooLarge(most) => number("console-error-too-big", *most),
        FieldError::Oversized => t.get("console-error-too-large"),
        FieldError::PageTooLarge => t.get("console-error-table-too-big"),
        FieldError::NotOneLine => t.get("console-error-one-line"),
        FieldError::ControlCharacters => t.get("console-error-control"),
        FieldError::CommonPassword => t.get("console-error-password-common"),
        FieldError::OwnAddress => t.get("console-error-password-own"),
        FieldError::Email(_) => t.get("console-error-email"),
        FieldError::Name(NameError::Form { least, most }) => {
            between("console-error-name", *least, *most)
        }
        FieldError::Name(NameError::Reserved) => t.get("console-error-reserved"),
        FieldError::Origin => t.get("console-error-origin"),
        FieldError::TooMany(most) => number("console-error-too-many", *most),
        FieldError::Currency(_) => t.get("console-error-currency"),
        FieldError::Price(error) => of_price(t, *error),
        FieldError::PriceMissing => t.get("console-error-price-missing"),
        FieldError::OtherCurrency(currency) => {
            t.with("console-error-other-currency", "what", currency.code().to_uppercase())
        }
        FieldError::NoPublicPicture => t.get("console-settings-error-picture"),
        FieldError::AbovePagePrice(price) => {
            t.with("console-error-above-price", "what", t.money(price))
        }
        FieldError::OutOfRange(most) => count("console-error-range", *most),
        FieldError::BelowTarget => t.get("console-error-below-target"),
        FieldError::AboveMaximum(most) => count("console-error-above-maximum", *most),
        FieldError::BelowWanted(wanted) => count("console-error-below-wanted", *wanted),
        FieldError::PageUnpriced => t.get("console-error-page-unpriced"),
        FieldError::NoPage => t.get("console-error-no-page"),
        FieldError::PageMissing => t.get("console-error-page-missing"),
        FieldError::PageUnexpected => t.get("console-error-page-extra"),
        FieldError::FileName => t.get("console-error-file-name"),
        FieldError::Past => t.get("console-error-past"),
        FieldError::TooFarAhead(years) => count("console-error-too-far-ahead", *years),
        FieldError::Date => t.get("console-error-date"),
        FieldError::BeforeFirstDay => t.get("console-error-before-from"),
        FieldError::TooManyDays(most) => count("console-error-too-many-days", i64::from(*most)),
        FieldError::SameAddress => t.get("console-error-same-address"),
        FieldError::NothingThere => t.get("console-error-nothing-there"),
        FieldError::MailUnwanted => t.get("console-error-unwanted"),
        FieldError::PageHidden => t.get("console-error-page-hidden"),
        // No form of the console has these, except for texts that are in the creator's language already.
        FieldError::ReturnUrl | FieldError::Other(_) => error.to_string(),
    }
}

fn of_price(t: Texts, error: PriceError) -> String {
    let (id, what) = match error {
        PriceError::BelowMinimum(least) => ("console-error-price-low", t.money(least)),
        PriceError::AboveMaximum(most) => ("console-error-price-high", t.money(most)),
        PriceError::NotAMultiple(step) => ("console-error-price-step", t.number(step)),
    };
    t.with(id, "what", what)
}

/// Returns the field that a problem is about, empty for the whole form, and what to tell the creator; `None`
/// if the problem is not about what was typed.
pub(crate) fn of_code(t: Texts, problem: &Problem) -> Option<(&'static str, String)> {
    Some(match problem.code() {
        Code::SlugTaken => ("slug", t.get("console-error-slug-taken")),
        Code::HandleTaken => ("handle", t.get("console-error-handle-taken")),
        Code::EmailTaken => ("email", t.get("console-error-email-taken")),
        Code::EmailNotVerified => ("", t.get("console-error-email-not-verified")),
        Code::QuotaExceeded if problem.reason() == Some(Reason::Handles) => {
            ("", t.get("console-error-quota-handles"))
        }
        Code::QuotaExceeded if problem.reason() == Some(Reason::StoredBytes) => {
            ("", t.get("console-error-quota"))
        }
        Code::QuotaExceeded => ("", t.get("console-error-quota-number")),
        Code::PayloadTooLarge => ("", t.get("console-error-too-large")),
        Code::RateLimited => {
            let id = if problem.is_limit_of_a_day() {
                "console-error-limit-of-a-day"
            } else {
                "console-error-rate-limited"
            };
            ("", t.with(id, "wait", t.duration(problem.retry_after().unwrap_or(60))))
        }
        _ if problem.reason() == Some(Reason::AccountSuspended) => {
            ("", t.get("console-error-account-suspended"))
        }
        Code::CreatorUnauthorized => ("password", t.get("console-error-password-wrong")),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use tollgate_domain::{
        email::EmailError,
        language::Language,
        money::{Currency, CurrencyError, Money},
    };

    use super::*;

    #[test]
    fn errors_have_texts_in_both_languages() {
        let usd: Currency = "usd".parse().unwrap();
        let price = Money::new(1_250, usd);
        for (error, numbers) in [
            (FieldError::Empty, [""; 2]),
            (FieldError::Missing, [""; 2]),
            (FieldError::TooShort(3), ["3", ""]),
            (FieldError::TooLong(200), ["200", ""]),
            (FieldError::Length(8, 256), ["8", "256"]),
            (FieldError::TooLarge(64), ["64", ""]),
            (FieldError::Oversized, [""; 2]),
            (FieldError::PageTooLarge, [""; 2]),
            (FieldError::NotOneLine, [""; 2]),
            (FieldError::ControlCharacters, [""; 2]),
            (FieldError::CommonPassword, [""; 2]),
            (FieldError::OwnAddress, [""; 2]),
            (FieldError::Email(EmailError), [""; 2]),
            (FieldError::Name(NameError::Form { least: 3, most: 32 }), ["3", "32"]),
            (FieldError::Name(NameError::Reserved), [""; 2]),
            (FieldError::Origin, [""; 2]),
            (FieldError::TooMany(20), ["20", ""]),
            (FieldError::Currency(CurrencyError), [""; 2]),
            (FieldError::Price(PriceError::BelowMinimum(price)), ["12", "50"]),
            (FieldError::Price(PriceError::AboveMaximum(price)), ["12", "50"]),
            (FieldError::Price(PriceError::NotAMultiple(100)), ["100", ""]),
            (FieldError::PriceMissing, [""; 2]),
            (FieldError::OtherCurrency(usd), ["USD", ""]),
            (FieldError::NoPublicPicture, [""; 2]),
            (FieldError::AbovePagePrice(price), ["12", "50"]),
            (FieldError::OutOfRange(90), ["90", ""]),
            (FieldError::BelowTarget, [""; 2]),
            (FieldError::AboveMaximum(4), ["4", ""]),
            (FieldError::BelowWanted(7), ["7", ""]),
            (FieldError::PageUnpriced, [""; 2]),
            (FieldError::NoPage, [""; 2]),
            (FieldError::PageMissing, [""; 2]),
            (FieldError::PageUnexpected, [""; 2]),
            (FieldError::FileName, [""; 2]),
            (FieldError::Past, [""; 2]),
            (FieldError::TooFarAhead(5), ["5", ""]),
            (FieldError::Date, [""; 2]),
            (FieldError::BeforeFirstDay, [""; 2]),
            (FieldError::TooManyDays(366), ["366", ""]),
            (FieldError::SameAddress, [""; 2]),
            (FieldError::NothingThere, [""; 2]),
            (FieldError::MailUnwanted, [""; 2]),
            (FieldError::PageHidden, [""; 2]),
        ] {
            for language in Language::ALL {
                let text = told(Texts(language), &error);
                assert!(text.contains(' '), "{text}");
                assert_ne!(text, error.to_string());
                for number in numbers {
                    assert!(text.contains(number), "{text}");
                }
            }
        }
    }

    #[test]
    fn limit_is_told_by_what_it_counts_and_its_wait_in_fitting_units() {
        let hourly = Problem::limited;
        let (wait, day) = ("That was a bit much at once.", "This is as much as a day allows");
        for (problem, limit, until) in [
            (hourly(60), wait, "Please wait 60 seconds, then"),
            (hourly(3_412), wait, "Please wait 57 minutes, then"),
            (hourly(3_600 * 5), wait, "Please wait 5 hours, then"),
            (hourly(600).of_a_day(), day, "Please try again in 10 minutes."),
            (hourly(3_600 * 5).of_a_day(), day, "Please try again in 5 hours."),
        ] {
            let (field, text) = of_code(Texts::default(), &problem).unwrap();
            assert!(field.is_empty() && text.starts_with(limit) && text.contains(until), "{text}");
        }
    }

    #[test]
    fn what_a_form_says_itself_stays_as_it_is() {
        let text = "Bitte wählen".to_owned();
        assert_eq!(told(Texts(Language::German), &text.clone().into()), text);
    }
}
