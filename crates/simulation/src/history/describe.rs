//! Histories in readable lines.

use std::fmt;

use super::{CallFault, History, Op, Paying, Ruling, Showing, Step, Turns};

const NAMES: [&str; 3] = ["Ann", "Ben", "Cem"];
const TITLES: [&str; 3] = ["the guide", "the atlas", "the songs"];

fn name(who: usize) -> &'static str {
    NAMES.get(who).copied().unwrap_or("somebody")
}

fn title(page: usize) -> &'static str {
    TITLES.get(page).copied().unwrap_or("a page")
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, two, three] = self.skews;
        let last = if self.loses_last_events { "lost" } else { "delivered" };
        writeln!(f, "seed {}, clocks off by {one}, {two} and {three} ms,", self.seed)?;
        writeln!(f, "the events that are on their way at the end are {last}:")?;
        for (number, step) in self.steps.iter().enumerate() {
            writeln!(f, "{number:3}. {step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.op.is_of_a_replica() {
            write!(f, "replica {}: ", self.replica)?;
        }
        write!(f, "{}", self.op)?;
        match self.turns {
            Turns::UntilQuiet => Ok(()),
            Turns::Some(turns) => write!(f, "  ({turns} turns)"),
        }
    }
}

/// Who does an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Actor {
    Visitor,
    Creator,
    Replica,
    /// The provider, a bank, the mail server, somebody at a pay page, or time.
    Outside,
}

impl Op {
    /// Whether a replica does it, or it happens to a replica.
    fn is_of_a_replica(self) -> bool {
        self.actor() != Actor::Outside
    }

    fn actor(self) -> Actor {
        match self {
            Self::RequestLink(_)
            | Self::Redeem { .. }
            | Self::EnterCode { .. }
            | Self::SignOut(_)
            | Self::Look { .. }
            | Self::Start { .. }
            | Self::StartInGroup(_)
            | Self::ComeBack { .. }
            | Self::Express { .. }
            | Self::Withdraw(_)
            | Self::ConfirmMove { .. } => Actor::Visitor,
            Self::Activate
            | Self::Cancel
            | Self::NewGroupBuy { .. }
            | Self::Refund { .. }
            | Self::Give { .. }
            | Self::TakeBack { .. }
            | Self::AskToMove { .. }
            | Self::Price { .. }
            | Self::Show { .. }
            | Self::Hold { .. }
            | Self::Trespass { .. }
            | Self::Connect { .. } => Actor::Creator,
            Self::Deliver { .. }
            | Self::Work
            | Self::Sweep
            | Self::Forget
            | Self::Crash { .. }
            | Self::FailCommit { .. }
            | Self::CutOff(_) => Actor::Replica,
            Self::Pay { .. }
            | Self::Complete { .. }
            | Self::RefundInDashboard { .. }
            | Self::FailRefund { .. }
            | Self::RefundsWait(_)
            | Self::Dispute { .. }
            | Self::Inquire { .. }
            | Self::Escalate { .. }
            | Self::Reopen { .. }
            | Self::Overturn { .. }
            | Self::Prevent { .. }
            | Self::Decide { .. }
            | Self::Balance { .. }
            | Self::Restrict { .. }
            | Self::Disconnect { .. }
            | Self::GiveAccess { .. }
            | Self::Forge { .. }
            | Self::LoseEvent { .. }
            | Self::FailCall { .. }
            | Self::FailMail
            | Self::Wait { .. }
            | Self::Months => Actor::Outside,
        }
    }

    // An operation of another's is written as it is in the program.

    fn of_visitor(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RequestLink(who) => write!(f, "{} asks for a link", name(who)),
            Self::Redeem { who, link, again } => {
                let again = if again { ", in a browser that may repeat it" } else { "" };
                write!(f, "{} redeems link {link}{again}", name(who))
            }
            Self::EnterCode { who, is_right } => {
                let which = if is_right { "the newest" } else { "a wrong" };
                write!(f, "{} types {which} code", name(who))
            }
            Self::SignOut(who) => write!(f, "{} signs out", name(who)),
            Self::Look { who, page } => write!(f, "{} opens {}", name(who), title(page)),
            Self::Start { who, page } => {
                write!(f, "{} asks for a pay page of {}", name(who), title(page))
            }
            Self::StartInGroup(who) => {
                write!(f, "{} asks for a pay page at the group price", name(who))
            }
            Self::ComeBack { nth } => write!(f, "the visitor returns from pay page {nth}"),
            Self::Express { who, quantity } => {
                write!(f, "{} joins the group buy with {quantity}", name(who))
            }
            Self::Withdraw(who) => write!(f, "{} leaves the group buy", name(who)),
            Self::ConfirmMove { who, page } => {
                write!(
                    f,
                    "{} confirms another address to the creator of {}",
                    name(who),
                    title(page)
                )
            }
            other => fmt::Debug::fmt(&other, f),
        }
    }

    fn of_creator(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activate => f.write_str("the creator activates the group buy"),
            Self::Cancel => f.write_str("the creator cancels the group buy"),
            Self::NewGroupBuy { target } => {
                write!(f, "the creator begins a group buy for {target}")
            }
            Self::Refund { who, page, again } => {
                let again = if again { ", under the key of the time before" } else { "" };
                write!(f, "the creator refunds {} to {}{again}", title(page), name(who))
            }
            Self::Give { who, page } => {
                write!(f, "the creator gives {} to {}", title(page), name(who))
            }
            Self::TakeBack { who, page } => {
                write!(f, "the creator takes {} back from {}", title(page), name(who))
            }
            Self::AskToMove { who, page } => {
                write!(f, "the creator of {} asks {} for another address", title(page), name(who))
            }
            Self::Price { page, amount } => {
                write!(f, "the creator sets the price of {} to {amount}", title(page))
            }
            Self::Show { page, showing } => {
                let showing = match showing {
                    Showing::OnSale => "puts on sale",
                    Showing::Archived => "archives",
                    Showing::Public => "opens to everybody",
                    Showing::FreeWithLogin => "opens to visitors",
                };
                write!(f, "the creator {showing} {}", title(page))
            }
            Self::Hold { shop, is_held: true } => {
                write!(f, "the creator of shop {shop} has second payments held")
            }
            Self::Hold { shop, is_held: false } => {
                write!(f, "the creator of shop {shop} has second payments refunded")
            }
            Self::Trespass { who, page } => {
                write!(f, "another creator tries to act on {} and {}", title(page), name(who))
            }
            Self::Connect { shop } => write!(f, "the creator of shop {shop} connects an account"),
            other => fmt::Debug::fmt(&other, f),
        }
    }

    fn of_replica(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deliver { nth, is_doubled } => {
                let twice = if is_doubled { ", and will come again" } else { "" };
                write!(f, "event {nth} is delivered{twice}")
            }
            Self::Work => f.write_str("does the job that comes first"),
            Self::Sweep => f.write_str("sweeps the accounts"),
            Self::Forget => f.write_str("forgets what has expired"),
            Self::Crash { passes } => write!(f, "dies after {passes} gates, and starts again"),
            Self::FailCommit { is_stored: false } => f.write_str("its next commit fails"),
            Self::FailCommit { is_stored: true } => {
                f.write_str("the answer to its next commit is lost")
            }
            Self::CutOff(true) => f.write_str("loses its connection to the database"),
            Self::CutOff(false) => f.write_str("reaches the database again"),
            other => fmt::Debug::fmt(&other, f),
        }
    }

    fn of_outside(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pay { nth, how: Paying::Now } => write!(f, "pay page {nth} is paid"),
            Self::Pay { nth, how: Paying::Later } => {
                write!(f, "pay page {nth} is completed, and the money takes days")
            }
            Self::Complete { nth, arrives } => {
                let outcome = if arrives { "arrives" } else { "does not arrive" };
                write!(f, "the money on its way, number {nth}, {outcome}")
            }
            Self::RefundInDashboard { nth, percent } => {
                write!(f, "{percent} % of payment {nth} is refunded in the dashboard")
            }
            Self::FailRefund { nth } => write!(f, "refund {nth} fails"),
            Self::RefundsWait(true) => f.write_str("refunds wait for their buyers from now on"),
            Self::RefundsWait(false) => f.write_str("refunds arrive at once from now on"),
            Self::Dispute { nth, percent } => {
                write!(f, "{percent} % of payment {nth} is disputed")
            }
            Self::Inquire { nth } => write!(f, "a bank asks about payment {nth}"),
            Self::Escalate { nth } => write!(f, "inquiry {nth} becomes a dispute"),
            Self::Reopen { nth } => write!(f, "decided dispute {nth} is opened again"),
            Self::Overturn { nth } => write!(f, "lost dispute {nth} is won after all"),
            Self::Prevent { nth } => write!(f, "dispute {nth} ends undecided"),
            Self::Decide { nth, ruling: Ruling::Won } => write!(f, "dispute {nth} is won"),
            Self::Decide { nth, ruling: Ruling::Lost } => write!(f, "dispute {nth} is lost"),
            Self::Balance { shop, is_sufficient } => {
                let covers = if is_sufficient { "covers" } else { "does not cover" };
                write!(f, "the balance of shop {shop} {covers} refunds")
            }
            Self::Restrict { shop, is_restricted } => {
                let can = if is_restricted { "cannot" } else { "can" };
                write!(f, "the account of shop {shop} {can} take payments")
            }
            Self::Disconnect { shop } => {
                write!(f, "the access to the account of shop {shop} is taken away")
            }
            Self::GiveAccess { shop, nth } => {
                write!(f, "the access to account {nth} of shop {shop} is given again")
            }
            Self::Forge { nth, at_own_account } => {
                let place = if at_own_account { "the same" } else { "another" };
                write!(
                    f,
                    "{place} account has a session paid that names the order of pay page {nth}"
                )
            }
            Self::LoseEvent { nth } => write!(f, "event {nth} is lost"),
            Self::FailCall { call, fault } => write!(f, "the next {call:?} {fault}"),
            Self::FailMail => f.write_str("the mail server refuses a mail for now"),
            Self::Wait { seconds } => write!(f, "{seconds} s pass"),
            Self::Months => f.write_str("months pass"),
            other => fmt::Debug::fmt(&other, f),
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.actor() {
            Actor::Visitor => self.of_visitor(f),
            Actor::Creator => self.of_creator(f),
            Actor::Replica => self.of_replica(f),
            Actor::Outside => self.of_outside(f),
        }
    }
}

impl fmt::Display for CallFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LostRequest => "is lost",
            Self::LostAnswer => "is carried out, and its answer is lost",
            Self::Kept500 => "is answered with a 500 that is kept",
            Self::Kept500AfterEffect => "is carried out and answered with a 500 that is kept",
            Self::KeyInUse => "is turned away, since its key is in use",
            Self::NotFoundOnce => "is answered with a 404, for once",
            Self::Late => "gets no answer in time, and is carried out later",
        })
    }
}
