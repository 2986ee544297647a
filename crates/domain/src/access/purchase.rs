//! Purchases.

use jiff::Timestamp;

use super::{Resource, Subject};
use crate::{
    id::{CheckoutId, HandleId, PageId, PurchaseId, VisitorId},
    money::Money,
    payments::{AccountId, CheckoutSessionId, PaymentIntentId},
    text_enum::text_enum,
};

/// How a purchase came about, or that it was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GrantType {
    /// Bought at the page's price.
    Purchase,
    /// Bought at a group price.
    GroupBuy,
    /// Given away by the creator.
    Complimentary,
    /// Refunded in full.
    Refunded,
}

text_enum!(
    GrantType,
    "PURCHASE, GROUP_BUY, COMPLIMENTARY, REFUNDED",
    Purchase = "PURCHASE",
    GroupBuy = "GROUP_BUY",
    Complimentary = "COMPLIMENTARY",
    Refunded = "REFUNDED"
);

/// A record that a visitor bought a page. Everything below `payment` that can change is derived from
/// the ledger by [`super::ledger::PurchaseState::apply_to`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// Its id.
    pub id: PurchaseId,
    /// Who bought.
    pub visitor_id: VisitorId,
    /// Whose page it is.
    pub handle_id: HandleId,
    /// What was bought.
    pub page_id: PageId,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// How it was paid; `None` for what was given away.
    pub payment: Option<Payment>,
    /// How access was granted at first.
    pub granted_as: GrantType,
    /// What it counts as now.
    pub grant_type: GrantType,
    /// Minor units that were given back.
    pub refunded: i64,
    /// Minor units of refunds that were asked for and not answered yet.
    pub refund_reserved: i64,
    /// Since when a dispute is open.
    pub suspended_at: Option<Timestamp>,
    /// Since when access is over.
    pub revoked_at: Option<Timestamp>,
}

/// How a purchase was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The checkout that led to it.
    pub checkout_id: CheckoutId,
    /// What was paid.
    pub paid: Money,
    /// The connected account that has the money.
    pub account: AccountId,
    /// The provider's session.
    pub session: CheckoutSessionId,
    /// The provider's payment.
    pub payment_intent: PaymentIntentId,
}

impl Purchase {
    /// Returns the purchase as the subject of facts.
    pub fn subject(&self) -> Subject {
        Subject {
            handle_id: self.handle_id,
            resource: Resource::Page(self.page_id),
            visitor_id: Some(self.visitor_id),
            purchase_id: Some(self.id),
        }
    }

    /// What a decision needs to know of this purchase.
    pub fn holding(&self) -> Holding {
        Holding {
            grant_type: self.grant_type,
            revoked: self.revoked_at.is_some(),
            suspended: self.suspended_at.is_some(),
        }
    }

    /// Minor units that could still be refunded.
    pub fn refundable(&self) -> i64 {
        let paid = self.payment.as_ref().map_or(0, |payment| payment.paid.amount);
        paid - self.refunded - self.refund_reserved
    }
}

/// The part of a purchase that a decision needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// See [`Purchase::grant_type`].
    pub grant_type: GrantType,
    /// Whether access is over.
    pub revoked: bool,
    /// Whether a dispute is open.
    pub suspended: bool,
}

impl Holding {
    /// Whether this purchase opens its page now. Source: founding document, "Entitlement logic".
    pub fn is_active(&self) -> bool {
        self.grant_type != GrantType::Refunded && !self.revoked && !self.suspended
    }
}
