//! Refunds that Stripe refuses.

use serde_json::json;
use tollgate_domain::payments::{PaymentsError, Refusal};
use tollgate_domain_testing::{Call, Fault};

use super::Desk;
use crate::support::ROOT;

#[actix_web::test]
async fn refund_of_a_second_payment_that_is_refused_for_good_is_told_with_its_sale() {
    let desk = Desk::new().await;
    let domain = &desk.app.domain;
    let opened = desk.opened(&desk.page, "bob@example.com").await;
    domain.give(&desk.shop, &desk.page, "bob@example.com").await;
    domain.clock.advance_seconds(60);
    let message = "This payment is too old to be refunded.".to_owned();
    let refused = PaymentsError::Refused { refusal: Refusal::WithMessage, message };
    domain.payments.fail_next(Call::Refund, Fault::BeforeEffect(refused));
    domain.payments.pay(&opened).unwrap();
    domain.deliver_webhooks().await;
    let failed = async || {
        let sales = desk.get("/purchases").await.json();
        let items = sales["items"].as_array().unwrap().iter();
        items.map(|sale| sale["refundFailed"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(failed().await, [json!(true), json!(false)], "the payment, and the gift before it");
    let bob = domain.store.purchases()[0].visitor_id;
    let purchase = desk.get("/purchases").await.json()["items"][0]["id"].clone();
    let wish = json!({"visitorId": bob.to_string(), "purchaseId": purchase});
    let path = "/v2/handles/ada/pages/guide/refund";
    let refund = desk.app.post(ROOT, path).bearer(&desk.token).json(&wish);
    assert_eq!(refund.send().await.status, 200);
    assert_eq!(failed().await, [json!(false), json!(false)]);
}
