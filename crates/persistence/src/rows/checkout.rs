//! Connected accounts, checkout orders and refund requests.

use diesel::prelude::*;
use tollgate_domain::{
    checkout::{
        AccountId, AccountState, CheckoutOrder, CheckoutSessionId, ConnectedAccount, OpenedSession,
    },
    id::{PageId, VisitorId},
    refunds::RefundRequest,
    store::StoreError,
};

use super::{corrupt, instant, micros, money, parse, parse_option};
use crate::schema::{checkout_orders, connected_accounts, refund_requests};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = connected_accounts)]
pub(crate) struct ConnectedAccountRow {
    account: String,
    handle_id: String,
    live_handle_id: Option<String>,
    charges_enabled: bool,
    payouts_enabled: bool,
    details_submitted: bool,
    created_at: i64,
    updated_at: i64,
}

impl From<&ConnectedAccount> for ConnectedAccountRow {
    fn from(connected: &ConnectedAccount) -> Self {
        Self {
            account: connected.account.to_string(),
            handle_id: connected.handle_id.to_string(),
            live_handle_id: Some(connected.handle_id.to_string()),
            charges_enabled: connected.state.charges_enabled,
            payouts_enabled: connected.state.payouts_enabled,
            details_submitted: connected.state.details_submitted,
            created_at: micros(connected.created_at),
            updated_at: micros(connected.updated_at),
        }
    }
}

impl TryFrom<ConnectedAccountRow> for ConnectedAccount {
    type Error = StoreError;

    fn try_from(row: ConnectedAccountRow) -> Result<Self, StoreError> {
        Ok(Self {
            account: AccountId::new(row.account),
            handle_id: parse("connected_accounts.handle_id", &row.handle_id)?,
            state: AccountState {
                charges_enabled: row.charges_enabled,
                payouts_enabled: row.payouts_enabled,
                details_submitted: row.details_submitted,
            },
            created_at: instant("connected_accounts.created_at", row.created_at)?,
            updated_at: instant("connected_accounts.updated_at", row.updated_at)?,
        })
    }
}

/// What a visitor has at most one live order for.
pub(crate) fn live_key(visitor: VisitorId, page: PageId) -> String {
    format!("{visitor}:{page}")
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = checkout_orders)]
pub(crate) struct OrderRow {
    id: String,
    visitor_id: String,
    handle_id: String,
    page_id: String,
    account: String,
    title: String,
    amount: i64,
    currency: String,
    fee: i64,
    customer_email: String,
    success_url: Option<String>,
    cancel_url: Option<String>,
    status: String,
    live_key: Option<String>,
    session: Option<String>,
    url: Option<String>,
    created_at: i64,
    expires_at: i64,
    group_buy_id: Option<String>,
}

impl From<&CheckoutOrder> for OrderRow {
    fn from(order: &CheckoutOrder) -> Self {
        let is_live = order.status.is_live();
        let opened = order.opened.as_ref();
        Self {
            id: order.id.to_string(),
            visitor_id: order.visitor_id.to_string(),
            handle_id: order.handle_id.to_string(),
            page_id: order.page_id.to_string(),
            account: order.account.to_string(),
            title: order.title.clone(),
            amount: order.price.amount,
            currency: order.price.currency.code().to_owned(),
            fee: order.fee,
            customer_email: order.customer_email.to_string(),
            success_url: order.success_url.clone(),
            cancel_url: order.cancel_url.clone(),
            status: order.status.as_str().to_owned(),
            live_key: is_live.then(|| live_key(order.visitor_id, order.page_id)),
            session: opened.map(|opened| opened.session.to_string()),
            url: opened.map(|opened| opened.url.clone()),
            created_at: micros(order.created_at),
            expires_at: micros(order.expires_at),
            group_buy_id: order.group_buy_id.map(|id| id.to_string()),
        }
    }
}

impl TryFrom<OrderRow> for CheckoutOrder {
    type Error = StoreError;

    fn try_from(row: OrderRow) -> Result<Self, StoreError> {
        let opened = match (row.session, row.url) {
            (Some(session), Some(url)) => {
                Some(OpenedSession { session: CheckoutSessionId::new(session), url })
            }
            (None, None) => None,
            _ => return Err(corrupt("checkout_orders.session")),
        };
        Ok(Self {
            id: parse("checkout_orders.id", &row.id)?,
            visitor_id: parse("checkout_orders.visitor_id", &row.visitor_id)?,
            handle_id: parse("checkout_orders.handle_id", &row.handle_id)?,
            page_id: parse("checkout_orders.page_id", &row.page_id)?,
            group_buy_id: parse_option(
                "checkout_orders.group_buy_id",
                row.group_buy_id.as_deref(),
            )?,
            account: AccountId::new(row.account),
            title: row.title,
            price: money("checkout_orders.currency", row.amount, &row.currency)?,
            fee: row.fee,
            customer_email: parse("checkout_orders.customer_email", &row.customer_email)?,
            success_url: row.success_url,
            cancel_url: row.cancel_url,
            status: parse("checkout_orders.status", &row.status)?,
            opened,
            created_at: instant("checkout_orders.created_at", row.created_at)?,
            expires_at: instant("checkout_orders.expires_at", row.expires_at)?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = refund_requests)]
pub(crate) struct RefundRequestRow {
    id: String,
    purchase_id: String,
    amount: i64,
    currency: String,
    reason: Option<String>,
    requested_at: i64,
    idempotency_key: Option<String>,
}

impl From<&RefundRequest> for RefundRequestRow {
    fn from(request: &RefundRequest) -> Self {
        Self {
            id: request.id.to_string(),
            purchase_id: request.purchase_id.to_string(),
            amount: request.amount.amount,
            currency: request.amount.currency.code().to_owned(),
            reason: request.reason.clone(),
            requested_at: micros(request.requested_at),
            idempotency_key: request.idempotency_key.clone(),
        }
    }
}

impl TryFrom<RefundRequestRow> for RefundRequest {
    type Error = StoreError;

    fn try_from(row: RefundRequestRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("refund_requests.id", &row.id)?,
            purchase_id: parse("refund_requests.purchase_id", &row.purchase_id)?,
            amount: money("refund_requests.currency", row.amount, &row.currency)?,
            reason: row.reason,
            idempotency_key: row.idempotency_key,
            requested_at: instant("refund_requests.requested_at", row.requested_at)?,
        })
    }
}
