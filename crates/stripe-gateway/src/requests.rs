//! The requests that have something to say. Each is made from what it is given alone, so that every
//! try of one order asks for the same under the same idempotency key.

use std::{collections::HashMap, fmt::Display};

use stripe_checkout::{
    CheckoutSessionMode,
    checkout_session::{
        CreateCheckoutSession, CreateCheckoutSessionLineItems,
        CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData,
        ProductData,
    },
};
use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_connect::account::{
    CreateAccount, CreateAccountController, CreateAccountControllerFees,
    CreateAccountControllerFeesPayer, CreateAccountControllerLosses,
    CreateAccountControllerLossesPayments, CreateAccountControllerRequirementCollection,
    CreateAccountControllerStripeDashboard, CreateAccountControllerStripeDashboardType,
};
use stripe_core::refund::CreateRefund;
use stripe_types::Currency;
use tollgate_domain::{
    checkout::{OpenCheckout, RefundOrder},
    email::Email,
};

use crate::answers::{CHECKOUT, PAGE, REFUND};

/// Stripe shows at most this much of a product's name.
const MAX_NAME: usize = 250;

fn metadata(pairs: &[(&str, &dyn Display)]) -> HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), value.to_string())).collect()
}

/// A full account of the creator's own: the creator pays Stripe's fees, and Stripe answers for losses
/// and asks the creator for what it has to know.
pub(crate) fn create_account(key: &str, email: &Email) -> RequestBuilder {
    let controller = CreateAccountController {
        fees: Some(CreateAccountControllerFees {
            payer: Some(CreateAccountControllerFeesPayer::Account),
        }),
        losses: Some(CreateAccountControllerLosses {
            payments: Some(CreateAccountControllerLossesPayments::Stripe),
        }),
        requirement_collection: Some(CreateAccountControllerRequirementCollection::Stripe),
        stripe_dashboard: Some(CreateAccountControllerStripeDashboard {
            type_: Some(CreateAccountControllerStripeDashboardType::Full),
        }),
    };
    CreateAccount::new()
        .controller(controller)
        .email(email.as_str())
        .metadata(metadata(&[("tollgate_account", &key)]))
        .build()
}

/// A hosted session for one page. `with_email` fills in the visitor's address.
pub(crate) fn open_checkout(order: &OpenCheckout, with_email: bool) -> RequestBuilder {
    let ties = metadata(&[(CHECKOUT, &order.checkout_id), (PAGE, &order.page_id)]);
    // Stripe's codes are ours; one that is unknown there is sent as it is.
    let code = order.price.currency.code();
    let currency = code.parse().unwrap_or_else(|_| Currency::Unknown(code.to_owned()));
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency);
    price.unit_amount = Some(order.price.amount);
    price.product_data = Some(ProductData::new(shortened(&order.title)));
    let mut item = CreateCheckoutSessionLineItems::new();
    item.price_data = Some(price);
    item.quantity = Some(1);
    let mut payment = CreateCheckoutSessionPaymentIntentData::new();
    payment.metadata = Some(ties.clone());
    payment.application_fee_amount = (order.fee > 0).then_some(order.fee);
    let session = CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .line_items(vec![item])
        .payment_intent_data(payment)
        .client_reference_id(order.checkout_id.to_string())
        .metadata(ties)
        .success_url(order.success_url.as_str())
        .cancel_url(order.cancel_url.as_str())
        .expires_at(order.expires_at.as_second());
    if with_email { session.customer_email(order.customer_email.as_str()) } else { session }.build()
}

pub(crate) fn refund(order: &RefundOrder) -> RequestBuilder {
    let refund = CreateRefund::new()
        .payment_intent(order.payment_intent.as_str())
        .amount(order.amount.amount)
        .metadata(metadata(&[(REFUND, &order.refund_id)]));
    // Stripe refuses this, even as `false`, where no fee was taken.
    if order.with_fee { refund.refund_application_fee(true) } else { refund }.build()
}

/// A name that Stripe takes, cut between characters.
fn shortened(title: &str) -> String {
    let title = title.trim();
    if title.chars().count() <= MAX_NAME {
        return title.to_owned();
    }
    let kept: String = title.chars().take(MAX_NAME - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_cut_between_characters() {
        assert_eq!(shortened(" A page "), "A page");
        let exact = "é".repeat(250);
        assert_eq!(shortened(&exact), exact);
        let cut = shortened(&"🎫".repeat(251));
        assert_eq!(cut.chars().count(), 250);
        assert!(cut.ends_with("🎫…"));
    }
}
