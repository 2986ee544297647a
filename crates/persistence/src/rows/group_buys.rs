//! Group buys and interests.

use tollgate_domain::{
    group_buys::{GroupBuy, GroupBuyState, Interest, Quantity},
    id::{GroupBuyId, HandleId, PageId, VisitorId},
    money::{Currency, Money},
    names::Slug,
};

use super::prelude::*;
use crate::schema::{group_buy_interests, group_buys};

row! {
    GroupBuyRow in group_buys {
        id: AsText<GroupBuyId>,
        handle_id: AsText<HandleId>,
        page_id: AsText<PageId>,
        slug: AsText<Slug>,
        title: String,
        description: String,
        price_amount: i64,
        price_currency: AsText<Currency>,
        target_quantity: i64,
        max_quantity: Option<i64>,
        deadline: Option<AsInt<Timestamp>>,
        offer_days: i64,
        state: AsText<GroupBuyState>,
        current_quantity: i64,
        activated_at: Option<AsInt<Timestamp>>,
        offer_ends_at: Option<AsInt<Timestamp>>,
        created_at: AsInt<Timestamp>,
        updated_at: AsInt<Timestamp>,
    }
    is GroupBuy {
        id,
        handle_id,
        page_id,
        slug,
        title,
        description,
        price: Money { amount: price_amount, currency: price_currency },
        target_quantity,
        max_quantity,
        deadline,
        offer_days,
        state,
        current_quantity,
        activated_at,
        offer_ends_at,
        created_at,
        updated_at,
    }
}

row! {
    InterestRow in group_buy_interests {
        group_buy_id: AsText<GroupBuyId>,
        visitor_id: AsText<VisitorId>,
        quantity: AsInt<Quantity>,
        created_at: AsInt<Timestamp>,
    }
    is Interest { group_buy_id, visitor_id, quantity, created_at }
}
