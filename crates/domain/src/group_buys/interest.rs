//! Interests: which visitors want a group buy, and in what quantity.

use jiff::Timestamp;

use crate::{
    email::Email,
    id::{GroupBuyId, VisitorId},
};

/// The quantity of an interest: 1 to 100. It counts towards the target, but does not change what the
/// visitor pays or receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

/// The error of a number that is not a valid quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 to 100")]
pub struct QuantityError;

impl Quantity {
    /// The most that one visitor can want.
    pub const MAX: i64 = 100;

    /// Creates a quantity from a number that a visitor entered.
    pub fn new(number: i64) -> Result<Self, QuantityError> {
        if (1..=Self::MAX).contains(&number) { Ok(Self(number)) } else { Err(QuantityError) }
    }

    /// Returns the number.
    pub fn get(self) -> i64 {
        self.0
    }
}

/// The quantity that applies when a visitor gives none.
impl Default for Quantity {
    fn default() -> Self {
        Self(1)
    }
}

impl std::str::FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        text.trim().parse().map_err(|_| QuantityError).and_then(Self::new)
    }
}

/// A visitor's interest in a group buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// The group buy that the visitor is interested in.
    pub group_buy_id: GroupBuyId,
    /// The interested visitor.
    pub visitor_id: VisitorId,
    /// The quantity that counts towards the target.
    pub quantity: Quantity,
    /// When the visitor joined; replacing the quantity does not change it.
    pub created_at: Timestamp,
}

/// The result of expressing an interest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expressed {
    /// The visitor has joined.
    Joined(Interest),
    /// The visitor's quantity was replaced; it was the second one before.
    Replaced(Interest, Quantity),
    /// The group buy no longer allows joining or raising a quantity.
    NotOpen,
    /// The quantity would exceed the maximum.
    Full,
}

/// The result of withdrawing an interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    /// The interest was deleted.
    Done,
    /// The visitor had no interest in the group buy.
    NoInterest,
    /// The group buy was activated, so the interest stays.
    NotOpen,
}

/// An interest as the creator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterestRecord {
    /// The interested visitor.
    pub visitor_id: VisitorId,
    /// The visitor's address.
    pub email: Email,
    /// The quantity that counts towards the target.
    pub quantity: Quantity,
    /// When the visitor joined.
    pub created_at: Timestamp,
    /// Whether the interest existed at activation.
    pub committed: bool,
    /// Whether the visitor has paid through the offer, and the purchase is not revoked.
    pub paid: bool,
}

/// The payments made through an offer. Visitors whose purchase is revoked do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paid {
    /// The number of visitors who paid.
    pub visitors: i64,
    /// The sum of their quantities.
    pub quantity: i64,
    /// What was neither refunded nor lost in disputes of all that was paid, in minor units.
    pub amount: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantity_is_from_1_to_100() {
        for number in [1, 2, 100] {
            assert_eq!(Quantity::new(number).map(Quantity::get), Ok(number));
        }
        for number in [i64::MIN, -1, 0, 101, i64::MAX] {
            assert_eq!(Quantity::new(number), Err(QuantityError));
        }
        assert_eq!(" 7 ".parse::<Quantity>().map(Quantity::get), Ok(7));
        for text in ["", "x", "1.5", "1e1", "101"] {
            assert_eq!(text.parse::<Quantity>(), Err(QuantityError), "{text}");
        }
    }
}
