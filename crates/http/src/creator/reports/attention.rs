//! What needs the creator now.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{
    Timestamp,
    email::Email,
    id::PurchaseId,
    reports::{
        Attention,
        ports::{AwaitedDispute, UnmatchedPayment, UnreadOrder},
    },
};

use super::{
    MailBody,
    unfinished::{UnfinishedBody, UnfinishedStatus},
};
use crate::{
    creator::DisputeStatus,
    dto::{MoneyBody, json},
    extract::{HandlePath, Own},
    openapi::{problem_responses, schemas},
    problem::Answer,
};

/// The greatest number of disputes and payments of one kind.
const MAX_EACH: u32 = 50;
const MAX_MAILS: usize = 50;

/// What waits for an answer, or can only be mended by the creator.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attention)]
pub(crate) struct AttentionBody {
    /// Disputes and questions of a bank that wait for an answer; the one whose time ends first comes first.
    disputes: Vec<AwaitedDisputeBody>,
    /// Payments that do not match their orders and were neither refunded nor lost in disputes, newest first.
    quarantined_payments: Vec<QuarantinedBody>,
    /// Orders that Stripe told of and does not show, so that nobody knows whether they were paid.
    unread_orders: Vec<UnreadOrderBody>,
    /// Second payments for a page that are held until the creator refunds one of both, newest first.
    held_payments: Vec<OpenPurchaseBody>,
    /// Purchases whose refund failed, so that the money is still to be refunded, newest first.
    failed_refunds: Vec<OpenPurchaseBody>,
    /// Mails of the last seven days that were given up, newest first.
    dead_mails: Vec<MailBody>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AwaitedDispute)]
pub(crate) struct AwaitedDisputeBody {
    /// Stripe's id of the dispute.
    #[schema(example = "du_1NXWPnCBxxxx")]
    id: String,
    #[schema(example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    purchase_id: String,
    status: DisputeStatus,
    amount: MoneyBody,
    /// Until when an answer is awaited at Stripe, if that is known.
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    respond_by: Option<Timestamp>,
    /// Whether the account that received the payment is still connected. If not, nothing more is heard of the dispute.
    connected: bool,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = QuarantinedPayment)]
pub(crate) struct QuarantinedBody {
    #[schema(example = "chk_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    checkout_id: String,
    /// Who was to get the access.
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    #[schema(value_type = schemas::Slug)]
    page_slug: String,
    #[schema(example = "A guide")]
    title: String,
    /// What the order asks for.
    amount: MoneyBody,
    status: UnfinishedStatus,
    /// Since when it is like this.
    #[schema(value_type = schemas::Instant)]
    since: Timestamp,
    /// Whether a bank disputes the payment, which is not decided yet.
    disputed: bool,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UnreadOrder)]
pub(crate) struct UnreadOrderBody {
    #[schema(example = "chk_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    checkout_id: String,
    /// Who was to get the access.
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    /// What the order asks for.
    amount: MoneyBody,
    /// When the order was made.
    #[schema(value_type = schemas::Instant)]
    since: Timestamp,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpenPurchase)]
pub(crate) struct OpenPurchaseBody {
    #[schema(example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    purchase_id: String,
    /// Who has the purchase.
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
}

problem_responses! {
    AttentionProblems: HandleNotFound;
}

/// What needs the creator now.
///
/// What is dealt with is not there any more. Of each kind at most 50 are told.
#[utoipa::path(get, path = "/v2/handles/{handle}/attention", tag = "reports", security(("creator" = [])),
    params(crate::openapi::HandleParams),
    responses((status = 200, description = "What needs the creator", body = AttentionBody), AttentionProblems))]
pub(crate) async fn attention(own: Own<HandlePath>) -> Answer {
    let reports = &own.http.use_cases.reports;
    let needs = reports.attention(&own.creator, &own.path.name()?, MAX_EACH).await?;
    Ok(json(StatusCode::OK, &AttentionBody::of(needs)))
}

impl AttentionBody {
    fn of(needs: Attention) -> Self {
        let Attention { disputes, unmatched, unread, held, failed, dead_mails } = needs;
        let held = held.iter().map(|one| OpenPurchaseBody::of(one.purchase_id, &one.email));
        let failed = failed.iter().map(|one| OpenPurchaseBody::of(one.purchase_id, &one.email));
        Self {
            disputes: disputes.iter().map(AwaitedDisputeBody::of).collect(),
            quarantined_payments: unmatched.into_iter().map(QuarantinedBody::of).collect(),
            unread_orders: unread.iter().map(UnreadOrderBody::of).collect(),
            held_payments: held.collect(),
            failed_refunds: failed.collect(),
            dead_mails: dead_mails.into_iter().take(MAX_MAILS).map(MailBody::of).collect(),
        }
    }
}

impl AwaitedDisputeBody {
    fn of(awaited: &AwaitedDispute) -> Self {
        let dispute = &awaited.dispute;
        Self {
            id: dispute.id.to_string(),
            purchase_id: dispute.purchase_id.to_string(),
            status: DisputeStatus::of(dispute.progress, dispute.stage),
            amount: MoneyBody::of(dispute.amount),
            respond_by: dispute.respond_by,
            connected: awaited.is_connected,
        }
    }
}

impl QuarantinedBody {
    fn of(unmatched: UnmatchedPayment) -> Self {
        let UnmatchedPayment { payment, is_disputed: disputed } = unmatched;
        let UnfinishedBody { checkout_id, email, page_slug, title, amount, status, since } =
            UnfinishedBody::of(payment);
        Self { checkout_id, email, page_slug, title, amount, status, since, disputed }
    }
}

impl UnreadOrderBody {
    fn of(unread: &UnreadOrder) -> Self {
        let UnreadOrder { payment, email } = unread;
        Self {
            checkout_id: payment.checkout_id.to_string(),
            email: email.as_str().to_owned(),
            amount: MoneyBody::of(payment.amount),
            since: payment.since,
        }
    }
}

impl OpenPurchaseBody {
    fn of(purchase: PurchaseId, email: &Email) -> Self {
        Self { purchase_id: purchase.to_string(), email: email.as_str().to_owned() }
    }
}
