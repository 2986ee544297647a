//! The days of a range, in steps, and what was sold in each.

use std::collections::BTreeMap;

use jiff::{Span, civil::Date, tz::TimeZone};
use tollgate_domain::{
    money::{Currency, Money},
    reports::{Period, Revenue, Takings},
};

use crate::{console::page::When, locale::Texts};

/// The days of a range, in steps of one day or of seven.
#[derive(Clone, Copy)]
pub(super) struct Days {
    pub(super) first: Date,
    pub(super) last: Date,
    pub(super) step: usize,
}

/// The longest range, in days, that is shown day by day.
const MAX_SINGLE_DAYS: usize = 92;

impl Days {
    pub(super) fn of(period: Period) -> Self {
        let mut days = Self { first: period.first, last: period.last, step: 1 };
        if days.count() > MAX_SINGLE_DAYS {
            days.step = 7;
        }
        days
    }

    pub(super) fn count(self) -> usize {
        self.step_of(self.last).map_or(1, |last| last.saturating_add(1))
    }

    /// Returns the step that a day is in; `None` for a day before the range.
    fn step_of(self, day: Date) -> Option<usize> {
        let days = self.first.until(day).ok()?.get_days();
        usize::try_from(days).ok()?.checked_div(self.step)
    }

    pub(super) fn start(self, step: usize) -> Date {
        let days = i64::try_from(step.saturating_mul(self.step)).unwrap_or_default();
        self.first.checked_add(Span::new().days(days)).unwrap_or(self.last)
    }

    /// Adds up the figures in one currency, step by step. Steps in which nothing happened are left out.
    pub(super) fn steps(self, revenue: &Revenue, currency: Currency) -> BTreeMap<usize, Takings> {
        let mut steps = BTreeMap::new();
        let zero = Money::new(0, currency);
        for day in revenue.days.iter().filter(|day| day.takings.gross.currency == currency) {
            let Some(step) = self.step_of(day.day) else { continue };
            let empty = Takings { sales: 0, gross: zero, refunded: zero };
            let sum: &mut Takings = steps.entry(step).or_insert(empty);
            sum.sales = sum.sales.saturating_add(day.takings.sales);
            add(&mut sum.gross, day.takings.gross);
            add(&mut sum.refunded, day.takings.refunded);
        }
        steps
    }
}

fn add(sum: &mut Money, money: Money) {
    sum.amount = sum.amount.saturating_add(money.amount);
}

/// Returns a day (UTC) for people and for programs.
pub(super) fn day(t: Texts, day: Date) -> When {
    let start = day.to_zoned(TimeZone::UTC).map(|start| t.day(start.timestamp()));
    When { iso: day.to_string(), text: start.unwrap_or_else(|_| day.to_string()) }
}
