//! Amounts of money in whole minor units with their currency, as Stripe uses them.
//!
//! Source of the tables: docs.stripe.com/currencies (zero-decimal currencies, special cases, minimum
//! and maximum charges).

use std::{fmt, str::FromStr};

/// A currency that can be charged, by its lower-case ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(&'static Row);

#[derive(PartialEq, Eq, Hash)]
struct Row {
    code: &'static str,
    /// The number of digits after the decimal point.
    decimals: u32,
    /// The smallest amount that Stripe charges, in minor units.
    minimum: i64,
    /// The step of amounts: each has to be a multiple of it, in minor units.
    step: i64,
}

/// The largest amount, in minor units. Stripe accepts at most eight digits for payment methods other
/// than cards.
const MAXIMUM: i64 = 99_999_999;

const fn row(code: &'static str, decimals: u32, minimum: i64, step: i64) -> Row {
    Row { code, decimals, minimum, step }
}

/// If Stripe publishes no minimum, the value of half a US dollar is used, rounded up generously. An
/// amount that Stripe refuses must be refused when the page is saved, not when a visitor pays.
static CURRENCIES: &[Row] = &[
    row("aed", 2, 200, 1),
    row("all", 2, 6_000, 1),
    row("amd", 2, 25_000, 1),
    row("ars", 2, 100_000, 1),
    row("aud", 2, 50, 1),
    row("bam", 2, 100, 1),
    row("bdt", 2, 8_000, 1),
    row("bgn", 2, 100, 1),
    row("bhd", 3, 200, 10),
    row("bif", 0, 2_000, 1),
    row("bob", 2, 500, 1),
    row("brl", 2, 50, 1),
    row("cad", 2, 50, 1),
    row("chf", 2, 50, 1),
    row("clp", 0, 600, 1),
    row("cny", 2, 400, 1),
    row("cop", 2, 250_000, 1),
    row("crc", 2, 30_000, 1),
    row("czk", 2, 1_500, 1),
    row("djf", 0, 100, 1),
    row("dkk", 2, 250, 1),
    row("dop", 2, 3_500, 1),
    row("egp", 2, 3_000, 1),
    row("eur", 2, 50, 1),
    row("gbp", 2, 30, 1),
    row("gel", 2, 200, 1),
    row("ghs", 2, 1_000, 1),
    row("gnf", 0, 5_000, 1),
    row("gtq", 2, 500, 1),
    row("hkd", 2, 400, 1),
    row("huf", 2, 17_500, 1),
    row("idr", 2, 1_000_000, 1),
    row("ils", 2, 250, 1),
    row("inr", 2, 50, 1),
    row("isk", 2, 10_000, 100),
    row("jmd", 2, 10_000, 1),
    row("jod", 3, 500, 10),
    row("jpy", 0, 50, 1),
    row("kes", 2, 8_000, 1),
    row("kmf", 0, 300, 1),
    row("krw", 0, 50, 1),
    row("kwd", 3, 200, 10),
    row("kzt", 2, 30_000, 1),
    row("mad", 2, 600, 1),
    row("mga", 0, 3_000, 1),
    row("mxn", 2, 1_000, 1),
    row("myr", 2, 200, 1),
    row("ngn", 2, 100_000, 1),
    row("nok", 2, 300, 1),
    row("nzd", 2, 50, 1),
    row("omr", 3, 200, 10),
    row("pen", 2, 250, 1),
    row("php", 2, 3_500, 1),
    row("pkr", 2, 17_500, 1),
    row("pln", 2, 200, 1),
    row("pyg", 0, 5_000, 1),
    row("qar", 2, 250, 1),
    row("ron", 2, 200, 1),
    row("rsd", 2, 6_500, 1),
    row("rwf", 0, 1_000, 1),
    row("sar", 2, 250, 1),
    row("sek", 2, 300, 1),
    row("sgd", 2, 50, 1),
    row("thb", 2, 1_000, 1),
    row("tnd", 3, 2_000, 10),
    row("try", 2, 2_500, 1),
    row("twd", 2, 2_000, 1),
    row("uah", 2, 2_500, 1),
    row("ugx", 2, 250_000, 100),
    row("usd", 2, 50, 1),
    row("uyu", 2, 2_500, 1),
    row("vnd", 0, 15_000, 1),
    row("vuv", 0, 100, 1),
    row("xaf", 0, 400, 1),
    row("xof", 0, 400, 1),
    row("xpf", 0, 75, 1),
    row("zar", 2, 1_000, 1),
];

/// The error of a text that is not the code of a supported currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a currency that can be charged (three lower-case letters, such as usd)")]
pub struct CurrencyError;

/// The error of an amount that cannot be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// The amount is below the smallest one that Stripe charges in this currency.
    #[error("is below the smallest amount that can be charged, {0}")]
    BelowMinimum(Money),
    /// The amount is above the largest one that Stripe charges.
    #[error("is above the largest amount that can be charged, {0}")]
    AboveMaximum(Money),
    /// The amount is not a multiple of the currency's step.
    #[error("has to be a multiple of {0} in this currency")]
    NotAMultiple(i64),
}

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

impl Currency {
    /// Returns the lower-case ISO 4217 code.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// Returns the number of digits after the decimal point.
    pub fn decimals(self) -> u32 {
        self.0.decimals
    }

    /// Returns the smallest amount that can be charged, in minor units.
    pub fn minimum(self) -> i64 {
        self.0.minimum
    }

    /// Returns the largest amount that can be charged, in minor units.
    pub fn maximum(self) -> i64 {
        MAXIMUM - MAXIMUM % self.0.step
    }

    /// Returns the number of minor units that amounts have to be a multiple of.
    pub fn step(self) -> i64 {
        self.0.step
    }

    /// Returns all currencies, ordered by code.
    pub fn all() -> impl Iterator<Item = Self> {
        CURRENCIES.iter().map(Currency)
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(code: &str) -> Result<Self, CurrencyError> {
        CURRENCIES
            .binary_search_by_key(&code, |row| row.code)
            .ok()
            .and_then(|index| CURRENCIES.get(index))
            .map(Currency)
            .ok_or(CurrencyError)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// The number of minor units: cents for usd, yen for jpy, fils for kwd.
    pub amount: i64,
    /// The currency of the amount.
    pub currency: Currency,
}

impl Money {
    /// Creates an amount that does not have to be chargeable, such as a sum or a partial refund.
    pub fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Creates an amount that can be charged, or returns why it cannot.
    pub fn price(amount: i64, currency: Currency) -> Result<Self, PriceError> {
        let (minimum, maximum, step) = (currency.minimum(), currency.maximum(), currency.step());
        if amount < minimum {
            return Err(PriceError::BelowMinimum(Self::new(minimum, currency)));
        }
        if amount > MAXIMUM {
            return Err(PriceError::AboveMaximum(Self::new(maximum, currency)));
        }
        if amount % step != 0 {
            return Err(PriceError::NotAMultiple(step));
        }
        Ok(Self::new(amount, currency))
    }

    /// Reads an amount as people write it: `12.50`, `12,50`, `1.250,00`, `1 250`. A single separator with as many
    /// digits after it as the currency has decimals stands before decimals. Where it could also group
    /// thousands, as in `1.250` for dollars, the text is refused rather than guessed.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let text = text.trim();
        let (whole, part) = split(text, currency)?;
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

    /// Returns the amount without its currency, such as `12.00`. [`parse`](Self::parse) reads it.
    pub fn number(self) -> String {
        let decimals = self.currency.decimals();
        let unit = 10_u64.pow(decimals);
        let magnitude = self.amount.unsigned_abs();
        let sign = if self.amount < 0 { "-" } else { "" };
        if decimals == 0 {
            return format!("{sign}{magnitude}");
        }
        let width = usize::try_from(decimals).unwrap_or_default();
        format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit)
    }

    /// Returns `basis_points` hundredths of a percent of this amount, rounded down to the step of its
    /// currency.
    pub fn share(self, basis_points: u32) -> Self {
        let share = i128::from(self.amount) * i128::from(basis_points) / 10_000;
        let share = share - share % i128::from(self.currency.step());
        Self::new(i64::try_from(share).unwrap_or(self.amount), self.currency)
    }
}

/// Returns the text before and after the decimal separator. The text before it may have separators of
/// thousands.
fn split(text: &str, currency: Currency) -> Result<(&str, &str), AmountError> {
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
    // 1.250: thousands, unless the currency has three decimals.
    let is_group = after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
    match currency.decimals() {
        0 if marks.len() == 1 && is_group => Ok((text, "")),
        1..=2 if marks.len() == 1 && is_group => Err(ambiguous(before, after, currency)),
        _ => Ok((before, after)),
    }
}

fn ambiguous(before: &str, after: &str, currency: Currency) -> AmountError {
    let fits = usize::try_from(currency.decimals()).ok().and_then(|count| after.get(..count));
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
    let groups = |c| matches!(c, '.' | ',' | '\'' | '’' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}');
    if !groups(mark) || marks.any(|other| other != mark) {
        return None;
    }
    let mut parts = whole.split(mark);
    let first = parts.next()?.len();
    ((1..=3).contains(&first) && parts.all(|part| part.len() == 3))
        .then(|| whole.split(mark).collect())
}

/// Formats the amount for people: `12.00 USD`, `1200 JPY`, `5.120 KWD`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.currency.code().to_ascii_uppercase())
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Wire {
    amount: i64,
    currency: String,
}

impl serde::Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire { amount: self.amount, currency: self.currency.code().to_owned() }
            .serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let currency = wire.currency.parse().map_err(serde::de::Error::custom)?;
        Ok(Self::new(wire.amount, currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn table_is_sorted_so_that_every_currency_is_found() {
        for one in Currency::all() {
            assert_eq!(one.code().parse(), Ok(one));
        }
        assert_eq!("USD".parse::<Currency>(), Err(CurrencyError));
        assert_eq!("".parse::<Currency>(), Err(CurrencyError));
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(Money::new(1_205, currency("usd")).to_string(), "12.05 USD");
        assert_eq!(Money::new(1_200, currency("jpy")).to_string(), "1200 JPY");
        assert_eq!(Money::new(5_120, currency("kwd")).to_string(), "5.120 KWD");
        assert_eq!(Money::new(-5, currency("eur")).to_string(), "-0.05 EUR");
    }

    #[test]
    fn price_keeps_to_what_can_be_charged() {
        let usd = currency("usd");
        assert_eq!(Money::price(49, usd), Err(PriceError::BelowMinimum(Money::new(50, usd))));
        assert!(Money::price(50, usd).is_ok());
        assert!(matches!(Money::price(100_000_000, usd), Err(PriceError::AboveMaximum(_))));
        assert_eq!(Money::price(5_124, currency("kwd")), Err(PriceError::NotAMultiple(10)));
        assert!(Money::price(5_120, currency("kwd")).is_ok());
        assert_eq!(Money::price(10_050, currency("isk")), Err(PriceError::NotAMultiple(100)));
        assert!(matches!(Money::price(i64::MIN, usd), Err(PriceError::BelowMinimum(_))));
    }

    #[test]
    fn share_is_rounded_down() {
        assert_eq!(Money::new(999, currency("usd")).share(250).amount, 24);
        assert_eq!(Money::new(999, currency("usd")).share(0).amount, 0);
        assert_eq!(Money::new(999, currency("usd")).share(10_000).amount, 999);
        assert_eq!(Money::new(10_100, currency("isk")).share(250).amount, 200);
        assert_eq!(Money::new(250_100, currency("ugx")).share(250).amount, 6_200);
        assert_eq!(Money::new(5_120, currency("kwd")).share(333).amount, 170);
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
            ("5.120", "kwd", 5_120),
            ("5,12", "kwd", 5_120),
            ("1,005.120", "kwd", 1_005_120),
            ("0012.50", "usd", 1_250),
        ] {
            let read = Money::parse(text, currency(code));
            assert_eq!(read, Ok(Money::new(amount, currency(code))), "{text:?} {code}");
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
            assert_eq!(Money::parse(text, usd), Err(error), "{text}");
        }
        let error = Money::parse("1.250", usd).unwrap_err();
        assert_eq!(error.to_string(), "can be read in two ways: write 1250.00 or 1.25");
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
            let read = Money::parse(text, currency(code));
            assert_eq!(read, Err(AmountError::Decimals(decimals)), "{text} {code}");
        }
    }

    #[test]
    fn text_that_is_no_amount_is_refused() {
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
            assert_eq!(Money::parse(text, usd), Err(AmountError::Form), "{text:?}");
        }
        let huge = Money::parse(&"9".repeat(30), usd);
        assert_eq!(huge, Err(AmountError::AboveMaximum(Money::new(99_999_999, usd))));
    }

    #[test]
    fn number_of_every_currency_is_read_back() {
        for currency in Currency::all() {
            for amount in [1, 990, 1_200, 5_120, 99_999_999] {
                let money = Money::new(amount, currency);
                assert_eq!(Money::parse(&money.number(), currency), Ok(money));
                assert_eq!(Money::parse(&money.number().replace('.', ","), currency), Ok(money));
            }
        }
    }
}
