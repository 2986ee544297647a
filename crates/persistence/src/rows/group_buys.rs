//! Group buys and interests.

use diesel::prelude::*;
use tollgate_domain::{
    group_buys::{GroupBuy, GroupBuyView, Interest, OfferedPage, Quantity},
    store::StoreError,
};

use super::{HandleRow, corrupt, instant, instant_option, micros, money, money_option, parse};
use crate::schema::{group_buy_interests, group_buys, pages};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = group_buys)]
pub(crate) struct GroupBuyRow {
    id: String,
    handle_id: String,
    page_id: String,
    slug: String,
    title: String,
    description: String,
    price_amount: i64,
    price_currency: String,
    target_quantity: i64,
    max_quantity: Option<i64>,
    deadline: Option<i64>,
    offer_days: i64,
    state: String,
    current_quantity: i64,
    activated_at: Option<i64>,
    offer_ends_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl From<&GroupBuy> for GroupBuyRow {
    fn from(group_buy: &GroupBuy) -> Self {
        Self {
            id: group_buy.id.to_string(),
            handle_id: group_buy.handle_id.to_string(),
            page_id: group_buy.page_id.to_string(),
            slug: group_buy.slug.to_string(),
            title: group_buy.title.clone(),
            description: group_buy.description.clone(),
            price_amount: group_buy.price.amount,
            price_currency: group_buy.price.currency.code().to_owned(),
            target_quantity: group_buy.target_quantity,
            max_quantity: group_buy.max_quantity,
            deadline: group_buy.deadline.map(micros),
            offer_days: group_buy.offer_days,
            state: group_buy.state.as_str().to_owned(),
            current_quantity: group_buy.current_quantity,
            activated_at: group_buy.activated_at.map(micros),
            offer_ends_at: group_buy.offer_ends_at.map(micros),
            created_at: micros(group_buy.created_at),
            updated_at: micros(group_buy.updated_at),
        }
    }
}

impl TryFrom<GroupBuyRow> for GroupBuy {
    type Error = StoreError;

    fn try_from(row: GroupBuyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("group_buys.id", &row.id)?,
            handle_id: parse("group_buys.handle_id", &row.handle_id)?,
            page_id: parse("group_buys.page_id", &row.page_id)?,
            slug: parse("group_buys.slug", &row.slug)?,
            title: row.title,
            description: row.description,
            price: money("group_buys.price_currency", row.price_amount, &row.price_currency)?,
            target_quantity: row.target_quantity,
            max_quantity: row.max_quantity,
            deadline: instant_option("group_buys.deadline", row.deadline)?,
            offer_days: row.offer_days,
            state: parse("group_buys.state", &row.state)?,
            current_quantity: row.current_quantity,
            activated_at: instant_option("group_buys.activated_at", row.activated_at)?,
            offer_ends_at: instant_option("group_buys.offer_ends_at", row.offer_ends_at)?,
            created_at: instant("group_buys.created_at", row.created_at)?,
            updated_at: instant("group_buys.updated_at", row.updated_at)?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = group_buy_interests)]
pub(crate) struct InterestRow {
    pub(crate) group_buy_id: String,
    pub(crate) visitor_id: String,
    pub(crate) quantity: i64,
    pub(crate) created_at: i64,
}

fn quantity(number: i64) -> Result<Quantity, StoreError> {
    Quantity::new(number).map_err(|_| corrupt("group_buy_interests.quantity"))
}

impl TryFrom<InterestRow> for Interest {
    type Error = StoreError;

    fn try_from(row: InterestRow) -> Result<Self, StoreError> {
        Ok(Self {
            group_buy_id: parse("group_buy_interests.group_buy_id", &row.group_buy_id)?,
            visitor_id: parse("group_buy_interests.visitor_id", &row.visitor_id)?,
            quantity: quantity(row.quantity)?,
            created_at: instant("group_buy_interests.created_at", row.created_at)?,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = pages)]
pub(crate) struct OfferedPageRow {
    id: String,
    slug: String,
    title: String,
    mode: String,
    price_amount: Option<i64>,
    price_currency: Option<String>,
    status: String,
}

impl TryFrom<OfferedPageRow> for OfferedPage {
    type Error = StoreError;

    fn try_from(row: OfferedPageRow) -> Result<Self, StoreError> {
        let currency = row.price_currency.as_deref();
        Ok(Self {
            id: parse("pages.id", &row.id)?,
            slug: parse("pages.slug", &row.slug)?,
            title: row.title,
            mode: parse("pages.mode", &row.mode)?,
            price: money_option("pages.price_currency", row.price_amount, currency)?,
            status: parse("pages.status", &row.status)?,
        })
    }
}

pub(crate) type GroupBuyViewRow = (HandleRow, OfferedPageRow, GroupBuyRow);

pub(crate) fn view((handle, page, group_buy): GroupBuyViewRow) -> Result<GroupBuyView, StoreError> {
    Ok(GroupBuyView {
        handle: handle.try_into()?,
        page: page.try_into()?,
        group_buy: group_buy.try_into()?,
    })
}
