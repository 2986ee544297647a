//! How many mails a creator may cause, and which are counted.

use super::MailKind;
use crate::{
    email::Email,
    id::{CreatorId, HandleId},
};

/// The number of mails that a creator may cause in 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailQuota {
    /// The number until the first sale.
    pub starting: u32,
    /// The number from the first sale on.
    pub selling: u32,
    /// The number to one recipient.
    pub per_recipient: u32,
}

impl Default for MailQuota {
    fn default() -> Self {
        Self { starting: 50, selling: 2_000, per_recipient: 3 }
    }
}

impl MailQuota {
    /// Returns the number of mails that a creator may cause who has sold something, or has not.
    pub(super) fn of_creator(self, has_sold: bool) -> u32 {
        if has_sold { self.selling } else { self.starting }
    }
}

/// Which mails are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailScope {
    /// The mails about all handles of a creator.
    Creator(CreatorId),
    /// The mails about all handles of a creator to one recipient.
    Recipient(CreatorId, Email),
    /// The mails to the creator that the account of this handle can no longer take payments, or that the provider refused
    /// to open a pay page.
    AccountClosed(HandleId),
    /// The mails to the creator that the account of this handle can take payments again.
    AccountReady(HandleId),
    /// The mails to the creator that group buys of this handle reached their targets.
    TargetReached(HandleId),
}

impl MailScope {
    /// Returns the kinds of mails that are counted.
    pub fn kinds(&self) -> &'static [MailKind] {
        match self {
            Self::Creator(_) => &MailKind::CAUSED,
            Self::Recipient(..) => &MailKind::HELD_BACK_BY_A_STOP,
            Self::AccountClosed(_) => &[MailKind::AccountClosed],
            Self::AccountReady(_) => &[MailKind::AccountReady],
            Self::TargetReached(_) => &[MailKind::GroupBuyReached],
        }
    }
}
