//! Group buys: offers of a paid page at a group price, once enough visitors are interested.
//! Source: `docs/group-buys.md`.
//!
//! The quantity of a visitor's interest counts towards the target and has no other effect. A visitor who
//! pays always pays the group price once and gets one access.
//!
//! No money moves before the creator activates the offer. From then on, price and interests are frozen:
//! the visitors who were interested at that moment can buy at the group price until the offer ends.

mod change;
mod ending;
pub mod error;
mod interest;
mod manage;
mod model;
mod notices;
mod offers;
pub mod ports;

pub use change::{DEFAULT_OFFER_DAYS, GroupBuyChange, NewGroupBuy};
pub use error::{GroupBuyError, OfferError};
pub use interest::{
    Expressed, Interest, InterestRecord, Paid, Quantity, QuantityError, Withdrawal,
};
pub use manage::{GroupBuys, GroupBuysPorts, OwnedGroupBuy};
pub use model::{GroupBuy, GroupBuyDetails, GroupBuyState, GroupBuyStatus, GroupBuyView, Room};
pub use offers::{GroupOffers, GroupOffersPorts};
