//! Checkout sessions.

use serde_json::{Map, Value, json};

use super::expand::Expand;
use super::payment::intent_reference;
use super::template::{SESSION, fill, list};
use crate::model::{Session, State};
use crate::status::{PaymentStatus, SessionStatus};

pub(crate) fn session(state: &State, session: &Session, expand: &Expand) -> Value {
    let payment = session.payment.as_ref().and_then(|id| state.payments.get(id));
    let paid = payment.is_some_and(|payment| payment.status == PaymentStatus::Succeeded);
    let payer = payment.and_then(|payment| payment.email.as_ref());
    let email = payer.or(session.customer_email.as_ref());
    let details = email.map(|email| {
        json!({
            "address": null,
            "business_name": null,
            "email": email,
            "individual_name": null,
            "name": null,
            "phone": null,
            "tax_exempt": "none",
            "tax_ids": null,
        })
    });
    let open = session.status == SessionStatus::Open;
    let mut rendered = fill(
        &SESSION,
        json!({
            "id": session.id,
            "created": session.created,
            "expires_at": session.expires_at,
            "status": session.status,
            "payment_status": if paid { "paid" } else { "unpaid" },
            "payment_intent": session.payment.as_ref()
                .map(|id| intent_reference(state, id, expand)),
            "amount_subtotal": session.subtotal(),
            "amount_total": session.total(),
            "currency": session.currency,
            "client_reference_id": session.client_reference_id,
            "customer_email": session.customer_email,
            "customer_details": details,
            "metadata": session.metadata,
            "success_url": session.success_url,
            "cancel_url": session.cancel_url,
            // Like Stripe, only an open session has a URL.
            "url": open.then(|| format!("{}/pay/{}", state.base_url, session.id)),
        }),
    );
    if let Some(members) = rendered.as_object_mut() {
        members.extend(session.extra.clone());
        members.extend(extras(session, open));
        if expand.within("line_items").is_some() {
            members.insert("line_items".to_owned(), line_items(session));
        }
    }
    rendered
}

/// Returns the members that tell what is done besides at the payment.
fn extras(session: &Session, open: bool) -> Map<String, Value> {
    let mut members = Map::new();
    let extras = session.extras;
    if extras.automatic_tax {
        let status = if open { "requires_location_inputs" } else { "complete" };
        let liability = json!({"type": "self"});
        members.insert(
            "automatic_tax".to_owned(),
            json!({"enabled": true, "liability": liability, "provider": "stripe", "status": status}),
        );
        members.insert(
            "total_details".to_owned(),
            json!({"amount_discount": 0, "amount_shipping": 0, "amount_tax": session.tax()}),
        );
    }
    if extras.tax_id {
        let collection = json!({"enabled": true, "required": "never"});
        members.insert("tax_id_collection".to_owned(), collection);
    }
    if extras.invoice {
        let data = json!({
            "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null,
            "issuer": null, "metadata": null, "rendering_options": null,
        });
        let creation = json!({"enabled": true, "invoice_data": data});
        members.insert("invoice_creation".to_owned(), creation);
    }
    members
}

fn line_items(session: &Session) -> Value {
    let items: Vec<Value> = session
        .items
        .iter()
        .map(|item| {
            json!({
                "id": item.id,
                "object": "item",
                "adjustable_quantity": null,
                "amount_discount": 0,
                "amount_subtotal": item.total(),
                "amount_tax": 0,
                "amount_total": item.total(),
                "currency": session.currency,
                "description": item.name,
                "metadata": {},
                "price": null,
                "quantity": item.quantity,
            })
        })
        .collect();
    let url = format!("/v1/checkout/sessions/{}/line_items", session.id);
    list(&url, &items, false)
}
