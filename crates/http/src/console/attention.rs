//! What needs the creator now, in sentences.

use tollgate_domain::{
    checkout::ConnectStatus,
    disputes::Dispute,
    email::Email,
    mail::LoggedMail,
    money::Money,
    payments::DisputeProgress,
    reports::ports::{AwaitedDispute, UnmatchedPayment},
};

use super::{page::When, people, who::AtHandle};
use crate::{locale::isolated, problem::Problem, state::Http};

/// The greatest number of matters of one kind.
const MAX_EACH: u32 = 5;

/// A matter: a sentence, and a link to where it is dealt with.
pub(super) struct Matter {
    pub(super) text: String,
    pub(super) address: String,
    pub(super) link: String,
}

/// How the connection of a handle to Stripe is.
#[derive(Clone, Copy)]
pub(super) struct Stripe {
    pub(super) status: ConnectStatus,
    /// Whether the handle was connected to Stripe before and is not now.
    pub(super) is_disconnected: bool,
    /// Whether visitors can pay and nothing can be paid out.
    pub(super) awaits_payouts: bool,
}

impl Matter {
    fn new(at: &AtHandle, text: String, address: String, link: &str) -> Self {
        Self { text, address, link: at.screen.t.get(link) }
    }

    fn of_person(at: &AtHandle, text: String, email: &Email) -> Self {
        Self::new(at, text, people::person(at, email), "console-attention-person-link")
    }

    fn paid(at: &AtHandle, text: &str, amount: Money, email: &Email) -> Self {
        let (t, shown) = (at.screen.t, isolated(email.shown()));
        let text = t.with2(text, "amount", t.money(amount), "email", shown);
        Self::of_person(at, text, email)
    }
}

/// Returns what needs the creator of a handle whose connection to Stripe is like this.
pub(super) async fn matters(
    http: &Http,
    at: &AtHandle,
    stripe: Stripe,
) -> Result<Vec<Matter>, Problem> {
    let reports = &http.use_cases.reports;
    let needs = reports.attention(&at.creator, &at.handle.name, MAX_EACH).await?;
    let mut found: Vec<_> = account(at, stripe).into_iter().collect();
    found.extend(needs.disputes.iter().map(|awaited| disputed(at, awaited)));
    found.extend(needs.unmatched.iter().map(|one| unmatched(at, one)));
    found.extend(needs.unread.iter().map(|unread| {
        let amount = unread.payment.amount;
        Matter::paid(at, "console-attention-unread", amount, &unread.email)
    }));
    found.extend(needs.held.iter().map(|held| {
        let email = isolated(held.email.shown());
        let text = at.screen.t.with("console-attention-held", "email", email);
        Matter::of_person(at, text, &held.email)
    }));
    found.extend(needs.failed.iter().map(|failed| {
        let email = isolated(failed.email.shown());
        let text = at.screen.t.with("console-attention-refund-failed", "email", email);
        let address = at.refund(failed.purchase_id);
        Matter::new(at, text, address, "console-attention-refund-link")
    }));
    found.extend(dead_mails(at, &needs.dead_mails));
    Ok(found)
}

fn account(at: &AtHandle, stripe: Stripe) -> Option<Matter> {
    let text = match stripe.status {
        ConnectStatus::Restricted => "console-attention-restricted",
        ConnectStatus::NotConnected if stripe.is_disconnected => "console-attention-disconnected",
        ConnectStatus::Active if stripe.awaits_payouts => "console-attention-payouts",
        ConnectStatus::NotConnected | ConnectStatus::Onboarding | ConnectStatus::Active => {
            return None;
        }
    };
    let text = at.screen.t.get(text);
    Some(Matter::new(at, text, at.path("/revenue"), link_to_stripe(stripe.status)))
}

/// Returns the words of the link to Revenue, which shows what a restricted account is asked for.
pub(super) fn link_to_stripe(stripe: ConnectStatus) -> &'static str {
    if stripe == ConnectStatus::Restricted {
        "console-revenue-checking-button"
    } else {
        "console-step-stripe-link"
    }
}

fn disputed(at: &AtHandle, awaited: &AwaitedDispute) -> Matter {
    let t = at.screen.t;
    // Several may be about the same amount.
    let (email, page) = (isolated(awaited.email.shown()), isolated(&awaited.title));
    let about = t.with2("console-attention-about", "email", email, "page", page);
    let mut text = format!("{about} {}", told_of(at, &awaited.dispute));
    if !awaited.is_connected {
        text = format!("{text} {}", t.get("console-dispute-not-connected"));
    }
    let address = at.dispute(awaited.dispute.purchase_id);
    Matter::new(at, text, address, "console-attention-dispute-link")
}

fn unmatched(at: &AtHandle, one: &UnmatchedPayment) -> Matter {
    let UnmatchedPayment { payment, is_disputed } = one;
    let text = if *is_disputed {
        "console-attention-quarantined-disputed"
    } else {
        "console-attention-quarantined"
    };
    Matter::paid(at, text, payment.payment.amount, &payment.email)
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

/// Returns the mails that were given up lately, as one matter.
fn dead_mails(at: &AtHandle, dead: &[LoggedMail]) -> Option<Matter> {
    let t = at.screen.t;
    let (text, address) = match dead {
        [] => return None,
        [mail] => {
            let text = t.with("console-attention-mail", "email", isolated(mail.to.shown()));
            (text, at.path_with("/mail", &[("q", mail.to.as_str())]))
        }
        _ => (t.count("console-attention-mails", dead.len()), at.path("/mail")),
    };
    Some(Matter::new(at, text, address, "console-attention-mail-link"))
}
