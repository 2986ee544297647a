//! What happens at the provider and the mail server, and what is told to fail.

use tollgate_domain::{
    mail::ports::MailError,
    money::Money,
    payments::{DisputeProgress, PaymentsError, RefundProgress, Refusal, SessionProgress},
};
use tollgate_domain_testing::{Call, Fault, SessionRecord};

use crate::{
    history::{CallFault, Op, Paying, Ruling},
    machine::{CommitFault, ReplicaId},
    model::PayPage,
    operations::choose,
    simulation::Simulation,
};

impl Simulation {
    /// Does at once what no operation of a replica does.
    pub(super) fn provide(&mut self, replica: ReplicaId, op: Op) {
        match op {
            Op::Pay { nth, how } => self.pay(nth, how),
            Op::Complete { nth, arrives } => self.complete(nth, arrives),
            Op::RefundInDashboard { nth, percent } => self.refund_in_dashboard(nth, percent),
            Op::FailRefund { nth } => self.fail_refund(nth),
            Op::RefundsWait(true) => self.payments.set_refund_progress(RefundProgress::Pending),
            Op::RefundsWait(false) => self.payments.set_refund_progress(RefundProgress::Succeeded),
            Op::Dispute { nth, percent } => self.dispute(nth, percent, DisputeProgress::Open),
            Op::Inquire { nth } => self.dispute(nth, 100, DisputeProgress::Inquiry),
            Op::Escalate { nth } => self.open_dispute(nth, &[DisputeProgress::Inquiry]),
            Op::Reopen { nth } => {
                self.open_dispute(nth, &[DisputeProgress::Won, DisputeProgress::Lost]);
            }
            Op::Overturn { nth } => self.overturn(nth),
            Op::Prevent { nth } => self.prevent(nth),
            Op::Decide { nth, ruling } => self.decide(nth, ruling),
            Op::Balance { shop, is_sufficient } => self.balance(shop, is_sufficient),
            Op::Restrict { shop, is_restricted } => self.restrict(shop, is_restricted),
            Op::Disconnect { shop } => self.disconnect(shop),
            Op::GiveAccess { shop, nth } => self.give_access(shop, nth),
            Op::Forge { nth, at_own_account } => self.forge(nth, at_own_account),
            Op::LoseEvent { nth } => {
                if let Some(nth) = choose(nth, self.events.len()) {
                    self.events.remove(nth);
                }
            }
            Op::Crash { passes } => self.gates.doom(replica, u32::from(passes)),
            Op::FailCall { call, fault } => self.fail_call(call, fault),
            Op::FailCommit { is_stored } => {
                let fault = if is_stored { CommitFault::LosesAnswer } else { CommitFault::Fails };
                self.gates.fail_commit(replica, fault);
            }
            Op::CutOff(is_cut_off) => self.gates.cut_off(replica, is_cut_off),
            Op::FailMail => self.mailer.fail_next(MailError::Transient("busy".into())),
            _ => {}
        }
    }

    fn pay(&mut self, nth: u8, how: Paying) {
        let pages = self.model.pay_pages.iter();
        let open = pages.filter(|it| self.progress(&it.session) == Some(SessionProgress::Open));
        let open: Vec<_> = open.collect();
        let Some(chosen) = choose(nth, open.len()).and_then(|nth| open.get(nth)) else { return };
        match how {
            Paying::Now => self.payments.pay(&chosen.session),
            Paying::Later => self.payments.pay_later(&chosen.session),
        };
    }

    /// The sessions that Tollgate opened and for which this is true.
    fn ours(&self, is_meant: impl Fn(&SessionRecord) -> bool) -> Vec<SessionRecord> {
        let mut records = self.payments.session_records();
        records.retain(|record| record.email.is_some() && is_meant(record));
        records
    }

    fn complete(&mut self, nth: u8, arrives: bool) {
        let pending = self.ours(|it| it.state.progress == SessionProgress::Pending);
        let Some(chosen) = choose(nth, pending.len()).and_then(|nth| pending.get(nth)) else {
            return;
        };
        if arrives {
            self.payments.apply(&chosen.state.session);
        } else {
            self.payments.fail_payment(&chosen.state.session);
        }
    }

    fn refund_in_dashboard(&mut self, nth: u8, percent: u8) {
        let paid = self.ours(|it| it.state.progress == SessionProgress::Paid);
        let Some(chosen) = choose(nth, paid.len()).and_then(|nth| paid.get(nth)) else { return };
        let Some(payment) = &chosen.state.payment_intent else { return };
        let rest = chosen.state.amount - chosen.refunded();
        // The provider refuses what is too much, which is its own affair.
        let _ = self.payments.refund_in_dashboard(payment, rest * i64::from(percent) / 100);
    }

    fn fail_refund(&mut self, nth: u8) {
        let refunded = self.ours(|it| it.refunded() > 0);
        let Some(chosen) = choose(nth, refunded.len()).and_then(|nth| refunded.get(nth)) else {
            return;
        };
        self.note_restored(chosen);
        if let Some(refund) =
            chosen.refunds.iter().rev().find(|it| it.progress != RefundProgress::Failed)
        {
            self.payments.fail_refund(&refund.refund);
        }
    }

    /// Remembers that a payment may give access back after it was taken.
    fn note_restored(&mut self, record: &SessionRecord) {
        let is_it = |it: &&PayPage| it.session == record.state.session;
        if let Some(it) = self.model.pay_pages.iter().find(is_it) {
            self.model.restored.insert((it.who, it.page));
        }
    }

    /// A bank disputes a payment, or a part of it, that it has not disputed yet, or only asks about it.
    fn dispute(&mut self, nth: u8, percent: u8, progress: DisputeProgress) {
        let paid = self.ours(|it| {
            it.state.progress == SessionProgress::Paid
                && it.disputes.is_empty()
                && it.refunded() < it.state.amount
        });
        let Some(chosen) = choose(nth, paid.len()).and_then(|nth| paid.get(nth)) else { return };
        let Some(payment) = &chosen.state.payment_intent else { return };
        if progress == DisputeProgress::Open {
            self.note_restored(chosen);
        }
        if percent < 100 {
            let part = (chosen.state.amount * i64::from(percent) / 100).max(1);
            self.payments.dispute_part(payment, part, progress);
        } else {
            self.payments.dispute(payment, progress);
        }
    }

    /// The payments with a dispute that has come this far and can still turn.
    fn disputed(&self, from: &[DisputeProgress]) -> Vec<SessionRecord> {
        self.ours(|it| {
            it.refunded() < it.state.amount
                && it.disputes.iter().any(|(dispute, progress)| {
                    from.contains(progress) && !self.model.prevented.contains(dispute)
                })
        })
    }

    /// A dispute that has come this far is opened.
    fn open_dispute(&mut self, nth: u8, from: &[DisputeProgress]) {
        let known = self.disputed(from);
        let Some(chosen) = choose(nth, known.len()).and_then(|nth| known.get(nth)) else { return };
        self.note_restored(chosen);
        for (dispute, progress) in &chosen.disputes {
            if *progress != DisputeProgress::Inquiry {
                self.model.turned.insert(dispute.clone());
            }
            self.payments.decide_dispute(dispute, DisputeProgress::Open);
        }
    }

    /// A dispute that was lost is won after all, without being opened in between.
    fn overturn(&mut self, nth: u8) {
        let lost = self.disputed(&[DisputeProgress::Lost]);
        let Some(chosen) = choose(nth, lost.len()).and_then(|nth| lost.get(nth)) else { return };
        for (dispute, _) in &chosen.disputes {
            self.model.turned.insert(dispute.clone());
            self.payments.decide_dispute(dispute, DisputeProgress::Won);
        }
    }

    /// A dispute, or what a bank asked, ends before it is decided.
    fn prevent(&mut self, nth: u8) {
        let open = self.disputed(&[DisputeProgress::Inquiry, DisputeProgress::Open]);
        let Some(chosen) = choose(nth, open.len()).and_then(|nth| open.get(nth)) else { return };
        for (dispute, _) in &chosen.disputes {
            self.model.turned.insert(dispute.clone());
            self.model.prevented.insert(dispute.clone());
            self.payments.prevent_dispute(dispute);
        }
    }

    fn decide(&mut self, nth: u8, ruling: Ruling) {
        let open = self.ours(|it| it.has_dispute(DisputeProgress::Open));
        let Some(chosen) = choose(nth, open.len()).and_then(|nth| open.get(nth)) else { return };
        let progress = match ruling {
            Ruling::Won => DisputeProgress::Won,
            Ruling::Lost => DisputeProgress::Lost,
        };
        for (dispute, _) in &chosen.disputes {
            self.payments.decide_dispute(dispute, progress);
        }
    }

    /// Has a session paid that names an order, without Tollgate: in another account at the right price, or
    /// in the order's own account for less.
    fn forge(&mut self, nth: u8, at_own_account: bool) {
        let Some(nth) = choose(nth, self.model.pay_pages.len()) else { return };
        let Some(it) = self.model.pay_pages.get(nth).cloned() else { return };
        let records = self.payments.session_records();
        let is_it = |record: &&SessionRecord| record.state.session == it.session;
        let Some(record) = records.iter().find(is_it) else { return };
        let Ok((_, facts)) = self.place(it.page) else { return };
        let other = (0..self.shops.len()).find(|shop| *shop != facts.shop);
        let other = other.and_then(|shop| self.accounts_of(shop).pop());
        let Some(other) = other else { return };
        let ordered = &record.state;
        let Ok(currency) = ordered.currency.parse() else { return };
        let (account, amount) =
            if at_own_account { (record.account.clone(), 50) } else { (other, ordered.amount) };
        let price = Money::new(amount, currency);
        let opened = self.payments.open_elsewhere(&account, it.checkout, facts.id, price);
        self.payments.pay(&opened.session);
    }

    fn fail_call(&mut self, call: Call, fault: CallFault) {
        let not_found = PaymentsError::Refused {
            refusal: Refusal::NotFound,
            message: "no such object, for once".into(),
        };
        let fault = match fault {
            CallFault::LostRequest => Fault::lost_request(),
            CallFault::LostAnswer => Fault::lost_answer(),
            CallFault::Kept500 => Fault::kept_error(),
            CallFault::Kept500AfterEffect => Fault::kept_error_after_effect(),
            CallFault::KeyInUse => Fault::key_in_use(),
            CallFault::NotFoundOnce => {
                self.model.had_not_found = true;
                Fault::BeforeEffect(not_found)
            }
            CallFault::Late => return self.network.delay_next(call),
        };
        if matches!(fault, Fault::KeptBeforeEffect(_) | Fault::KeptAfterEffect(_)) {
            *self.model.kept_errors.entry(call).or_default() += 1;
        }
        self.payments.fail_next(call, fault);
    }
}
