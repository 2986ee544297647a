//! How long mails serve their purpose.

use jiff::Timestamp;

use super::MailContent;
use crate::clock::plus_seconds;

impl MailContent {
    /// Returns for how many seconds the way in that the mail carries is good, if it carries one. After that the
    /// mail serves no purpose.
    pub fn valid_seconds(&self) -> Option<i64> {
        match self {
            Self::MagicLink { valid_minutes, valid_seconds, .. } => {
                Some(valid_seconds.unwrap_or(valid_minutes * 60))
            }
            Self::PasswordReset { valid_minutes, .. } => Some(valid_minutes * 60),
            Self::VerifyEmail { valid_hours, .. } | Self::ConfirmMove { valid_hours, .. } => {
                Some(valid_hours * 3600)
            }
            _ => None,
        }
    }

    /// Returns whether what a mail of `queued_at` leads to is over at `now`: its link is no longer good, or its offer has
    /// ended.
    pub fn is_over(&self, queued_at: Timestamp, now: Timestamp) -> bool {
        let link = self.valid_seconds().map(|seconds| plus_seconds(queued_at, seconds));
        let end = match self {
            Self::GroupBuyActivated { ends_at, .. } => Some(*ends_at),
            _ => link,
        };
        end.is_some_and(|end| end <= now)
    }
}
