//! Decisions, facts and relations in words. Every match is exhaustive, so that a new rule or fact does not
//! compile until it has a sentence.

use tollgate_domain::{
    access::{AccessStatus, Fact, FactKind, GrantType, Reason, Rule},
    reports::{PagesGot, Person, Relation, Ruling},
};

use super::super::joined::joined;
use crate::locale::Texts;

/// Returns the sentence that says why a person can open something, or cannot.
pub(super) fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::CreatorsPublicPage => "console-people-rule-own-public-page",
        Rule::CreatorsPage => "console-people-rule-own-page",
        Rule::UnpublishedButBought => "console-people-rule-unpublished-but-bought",
        Rule::Unpublished => "console-people-rule-unpublished",
        Rule::PublicPage => "console-people-rule-public-page",
        Rule::SignInFirst => "console-people-rule-sign-in-first",
        Rule::FreeWithLogin => "console-people-rule-free-with-login",
        Rule::Bought => "console-people-rule-bought",
        Rule::NotBought => "console-people-rule-not-bought",
        Rule::PaymentPending => "console-people-rule-payment-pending",
        Rule::PublicFile => "console-people-rule-public-file",
        Rule::PageGone => "console-people-rule-page-gone",
        Rule::CreatorsFile => "console-people-rule-own-file",
        Rule::SignInToBeListed => "console-people-rule-sign-in-to-be-listed",
        Rule::Listed => "console-people-rule-listed",
        Rule::NotListed => "console-people-rule-not-listed",
    }
}

/// Returns the text of a link to a dispute. Where none suspended or ended the access, the bank may only have asked.
pub(in crate::console) fn dispute_link(status: AccessStatus) -> &'static str {
    match status {
        AccessStatus::Active | AccessStatus::Refunded => "console-purchases-bank",
        AccessStatus::Suspended | AccessStatus::Revoked => "console-dispute-link",
    }
}

/// Returns the sentence that says what happens while the person is not signed in.
pub(super) fn signed_out(ruling: Ruling, signed_out: Ruling, is_file: bool) -> &'static str {
    if signed_out.reason() == ruling.reason() {
        return "console-people-signed-out-same";
    }
    match (signed_out.reason(), is_file) {
        (Some(Reason::Public | Reason::Entitled), _) => "console-people-signed-out-open",
        (Some(Reason::VisitorAuthRequired), false) => "console-people-signed-out-page-asks",
        (Some(Reason::VisitorAuthRequired), true) => "console-people-signed-out-file-asks",
        (Some(Reason::PurchaseRequired | Reason::FileForbidden), _) => {
            "console-people-signed-out-closed"
        }
        (None, false) => "console-people-signed-out-no-page",
        (None, true) => "console-people-signed-out-no-file",
    }
}

pub(super) fn fact(fact: &Fact) -> &'static str {
    let made_no_purchase = fact.subject.purchase_id.is_none();
    match fact.kind {
        FactKind::Purchased => "console-people-fact-purchased",
        FactKind::GroupPurchased => "console-people-fact-group-purchased",
        FactKind::Granted => "console-people-fact-granted",
        FactKind::RefundAccepted => "console-people-fact-refund-accepted",
        FactKind::RefundFailed => "console-people-fact-refund-failed",
        FactKind::Inquired => "console-people-fact-quarantine-inquired",
        FactKind::Disputed if made_no_purchase => "console-people-fact-quarantine-disputed",
        FactKind::Disputed => "console-people-fact-disputed",
        FactKind::DisputeWon => "console-people-fact-dispute-won",
        FactKind::DisputeLost if made_no_purchase => "console-people-fact-quarantine-lost",
        FactKind::DisputeLost => "console-people-fact-dispute-lost",
        FactKind::Revoked if fact.change_of_address().is_none() => "console-people-fact-revoked",
        FactKind::Revoked | FactKind::Moved => "console-people-fact-moved",
        FactKind::PaymentQuarantined => "console-people-fact-payment-quarantined",
        FactKind::QuarantineRefunded => "console-people-fact-quarantine-refunded",
        FactKind::QuarantineRefundFailed => "console-people-fact-quarantine-refund-failed",
        FactKind::SecondPaymentHeld => "console-people-fact-second-payment-held",
        FactKind::Allowlisted => "console-people-fact-allowlisted",
        FactKind::AllowlistRemoved => "console-people-fact-allowlist-removed",
        FactKind::FileDeleted => "console-people-fact-file-deleted",
    }
}

/// Returns what a person has to do with the handle, as the end of a sentence that tells what was bought from what was given.
pub(super) fn relations(t: Texts, person: &Person) -> String {
    let words = person.relations.iter().flat_map(|relation| match relation {
        Relation::Purchase => got(t, person.got),
        Relation::FreeLogin => vec![t.get("console-people-relation-free-login")],
        Relation::GroupBuy => vec![t.get("console-people-relation-group-buy")],
        Relation::Allowlist => vec![t.get("console-people-relation-allowlist")],
    });
    let words: Vec<_> = words.collect();
    joined(t, &words)
}

fn got(t: Texts, got: PagesGot) -> Vec<String> {
    let told = [
        (got.bought, "console-people-relation-bought"),
        (got.given, "console-people-relation-given"),
        (got.refunded, "console-people-relation-refunded"),
        (got.ended, "console-people-relation-ended"),
    ];
    let told = told.into_iter().filter(|(pages, _)| *pages > 0);
    told.map(|(pages, id)| t.count(id, pages)).collect()
}

/// Returns the words for how access was first granted. That of a payment have the argument `amount`.
pub(super) fn granted_as(granted_as: GrantType) -> &'static str {
    match granted_as {
        GrantType::Purchase | GrantType::Refunded => "console-people-got-purchase",
        GrantType::GroupBuy => "console-people-got-group-buy",
        GrantType::Complimentary => "console-people-got-gift",
    }
}

/// Returns the words for the status of a purchase, and the class of its badge.
pub(super) fn status(status: AccessStatus) -> (&'static str, &'static str) {
    match status {
        AccessStatus::Active => ("console-people-status-active", "good"),
        AccessStatus::Refunded => ("console-people-status-refunded", ""),
        AccessStatus::Revoked => ("console-people-status-ended", ""),
        AccessStatus::Suspended => ("console-people-status-suspended", "warn"),
    }
}
