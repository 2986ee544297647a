//! The words that say more about a problem than its code.

use tollgate_domain::{checkout::NoPayments, refunds::RefusalReason};

use crate::text_enum::text_enum;

text_enum! {
    /// What a person can mend, such as a limit that was reached.
    Reason {
        InsufficientBalance "insufficient_balance",
        AccountDisconnected "account_disconnected",
        AccountRestricted "account_restricted",
        Other "other",
        AccountSuspended "account_suspended",
        Handles "handles",
        StoredBytes "stored_bytes",
        Pages "pages",
        Files "files",
        GroupBuys "group_buys",
        Allowlist "allowlist",
    }
}

impl Reason {
    /// Returns why a handle can take no payments; `None` if it was never connected.
    pub(super) fn of_no_payments(why: NoPayments) -> Option<Self> {
        match why {
            NoPayments::NotConnected => None,
            NoPayments::AccountDisconnected => Some(Self::AccountDisconnected),
            NoPayments::AccountRestricted => Some(Self::AccountRestricted),
        }
    }
}

impl From<RefusalReason> for Reason {
    fn from(reason: RefusalReason) -> Self {
        match reason {
            RefusalReason::InsufficientBalance => Self::InsufficientBalance,
            RefusalReason::AccountDisconnected => Self::AccountDisconnected,
            RefusalReason::AccountRestricted => Self::AccountRestricted,
        }
    }
}
