//! Pages: what is behind the gate, and how the gate is set.

use jiff::Timestamp;

use crate::{
    id::{HandleId, PageId},
    money::Money,
    names::Slug,
    text_enum::text_enum,
    validation::{self, FieldErrors},
};

/// What a visitor has to do to see a page. Source: founding document, "Page access modes".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessMode {
    /// Nothing.
    Public,
    /// Sign in.
    FreeWithLogin,
    /// Have an active purchase.
    Paid,
}

/// Where a page is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageStatus {
    /// Seen by its creator only, and by those who bought it before.
    Draft,
    /// On offer.
    Published,
    /// No longer on offer; open to those who bought it.
    Archived,
}

text_enum!(
    AccessMode,
    "PUBLIC, FREE_WITH_LOGIN, PAID",
    Public = "PUBLIC",
    FreeWithLogin = "FREE_WITH_LOGIN",
    Paid = "PAID"
);
text_enum!(
    PageStatus,
    "DRAFT, PUBLISHED, ARCHIVED",
    Draft = "DRAFT",
    Published = "PUBLISHED",
    Archived = "ARCHIVED"
);

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its id.
    pub id: PageId,
    /// The handle that it belongs to.
    pub handle_id: HandleId,
    /// Its name under the handle.
    pub slug: Slug,
    /// Its title.
    pub title: String,
    /// Markdown that everyone sees.
    pub teaser: String,
    /// Markdown behind the gate.
    pub body: String,
    /// How the gate is set.
    pub mode: AccessMode,
    /// What it costs; always there when the mode is PAID.
    pub price: Option<Money>,
    /// Where it is in its life.
    pub status: PageStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Since when signing in alone does not open it any more, as it once did.
    pub closed_at: Option<Timestamp>,
}

/// The fields of a new page, already of the right types.
#[derive(Debug, Clone)]
pub struct NewPage {
    /// See [`Page::slug`].
    pub slug: Slug,
    /// See [`Page::title`].
    pub title: String,
    /// See [`Page::teaser`].
    pub teaser: String,
    /// See [`Page::body`].
    pub body: String,
    /// See [`Page::mode`].
    pub mode: AccessMode,
    /// See [`Page::price`].
    pub price: Option<Money>,
    /// See [`Page::status`].
    pub status: PageStatus,
}

/// Changes to a page; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct PageChange {
    /// See [`Page::title`].
    pub title: Option<String>,
    /// See [`Page::teaser`].
    pub teaser: Option<String>,
    /// See [`Page::body`].
    pub body: Option<String>,
    /// See [`Page::mode`].
    pub mode: Option<AccessMode>,
    /// See [`Page::price`]; `Some(None)` takes the price away.
    pub price: Option<Option<Money>>,
    /// See [`Page::status`].
    pub status: Option<PageStatus>,
}

const MAX_TITLE: usize = 200;
const MAX_TEASER: usize = 10_000;
/// Fits into a JSON request body of 64 KiB.
const MAX_BODY: usize = 60_000;

impl Page {
    /// The page after `change`, at `now`.
    pub fn changed(&self, change: PageChange, now: Timestamp) -> Result<Self, FieldErrors> {
        let mut next = Self {
            title: change.title.unwrap_or_else(|| self.title.clone()),
            teaser: change.teaser.unwrap_or_else(|| self.teaser.clone()),
            body: change.body.unwrap_or_else(|| self.body.clone()),
            mode: change.mode.unwrap_or(self.mode),
            price: change.price.unwrap_or(self.price),
            status: change.status.unwrap_or(self.status),
            updated_at: now,
            ..self.clone()
        };
        next.check()?;
        if next.lets_visitors_in() {
            next.closed_at = None;
        } else if self.lets_visitors_in() {
            next.closed_at = Some(now);
        }
        Ok(next)
    }

    /// Whether signing in is all that it takes.
    pub fn lets_visitors_in(&self) -> bool {
        self.status == PageStatus::Published && self.mode != AccessMode::Paid
    }

    /// Whether the page keeps to the rules that span its fields.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        errors.check("title", validation::line(&self.title, 1, MAX_TITLE));
        errors.check("teaser", validation::text(&self.teaser, 0, MAX_TEASER));
        errors.check("body", validation::text(&self.body, 0, MAX_BODY));
        match self.price {
            None if self.mode == AccessMode::Paid => {
                errors.add("price", "is required when accessMode is PAID");
            }
            None => {}
            Some(price) => {
                errors.check("price", Money::price(price.amount, price.currency));
            }
        }
        errors.finish()
    }

    /// What a visitor can buy here now.
    pub fn offer(&self) -> Option<Money> {
        let on_offer = self.status == PageStatus::Published && self.mode == AccessMode::Paid;
        on_offer.then_some(self.price).flatten()
    }
}
