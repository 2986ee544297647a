//! The facts of the ledger: what each kind tells, and the references that identify them.

use jiff::Timestamp;

use super::Subject;
use crate::{
    id::FactId,
    money::Money,
    payments::{CheckoutSessionId, DisputeId, DisputeProgress, ProviderRefundId, RefundProgress},
    store::Runtime,
    text_enum::text_enum,
};

/// The separator in references of three kinds: between a dispute and the time of its turn, between a refund or dispute and the session that
/// made no purchase, and between such a session and the number of times that its refund has failed. No id of the provider contains it.
pub(super) const TURN: char = '@';

/// The kind of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactKind {
    /// A checkout was paid. Reference: the checkout session.
    Purchased,
    /// A group buy's checkout was paid. Reference: the checkout session.
    GroupPurchased,
    /// The creator granted complimentary access. Reference: the purchase.
    Granted,
    /// Stripe accepted a refund of `amount`. Reference: the refund.
    RefundAccepted,
    /// A refund failed after it was accepted. Reference: the refund, and for a payment that made no purchase the checkout
    /// session.
    RefundFailed,
    /// A bank asks about a payment that made no purchase. Reference: the dispute and the checkout session.
    Inquired,
    /// A bank disputes the payment. Reference: the dispute, when it was opened again the instant, and for a payment that made no
    /// purchase the checkout session.
    Disputed,
    /// The creator won the dispute. Reference: the dispute, when it was won once more the instant, and for a payment that made no
    /// purchase the checkout session.
    DisputeWon,
    /// The buyer won the dispute. Reference: as above.
    DisputeLost,
    /// The creator revoked the access, or a gift was not needed at the address that the others moved to. Reference: the
    /// purchase, and before it the move if there was one.
    Revoked,
    /// The purchase moved to another visitor, whose address its owner confirmed. Reference: the move and the
    /// purchase.
    Moved,
    /// A payment did not match its order. Reference: the checkout session.
    PaymentQuarantined,
    /// A payment that did not match its order was refunded in whole, or what was left of it was lost in a dispute. Reference: the
    /// checkout session, and when it was refunded again how often its refund had failed.
    QuarantineRefunded,
    /// A refund of such a payment did not arrive, so that the payment is still to be refunded. Reference: that of the fact that it
    /// was refunded.
    QuarantineRefundFailed,
    /// A payment for a page that its visitor had already is held until the creator decides. Reference: the purchase.
    SecondPaymentHeld,
    /// An address was added to a file's allowlist. Reference: the entry.
    Allowlisted,
    /// An address was removed from a file's allowlist. Reference: the entry.
    AllowlistRemoved,
    /// A file was deleted, which ends all entries of its allowlist. Reference: the file.
    FileDeleted,
}

impl FactKind {
    /// Returns the facts about a dispute that has come this far. An inquiry about a purchase has none.
    pub const fn of_dispute(progress: DisputeProgress) -> &'static [Self] {
        match progress {
            DisputeProgress::Inquiry => &[],
            DisputeProgress::Open => &[Self::Disputed],
            DisputeProgress::Won => &[Self::Disputed, Self::DisputeWon],
            DisputeProgress::Lost => &[Self::Disputed, Self::DisputeLost],
        }
    }

    /// Returns the facts about a refund that has come this far. One that failed was accepted before.
    pub const fn of_refund(progress: RefundProgress) -> &'static [Self] {
        match progress {
            RefundProgress::Failed => &[Self::RefundAccepted, Self::RefundFailed],
            RefundProgress::Pending | RefundProgress::Succeeded => &[Self::RefundAccepted],
        }
    }
}

text_enum!(
    FactKind,
    Purchased = "purchased",
    GroupPurchased = "group_purchased",
    Granted = "granted",
    RefundAccepted = "refund_accepted",
    RefundFailed = "refund_failed",
    Inquired = "inquired",
    Disputed = "disputed",
    DisputeWon = "dispute_won",
    DisputeLost = "dispute_lost",
    Revoked = "revoked",
    Moved = "moved",
    PaymentQuarantined = "payment_quarantined",
    QuarantineRefunded = "quarantine_refunded",
    QuarantineRefundFailed = "quarantine_refund_failed",
    SecondPaymentHeld = "second_payment_held",
    Allowlisted = "allowlisted",
    AllowlistRemoved = "allowlist_removed",
    FileDeleted = "file_deleted"
);

/// An entry of the ledger. Facts are never changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The identifier of the fact.
    pub id: FactId,
    /// When Tollgate learnt of the fact; for a fact about a dispute, and for the payment that was learnt through it, when the provider was asked for
    /// the dispute.
    pub at: Timestamp,
    /// What happened.
    pub kind: FactKind,
    /// The reference, which together with `kind` identifies the fact.
    pub reference: String,
    /// The page or file, visitor and purchase that the fact is about.
    pub subject: Subject,
    /// The amount of money that was moved, if any.
    pub amount: Option<Money>,
}

impl Fact {
    /// Creates a fact with the current time.
    pub fn new(
        runtime: &Runtime,
        kind: FactKind,
        reference: &impl ToString,
        subject: Subject,
    ) -> Self {
        let at = runtime.now();
        let id = FactId::new(at, &*runtime.random);
        Self { id, at, kind, reference: reference.to_string(), subject, amount: None }
    }

    /// Returns the reference of a further fact of the same kind about a dispute: one that was won and then lost may be won again at `at`.
    pub(crate) fn turn(dispute: &DisputeId, at: Timestamp) -> String {
        format!("{dispute}{TURN}{}", at.as_microsecond())
    }

    /// Returns the reference of a fact about a refund of a payment that made no purchase. The refund's own reference stays free:
    /// the payment may still become one.
    pub(crate) fn refund_of(session: &CheckoutSessionId, refund: &ProviderRefundId) -> String {
        format!("{refund}{TURN}{session}")
    }

    /// Returns the reference of a fact about a dispute of a payment that made no purchase. The dispute's own reference stays free,
    /// as above.
    pub fn dispute_of(session: &CheckoutSessionId, dispute: &DisputeId) -> String {
        format!("{dispute}{TURN}{session}")
    }

    /// Returns the reference of the facts that a payment which made no purchase was refunded, or that its refund failed. `failed` is how
    /// often that had failed before.
    pub fn quarantine_refund(session: &CheckoutSessionId, failed: u32) -> String {
        if failed == 0 { session.to_string() } else { format!("{session}{TURN}{failed}") }
    }

    /// Returns the id of the object that the fact is about: the reference up to the separator, which leaves out the time of a turn of a
    /// dispute, the session of a payment that made no purchase, and how many of its refunds had failed.
    pub fn object(&self) -> &str {
        let reference = self.reference.as_str();
        reference.split_once(TURN).map_or(reference, |(object, _)| object)
    }

    /// Returns the id of the change of address that led to the fact, if one did.
    pub fn change_of_address(&self) -> Option<&str> {
        match self.kind {
            FactKind::Moved | FactKind::Revoked => Some(self.reference.split_once('/')?.0),
            _ => None,
        }
    }

    /// Returns whether this is a further fact of its kind about a dispute.
    pub(super) fn is_turn(&self) -> bool {
        self.reference.contains(TURN)
    }

    /// Returns whether the fact is a turn of a dispute: a decision, or that it was opened again.
    pub(crate) fn is_turn_of_dispute(&self) -> bool {
        match self.kind {
            FactKind::DisputeWon | FactKind::DisputeLost => true,
            FactKind::Disputed => self.is_turn(),
            _ => false,
        }
    }

    /// Sets the amount of money that was moved.
    pub(crate) fn with_amount(self, amount: Money) -> Self {
        Self { amount: Some(amount), ..self }
    }
}
