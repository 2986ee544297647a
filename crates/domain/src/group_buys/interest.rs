//! Interests: who wants a group buy, and how much.

use jiff::Timestamp;

use crate::{
    email::Email,
    id::{GroupBuyId, VisitorId},
};

/// How much a visitor wants: 1 to 100. It counts towards the target; it multiplies neither what the
/// visitor pays nor what the visitor gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

/// The number is no quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 to 100")]
pub struct QuantityError;

impl Quantity {
    /// Takes a number that somebody typed.
    pub fn new(number: i64) -> Result<Self, QuantityError> {
        if (1..=100).contains(&number) { Ok(Self(number)) } else { Err(QuantityError) }
    }

    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }
}

/// What nobody has to say.
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

/// One visitor's say in a group buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// In which group buy.
    pub group_buy_id: GroupBuyId,
    /// Whose.
    pub visitor_id: VisitorId,
    /// How much.
    pub quantity: Quantity,
    /// When the visitor joined; replacing the quantity leaves it as it is.
    pub created_at: Timestamp,
}

/// What expressing an interest came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expressed {
    /// The visitor has joined.
    Joined(Interest),
    /// The visitor's quantity was replaced.
    Replaced(Interest),
    /// It is too late for that.
    NotOpen,
    /// It would be more than the maximum.
    Full,
}

/// What withdrawing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    /// The interest is gone.
    Done,
    /// There was none.
    Nothing,
    /// It is too late for that.
    NotOpen,
}

/// An interest as the creator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterestRecord {
    /// Whose.
    pub visitor_id: VisitorId,
    /// The visitor's address.
    pub email: Email,
    /// How much.
    pub quantity: Quantity,
    /// When the visitor joined.
    pub created_at: Timestamp,
    /// Whether it was there at activation.
    pub committed: bool,
    /// Whether the visitor has paid through the offer; not if all of it was taken back.
    pub paid: bool,
}

/// What was paid through an offer and not taken back since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paid {
    /// How many visitors paid.
    pub visitors: i64,
    /// What their quantities add up to.
    pub quantity: i64,
    /// Minor units that they paid, less what was given back.
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
