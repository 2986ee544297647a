//! Group buys: a paid page at a group price, once enough visitors say that they want it.
//! Source: founding document, "Group buys".
//!
//! A visitor's quantity says how much that visitor wants the offer: it counts towards the target, and
//! no more than that. Whatever it is, a visitor who pays pays the group price once and gets one
//! access.
//!
//! No money moves before the creator activates the offer. From then on price and interests are
//! frozen: who was interested at that moment can buy at the group price until the offer ends.

mod change;
pub mod error;
mod interest;
mod manage;
mod model;
mod notices;
mod offers;
pub mod ports;

pub use change::{GroupBuyChange, NewGroupBuy};
pub use error::{GroupBuyError, OfferError};
pub use interest::{
    Expressed, Interest, InterestRecord, Paid, Quantity, QuantityError, Withdrawal,
};
pub use manage::{GroupBuys, OwnedGroupBuy};
pub use model::{
    GroupBuy, GroupBuyDetails, GroupBuyState, GroupBuyStatus, GroupBuyView, OfferedPage, Room,
};
pub use offers::GroupOffers;
