//! Amounts of money in whole minor units with their currency, as Stripe uses them.

mod currency;
mod parse;

use std::fmt;

pub use currency::{Currency, CurrencyError};
pub use parse::AmountError;

/// The error of an amount that cannot be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// The amount is below the smallest one that Stripe charges in this currency.
    #[error(
        "is below the smallest amount that can be charged, {0}: amount must be at least {amount}",
        amount = .0.amount
    )]
    BelowMinimum(Money),
    /// The amount is above the largest one that Stripe charges.
    #[error(
        "is above the largest amount that can be charged, {0}: amount must be at most {amount}",
        amount = .0.amount
    )]
    AboveMaximum(Money),
    /// The amount is not a multiple of the currency's step.
    #[error("has to be a multiple of {0} in this currency")]
    NotAMultiple(i64),
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
        if amount > maximum {
            return Err(PriceError::AboveMaximum(Self::new(maximum, currency)));
        }
        if amount % step != 0 {
            return Err(PriceError::NotAMultiple(step));
        }
        Ok(Self::new(amount, currency))
    }

    /// Returns the amount without its currency, such as `12.00`, with all decimals that the currency has.
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

    /// Returns the amount without its currency and without the decimals that are zeros in every price: `5.12` for
    /// 5.120 KWD. [`parse`](Self::parse) reads what this returns for a price.
    pub fn short_number(self) -> String {
        let mut number = self.number();
        let unused = self.currency.decimals().saturating_sub(self.currency.price_decimals());
        let zeros = "0".repeat(usize::try_from(unused).unwrap_or_default());
        if number.ends_with(&zeros) {
            number.truncate(number.len() - zeros.len());
        }
        if number.ends_with('.') {
            number.pop();
        }
        number
    }

    /// Returns `basis_points` hundredths of a percent of this amount, rounded down to the step of its
    /// currency.
    pub fn share(self, basis_points: u32) -> Self {
        let share = i128::from(self.amount) * i128::from(basis_points) / 10_000;
        let share = share - share % i128::from(self.currency.step());
        Self::new(i64::try_from(share).unwrap_or(self.amount), self.currency)
    }
}

/// Formats the amount for people: `12.00 USD`, `1200 JPY`, `5.120 KWD`. Currencies that are not divided in practice are
/// written without decimals: `100 ISK`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = match self.currency.price_decimals() {
            0 => self.short_number(),
            _ => self.number(),
        };
        write!(f, "{number} {}", self.currency.code().to_ascii_uppercase())
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
    fn amounts_read_as_people_write_them() {
        assert_eq!(Money::new(1_205, currency("usd")).to_string(), "12.05 USD");
        assert_eq!(Money::new(1_200, currency("jpy")).to_string(), "1200 JPY");
        assert_eq!(Money::new(5_120, currency("kwd")).to_string(), "5.120 KWD");
        assert_eq!(Money::new(-5, currency("eur")).to_string(), "-0.05 EUR");
        assert_eq!(Money::new(10_000, currency("isk")).to_string(), "100 ISK");
        assert_eq!(Money::new(10_050, currency("isk")).to_string(), "100.50 ISK");
        let least = Money::price(5, currency("ugx")).unwrap_err().to_string();
        let told = "is below the smallest amount that can be charged, 2500 UGX: amount must be at least 250000";
        assert_eq!(least, told);
    }

    #[test]
    fn decimals_that_are_zeros_in_every_price_are_left_out() {
        for (amount, code, number) in [
            (1_200, "usd", "12.00"),
            (1_200, "jpy", "1200"),
            (120_000, "isk", "1200"),
            (120_050, "isk", "1200.50"),
            (5_120, "kwd", "5.12"),
            (5_000, "kwd", "5.00"),
            (5_124, "kwd", "5.124"),
        ] {
            assert_eq!(Money::new(amount, currency(code)).short_number(), number);
        }
    }

    #[test]
    fn price_keeps_to_what_can_be_charged() {
        let usd = currency("usd");
        assert_eq!(Money::price(49, usd), Err(PriceError::BelowMinimum(Money::new(50, usd))));
        assert!(Money::price(50, usd).is_ok());
        assert!(matches!(Money::price(100_000_000, usd), Err(PriceError::AboveMaximum(_))));
        let idr = currency("idr");
        assert!(Money::price(999_999_999_999, idr).is_ok());
        assert!(matches!(Money::price(1_000_000_000_000, idr), Err(PriceError::AboveMaximum(_))));
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
}
