//! Prices as creators type them: the list of currencies, what is wrong with an amount, and what it means.

use tollgate_domain::{
    language::Language,
    money::{AmountError, Currency, Money, PriceError},
};

use super::{digits, form::FormState};
use crate::{locale::Texts, state::Http};

/// The currencies that stand at the top of the list.
const COMMON: [&str; 8] = ["eur", "usd", "gbp", "chf", "cad", "aud", "sek", "jpy"];

pub(super) struct Currencies {
    pub(super) common: Vec<CurrencyOption>,
    pub(super) others: Vec<CurrencyOption>,
}

pub(super) struct CurrencyOption {
    pub(super) code: &'static str,
    pub(super) label: String,
}

/// What is in the fields `price` and `currency`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    Empty,
    Price(Money),
    /// Something that the form now has an error about.
    Wrong,
}

impl Currencies {
    pub(super) fn all() -> Self {
        let common = COMMON.iter().filter_map(|code| code.parse().ok());
        let others = Currency::all().filter(|currency| !COMMON.contains(&currency.code()));
        Self {
            common: common.map(CurrencyOption::of).collect(),
            others: others.map(CurrencyOption::of).collect(),
        }
    }
}

impl CurrencyOption {
    fn of(currency: Currency) -> Self {
        Self { code: currency.code(), label: currency.code().to_uppercase() }
    }
}

/// Returns the currency that is chosen for a creator who has not used any.
pub(super) fn usual_currency(t: Texts) -> &'static str {
    match t.0 {
        Language::English => "usd",
        Language::German => "eur",
    }
}

/// Returns an amount with all decimals of its currency, which is left out.
pub(super) fn number(t: Texts, money: Money) -> String {
    pointed(t, &money.number())
}

/// Returns an amount as a creator would type it: without its currency, and without the decimals that are zeros in every price.
pub(super) fn typed(t: Texts, money: Money) -> String {
    pointed(t, &money.short_number())
}

/// Writes the decimal point of a number as a language does.
fn pointed(t: Texts, number: &str) -> String {
    match t.0 {
        Language::English => number.to_owned(),
        Language::German => number.replace('.', ","),
    }
}

/// Reads the price of a form. Errors stand beside `price` and `currency`.
pub(super) fn read(t: Texts, form: &mut FormState) -> Typed {
    let Some(text) = form.some("price") else { return Typed::Empty };
    let text = text.to_owned();
    let currency = form.get("currency").parse::<Currency>();
    let Some(currency) = form.check("currency", currency) else { return Typed::Wrong };
    match chargeable(t, &text, currency) {
        Ok(price) => Typed::Price(price),
        Err(error) => {
            form.refuse("price", error);
            Typed::Wrong
        }
    }
}

/// Reads an amount that can be charged, or returns what is wrong with it.
pub(super) fn chargeable(t: Texts, text: &str, currency: Currency) -> Result<Money, String> {
    let text = without_currency(t, text, currency);
    let money =
        Money::parse(&text, currency, t.0).map_err(|error| of_amount(t, currency, error))?;
    Money::price(money.amount, currency).map_err(|error| of_price(t, currency, error))
}

/// Returns what is wrong with a text that is no amount in any of these currencies, as long as it is not known which one counts.
pub(super) fn unreadable(
    t: Texts,
    text: &str,
    currencies: impl Iterator<Item = Currency>,
) -> Option<String> {
    let mut first = None;
    for currency in currencies {
        let read = Money::parse(&without_currency(t, text, currency), currency, t.0);
        if read != Err(AmountError::Form) {
            return None;
        }
        first = first.or(Some(currency));
    }
    let sample = typed(t, sample(first?));
    Some(t.with("console-pages-error-amount", "what", sample))
}

/// Returns a typed amount without the sign or the code of its currency, such as `€`, and with full-width characters and
/// digits of other scripts as usual ones. Another currency stays, so that it is refused.
fn without_currency(t: Texts, text: &str, currency: Currency) -> String {
    let text: String = text.chars().map(narrow).collect();
    let text = text.trim();
    let is_of_sign = |c: &char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '\u{a0}');
    let sign: String = t.money(Money::new(0, currency)).chars().filter(is_of_sign).collect();
    // Some have a letter before a sign that people write by itself, such as `CA$`.
    let last = sign.chars().last().filter(|last| !last.is_alphabetic()).map(String::from);
    let names = [currency.code().to_owned(), sign].into_iter().chain(last);
    let rest = names.into_iter().find_map(|name| without(text, &name));
    rest.unwrap_or(text).trim().to_owned()
}

/// Returns a full-width character, or a digit or separator of another script, as the usual one.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{ffe1}' => '£',
        '\u{ffe5}' => '¥',
        '\u{3000}' => ' ',
        // Those of Arabic.
        '\u{66b}' => '.',
        '\u{66c}' => ',',
        _ => digits::plain(c),
    }
}

/// Returns what stands after or before a name.
fn without<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let is_name = |part: &str| part.eq_ignore_ascii_case(name);
    let at_start = text.split_at_checked(name.len());
    let at_end = text.len().checked_sub(name.len()).and_then(|at| text.split_at_checked(at));
    match (at_start, at_end) {
        (Some((start, rest)), _) if is_name(start) => Some(rest),
        (_, Some((rest, end))) if is_name(end) => Some(rest),
        _ => None,
    }
}

fn of_amount(t: Texts, currency: Currency, error: AmountError) -> String {
    match error {
        AmountError::Form => {
            let sample = typed(t, sample(currency));
            let form = t.with("console-pages-error-amount", "what", sample);
            format!("{form} {}", limits(t, currency))
        }
        AmountError::Decimals(_) if currency.price_decimals() == 0 => {
            let least = t.money(Money::new(currency.minimum(), currency));
            let code = currency.code().to_uppercase();
            t.with2("console-pages-error-no-decimals", "currency", code, "what", least)
        }
        AmountError::Decimals(_) => limits(t, currency),
        AmountError::Ambiguous { thousands, decimals } => {
            // With all decimals, as amounts are shown, so that the separator cannot be misread.
            let (thousands, decimals) = (number(t, thousands), number(t, decimals));
            t.with2("console-pages-error-ambiguous", "what", thousands, "and", decimals)
        }
        AmountError::AboveMaximum(most) => {
            t.with("console-error-price-high", "what", t.money(most))
        }
    }
}

fn of_price(t: Texts, currency: Currency, error: PriceError) -> String {
    match error {
        PriceError::BelowMinimum(_) => limits(t, currency),
        PriceError::AboveMaximum(most) => t.with("console-error-price-high", "what", t.money(most)),
        PriceError::NotAMultiple(step) => {
            let id = if currency.decimals() == 3 {
                "console-pages-error-third-decimal"
            } else {
                "console-pages-error-step"
            };
            t.with(id, "what", t.money(Money::new(step, currency)))
        }
    }
}

/// Returns the least amount of a currency and the number of decimals that it may have in a sentence. All that may be written
/// count, also the last of three, which is always zero. Currencies that are not divided in practice are written without any.
fn limits(t: Texts, currency: Currency) -> String {
    let least = t.money(Money::new(currency.minimum(), currency));
    let decimals = if currency.price_decimals() == 0 { 0 } else { currency.decimals() };
    t.count_with("console-pages-price-limits", decimals, "what", least)
}

/// Returns an ordinary price in a currency.
pub(super) fn sample(currency: Currency) -> Money {
    let ordinary = currency.minimum() * 25;
    Money::new(ordinary - ordinary % currency.step(), currency)
}

/// Returns in sentences what buyers pay, and about what the creator receives.
pub(super) fn told(http: &Http, t: Texts, price: Money) -> Vec<String> {
    let checkouts = &http.use_cases.checkouts;
    let (fee, net) = (checkouts.fee(price), checkouts.net(price));
    let (pays, arrives) = (t.money(price), t.money(net));
    let mut lines = vec![t.with2("console-pages-price-told", "price", pays, "net", arrives)];
    if fee.amount > 0 {
        lines.push(t.with("console-pages-price-fee", "fee", t.money(fee)));
    }
    lines.push(t.get("console-pages-price-stripe"));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::form::Labels;

    const FIELDS: Labels =
        &[("price", "console-pages-field-price"), ("currency", "console-pages-field-currency")];

    fn reading(language: Language, price: &str, currency: &str) -> (Typed, String) {
        let t = Texts(language);
        let form = FormState::new(t, FIELDS).with("price", price).with("currency", currency);
        let mut form = form;
        let typed = read(t, &mut form);
        (typed, form.error("price").unwrap_or_default().to_owned())
    }

    #[test]
    fn every_currency_is_listed_once_and_the_common_ones_come_first() {
        let Currencies { common, others } = Currencies::all();
        assert_eq!(common.len(), COMMON.len());
        assert_eq!(common[0].label, "EUR");
        assert_eq!(common.len() + others.len(), Currency::all().count());
    }

    #[test]
    fn price_is_read_with_a_point_or_a_comma() {
        let price = Money::new(1_250, "eur".parse().unwrap());
        for text in ["12.50", "12,50", " 12,5 "] {
            assert_eq!(reading(Language::English, text, "eur").0, Typed::Price(price), "{text}");
        }
        assert_eq!(reading(Language::English, "  ", "eur").0, Typed::Empty);
    }

    #[test]
    fn price_may_have_the_sign_or_code_of_its_currency() {
        for (text, code) in [
            ("12,50 €", "eur"),
            ("€12.50", "eur"),
            ("12.50 EUR", "eur"),
            ("eur 12,50", "eur"),
            ("$12.50", "usd"),
            ("CA$12.50", "cad"),
            ("12.50$", "cad"),
            ("CHF 12.50", "chf"),
            ("１２．５０", "eur"),
            ("１２，５０ €", "eur"),
            ("١٢٫٥٠", "eur"),
            ("۱۲,۵۰ €", "eur"),
            ("१२.५०", "usd"),
        ] {
            let price = Money::new(1_250, code.parse().unwrap());
            for language in Language::ALL {
                assert_eq!(reading(language, text, code).0, Typed::Price(price), "{text}");
            }
        }
        let yen = Money::new(1_200, "jpy".parse().unwrap());
        assert_eq!(reading(Language::English, "￥１２００", "jpy").0, Typed::Price(yen));
        for (text, code) in [("12 €", "usd"), ("$12", "eur"), ("12 USD", "eur"), ("€", "eur")] {
            assert_eq!(reading(Language::English, text, code).0, Typed::Wrong, "{text}");
        }
        // What stands higher may be decimals.
        assert_eq!(reading(Language::English, "12⁵⁰", "eur").0, Typed::Wrong);
    }

    #[test]
    fn decimals_of_a_currency_without_any_are_named() {
        for (language, told) in [
            (Language::English, "Amounts in JPY have no decimals, and the least one is ¥50."),
            (Language::German, "Beträge in JPY haben keine Nachkommastellen, und der kleinste ist"),
        ] {
            for text in ["1.000,50", "12.5"] {
                let (typed, error) = reading(language, text, "jpy");
                assert!(typed == Typed::Wrong && error.starts_with(told), "{text}: {error}");
            }
        }
    }

    #[test]
    fn text_that_is_no_amount_is_told_before_the_currency_is_known() {
        let t = Texts(Language::English);
        let told = |text| {
            let currencies = ["usd", "jpy"].map(|code| code.parse().unwrap());
            unreadable(t, text, currencies.into_iter())
        };
        assert_eq!(told("abc").as_deref(), Some("This is not an amount. Write it like 12.50."));
        for text in ["12", "0.01", "¥1200", "$12", "1.250", "12.5"] {
            assert_eq!(told(text), None, "{text}");
        }
        assert_eq!(unreadable(t, "abc", [].into_iter()), None);
    }

    #[test]
    fn what_was_stored_is_typed_like_people_type_it() {
        for currency in Currency::all() {
            let price = sample(currency);
            assert!(Money::price(price.amount, currency).is_ok(), "{price}");
            for language in Language::ALL {
                let text = typed(Texts(language), price);
                assert_eq!(reading(language, &text, currency.code()).0, Typed::Price(price));
            }
        }
    }

    #[test]
    fn price_with_three_decimals_is_read_as_it_is_shown() {
        let price = Money::new(12_500, "kwd".parse().unwrap());
        for language in Language::ALL {
            let t = Texts(language);
            for text in [t.money(price), number(t, price), typed(t, price)] {
                assert_eq!(reading(language, &text, "kwd").0, Typed::Price(price), "{text}");
            }
        }
        for (language, text, told) in [
            (Language::English, "1,000", "Write 1000.000 or 1.000."),
            (Language::German, "1.000", "Schreiben Sie 1000,000 oder 1,000."),
        ] {
            let (typed, error) = reading(language, text, "kwd");
            assert_eq!(typed, Typed::Wrong, "{text}");
            assert!(error.contains(told), "{error}");
        }
        // Both amounts that are named are taken then.
        for (language, text, amount) in [
            (Language::English, "1000.000", 1_000_000),
            (Language::English, "1.000", 1_000),
            (Language::German, "1000,000", 1_000_000),
            (Language::German, "1,000", 1_000),
        ] {
            let price = Money::new(amount, "kwd".parse().unwrap());
            assert_eq!(reading(language, text, "kwd").0, Typed::Price(price), "{text}");
        }
    }

    #[test]
    fn errors_name_the_least_amount_and_the_decimals() {
        for (text, currency, told) in [
            ("0.49", "usd", "The least amount is $0.50, with at most 2 decimals."),
            ("12.5", "jpy", "Amounts in JPY have no decimals, and the least one is ¥50."),
            ("twelve", "usd", "The least amount is $0.50"),
            ("1.250", "usd", "Write 1250.00 or 1.25"),
            ("1,000", "kwd", "Write 1000.000 or 1.000."),
            ("12,500", "bhd", "Write 12500.000 or 12.500."),
            ("12.501", "kwd", "third decimal is always 0: amounts go in steps of 0.010\u{a0}KWD."),
            ("9999999999", "usd", "The largest amount is $999,999.99"),
            ("5", "isk", "The least amount is 100\u{a0}ISK, without decimals."),
            ("5", "ugx", "The least amount is 2,500\u{a0}UGX, without decimals."),
            ("five", "isk", "Write it like 2500. The least amount"),
            ("150.50", "isk", "steps of 1\u{a0}ISK"),
            ("0.1", "kwd", "The least amount is 0.200\u{a0}KWD, with at most 3 decimals"),
            ("five", "kwd", "Write it like 5.00. The least amount"),
        ] {
            let (typed, error) = reading(Language::English, text, currency);
            assert_eq!(typed, Typed::Wrong);
            assert!(error.contains(told), "{text} {currency}: {error}");
        }
        let (_, german) = reading(Language::German, "1.250", "eur");
        assert!(german.contains("1250,00") && german.contains("1,25"), "{german}");
    }

    #[test]
    fn too_many_decimals_are_told_with_as_many_as_are_taken() {
        let decimals = |currency: Currency| match (currency.decimals(), currency.price_decimals()) {
            (_, 0) => [" have no decimals,", " haben keine Nachkommastellen,"],
            (2, 2) => [", with at most 2 decimals.", ", mit höchstens 2 Nachkommastellen."],
            (3, 2) => [
                ", with at most 3 decimals, of which the third is always 0.",
                ", mit höchstens 3 Nachkommastellen, von denen die dritte immer 0 ist.",
            ],
            other => panic!("{currency:?}: {other:?}"),
        };
        for currency in Currency::all() {
            for (language, told) in Language::ALL.into_iter().zip(decimals(currency)) {
                let (typed, error) = reading(language, "5000000.1234", currency.code());
                assert!(typed == Typed::Wrong && error.contains(told), "{currency:?}: {error}");
            }
            // As many are taken as the currency has.
            let least = Money::new(currency.minimum(), currency);
            let typed = reading(Language::English, &least.number(), currency.code()).0;
            assert_eq!(typed, Typed::Price(least));
        }
    }

    #[test]
    fn third_decimal_that_is_not_zero_is_told_by_its_rule() {
        for code in ["bhd", "jod", "kwd", "omr", "tnd"] {
            for (language, text, told) in [
                (Language::English, "5.124", "In this currency the third decimal is always 0"),
                (Language::German, "5,124", "In dieser Währung ist die dritte Nachkommastelle"),
            ] {
                let (typed, error) = reading(language, text, code);
                assert!(typed == Typed::Wrong && error.starts_with(told), "{code}: {error}");
            }
        }
    }

    #[test]
    fn unknown_currency_stands_beside_its_own_field() {
        let form = FormState::new(Texts::default(), FIELDS);
        let mut form = form.with("price", "12").with("currency", "xxx");
        assert_eq!(read(Texts::default(), &mut form), Typed::Wrong);
        assert!(form.error("currency").is_some() && form.error("price").is_none());
    }
}
