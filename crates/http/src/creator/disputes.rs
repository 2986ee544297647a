//! Disputes, with the evidence of the creator.

use actix_web::{HttpRequest, http::StatusCode};
use serde::Serialize;
use tollgate_domain::{
    Timestamp,
    activity::{Activity, ActivityKind},
    disputes::DisputeCase,
    payments::{DisputeProgress, DisputeStage},
};

use super::own_id;
use crate::{
    dto::{MoneyBody, json, text_enum},
    evidence,
    extract::{HandlePath, Own},
    locale::{Texts, named_language},
    openapi::{problem_responses, schemas},
    problem::{Answer, Code, Problem},
};

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Dispute)]
pub(crate) struct DisputeBody {
    /// Stripe's id of the dispute.
    #[schema(example = "du_1NXWPnCBxxxx")]
    id: String,
    #[schema(example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    purchase_id: String,
    status: DisputeStatus,
    /// The buyer's reason, in Stripe's word.
    #[schema(example = "fraudulent")]
    reason: String,
    amount: MoneyBody,
    #[schema(value_type = schemas::Instant)]
    opened_at: Timestamp,
    /// Until when an answer is awaited at Stripe; null if none is.
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    respond_by: Option<Timestamp>,
    /// Whether the page is open to the buyer now, by this purchase or otherwise.
    open_to_buyer: bool,
    /// Whether the account that received the payment is still connected. If not, nothing more is heard of the dispute.
    connected: bool,
    evidence: EvidenceBody,
}

text_enum! {
    /// What has become of a dispute. An inquiry of the bank changes nothing about access; an open dispute suspends
    /// it, a won one restores it, and a lost one ends it.
    #[schema(example = "NEEDS_RESPONSE")]
    DisputeStatus {
        InquiryNeedsResponse "INQUIRY_NEEDS_RESPONSE",
        InquiryUnderReview "INQUIRY_UNDER_REVIEW",
        InquiryClosed "INQUIRY_CLOSED",
        NeedsResponse "NEEDS_RESPONSE",
        UnderReview "UNDER_REVIEW",
        Won "WON",
        Lost "LOST",
    }
}

impl DisputeStatus {
    pub(crate) fn of(progress: DisputeProgress, stage: DisputeStage) -> Self {
        match (progress, stage) {
            (DisputeProgress::Inquiry, DisputeStage::NeedsResponse) => Self::InquiryNeedsResponse,
            (DisputeProgress::Inquiry, DisputeStage::UnderReview) => Self::InquiryUnderReview,
            (DisputeProgress::Inquiry, DisputeStage::Closed) => Self::InquiryClosed,
            (DisputeProgress::Open, DisputeStage::NeedsResponse) => Self::NeedsResponse,
            (DisputeProgress::Open, _) => Self::UnderReview,
            (DisputeProgress::Won, _) => Self::Won,
            (DisputeProgress::Lost, _) => Self::Lost,
        }
    }
}

/// What is known about the purchase.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Evidence)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvidenceBody {
    /// All of it as a text to submit to the bank.
    #[schema(example = "Evidence about the dispute du_1NXWPnCBxxxx")]
    text: String,
    /// When the buyer signed in on the handle's pages.
    sign_ins: Vec<ActivityBody>,
    /// When the buyer opened the page.
    views: Vec<ActivityBody>,
    /// When the buyer downloaded files of the handle.
    downloads: Vec<ActivityBody>,
}

/// What the buyer did on one day (UTC).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Activity)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActivityBody {
    /// The slug of the page or file; absent for a sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::Slug, nullable = false)]
    slug: Option<String>,
    #[schema(value_type = schemas::Instant)]
    first_at: Timestamp,
    #[schema(value_type = schemas::Instant)]
    last_at: Timestamp,
    #[schema(example = 3, minimum = 1)]
    count: i64,
}

problem_responses! {
    DisputeProblems: HandleNotFound PurchaseNotFound;
}

/// The newest dispute of a purchase, with the evidence that there is.
///
/// A purchase that was never disputed is answered with `purchase_not_found`. The text of the evidence is in the language that
/// `Accept-Language` asks for, English or German.
#[utoipa::path(get, path = "/v2/handles/{handle}/purchases/{id}/dispute", tag = "reports", operation_id = "dispute",
    security(("creator" = [])),
    params(crate::openapi::HandleParams,
        ("id" = String, Path, description = "The purchase", example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")),
    responses((status = 200, description = "The dispute", body = DisputeBody), DisputeProblems))]
pub(super) async fn show(own: Own<HandlePath>, req: HttpRequest) -> Answer {
    let handle = own.path.name()?;
    let id = own_id(&own.http, &own.creator, &handle, &req, Code::PurchaseNotFound).await?;
    let case = own.http.use_cases.dispute_cases.of_purchase(&own.creator, &handle, id).await?;
    let undisputed = "The purchase was never disputed.";
    let case = case.ok_or_else(|| Problem::because(Code::PurchaseNotFound, undisputed))?;
    let t = Texts(named_language(&req).unwrap_or_default());
    Ok(json(StatusCode::OK, &DisputeBody::of(t, &case)))
}

impl DisputeBody {
    fn of(t: Texts, case: &DisputeCase) -> Self {
        let dispute = &case.dispute;
        Self {
            id: dispute.id.to_string(),
            purchase_id: dispute.purchase_id.to_string(),
            status: DisputeStatus::of(dispute.progress, dispute.stage),
            reason: dispute.reason.clone(),
            amount: MoneyBody::of(dispute.amount),
            opened_at: dispute.opened_at,
            respond_by: dispute.respond_by,
            open_to_buyer: case.is_open,
            connected: case.is_connected,
            evidence: EvidenceBody::of(t, case),
        }
    }
}

impl EvidenceBody {
    fn of(t: Texts, case: &DisputeCase) -> Self {
        let of_kind = |kind: ActivityKind| {
            let theirs = case.activity.iter().filter(|it| it.kind == kind);
            theirs.map(ActivityBody::of).collect()
        };
        Self {
            text: evidence::text(t, case),
            sign_ins: of_kind(ActivityKind::SignedIn),
            views: of_kind(ActivityKind::Viewed),
            downloads: of_kind(ActivityKind::Downloaded),
        }
    }
}

impl ActivityBody {
    fn of(it: &Activity) -> Self {
        Self {
            slug: Some(it.subject.clone()).filter(|slug| !slug.is_empty()),
            first_at: it.first_at,
            last_at: it.last_at,
            count: it.count,
        }
    }
}
