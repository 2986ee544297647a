//! What a history can show to be wrong.

use std::fmt;

/// A rule that every history keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// A magic-link token makes at most one session, and a used one stays used.
    OneSessionPerLink,
    /// A session is valid until it expires or is ended, and never again.
    SessionsEnd,
    /// Evaluations of a code are counted, also those that are refused.
    CodesAreCounted,
    /// A paid session makes one purchase, and nothing else makes one.
    OnePurchasePerPayment,
    /// Access is what was paid and given, less what was refunded, disputed and revoked.
    AccessEqualsPayments,
    /// What was answered is seen by the next check.
    AnsweredIsSeen,
    /// The state of a purchase follows from its facts.
    StateFollowsFacts,
    /// Refunds do not exceed what was paid, and no reservation stays behind.
    RefundsAddUp,
    /// The sum of a group buy is that of its interests, and it is activated at most once.
    GroupBuysAddUp,
    /// A fact has its mails, and each mail is sent or visibly given up.
    FactsAreMailed,
    /// Nobody whose access never stopped is told that it is back.
    AccessMailsAreTrue,
    /// Nobody acts on another creator's handle or learns of it.
    HandlesAreSeparate,
    /// An account that can be reached stays connected, and a shop that sells has one in the end.
    AccountsStayConnected,
    /// A visitor can pay at most one open session for a page, and only for what is on offer.
    OneOpenSession,
    /// A second payment for a page is refunded, or held if its shop says so.
    SecondPaymentsGoBack,
    /// A received event is applied, without a sweep.
    EventsAreApplied,
    /// The creator's explanation is the gate's decision.
    ExplainAgrees,
    /// What nothing disturbs has the outcome that the provider's books ask for.
    UndisturbedSucceeds,
    /// Nothing remote is called while a unit of work is open.
    NoRemoteCallInUnit,
    /// Every operation ends.
    OperationsEnd,
}

/// A rule that a history broke, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {what}")]
pub struct Violation {
    /// The broken rule.
    pub rule: Rule,
    /// What was found.
    pub what: String,
}

impl Rule {
    /// The violation of this rule by `what`.
    pub(crate) fn broken(self, what: impl Into<String>) -> Violation {
        Violation { rule: self, what: what.into() }
    }

    /// An error unless `holds`; `what` says what was found.
    pub(crate) fn check(self, holds: bool, what: impl FnOnce() -> String) -> Result<(), Violation> {
        if holds { Ok(()) } else { Err(self.broken(what())) }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneSessionPerLink => "one session per magic link",
            Self::SessionsEnd => "sessions are valid until they end",
            Self::CodesAreCounted => "codes are counted",
            Self::OnePurchasePerPayment => "one purchase per payment",
            Self::AccessEqualsPayments => "access equals payments",
            Self::AnsweredIsSeen => "what was answered is seen",
            Self::StateFollowsFacts => "the state follows from the facts",
            Self::RefundsAddUp => "refunds add up",
            Self::GroupBuysAddUp => "group buys add up",
            Self::FactsAreMailed => "facts are mailed",
            Self::AccessMailsAreTrue => "mails about access are true",
            Self::HandlesAreSeparate => "handles are separate",
            Self::AccountsStayConnected => "accounts stay connected",
            Self::OneOpenSession => "one open session",
            Self::SecondPaymentsGoBack => "second payments go back",
            Self::EventsAreApplied => "events are applied",
            Self::ExplainAgrees => "the explanation agrees",
            Self::UndisturbedSucceeds => "what is undisturbed succeeds",
            Self::NoRemoteCallInUnit => "no remote call in a unit of work",
            Self::OperationsEnd => "operations end",
        })
    }
}
