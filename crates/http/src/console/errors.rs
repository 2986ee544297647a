//! The domain's messages in the creator's language.

use tollgate_domain::money::{Currency, Money};

use crate::{
    locale::Texts,
    problem::{Code, Problem},
};

/// Messages of the domain, with `{}` in the place of a number or word, and the texts that say the same to a
/// person. The texts have the arguments `what` and `and`.
const MESSAGES: &[(&str, &str)] = &[
    ("must not be empty", "console-error-empty"),
    ("is required", "console-error-empty"),
    ("must have at least {} characters", "console-error-too-short"),
    ("must have at most {} characters", "console-error-too-long"),
    ("must have at most {} KiB", "console-error-too-big"),
    ("makes too large a page: use smaller tables", "console-error-table-too-big"),
    ("must have {} to {} characters", "console-error-length"),
    ("is a common password that is easy to guess", "console-error-password-common"),
    ("must not be your own address", "console-error-password-own"),
    ("is too long", "console-error-too-large"),
    ("must be one line without control characters", "console-error-one-line"),
    ("must not have control characters", "console-error-control"),
    ("is not an e-mail address", "console-error-email"),
    ("must be {} to {} lower-case letters, digits and inner hyphens", "console-error-name"),
    ("is a reserved name", "console-error-reserved"),
    (
        "must be origins as browsers write them, such as https://shop.example.com: lower case, no path, no usual \
         port, and https unless it is this machine",
        "console-error-origin",
    ),
    ("must be at most {}", "console-error-too-many"),
    ("is required when the page is paid", "console-error-price-missing"),
    (
        "is not a currency that can be charged (three lower-case letters, such as usd)",
        "console-error-currency",
    ),
    ("is below the smallest amount that can be charged, {}", "console-error-price-low"),
    ("is above the largest amount that can be charged, {}", "console-error-price-high"),
    ("has to be a multiple of {} in this currency", "console-error-price-step"),
    ("must be from 1 to {}", "console-error-range"),
    ("must be in the future", "console-error-past"),
    ("must not be below the target", "console-error-below-target"),
    ("must not be below what is wanted already, {}", "console-error-below-wanted"),
    ("needs a page that has a price", "console-error-page-unpriced"),
    ("must be in the page's currency, {}", "console-error-other-currency"),
    ("must not be above the page's price, {}", "console-error-above-price"),
    ("is no page of this handle", "console-error-no-page"),
    ("is required when access is PAGE", "console-error-page-missing"),
    ("goes with access PAGE only", "console-error-page-extra"),
    ("must be a date such as 2026-01-31", "console-error-date"),
    ("must not be before from", "console-error-before-from"),
    ("must be within {} days of to", "console-error-too-many-days"),
    ("must be another address", "console-error-same-address"),
    ("asked for no more mails from this shop", "console-error-unwanted"),
    ("must be a plain name without slashes", "console-error-file-name"),
];

const HOUR: u64 = 3_600;

/// Returns a message of the domain as a sentence in the creator's language. A message that is not in the table
/// is shown as it is.
pub(crate) fn told(t: Texts, message: &str) -> String {
    let found = MESSAGES.iter().find_map(|(pattern, id)| Some((id, parts(pattern, message)?)));
    match found {
        Some((id, (what, and))) => t.with2(id, "what", amount(t, what), "and", amount(t, and)),
        None => message.to_owned(),
    }
}

/// Returns an amount, such as `12.00 USD`, or a number as the creator's language writes it, and any other text as it is.
fn amount(t: Texts, text: &str) -> String {
    let parsed = text.rsplit_once(' ').and_then(|(number, code)| {
        let currency = code.to_ascii_lowercase().parse::<Currency>().ok()?;
        Money::parse(number, currency).ok()
    });
    match (parsed, text.parse::<usize>()) {
        (Some(money), _) => t.money(money),
        (None, Ok(number)) => t.number(number),
        (None, Err(_)) => text.to_owned(),
    }
}

/// Returns what stands in the places of a pattern that the message follows.
fn parts<'m>(pattern: &str, message: &'m str) -> Option<(&'m str, &'m str)> {
    let mut pieces = pattern.splitn(3, "{}");
    let rest = message.strip_prefix(pieces.next()?)?;
    let Some(middle) = pieces.next() else { return rest.is_empty().then_some(("", "")) };
    match pieces.next() {
        None => Some((rest.strip_suffix(middle)?, "")),
        Some(end) => rest.strip_suffix(end)?.split_once(middle),
    }
}

/// Returns the field that a problem is about, empty for the whole form, and what to tell the creator; `None`
/// if the problem is not about what was typed.
pub(crate) fn of_code(t: Texts, problem: &Problem) -> Option<(&'static str, String)> {
    Some(match problem.code().as_str() {
        "slug_taken" => ("slug", t.get("console-error-slug-taken")),
        "handle_taken" => ("handle", t.get("console-error-handle-taken")),
        "email_taken" => ("email", t.get("console-error-email-taken")),
        "email_not_verified" => ("", t.get("console-error-email-not-verified")),
        "quota_exceeded" if problem.reason() == Some("handles") => {
            ("", t.get("console-error-quota-handles"))
        }
        "quota_exceeded" => ("", t.get("console-error-quota")),
        "payload_too_large" => ("", t.get("console-error-too-large")),
        "rate_limited" => {
            let seconds = problem.retry_after().unwrap_or(60);
            let text = if seconds < HOUR {
                t.count("console-error-rate-limited", seconds)
            } else {
                t.count("console-error-limit-of-a-day", seconds.div_ceil(HOUR))
            };
            ("", text)
        }
        _ if problem.reason() == Some("account_suspended") => {
            ("", t.get("console-error-account-suspended"))
        }
        _ if problem.code() == Code::CreatorUnauthorized => {
            ("password", t.get("console-error-password-wrong"))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tollgate_domain::language::Language;

    #[test]
    fn numbers_of_a_message_are_kept() {
        assert_eq!(
            parts("must have {} to {} characters", "must have 8 to 256 characters"),
            Some(("8", "256"))
        );
        assert_eq!(parts("must be at most {}", "must be at most 20"), Some(("20", "")));
        assert_eq!(parts("must not be empty", "must not be empty"), Some(("", "")));
        assert_eq!(parts("must not be empty", "must not be empty at all"), None);
        assert_eq!(parts("must be at most {}", "must have at most 20 characters"), None);
    }

    #[test]
    fn messages_are_told_in_both_languages() {
        for language in Language::ALL {
            for (pattern, id) in MESSAGES {
                let text = told(Texts(language), &pattern.replace("{}", "7"));
                assert!(text != *id && !text.contains("{}"), "{pattern}: {text}");
            }
        }
        let errors = [
            "x".parse::<tollgate_domain::email::Email>().unwrap_err().to_string(),
            "x".parse::<tollgate_domain::names::HandleName>().unwrap_err().to_string(),
            "app".parse::<tollgate_domain::names::HandleName>().unwrap_err().to_string(),
            "x".parse::<tollgate_domain::creators::FrontendOrigin>().unwrap_err().to_string(),
            "x".parse::<Currency>().unwrap_err().to_string(),
            tollgate_domain::creators::Password::new("x".to_owned()).unwrap_err().to_string(),
            tollgate_domain::creators::Password::new("password".to_owned())
                .unwrap_err()
                .to_string(),
            tollgate_domain::validation::line("", 1, 9).unwrap_err(),
            tollgate_domain::validation::line("a\nb", 1, 9).unwrap_err(),
            tollgate_domain::validation::line("0123456789", 1, 9).unwrap_err(),
        ];
        for message in errors {
            assert_ne!(told(Texts(Language::German), &message), message, "has no text of its own");
        }
    }
}
