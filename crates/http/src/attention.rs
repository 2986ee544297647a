//! What needs a creator now: what waits for an answer, or can only be mended by the creator.

use tollgate_domain::{
    access::FactKind,
    checkout::ReportedStatus,
    clock::plus_seconds,
    creators::Creator,
    disputes::Dispute,
    mail::LoggedMail,
    names::HandleName,
    reports::{
        Explanation, SaleQuery, Target,
        ports::{FailedRefund, HeldPayment, UnfinishedPayment, UnreadOrder},
    },
};

use crate::{problem::Problem, state::Http};

/// The greatest number of mails that were given up lately.
const MAX_DEAD: u32 = 100;
/// The greatest number of payments that are looked into, since some need nothing any more.
const MAX_LOOKED_AT: usize = 30;
/// For how long a mail that was given up is told of, in seconds.
const MAIL_SECONDS: i64 = 7 * 24 * 3600;

/// What needs the creator of a handle.
pub(crate) struct Attention {
    /// The disputes that wait for evidence; the one whose time ends first comes first.
    pub(crate) disputes: Vec<AwaitedDispute>,
    /// The payments that do not match their orders and were not given back.
    pub(crate) quarantined: Vec<UnmatchedPayment>,
    /// The orders of which nobody knows whether they were paid, since Stripe told of them and does not show them.
    pub(crate) unread: Vec<UnreadOrder>,
    /// The second payments that are held until the creator decides.
    pub(crate) held: Vec<HeldPayment>,
    /// The refunds that failed and whose money is still to be given back.
    pub(crate) failed: Vec<FailedRefund>,
    /// The mails that were given up lately, newest first.
    pub(crate) dead_mails: Vec<LoggedMail>,
}

/// A dispute that waits for the creator's answer.
pub(crate) struct AwaitedDispute {
    pub(crate) dispute: Dispute,
    /// Whether the handle is still connected to the account that received the payment.
    pub(crate) is_connected: bool,
}

/// A payment that does not match its order.
pub(crate) struct UnmatchedPayment {
    pub(crate) payment: UnfinishedPayment,
    /// Whether a bank disputes it, which is not decided yet.
    pub(crate) is_disputed: bool,
}

impl Attention {
    /// Returns what needs the creator of a handle: of disputes and payments at most `most` of each kind.
    pub(crate) async fn read(
        http: &Http,
        creator: &Creator,
        name: &HandleName,
        most: usize,
    ) -> Result<Self, Problem> {
        let reports = &http.use_cases.reports;
        let disputes = disputes(http, creator, name, most).await?;
        let quarantined = quarantined(http, creator, name, most).await?;
        let mut unread = reports.unread_orders(creator, name).await?;
        unread.truncate(most);
        let mut held = reports.held_payments(creator, name).await?;
        held.truncate(most);
        let mut failed = reports.failed_refunds(creator, name).await?;
        failed.truncate(most);
        let since = plus_seconds(http.clock.now(), -MAIL_SECONDS);
        let dead_mails = reports.dead_mails(creator, name, since, MAX_DEAD).await?;
        Ok(Self { disputes, quarantined, unread, held, failed, dead_mails })
    }
}

async fn disputes(
    http: &Http,
    creator: &Creator,
    name: &HandleName,
    most: usize,
) -> Result<Vec<AwaitedDispute>, Problem> {
    let (reports, cases) = (&http.use_cases.reports, &http.use_cases.dispute_cases);
    let waiting = reports.awaited_disputes(creator, name).await?;
    let mut found = Vec::new();
    for dispute in waiting.into_iter().take(most) {
        let is_connected = cases.is_connected(creator, name, dispute.purchase_id).await?;
        found.push(AwaitedDispute { dispute, is_connected });
    }
    Ok(found)
}

async fn quarantined(
    http: &Http,
    creator: &Creator,
    name: &HandleName,
    most: usize,
) -> Result<Vec<UnmatchedPayment>, Problem> {
    let reports = &http.use_cases.reports;
    let unfinished = reports.unfinished_payments(creator, name, SaleQuery::default()).await?;
    let held = unfinished.into_iter().filter(|one| one.status == ReportedStatus::Quarantined);
    let mut found = Vec::new();
    for one in held.take(MAX_LOOKED_AT) {
        let page = Target::Page(one.slug.clone());
        let explained = reports.explain(creator, name, page, one.email.clone()).await?;
        if has_quarantined(&explained) {
            found.push(UnmatchedPayment { payment: one, is_disputed: is_disputed(&explained) });
        }
    }
    found.truncate(most);
    Ok(found)
}

/// Returns whether a payment for the page is still to be given back, or to be matched with its order.
fn has_quarantined(explained: &Explanation) -> bool {
    let of_kind = |kind: FactKind| explained.facts.iter().filter(move |fact| fact.kind == kind);
    of_kind(FactKind::PaymentQuarantined).any(|held| {
        of_kind(FactKind::QuarantineRefunded).all(|refunded| refunded.reference != held.reference)
    })
}

/// Returns whether a dispute about a payment for the page that made no purchase is not decided yet.
fn is_disputed(explained: &Explanation) -> bool {
    let of_kind = |kind: FactKind| {
        let facts = explained.facts.iter().filter(move |fact| fact.kind == kind);
        facts.filter(|fact| fact.subject.purchase_id.is_none())
    };
    of_kind(FactKind::Disputed).any(|opened| {
        let mut decided = of_kind(FactKind::DisputeWon).chain(of_kind(FactKind::DisputeLost));
        decided.all(|fact| fact.reference != opened.reference)
    })
}
