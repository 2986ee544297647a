//! Orders: the intent of a visitor to buy a page.

use jiff::Timestamp;

use crate::{
    email::Email,
    id::{CheckoutId, GroupBuyId, HandleId, PageId, VisitorId},
    money::Money,
    payments::{AccountId, OpenedSession},
    text_enum::text_enum,
};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// Stored; the provider may not know of it yet.
    Creating,
    /// The visitor can pay.
    Open,
    /// The visitor is done; the money is on its way.
    Pending,
    /// Paid: there is a purchase.
    Paid,
    /// Closed without payment. A payment that comes all the same is honoured.
    Expired,
    /// The money did not come.
    Failed,
    /// Paid, but not as ordered.
    Quarantined,
}

text_enum!(
    OrderStatus,
    "the states of an order",
    Creating = "CREATING",
    Open = "OPEN",
    Pending = "PENDING",
    Paid = "PAID",
    Expired = "EXPIRED",
    Failed = "FAILED",
    Quarantined = "QUARANTINED"
);

impl OrderStatus {
    /// The states in which a visitor has no second order for the page.
    pub const LIVE: [Self; 3] = [Self::Creating, Self::Open, Self::Pending];

    /// The states that a payment moves on from.
    pub const UNPAID: [Self; 5] =
        [Self::Creating, Self::Open, Self::Pending, Self::Expired, Self::Failed];

    /// Whether the order keeps its visitor from having another one for the page.
    pub fn is_live(self) -> bool {
        Self::LIVE.contains(&self)
    }
}

/// An order. What it says when it is stored is what is asked of the provider and what a payment is
/// compared with; only `status` and `opened` change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutOrder {
    /// Its id.
    pub id: CheckoutId,
    /// Who will be entitled.
    pub visitor_id: VisitorId,
    /// Whose page it is.
    pub handle_id: HandleId,
    /// What is bought.
    pub page_id: PageId,
    /// The group buy whose price it has, if it is not the page's own.
    pub group_buy_id: Option<GroupBuyId>,
    /// The account that the money goes to.
    pub account: AccountId,
    /// What the visitor reads on the pay page.
    pub title: String,
    /// What is charged.
    pub price: Money,
    /// The platform's part of it, in minor units.
    pub fee: i64,
    /// The visitor's verified address.
    pub customer_email: Email,
    /// Where the visitor goes after paying, if not to the page.
    pub success_url: Option<String>,
    /// Where the visitor goes otherwise, if not to the page.
    pub cancel_url: Option<String>,
    /// Where it stands.
    pub status: OrderStatus,
    /// The provider's session, once it is open.
    pub opened: Option<OpenedSession>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When the session closes by itself.
    pub expires_at: Timestamp,
}
