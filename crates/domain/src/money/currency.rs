//! The currencies that can be charged.
//!
//! Source of the table: docs.stripe.com/currencies (zero-decimal currencies, special cases, minimum
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

/// The largest amount, in minor units: eight digits.
const MAXIMUM: i64 = 99_999_999;
/// The same in Indonesian rupiah, the only currency in which Stripe takes up to twelve digits. Eight are about 60 US dollars.
const MAXIMUM_IDR: i64 = 999_999_999_999;

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

impl Currency {
    /// Returns the lower-case ISO 4217 code.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// Returns the number of digits after the decimal point.
    pub fn decimals(self) -> u32 {
        self.0.decimals
    }

    /// Returns the number of digits after the decimal point of what can be charged. It is less than
    /// [`decimals`](Self::decimals) if the last ones have to be zeros, since amounts are multiples of a
    /// [`step`](Self::step).
    pub fn price_decimals(self) -> u32 {
        let zeros = self.0.step.checked_ilog10().unwrap_or_default();
        self.0.decimals.saturating_sub(zeros)
    }

    /// Returns the smallest amount that can be charged, in minor units.
    pub fn minimum(self) -> i64 {
        self.0.minimum
    }

    /// Returns the largest amount that can be charged, in minor units.
    pub fn maximum(self) -> i64 {
        let most = if self.0.code == "idr" { MAXIMUM_IDR } else { MAXIMUM };
        most - most % self.0.step
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_so_that_every_currency_is_found() {
        for one in Currency::all() {
            assert_eq!(one.code().parse(), Ok(one));
        }
        assert_eq!("USD".parse::<Currency>(), Err(CurrencyError));
        assert_eq!("".parse::<Currency>(), Err(CurrencyError));
    }

    #[test]
    fn decimals_that_have_to_be_zeros_are_not_those_of_a_price() {
        for (code, decimals) in [("usd", 2), ("jpy", 0), ("isk", 0), ("ugx", 0), ("kwd", 2)] {
            assert_eq!(code.parse::<Currency>().unwrap().price_decimals(), decimals, "{code}");
        }
    }
}
