//! Handles and their pages.

use jiff::Timestamp;

use super::{RANDOM, builder, handle_name, money, number, slug};
use crate::start_of_time;
use tollgate_domain::{
    creators::{AccessMode, Creator, Handle, NewPage, Page, PageStatus, SecondPayments},
    id::{CreatorId, HandleId, PageId},
    mail::HandleTexts,
    payments::PaymentExtras,
};

/// A handle; whose it is has to be said with [`HandleBuilder::of`].
pub fn a_handle() -> HandleBuilder {
    HandleBuilder(Handle {
        id: HandleId::new(start_of_time(), &*RANDOM),
        creator_id: CreatorId::new(start_of_time(), &*RANDOM),
        name: handle_name(&format!("handle-{}", number())),
        title: "Ada's notes".into(),
        texts: HandleTexts::default(),
        description: None,
        picture: None,
        extras: PaymentExtras::default(),
        second_payments: SecondPayments::default(),
        created_at: start_of_time(),
    })
}

builder! {
    /// See [`a_handle`].
    HandleBuilder of Handle;

    /// Owned by this creator.
    pub fn of(mut self, creator: &Creator) -> Self {
        self.0.creator_id = creator.id;
        self
    }

    /// Sets the name in URLs.
    pub fn named(mut self, name: &str) -> Self {
        self.0.name = handle_name(name);
        self
    }

    /// Made at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = HandleId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self
    }
}

/// A public draft; whose it is has to be said with [`PageBuilder::of`].
pub fn a_page() -> PageBuilder {
    PageBuilder(Page {
        id: PageId::new(start_of_time(), &*RANDOM),
        handle_id: HandleId::new(start_of_time(), &*RANDOM),
        slug: slug(&format!("page-{}", number())),
        title: "A guide".into(),
        teaser: "What it is about.".into(),
        body: "Everything.".into(),
        mode: AccessMode::Public,
        price: None,
        status: PageStatus::Draft,
        created_at: start_of_time(),
        updated_at: start_of_time(),
        closed_at: None,
    })
}

builder! {
    /// See [`a_page`].
    PageBuilder of Page;

    /// Under this handle.
    pub fn of(mut self, handle: &Handle) -> Self {
        self.0.handle_id = handle.id;
        self
    }

    /// Sets the slug.
    pub fn slug(mut self, text: &str) -> Self {
        self.0.slug = slug(text);
        self
    }

    /// Open to everybody.
    pub fn public(mut self) -> Self {
        self.0.mode = AccessMode::Public;
        self
    }

    /// Open to every visitor who signs in.
    pub fn free_with_login(mut self) -> Self {
        self.0.mode = AccessMode::FreeWithLogin;
        self
    }

    /// Open to every visitor who buys it for `amount` minor units.
    pub fn paid(mut self, amount: i64, currency: &str) -> Self {
        self.0.mode = AccessMode::Paid;
        self.0.price = Some(money(amount, currency));
        self
    }

    /// On offer.
    pub fn published(mut self) -> Self {
        self.0.status = PageStatus::Published;
        self
    }

    /// No longer on offer.
    pub fn archived(mut self) -> Self {
        self.0.status = PageStatus::Archived;
        self
    }

    /// Closed to visitors at `instant`.
    pub fn closed(mut self, instant: Timestamp) -> Self {
        self.0.closed_at = Some(instant);
        self
    }

    /// Made at `instant`.
    pub fn created_at(mut self, instant: Timestamp) -> Self {
        self.0.id = PageId::new(instant, &*RANDOM);
        self.0.created_at = instant;
        self.0.updated_at = instant;
        self
    }

    /// As a creator would ask for it.
    pub fn new_page(self) -> NewPage {
        let page = self.0;
        NewPage {
            slug: page.slug,
            title: page.title,
            teaser: page.teaser,
            body: page.body,
            mode: page.mode,
            price: page.price,
            status: page.status,
        }
    }
}
