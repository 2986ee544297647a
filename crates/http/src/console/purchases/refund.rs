//! Refunding a purchase.

use actix_web::{HttpRequest, web::ServiceConfig};
use askama::Template;
use tollgate_domain::{
    Timestamp,
    access::ports::SoldPurchase,
    disputes::Dispute,
    id::PurchaseId,
    paging::PageRequest,
    payments::{DisputeProgress, DisputeStage, PaymentsError, RefundProgress},
    refunds::{RefundError, RefundReceipt, RefundWish, RefusalReason},
    reports::{Sale, SaleQuery},
    token::Token,
};

use super::{
    access_effect::AccessEffect, dispute, refund_option::RefundOption, sale_facts::SaleFacts,
};
use crate::{
    console::{
        form::{FormState, Labels},
        page::{Nav, Notice, Screen, render, see_other_with},
        who::AtHandle,
    },
    extract::{Arrived, Form, part},
    locale::{Texts, isolated},
    problem::{Answer, Code, Problem},
    routes::form,
    state::Http,
};

const FIELDS: Labels = &[("reason", "console-purchases-field-reason")];

/// The hidden field that names what the refund does to the access, as the screen said.
const EFFECT: &str = "effect";

#[derive(Template)]
#[template(path = "console/purchases_refund.html")]
struct RefundScreen {
    t: Texts,
    screen: Screen,
    heading: String,
    sale: SaleFacts,
    /// What will happen, or why nothing can.
    effects: Vec<String>,
    /// Whether the last refund of it failed.
    has_failed: bool,
    /// The key of the request; none if there is nothing to ask.
    key: Option<String>,
    /// How much is left to refund, in minor units.
    left: i64,
    /// The name of what happens to the access.
    access: &'static str,
    /// The path and the words of a link to the dispute, if there is or was one.
    dispute: Option<(String, String)>,
    /// The path of the list.
    back: String,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    let path = "/{handle}/purchases/{id}/refund";
    config.service(form(path, ask, refund));
}

async fn ask(http: Http, at: AtHandle, req: HttpRequest) -> Answer {
    let sold = found(&http, &at, &req).await?;
    let form = FormState::new(at.screen.t, FIELDS);
    shown(&http, at, sold, form).await
}

async fn found(http: &Http, at: &AtHandle, req: &HttpRequest) -> Result<SoldPurchase, Problem> {
    let id: PurchaseId = part(req, "id").ok_or_else(|| Problem::new(Code::PurchaseNotFound))?;
    Ok(http.use_cases.receipts.purchase(&at.creator, &at.handle.name, id).await?)
}

/// Refunds the purchase, and never more than the screen showed. A second press of the button has the same key, and so the same
/// result.
async fn refund(
    Arrived(arrived_at): Arrived,
    http: Http,
    at: AtHandle,
    req: HttpRequest,
    form: Form,
) -> Answer {
    let mut form = FormState::read(at.screen.t, FIELDS, form).await?;
    let sold = found(&http, &at, &req).await?;
    if is_outdated(&form, &sold, &same_sales(&http, &at, &sold).await?) {
        return shown_now(&http, at, sold, form).await;
    }
    let wish = wish(&form, &sold, arrived_at);
    let (creator, name) = (&at.creator, &at.handle.name);
    match http.use_cases.refunds.refund(creator, name, &sold.slug, wish).await {
        Ok(receipt) if receipt.progress == RefundProgress::Failed => {
            form = failed(at.screen.t, &form);
        }
        Ok(receipt) => return refunded(&http, &at, &sold, &receipt).await,
        Err(RefundError::MoreThanSeen) => {
            let sold = found(&http, &at, &req).await?;
            return shown_now(&http, at, sold, form).await;
        }
        Err(error) => form = refused(form, at.screen.t, error)?,
    }
    let sold = found(&http, &at, &req).await?;
    shown(&http, at, sold, form).await
}

/// Returns whether the purchase is somebody else's by now, or more is left of it, such as after the refund of a part failed, or
/// the screen said something else about the access. While nothing is left to refund, no access ends.
fn is_outdated(form: &FormState, sold: &SoldPurchase, sales: &[Sale]) -> bool {
    let left = RefundOption::of(&sold.purchase).amount();
    let is_more = |shown: i64| left.is_some_and(|left| left.amount > shown);
    let access = AccessEffect::of(sold, sales).name();
    let is_another_effect = left.is_some() && form.names_another(EFFECT, &access);
    is_another_effect
        || form.is_unreadable::<i64>("left")
        || form.names_another("email", &sold.email.shown())
        || seen(form).is_some_and(is_more)
}

/// Shows what is so now to somebody whose screen showed something else.
async fn shown_now(http: &Http, at: AtHandle, sold: SoldPurchase, form: FormState) -> Answer {
    let form = outdated(form, at.screen.t, &RefundOption::of(&sold.purchase));
    shown(http, at, sold, form).await
}

/// Returns the form of a screen that showed what is not so any more. Where nothing is left to refund, no button can be pressed again.
fn outdated(form: FormState, t: Texts, option: &RefundOption) -> FormState {
    if option.amount().is_some() {
        return form.outdated();
    }
    form.with_error("", option.effects(t).concat()).headed("console-purchases-not-refunded")
}

/// Returns how much was left by the screen of the form. A form from before forms had the field does not say it.
fn seen(form: &FormState) -> Option<i64> {
    form.get("left").parse().ok()
}

/// Returns what the form asks for.
fn wish(form: &FormState, sold: &SoldPurchase, arrived_at: Timestamp) -> RefundWish {
    // The screen of what cannot be refunded has no field that an error could be about.
    let is_asked = RefundOption::of(&sold.purchase).amount().is_some();
    let reason = form.some("reason");
    let reason = reason.filter(|it| is_asked || RefundWish::check_reason(it).is_ok());
    RefundWish {
        visitor_id: sold.purchase.visitor_id,
        purchase_id: Some(sold.purchase.id),
        reason: reason.map(str::to_owned),
        idempotency_key: key(form),
        at_most: seen(form),
        arrived_at,
    }
}

/// Returns the form for another try, which needs another key.
fn failed(t: Texts, form: &FormState) -> FormState {
    FormState::new(t, FIELDS)
        .with("reason", form.get("reason"))
        .with_error("", t.get("console-purchases-failed"))
        .headed("console-purchases-not-refunded")
}

async fn refunded(
    http: &Http,
    at: &AtHandle,
    sold: &SoldPurchase,
    receipt: &RefundReceipt,
) -> Answer {
    let notice = match AccessEffect::of(sold, &same_sales(http, at, sold).await?) {
        AccessEffect::Stays => "console-purchases-notice-refunded-kept",
        AccessEffect::Ends | AccessEffect::Ended => "console-purchases-notice-refunded",
    };
    let what = format!("{}, {}", at.screen.t.money(receipt.amount), sold.email.shown());
    Ok(see_other_with(&at.path("/purchases"), Notice::about(notice, what)))
}

fn key(form: &FormState) -> Option<String> {
    form.get("key").parse::<Token>().ok().map(|key| key.reveal())
}

/// Returns the form with what went wrong in words. Whatever Stripe says, the creator stays on the screen.
fn refused(form: FormState, t: Texts, error: RefundError) -> Result<FormState, Problem> {
    let mut heading = "console-purchases-not-refunded";
    let text = match error {
        RefundError::AlreadyRefunded => t.get("console-purchases-refunded-text"),
        RefundError::Lost => t.get("console-purchases-lost-text"),
        RefundError::Disputed => t.get("console-purchases-disputed-text"),
        RefundError::NotRefundable => t.get("console-purchases-given-text"),
        RefundError::Refused(reason) => t.get(match reason {
            RefusalReason::InsufficientBalance => "console-purchases-stripe-balance",
            RefusalReason::AccountDisconnected => "console-purchases-stripe-gone",
            RefusalReason::AccountRestricted => "console-purchases-stripe-restricted",
        }),
        RefundError::Payments(PaymentsError::Refused { message, .. }) => {
            tracing::warn!(message, "a refund was refused");
            t.with("console-purchases-stripe-refused", "answer", message)
        }
        RefundError::Payments(
            PaymentsError::Unavailable(cause)
            | PaymentsError::Busy { reason: cause, .. }
            | PaymentsError::Failed(cause),
        ) => {
            tracing::warn!(cause, "a refund is not answered");
            heading = "console-purchases-refund-unknown";
            t.get("console-purchases-stripe-away")
        }
        RefundError::Unusable(cause) => {
            tracing::error!(cause, "what Stripe says of a refund cannot be used");
            heading = "console-purchases-refund-unknown";
            t.get("console-purchases-stripe-unusable")
        }
        error => return form.refused(error),
    };
    Ok(form.with_error("", text).headed(heading))
}

async fn shown(http: &Http, at: AtHandle, sold: SoldPurchase, form: FormState) -> Answer {
    let t = at.screen.t;
    let option = RefundOption::of(&sold.purchase);
    let sales = same_sales(http, &at, &sold).await?;
    let access = AccessEffect::of(&sold, &sales);
    let mut effects = effects(t, access, &sold, &option);
    effects.retain(|effect| !is_said(t, &form, effect));
    let heading = option.heading(t);
    // What has just failed is told as an error, and what made the amount grow is not.
    let is_told = form.has_errors() && !form.is_outdated();
    let is_open = matches!(option, RefundOption::Open(_)) && !is_told;
    let mut failed = sales.iter().filter(|sale| sale.last_refund_failed);
    let has_failed = is_open && failed.any(|sale| sale.purchase.id == sold.purchase.id);
    // What the screen asks about now is another wish, to which no answer to an earlier one belongs.
    let key = key(&form).filter(|_| !form.is_outdated());
    let key = option.amount().map(|_| key.unwrap_or_else(|| Token::new(&*http.random).reveal()));
    let (creator, id) = (&at.creator, sold.purchase.id);
    let case = http.use_cases.dispute_cases.of_purchase(creator, &at.handle.name, id).await?;
    let is_asked = case.as_ref().is_some_and(|case| is_asked(&case.dispute));
    if is_asked && option.amount().is_some() {
        effects.push(t.get("console-purchases-effect-question"));
    }
    let dispute = case.map(|case| (at.dispute(id), t.get(dispute::link(case.dispute.progress))));
    let refund = RefundScreen {
        t,
        heading,
        sale: SaleFacts::of(&at, sold),
        effects,
        has_failed,
        key,
        left: option.amount().map_or(0, |left| left.amount),
        access: access.name(),
        dispute,
        back: at.path("/purchases"),
        screen: at.screen.on(Nav::Purchases).with(form),
    };
    render(refund.screen.status(), &refund)
}

/// Returns whether the bank asks about the payment now, and has not made a dispute of it.
fn is_asked(dispute: &Dispute) -> bool {
    dispute.progress == DisputeProgress::Inquiry && dispute.stage != DisputeStage::Closed
}

/// Returns whether the error of the form says this already.
fn is_said(t: Texts, form: &FormState, effect: &str) -> bool {
    let error = form.error("").unwrap_or_default();
    let is_away = error == t.get("console-purchases-stripe-away");
    error == effect || (is_away && effect == t.get("console-purchases-underway-text"))
}

/// Says what will happen, or why nothing can.
fn effects(
    t: Texts,
    access: AccessEffect,
    sold: &SoldPurchase,
    option: &RefundOption,
) -> Vec<String> {
    let mut effects = option.effects(t);
    if let Some(amount) = option.amount() {
        let (amount, email) = (t.money(amount), isolated(sold.email.shown()));
        effects.push(t.with2("console-purchases-effect-money", "amount", amount, "email", email));
        effects.push(access.text(t, &sold.title));
        effects.push(t.get("console-purchases-effect-fee"));
    }
    effects
}

/// Returns the purchases of the page by the same buyer, this one included, as they are listed.
async fn same_sales(http: &Http, at: &AtHandle, sold: &SoldPurchase) -> Result<Vec<Sale>, Problem> {
    let same = SaleQuery {
        page: Some(sold.slug.clone()),
        visitor: Some(sold.purchase.visitor_id),
        ..SaleQuery::default()
    };
    let all = PageRequest { limit: 100, after: None };
    let (creator, name) = (&at.creator, &at.handle.name);
    Ok(http.use_cases.reports.sales(creator, name, same, &all).await?.items)
}
