//! Carrying out the steps of a history.

mod accounts;
mod creators;
mod groups;
mod moves;
mod provider;
mod replicas;
mod sales;
mod trespass;
mod visitors;

use crate::{
    history::{NEWEST, Op},
    machine::ReplicaId,
    simulation::{Done, Simulation},
    violation::Violation,
};

/// What the model is told of an outcome.
fn note(
    outcome: impl FnOnce(&mut Simulation, bool) -> Result<(), Violation> + Send + 'static,
) -> Done {
    Box::new(outcome)
}

/// An outcome that the model need not know of.
fn nothing() -> Done {
    note(|_, _| Ok(()))
}

/// Chooses among `count` things, of which the last is the newest; `None` if there are none.
fn choose(nth: u8, count: usize) -> Option<usize> {
    if nth == NEWEST { count.checked_sub(1) } else { usize::from(nth).checked_rem(count) }
}

impl Simulation {
    /// Begins what happens in a step.
    pub(crate) fn apply(&mut self, replica: ReplicaId, op: Op) -> Result<(), Violation> {
        match op {
            Op::RequestLink(who) => self.request_link(replica, who),
            Op::Redeem { who, link, again } => self.redeem(replica, who, link, again),
            Op::EnterCode { who, is_right } => self.enter_code(replica, who, is_right),
            Op::SignOut(who) => self.sign_out(replica, who),
            Op::Look { who, page } => self.look(replica, who, page),
            Op::Start { who, page } => self.start(replica, who, page),
            Op::StartInGroup(who) => self.start_in_group(replica, who),
            Op::Refund { who, page, again } => self.refund(replica, who, page, again),
            Op::Give { who, page } => self.give(replica, who, page),
            Op::TakeBack { who, page } => self.take_back(replica, who, page),
            Op::AskToMove { who, page } => self.ask_to_move(replica, who, page),
            Op::ConfirmMove { who, page } => self.confirm_move(replica, who, page),
            Op::Price { page, amount } => self.price(replica, page, amount),
            Op::Show { page, showing } => self.show(replica, page, showing),
            Op::Trespass { who, page } => self.trespass(replica, who, page),
            Op::Express { who, quantity } => self.express(replica, who, quantity),
            Op::Withdraw(who) => self.withdraw(replica, who),
            Op::Activate => self.activate(replica),
            Op::Cancel => self.cancel(replica),
            Op::NewGroupBuy { target } => self.another_group_buy(replica, target),
            Op::Wait { seconds } => self.wait(seconds),
            Op::Months => self.wait_for_months(),
            other => {
                self.act(replica, other);
                Ok(())
            }
        }
    }

    /// The same for what depends on nothing.
    fn act(&mut self, replica: ReplicaId, op: Op) {
        match op {
            Op::Deliver { nth, is_doubled } => self.deliver(replica, nth, is_doubled),
            Op::ComeBack { nth } => self.complete_return(replica, nth),
            Op::Hold { shop, is_held } => self.hold(replica, shop, is_held),
            Op::Connect { shop } => self.connect(replica, shop),
            Op::Work => self.work(replica),
            Op::Sweep => self.sweep(replica),
            Op::Forget => self.forget(replica),
            other => {
                self.tasks.disturb();
                self.provide(replica, other);
            }
        }
    }
}
