//! Connected accounts, checkout orders and refund requests.

use tollgate_domain::{
    checkout::{CheckoutOrder, ConnectedAccount, OrderStatus},
    email::Email,
    id::{CheckoutId, GroupBuyId, HandleId, PageId, PurchaseId, RefundId, VisitorId},
    money::{Currency, Money},
    payments::{AccountId, AccountState, CheckoutSessionId, OpenedSession, PaymentExtras},
    refunds::RefundRequest,
};

use super::prelude::*;
use crate::schema::{checkout_orders, connected_accounts, refund_requests};

row! {
    ConnectedAccountRow in connected_accounts {
        account: AsText<AccountId>,
        handle_id: AsText<HandleId>,
        charges_enabled: bool,
        payouts_enabled: bool,
        details_submitted: bool,
        created_at: AsInt<Timestamp>,
        updated_at: AsInt<Timestamp>,
    }
    is ConnectedAccount {
        account,
        handle_id,
        state: AccountState { charges_enabled, payouts_enabled, details_submitted },
        created_at,
        updated_at,
    }
}

/// Returns the key of which there is at most one among live orders.
pub(crate) fn live_key(visitor: VisitorId, page: PageId) -> String {
    format!("{visitor}:{page}")
}

optional_part! {
    OpenedColumns in checkout_orders { session: AsText<CheckoutSessionId>, url: String, }
    is OpenedSession { session, url }
}

row! {
    OrderRow in checkout_orders {
        id: AsText<CheckoutId>,
        visitor_id: AsText<VisitorId>,
        handle_id: AsText<HandleId>,
        page_id: AsText<PageId>,
        group_buy_id: Option<AsText<GroupBuyId>>,
        account: AsText<AccountId>,
        title: String,
        amount: i64,
        currency: AsText<Currency>,
        fee: i64,
        customer_email: AsText<Email>,
        success_url: Option<String>,
        cancel_url: Option<String>,
        status: AsText<OrderStatus>,
        #[diesel(embed)]
        opened: OpenedColumns,
        created_at: AsInt<Timestamp>,
        expires_at: AsInt<Timestamp>,
        invoice: bool,
        automatic_tax: bool,
        tax_id: bool,
    }
    is CheckoutOrder {
        id,
        visitor_id,
        handle_id,
        page_id,
        group_buy_id,
        account,
        title,
        price: Money { amount, currency },
        fee,
        customer_email,
        success_url,
        cancel_url,
        status,
        opened,
        created_at,
        expires_at,
        extras: PaymentExtras { invoice, automatic_tax, tax_id },
    }
}

row! {
    RefundRequestRow in refund_requests {
        id: AsText<RefundId>,
        purchase_id: AsText<PurchaseId>,
        amount: i64,
        currency: AsText<Currency>,
        reason: Option<String>,
        requested_at: AsInt<Timestamp>,
        idempotency_key: Option<String>,
        sent_at: Option<AsInt<Timestamp>>,
    }
    is RefundRequest {
        id,
        purchase_id,
        amount: Money { amount, currency },
        reason,
        idempotency_key,
        requested_at,
        sent_at,
    }
}
