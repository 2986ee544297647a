//! Refunds of which Stripe says what cannot be, in the console and in the API.

use serde_json::json;
use tollgate_domain_testing::{Call, Fault};

use super::{Sale, key};
use crate::{console_browser::Browser, support::ROOT};

#[actix_web::test]
async fn refund_in_another_currency_is_not_taken_for_one_without_an_answer() {
    let sale = Sale::new().await;
    let payments = &sale.app.domain.payments;
    let ada = Browser::of(&sale.app, "ada").await;
    let key = key(&ada.get(&sale.refund()).await);
    let fields = [("key", &*key)];
    payments.fail_next(Call::Refund, Fault::lost_answer());
    payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
    assert_eq!(ada.post(&sale.refund(), &fields).await.status, 422);
    let payment = &sale.purchase.payment.as_ref().unwrap().payment_intent;
    let (refund, _) = payments.refunds_of(payment).remove(0);
    payments.refund_in(&refund, "eur");

    let reply = ada.post(&sale.refund(), &fields).await;
    assert_eq!(reply.status, 422);
    let told = "What Stripe says about this refund cannot be right, so nothing has changed here.";
    assert!(reply.body.contains(told), "{}", reply.body);

    let token = sale.app.token("ada").await;
    let wish = json!({"visitorId": sale.purchase.visitor_id.to_string()});
    let call = sale.app.post(ROOT, "/v2/handles/ada/pages/guide/refund").bearer(&token);
    let reply = call.json(&wish).send().await;
    assert_eq!(reply.refusal(), "502 payment_provider_error");
    let detail = reply.json()["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.contains("in another currency, eur. Look at the payment in Stripe."),
        "{detail}"
    );
    assert!(sale.is_open().await);
    assert_eq!(sale.refunds(), 1);
}
