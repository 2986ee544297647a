//! Explanations of access decisions.

mod payments;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{
    Timestamp, access,
    email::Email,
    id::PurchaseId,
    moves::AddressMove,
    names::Slug,
    payments::ProviderRefundId,
    reports::{self, Explained, Explanation, Ruling, Target, WouldChange},
    validation::FieldError,
};

use self::payments::{PendingBody, UnpaidBody};
use crate::{
    dto::{FileReason, MoneyBody, ResourceType, TextEnum, json, text_enum},
    extract::{HandlePath, Own, Query, address},
    openapi::{problem_responses, schemas},
    problem::{Answer, Code, FieldErrors, Problem},
};

text_enum! {
    /// What would change a decision.
    #[schema(example = "refund")]
    Change = reports::Change {
        Buy "buy",
        PaymentArrives "payment_arrives",
        Grant "grant",
        Refund "refund",
        RevokeGrant "revoke_grant",
        WinDisputes "win_disputes",
        Publish "publish",
        Archive "archive",
        MakePublic "make_public",
        MakeFreeWithLogin "make_free_with_login",
        MakePaid "make_paid",
        Allow "allow",
        Disallow "disallow",
        MakeFilePublic "make_file_public",
    }
}

text_enum! {
    /// What the ledger says.
    FactKind = access::FactKind {
        Purchased "purchased",
        GroupPurchased "group_purchased",
        Granted "granted",
        RefundAccepted "refund_accepted",
        RefundFailed "refund_failed",
        Inquired "inquired",
        Disputed "disputed",
        DisputeWon "dispute_won",
        DisputeLost "dispute_lost",
        Revoked "revoked",
        Moved "moved",
        PaymentQuarantined "payment_quarantined",
        QuarantineRefunded "quarantine_refunded",
        QuarantineRefundFailed "quarantine_refund_failed",
        SecondPaymentHeld "second_payment_held",
        Allowlisted "allowlisted",
        AllowlistRemoved "allowlist_removed",
        FileDeleted "file_deleted",
    }
}

/// Whom and what it is about: one of `page` and `file`.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described; extract::Query reads it")]
pub(crate) struct ExplainQuery {
    /// The person's address.
    #[param(value_type = schemas::EmailAddress, example = "bob@example.com")]
    email: String,
    /// The page.
    #[param(nullable = false, value_type = Option<schemas::Slug>, example = "guide")]
    page: Option<String>,
    /// The file.
    #[param(nullable = false, value_type = Option<schemas::Slug>, example = "handbook")]
    file: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Explanation)]
pub(crate) struct ExplanationBody {
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    resource: ResourceBody,
    has_access: bool,
    /// What an access check would answer, or `page_not_found` or `file_not_found`.
    #[schema(example = "entitled")]
    reason: &'static str,
    rule: RuleBody,
    /// What the ledger says of the person and the page, or of the person's places on the file's list,
    /// oldest first.
    facts: Vec<FactBody>,
    /// A payment for the page that was made and has not arrived, such as a bank debit; null without one. The
    /// page opens by itself when it has.
    #[schema(required = true)]
    pending_payment: Option<PendingBody>,
    /// Payments for the page that were made and failed, oldest first.
    failed_payments: Vec<PendingBody>,
    /// Pay pages for the page that were opened and not paid, oldest first. A payment that still arrives is accepted.
    unpaid_checkouts: Vec<UnpaidBody>,
    /// A payment for the page that arrived and does not match its order, until it is refunded or access is given; null without
    /// one. For three days the person is not asked to pay again. `amount` is what the order asks for.
    #[schema(required = true)]
    quarantined_payment: Option<PendingBody>,
    /// What would decide otherwise.
    would_change: Vec<ChangeBody>,
    /// The confirmed changes of this address at the handle, newest first.
    moves: Vec<MoveBody>,
    /// When what Stripe has was last compared with the ledger, completely; null before the first time.
    #[schema(value_type = Option<schemas::Instant>, required = true)]
    last_sweep: Option<Timestamp>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConfirmedMove)]
pub(crate) struct MoveBody {
    #[schema(value_type = schemas::EmailAddress)]
    from: String,
    #[schema(value_type = schemas::EmailAddress)]
    to: String,
    #[schema(value_type = schemas::Instant)]
    at: Timestamp,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExplainedResource)]
pub(crate) struct ResourceBody {
    r#type: ResourceType,
    #[schema(value_type = schemas::Slug)]
    slug: String,
    #[schema(example = "A guide")]
    title: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExplainedRule)]
pub(crate) struct RuleBody {
    #[schema(example = "bought")]
    id: &'static str,
    #[schema(
        example = "The page is PAID, and this person has a purchase of it that is not refunded, revoked or \
                        suspended."
    )]
    text: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExplainedFact)]
pub(crate) struct FactBody {
    #[schema(value_type = schemas::Instant)]
    at: Timestamp,
    kind: FactKind,
    #[schema(required = true, example = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    purchase_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    amount: Option<MoneyBody>,
    /// Stripe's object, the purchase, or the place on the list.
    #[schema(example = "cs_test_a1B2c3")]
    reference: String,
    /// What the creator noted about a refund, if anything; `paid twice` if it was made by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Bought twice")]
    reason: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExplainedChange)]
pub(crate) struct ChangeBody {
    action: Change,
    #[schema(
        example = "Closes the page: purchase_required. The page is PAID, and this person has no purchase of \
                        it that is not refunded, revoked or suspended."
    )]
    effect: String,
}

problem_responses! {
    ExplainProblems: ValidationFailed HandleNotFound PageNotFound FileNotFound;
}

/// Why a person sees a page or has a file, or does not.
///
/// The decision is the one that the gate makes for this person, signed in.
#[utoipa::path(get, path = "/v2/handles/{handle}/explain", tag = "reports", security(("creator" = [])),
    params(crate::openapi::HandleParams, ExplainQuery),
    responses((status = 200, description = "The decision, and what is behind it", body = ExplanationBody),
        ExplainProblems))]
pub(crate) async fn explain(own: Own<HandlePath>, query: Query) -> Answer {
    let ((email, target), name) = (question(&query)?, own.path.name()?);
    let explanation =
        own.http.use_cases.reports.explain(&own.creator, &name, target, email).await?;
    let handle = own.http.use_cases.handles.owned(&own.creator, &name).await?;
    let last_sweep = own.http.use_cases.reconciler.last_sweep(handle.id).await?;
    let email = &explanation.email;
    let moves = own.http.use_cases.moves.confirmed(&own.creator, &name, email).await?;
    let reasons = own.http.use_cases.refunds.reasons(&refunded(&explanation)).await?;
    Ok(json(StatusCode::OK, &ExplanationBody::of(&explanation, &moves, &reasons, last_sweep)))
}

/// Returns the purchases that were refunded, or whose refund failed later.
fn refunded(explanation: &Explanation) -> Vec<PurchaseId> {
    let refunds = explanation.facts.iter();
    let refunds = refunds.filter(|fact| fact.kind == access::FactKind::RefundAccepted);
    let purchases: BTreeSet<_> = refunds.filter_map(|fact| fact.subject.purchase_id).collect();
    purchases.into_iter().collect()
}

fn question(query: &Query) -> Result<(Email, Target), Problem> {
    let [email, page, file] = query.read(["email", "page", "file"])?;
    let mut errors = FieldErrors::new();
    let email = match email {
        Some(text) => errors.check("email", address(&text).parse::<Email>()),
        None => errors.check("email", Err(FieldError::Missing)),
    };
    let target = match (page, file) {
        (Some(page), None) => errors.check("page", page.parse::<Slug>()).map(Target::Page),
        (None, Some(file)) => errors.check("file", file.parse::<Slug>()).map(Target::File),
        (None, None) => {
            errors.add("page", "is required, or file");
            None
        }
        (Some(_), Some(_)) => {
            errors.add("page", "goes without file");
            None
        }
    };
    errors.finish().map_err(Problem::invalid)?;
    // Without either there was an error.
    email.zip(target).ok_or_else(|| Problem::field("email", FieldError::Missing))
}

fn reason(about: &Explained, ruling: Ruling) -> &'static str {
    let nothing = match about {
        Explained::Page(_) => Code::PageNotFound,
        Explained::File(_) => Code::FileNotFound,
    };
    ruling.reason().map_or(nothing.as_str(), |reason| FileReason::from(reason).as_str())
}

impl ExplanationBody {
    fn of(
        explanation: &Explanation,
        moves: &[AddressMove],
        reasons: &BTreeMap<ProviderRefundId, String>,
        last_sweep: Option<Timestamp>,
    ) -> Self {
        let Explanation { about, ruling, .. } = explanation;
        let changes = explanation.would_change.iter();
        Self {
            email: explanation.email.as_str().to_owned(),
            resource: ResourceBody::of(about),
            has_access: ruling.has_access(),
            reason: reason(about, *ruling),
            rule: RuleBody { id: rules::name(*ruling), text: text(explanation) },
            facts: explanation.facts.iter().map(|fact| FactBody::of(fact, reasons)).collect(),
            pending_payment: explanation.pending.as_ref().map(PendingBody::of),
            failed_payments: explanation.failed.iter().map(PendingBody::of).collect(),
            unpaid_checkouts: explanation.unpaid.iter().map(UnpaidBody::of).collect(),
            quarantined_payment: explanation.quarantined.as_ref().map(PendingBody::of),
            would_change: changes.map(|would| ChangeBody::of(about, *would)).collect(),
            moves: moves.iter().filter_map(MoveBody::of).collect(),
            last_sweep,
        }
    }
}

impl MoveBody {
    pub(super) fn of(confirmed: &AddressMove) -> Option<Self> {
        Some(Self {
            from: confirmed.from.to_string(),
            to: confirmed.to.to_string(),
            at: confirmed.used_at?,
        })
    }
}

impl ResourceBody {
    fn of(about: &Explained) -> Self {
        let (r#type, slug, title) = match about {
            Explained::Page(page) => (ResourceType::Page, &page.slug, &page.title),
            Explained::File(file) => (ResourceType::File, &file.slug, &file.name),
        };
        Self { r#type, slug: slug.to_string(), title: title.clone() }
    }
}

/// Returns the rule in words, with a note if it differs without a session.
fn text(explanation: &Explanation) -> String {
    let Explanation { about, ruling, anonymous, .. } = explanation;
    let rule = rules::text(*ruling);
    if anonymous.reason() == ruling.reason() {
        return rule.into_owned();
    }
    let otherwise = reason(about, *anonymous);
    format!("{rule} This takes the person to be signed in; without a session it is {otherwise}.")
}

impl FactBody {
    fn of(fact: &access::Fact, reasons: &BTreeMap<ProviderRefundId, String>) -> Self {
        let is_refund = fact.kind == access::FactKind::RefundAccepted;
        let reason = || reasons.get(&ProviderRefundId::new(&*fact.reference)).cloned();
        Self {
            reason: is_refund.then(reason).flatten(),
            at: fact.at,
            kind: fact.kind.into(),
            purchase_id: fact.subject.purchase_id.map(|id| id.to_string()),
            amount: fact.amount.map(MoneyBody::of),
            reference: fact.object().to_owned(),
        }
    }
}

impl ChangeBody {
    fn of(about: &Explained, would: WouldChange) -> Self {
        let verb = if would.ruling.has_access() { "Opens" } else { "Closes" };
        let what = if matches!(about, Explained::Page(_)) { "page" } else { "file" };
        let (reason, text) = (reason(about, would.ruling), rules::text(would.ruling));
        Self { action: would.change.into(), effect: format!("{verb} the {what}: {reason}. {text}") }
    }
}
