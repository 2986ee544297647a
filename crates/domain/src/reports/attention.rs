//! What needs a creator now: what waits for an answer, or can only be mended by the creator.

use super::{
    Reports, ReportsError,
    ports::{AwaitedDispute, FailedRefund, HeldPayment, UnmatchedPayment, UnreadOrder},
};
use crate::{
    clock::{DAY_SECONDS, plus_seconds},
    creators::Creator,
    mail::LoggedMail,
    names::HandleName,
};

/// The greatest number of mails that were given up lately.
const MAX_DEAD: u32 = 100;
/// For how long a mail that was given up is told of, in seconds.
const MAIL_SECONDS: i64 = 7 * DAY_SECONDS;

/// What needs the creator of a handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// The disputes and inquiries that wait for the creator's answer and whose time has not ended; the one whose time ends
    /// first comes first. An inquiry about a payment that is refunded in whole waits for none.
    pub disputes: Vec<AwaitedDispute>,
    /// The payments that do not match their orders and were not refunded, newest first.
    pub unmatched: Vec<UnmatchedPayment>,
    /// The orders of which nobody knows whether they were paid, since the provider told of them and does not show them; those
    /// come first that were noted last.
    pub unread: Vec<UnreadOrder>,
    /// The second payments that are held until the creator decides, newest first.
    pub held: Vec<HeldPayment>,
    /// The refunds that failed and whose money is still to be refunded, newest first.
    pub failed: Vec<FailedRefund>,
    /// The mails of the last seven days that were given up, newest first, at most 100.
    pub dead_mails: Vec<LoggedMail>,
}

impl Reports {
    /// Returns what needs the creator of a handle: of disputes and payments at most `most` of each kind, and no more than
    /// [`MAX_OPEN`](super::ports::MAX_OPEN).
    pub async fn attention(
        &self,
        creator: &Creator,
        handle: &HandleName,
        most: u32,
    ) -> Result<Attention, ReportsError> {
        let handle = self.ownership.handle(creator, handle).await?.id;
        let (reads, now) = (&self.reads, self.clock.now());
        let since = plus_seconds(now, -MAIL_SECONDS);
        let dead = reads.dead_mails(handle, since, MAX_DEAD).await?;
        Ok(Attention {
            disputes: first(reads.awaited_disputes(handle, now).await?, most),
            unmatched: reads.quarantined_payments(handle, most).await?,
            unread: first(reads.unread_orders(handle).await?, most),
            held: first(reads.held_payments(handle).await?, most),
            failed: first(reads.failed_refunds(handle).await?, most),
            dead_mails: dead.into_iter().map(LoggedMail::for_creator).collect(),
        })
    }
}

fn first<T>(mut all: Vec<T>, most: u32) -> Vec<T> {
    all.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    all
}
