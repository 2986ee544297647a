//! Checkout orders.

mod moves;
mod orders;
mod races;
mod sessions;
mod states;

pub use self::{moves::*, orders::*, races::*, sessions::*, states::*};
use tollgate_domain::checkout::OrderStatus;

const ALL: [OrderStatus; 8] = [
    OrderStatus::Creating,
    OrderStatus::Open,
    OrderStatus::Pending,
    OrderStatus::Closing,
    OrderStatus::Paid,
    OrderStatus::Expired,
    OrderStatus::Failed,
    OrderStatus::Quarantined,
];
