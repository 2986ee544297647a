//! The contract of the port, on the gateway and the sandbox.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tollgate_domain::payments::{
    AccountId, CheckoutSessionId, DisputeId, PaymentIntentId, Payments, ProviderRefundId,
};
use tollgate_domain_testing::contract::payments::{self, Disputing, Paying, Request, Trouble};

use crate::fixture::{Fixture, REFUNDS, SESSIONS, now};

impl Fixture {
    async fn change_account(&self, account: &AccountId, change: Value) {
        self.control(&format!("accounts/{account}"), change).await;
    }
}

#[async_trait]
impl payments::Fixture for Fixture {
    fn payments(&self) -> &dyn Payments {
        &self.gateway
    }

    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.ahead.load(Ordering::SeqCst));
        now().saturating_add(ahead).unwrap()
    }

    async fn advance(&self, seconds: u32) {
        self.control("clock", json!({"advance_seconds": seconds})).await;
        self.ahead.fetch_add(seconds.into(), Ordering::SeqCst);
    }

    async fn activate(&self, account: &AccountId) {
        self.control(&format!("accounts/{account}/enable"), json!({})).await;
    }

    async fn restrict(&self, account: &AccountId) {
        self.change_account(account, json!({"charges_enabled": false})).await;
    }

    async fn set_connected(&self, account: &AccountId, connected: bool) {
        self.change_account(account, json!({"connected": connected})).await;
    }

    async fn set_covers_refunds(&self, account: &AccountId, covers: bool) {
        self.change_account(account, json!({"covers_refunds": covers})).await;
    }

    async fn pay(&self, session: &CheckoutSessionId, paying: Paying) {
        let outcome = match paying {
            Paying::Now => "succeed",
            Paying::Later => "later",
            Paying::Declined => "decline",
        };
        Self::pay(self, session, outcome).await;
    }

    async fn complete(&self, session: &CheckoutSessionId, arrives: bool) {
        let outcome = if arrives { "succeeded" } else { "failed" };
        self.control(&format!("sessions/{session}/settle"), json!({"outcome": outcome})).await;
    }

    async fn complete_refund(&self, refund: &ProviderRefundId, arrives: bool) {
        let status = if arrives { "succeeded" } else { "failed" };
        self.control(&format!("refunds/{refund}"), json!({"status": status})).await;
    }

    async fn refund_elsewhere(&self, account: &AccountId, payment: &PaymentIntentId, amount: i64) {
        let form = format!("payment_intent={payment}&amount={amount}");
        self.send(Some(account), REFUNDS, Some(form)).await;
    }

    async fn dispute(&self, payment: &PaymentIntentId, disputing: Disputing) -> DisputeId {
        let status = if disputing.is_inquiry { "warning_needs_response" } else { "needs_response" };
        let body = json!({"status": status, "amount": disputing.part});
        let opened = self.control(&format!("payment_intents/{payment}/dispute"), body).await;
        DisputeId::new(opened.get("id").and_then(Value::as_str).unwrap())
    }

    async fn decide(&self, dispute: &DisputeId, is_won: bool) {
        let status = if is_won { "won" } else { "lost" };
        self.control(&format!("disputes/{dispute}/close"), json!({"status": status})).await;
    }

    async fn fail_next(&self, request: Request, trouble: Trouble) {
        let path = match request {
            Request::OpenCheckout => SESSIONS,
            Request::Refund => REFUNDS,
        };
        let is_kept = trouble != Trouble::LostAnswer;
        self.fault(json!({
            "mode": if is_kept { "500" } else { "cut" },
            "times": 1,
            "path": path,
            "method": "POST",
            "kept": is_kept,
            "after_effect": trouble != Trouble::KeptError,
        }))
        .await;
    }

    fn end(&self) {
        Self::end(self);
    }
}

tollgate_domain_testing::payments_contract!(
    #[tokio::test]
    Fixture::new
);
