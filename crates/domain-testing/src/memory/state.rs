//! What a [`super::MemoryStore`] holds.

use std::{cmp::Reverse, collections::BTreeMap, ops::Deref, sync::Arc};

use jiff::Timestamp;

use tollgate_domain::{
    access::{Fact, FactKind, Purchase, Seller},
    activity::{Activity, ActivityKind},
    checkout::{Applied, CheckoutOrder, ConnectedAccount},
    creators::{AccountToken, Creator, CreatorSession, FrontendOrigin, Handle, Page},
    disputes::Dispute,
    email::Email,
    files::{AllowlistEntry, File},
    group_buys::{GroupBuy, Interest},
    id::{
        AllowlistId, CheckoutId, CreatorId, CreatorSessionId, FileId, GroupBuyId, HandleId,
        MagicLinkId, MailId, MoveId, PageId, PurchaseId, RefundId, VisitorId, VisitorSessionId,
    },
    jobs::{Job, Priority},
    language::Language,
    mail::{MailStatus, QueuedMail, Returned},
    moves::AddressMove,
    paging::{Cursor, Listing, PageRequest},
    payments::{AccountId, DisputeId, ProviderEvent, ProviderRefundId},
    refunds::RefundRequest,
    token::TokenHash,
    visitor_auth::{MagicLink, Visitor, VisitorSession},
};

/// Rows by key. A clone costs nothing until one of the two is changed.
#[derive(Clone)]
pub(super) struct Table<K, V>(Arc<BTreeMap<K, V>>);

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    pub(super) fn edit(&mut self) -> &mut BTreeMap<K, V> {
        Arc::make_mut(&mut self.0)
    }
}

/// Returns how many items a limit is.
pub(super) fn at_most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Returns the keys of the `most` rows whose instant comes first, of those whose instant is before `before`, and whether
/// there may be others.
pub(super) fn oldest<K: Clone, V>(
    rows: &BTreeMap<K, V>,
    before: Timestamp,
    most: u32,
    at: impl Fn(&V) -> Option<Timestamp>,
) -> (Vec<K>, bool) {
    let most = at_most(most);
    let old = rows.iter().filter_map(|(key, row)| Some((at(row)?, key)));
    let mut old: Vec<_> = old.filter(|(at, _)| *at < before).collect();
    old.sort_by_key(|(at, _)| *at);
    let are_left = old.len() >= most;
    (old.into_iter().take(most).map(|(_, key)| key.clone()).collect(), are_left)
}

/// Deletes the rows that [`oldest`] returns.
pub(super) fn forget_oldest<K: Ord + Clone, V>(
    rows: &mut BTreeMap<K, V>,
    before: Timestamp,
    most: u32,
    at: impl Fn(&V) -> Option<Timestamp>,
) -> bool {
    let (keys, are_left) = oldest(rows, before, most, at);
    for key in keys {
        rows.remove(&key);
    }
    are_left
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Deref for Table<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// The visitor, the handle, the kind, the subject and the day.
pub(super) type ActivityKey = (VisitorId, HandleId, ActivityKind, String, i64);

#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) visitors: Table<VisitorId, Visitor>,
    pub(super) magic_links: Table<MagicLinkId, MagicLink>,
    pub(super) visitor_sessions: Table<VisitorSessionId, VisitorSessionRow>,
    pub(super) visits: Table<(VisitorId, PageId), Timestamp>,
    pub(super) activity: Table<ActivityKey, Activity>,
    pub(super) disputes: Table<DisputeId, Dispute>,
    pub(super) ledger: Table<(FactKind, String), Fact>,
    pub(super) creators: Table<CreatorId, Creator>,
    pub(super) account_tokens: Table<[u8; 32], AccountToken>,
    pub(super) moves: Table<MoveId, AddressMove>,
    pub(super) languages: Table<Email, Language>,
    pub(super) mail_stops: Table<(HandleId, Email), Timestamp>,
    pub(super) returned_mails: Table<Email, Returned>,
    pub(super) creator_sessions: Table<CreatorSessionId, CreatorSessionRow>,
    pub(super) handles: Table<HandleId, Handle>,
    pub(super) frontend_origins: Table<HandleId, Vec<FrontendOrigin>>,
    pub(super) pages: Table<PageId, Page>,
    pub(super) accounts: Table<AccountId, AccountRow>,
    pub(super) swept: Table<AccountId, Timestamp>,
    /// Where the sweeps of an account go on.
    pub(super) sweep_places: Table<AccountId, String>,
    pub(super) orders: Table<CheckoutId, CheckoutOrder>,
    /// Live orders that moved to a visitor who had another one for the page.
    pub(super) beside: Table<CheckoutId, ()>,
    /// The closed orders whose sessions' ends have to be learnt.
    pub(super) awaited: Table<CheckoutId, ()>,
    pub(super) unread: Table<CheckoutId, UnreadRow>,
    pub(super) purchases: Table<PurchaseId, Purchase>,
    pub(super) sellers: Table<PurchaseId, Seller>,
    /// The orders that led to a purchase.
    pub(super) bought: Table<CheckoutId, PurchaseId>,
    pub(super) refunds: Table<RefundId, RefundRow>,
    pub(super) events: Table<String, EventRow>,
    pub(super) jobs: Table<String, JobRow>,
    pub(super) group_buys: Table<GroupBuyId, GroupBuy>,
    pub(super) interests: Table<(GroupBuyId, VisitorId), Interest>,
    pub(super) mails: Table<MailId, MailRow>,
    pub(super) files: Table<FileId, FileRow>,
    pub(super) allowlist: Table<AllowlistId, AllowlistRow>,
}

#[derive(Clone)]
pub(super) struct VisitorSessionRow {
    pub(super) session: VisitorSession,
    pub(super) revoked_at: Option<Timestamp>,
}

impl VisitorSessionRow {
    pub(super) fn is_alive(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.session.expires_at
    }
}

#[derive(Clone)]
pub(super) struct CreatorSessionRow {
    pub(super) session: CreatorSession,
    pub(super) before: Vec<(TokenHash, Timestamp)>,
    pub(super) revoked_at: Option<Timestamp>,
}

impl CreatorSessionRow {
    pub(super) fn is_alive(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.session.expires_at
    }
}

#[derive(Clone)]
pub(super) struct AccountRow {
    pub(super) account: ConnectedAccount,
    pub(super) disconnected_at: Option<Timestamp>,
    pub(super) refused_at: Option<Timestamp>,
}

/// The note that the session of an order could not be read.
#[derive(Clone)]
pub(super) struct UnreadRow {
    pub(super) noted_at: Timestamp,
    pub(super) is_read: bool,
}

#[derive(Clone)]
pub(super) struct RefundRow {
    pub(super) request: RefundRequest,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) accepted: bool,
    pub(super) refund: Option<ProviderRefundId>,
}

#[derive(Clone)]
pub(super) struct EventRow {
    pub(super) event: ProviderEvent,
    pub(super) outcome: Option<Applied>,
    pub(super) done_at: Option<Timestamp>,
}

#[derive(Clone)]
pub(super) struct JobRow {
    pub(super) job: Job,
    pub(super) due_at: Timestamp,
    pub(super) priority: Priority,
    pub(super) attempts: u32,
    /// Identifies the claim that holds; `None` after the job was enqueued again.
    pub(super) leased_until: Option<Timestamp>,
    pub(super) last_lease: Option<Timestamp>,
    pub(super) lane: Option<String>,
    pub(super) dead_at: Option<Timestamp>,
}

#[derive(Clone)]
pub(super) struct MailRow {
    pub(super) mail: QueuedMail,
    pub(super) attempts: u32,
    pub(super) status: MailStatus,
    pub(super) sent_at: Option<Timestamp>,
    pub(super) last_error: Option<String>,
}

#[derive(Clone)]
pub(super) struct FileRow {
    pub(super) file: File,
    pub(super) state: FileState,
    /// When the lease of its upload ends.
    pub(super) leased_until: Timestamp,
    pub(super) was_complete: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FileState {
    Uploading,
    Ready,
    Retired,
    Gone,
}

impl FileRow {
    /// Whether it holds its slug.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.state, FileState::Uploading | FileState::Ready)
    }

    /// Whether it is an upload that nobody goes on with.
    pub(super) fn is_lapsed(&self, now: Timestamp) -> bool {
        self.state == FileState::Uploading && self.leased_until <= now
    }
}

#[derive(Clone)]
pub(super) struct AllowlistRow {
    pub(super) entry: AllowlistEntry,
    pub(super) removed_at: Option<Timestamp>,
}

impl AllowlistRow {
    pub(super) fn is_live(&self, file: FileId, email: &Email) -> bool {
        self.removed_at.is_none() && self.entry.file_id == file && self.entry.email == *email
    }
}

/// Returns the newest `most` of these by a key, from new to old.
pub(super) fn newest<T, K: Ord>(
    all: impl Iterator<Item = T>,
    most: u32,
    key: impl Fn(&T) -> K,
) -> Vec<T> {
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|it| Reverse(key(it)));
    all.truncate(at_most(most));
    all
}

/// A part of a list that runs from new to old.
pub(super) fn part<T>(
    mut rows: Vec<T>,
    request: &PageRequest,
    cursor: impl Fn(&T) -> Cursor,
) -> Listing<T> {
    let place = |row: &T| {
        let Cursor { at, id } = cursor(row);
        (at, id)
    };
    rows.sort_by_key(|row| Reverse(place(row)));
    if let Some(after) = &request.after {
        rows.retain(|row| place(row) < (after.at, after.id.clone()));
    }
    Listing::cut(rows, request, &cursor)
}
