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

/// Returns what is wrong with a text that is not an amount in any of these currencies, as long as it is not known which one counts.
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
/// digits of other scripts as usual ones. Another currency stays, so that it is refused, and so do the separators of Arabic,
/// each of which has one meaning.
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

/// Returns a full-width character, or a digit of another script, as the usual one.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{ffe1}' => '£',
        '\u{ffe5}' => '¥',
        '\u{3000}' => ' ',
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
mod tests;
