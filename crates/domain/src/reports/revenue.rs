//! Revenue reports.

use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

use jiff::{Timestamp, civil::Date, tz::Offset};

use super::ports::DaySum;
use crate::{
    access::FactKind,
    clock::DAY_SECONDS,
    money::{Currency, Money},
    paging::{Cursor, Listing, PageRequest},
    validation::{Field, FieldError, FieldErrors},
};

/// A period of whole UTC days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day, which is not before the first.
    pub last: Date,
}

/// The revenue in one currency over some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takings {
    /// The number of paid purchases.
    pub sales: i64,
    /// The total amount paid.
    pub gross: Money,
    /// The total amount refunded or lost in disputes; negative on a day on which more of that came back.
    pub refunded: Money,
}

impl Takings {
    /// Returns the amount paid less what was refunded or lost in disputes.
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
            FactKind::RefundAccepted | FactKind::DisputeLost => add(&mut self.refunded, amount),
            FactKind::RefundFailed | FactKind::DisputeWon => {
                add(&mut self.refunded, amount.saturating_neg());
            }
            _ => {}
        }
    }
}

/// The revenue of one day in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayTakings {
    /// The day, UTC.
    pub day: Date,
    /// The revenue of that day.
    pub takings: Takings,
}

impl DayTakings {
    /// Returns the position in the list of days.
    fn cursor(&self) -> Cursor {
        // The day was made from an instant.
        let start = Offset::UTC.to_timestamp(self.day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX);
        Cursor { at: start, id: self.takings.gross.currency.code().to_owned() }
    }

    /// Returns whether these come behind a position in the list.
    fn is_behind(&self, position: &Cursor) -> bool {
        let own = self.cursor();
        own.at < position.at || own.at == position.at && own.id > position.id
    }
}

/// The revenue of a period. Days without revenue or refunds are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revenue {
    /// The revenue by day, newest first, and by currency in the order of the alphabet.
    pub days: Vec<DayTakings>,
    /// The revenue by currency, in the same order.
    pub totals: Vec<Takings>,
}

/// The number of days in a period if its start is not given.
const DEFAULT_DAYS: i32 = 30;
const MAX_DAYS: i32 = 366;
const EPOCH: Date = Date::constant(1970, 1, 1);

impl Period {
    /// Parses the first and the last day. Without a last day the period ends today, or with a first day that is yet to
    /// come; without a first day it has thirty days.
    pub fn read(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let from = from.and_then(|text| errors.check(Field::FirstDay, date(text)));
        let to = to.and_then(|text| errors.check(Field::LastDay, date(text)));
        errors.finish()?;
        let today = Offset::UTC.to_datetime(now).date();
        let to = to.unwrap_or_else(|| from.map_or(today, |from| from.max(today)));
        let before_to =
            |days: i32| to.checked_sub(jiff::Span::new().days(days)).unwrap_or(Date::MIN);
        let from = from.unwrap_or_else(|| before_to(DEFAULT_DAYS - 1));
        if from > to {
            return Err(FieldErrors::one(Field::LastDay, FieldError::BeforeFirstDay));
        }
        if from < before_to(MAX_DAYS - 1) {
            return Err(FieldErrors::one(Field::FirstDay, FieldError::TooManyDays(MAX_DAYS)));
        }
        Ok(Self { first: from, last: to })
    }
}

impl Period {
    /// Returns the days, as numbers of days since 1970-01-01 (UTC).
    pub fn days(&self) -> Range<i64> {
        // Instants cannot be used: the last days of the calendar have none.
        let day = |date: Date| date.duration_since(EPOCH).as_hours().div_euclid(24);
        day(self.first)..day(self.last).saturating_add(1)
    }
}

fn date(text: &str) -> Result<Date, FieldError> {
    // The parser also accepts other spellings.
    let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    text.parse().ok().filter(|_| plain).ok_or(FieldError::Date)
}

/// Returns whether facts of this kind move the seller's money. What opened nothing is not revenue.
fn is_counted(kind: FactKind) -> bool {
    match kind {
        FactKind::Purchased
        | FactKind::GroupPurchased
        | FactKind::RefundAccepted
        | FactKind::RefundFailed
        | FactKind::DisputeLost
        | FactKind::DisputeWon => true,
        FactKind::Granted
        | FactKind::Inquired
        | FactKind::Disputed
        | FactKind::Revoked
        | FactKind::Moved
        | FactKind::PaymentQuarantined
        | FactKind::QuarantineRefunded
        | FactKind::QuarantineRefundFailed
        | FactKind::SecondPaymentHeld
        | FactKind::Allowlisted
        | FactKind::AllowlistRemoved
        | FactKind::FileDeleted => false,
    }
}

impl Revenue {
    /// Adds up the sums of single days.
    pub fn of(sums: &[DaySum]) -> Self {
        let mut days: BTreeMap<(Reverse<i64>, &str), Takings> = BTreeMap::new();
        let mut totals: BTreeMap<&str, Takings> = BTreeMap::new();
        for sum in sums.iter().filter(|sum| is_counted(sum.kind)) {
            let currency = sum.amount.currency;
            let nothing = || Takings::nothing(currency);
            days.entry((Reverse(sum.day), currency.code())).or_insert_with(nothing).add(sum);
            totals.entry(currency.code()).or_insert_with(nothing).add(sum);
        }
        let days = days.into_iter().filter_map(|((Reverse(day), _), takings)| {
            let start = Timestamp::from_second(day.checked_mul(DAY_SECONDS)?).ok()?;
            Some(DayTakings { day: Offset::UTC.to_datetime(start).date(), takings })
        });
        Self { days: days.collect(), totals: totals.into_values().collect() }
    }

    /// Returns the days behind `after`; all of them without a `limit`.
    pub fn part(&self, limit: Option<u32>, after: Option<&Cursor>) -> Listing<DayTakings> {
        let is_behind = |day: &DayTakings| after.is_none_or(|after| day.is_behind(after));
        let rows: Vec<_> = self.days.iter().copied().filter(is_behind).collect();
        let Some(limit) = limit else { return Listing { items: rows, next: None } };
        Listing::cut(rows, &PageRequest { limit, after: None }, DayTakings::cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The revenue of two days with two currencies each.
    fn of_two_days() -> Revenue {
        let sold = |(day, code): (i64, &str)| DaySum {
            day,
            kind: FactKind::Purchased,
            count: 1,
            amount: Money::new(100, code.parse().unwrap()),
        };
        Revenue::of(&[(1, "usd"), (1, "eur"), (2, "usd"), (2, "chf")].map(sold))
    }

    #[test]
    fn parts_follow_each_other_without_gaps() {
        let revenue = of_two_days();
        for limit in 1..=5 {
            let (mut walked, mut after) = (Vec::new(), None::<Cursor>);
            loop {
                let part = revenue.part(Some(limit), after.as_ref());
                assert!(part.items.len() <= usize::try_from(limit).unwrap());
                walked.extend(part.items);
                let Some(next) = part.next else { break };
                let rest = revenue.part(None, Some(&next));
                assert_eq!((&*rest.items, rest.next), (&revenue.days[walked.len()..], None));
                after = Some(next.to_string().parse().unwrap());
            }
            assert_eq!(walked, revenue.days, "{limit}");
        }
        assert_eq!(revenue.part(None, None), Listing { items: revenue.days.clone(), next: None });
    }

    #[test]
    fn days_descend_and_their_currencies_ascend() {
        let revenue = of_two_days();
        let days: Vec<_> = revenue
            .days
            .iter()
            .map(|it| (it.day.to_string(), it.takings.gross.currency.code()))
            .collect();
        let expected = [
            ("1970-01-03", "chf"),
            ("1970-01-03", "usd"),
            ("1970-01-02", "eur"),
            ("1970-01-02", "usd"),
        ];
        assert_eq!(days, expected.map(|(day, code)| (day.to_owned(), code)));
        let totals: Vec<_> = revenue.totals.iter().map(|it| it.gross.currency.code()).collect();
        assert_eq!(totals, ["chf", "eur", "usd"]);
    }
}
