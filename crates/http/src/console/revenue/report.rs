//! The figures of a range of days.

use jiff::{Span, tz::Offset};
use tollgate_domain::{
    Timestamp,
    reports::{Period, Revenue, Takings},
};

use super::{
    chart::Chart,
    days::{Days, day},
};
use crate::{
    console::{form::FormState, page::When, who::AtHandle},
    locale::Texts,
    problem::Problem,
    state::Http,
};

/// The figures by currency.
pub(super) struct Report {
    pub(super) currencies: Vec<CurrencyReport>,
    /// Whether the rows and the bars are of seven days each.
    pub(super) by_week: bool,
}

/// The figures in one currency.
pub(super) struct CurrencyReport {
    pub(super) code: String,
    pub(super) total: Line,
    pub(super) chart: Option<Chart>,
    pub(super) rows: Vec<Row>,
}

/// The figures of the days from `first`.
pub(super) struct Row {
    pub(super) first: When,
    pub(super) line: Line,
}

/// What was sold, paid and refunded, and what is left.
pub(super) struct Line {
    pub(super) sales: String,
    pub(super) paid: String,
    pub(super) returned: String,
    pub(super) left: String,
}

/// A range to choose with one click.
pub(super) struct Preset {
    pub(super) address: String,
    pub(super) label: String,
    pub(super) is_current: bool,
}

impl Report {
    /// Reads the range from the form and adds up what happened in it. Gives the form back with the range that
    /// was used, or with what is wrong about it.
    pub(super) async fn read(
        http: &Http,
        at: &AtHandle,
        form: FormState,
    ) -> Result<(FormState, Option<Self>), Problem> {
        let period = match Period::read(form.some("from"), form.some("to"), http.clock.now()) {
            Ok(period) => period,
            Err(errors) => return Ok((form.refused(errors)?, None)),
        };
        let days = Days::of(period);
        let (first, last) = (days.first.to_string(), days.last.to_string());
        let reports = &http.use_cases.reports;
        let (creator, name) = (&at.creator, &at.handle.name);
        let revenue = reports.revenue(creator, name, Some(&first), Some(&last)).await?;
        let form = form.with_missing("from", first).with_missing("to", last);
        Ok((form, Some(Self::of(at.screen.t, days, &revenue))))
    }

    fn of(t: Texts, days: Days, revenue: &Revenue) -> Self {
        let totals = revenue.totals.iter();
        let currencies = totals.map(|total| CurrencyReport::of(t, days, revenue, total)).collect();
        Self { currencies, by_week: days.step > 1 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.currencies.is_empty()
    }
}

impl CurrencyReport {
    fn of(t: Texts, days: Days, revenue: &Revenue, total: &Takings) -> Self {
        let currency = total.gross.currency;
        let steps = days.steps(revenue, currency);
        let row = |(step, takings): (&usize, &Takings)| {
            let first = day(t, days.start(*step));
            Row { first, line: Line::of(t, takings) }
        };
        Self {
            code: currency.code().to_ascii_uppercase(),
            total: Line::of(t, total),
            chart: Chart::of(t, days, &steps),
            rows: steps.iter().rev().map(row).collect(),
        }
    }
}

impl Line {
    fn of(t: Texts, takings: &Takings) -> Self {
        Self {
            sales: t.number(takings.sales),
            paid: t.money(takings.gross),
            returned: t.money(takings.refunded),
            left: t.money(takings.net()),
        }
    }
}

impl Preset {
    /// Returns the ranges that end today.
    pub(super) fn all(t: Texts, path: &str, form: &FormState, now: Timestamp) -> Vec<Self> {
        let today = Offset::UTC.to_datetime(now).date();
        let preset = |days: i64| {
            let before = Span::new().days(days.saturating_sub(1));
            let from = today.checked_sub(before).unwrap_or(today).to_string();
            let to = today.to_string();
            let is_current = form.get("from") == from && form.get("to") == to;
            let address = format!("{path}?from={from}&to={to}");
            Self { address, label: t.count("console-revenue-days", days), is_current }
        };
        [7, 30, 90].into_iter().map(preset).collect()
    }
}
