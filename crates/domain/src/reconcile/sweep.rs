//! Sweeps: comparing what is stored about each connected account with what the provider has, so that nothing
//! is lost when webhooks are.
//!
//! A sweep reads lists, and applies only what differs. Sessions come first, so that the payments of all purchases are
//! known when refunds and disputes are compared: those of other payments are not about anything of ours. In an account where everything was learnt it writes
//! nothing but the time of the sweep.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::{
    ProviderUpdate, ProviderUpdates,
    ports::{SweepReads, SweptAccount},
};
use crate::{
    access::FactKind,
    checkout::{Applied, CheckoutOrder, Fulfilment, FulfilmentError, OrderStatus},
    clock::plus_seconds,
    id::HandleId,
    names::HandleName,
    opaque_debug::opaque_debug,
    payments::{
        AccountId, DisputeProgress, DisputeState, PaymentIntentId, Payments, PaymentsError,
        ProviderPage, RefundProgress, RefundState, Refusal, SessionProgress, SessionState,
    },
    store::Runtime,
    store_error::StoreError,
};

const DAY: i64 = 24 * 3600;
/// How far before the last sweep sessions are listed again, in seconds. A session lives for a day; payments
/// that take longer are read one by one.
const SESSIONS_SECONDS: i64 = 3 * DAY;
/// The same for refunds, which may fail weeks after they were accepted.
const REFUNDS_SECONDS: i64 = 30 * DAY;
/// The same for disputes. Those that are open are read one by one as well.
const DISPUTES_SECONDS: i64 = 30 * DAY;
/// The most objects that are left out since the provider did not show them, before the sweep ends: the provider may
/// be down.
const MAX_UNANSWERED: u32 = 3;
/// An order without a session is left to the request that opens it for this long, in seconds.
const OPENING_SECONDS: i64 = 120;

/// What a sweep is to do.
#[derive(Debug, Clone, Default)]
pub struct SweepRequest {
    /// Only the account of this handle.
    pub handle: Option<HandleName>,
    /// Lists everything from this instant on, and not only from some time before the last sweep.
    pub since: Option<Timestamp>,
    /// Reports what differs and changes nothing.
    pub dry_run: bool,
}

/// The kind of a difference between what is stored and what the provider has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingKind {
    /// What the account can do.
    Account,
    /// A checkout session, such as one that was paid.
    Session,
    /// A session that can still be paid although its order is closed.
    LeftOpen,
    /// An order whose session was opened, and the answer was lost.
    LostAnswer,
    /// A refund.
    Refund,
    /// A dispute.
    Dispute,
}

impl FindingKind {
    /// Returns the word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Session => "session",
            Self::LeftOpen => "left_open",
            Self::LostAnswer => "lost_answer",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
        }
    }
}

/// A difference that a sweep found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The kind of the difference.
    pub kind: FindingKind,
    /// The provider's id of the object, or the order's.
    pub id: String,
    /// Whether it was mended; `false` in a dry run, or if mending failed.
    pub is_mended: bool,
}

/// What a sweep of one account came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepOutcome {
    /// The account.
    pub account: AccountId,
    /// The handle that it is or was connected to.
    pub handle: HandleName,
    /// How many sessions, refunds and disputes were looked at.
    pub looked_at: u64,
    /// What differed.
    pub findings: Vec<Finding>,
    /// Why the sweep ended early or left something out, if it did. The next one starts where this one did.
    pub error: Option<String>,
}

/// Sweeps connected accounts.
#[derive(Clone)]
pub struct Reconciler {
    runtime: Runtime,
    reads: Arc<dyn SweepReads>,
    payments: Arc<dyn Payments>,
    updates: ProviderUpdates,
    fulfilment: Fulfilment,
}

/// A sweep of one account under way.
struct Sweep<'a> {
    on: &'a Reconciler,
    account: &'a SweptAccount,
    dry_run: bool,
    looked_at: u64,
    findings: Vec<Finding>,
    /// Why the first object was left out, if one was.
    left_out: Option<String>,
    /// How many objects the provider did not show.
    unanswered: u32,
    /// The payments that a dry run found, which would make purchases.
    expected: Vec<PaymentIntentId>,
}

impl Reconciler {
    /// Creates the use case.
    pub fn new(
        runtime: Runtime,
        reads: Arc<dyn SweepReads>,
        payments: Arc<dyn Payments>,
        updates: ProviderUpdates,
        fulfilment: Fulfilment,
    ) -> Self {
        Self { runtime, reads, payments, updates, fulfilment }
    }

    /// Returns the accounts that a request is about, in the order in which they are swept.
    pub async fn accounts(&self, request: &SweepRequest) -> Result<Vec<SweptAccount>, StoreError> {
        let mut accounts = self.reads.accounts_to_sweep().await?;
        accounts.retain(|account| request.handle.as_ref().is_none_or(|h| *h == account.handle));
        Ok(accounts)
    }

    /// Returns when the last complete sweep of a handle's account began.
    pub async fn last_sweep(&self, handle: HandleId) -> Result<Option<Timestamp>, StoreError> {
        self.reads.swept_at(handle).await
    }

    /// Sweeps all accounts, one after the other. An account that fails does not keep the others from
    /// being swept.
    pub async fn sweep_all(&self) -> Result<(), StoreError> {
        let request = SweepRequest::default();
        for account in self.accounts(&request).await? {
            let outcome = self.sweep(&account, &request).await;
            if let Some(error) = &outcome.error {
                tracing::warn!(account = %outcome.account, error, "a sweep was not complete");
            }
            if !outcome.findings.is_empty() {
                let count = outcome.findings.len();
                tracing::warn!(account = %outcome.account, count, "a sweep found differences");
            }
        }
        Ok(())
    }

    /// Sweeps one account.
    pub async fn sweep(&self, account: &SweptAccount, request: &SweepRequest) -> SweepOutcome {
        let started = self.runtime.now();
        let dry_run = request.dry_run;
        let mut sweep = Sweep {
            on: self,
            account,
            dry_run,
            looked_at: 0,
            findings: Vec::new(),
            left_out: None,
            unanswered: 0,
            expected: Vec::new(),
        };
        let swept = sweep.run(request.since, started).await;
        let mut error = swept.as_ref().err().map(ToString::to_string).or(sweep.left_out.take());
        if let (Ok(true), None, false) = (&swept, &error, dry_run) {
            error = self.note(&account.account, started).await.err().map(|it| it.to_string());
        }
        SweepOutcome {
            account: account.account.clone(),
            handle: account.handle.clone(),
            looked_at: sweep.looked_at,
            findings: sweep.findings,
            error,
        }
    }

    async fn note(&self, account: &AccountId, at: Timestamp) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        unit.sweeps().swept(account, at).await?;
        unit.commit().await
    }
}

impl Sweep<'_> {
    /// Compares everything of the account. Returns `false` if the platform has no access to it.
    async fn run(
        &mut self,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool, FulfilmentError> {
        let account = self.account;
        let from = |overlap: i64| {
            let last =
                account.swept_at.map_or(account.connected_at, |at| plus_seconds(at, -overlap));
            since.unwrap_or(last)
        };
        if !self.account_state().await? {
            return Ok(false);
        }
        self.lost_answers(now).await?;
        self.sessions(from(SESSIONS_SECONDS)).await?;
        self.slow_payments().await?;
        self.refunds(from(REFUNDS_SECONDS)).await?;
        self.disputes(from(DISPUTES_SECONDS)).await?;
        self.open_disputes().await?;
        Ok(true)
    }

    /// Compares the account's capabilities. Returns `false` if the platform has no access to it.
    async fn account_state(&mut self) -> Result<bool, FulfilmentError> {
        let id = &self.account.account;
        match self.on.payments.account(id).await {
            Ok(told) if !self.account.is_connected => {
                // Whether the handle has another account by now is known when it is tried.
                if !self.dry_run {
                    let update = ProviderUpdate::Reauthorized(told.state);
                    self.found(FindingKind::Account, id.to_string(), update).await?;
                }
                Ok(true)
            }
            Ok(told) if told.state == self.account.state => Ok(true),
            Ok(told) => {
                let update = ProviderUpdate::Account(told.state);
                self.found(FindingKind::Account, id.to_string(), update).await?;
                Ok(true)
            }
            Err(PaymentsError::Refused {
                refusal: Refusal::NotFound | Refusal::AccountDisconnected,
                ..
            }) => {
                if self.account.is_connected {
                    let update = ProviderUpdate::Deauthorized;
                    self.found(FindingKind::Account, id.to_string(), update).await?;
                }
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Finds the sessions of orders whose opening was never answered.
    async fn lost_answers(&mut self, now: Timestamp) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        let before = plus_seconds(now, -OPENING_SECONDS);
        for order in self.on.reads.orders_without_session(account, before).await? {
            self.looked_at += 1;
            let (payments, id) = (&self.on.payments, order.id);
            let opened = match payments.find_checkout(account, id, order.created_at).await {
                Ok(Some(opened)) => opened,
                Ok(None) => {
                    self.give_up(&order, now).await?;
                    continue;
                }
                Err(error) => {
                    self.leave_out(FindingKind::LostAnswer, id.to_string(), error.into())?;
                    continue;
                }
            };
            let mut is_mended = false;
            if !self.dry_run {
                let mut unit = self.on.runtime.begin().await?;
                is_mended = unit.checkout_orders().opened(id, &opened).await?;
                unit.commit().await?;
                self.on.fulfilment.apply_session(account, &opened.session).await?;
            }
            let kind = FindingKind::LostAnswer;
            self.findings.push(Finding { kind, id: id.to_string(), is_mended });
        }
        Ok(())
    }

    /// Gives up an order that has no session and whose time to pay is over, so that it is not looked for again.
    async fn give_up(&self, order: &CheckoutOrder, now: Timestamp) -> Result<(), StoreError> {
        if self.dry_run || now < plus_seconds(order.expires_at, DAY) {
            return Ok(());
        }
        let mut unit = self.on.runtime.begin().await?;
        let from = [OrderStatus::Creating];
        unit.checkout_orders().advance(order.id, &from, OrderStatus::Expired).await?;
        unit.commit().await
    }

    async fn sessions(&mut self, since: Timestamp) -> Result<(), FulfilmentError> {
        let mut after: Option<String> = None;
        loop {
            let account = &self.account.account;
            let page = self.on.payments.checkouts_since(account, since, after.as_deref()).await?;
            let ProviderPage { items, next } = page;
            self.compare_sessions(items).await?;
            let Some(next) = next else { return Ok(()) };
            after = Some(next);
        }
    }

    async fn compare_sessions(
        &mut self,
        sessions: Vec<SessionState>,
    ) -> Result<(), FulfilmentError> {
        let ids: Vec<_> = sessions.iter().filter_map(|session| session.checkout_id).collect();
        let orders = self.on.reads.order_states(&ids).await?;
        let is_stray = |session: &SessionState| {
            let order = orders.iter().find(|order| Some(order.id) == session.checkout_id);
            let own = order.and_then(|order| order.session.as_ref());
            own.is_some_and(|own| *own != session.session)
        };
        // Payments that somebody made in another session with the id of the order. They become no purchase.
        let strays = sessions.iter().filter(|session| is_stray(session));
        let strays = strays.filter(|session| session.progress == SessionProgress::Paid);
        let strays: Vec<_> = strays.map(|session| session.session.to_string()).collect();
        let known = if strays.is_empty() {
            BTreeSet::new()
        } else {
            self.on.reads.known_facts(&strays).await?
        };
        for session in sessions {
            self.looked_at += 1;
            let order = orders.iter().find(|order| Some(order.id) == session.checkout_id);
            // Anyone can write our ids into a session of an account of their own.
            let Some(order) = order.filter(|order| order.account == self.account.account) else {
                continue;
            };
            let id = session.session.to_string();
            if session.progress == SessionProgress::Open {
                let is_closed = order.status == OrderStatus::Closing || !order.status.is_live();
                if is_stray(&session) || (is_closed && order.status != OrderStatus::Paid) {
                    self.close(id, &session).await?;
                }
            } else if is_stray(&session) && session.progress == SessionProgress::Paid {
                if !is_known(&known, &id, &[FactKind::PaymentQuarantined]) {
                    self.found(FindingKind::Session, id, ProviderUpdate::Session(session)).await?;
                }
            } else if differs(order.status, session.progress) {
                self.found_session(id, session).await?;
            }
        }
        Ok(())
    }

    /// Closes a session that can be paid although its order is closed.
    async fn close(&mut self, id: String, session: &SessionState) -> Result<(), FulfilmentError> {
        let mut is_mended = false;
        if !self.dry_run {
            let fulfilment = &self.on.fulfilment;
            match fulfilment.close_session(&self.account.account, &session.session).await {
                Ok(_) => is_mended = true,
                // Other sessions, refunds and disputes do not wait for this one.
                Err(FulfilmentError::Payments(error)) => {
                    tracing::warn!(session = id, %error, "a session could not be closed");
                }
                Err(error) => return Err(error),
            }
        }
        self.findings.push(Finding { kind: FindingKind::LeftOpen, id, is_mended });
        Ok(())
    }

    /// Reads the payments that are being processed, which may take longer than the list goes back.
    async fn slow_payments(&mut self) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        for order in self.on.reads.pending_orders_at(account).await? {
            let Some(opened) = &order.opened else { continue };
            self.looked_at += 1;
            let id = opened.session.to_string();
            match self.on.payments.checkout(account, &opened.session).await {
                Ok(state) if differs(order.status, state.progress) => {
                    self.found_session(id, state).await?;
                }
                Ok(_) => {}
                Err(error) => self.leave_out(FindingKind::Session, id, error.into())?,
            }
        }
        Ok(())
    }

    /// Notes a session of an order that differs, and applies it.
    async fn found_session(
        &mut self,
        id: String,
        session: SessionState,
    ) -> Result<(), FulfilmentError> {
        if self.dry_run && session.progress == SessionProgress::Paid {
            self.expected.extend(session.payment_intent.clone());
        }
        self.found(FindingKind::Session, id, ProviderUpdate::Session(session)).await
    }

    /// Returns which of these payments made a purchase, or would have but for a dry run.
    async fn ours(
        &self,
        payments: Vec<PaymentIntentId>,
    ) -> Result<Vec<PaymentIntentId>, StoreError> {
        let mut ours = self.on.reads.known_payments(&self.account.account, &payments).await?;
        ours.extend(self.expected.iter().cloned());
        Ok(ours)
    }

    async fn refunds(&mut self, since: Timestamp) -> Result<(), FulfilmentError> {
        let mut after: Option<String> = None;
        loop {
            let account = &self.account.account;
            let page = self.on.payments.refunds_since(account, since, after.as_deref()).await?;
            let ids: Vec<_> = page.items.iter().map(|refund| refund.refund.to_string()).collect();
            let known = self.on.reads.known_facts(&ids).await?;
            let payments = page.items.iter().filter_map(|refund| refund.payment_intent.clone());
            let ours = self.ours(payments.collect()).await?;
            for refund in page.items {
                self.looked_at += 1;
                let is_ours = refund.payment_intent.as_ref().is_some_and(|it| ours.contains(it));
                if is_ours && !is_known(&known, refund.refund.as_str(), refund_facts(&refund)) {
                    let id = refund.refund.to_string();
                    let update = ProviderUpdate::Refunds(vec![refund]);
                    self.found(FindingKind::Refund, id, update).await?;
                }
            }
            let Some(next) = page.next else { return Ok(()) };
            after = Some(next);
        }
    }

    async fn disputes(&mut self, since: Timestamp) -> Result<(), FulfilmentError> {
        let mut after: Option<String> = None;
        loop {
            let account = &self.account.account;
            let page = self.on.payments.disputes_since(account, since, after.as_deref()).await?;
            self.compare_disputes(page.items).await?;
            let Some(next) = page.next else { return Ok(()) };
            after = Some(next);
        }
    }

    async fn compare_disputes(
        &mut self,
        disputes: Vec<DisputeState>,
    ) -> Result<(), FulfilmentError> {
        let ids: Vec<_> = disputes.iter().map(|dispute| dispute.dispute.clone()).collect();
        let references: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let known = self.on.reads.known_facts(&references).await?;
        let stored = self.on.reads.known_disputes(&ids).await?;
        let payments = disputes.iter().filter_map(|dispute| dispute.payment_intent.clone());
        let ours = self.ours(payments.collect()).await?;
        for dispute in disputes {
            self.looked_at += 1;
            // Inquiries have no facts, and a dispute has stages between its facts.
            let is_stored = stored.iter().any(|known| known.is_as(&dispute));
            let facts = dispute_facts(dispute.progress);
            let is_ours = dispute.payment_intent.as_ref().is_some_and(|it| ours.contains(it));
            if is_ours && (!is_stored || !is_known(&known, dispute.dispute.as_str(), facts)) {
                let id = dispute.dispute.to_string();
                let update = ProviderUpdate::Dispute(dispute);
                self.found(FindingKind::Dispute, id, update).await?;
            }
        }
        Ok(())
    }

    /// Reads the disputes that are open here, which may have been decided long after they began.
    async fn open_disputes(&mut self) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        let mut disputes = Vec::new();
        for dispute in self.on.reads.open_disputes_at(account).await? {
            match self.on.payments.dispute(account, &dispute).await {
                Ok(dispute) => disputes.push(dispute),
                Err(error) => {
                    self.leave_out(FindingKind::Dispute, dispute.to_string(), error.into())?;
                }
            }
        }
        self.compare_disputes(disputes).await
    }

    /// Notes a difference, and mends it by applying what the provider has.
    async fn found(
        &mut self,
        kind: FindingKind,
        id: String,
        update: ProviderUpdate,
    ) -> Result<(), FulfilmentError> {
        let mut is_mended = false;
        if !self.dry_run {
            match self.on.updates.apply(&self.account.account, update).await {
                // Not about anything of ours, such as a refund of a payment that Tollgate did not take.
                Ok(Applied::Ignored | Applied::Unchanged) => return Ok(()),
                Ok(Applied::Changed | Applied::Quarantined) => is_mended = true,
                Err(error) => return self.leave_out(kind, id, error),
            }
        }
        self.findings.push(Finding { kind, id, is_mended });
        Ok(())
    }

    /// Leaves out an object that cannot be read or applied, so that the others do not wait for it. Returns the error if
    /// it is about more than the object.
    fn leave_out(
        &mut self,
        kind: FindingKind,
        id: String,
        error: FulfilmentError,
    ) -> Result<(), FulfilmentError> {
        match &error {
            FulfilmentError::Store(_) | FulfilmentError::Mail(_) => return Err(error),
            FulfilmentError::SessionOutOfReach(_)
            | FulfilmentError::Payments(PaymentsError::Refused { .. }) => {}
            // What cannot be understood, or a provider that is down.
            FulfilmentError::Payments(PaymentsError::Unavailable(_) | PaymentsError::Failed(_)) => {
                self.unanswered += 1;
                if self.unanswered > MAX_UNANSWERED {
                    return Err(error);
                }
            }
        }
        tracing::warn!(object = id, %error, "a sweep left something out");
        self.left_out.get_or_insert_with(|| format!("{id} was left out: {error}"));
        self.findings.push(Finding { kind, id, is_mended: false });
        Ok(())
    }
}

/// Returns whether what the provider says of a session is news for an order in this state.
fn differs(status: OrderStatus, progress: SessionProgress) -> bool {
    match progress {
        SessionProgress::Open => false,
        SessionProgress::Pending => OrderStatus::PAYABLE.contains(&status),
        SessionProgress::Paid => !matches!(status, OrderStatus::Paid | OrderStatus::Quarantined),
        SessionProgress::Expired | SessionProgress::Failed => status.is_live(),
    }
}

fn refund_facts(refund: &RefundState) -> &'static [FactKind] {
    match refund.progress {
        RefundProgress::Failed => &[FactKind::RefundAccepted, FactKind::RefundFailed],
        RefundProgress::Pending | RefundProgress::Succeeded => &[FactKind::RefundAccepted],
    }
}

fn dispute_facts(progress: DisputeProgress) -> &'static [FactKind] {
    match progress {
        DisputeProgress::Inquiry => &[],
        DisputeProgress::Open => &[FactKind::Disputed],
        DisputeProgress::Won => &[FactKind::Disputed, FactKind::DisputeWon],
        DisputeProgress::Lost => &[FactKind::Disputed, FactKind::DisputeLost],
    }
}

fn is_known(known: &BTreeSet<(&'static str, String)>, reference: &str, kinds: &[FactKind]) -> bool {
    kinds.iter().all(|kind| known.contains(&(kind.as_str(), reference.to_owned())))
}

opaque_debug!(Reconciler);
