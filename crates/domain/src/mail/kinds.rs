//! The kinds of mails, and what is done with a mail because of its kind.

use super::MailContent;
use crate::text_enum::text_enum;

/// The kind of a [`MailContent`], as it is stored and listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MailKind {
    /// See [`MailContent::MagicLink`].
    MagicLink,
    /// A [`MailContent::MagicLink`] that the seller sends, and that the visitor did not ask for.
    SellerLink,
    /// See [`MailContent::VerifyEmail`].
    VerifyEmail,
    /// See [`MailContent::PasswordReset`].
    PasswordReset,
    /// See [`MailContent::ConfirmMove`].
    ConfirmMove,
    /// See [`MailContent::Moved`].
    Moved,
    /// See [`MailContent::Receipt`].
    Receipt,
    /// See [`MailContent::PaymentFailed`].
    PaymentFailed,
    /// See [`MailContent::Refunded`].
    Refunded,
    /// See [`MailContent::Granted`].
    Granted,
    /// See [`MailContent::RefundNotPaid`].
    RefundNotPaid,
    /// See [`MailContent::RefundFailed`].
    RefundFailed,
    /// See [`MailContent::PaidTwice`].
    PaidTwice,
    /// See [`MailContent::PaymentQuarantined`].
    PaymentQuarantined,
    /// See [`MailContent::PaymentMatched`].
    PaymentMatched,
    /// See [`MailContent::PaymentUnread`].
    PaymentUnread,
    /// See [`MailContent::Disputed`].
    Disputed,
    /// See [`MailContent::Inquiry`].
    Inquiry,
    /// See [`MailContent::DisputeDecided`].
    DisputeDecided,
    /// See [`MailContent::AccessDisputed`].
    AccessDisputed,
    /// See [`MailContent::AccountClosed`].
    AccountClosed,
    /// See [`MailContent::AccountReady`].
    AccountReady,
    /// See [`MailContent::GroupBuyActivated`].
    GroupBuyActivated,
    /// See [`MailContent::GroupBuyReached`].
    GroupBuyReached,
    /// See [`MailContent::GroupBuyMissed`].
    GroupBuyMissed,
    /// See [`MailContent::GroupBuyExpired`].
    GroupBuyExpired,
    /// See [`MailContent::GroupBuyCancelled`].
    GroupBuyCancelled,
}

text_enum!(
    MailKind,
    MagicLink = "magic_link",
    SellerLink = "seller_link",
    VerifyEmail = "verify_email",
    PasswordReset = "password_reset",
    ConfirmMove = "confirm_move",
    Moved = "moved",
    Receipt = "receipt",
    PaymentFailed = "payment_failed",
    Refunded = "refunded",
    Granted = "granted",
    RefundNotPaid = "refund_not_paid",
    RefundFailed = "refund_failed",
    PaidTwice = "paid_twice",
    PaymentQuarantined = "payment_quarantined",
    PaymentMatched = "payment_matched",
    PaymentUnread = "payment_unread",
    Disputed = "disputed",
    Inquiry = "inquiry",
    DisputeDecided = "dispute_decided",
    AccessDisputed = "access_disputed",
    AccountClosed = "account_closed",
    AccountReady = "account_ready",
    GroupBuyActivated = "group_buy_activated",
    GroupBuyReached = "group_buy_reached",
    GroupBuyMissed = "group_buy_missed",
    GroupBuyExpired = "group_buy_expired",
    GroupBuyCancelled = "group_buy_cancelled"
);

impl MailKind {
    /// Mails that a creator causes to people who did not ask for them, and of which a creator may cause a limited number.
    pub(crate) const CAUSED: [Self; 3] = [Self::Granted, Self::ConfirmMove, Self::SellerLink];

    /// Mails that are not sent to people who stopped the mails of a handle, and of which a creator may cause a limited number to
    /// one person.
    pub(crate) const HELD_BACK_BY_A_STOP: [Self; 5] = [
        Self::Granted,
        Self::ConfirmMove,
        Self::SellerLink,
        Self::GroupBuyExpired,
        Self::GroupBuyCancelled,
    ];

    /// Returns whether such mails have the link that stops mails: those that a creator causes.
    pub(crate) fn is_stoppable(self) -> bool {
        self.is_asked_for() || self.is_held_back_by_a_stop()
    }

    /// Returns whether such mails are not sent to people who stopped the mails of a handle.
    pub(crate) fn is_held_back_by_a_stop(self) -> bool {
        Self::HELD_BACK_BY_A_STOP.contains(&self)
    }

    /// Returns whether such a mail, sent once more by a creator, is one that a stop holds back. In place of a sign-in link
    /// that a visitor asked for, the seller sends one.
    pub(crate) fn is_held_back_again(self) -> bool {
        self == Self::MagicLink || self.is_held_back_by_a_stop()
    }

    /// Returns whether such mails have a link to sign in, which is good once.
    pub const fn is_sign_in(self) -> bool {
        matches!(self, Self::MagicLink | Self::SellerLink)
    }

    /// Returns whether its recipient has asked for such mails, so that they are sent even if the recipient stopped others: by
    /// joining a group buy, a visitor asks to be told when the offer can be paid, which it can be for some days only.
    pub(crate) const fn is_asked_for(self) -> bool {
        matches!(self, Self::GroupBuyActivated)
    }

    /// Returns whether such mails tell of access or money as it was when they were written, so that they can be wrong later.
    pub const fn tells_of_a_moment(self) -> bool {
        match self {
            Self::Moved
            | Self::PaymentFailed
            | Self::Refunded
            | Self::RefundNotPaid
            | Self::RefundFailed
            | Self::PaidTwice
            | Self::PaymentQuarantined
            | Self::PaymentMatched
            | Self::PaymentUnread
            | Self::Disputed
            | Self::Inquiry
            | Self::DisputeDecided
            | Self::AccessDisputed
            | Self::AccountClosed
            | Self::AccountReady
            | Self::GroupBuyReached => true,
            Self::MagicLink
            | Self::SellerLink
            | Self::VerifyEmail
            | Self::PasswordReset
            | Self::ConfirmMove
            | Self::Receipt
            | Self::Granted
            | Self::GroupBuyActivated
            | Self::GroupBuyMissed
            | Self::GroupBuyExpired
            | Self::GroupBuyCancelled => false,
        }
    }

    /// Returns whether such mails carry a secret, so that their content is not kept once they are sent.
    pub const fn is_secret(self) -> bool {
        matches!(
            self,
            Self::MagicLink
                | Self::SellerLink
                | Self::VerifyEmail
                | Self::PasswordReset
                | Self::ConfirmMove
        )
    }
}

impl MailContent {
    /// Returns the kind.
    pub fn kind(&self) -> MailKind {
        match self {
            Self::MagicLink { sent_by_seller: true, .. } => MailKind::SellerLink,
            Self::MagicLink { .. } => MailKind::MagicLink,
            Self::VerifyEmail { .. } => MailKind::VerifyEmail,
            Self::PasswordReset { .. } => MailKind::PasswordReset,
            Self::ConfirmMove { .. } => MailKind::ConfirmMove,
            Self::Moved { .. } => MailKind::Moved,
            Self::Receipt { .. } => MailKind::Receipt,
            Self::PaymentFailed { .. } => MailKind::PaymentFailed,
            Self::Refunded { .. } => MailKind::Refunded,
            Self::Granted { .. } => MailKind::Granted,
            Self::RefundNotPaid { .. } => MailKind::RefundNotPaid,
            Self::RefundFailed { .. } => MailKind::RefundFailed,
            Self::PaidTwice { .. } => MailKind::PaidTwice,
            Self::PaymentQuarantined { .. } => MailKind::PaymentQuarantined,
            Self::PaymentMatched { .. } => MailKind::PaymentMatched,
            Self::PaymentUnread { .. } => MailKind::PaymentUnread,
            Self::Disputed { .. } => MailKind::Disputed,
            Self::Inquiry { .. } => MailKind::Inquiry,
            Self::DisputeDecided { .. } => MailKind::DisputeDecided,
            Self::AccessDisputed { .. } => MailKind::AccessDisputed,
            Self::AccountClosed { .. } => MailKind::AccountClosed,
            Self::AccountReady { .. } => MailKind::AccountReady,
            Self::GroupBuyActivated { .. } => MailKind::GroupBuyActivated,
            Self::GroupBuyReached { .. } => MailKind::GroupBuyReached,
            Self::GroupBuyMissed { .. } => MailKind::GroupBuyMissed,
            Self::GroupBuyExpired { .. } => MailKind::GroupBuyExpired,
            Self::GroupBuyCancelled { .. } => MailKind::GroupBuyCancelled,
        }
    }

    /// Returns whether the mail carries a secret, so that its content is not kept once it is sent.
    pub fn is_secret(&self) -> bool {
        self.kind().is_secret()
    }
}
