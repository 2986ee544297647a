//! What the people of a history were told, which the store and the provider have to bear out.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use tollgate_domain::{
    id::{CheckoutId, PurchaseId, VisitorId},
    names::Slug,
    payments::{AccountId, CheckoutSessionId, DisputeId, ProviderRefundId},
    token::Token,
};
use tollgate_domain_testing::Call;

use crate::history::{PEOPLE, PageNo, Who};

/// Something that operations change. Its value is in doubt while one is under way, after one whose outcome
/// nobody learnt, and after several at once.
#[derive(Debug, Clone)]
pub(crate) struct Known<T> {
    value: Option<T>,
    under_way: Arc<()>,
    begun: u64,
}

/// An operation that changes a [`Known`] value.
#[derive(Debug)]
pub(crate) struct Attempt<T> {
    before: Option<T>,
    number: u64,
    is_alone: bool,
    /// Dropped with the operation, also when its process dies.
    under_way: Arc<()>,
}

impl<T: Clone> Known<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Some(value), under_way: Arc::default(), begun: 0 }
    }

    /// The value, unless it is in doubt.
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Begins an operation that may change the value.
    pub(crate) fn begin(&mut self) -> Attempt<T> {
        self.begun += 1;
        Attempt {
            before: self.value.take(),
            number: self.begun,
            is_alone: Arc::strong_count(&self.under_way) == 1,
            under_way: self.under_way.clone(),
        }
    }

    /// Notes the value after an operation.
    pub(crate) fn end(&mut self, attempt: Attempt<T>, value: T) {
        let Attempt { number, is_alone, under_way, .. } = attempt;
        drop(under_way);
        if is_alone && number == self.begun {
            self.value = Some(value);
        }
    }

    /// Notes that an operation changed nothing.
    pub(crate) fn end_unchanged(&mut self, attempt: Attempt<T>) {
        if let Some(before) = attempt.before.clone() {
            self.end(attempt, before);
        }
    }
}

/// A session of a visitor.
#[derive(Debug, Clone)]
pub(crate) struct SessionModel {
    pub(crate) token: Token,
    pub(crate) is_alive: Known<bool>,
}

/// A magic link, by the hash of its token.
#[derive(Debug, Clone, Default)]
pub(crate) struct LinkModel {
    /// The sessions that it made.
    pub(crate) sessions: BTreeSet<[u8; 32]>,
    /// Whether it, or another of its address, is known to have been redeemed.
    pub(crate) is_spent: bool,
    /// What the confirmation page of one browser sends along.
    pub(crate) nonce: Option<Token>,
    /// How many wrong codes were refused while its mail was the newest. If a newer link was stored already, they count
    /// for that one, and the code of this one is not accepted any more.
    pub(crate) wrong_codes: u32,
}

/// A visitor and the visitor's browser.
#[derive(Debug, Clone, Default)]
pub(crate) struct PersonModel {
    pub(crate) sessions: Vec<SessionModel>,
    /// The session in the browser's cookie.
    pub(crate) cookie: Option<usize>,
    pub(crate) links: BTreeMap<[u8; 32], LinkModel>,
    /// How many links were asked for.
    pub(crate) requests: u64,
    /// How many links are known to be asked for, so that their mails have to come.
    pub(crate) accepted_requests: u64,
}

/// A pay page that a visitor was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayPage {
    pub(crate) who: Who,
    pub(crate) page: PageNo,
    pub(crate) checkout: CheckoutId,
    pub(crate) session: CheckoutSessionId,
    pub(crate) expires_at: Timestamp,
}

/// A group buy.
#[derive(Debug, Clone)]
pub(crate) struct GroupModel {
    pub(crate) slug: Slug,
    pub(crate) interests: Vec<Known<Option<i64>>>,
    /// Who was committed at activation with which quantity, once it is known to be activated.
    pub(crate) committed: Option<BTreeMap<VisitorId, i64>>,
}

impl GroupModel {
    pub(crate) fn new(slug: Slug) -> Self {
        Self { slug, interests: vec![Known::new(None); PEOPLE], committed: None }
    }
}

/// A visitor's change of address at a shop.
#[derive(Debug, Clone, Default)]
pub(crate) struct MoveModel {
    /// Whether its creator has asked for it.
    pub(crate) is_asked: bool,
    /// Whether the visitor has begun to confirm it, so that it may have happened.
    pub(crate) is_begun: bool,
    /// Whether it is known to have happened.
    pub(crate) is_done: bool,
    /// The orders whose pay pages the visitor had when the confirmation began.
    pub(crate) orders: BTreeSet<CheckoutId>,
}

/// A refund that was asked for under an idempotency key.
#[derive(Debug, Clone)]
pub(crate) struct KeyedRefund {
    pub(crate) key: String,
    pub(crate) refund: Option<ProviderRefundId>,
    /// Shared by the presses under this key that have no answer yet.
    pub(crate) under_way: Arc<()>,
}

/// Everything that the people were told.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) people: Vec<PersonModel>,
    pub(crate) pay_pages: Vec<PayPage>,
    pub(crate) gifts: BTreeMap<(Who, PageNo), Known<Option<PurchaseId>>>,
    pub(crate) groups: Vec<GroupModel>,
    pub(crate) refunds: BTreeMap<(Who, PageNo), KeyedRefund>,
    pub(crate) refund_requests: u32,
    /// The changes of address of visitors at shops.
    pub(crate) moves: BTreeMap<(Who, usize), MoveModel>,
    /// The visitors and pages with a dispute or a failed refund, which give access back.
    pub(crate) restored: BTreeSet<(Who, PageNo)>,
    /// The disputes that turned after they were decided, or ended undecided. One that is read within minutes of that is told
    /// from what was read before by the next sweep.
    pub(crate) turned: BTreeSet<DisputeId>,
    /// The disputes that ended undecided, which nothing follows.
    pub(crate) prevented: BTreeSet<DisputeId>,
    /// The disputes that there were when a refund to a visitor for a page was refused because of one.
    pub(crate) refused_as_disputed: BTreeMap<(Who, PageNo), BTreeSet<DisputeId>>,
    /// The newest event about each of the provider's objects.
    pub(crate) newest_events: BTreeMap<String, String>,
    pub(crate) answered_events: BTreeSet<String>,
    /// How many errors the provider was made to keep.
    pub(crate) kept_errors: BTreeMap<Call, u32>,
    /// The pages that were open without payment for a while.
    pub(crate) was_free: BTreeSet<PageNo>,
    /// Whether each shop has second payments held.
    pub(crate) holds: BTreeMap<usize, Known<bool>>,
    /// The shops of which it is known that they have second payments held, and since when.
    pub(crate) held_since: BTreeMap<usize, Timestamp>,
    /// The shops whose balance does not cover refunds.
    pub(crate) without_balance: BTreeSet<usize>,
    /// The shops whose account cannot take payments.
    pub(crate) restricted: BTreeSet<usize>,
    /// The accounts that the platform had no access to for a while.
    pub(crate) was_out_of_reach: BTreeSet<AccountId>,
    /// The account of each shop that can be reached, and therefore has to stay connected.
    pub(crate) kept_accounts: BTreeMap<usize, AccountId>,
    /// Whether the provider did not find something that it has.
    pub(crate) had_not_found: bool,
    /// How long the operations under way have been, in seconds.
    pub(crate) under_way_seconds: i64,
    /// How much time has passed, in seconds.
    pub(crate) passed_seconds: i64,
}

impl Model {
    /// The gift of a page to a visitor.
    pub(crate) fn gift(&mut self, who: Who, page: PageNo) -> &mut Known<Option<PurchaseId>> {
        self.gifts.entry((who, page)).or_insert_with(|| Known::new(None))
    }

    /// Whether a shop has second payments held.
    pub(crate) fn holds(&mut self, shop: usize) -> &mut Known<bool> {
        self.holds.entry(shop).or_insert_with(|| Known::new(false))
    }

    /// The interest of a visitor in a group buy.
    pub(crate) fn interest(&mut self, group: usize, who: Who) -> Option<&mut Known<Option<i64>>> {
        self.groups.get_mut(group)?.interests.get_mut(who)
    }
}
