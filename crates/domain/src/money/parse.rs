//! Reading amounts as people write them.

use super::{Currency, Money};
use crate::language::Language;

/// The error of a text that is not an amount of money in a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// The text is not a number, or its separators are in the wrong places.
    #[error("is not an amount: write digits, such as 12.50")]
    Form,
    /// There are more decimals than the currency has.
    #[error("has more decimals than this currency, which has {0}")]
    Decimals(u32),
    /// The separator may stand before decimals or between thousands.
    #[error("can be read in two ways: write {} or {}", .thousands.number(), .decimals.number())]
    Ambiguous {
        /// The amount if the separator groups thousands.
        thousands: Money,
        /// The amount if decimals follow the separator.
        decimals: Money,
    },
    /// The amount is above the largest one that Stripe charges.
    #[error("is above the largest amount that can be charged, {0}")]
    AboveMaximum(Money),
}

/// What stands before decimals in Arabic, and nowhere else. Source: Unicode, ARABIC DECIMAL SEPARATOR.
const ARABIC_POINT: char = '\u{66b}';
/// What groups thousands in Arabic, and stands nowhere else. Source: Unicode, ARABIC THOUSANDS SEPARATOR.
const ARABIC_GROUPS: char = '\u{66c}';

impl Money {
    /// Reads an amount as people write it: `12.50`, `12,50`, `1.250,00`, `1 250`. A single separator stands before
    /// decimals. Where it could also group thousands, as in `1.250`, the text is refused rather than guessed. In currencies
    /// with three decimals, three digits behind the decimal point of the writer's language are those decimals, since
    /// amounts are shown like that; behind the sign that groups thousands in that language, they may be either. The
    /// separators of Arabic, `٫` and `٬`, have one meaning each in every language.
    pub fn parse(text: &str, currency: Currency, language: Language) -> Result<Self, AmountError> {
        let text = text.trim();
        let (whole, part) = split(text, currency, language)?;
        let whole = digits(whole).ok_or(AmountError::Form)?;
        if !part.bytes().all(|b| b.is_ascii_digit()) || whole.is_empty() && part.is_empty() {
            return Err(AmountError::Form);
        }
        Self::of_digits(&whole, part, currency)
    }

    /// Creates an amount from the digits before and after the decimal point.
    fn of_digits(whole: &str, part: &str, currency: Currency) -> Result<Self, AmountError> {
        let decimals = usize::try_from(currency.decimals()).unwrap_or_default();
        if part.len() > decimals {
            return Err(AmountError::Decimals(currency.decimals()));
        }
        let amount = format!("{whole}{part:0<decimals$}").parse();
        let above = || AmountError::AboveMaximum(Self::new(currency.maximum(), currency));
        Ok(Self::new(amount.map_err(|_| above())?, currency))
    }
}

/// Returns the text before and after the decimal separator. The text before it may have separators of
/// thousands.
fn split(text: &str, currency: Currency, language: Language) -> Result<(&str, &str), AmountError> {
    if let Some((whole, part)) = text.split_once(ARABIC_POINT) {
        return if part.is_empty() { Err(AmountError::Form) } else { Ok((whole, part)) };
    }
    let marks: Vec<char> = text.chars().filter(|c| matches!(c, '.' | ',')).collect();
    let Some(last) = marks.last() else { return Ok((text, "")) };
    let (before, after) = text.rsplit_once(*last).ok_or(AmountError::Form)?;
    if marks.iter().filter(|mark| *mark == last).count() > 1 {
        // Only thousands have several separators: 1.250.000
        return Ok((text, ""));
    }
    if after.is_empty() {
        return Err(AmountError::Form);
    }
    // 1.250, but not 0.500, which no thousands begin with.
    let is_group = after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
    if marks.len() > 1 || !is_group {
        return Ok((before, after));
    }
    match currency.price_decimals() {
        0 => Ok((text, "")),
        _ if currency.decimals() == 3 && *last == decimal_point(language) => Ok((before, after)),
        decimals => Err(ambiguous(before, after, decimals, currency)),
    }
}

/// Returns what stands before decimals in a language. The other separator groups thousands.
fn decimal_point(language: Language) -> char {
    match language {
        Language::English => '.',
        Language::German => ',',
    }
}

/// Returns the error that names both amounts, with as many decimals as a price has.
fn ambiguous(before: &str, after: &str, decimals: u32, currency: Currency) -> AmountError {
    let fits = usize::try_from(decimals).ok().and_then(|count| after.get(..count));
    let thousands = Money::of_digits(&format!("{before}{after}"), "", currency);
    let decimals = Money::of_digits(before, fits.unwrap_or_default(), currency);
    match (thousands, decimals) {
        (Ok(thousands), Ok(decimals)) => AmountError::Ambiguous { thousands, decimals },
        // Something other than digits stands there.
        _ => AmountError::Form,
    }
}

/// Returns the digits of a whole number, in which one kind of separator may group thousands.
fn digits(whole: &str) -> Option<String> {
    let mut marks = whole.chars().filter(|c| !c.is_ascii_digit());
    let Some(mark) = marks.next() else { return Some(whole.to_owned()) };
    let groups = |c| {
        matches!(
            c,
            '.' | ',' | '\'' | '’' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | ARABIC_GROUPS
        )
    };
    if !groups(mark) || marks.any(|other| other != mark) {
        return None;
    }
    let mut parts = whole.split(mark);
    let first = parts.next()?.len();
    ((1..=3).contains(&first) && parts.all(|part| part.len() == 3))
        .then(|| whole.split(mark).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE_DECIMALS: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, code, amount) in [
            ("12", "usd", 1_200),
            ("12.50", "usd", 1_250),
            (" 12,50\u{a0}", "eur", 1_250),
            ("12,5", "eur", 1_250),
            (",50", "eur", 50),
            ("0.99", "usd", 99),
            ("1250", "eur", 125_000),
            ("1.250,00", "eur", 125_000),
            ("1,250.00", "usd", 125_000),
            ("1'250.00", "chf", 125_000),
            ("1’250", "chf", 125_000),
            ("1 250,50", "eur", 125_050),
            ("1\u{202f}250", "eur", 125_000),
            ("1.250.000", "eur", 125_000_000),
            ("1.250.000,5", "eur", 125_000_050),
            ("1200", "jpy", 1_200),
            ("1,200", "jpy", 1_200),
            ("1.200", "jpy", 1_200),
            ("1.200", "isk", 120_000),
            ("5.12", "kwd", 5_120),
            ("5,12", "kwd", 5_120),
            ("0.500", "kwd", 500),
            ("0,500", "bhd", 500),
            (",500", "kwd", 500),
            ("1250.500", "kwd", 1_250_500),
            ("1.000,00", "kwd", 1_000_000),
            ("1.000,000", "tnd", 1_000_000),
            ("1.000.000", "kwd", 1_000_000_000),
            ("1,005.120", "kwd", 1_005_120),
            ("0012.50", "usd", 1_250),
        ] {
            for language in Language::ALL {
                let read = Money::parse(text, currency(code), language);
                assert_eq!(read, Ok(Money::new(amount, currency(code))), "{text:?} {code}");
            }
        }
    }

    #[test]
    fn amount_that_can_be_read_in_two_ways_is_refused() {
        let usd = currency("usd");
        for (text, thousands, decimals) in
            [("1.250", 125_000, 125), ("12,999", 1_299_900, 1_299), ("100.000", 10_000_000, 10_000)]
        {
            let error = AmountError::Ambiguous {
                thousands: Money::new(thousands, usd),
                decimals: Money::new(decimals, usd),
            };
            for language in Language::ALL {
                assert_eq!(Money::parse(text, usd, language), Err(error), "{text}");
            }
        }
        let told = |text: &str, code| {
            Money::parse(text, currency(code), Language::English).unwrap_err().to_string()
        };
        assert_eq!(told("1.250", "usd"), "can be read in two ways: write 1250.00 or 1.25");
        for code in THREE_DECIMALS {
            for (text, amounts) in [
                ("1,000", "1000.000 or 1.000"),
                ("1,250", "1250.000 or 1.250"),
                ("12,500", "12500.000 or 12.500"),
                ("5,124", "5124.000 or 5.120"),
            ] {
                let expected = format!("can be read in two ways: write {amounts}");
                assert_eq!(told(text, code), expected, "{text} {code}");
            }
        }
    }

    #[test]
    fn three_decimals_stand_behind_the_point_of_the_language_only() {
        for code in THREE_DECIMALS {
            for (text, amount) in [("1.000", 1_000), ("12.500", 12_500), ("5.124", 5_124)] {
                let (currency, german) = (currency(code), text.replace('.', ","));
                let money = Ok(Money::new(amount, currency));
                assert_eq!(Money::parse(text, currency, Language::English), money, "{text} {code}");
                assert_eq!(Money::parse(&german, currency, Language::German), money, "{code}");
                for (text, language) in [(text, Language::German), (&*german, Language::English)] {
                    let refused = Money::parse(text, currency, language);
                    let is_ambiguous = matches!(refused, Err(AmountError::Ambiguous { .. }));
                    assert!(is_ambiguous, "{text} {code}: {refused:?}");
                }
            }
        }
    }

    #[test]
    fn separators_of_arabic_have_one_meaning_each() {
        for (text, code, amount) in [
            ("12٫50", "usd", 1_250),
            ("٫50", "eur", 50),
            ("5٫120", "kwd", 5_120),
            ("1٬250", "usd", 125_000),
            ("1٬250", "kwd", 1_250_000),
            ("1٬200", "jpy", 1_200),
            ("1٬250٫50", "usd", 125_050),
            ("1٬005٫120", "kwd", 1_005_120),
            ("1٬250.50", "usd", 125_050),
            ("1,250٫50", "usd", 125_050),
            ("1.250٫50", "usd", 125_050),
        ] {
            for language in Language::ALL {
                let read = Money::parse(text, currency(code), language);
                assert_eq!(read, Ok(Money::new(amount, currency(code))), "{text} {code}");
            }
        }
        for (text, code, error) in [
            ("12٫500", "usd", AmountError::Decimals(2)),
            ("1٫200", "jpy", AmountError::Decimals(0)),
            ("1٫200", "isk", AmountError::Decimals(2)),
            ("12٬50", "usd", AmountError::Form),
            ("1250٬", "usd", AmountError::Form),
            ("1250٫", "usd", AmountError::Form),
            ("٫", "usd", AmountError::Form),
            ("٬", "usd", AmountError::Form),
            ("1٫2٫3", "usd", AmountError::Form),
            ("1٫250٬000", "usd", AmountError::Form),
            ("1.250٬000", "kwd", AmountError::Form),
            ("1.5٫50", "usd", AmountError::Form),
        ] {
            for language in Language::ALL {
                let read = Money::parse(text, currency(code), language);
                assert_eq!(read, Err(error), "{text} {code}");
            }
        }
    }

    #[test]
    fn decimals_that_the_currency_lacks_are_refused() {
        for (text, code, decimals) in [
            ("12.5", "jpy", 0),
            ("1,200.00", "jpy", 0),
            ("0.125", "usd", 2),
            ("1250.125", "usd", 2),
            ("12.3456", "usd", 2),
            ("1.2345", "kwd", 3),
        ] {
            let read = Money::parse(text, currency(code), Language::English);
            assert_eq!(read, Err(AmountError::Decimals(decimals)), "{text} {code}");
        }
    }

    #[test]
    fn text_that_is_not_an_amount_is_refused() {
        let usd = currency("usd");
        for text in [
            "",
            " ",
            ".",
            ",",
            "12.",
            "-5",
            "+5",
            "$12",
            "12 USD",
            "12.50.",
            "1.25.000",
            "1,2,3",
            "12 50",
            "1 250.000,5x",
            "1.250,000.00",
            "1.250'000",
            "1e3",
            "0x10",
            "１２",
            "a.bcd",
            "1.bcd",
            "twelve",
        ] {
            for language in Language::ALL {
                let read = Money::parse(text, usd, language);
                assert_eq!(read, Err(AmountError::Form), "{text:?}");
            }
        }
        let huge = Money::parse(&"9".repeat(30), usd, Language::English);
        assert_eq!(huge, Err(AmountError::AboveMaximum(Money::new(99_999_999, usd))));
    }

    #[test]
    fn number_of_every_currency_is_read_back() {
        for currency in Currency::all() {
            for amount in [1, 990, 1_200, 5_120, 99_999_999] {
                let money = Money::new(amount, currency);
                let short = money.short_number();
                for language in Language::ALL {
                    let point = decimal_point(language).to_string();
                    for number in
                        [&short, &short.replace('.', ","), &money.number().replace('.', &point)]
                    {
                        let read = Money::parse(number, currency, language);
                        assert_eq!(read, Ok(money), "{number} {currency:?}");
                    }
                }
            }
        }
    }
}
