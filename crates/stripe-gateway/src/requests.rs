//! The requests that have parameters. They depend only on their arguments, so that every try sends
//! the same parameters with the same idempotency key.

use std::{collections::HashMap, fmt::Display};

use stripe_checkout::{
    CheckoutSessionMode,
    checkout_session::{
        CreateCheckoutSession, CreateCheckoutSessionAutomaticTax,
        CreateCheckoutSessionInvoiceCreation, CreateCheckoutSessionLineItems,
        CreateCheckoutSessionLineItemsPriceData,
        CreateCheckoutSessionLineItemsPriceDataTaxBehavior, CreateCheckoutSessionPaymentIntentData,
        CreateCheckoutSessionTaxIdCollection, ProductData,
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
    email::Email,
    payments::{OpenCheckout, PaymentExtras, RefundOrder},
};

use crate::answers::{ACCOUNT, CHECKOUT, GROUP_BUY, PAGE, REFUND};

/// The limit of a product's name, in characters.
const MAX_NAME: usize = 250;

/// Returns the idempotency key of an object's attempt. Each attempt has a key of its own.
pub(crate) fn key(kind: &str, id: impl Display, attempt: u32) -> String {
    match attempt {
        0 => format!("{kind}-{id}"),
        later => format!("{kind}-{id}-{later}"),
    }
}

fn metadata(pairs: &[(&str, &dyn Display)]) -> HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), value.to_string())).collect()
}

/// Creates an account with the full dashboard. The creator pays Stripe's fees; Stripe is liable for
/// losses and collects the required information from the creator.
pub(crate) fn create_account(label: &str, email: &Email) -> RequestBuilder {
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
        .metadata(metadata(&[(ACCOUNT, &label)]))
        .build()
}

/// Creates a hosted checkout session for one page. `with_email` includes the visitor's email
/// address.
pub(crate) fn open_checkout(order: &OpenCheckout, with_email: bool) -> RequestBuilder {
    let mut ids = metadata(&[(CHECKOUT, &order.checkout_id), (PAGE, &order.page_id)]);
    ids.extend(order.group_buy_id.map(|id| (GROUP_BUY.to_owned(), id.to_string())));
    // The codes are the same as Stripe's. One that async-stripe does not know is sent unchanged.
    let code = order.price.currency.code();
    let currency = code.parse().unwrap_or_else(|_| Currency::Unknown(code.to_owned()));
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency);
    price.unit_amount = Some(order.price.amount);
    price.product_data = Some(ProductData::new(shortened(&order.title)));
    // The buyer pays the price that the page names, and no tax on top of it.
    let inclusive = CreateCheckoutSessionLineItemsPriceDataTaxBehavior::Inclusive;
    price.tax_behavior = order.extras.automatic_tax.then_some(inclusive);
    let mut item = CreateCheckoutSessionLineItems::new();
    item.price_data = Some(price);
    item.quantity = Some(1);
    let mut payment = CreateCheckoutSessionPaymentIntentData::new();
    payment.metadata = Some(ids.clone());
    payment.application_fee_amount = (order.fee > 0).then_some(order.fee);
    let session = CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .line_items(vec![item])
        .payment_intent_data(payment)
        .client_reference_id(order.checkout_id.to_string())
        .metadata(ids)
        .success_url(order.success_url.as_str())
        .cancel_url(order.cancel_url.as_str())
        .expires_at(order.expires_at.as_second());
    let session = with_extras(session, order.extras);
    if with_email { session.customer_email(order.customer_email.as_str()) } else { session }.build()
}

fn with_extras(mut session: CreateCheckoutSession, extras: PaymentExtras) -> CreateCheckoutSession {
    if extras.invoice {
        session = session.invoice_creation(CreateCheckoutSessionInvoiceCreation::new(true));
    }
    if extras.automatic_tax {
        session = session.automatic_tax(CreateCheckoutSessionAutomaticTax::new(true));
    }
    if extras.tax_id {
        session = session.tax_id_collection(CreateCheckoutSessionTaxIdCollection::new(true));
    }
    session
}

pub(crate) fn refund(order: &RefundOrder) -> RequestBuilder {
    let refund = CreateRefund::new()
        .payment_intent(order.payment_intent.as_str())
        .amount(order.amount.amount)
        .metadata(metadata(&[(REFUND, &order.refund_id)]));
    // Without an application fee, Stripe refuses this parameter even if it is `false`.
    if order.with_fee { refund.refund_application_fee(true) } else { refund }.build()
}

/// Shortens a title to Stripe's limit.
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
