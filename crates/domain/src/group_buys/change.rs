//! Creating and changing group buys: the rules for their fields.

use jiff::Timestamp;

use super::{GroupBuy, GroupBuyError, GroupBuyState, GroupBuyStatus};
use crate::{
    clock::{DAY_SECONDS, plus_seconds, whole_micros},
    creators::PageLabel,
    id::{GroupBuyId, HandleId},
    money::Money,
    names::Slug,
    validation::{self, Field, FieldError, FieldErrors},
};

/// The fields of a new group buy. [`NewGroupBuy::made`] checks the numbers.
#[derive(Debug, Clone)]
pub struct NewGroupBuy {
    /// See [`GroupBuy::slug`].
    pub slug: Slug,
    /// See [`GroupBuy::title`].
    pub title: String,
    /// See [`GroupBuy::description`].
    pub description: String,
    /// The slug of the page that is offered.
    pub page_slug: Slug,
    /// See [`GroupBuy::price`].
    pub price: Money,
    /// See [`GroupBuy::target_quantity`].
    pub target_quantity: i64,
    /// See [`GroupBuy::max_quantity`].
    pub max_quantity: Option<i64>,
    /// See [`GroupBuy::deadline`].
    pub deadline: Option<Timestamp>,
    /// See [`GroupBuy::offer_days`]; 7 when unset.
    pub offer_days: Option<i64>,
}

/// A change to a group buy; `None` leaves a field unchanged.
#[derive(Debug, Clone, Default)]
pub struct GroupBuyChange {
    /// See [`GroupBuy::title`].
    pub title: Option<String>,
    /// See [`GroupBuy::description`].
    pub description: Option<String>,
    /// See [`GroupBuy::price`].
    pub price: Option<Money>,
    /// See [`GroupBuy::target_quantity`].
    pub target_quantity: Option<i64>,
    /// See [`GroupBuy::max_quantity`]; `Some(None)` removes the maximum.
    pub max_quantity: Option<Option<i64>>,
    /// See [`GroupBuy::deadline`]; `Some(None)` removes the deadline.
    pub deadline: Option<Option<Timestamp>>,
    /// See [`GroupBuy::offer_days`].
    pub offer_days: Option<i64>,
}

const MAX_TITLE: usize = 200;
const MAX_DESCRIPTION: usize = 10_000;
const MAX_QUANTITY: i64 = 1_000_000;
const MAX_DAYS: i64 = 30;
/// How many years ahead a deadline may be. Nobody waits longer for an offer, so a later year is mistyped.
const MAX_YEARS: i64 = 5;
/// The seconds of the longest year.
const YEAR_SECONDS: i64 = 366 * DAY_SECONDS;
/// How many days an offer is open unless its creator says otherwise.
pub const DEFAULT_OFFER_DAYS: i64 = 7;

impl NewGroupBuy {
    /// Returns the group buy of `page`, created at `now`.
    pub fn made(
        self,
        id: GroupBuyId,
        handle_id: HandleId,
        page: &PageLabel,
        now: Timestamp,
    ) -> Result<GroupBuy, FieldErrors> {
        let made = GroupBuy {
            id,
            handle_id,
            page_id: page.id,
            slug: self.slug,
            title: self.title,
            description: self.description,
            price: self.price,
            target_quantity: self.target_quantity,
            max_quantity: self.max_quantity,
            deadline: self.deadline.map(whole_micros),
            offer_days: self.offer_days.unwrap_or(DEFAULT_OFFER_DAYS),
            state: GroupBuyState::Open,
            current_quantity: 0,
            activated_at: None,
            offer_ends_at: None,
            created_at: now,
            updated_at: now,
        };
        let mut errors = FieldErrors::new();
        GroupBuy::check_texts(&mut errors, &made.title, &made.description);
        made.check_own_numbers(&mut errors, true);
        let (price, regular) = (Some(made.price), page.regular_price());
        GroupBuy::check_new_terms(&mut errors, price, regular, made.deadline, now);
        errors.finish()?;
        Ok(made)
    }
}

impl GroupBuyChange {
    /// Leaves out the terms that are as they were, so that they count as unchanged.
    fn without_terms_of(self, before: &GroupBuy) -> Self {
        let deadline = self.deadline.map(|at| at.map(whole_micros));
        Self {
            price: self.price.filter(|price| *price != before.price),
            target_quantity: self
                .target_quantity
                .filter(|target| *target != before.target_quantity),
            max_quantity: self.max_quantity.filter(|most| *most != before.max_quantity),
            deadline: deadline.filter(|deadline| *deadline != before.deadline),
            offer_days: self.offer_days.filter(|days| *days != before.offer_days),
            ..self
        }
    }

    /// Returns whether the change affects the terms promised to interested visitors.
    fn touches_terms(&self) -> bool {
        self.price.is_some()
            || self.target_quantity.is_some()
            || self.max_quantity.is_some()
            || self.deadline.is_some()
            || self.offer_days.is_some()
    }
}

impl GroupBuy {
    /// Returns the group buy after `change` at `now`. Its texts can change until it has ended, and its
    /// terms until it is activated. The maximum cannot fall below the current sum.
    pub fn changed(
        &self,
        change: GroupBuyChange,
        page: &PageLabel,
        now: Timestamp,
    ) -> Result<Self, GroupBuyError> {
        let change = change.without_terms_of(self);
        let status = self.status(now);
        if status.has_ended() || status == GroupBuyStatus::Active && change.touches_terms() {
            return Err(GroupBuyError::NotOpen);
        }
        let (price, deadline) = (change.price, change.deadline);
        let has_new_maximum = change.max_quantity.is_some();
        let mut errors = FieldErrors::new();
        // What is not changed is not checked again: the page, the time and the rules may have changed since it was set.
        if let Some(title) = change.title.as_ref().filter(|title| **title != self.title) {
            errors.check(Field::Title, validation::line(title, 1, MAX_TITLE));
        }
        let description = change.description.as_ref();
        if let Some(description) = description.filter(|it| **it != self.description) {
            errors.check(Field::Description, validation::text(description, 0, MAX_DESCRIPTION));
        }
        let next = Self {
            title: change.title.unwrap_or_else(|| self.title.clone()),
            description: change.description.unwrap_or_else(|| self.description.clone()),
            price: price.unwrap_or(self.price),
            target_quantity: change.target_quantity.unwrap_or(self.target_quantity),
            max_quantity: change.max_quantity.unwrap_or(self.max_quantity),
            deadline: deadline.unwrap_or(self.deadline),
            offer_days: change.offer_days.unwrap_or(self.offer_days),
            updated_at: now,
            ..self.clone()
        };
        next.check_own_numbers(&mut errors, has_new_maximum);
        let (regular, deadline) = (page.regular_price(), deadline.flatten());
        Self::check_new_terms(&mut errors, price, regular, deadline, now);
        self.check_maximum(&mut errors, next.max_quantity);
        errors.finish().map_err(GroupBuyError::Invalid)?;
        Ok(next)
    }

    /// Returns whether the group price is below this price. A page's price may change once there is a group price.
    pub fn is_cheaper_than(&self, price: Money) -> bool {
        self.price.currency == price.currency && self.price.amount < price.amount
    }

    /// Returns whether the group price can be asked for while the page costs this much by itself.
    pub fn can_be_asked_beside(&self, price: Money) -> bool {
        self.price.currency == price.currency && self.price.amount <= price.amount
    }

    /// Adds the errors of the numbers, which do not depend on the page or the time. A target above the maximum is an error
    /// of the maximum if that is new, and else of the target.
    fn check_own_numbers(&self, errors: &mut FieldErrors, has_new_maximum: bool) {
        let Self { target_quantity, max_quantity, offer_days, .. } = *self;
        let maximum = max_quantity.filter(|_| has_new_maximum);
        Self::check_numbers(errors, Some(target_quantity), maximum, Some(offer_days));
        if let Some(most) = max_quantity
            && !has_new_maximum
            && most < target_quantity
        {
            errors.add(Field::TargetQuantity, FieldError::AboveMaximum(most));
        }
    }

    /// Adds the errors of the texts, so that the errors of all fields can be told at once.
    pub fn check_texts(errors: &mut FieldErrors, title: &str, description: &str) {
        errors.check(Field::Title, validation::line(title, 1, MAX_TITLE));
        errors.check(Field::Description, validation::text(description, 0, MAX_DESCRIPTION));
    }

    /// Adds the errors of a new price and a new deadline, which depend on the page and on the time. `regular` is what the
    /// page costs by itself.
    pub fn check_new_terms(
        errors: &mut FieldErrors,
        price: Option<Money>,
        regular: Option<Money>,
        deadline: Option<Timestamp>,
        now: Timestamp,
    ) {
        if let Some(price) = price {
            check_price(errors, price, regular);
        }
        Self::check_deadline(errors, deadline, now);
    }

    /// Adds the error of a new deadline that has passed or is too far ahead.
    pub fn check_deadline(errors: &mut FieldErrors, deadline: Option<Timestamp>, now: Timestamp) {
        let Some(deadline) = deadline else { return };
        if deadline <= now {
            errors.add(Field::Deadline, FieldError::Past);
        } else if deadline > plus_seconds(now, MAX_YEARS * YEAR_SECONDS) {
            errors.add(Field::Deadline, FieldError::TooFarAhead(MAX_YEARS));
        }
    }

    /// Adds the error of a maximum that is below what is wanted already.
    pub fn check_maximum(&self, errors: &mut FieldErrors, most: Option<i64>) {
        let sum = self.current_quantity;
        if most.is_some_and(|most| most < sum) {
            errors.add(Field::MaxQuantity, FieldError::BelowWanted(sum));
        }
    }

    /// Adds the errors of the quantities and of the days of the offer, of those that are known.
    pub fn check_numbers(
        errors: &mut FieldErrors,
        target: Option<i64>,
        most: Option<i64>,
        days: Option<i64>,
    ) {
        if let Some(target) = target {
            check_number(errors, Field::TargetQuantity, target, MAX_QUANTITY);
        }
        if let Some(days) = days {
            check_number(errors, Field::OfferDays, days, MAX_DAYS);
        }
        if let Some(most) = most {
            check_number(errors, Field::MaxQuantity, most, MAX_QUANTITY);
            // A target that cannot be does not make the maximum wrong.
            if target.is_some_and(|target| target <= MAX_QUANTITY && most < target) {
                errors.add(Field::MaxQuantity, FieldError::BelowTarget);
            }
        }
    }
}

fn check_number(errors: &mut FieldErrors, field: Field, number: i64, most: i64) {
    if !(1..=most).contains(&number) {
        errors.add(field, FieldError::OutOfRange(most));
    }
}

/// Checks that the group price can be charged, is in the page's currency, and does not exceed the page's
/// price.
pub(super) fn check_price(errors: &mut FieldErrors, price: Money, regular: Option<Money>) {
    errors.check(Field::Price, Money::price(price.amount, price.currency));
    match regular {
        None => errors.add(Field::Price, FieldError::PageUnpriced),
        Some(regular) if regular.currency != price.currency => {
            errors.add(Field::Price, FieldError::OtherCurrency(regular.currency));
        }
        Some(regular) if price.amount > regular.amount => {
            errors.add(Field::Price, FieldError::AbovePagePrice(regular));
        }
        Some(_) => {}
    }
}
