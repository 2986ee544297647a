//! Bars of what was paid and refunded, as shapes for an SVG picture.

use std::collections::BTreeMap;

use tollgate_domain::{money::Money, reports::Takings};

use super::days::{Days, day};
use crate::{console::page::When, locale::Texts};

/// A chart that is [`HEIGHT`] high. The bars of payments stand on the line at `zero`, and those of refunds and losses hang below it.
pub(super) struct Chart {
    pub(super) width: usize,
    pub(super) zero: i64,
    pub(super) bars: Vec<Bar>,
    /// The largest bar, in words.
    pub(super) highest: String,
    pub(super) has_returned: bool,
    pub(super) first: When,
    pub(super) last: When,
}

/// A bar with its figures in words.
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) x: usize,
    pub(super) y: i64,
    pub(super) height: i64,
    pub(super) text: String,
}

const HEIGHT: i64 = 1_000;
/// The width of a bar with the space around it.
const SLOT: usize = 10;
/// The least height of a bar, so that it can be seen.
const MIN_BAR: i64 = 8;

/// The two amounts of a step. What comes back from a refund that failed counts as paid.
struct Amounts {
    step: usize,
    paid: i64,
    returned: i64,
}

impl Amounts {
    fn of((step, takings): (&usize, &Takings)) -> Self {
        let refunded = takings.refunded.amount;
        let paid = takings.gross.amount.saturating_sub(refunded.min(0));
        Self { step: *step, paid, returned: refunded.max(0) }
    }
}

impl Chart {
    /// Draws the steps; `None` if there is nothing to draw.
    pub(super) fn of(t: Texts, days: Days, steps: &BTreeMap<usize, Takings>) -> Option<Self> {
        let currency = steps.values().next()?.gross.currency;
        let amounts: Vec<_> = steps.iter().map(Amounts::of).collect();
        let paid = amounts.iter().map(|it| it.paid).max()?.max(0);
        let returned = amounts.iter().map(|it| it.returned).max()?;
        let total = paid.checked_add(returned).filter(|total| *total > 0)?;
        let zero = scaled(paid, total);
        let mut bars = Vec::new();
        for it in &amounts {
            let x = it.step.saturating_mul(SLOT).saturating_add(1);
            let words = |id: &str, amount: i64| {
                let amount = t.money(Money::new(amount, currency));
                t.with2(id, "day", day(t, days.start(it.step)).text, "amount", amount)
            };
            if it.paid > 0 {
                let height = scaled(it.paid, total).max(MIN_BAR).min(zero);
                let text = words("console-revenue-bar-paid", it.paid);
                bars.push(Bar { class: "paid", x, y: zero - height, height, text });
            }
            if it.returned > 0 {
                let height = scaled(it.returned, total).max(MIN_BAR).min(HEIGHT - zero);
                let text = words("console-revenue-bar-returned", it.returned);
                bars.push(Bar { class: "returned", x, y: zero, height, text });
            }
        }
        let highest = t.money(Money::new(paid.max(returned), currency));
        Some(Self {
            width: days.count().saturating_mul(SLOT),
            zero,
            bars,
            highest: t.with("console-revenue-highest", "amount", highest),
            has_returned: returned > 0,
            first: day(t, days.first),
            last: day(t, days.last),
        })
    }
}

/// Returns a share of the height.
fn scaled(amount: i64, total: i64) -> i64 {
    let share = i128::from(amount) * i128::from(HEIGHT) / i128::from(total.max(1));
    i64::try_from(share).unwrap_or(HEIGHT)
}
