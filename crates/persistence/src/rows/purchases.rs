//! Purchases and the ledger.

use diesel::prelude::*;
use tollgate_domain::{
    access::{Fact, Payment, Purchase},
    checkout::{AccountId, CheckoutSessionId, PaymentIntentId},
    store::StoreError,
};

use super::{corrupt, instant, instant_option, micros, money_option, parse, parse_option};
use crate::schema::{ledger_facts, purchases};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = purchases)]
pub(crate) struct PurchaseRow {
    id: String,
    visitor_id: String,
    handle_id: String,
    page_id: String,
    created_at: i64,
    checkout_id: Option<String>,
    amount: Option<i64>,
    currency: Option<String>,
    account: Option<String>,
    session: Option<String>,
    payment_intent: Option<String>,
    granted_as: String,
    grant_type: String,
    refunded: i64,
    refund_reserved: i64,
    suspended_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl From<&Purchase> for PurchaseRow {
    fn from(purchase: &Purchase) -> Self {
        let payment = purchase.payment.as_ref();
        Self {
            id: purchase.id.to_string(),
            visitor_id: purchase.visitor_id.to_string(),
            handle_id: purchase.handle_id.to_string(),
            page_id: purchase.page_id.to_string(),
            created_at: micros(purchase.created_at),
            checkout_id: payment.map(|payment| payment.checkout_id.to_string()),
            amount: payment.map(|payment| payment.paid.amount),
            currency: payment.map(|payment| payment.paid.currency.code().to_owned()),
            account: payment.map(|payment| payment.account.to_string()),
            session: payment.map(|payment| payment.session.to_string()),
            payment_intent: payment.map(|payment| payment.payment_intent.to_string()),
            granted_as: purchase.granted_as.as_str().to_owned(),
            grant_type: purchase.grant_type.as_str().to_owned(),
            refunded: purchase.refunded,
            refund_reserved: purchase.refund_reserved,
            suspended_at: purchase.suspended_at.map(micros),
            revoked_at: purchase.revoked_at.map(micros),
        }
    }
}

impl TryFrom<PurchaseRow> for Purchase {
    type Error = StoreError;

    fn try_from(row: PurchaseRow) -> Result<Self, StoreError> {
        let payment = match (row.checkout_id, row.account, row.session, row.payment_intent) {
            (Some(checkout), Some(account), Some(session), Some(payment_intent)) => Some(Payment {
                checkout_id: parse("purchases.checkout_id", &checkout)?,
                paid: money_option("purchases.currency", row.amount, row.currency.as_deref())?
                    .ok_or_else(|| corrupt("purchases.amount"))?,
                account: AccountId::new(account),
                session: CheckoutSessionId::new(session),
                payment_intent: PaymentIntentId::new(payment_intent),
            }),
            (None, None, None, None) => None,
            _ => return Err(corrupt("purchases.checkout_id")),
        };
        Ok(Self {
            id: parse("purchases.id", &row.id)?,
            visitor_id: parse("purchases.visitor_id", &row.visitor_id)?,
            handle_id: parse("purchases.handle_id", &row.handle_id)?,
            page_id: parse("purchases.page_id", &row.page_id)?,
            created_at: instant("purchases.created_at", row.created_at)?,
            payment,
            granted_as: parse("purchases.granted_as", &row.granted_as)?,
            grant_type: parse("purchases.grant_type", &row.grant_type)?,
            refunded: row.refunded,
            refund_reserved: row.refund_reserved,
            suspended_at: instant_option("purchases.suspended_at", row.suspended_at)?,
            revoked_at: instant_option("purchases.revoked_at", row.revoked_at)?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = ledger_facts)]
pub(crate) struct FactRow {
    id: String,
    at: i64,
    kind: String,
    reference: String,
    purchase_id: Option<String>,
    handle_id: String,
    page_id: String,
    visitor_id: String,
    amount: Option<i64>,
    currency: Option<String>,
}

impl From<&Fact> for FactRow {
    fn from(fact: &Fact) -> Self {
        Self {
            id: fact.id.to_string(),
            at: micros(fact.at),
            kind: fact.kind.as_str().to_owned(),
            reference: fact.reference.clone(),
            purchase_id: fact.purchase_id.map(|id| id.to_string()),
            handle_id: fact.handle_id.to_string(),
            page_id: fact.page_id.to_string(),
            visitor_id: fact.visitor_id.to_string(),
            amount: fact.amount.map(|amount| amount.amount),
            currency: fact.amount.map(|amount| amount.currency.code().to_owned()),
        }
    }
}

impl TryFrom<FactRow> for Fact {
    type Error = StoreError;

    fn try_from(row: FactRow) -> Result<Self, StoreError> {
        let amount = money_option("ledger_facts.currency", row.amount, row.currency.as_deref())?;
        Ok(Self {
            id: parse("ledger_facts.id", &row.id)?,
            at: instant("ledger_facts.at", row.at)?,
            kind: parse("ledger_facts.kind", &row.kind)?,
            reference: row.reference,
            purchase_id: parse_option("ledger_facts.purchase_id", row.purchase_id.as_deref())?,
            handle_id: parse("ledger_facts.handle_id", &row.handle_id)?,
            page_id: parse("ledger_facts.page_id", &row.page_id)?,
            visitor_id: parse("ledger_facts.visitor_id", &row.visitor_id)?,
            amount,
        })
    }
}
