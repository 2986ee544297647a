//! What has to hold: after each step, after the jobs that are left, and after a sweep.

mod access;
mod accounts;
mod mails;
mod moves;
mod payments;
mod received;
mod sessions;

use tollgate_domain::{reconcile::SweepRequest, token::Token};

use crate::{
    history::{PAGES, PEOPLE, PageNo, Step, Who},
    simulation::Simulation,
    violation::{Rule, Violation},
};

/// For how long jobs are done that failed before, in hours: longer than the pauses between two attempts.
const HOURS_OF_WORK: u32 = 9;
const HOUR: i64 = 3600;

/// Every visitor with every page.
fn cases() -> impl Iterator<Item = (Who, PageNo)> {
    (0..PEOPLE).flat_map(|who| (0..PAGES).map(move |page| (who, page)))
}

impl Simulation {
    /// Checks a part of what holds at any time; which part follows from the step.
    pub(crate) fn check_step(&self, step: &Step) -> Result<(), Violation> {
        let draw = usize::try_from(step.salt % 1_000).unwrap_or_default();
        let who = draw % PEOPLE;
        self.check_sessions(step.replica, who)?;
        // Half of everything is about the first page.
        self.check_refund_sums(who, 0)?;
        self.check_refund_sums(who, draw / PEOPLE % PAGES)?;
        if draw.is_multiple_of(8) {
            self.check_group_buy(self.model.groups.len().saturating_sub(1))?;
        }
        Ok(())
    }

    /// Ends the history: the faults stop, the jobs that are left are done, one sweep runs, and everything
    /// is compared.
    pub(crate) fn finish(&mut self, loses_last_events: bool) -> Result<(), Violation> {
        self.gates.heal();
        self.network.heal();
        self.payments.heal();
        self.mailer.heal();
        self.quiet()?;
        for shop in 0..2 {
            self.mend(shop);
        }
        self.collect_messages();
        if !loses_last_events {
            for event in std::mem::take(&mut self.events) {
                self.learn(self.witness.events.receive(&event))?;
                self.model.answered_events.insert(event.id);
            }
        }
        self.check_accounts()?;
        self.do_all_jobs()?;
        self.check_accounts()?;
        self.check_received()?;
        self.sweep_accounts()?;
        self.do_all_jobs()?;
        self.check_all()
    }

    fn do_all_jobs(&mut self) -> Result<(), Violation> {
        for _ in 0..HOURS_OF_WORK {
            self.work_off()?;
            self.pass(HOUR);
            self.collect_messages();
        }
        self.work_off()
    }

    fn sweep_accounts(&self) -> Result<(), Violation> {
        let reconciler = &self.witness.reconciler;
        let request = SweepRequest::default();
        for account in self.learn(reconciler.accounts(&request))? {
            let outcome = self.ask(reconciler.sweep(&account, &request))?;
            let error = outcome.error;
            Rule::UndisturbedSucceeds
                .check(error.is_none(), || format!("a sweep ended early: {error:?}"))?;
        }
        Ok(())
    }

    fn check_all(&mut self) -> Result<(), Violation> {
        for who in 0..PEOPLE {
            self.check_sessions(0, who)?;
        }
        for number in 0..self.model.groups.len() {
            self.check_group_buy(number)?;
        }
        for (who, page) in cases() {
            self.check_payments(who, page)?;
            self.check_open_sessions(who, page)?;
            self.check_access_mails(who, page)?;
        }
        for shop in 0..self.shops.len() {
            self.check_connected(shop)?;
            self.check_sales(shop)?;
            self.check_mails(shop)?;
        }
        self.check_links_were_mailed()?;
        let mut tokens: Vec<Token> = Vec::new();
        for who in 0..PEOPLE {
            let email = self.visitor(who)?.email;
            tokens.push(self.signed_in(&email)?.1);
        }
        for (who, page) in cases() {
            let Some(token) = tokens.get(who) else { continue };
            self.check_access((&self.visitor(who)?, token), who, page)?;
            self.check_can_buy(who, page, token)?;
        }
        for place in (0..PEOPLE).flat_map(|who| [(who, 0), (who, 1)]) {
            self.check_move(place)?;
        }
        self.check_expiry(&tokens)
    }
}
