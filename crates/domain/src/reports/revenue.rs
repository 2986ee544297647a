//! What was earned.

use std::collections::BTreeMap;

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};

use super::ports::DaySum;
use crate::{
    access::FactKind,
    money::{Currency, Money},
    validation::FieldErrors,
};

/// Whole UTC days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The start of the first day.
    pub from: Timestamp,
    /// The end of the last day.
    pub until: Timestamp,
}

/// What the facts of some days add up to, in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takings {
    /// How many purchases were paid.
    pub sales: i64,
    /// What was paid.
    pub gross: Money,
    /// What was given back; less than nothing on a day on which refunds failed.
    pub refunded: Money,
}

impl Takings {
    /// What is left.
    pub fn net(&self) -> Money {
        let left = self.gross.amount.saturating_sub(self.refunded.amount);
        Money::new(left, self.gross.currency)
    }

    fn nothing(currency: Currency) -> Self {
        Self { sales: 0, gross: Money::new(0, currency), refunded: Money::new(0, currency) }
    }

    fn add(&mut self, sum: &DaySum) {
        let amount = sum.amount.amount;
        let add = |money: &mut Money, by: i64| money.amount = money.amount.saturating_add(by);
        match sum.kind {
            FactKind::Purchased | FactKind::GroupPurchased => {
                self.sales = self.sales.saturating_add(sum.count);
                add(&mut self.gross, amount);
            }
            FactKind::RefundAccepted => add(&mut self.refunded, amount),
            FactKind::RefundFailed => add(&mut self.refunded, amount.saturating_neg()),
            _ => {}
        }
    }
}

/// The takings of one day in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayTakings {
    /// The day, UTC.
    pub day: Date,
    /// What it brought.
    pub takings: Takings,
}

/// The takings of a period. Days on which nothing happened are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revenue {
    /// By day and currency, newest first.
    pub days: Vec<DayTakings>,
    /// By currency.
    pub totals: Vec<Takings>,
}

/// The days of a period that does not say its start.
const USUAL_DAYS: i32 = 30;
const MAX_DAYS: i32 = 366;

impl Period {
    /// Reads the first and the last day. Without the last it is today, without the first it is thirty
    /// days in all.
    pub fn read(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let from = from.and_then(|text| errors.check("from", date(text)));
        let to = to.and_then(|text| errors.check("to", date(text)));
        errors.finish()?;
        let to = to.unwrap_or_else(|| Offset::UTC.to_datetime(now).date());
        let before_to =
            |days: i32| to.checked_sub(jiff::Span::new().days(days)).unwrap_or(Date::MIN);
        let from = from.unwrap_or_else(|| before_to(USUAL_DAYS - 1));
        if from > to {
            return Err(FieldErrors::one("to", "must not be before from"));
        }
        if from < before_to(MAX_DAYS - 1) {
            return Err(FieldErrors::one("from", format!("must be within {MAX_DAYS} days of to")));
        }
        let start = |date: Date| date.to_zoned(TimeZone::UTC).map(|start| start.timestamp());
        let end = to.tomorrow().and_then(start);
        match (start(from), end) {
            (Ok(from), Ok(until)) => Ok(Self { from, until }),
            (Err(_), _) => Err(FieldErrors::one("from", NO_DATE)),
            (_, Err(_)) => Err(FieldErrors::one("to", NO_DATE)),
        }
    }
}

const NO_DATE: &str = "must be a date such as 2026-01-31";

fn date(text: &str) -> Result<Date, &'static str> {
    // The parser takes other spellings, too.
    let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    text.parse().ok().filter(|_| plain).ok_or(NO_DATE)
}

impl Revenue {
    /// Adds up what was learnt.
    pub fn of(sums: &[DaySum]) -> Self {
        let mut days: BTreeMap<(i64, &str), Takings> = BTreeMap::new();
        let mut totals: BTreeMap<&str, Takings> = BTreeMap::new();
        for sum in sums {
            let currency = sum.amount.currency;
            let nothing = || Takings::nothing(currency);
            days.entry((sum.day, currency.code())).or_insert_with(nothing).add(sum);
            totals.entry(currency.code()).or_insert_with(nothing).add(sum);
        }
        let days = days.into_iter().rev().filter_map(|((day, _), takings)| {
            let start = Timestamp::from_second(day.checked_mul(24 * 3600)?).ok()?;
            Some(DayTakings { day: Offset::UTC.to_datetime(start).date(), takings })
        });
        Self { days: days.collect(), totals: totals.into_values().collect() }
    }
}
