//! Refunds and disputes.

use serde_json::Value;

use super::call::{Call, expand, expand_listed};
use super::lists::{Created, Paging};
use crate::error::ApiError;
use crate::ids;
use crate::model::{Dispute, Payment, Refund, State};
use crate::money;
use crate::params::Fields;
use crate::render;
use crate::status::{Method, PaymentStatus, RefundStatus};

pub(super) fn create(
    state: &mut State,
    call: &Call,
    fields: &mut Fields,
) -> Result<Value, ApiError> {
    let expand = expand("refund", fields)?;
    let charge = fields.text("charge")?;
    let intent = fields.text("payment_intent")?;
    let amount = fields.integer("amount")?;
    let reason = fields.one_of("reason", &["duplicate", "fraudulent", "requested_by_customer"])?;
    let refund_fee = fields.boolean("refund_application_fee")?.unwrap_or(false);
    let reverse_transfer = fields.boolean("reverse_transfer")?.unwrap_or(false);
    let metadata = fields.metadata("metadata")?;
    fields.finish()?;
    if amount.is_some_and(|amount| amount < 1) {
        return Err(fields.invalid("amount", "positive integer").code("parameter_invalid_integer"));
    }
    let payment = find(state, call, charge.as_deref(), intent.as_deref())?;
    check(state, payment, refund_fee, reverse_transfer)?;
    let remaining = payment.amount - state.refunded(&payment.intent_id);
    let amount = amount.unwrap_or(remaining);
    if amount > remaining {
        return Err(ApiError::refused(
            "amount_too_large",
            format!(
                "Refund amount ({}) is greater than unrefunded amount on charge ({})",
                money::display(amount, &payment.currency),
                money::display(remaining, &payment.currency),
            ),
        )
        .param("amount"));
    }
    let owner = call.owner.as_ref().and_then(|owner| state.accounts.get(owner));
    if owner.is_some_and(|account| account.without_balance) {
        return Err(ApiError::insufficient_balance());
    }
    // A refund to a card succeeds immediately, one to a bank account later.
    let status = match payment.method {
        Method::Card => RefundStatus::Succeeded,
        Method::BankDebit => RefundStatus::Pending,
    };
    let payment = payment.intent_id.clone();
    let refund = Refund {
        id: ids::random("re_", 24),
        serial: state.next_serial(),
        owner: call.owner.clone(),
        created: state.now(),
        payment,
        amount,
        status,
        reason,
        metadata,
        fails_at: None,
    };
    let id = refund.id.clone();
    state.add_refund(refund, &call.cause);
    let refund = state.refunds.get(&id);
    let refund = refund.ok_or_else(ApiError::internal)?;
    Ok(render::refund(state, refund, &expand))
}

/// Finds the payment by its intent, its charge, or both.
fn find<'a>(
    state: &'a State,
    call: &Call,
    charge: Option<&str>,
    intent: Option<&str>,
) -> Result<&'a Payment, ApiError> {
    let (kind, id) = match (charge, intent) {
        (_, Some(intent)) => ("payment_intent", intent),
        (Some(charge), None) => ("charge", charge),
        (None, None) => {
            return Err(ApiError::invalid(
                "One of the following params should be provided for this request: payment_intent or \
                 charge.",
            )
            .code("parameter_missing"));
        }
    };
    let payment = state
        .payments
        .get(&id.replacen("ch_", "pi_", 1))
        .filter(|payment| payment.owner == call.owner)
        .filter(|payment| payment.intent_id == id || payment.charge_id == id)
        .ok_or_else(|| ApiError::missing(kind, id).param(kind))?;
    match charge {
        Some(charge) if charge != payment.charge_id => {
            Err(ApiError::invalid("The charge does not belong to the payment_intent.")
                .param("charge"))
        }
        _ => Ok(payment),
    }
}

/// Checks that the payment can be refunded.
fn check(
    state: &State,
    payment: &Payment,
    refund_fee: bool,
    reverse_transfer: bool,
) -> Result<(), ApiError> {
    let charge = &payment.charge_id;
    if payment.status != PaymentStatus::Succeeded {
        return Err(ApiError::refused(
            "charge_not_refundable",
            format!("Charge {charge} has not succeeded and cannot be refunded."),
        ));
    }
    let charged_back =
        state.disputes_of(&payment.intent_id).any(|dispute| dispute.status.refuses_refunds());
    if charged_back {
        return Err(ApiError::refused(
            "charge_disputed",
            format!("Charge {charge} has been charged back; cannot issue a refund."),
        ));
    }
    if state.refunded(&payment.intent_id) >= payment.amount {
        return Err(ApiError::refused(
            "charge_already_refunded",
            format!("Charge {charge} has already been refunded."),
        ));
    }
    if refund_fee && payment.data.application_fee.is_none() {
        return Err(ApiError::invalid(format!(
            "Attempting to refund_application_fee on {charge}, but it has no application fee"
        ))
        .param("refund_application_fee"));
    }
    if reverse_transfer {
        return Err(ApiError::invalid(format!(
            "Cannot reverse transfer; {charge} has no associated transfer"
        ))
        .param("reverse_transfer"));
    }
    Ok(())
}

pub(super) fn get(
    state: &State,
    call: &Call,
    fields: &mut Fields,
    id: &str,
) -> Result<Value, ApiError> {
    let expand = expand("refund", fields)?;
    fields.finish()?;
    let refund = state.refunds.get(id);
    refund
        .filter(|refund| refund.owner == call.owner)
        .map(|refund| render::refund(state, refund, &expand))
        .ok_or_else(|| ApiError::missing("refund", id))
}

pub(super) fn get_dispute(
    state: &State,
    call: &Call,
    fields: &mut Fields,
    id: &str,
) -> Result<Value, ApiError> {
    let expand = expand("dispute", fields)?;
    fields.finish()?;
    let dispute = state.disputes.get(id);
    dispute
        .filter(|dispute| dispute.owner == call.owner)
        .map(|dispute| render::dispute(state, dispute, &expand))
        .ok_or_else(|| ApiError::missing("dispute", id))
}

pub(super) fn list(state: &State, call: &Call, fields: &mut Fields) -> Result<Value, ApiError> {
    let expand = expand_listed("refund", fields)?;
    let paging = Paging::take(fields)?;
    let created = Created::take(fields)?;
    let payment = payment_of(state, call, fields)?;
    fields.finish()?;
    let mut ours: Vec<&Refund> =
        state.refunds.values().filter(|refund| refund.owner == call.owner).collect();
    ours.sort_by_key(|refund| std::cmp::Reverse((refund.created, refund.serial)));
    paging.list(
        ("refund", "/v1/refunds"),
        ours,
        |refund| &refund.id,
        |refund| {
            created.admits(refund.created)
                && payment.is_none_or(|payment| payment == refund.payment)
        },
        |refund| render::refund(state, refund, &expand),
    )
}

pub(super) fn list_disputes(
    state: &State,
    call: &Call,
    fields: &mut Fields,
) -> Result<Value, ApiError> {
    let expand = expand_listed("dispute", fields)?;
    let paging = Paging::take(fields)?;
    let created = Created::take(fields)?;
    let payment = payment_of(state, call, fields)?;
    fields.finish()?;
    let mut ours: Vec<&Dispute> =
        state.disputes.values().filter(|dispute| dispute.owner == call.owner).collect();
    ours.sort_by_key(|dispute| std::cmp::Reverse((dispute.created, dispute.serial)));
    paging.list(
        ("dispute", "/v1/disputes"),
        ours,
        |dispute| &dispute.id,
        |dispute| {
            let of_it = payment.is_none_or(|payment| payment == dispute.payment);
            created.admits(dispute.created) && of_it
        },
        |dispute| render::dispute(state, dispute, &expand),
    )
}

/// Takes the filter of a list by the charge or the payment, and returns the payment.
fn payment_of<'a>(
    state: &'a State,
    call: &Call,
    fields: &mut Fields,
) -> Result<Option<&'a str>, ApiError> {
    let charge = fields.text("charge")?;
    let intent = fields.text("payment_intent")?;
    if charge.is_none() && intent.is_none() {
        return Ok(None);
    }
    let payment = find(state, call, charge.as_deref(), intent.as_deref())?;
    Ok(Some(&payment.intent_id))
}
