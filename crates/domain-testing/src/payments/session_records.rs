//! What the provider knows of each session: what was paid, refunded and disputed, also if nobody was told.

use super::{
    FakePayments,
    records::{Records, Session},
};
use tollgate_domain::{
    email::Email,
    id::{CheckoutId, HandleId, PageId},
    money::Money,
    payments::{
        AccountId, CheckoutSessionId, DisputeId, DisputeProgress, EventSubject, OpenedSession,
        PaymentIntentId, ProviderRefundId, RefundProgress, RefundState, SessionProgress,
        SessionState,
    },
};

/// A session with everything that happened to its payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The account that the session belongs to.
    pub account: AccountId,
    /// The address that the platform passed on; `None` if the account's owner opened the session without
    /// the platform.
    pub email: Option<Email>,
    /// The current state.
    pub state: SessionState,
    /// The refunds of its payment, oldest first.
    pub refunds: Vec<RefundState>,
    /// The disputes of its payment, oldest first.
    pub disputes: Vec<(DisputeId, DisputeProgress)>,
    /// What lost disputes have taken of its payment, in minor units.
    pub lost: i64,
}

impl SessionRecord {
    /// Returns what was refunded of its payment, without refunds that failed, in minor units.
    pub fn refunded(&self) -> i64 {
        let kept = self.refunds.iter().filter(|refund| refund.progress != RefundProgress::Failed);
        kept.map(|refund| refund.amount).sum()
    }

    /// Returns whether its payment has a dispute in this state.
    pub fn has_dispute(&self, progress: DisputeProgress) -> bool {
        self.disputes.iter().any(|(_, its)| *its == progress)
    }
}

impl FakePayments {
    /// Returns all sessions, oldest first.
    pub fn session_records(&self) -> Vec<SessionRecord> {
        let records = self.records();
        records.sessions.values().map(|session| records.record_of(session)).collect()
    }

    /// Has the owner of an account open a session there without the platform, with any order and page in its
    /// metadata, and nothing to pay it but its address.
    pub fn open_elsewhere(
        &self,
        account: &AccountId,
        checkout: CheckoutId,
        page: PageId,
        price: Money,
    ) -> OpenedSession {
        let mut records = self.records();
        let session = records.next_id("cs", CheckoutSessionId::new);
        let url = format!("https://pay.example/{session}");
        let state = SessionState {
            session: session.clone(),
            checkout_id: Some(checkout),
            page_id: Some(page),
            group_buy_id: None,
            progress: SessionProgress::Open,
            amount: price.amount,
            currency: price.currency.code().to_owned(),
            tax: None,
            payment_intent: None,
            paid_at: None,
            fee: 0,
            success_url: String::new(),
            customer_email: None,
            is_whole: true,
        };
        let opened = Session {
            account: account.clone(),
            created: records.now,
            expires_at: None,
            email: None,
            fee: 0,
            url: url.clone(),
            state,
        };
        records.sessions.insert(session.clone(), opened);
        OpenedSession { session, url }
    }

    /// Sets whether every page of a list is the first one.
    pub fn ignore_cursors(&self, ignores: bool) {
        self.records().ignores_cursors = ignores;
    }

    /// Makes a refund be in another currency than its payment, as no honest provider would.
    pub fn refund_in(&self, refund: &ProviderRefundId, currency: &str) {
        if let Some(it) = self.records().refunds.get_mut(refund) {
            currency.clone_into(&mut it.currency);
        }
    }

    /// Ends a dispute before it is decided, and no money is taken back for it.
    pub fn prevent_dispute(&self, dispute: &DisputeId) {
        let mut records = self.records();
        let Some(it) = records.disputes.get_mut(dispute) else { return };
        it.progress = DisputeProgress::Inquiry;
        it.is_prevented = true;
        let account = it.account.clone();
        records.tell(EventSubject::Dispute, &account, dispute.as_str());
    }

    /// Returns whether the platform has access to an account.
    pub fn is_within_reach(&self, account: &AccountId) -> bool {
        self.records().accounts.contains_key(account)
    }

    /// Returns the accounts that were created for a handle, oldest first, also those that the platform has no access to any more.
    pub fn accounts_of(&self, handle: HandleId) -> Vec<AccountId> {
        let records = self.records();
        let name = handle.to_string();
        let of_it = records.labels.iter().filter(|(_, (label, _))| label.contains(&name));
        of_it.map(|(account, _)| account.clone()).collect()
    }

    /// Ends the open sessions whose time is up. A test that moves the clock calls this.
    pub fn expire_due(&self) {
        let due: Vec<_> = {
            let records = self.records();
            let is_due =
                |session: &&Session| session.expires_at.is_some_and(|at| at <= records.now);
            records.sessions.values().filter(is_due).map(|it| it.state.session.clone()).collect()
        };
        for session in due {
            self.expire(&session);
        }
    }
}

impl Records {
    fn record_of(&self, session: &Session) -> SessionRecord {
        let payment = session.state.payment_intent.as_ref();
        let is_of_it = |of: &PaymentIntentId| Some(of) == payment;
        let refunds = self.refunds.iter().filter(|(_, refund)| is_of_it(&refund.payment));
        let disputes = self.disputes.iter().filter(|(_, dispute)| is_of_it(&dispute.payment));
        let lost = disputes.clone().map(|(_, dispute)| dispute);
        let lost = lost.filter(|dispute| dispute.progress == DisputeProgress::Lost);
        SessionRecord {
            account: session.account.clone(),
            email: session.email.clone(),
            state: session.state.clone(),
            refunds: refunds.map(|(id, refund)| refund.state(id)).collect(),
            disputes: disputes.map(|(id, dispute)| (id.clone(), dispute.progress)).collect(),
            lost: lost.map(|dispute| dispute.part.unwrap_or(session.state.amount)).sum(),
        }
    }
}
