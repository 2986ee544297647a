//! Pages: their content and the setting of their gate.

use jiff::Timestamp;

use crate::{
    id::{HandleId, PageId},
    money::Money,
    names::Slug,
    text_enum::text_enum,
    validation::{self, Field, FieldError, FieldErrors},
    version::Version,
};

/// The condition for seeing a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessMode {
    /// The page is open to everyone.
    Public,
    /// The visitor has to be signed in.
    FreeWithLogin,
    /// The visitor needs an active purchase.
    Paid,
}

/// The stage of a page's life cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageStatus {
    /// The page is visible only to its creator and to visitors who bought it before.
    Draft,
    /// The page is public in the storefront and can be bought.
    Published,
    /// The page is no longer for sale; visitors who bought it keep access.
    Archived,
}

text_enum!(AccessMode, Public = "PUBLIC", FreeWithLogin = "FREE_WITH_LOGIN", Paid = "PAID");
text_enum!(PageStatus, Draft = "DRAFT", Published = "PUBLISHED", Archived = "ARCHIVED");

/// A page of a handle, with a public teaser and a body behind the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The identifier of the page.
    pub id: PageId,
    /// The handle that it belongs to.
    pub handle_id: HandleId,
    /// The name of the page in URLs, unique within the handle.
    pub slug: Slug,
    /// The title shown to visitors.
    pub title: String,
    /// The public part of the content, as Markdown.
    pub teaser: String,
    /// The part of the content behind the gate, as Markdown.
    pub body: String,
    /// The condition for seeing the body.
    pub mode: AccessMode,
    /// The price; always set when the mode is PAID.
    pub price: Option<Money>,
    /// The stage of the page's life cycle.
    pub status: PageStatus,
    /// When the page was created.
    pub created_at: Timestamp,
    /// When the page was last changed.
    pub updated_at: Timestamp,
    /// When the page stopped being open to every signed-in visitor, if it was open to them before.
    pub closed_at: Option<Timestamp>,
}

/// The fields of a new page.
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

/// A change to a page; `None` leaves a field unchanged.
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
    /// See [`Page::price`]; `Some(None)` removes the price.
    pub price: Option<Option<Money>>,
    /// See [`Page::status`].
    pub status: Option<PageStatus>,
}

const MAX_TITLE: usize = 200;

impl Page {
    /// The maximum length of a teaser, in characters.
    pub const MAX_TEASER: usize = 10_000;
    /// The maximum size of a body, in bytes of UTF-8.
    pub const MAX_BODY: usize = 64 * 1024;

    /// Returns the page after `change` at `now`, or the errors of the invalid fields.
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

    /// Returns what identifies this version of the page.
    pub fn version(&self) -> Version {
        self.updated_at.into()
    }

    /// Returns whether signing in is enough to see the page.
    pub fn lets_visitors_in(&self) -> bool {
        self.status == PageStatus::Published && self.mode != AccessMode::Paid
    }

    /// Adds the errors of the texts that are given, so that the errors of all fields can be told at once.
    pub fn check_texts(
        errors: &mut FieldErrors,
        title: Option<&str>,
        teaser: Option<&str>,
        body: Option<&str>,
    ) {
        if let Some(title) = title {
            errors.check(Field::Title, validation::line(title, 1, MAX_TITLE));
        }
        if let Some(teaser) = teaser {
            errors.check(Field::Teaser, validation::text(teaser, 0, Self::MAX_TEASER));
        }
        if let Some(body) = body {
            errors.check(Field::Body, validation::large_text(body, Self::MAX_BODY));
        }
    }

    /// Checks every field, and the rules that involve several. The error names all fields that are not valid.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let Self { title, teaser, body, .. } = self;
        Self::check_texts(&mut errors, Some(title), Some(teaser), Some(body));
        Self::check_price(&mut errors, self.mode, self.price);
        errors.finish()
    }

    /// Adds the error of a price that cannot be charged, or that is missing in this mode.
    pub fn check_price(errors: &mut FieldErrors, mode: AccessMode, price: Option<Money>) {
        if let Some(price) = price {
            errors.check(Field::Price, Money::price(price.amount, price.currency));
        } else if mode == AccessMode::Paid {
            errors.add(Field::Price, FieldError::PriceMissing);
        }
    }

    /// Returns the price at which visitors can buy the page now, if it is for sale.
    pub fn offer(&self) -> Option<Money> {
        let on_offer = self.status == PageStatus::Published && self.mode == AccessMode::Paid;
        on_offer.then_some(self.price).flatten()
    }
}
