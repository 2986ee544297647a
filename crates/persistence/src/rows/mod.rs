//! Rows, and how they become what the domain knows. They serve both databases.

mod checkout;
mod creators;
mod files;
mod group_buys;
mod purchases;
mod queues;
mod visitors;

use std::str::FromStr;

use tollgate_domain::{Timestamp, money::Money, store::StoreError};

pub(crate) use checkout::{ConnectedAccountRow, OrderRow, RefundRequestRow, live_key};
pub(crate) use creators::{CreatorRow, CreatorSessionRow, HandleRow, PageRow};
pub(crate) use files::{AllowlistRow, FileFactRow, FileRow, FileState, PlacedFile, place_key};
pub(crate) use group_buys::{GroupBuyRow, GroupBuyViewRow, InterestRow, OfferedPageRow, view};
pub(crate) use purchases::{FactRow, PurchaseRow};
pub(crate) use queues::{EventRow, LoggedMailRow, MailRow};
pub(crate) use visitors::{MagicLinkRow, VisitorRow, VisitorSessionRow};

pub(crate) fn corrupt(column: &str) -> StoreError {
    StoreError::Corrupt(column.to_owned())
}

/// Reads a text that was written by `Display` or `as_str`.
pub(crate) fn parse<T: FromStr>(column: &str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| corrupt(column))
}

pub(crate) fn parse_option<T: FromStr>(
    column: &str,
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| parse(column, text)).transpose()
}

pub(crate) fn micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

pub(crate) fn instant(column: &str, micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|_| corrupt(column))
}

pub(crate) fn instant_option(
    column: &str,
    micros: Option<i64>,
) -> Result<Option<Timestamp>, StoreError> {
    micros.map(|micros| instant(column, micros)).transpose()
}

pub(crate) fn hash(column: &str, bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| corrupt(column))
}

pub(crate) fn money(column: &str, amount: i64, currency: &str) -> Result<Money, StoreError> {
    Ok(Money::new(amount, parse(column, currency)?))
}

pub(crate) fn money_option(
    column: &str,
    amount: Option<i64>,
    currency: Option<&str>,
) -> Result<Option<Money>, StoreError> {
    match (amount, currency) {
        (Some(amount), Some(currency)) => money(column, amount, currency).map(Some),
        (None, None) => Ok(None),
        _ => Err(corrupt(column)),
    }
}

/// A small count, as it is stored.
pub(crate) fn count(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

pub(crate) fn uncount(column: &str, value: i32) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| corrupt(column))
}
