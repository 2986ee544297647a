//! Disputes through their whole life.

use serde_json::{Value, json};

use crate::support::{Api, Receiver};

async fn start() -> (Api, Receiver, String) {
    let mut receiver = Receiver::start(&[]);
    let api = Api::start_for(&receiver).await;
    let account = api.enabled_account().await;
    assert_eq!(receiver.next_type().await, "account.updated");
    (api, receiver, account)
}

impl Api {
    async fn dispute(&self, intent: &str, body: Value) -> Value {
        self.control(&format!("payment_intents/{intent}/dispute"), body).await.ok()
    }

    async fn move_on(&self, dispute: &Value, status: &str) -> Value {
        let path = format!("disputes/{}", dispute["id"].as_str().unwrap());
        self.control(&path, json!({"status": status})).await.ok()
    }
}

/// Returns the types of the next events in alphabetical order, because several are sent at a time.
async fn next_types(receiver: &mut Receiver, count: usize) -> Vec<String> {
    let mut types = Vec::new();
    for _ in 0..count {
        types.push(receiver.next_type().await);
    }
    types.sort();
    types
}

#[tokio::test]
async fn a_dispute_withdraws_the_money_and_winning_it_brings_it_back() {
    let (api, mut receiver, account) = start().await;
    let (intent, _) = api.paid(&account).await;
    assert_eq!(receiver.next_type().await, "checkout.session.completed");
    let dispute = api.dispute(&intent, json!({"reason": "product_not_received"})).await;
    assert_eq!(dispute["reason"], "product_not_received");
    assert_eq!(dispute["is_charge_refundable"], false);
    let due = dispute["evidence_details"]["due_by"].as_i64().unwrap();
    assert!(due > dispute["created"].as_i64().unwrap());
    let expected = ["charge.dispute.created", "charge.dispute.funds_withdrawn"];
    assert_eq!(next_types(&mut receiver, 2).await, expected);

    let answered = api.move_on(&dispute, "under_review").await;
    assert_eq!(answered["evidence_details"]["has_evidence"], true);
    assert_eq!(answered["evidence_details"]["due_by"], json!(null));
    assert_eq!(receiver.next_type().await, "charge.dispute.updated");
    assert_eq!(api.move_on(&dispute, "won").await["is_charge_refundable"], true);
    let expected = ["charge.dispute.closed", "charge.dispute.funds_reinstated"];
    assert_eq!(next_types(&mut receiver, 2).await, expected);
}

#[tokio::test]
async fn an_inquiry_moves_no_money_unless_it_becomes_a_dispute() {
    let (api, mut receiver, account) = start().await;
    let (intent, charge) = api.paid(&account).await;
    assert_eq!(receiver.next_type().await, "checkout.session.completed");
    let inquiry = api.dispute(&intent, json!({"status": "warning_needs_response"})).await;
    assert_eq!(inquiry["payment_method_details"]["card"]["case_type"], "inquiry");
    assert_eq!(receiver.next_type().await, "charge.dispute.created");
    // What is asked about can be refunded.
    let form = [("charge", charge.as_str()), ("amount", "100")];
    api.post(Some(&account), "/v1/refunds", &form).await.ok();
    next_types(&mut receiver, 2).await;

    api.move_on(&inquiry, "warning_under_review").await;
    assert_eq!(receiver.next_type().await, "charge.dispute.updated");
    api.move_on(&inquiry, "needs_response").await;
    let expected = ["charge.dispute.funds_withdrawn", "charge.dispute.updated"];
    assert_eq!(next_types(&mut receiver, 2).await, expected);
    let refused = api.post(Some(&account), "/v1/refunds", &form).await;
    refused.refused(400, "charge_disputed");
    api.move_on(&inquiry, "lost").await;
    assert_eq!(receiver.next_type().await, "charge.dispute.closed");
    // Stripe does not say that it refuses a refund then.
    api.post(Some(&account), "/v1/refunds", &form).await.ok();
    api.move_on(&inquiry, "appeal_needs_response").await;
    api.move_on(&inquiry, "appeal_under_review").await;
    assert_eq!(api.move_on(&inquiry, "won").await["status"], "won");
}

#[tokio::test]
async fn an_inquiry_may_end_without_a_dispute() {
    let (api, mut receiver, account) = start().await;
    let (intent, _) = api.paid(&account).await;
    assert_eq!(receiver.next_type().await, "checkout.session.completed");
    let inquiry = api.dispute(&intent, json!({"status": "warning_needs_response"})).await;
    assert_eq!(api.move_on(&inquiry, "warning_closed").await["status"], "warning_closed");
    let expected = ["charge.dispute.closed", "charge.dispute.created"];
    assert_eq!(next_types(&mut receiver, 2).await, expected);
    // The same payment can be disputed afterwards.
    let prevented = api.dispute(&intent, json!({"status": "prevented"})).await;
    assert_eq!((&prevented["status"], &prevented["amount"]), (&json!("prevented"), &json!(1200)));
    let partial = api.dispute(&intent, json!({"amount": 500})).await;
    assert_eq!(partial["amount"], 500);
}

#[tokio::test]
async fn a_dispute_takes_no_status_out_of_turn() {
    let api = Api::start().await;
    let account = api.enabled_account().await;
    let (intent, _) = api.paid(&account).await;
    let open = format!("payment_intents/{intent}/dispute");
    for body in [
        json!({"status": "won"}),
        json!({"status": "unheard_of"}),
        json!({"amount": 0}),
        json!({"amount": 1_201}),
        json!({"colour": "red"}),
    ] {
        assert_eq!(api.control(&open, body.clone()).await.status, 400, "{body}");
    }
    let dispute = api.dispute(&intent, json!({})).await;
    let path = format!("disputes/{}", dispute["id"].as_str().unwrap());
    for status in ["needs_response", "warning_closed", "appeal_under_review", "prevented"] {
        assert_eq!(api.control(&path, json!({"status": status})).await.status, 400, "{status}");
    }
    api.move_on(&dispute, "lost").await;
    for status in ["won", "under_review", "lost"] {
        assert_eq!(api.control(&path, json!({"status": status})).await.status, 400, "{status}");
    }
}
