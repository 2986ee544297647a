//! What a sweep comes to.

use super::kept::Rest;
use crate::{names::HandleName, payments::AccountId};

/// The kind of a difference between what is stored and what the provider has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingKind {
    /// What the account can do is not what is stored.
    Account,
    /// A checkout session differs from its order, such as one that was paid.
    Session,
    /// A session that can still be paid although its order is closed.
    LeftOpen,
    /// An order whose session was opened, and the answer was lost.
    LostAnswer,
    /// A refund differs from what is stored, or is not stored.
    Refund,
    /// A dispute differs from what is stored, or is not stored.
    Dispute,
}

/// What became of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FindingState {
    Mended,
    /// The object is read again before the difference can be mended.
    Waits,
    Left,
}

impl FindingState {
    pub(super) fn of(is_mended: bool) -> Self {
        if is_mended { Self::Mended } else { Self::Left }
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
    /// Whether it is read again in a few minutes, since the dispute was read as open too soon after it was decided, and only a later read
    /// tells which is right.
    pub waits: bool,
}

/// What a sweep of one account came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepOutcome {
    /// The provider's id of the account that was swept.
    pub account: AccountId,
    /// The handle that it is or was connected to.
    pub handle: HandleName,
    /// How many sessions, refunds and disputes were looked at.
    pub looked_at: u64,
    /// What differed.
    pub findings: Vec<Finding>,
    /// Whether the provider does not show the account, since it is disconnected: nothing was compared.
    pub is_out_of_reach: bool,
    /// Why the sweep ended early or left something out, if it did. The next one starts where this one did, or goes on where it
    /// ended if the provider asked for a pause.
    pub error: Option<String>,
    /// The pause that the provider asked for, if that is why the sweep ended early.
    pub pause: Option<SweepPause>,
}

/// A pause that the provider asked for, after which a sweep can go on where it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepPause {
    /// The whole seconds to wait, from 5 to [`MAX_PAUSE_SECONDS`](crate::payments::MAX_PAUSE_SECONDS).
    pub seconds: u64,
    /// What is left to sweep.
    pub(super) rest: Rest,
}
