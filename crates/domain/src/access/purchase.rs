//! Purchases and complimentary grants.

use jiff::Timestamp;

use super::{Resource, Subject};
use crate::{
    creators::Handle,
    id::{CheckoutId, HandleId, PageId, PurchaseId, VisitorId},
    money::Money,
    payments::{AccountId, CheckoutSessionId, PaymentIntentId},
    random::Random,
    text_enum::text_enum,
};

/// How a purchase was granted, or that it was refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GrantType {
    /// The visitor bought the page at its own price.
    Purchase,
    /// The visitor bought the page at a group price.
    GroupBuy,
    /// The creator granted the access without payment.
    Complimentary,
    /// The purchase was refunded in full.
    Refunded,
}

text_enum!(
    GrantType,
    Purchase = "PURCHASE",
    GroupBuy = "GROUP_BUY",
    Complimentary = "COMPLIMENTARY",
    Refunded = "REFUNDED"
);

/// A record that a visitor bought a page or was granted complimentary access. The fields below `payment`
/// that can change are derived from the ledger by [`PurchaseState::apply_to`](super::PurchaseState::apply_to), except
/// `refund_reserved`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// The identifier of the purchase.
    pub id: PurchaseId,
    /// The visitor who has the purchase.
    pub visitor_id: VisitorId,
    /// The handle that the page belongs to.
    pub handle_id: HandleId,
    /// The page that was bought or granted.
    pub page_id: PageId,
    /// When the purchase was recorded, from when on it opens the page.
    pub created_at: Timestamp,
    /// When the buyer paid, as the provider says. `None` for complimentary access, or if the provider does not say. It is only shown, and
    /// decides nothing.
    pub paid_at: Option<Timestamp>,
    /// The payment; `None` for complimentary access.
    pub payment: Option<Payment>,
    /// The tax that is included in the payment, in minor units, if the provider has computed it.
    pub tax: Option<i64>,
    /// How access was first granted.
    pub granted_as: GrantType,
    /// The current grant type.
    pub grant_type: GrantType,
    /// The refunded amount in minor units.
    pub refunded: i64,
    /// The amount reserved for refunds that the provider has not answered yet, in minor units.
    pub refund_reserved: i64,
    /// The amount that was lost in disputes, in minor units.
    pub lost: i64,
    /// When the dispute that is still open was opened.
    pub suspended_at: Option<Timestamp>,
    /// When access ended, if it has ended.
    pub revoked_at: Option<Timestamp>,
}

/// The payment of a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The order that was paid.
    pub checkout_id: CheckoutId,
    /// The amount that was paid.
    pub paid: Money,
    /// The connected account that received the payment.
    pub account: AccountId,
    /// The provider's checkout session.
    pub session: CheckoutSessionId,
    /// The provider's id of the payment.
    pub payment_intent: PaymentIntentId,
}

/// The seller of a purchase, as its receipt shows it, whatever the handle is called later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// The handle's name for people when the purchase was made.
    pub name: String,
    /// The text at the end of its mails then, such as a postal address.
    pub text: Option<String>,
}

impl Seller {
    /// Returns the seller that a handle is now.
    pub fn of(handle: &Handle) -> Self {
        Self { name: handle.title.clone(), text: handle.texts.mail_footer.clone() }
    }
}

/// A purchase that is to be made; see the fields of [`Purchase`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewPurchase {
    pub(crate) visitor_id: VisitorId,
    pub(crate) handle_id: HandleId,
    pub(crate) page_id: PageId,
    pub(crate) granted_as: GrantType,
    pub(crate) created_at: Timestamp,
}

impl Purchase {
    /// Returns a purchase as it is granted: without a payment, of which nothing can have been refunded, and open.
    pub(crate) fn new(random: &dyn Random, new: NewPurchase) -> Self {
        let NewPurchase { visitor_id, handle_id, page_id, granted_as, created_at } = new;
        Self {
            id: PurchaseId::new(created_at, random),
            visitor_id,
            handle_id,
            page_id,
            created_at,
            paid_at: None,
            payment: None,
            tax: None,
            granted_as,
            grant_type: granted_as,
            refunded: 0,
            refund_reserved: 0,
            lost: 0,
            suspended_at: None,
            revoked_at: None,
        }
    }

    /// Returns the purchase as the subject of facts.
    pub fn subject(&self) -> Subject {
        Subject {
            handle_id: self.handle_id,
            resource: Resource::Page(self.page_id),
            visitor_id: Some(self.visitor_id),
            purchase_id: Some(self.id),
        }
    }

    /// Returns when the buyer paid, or else when that was recorded.
    pub fn paid_or_recorded_at(&self) -> Timestamp {
        self.paid_at.unwrap_or(self.created_at)
    }

    /// Returns the fields of the purchase that a decision needs.
    pub fn holding(&self) -> Holding {
        Holding {
            grant_type: self.grant_type,
            revoked: self.revoked_at.is_some(),
            suspended: self.suspended_at.is_some(),
        }
    }

    /// Returns whether any of these purchases gives access to its page now.
    pub(crate) fn is_any_active(purchases: &[Self]) -> bool {
        purchases.iter().any(|purchase| purchase.holding().is_active())
    }

    /// Returns the amount that was neither refunded nor lost in a dispute, in minor units.
    pub fn left(&self) -> i64 {
        let paid = self.payment.as_ref().map_or(0, |payment| payment.paid.amount);
        paid.saturating_sub(self.refunded).saturating_sub(self.lost).max(0)
    }

    /// Returns the amount that can still be refunded, in minor units.
    pub fn refundable(&self) -> i64 {
        self.left().saturating_sub(self.refund_reserved)
    }
}

/// The fields of a purchase that a decision needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// See [`Purchase::grant_type`].
    pub grant_type: GrantType,
    /// Whether access has ended.
    pub revoked: bool,
    /// Whether access is suspended by an open dispute.
    pub suspended: bool,
}

impl Holding {
    /// Returns whether the purchase gives access to its page now. Source: `docs/payments.md`.
    pub fn is_active(&self) -> bool {
        !self.has_ended() && !self.suspended
    }

    /// Returns whether the access has ended, and is not only suspended.
    pub fn has_ended(&self) -> bool {
        self.grant_type == GrantType::Refunded || self.revoked
    }
}
