//! What needs the creator now: what waits for an answer, or can only be mended by the creator.

use tollgate_domain::{
    access::FactKind,
    checkout::{ConnectStatus, ReportedStatus},
    disputes::Dispute,
    mail::{LoggedMail, MailStatus},
    paging::PageRequest,
    payments::DisputeProgress,
    reports::{Explanation, SaleQuery, Target},
};

use super::{page::When, people, who::AtHandle};
use crate::{problem::Problem, state::Http};

/// The newest mails, among which those that were given up lately are looked for.
const NEWEST: PageRequest = PageRequest { limit: 100, after: None };
/// The greatest number of matters of one kind.
const MAX_EACH: usize = 5;
/// The greatest number of payments that are looked into, since some need nothing any more.
const MAX_LOOKED_AT: usize = 30;
/// For how long a mail that was given up is told of, in seconds.
const MAIL_SECONDS: i64 = 7 * 24 * 3600;

/// A matter: a sentence, and a link to where it is dealt with.
pub(super) struct Matter {
    pub(super) text: String,
    pub(super) address: String,
    pub(super) link: String,
}

impl Matter {
    fn new(at: &AtHandle, text: String, address: String, link: &str) -> Self {
        Self { text, address, link: at.screen.t.get(link) }
    }
}

/// Returns what needs the creator of a handle whose connection to Stripe is like this.
pub(super) async fn matters(
    http: &Http,
    at: &AtHandle,
    stripe: ConnectStatus,
    is_disconnected: bool,
) -> Result<Vec<Matter>, Problem> {
    let reports = &http.use_cases.reports;
    let (creator, name) = (&at.creator, &at.handle.name);
    let mut found: Vec<_> = account(at, stripe, is_disconnected).into_iter().collect();
    found.extend(disputes(http, at).await?);
    found.extend(quarantined(http, at).await?);
    found.extend(unread_orders(http, at).await?);
    found.extend(held_payments(http, at).await?);
    found.extend(failed_refunds(http, at).await?);
    let mails = reports.mails(creator, name, None, &NEWEST).await?.items;
    found.extend(dead_mails(http, at, &mails));
    Ok(found)
}

fn account(at: &AtHandle, stripe: ConnectStatus, is_disconnected: bool) -> Option<Matter> {
    let text = match stripe {
        ConnectStatus::Restricted => "console-attention-restricted",
        ConnectStatus::NotConnected if is_disconnected => "console-attention-disconnected",
        ConnectStatus::NotConnected | ConnectStatus::Onboarding | ConnectStatus::Active => {
            return None;
        }
    };
    let text = at.screen.t.get(text);
    Some(Matter::new(at, text, at.path("/revenue"), "console-step-stripe-link"))
}

/// Returns the disputes that wait for evidence; the one whose time ends first comes first.
async fn disputes(http: &Http, at: &AtHandle) -> Result<Vec<Matter>, Problem> {
    let reports = &http.use_cases.reports;
    let waiting = reports.awaited_disputes(&at.creator, &at.handle.name).await?;
    let mut told = Vec::new();
    for dispute in waiting.iter().take(MAX_EACH) {
        let (cases, id) = (&http.use_cases.dispute_cases, dispute.purchase_id);
        let mut text = told_of(at, dispute);
        if !cases.is_connected(&at.creator, &at.handle.name, id).await? {
            text = format!("{text} {}", at.screen.t.get("console-dispute-not-connected"));
        }
        let address = at.path(&format!("/purchases/{id}/dispute"));
        told.push(Matter::new(at, text, address, "console-attention-dispute-link"));
    }
    Ok(told)
}

fn told_of(at: &AtHandle, dispute: &Dispute) -> String {
    let (t, amount) = (at.screen.t, at.screen.t.money(dispute.amount));
    let is_question = dispute.progress == DisputeProgress::Inquiry;
    let Some(until) = dispute.respond_by else {
        let text =
            if is_question { "console-attention-question" } else { "console-attention-dispute" };
        return t.with(text, "amount", amount);
    };
    let text = if is_question {
        "console-attention-question-until"
    } else {
        "console-attention-dispute-until"
    };
    t.with2(text, "amount", amount, "until", When::exact(t, until).text)
}

/// Returns the payments that do not match their orders and were not given back.
async fn quarantined(http: &Http, at: &AtHandle) -> Result<Vec<Matter>, Problem> {
    let (reports, t) = (&http.use_cases.reports, at.screen.t);
    let (creator, name) = (&at.creator, &at.handle.name);
    let unfinished = reports.unfinished_payments(creator, name, SaleQuery::default()).await?;
    let held = unfinished.into_iter().filter(|one| one.status == ReportedStatus::Quarantined);
    let mut found = Vec::new();
    for one in held.take(MAX_LOOKED_AT) {
        let page = Target::Page(one.slug);
        let explained = reports.explain(creator, name, page, one.email.clone()).await?;
        if has_quarantined(&explained) {
            let amount = t.money(one.payment.amount);
            let (text, email) = ("console-attention-quarantined", one.email.shown());
            let text = t.with2(text, "amount", amount, "email", email);
            let address = people::person(at, &one.email);
            found.push(Matter::new(at, text, address, "console-attention-person-link"));
        }
    }
    found.truncate(MAX_EACH);
    Ok(found)
}

/// Returns whether a payment for the page is still to be given back, or to be matched with its order.
fn has_quarantined(explained: &Explanation) -> bool {
    let of_kind = |kind: FactKind| explained.facts.iter().filter(move |fact| fact.kind == kind);
    of_kind(FactKind::PaymentQuarantined).any(|held| {
        of_kind(FactKind::QuarantineRefunded).all(|refunded| refunded.reference != held.reference)
    })
}

/// Returns the orders of which nobody knows whether they were paid, since Stripe told of them and does not show them.
async fn unread_orders(http: &Http, at: &AtHandle) -> Result<Vec<Matter>, Problem> {
    let (reports, t) = (&http.use_cases.reports, at.screen.t);
    let unread = reports.unread_orders(&at.creator, &at.handle.name).await?;
    let told = unread.iter().take(MAX_EACH).map(|unread| {
        let (amount, email) = (t.money(unread.payment.amount), unread.email.shown());
        let text = t.with2("console-attention-unread", "amount", amount, "email", email);
        let address = people::person(at, &unread.email);
        Matter::new(at, text, address, "console-attention-person-link")
    });
    Ok(told.collect())
}

/// Returns the second payments that are held until the creator decides.
async fn held_payments(http: &Http, at: &AtHandle) -> Result<Vec<Matter>, Problem> {
    let reports = &http.use_cases.reports;
    let held = reports.held_payments(&at.creator, &at.handle.name).await?;
    let told = held.iter().take(MAX_EACH).map(|held| {
        let text = at.screen.t.with("console-attention-held", "email", held.email.shown());
        let address = people::person(at, &held.email);
        Matter::new(at, text, address, "console-attention-person-link")
    });
    Ok(told.collect())
}

/// Returns the refunds that failed and whose money is still to be given back.
async fn failed_refunds(http: &Http, at: &AtHandle) -> Result<Vec<Matter>, Problem> {
    let reports = &http.use_cases.reports;
    let failed = reports.failed_refunds(&at.creator, &at.handle.name).await?;
    let told = failed.iter().take(MAX_EACH).map(|failed| {
        let email = failed.email.shown();
        let text = at.screen.t.with("console-attention-refund-failed", "email", email);
        let address = at.path(&format!("/purchases/{}/refund", failed.purchase_id));
        Matter::new(at, text, address, "console-attention-refund-link")
    });
    Ok(told.collect())
}

/// Returns the mails that were given up lately, as one matter.
fn dead_mails(http: &Http, at: &AtHandle, mails: &[LoggedMail]) -> Option<Matter> {
    let (t, now) = (at.screen.t, http.clock.now().as_second());
    let is_dead = |mail: &&LoggedMail| {
        let age = now.saturating_sub(mail.queued_at.as_second());
        mail.status == MailStatus::Dead && age < MAIL_SECONDS
    };
    let dead: Vec<_> = mails.iter().filter(is_dead).collect();
    let (text, address) = match *dead {
        [] => return None,
        [mail] => {
            let text = t.with("console-attention-mail", "email", mail.to.shown());
            (text, people::with_query(at, "/mail", &[("q", mail.to.as_str())]))
        }
        _ => (t.count("console-attention-mails", dead.len()), at.path("/mail")),
    };
    Some(Matter::new(at, text, address, "console-attention-mail-link"))
}
