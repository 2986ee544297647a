//! The dispute of a purchase, with the evidence to answer it.

use actix_web::{HttpRequest, web::ServiceConfig};
use askama::Template;
use tollgate_domain::{
    access::GrantType,
    disputes::{Dispute, DisputeCase},
    id::PurchaseId,
    payments::{DisputeProgress, DisputeStage},
};

use super::sale_facts::SaleFacts;
use crate::{
    console::{
        page::{Nav, Screen, When, render},
        who::AtHandle,
    },
    creator::DisputeStatus,
    evidence,
    extract::part,
    locale::Texts,
    problem::{Answer, Code, Problem},
    routes::screen,
    state::Http,
};

#[derive(Template)]
#[template(path = "console/purchases_dispute.html")]
struct DisputeScreen {
    t: Texts,
    screen: Screen,
    heading: String,
    sale: SaleFacts,
    status: String,
    /// What the status means for the creator, and where to answer.
    what_now: String,
    answer: Option<String>,
    /// The buyer's reason in words; else as the provider calls it, in English.
    reason: Result<String, String>,
    opened: When,
    respond_by: Option<When>,
    /// What the evidence is for, if the bank waits for the creator's answer.
    hint: Option<String>,
    /// The page of the sandbox on which the dispute goes on, where the sandbox stands in for Stripe.
    sandbox: Option<String>,
    /// Whether Stripe no longer tells how the dispute goes on, since the account is no longer connected.
    is_lost_sight_of: bool,
    evidence: String,
    has_no_use: bool,
    back: String,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(screen("/{handle}/purchases/{id}/dispute", show));
}

async fn show(http: Http, at: AtHandle, req: HttpRequest) -> Answer {
    let missing = || Problem::new(Code::PurchaseNotFound);
    let id: PurchaseId = part(&req, "id").ok_or_else(missing)?;
    let case = http.use_cases.dispute_cases.of_purchase(&at.creator, &at.handle.name, id).await?;
    let shown = DisputeScreen::of(&http, at, case.ok_or_else(missing)?);
    render(shown.screen.status(), &shown)
}

impl DisputeScreen {
    fn of(http: &Http, at: AtHandle, case: DisputeCase) -> Self {
        let t = at.screen.t;
        let (evidence, has_no_use) = (evidence::text(t, &case), evidence::has_no_use(&case));
        let DisputeCase { dispute, sold, is_open, is_connected, .. } = case;
        let told = DisputeStatus::of(dispute.progress, dispute.stage);
        let is_refunded = sold.purchase.grant_type == GrantType::Refunded;
        let is_settled = is_refunded && dispute.progress == DisputeProgress::Inquiry;
        let (status, what_now) = if is_settled {
            settled_sentences(dispute.stage, is_open)
        } else {
            sentences(told, is_open)
        };
        let respond_by = dispute.respond_by.filter(|_| !is_settled);
        Self {
            t,
            heading: t.with(heading(dispute.progress), "amount", t.money(dispute.amount)),
            sale: SaleFacts::of(&at, sold),
            status: t.get(status),
            what_now: t.get(what_now),
            answer: answer(http, told).filter(|_| !is_settled).map(|id| t.get(id)),
            reason: reason(t, &dispute.reason),
            opened: When::exact(t, dispute.opened_at),
            respond_by: respond_by.map(|until| When::exact(t, until)),
            hint: hint(http, &dispute).filter(|_| !is_settled).map(|id| t.get(id)),
            sandbox: in_sandbox(http, &dispute),
            is_lost_sight_of: !is_connected && dispute.stage != DisputeStage::Closed,
            evidence,
            has_no_use,
            back: at.path("/purchases"),
            screen: at.screen.on(Nav::Purchases),
        }
    }
}

/// Returns the text about the answer that the bank waits for; none where the sandbox plays Stripe, which has its own.
fn answer(http: &Http, status: DisputeStatus) -> Option<&'static str> {
    match status {
        _ if http.is_sandbox => None,
        DisputeStatus::InquiryNeedsResponse => Some("console-dispute-inquiry-answer"),
        DisputeStatus::NeedsResponse => Some("console-dispute-open-answer"),
        DisputeStatus::InquiryUnderReview
        | DisputeStatus::InquiryClosed
        | DisputeStatus::UnderReview
        | DisputeStatus::Won
        | DisputeStatus::Lost => None,
    }
}

/// Returns the text about what the evidence is for, if the bank waits for an answer.
fn hint(http: &Http, dispute: &Dispute) -> Option<&'static str> {
    let id = if http.is_sandbox {
        "console-dispute-evidence-hint-sandbox"
    } else {
        "console-dispute-evidence-hint"
    };
    (dispute.stage == DisputeStage::NeedsResponse).then_some(id)
}

/// Returns the page of the sandbox on which the answer and the decision are made, where it plays Stripe.
fn in_sandbox(http: &Http, dispute: &Dispute) -> Option<String> {
    if !http.is_sandbox || dispute.stage == DisputeStage::Closed {
        return None;
    }
    let origin = http.checkout_form_action.first()?;
    Some(format!("{origin}/disputes/{}", dispute.id.as_str()))
}

/// Returns the text of the heading. An inquiry is not a dispute yet.
fn heading(progress: DisputeProgress) -> &'static str {
    if progress == DisputeProgress::Inquiry {
        "console-dispute-question-heading"
    } else {
        "console-dispute-heading"
    }
}

/// Returns the text of a link to the screen.
pub(super) fn link(progress: DisputeProgress) -> &'static str {
    if progress == DisputeProgress::Inquiry {
        "console-dispute-question-link"
    } else {
        "console-dispute-link"
    }
}

/// Returns the buyer's reason in words; one without words as the provider calls it. Source: Stripe, `reason` of a dispute.
fn reason(t: Texts, reason: &str) -> Result<String, String> {
    let id = match reason {
        "fraudulent" => "console-dispute-reason-fraudulent",
        "duplicate" => "console-dispute-reason-duplicate",
        "product_not_received" => "console-dispute-reason-not-received",
        "product_unacceptable" => "console-dispute-reason-unacceptable",
        "subscription_canceled" => "console-dispute-reason-cancelled",
        "unrecognized" => "console-dispute-reason-unrecognized",
        "credit_not_processed" => "console-dispute-reason-no-refund",
        "general" => "console-dispute-reason-general",
        "debit_not_authorized" => "console-dispute-reason-not-authorized",
        "bank_cannot_process" => "console-dispute-reason-bank",
        "check_returned" => "console-dispute-reason-check",
        "customer_initiated" => "console-dispute-reason-customer",
        "insufficient_funds" => "console-dispute-reason-funds",
        "incorrect_account_details" => "console-dispute-reason-details",
        "noncompliant" => "console-dispute-reason-noncompliant",
        _ => return Err(reason.replace('_', " ")),
    };
    Ok(t.get(id))
}

/// Returns the texts for an inquiry about a payment that is refunded in whole, which nobody has to answer any more.
fn settled_sentences(stage: DisputeStage, is_open: bool) -> (&'static str, &'static str) {
    let status = match stage {
        DisputeStage::NeedsResponse => "console-dispute-inquiry",
        DisputeStage::UnderReview => "console-dispute-inquiry-review",
        DisputeStage::Closed => "console-dispute-inquiry-closed",
    };
    let what_now = match (stage, is_open) {
        (DisputeStage::Closed, true) => "console-dispute-inquiry-closed-refunded-kept-text",
        (DisputeStage::Closed, false) => "console-dispute-inquiry-closed-refunded-text",
        (DisputeStage::NeedsResponse | DisputeStage::UnderReview, true) => {
            "console-dispute-inquiry-refunded-kept-text"
        }
        (DisputeStage::NeedsResponse | DisputeStage::UnderReview, false) => {
            "console-dispute-inquiry-refunded-text"
        }
    };
    (status, what_now)
}

/// Returns the texts for a status, and for what to do about it, which depend on whether the page is open to the buyer.
fn sentences(status: DisputeStatus, is_open: bool) -> (&'static str, &'static str) {
    match status {
        DisputeStatus::InquiryNeedsResponse if is_open => {
            ("console-dispute-inquiry", "console-dispute-inquiry-text")
        }
        DisputeStatus::InquiryNeedsResponse => {
            ("console-dispute-inquiry", "console-dispute-inquiry-no-access-text")
        }
        DisputeStatus::InquiryUnderReview if is_open => {
            ("console-dispute-inquiry-review", "console-dispute-inquiry-review-text")
        }
        DisputeStatus::InquiryUnderReview => {
            ("console-dispute-inquiry-review", "console-dispute-inquiry-review-no-access-text")
        }
        DisputeStatus::InquiryClosed if is_open => {
            ("console-dispute-inquiry-closed", "console-dispute-inquiry-closed-text")
        }
        DisputeStatus::InquiryClosed => {
            ("console-dispute-inquiry-closed", "console-dispute-inquiry-closed-no-access-text")
        }
        DisputeStatus::NeedsResponse if is_open => {
            ("console-dispute-open", "console-dispute-open-kept-text")
        }
        DisputeStatus::NeedsResponse => ("console-dispute-open", "console-dispute-open-text"),
        DisputeStatus::UnderReview => ("console-dispute-review", "console-dispute-review-text"),
        DisputeStatus::Won if !is_open => {
            ("console-dispute-won", "console-dispute-won-closed-text")
        }
        DisputeStatus::Won => ("console-dispute-won", "console-dispute-won-text"),
        DisputeStatus::Lost if is_open => {
            ("console-dispute-lost", "console-dispute-lost-kept-text")
        }
        DisputeStatus::Lost => ("console-dispute-lost", "console-dispute-lost-text"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tollgate_domain::language::Language;

    use super::*;

    /// Source: Stripe, the values of `reason` of a dispute.
    const REASONS: [&str; 15] = [
        "bank_cannot_process",
        "check_returned",
        "credit_not_processed",
        "customer_initiated",
        "debit_not_authorized",
        "duplicate",
        "fraudulent",
        "general",
        "incorrect_account_details",
        "insufficient_funds",
        "noncompliant",
        "product_not_received",
        "product_unacceptable",
        "subscription_canceled",
        "unrecognized",
    ];

    #[test]
    fn access_that_has_ended_is_never_said_to_be_kept() {
        let stages = [DisputeStage::NeedsResponse, DisputeStage::UnderReview, DisputeStage::Closed];
        for (language, kept) in
            [(Language::English, "keeps the access"), (Language::German, "behält den Zugang")]
        {
            let says =
                |(_, id): (&'static str, &'static str)| Texts(language).get(id).contains(kept);
            for stage in stages {
                let status = DisputeStatus::of(DisputeProgress::Inquiry, stage);
                assert!(says(sentences(status, true)), "{stage:?}");
                assert!(!says(sentences(status, false)), "{stage:?}");
                assert!(!says(settled_sentences(stage, false)), "{stage:?}");
            }
        }
    }

    #[test]
    fn reasons_of_stripe_have_words_in_each_language() {
        let words = |language| REASONS.map(|name| reason(Texts(language), name).unwrap());
        let all: BTreeSet<_> = Language::ALL.into_iter().flat_map(words).collect();
        assert_eq!(all.len(), 2 * REASONS.len(), "{all:?}");
    }

    #[test]
    fn reason_without_words_stays_as_stripe_calls_it() {
        assert_eq!(reason(Texts(Language::German), "quite_new"), Err("quite new".to_owned()));
    }
}
