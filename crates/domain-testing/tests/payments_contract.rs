//! The payment provider for tests keeps to the contract.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use async_trait::async_trait;
use tollgate_domain::{
    Timestamp,
    clock::Clock,
    payments::{
        AccountId, AccountState, CheckoutSessionId, DisputeId, DisputeProgress, PaymentIntentId,
        Payments, ProviderRefundId, RefundProgress,
    },
};
use tollgate_domain_testing::{
    Call, FakePayments, Fault, ManualClock,
    contract::payments::{Disputing, Fixture, Paying, Request, Trouble},
};

struct Fake {
    clock: Arc<ManualClock>,
    payments: FakePayments,
}

#[async_trait]
impl Fixture for Fake {
    fn payments(&self) -> &dyn Payments {
        &self.payments
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn advance(&self, seconds: u32) {
        self.clock.advance_seconds(seconds.into());
        self.payments.expire_due();
    }

    async fn activate(&self, account: &AccountId) {
        self.payments.activate(account);
    }

    async fn restrict(&self, account: &AccountId) {
        let state =
            AccountState { charges_enabled: false, payouts_enabled: true, details_submitted: true };
        self.payments.set_account(account, state);
    }

    async fn set_connected(&self, account: &AccountId, connected: bool) {
        if connected {
            self.payments.activate(account);
        } else {
            self.payments.deauthorize(account);
        }
    }

    async fn set_covers_refunds(&self, account: &AccountId, covers: bool) {
        self.payments.set_balance(account, covers);
    }

    async fn pay(&self, session: &CheckoutSessionId, paying: Paying) {
        match paying {
            Paying::Now => {
                self.payments.pay(session).unwrap();
            }
            Paying::Later => {
                self.payments.set_refund_progress(RefundProgress::Pending);
                self.payments.pay_later(session).unwrap();
            }
            Paying::Declined => {}
        }
    }

    async fn complete(&self, session: &CheckoutSessionId, arrives: bool) {
        let payments = &self.payments;
        let is_completed =
            if arrives { payments.apply(session) } else { payments.fail_payment(session) };
        assert!(is_completed, "no money is on its way");
    }

    async fn complete_refund(&self, refund: &ProviderRefundId, arrives: bool) {
        if arrives {
            self.payments.complete_refund(refund);
        } else {
            self.payments.fail_refund(refund);
        }
    }

    async fn refund_elsewhere(&self, _account: &AccountId, payment: &PaymentIntentId, amount: i64) {
        self.payments.refund_in_dashboard(payment, amount).unwrap();
    }

    async fn dispute(&self, payment: &PaymentIntentId, disputing: Disputing) -> DisputeId {
        let Disputing { is_inquiry, part } = disputing;
        let progress = if is_inquiry { DisputeProgress::Inquiry } else { DisputeProgress::Open };
        let dispute = if let Some(part) = part {
            self.payments.dispute_part(payment, part, progress)
        } else {
            self.payments.dispute(payment, progress)
        };
        dispute.unwrap()
    }

    async fn decide(&self, dispute: &DisputeId, is_won: bool) {
        let progress = if is_won { DisputeProgress::Won } else { DisputeProgress::Lost };
        self.payments.decide_dispute(dispute, progress);
    }

    async fn fail_next(&self, request: Request, trouble: Trouble) {
        let call = match request {
            Request::OpenCheckout => Call::OpenCheckout,
            Request::Refund => Call::Refund,
        };
        let fault = match trouble {
            Trouble::LostAnswer => Fault::lost_answer(),
            Trouble::KeptError => Fault::kept_error(),
            Trouble::KeptErrorAfterEffect => Fault::kept_error_after_effect(),
        };
        self.payments.fail_next(call, fault);
    }
}

fn make() -> Ready<Fake> {
    let clock = Arc::new(ManualClock::new());
    ready(Fake { payments: FakePayments::with_clock(clock.clone()), clock })
}

tollgate_domain_testing::payments_contract!(
    #[pollster::test]
    make
);
