//! In whose name mails are written.

use super::MailContent;

impl MailContent {
    /// Returns the storefront's name, if the mail is written in a creator's name.
    pub fn seller(&self) -> Option<&str> {
        match self {
            Self::MagicLink { seller, .. } => seller.as_deref(),
            Self::Receipt { seller, .. }
            | Self::PaymentFailed { seller, .. }
            | Self::Refunded { seller, .. }
            | Self::RefundNotPaid { seller, .. }
            | Self::Granted { seller, .. }
            | Self::AccessDisputed { seller, .. }
            | Self::ConfirmMove { seller, .. }
            | Self::Moved { seller, .. }
            | Self::GroupBuyActivated { seller, .. }
            | Self::GroupBuyExpired { seller, .. }
            | Self::GroupBuyCancelled { seller, .. } => {
                Some(seller).filter(|s| !s.is_empty()).map(String::as_str)
            }
            Self::VerifyEmail { .. }
            | Self::PasswordReset { .. }
            | Self::RefundFailed { .. }
            | Self::PaidTwice { .. }
            | Self::PaymentQuarantined { .. }
            | Self::PaymentMatched { .. }
            | Self::PaymentUnread { .. }
            | Self::Disputed { .. }
            | Self::Inquiry { .. }
            | Self::DisputeDecided { .. }
            | Self::AccountClosed { .. }
            | Self::AccountReady { .. }
            | Self::GroupBuyReached { .. }
            | Self::GroupBuyMissed { .. } => None,
        }
    }
}
