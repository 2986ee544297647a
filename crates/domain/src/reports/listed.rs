//! What the lists of a creator's reports contain.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{
    access::{AccessStatus, GrantType, Holding, Purchase},
    email::Email,
    id::{PageId, VisitorId},
    names::Slug,
    paging::Cursor,
};

/// A purchase or a complimentary grant, as it is listed for the creator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The purchase, with or without a payment.
    pub purchase: Purchase,
    /// The visitor's address.
    pub email: Email,
    /// The slug of the page.
    pub slug: Slug,
    /// The title of the page.
    pub title: String,
    /// Whether the payment is or was disputed, inquiries included.
    pub is_disputed: bool,
    /// Whether the last refund of the payment has failed: none was accepted since.
    pub last_refund_failed: bool,
    /// Whether it is a second payment that is held since a refund of it was refused for good: none was accepted since, and another
    /// purchase opens the page.
    pub refund_was_refused: bool,
}

impl Sale {
    /// Returns the current status of the purchase.
    pub fn status(&self) -> AccessStatus {
        AccessStatus::of_holding(self.purchase.holding())
    }

    /// Returns whether the last refund has failed or was refused for good, so that the money is still to be refunded.
    pub fn has_failed_refund(&self) -> bool {
        let is_settled = self.status() != AccessStatus::Active || self.has_pending_refund();
        (self.last_refund_failed || self.refund_was_refused) && !is_settled
    }

    /// Returns whether a refund is under way, to which Stripe has not answered.
    pub fn has_pending_refund(&self) -> bool {
        self.purchase.refund_reserved > 0
    }
}

/// A filter for sales; every part that is set has to match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaleFilter {
    /// Only sales of this page.
    pub page: Option<PageId>,
    /// Only sales to this visitor.
    pub visitor: Option<VisitorId>,
    /// Only sales to the visitor with this address.
    pub email: Option<Email>,
    /// Only sales to visitors whose address starts with this text.
    pub prefix: Option<String>,
}

/// The ways in which a person is related to a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The person bought a page or was granted complimentary access.
    Purchase,
    /// The person saw a page that is free with login.
    FreeLogin,
    /// The person joined a group buy.
    GroupBuy,
    /// The person is on the allowlist of a file.
    Allowlist,
}

/// A person who is related to a handle. Relations to other handles are not included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The identifier of the visitor.
    pub id: VisitorId,
    /// The visitor's address.
    pub email: Email,
    /// The ways in which the visitor is related to the handle.
    pub relations: BTreeSet<Relation>,
    /// The pages behind [`Relation::Purchase`].
    pub got: PagesGot,
}

/// How many pages of a handle a person bought and was given. A page that was refunded or taken away, and then bought or given
/// again, counts as bought or given alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PagesGot {
    /// The number of pages that were paid for, also while a bank disputes the payment.
    pub bought: usize,
    /// The number of pages to which complimentary access was granted.
    pub given: usize,
    /// The number of pages that were paid for, and whose payments were refunded.
    pub refunded: usize,
    /// The number of pages to which the access was taken away.
    pub ended: usize,
}

impl PagesGot {
    /// Counts the pages of a person's purchases, each of which is a page, how the access was granted, and what is held now.
    pub fn of(purchases: impl IntoIterator<Item = (PageId, GrantType, Holding)>) -> Self {
        let (mut bought, mut given) = (BTreeSet::new(), BTreeSet::new());
        let (mut refunded, mut ended) = (BTreeSet::new(), BTreeSet::new());
        for (page, granted_as, holding) in purchases {
            let pages = match AccessStatus::of_holding(holding) {
                AccessStatus::Refunded => &mut refunded,
                AccessStatus::Revoked => &mut ended,
                AccessStatus::Active | AccessStatus::Suspended
                    if granted_as == GrantType::Complimentary =>
                {
                    &mut given
                }
                AccessStatus::Active | AccessStatus::Suspended => &mut bought,
            };
            pages.insert(page);
        }
        let is_held = |page: &PageId| bought.contains(page) || given.contains(page);
        refunded.retain(|page| !is_held(page));
        ended.retain(|page| !is_held(page) && !refunded.contains(page));
        Self {
            bought: bought.len(),
            given: given.len(),
            refunded: refunded.len(),
            ended: ended.len(),
        }
    }
}

impl Person {
    /// Returns the cursor of this person. It contains no time, since the time of a visitor's
    /// registration is not disclosed to the handle.
    pub fn cursor(&self) -> Cursor {
        Self::cursor_at(self.id)
    }

    /// Returns the cursor at a visitor, who need not have anything to do with the handle any more.
    pub fn cursor_at(visitor: VisitorId) -> Cursor {
        Cursor { at: Timestamp::UNIX_EPOCH, id: visitor.to_string() }
    }
}
