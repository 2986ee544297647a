//! Changes of address: what a person got from a creator under one address moves to another, once its owner
//! confirms by a mailed link. Source: `docs/reports.md`.

mod address_move;
mod error;
mod places;
pub mod ports;
mod told;

use std::sync::Arc;

use jiff::Timestamp;

pub use address_move::AddressMove;
pub use error::{ConfirmMoveError, MoveError};

use self::{places::locked_places, ports::MoveReads};
use crate::{
    access::{Fact, FactKind, Purchase, ports::MovedPurchases, revoke_gift},
    checkout::{Overlap, SecondPaymentRule},
    clock::{DAY_SECONDS, plus_seconds},
    creators::{Creator, Handle, Ownership},
    email::Email,
    id::{HandleId, MoveId, VisitorId},
    limits::{Admission, Limit, RateLimits},
    links::Links,
    mail::{
        MailAbout, MailContent, MailWriteError, MailWriter, NewMail, SecretText, first_language,
    },
    names::HandleName,
    opaque_debug::opaque_debug,
    payments::{close_open_order, close_orders},
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    token::Token,
    validation::{Field, FieldError, FieldErrors},
    visitor_auth::{Visitor, ensure_visitor},
};

/// How long the link that confirms a move is valid, in seconds: seven days.
const LINK_SECONDS: i64 = 7 * DAY_SECONDS;
/// The limit for mails to one address: three an hour.
const PER_ADDRESS: Limit = Limit::per_hour("move-address", 3);

/// How long the same change is not mailed again, in seconds: it was pressed twice, or sent again after a lost answer.
const PRESSED_TWICE_SECONDS: i64 = 60;

/// The number of changes of an address that are shown.
pub const MAX_SHOWN: u32 = 20;

/// What the page behind the mailed link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovePreview {
    /// The storefront.
    pub handle: Handle,
    /// The old address, partly hidden.
    pub from: String,
    /// The new address, which the link was mailed to.
    pub to: Email,
}

/// The ports that changes of address need.
#[derive(Clone)]
pub struct MovesPorts {
    /// Reads moves.
    pub reads: Arc<dyn MoveReads>,
    /// Counts requests against the limits.
    pub limits: Arc<dyn RateLimits>,
    /// Builds the addresses in mails.
    pub links: Arc<dyn Links>,
}

/// The use cases of changes of address.
#[derive(Clone)]
pub struct Moves {
    runtime: Runtime,
    ownership: Ownership,
    ports: MovesPorts,
    mails: MailWriter,
}

impl Moves {
    /// Creates the use cases.
    pub fn new(
        runtime: Runtime,
        ownership: Ownership,
        ports: MovesPorts,
        mails: MailWriter,
    ) -> Self {
        Self { runtime, ownership, ports, mails }
    }

    /// Mails a link to the new address. Nothing moves until its owner confirms. An address that nothing at the handle
    /// is under is refused. Links that were mailed to other new addresses before are ended: one of them may be mistyped.
    /// The same change that was asked for less than a minute ago and waits is not mailed again.
    pub async fn request(
        &self,
        creator: &Creator,
        handle: &HandleName,
        from: Email,
        to: Email,
    ) -> Result<(), MoveError> {
        let handle = self.ownership.handle(creator, handle).await?;
        if from == to {
            let error = FieldErrors::one(Field::NewAddress, FieldError::SameAddress);
            return Err(MoveError::Invalid(error));
        }
        creator.require_verified()?;
        if !self.ports.reads.has_anything(handle.id, &from).await? {
            let error = FieldErrors::one(Field::OldAddress, FieldError::NothingThere);
            return Err(MoveError::Invalid(error));
        }
        let now = self.runtime.now();
        let since = plus_seconds(now, -PRESSED_TWICE_SECONDS);
        let waiting = self.ports.reads.waiting_moves(handle.id, &from, now, MAX_SHOWN).await?;
        let is_same = |it: &AddressMove| it.from == from && it.to == to && it.created_at > since;
        if waiting.iter().any(is_same) {
            return Ok(());
        }
        let token = Token::new(&*self.runtime.random);
        let asked = AddressMove {
            id: MoveId::new(now, &*self.runtime.random),
            token: token.hash(),
            handle_id: handle.id,
            from,
            to,
            created_at: now,
            expires_at: plus_seconds(now, LINK_SECONDS),
            used_at: None,
        };
        let admission = self.ports.limits.admit(PER_ADDRESS, asked.to.as_str(), now).await?;
        if let Admission::Limited { retry_after_seconds } = admission {
            // It may be one more press of a button of which another press was stored since the changes that wait were read.
            let mut unit = self.runtime.begin().await?;
            let is_asked = self.was_just_asked(&mut *unit, creator, &asked).await?;
            return if is_asked { Ok(()) } else { Err(MoveError::Limited { retry_after_seconds }) };
        }
        self.write(creator, &handle, &asked, &token).await
    }

    /// Returns whether the same change was asked for less than a minute ago and waits. It locks the creator, so that of two changes
    /// that are asked for at once the later one ends the other, or finds that it is the same.
    async fn was_just_asked(
        &self,
        unit: &mut dyn UnitOfWork,
        creator: &Creator,
        asked: &AddressMove,
    ) -> Result<bool, StoreError> {
        unit.mail_causers().lock(creator.id).await?;
        let now = asked.created_at;
        let since = plus_seconds(now, -PRESSED_TWICE_SECONDS);
        unit.address_moves().was_asked_after(asked, since, now).await
    }

    /// Stores a change of address and mails its link to the new address.
    async fn write(
        &self,
        creator: &Creator,
        handle: &Handle,
        asked: &AddressMove,
        token: &Token,
    ) -> Result<(), MoveError> {
        let content = MailContent::ConfirmMove {
            seller: handle.title.clone(),
            link: SecretText(self.ports.links.confirm_move(token)),
            from: asked.from.masked(),
            valid_hours: LINK_SECONDS / 3600,
        };
        let mut unit = self.runtime.begin().await?;
        // A change that was just asked for has its mail, which may have been the last one that the creator may cause.
        if self.was_just_asked(&mut *unit, creator, asked).await? {
            return Ok(());
        }
        self.mails.admit(&mut *unit, creator.id, 1).await?;
        unit.address_moves().end_others(asked, asked.created_at).await?;
        unit.address_moves().insert(asked).await?;
        let about = MailAbout { handle: handle.id, name: &handle.name, links: &*self.ports.links };
        // The new address often has no language yet: its owner has not signed in.
        let known = [&asked.to, &asked.from, &creator.email];
        let language = first_language(&mut *unit, &known).await?;
        let mail = NewMail::about(handle, asked.to.clone(), &content);
        let mail = mail.in_language(Some(language));
        match self.mails.write_caused(&mut *unit, creator.id, about, mail).await {
            Err(MailWriteError::Unwanted) => {
                // The change can only be confirmed by the mailed link.
                let error = FieldErrors::one(Field::NewAddress, FieldError::MailUnwanted);
                return Err(MoveError::Invalid(error));
            }
            written => written?,
        }
        Ok(unit.commit().await?)
    }

    /// Calls off what waits to move away from an address at the creator's handle, and returns whether anything did. With a new
    /// address, what waits to move to another one goes on to wait.
    pub async fn call_off(
        &self,
        creator: &Creator,
        handle: &HandleName,
        from: &Email,
        to: Option<&Email>,
    ) -> Result<bool, MoveError> {
        let handle = self.ownership.handle(creator, handle).await?;
        let mut unit = self.runtime.begin().await?;
        let now = self.runtime.now();
        let was_waiting = unit.address_moves().call_off(handle.id, from, to, now).await?;
        unit.commit().await?;
        Ok(was_waiting)
    }

    /// Returns what a mailed link would move, without doing it.
    pub async fn preview(&self, token: &Token) -> Result<MovePreview, ConfirmMoveError> {
        let (asked, handle) = self.asked(token).await?;
        asked.check(self.runtime.now())?;
        Ok(MovePreview { handle, from: asked.from.masked(), to: asked.to })
    }

    fn second_payments(&self) -> SecondPaymentRule<'_> {
        SecondPaymentRule { runtime: &self.runtime, links: &*self.ports.links, mails: &self.mails }
    }

    /// Moves purchases, orders that led to none, grants and list entries to the new address, and tells
    /// both. Purchases become those of the visitor with the new address, who need not have signed in before. Open
    /// pay pages of the old address are closed: what was paid on one all the same belongs to the new address.
    /// If the new address has paid for a page, too, the later of the two payments is refunded by a job or held, like any
    /// second payment, and so is a payment under one address for what was given to the other one before.
    /// Other links that would move what was under the old address are ended, so that none takes away what moves back.
    pub async fn confirm(&self, token: &Token) -> Result<MovePreview, ConfirmMoveError> {
        let (asked, handle) = self.asked(token).await?;
        let now = self.runtime.now();
        asked.check(now)?;
        let mut unit = self.runtime.begin().await?;
        let count = self.carry_over(&mut *unit, &asked, handle.id, now).await?;
        // Changes of address are locked last, here as where one is asked for.
        if !unit.address_moves().redeem(&asked, now).await? {
            drop(unit);
            // It was confirmed or ended since it was read.
            let (asked, _) = self.asked(token).await?;
            asked.check(now)?;
            return Err(ConfirmMoveError::Used);
        }
        if count == 0 {
            return Err(ConfirmMoveError::NothingToMove);
        }
        self.tell(&mut *unit, &asked, &handle).await?;
        unit.commit().await?;
        tracing::info!(handle = %handle.id, "a change of address was confirmed");
        Ok(MovePreview { handle, from: asked.from.masked(), to: asked.to })
    }

    /// Moves what is under the old address to the new one, and returns how much that is.
    async fn carry_over(
        &self,
        unit: &mut dyn UnitOfWork,
        asked: &AddressMove,
        handle: HandleId,
        now: Timestamp,
    ) -> Result<usize, ConfirmMoveError> {
        let places = locked_places(unit, handle, &asked.from).await?;
        let (from, to) = self.visitors(unit, asked).await?;
        // Visitors are locked before purchases, and these before orders, as by whatever opens a page: which payments are too
        // many is decided by one unit after the other.
        for visitor in [from.id.min(to.id), from.id.max(to.id)] {
            unit.visitors().lock(visitor).await?;
        }
        let early = unit.purchases().move_to(handle, from.id, to.id).await?;
        // An order that is being paid now is either moved here, and its purchase is the new address's, or has its purchase
        // by then.
        let orders = unit.checkout_orders().move_unpaid(handle, from.id, &to).await?;
        close_orders(unit, &orders.closing, now).await?;
        let mut count = orders.payments;
        let MovedPurchases { moved, stayed } =
            unit.purchases().move_to(handle, from.id, to.id).await?;
        let moved: Vec<_> = early.moved.into_iter().chain(moved).collect();
        count += moved.len() + stayed.len();
        self.record_moved(unit, moved, asked.id, to.id, now).await?;
        // The new address has these already, and the old one must not keep them.
        for gift in stayed {
            revoke_gift(&self.runtime, unit, gift, Some(asked.id)).await?;
        }
        count += self.move_places(unit, asked, places, now).await?;
        Ok(count)
    }

    /// Records that purchases have moved to a visitor. Those that open a page can make others for it second payments.
    async fn record_moved(
        &self,
        unit: &mut dyn UnitOfWork,
        moved: Vec<Purchase>,
        asked: MoveId,
        to: VisitorId,
        now: Timestamp,
    ) -> Result<(), ConfirmMoveError> {
        for mut purchase in moved {
            purchase.visitor_id = to;
            let reference = format!("{asked}/{}", purchase.id);
            let fact = Fact::new(&self.runtime, FactKind::Moved, &reference, purchase.subject());
            unit.ledger().record(&fact).await?;
            if purchase.holding().is_active() {
                close_open_order(unit, to, purchase.page_id, now).await?;
                let second_payments = self.second_payments();
                second_payments.decide(unit, to, purchase.page_id, Overlap::Existing).await?;
            }
        }
        Ok(())
    }

    /// Tells both addresses of a move.
    async fn tell(
        &self,
        unit: &mut dyn UnitOfWork,
        asked: &AddressMove,
        handle: &Handle,
    ) -> Result<(), ConfirmMoveError> {
        // Each reads the own address in full, so that two that look alike when partly hidden are told apart.
        let seller = || handle.title.clone();
        let (old, new) = (&asked.from, &asked.to);
        let to_old = (old, old.to_string(), new.masked_beside(&old.masked()));
        let to_new = (new, old.masked(), new.to_string());
        for (address, from, to) in [to_old, to_new] {
            let content = MailContent::Moved { seller: seller(), from, to };
            let language = first_language(unit, &[address, old, new]).await?;
            let mail = NewMail::about(handle, address.clone(), &content);
            self.mails.write(unit, mail.in_language(Some(language))).await?;
        }
        Ok(())
    }

    async fn asked(&self, token: &Token) -> Result<(AddressMove, Handle), ConfirmMoveError> {
        let found = self.ports.reads.address_move(token.hash()).await?;
        found.ok_or(ConfirmMoveError::Invalid)
    }

    /// Returns the visitors of both addresses. They are stored in the order of their addresses, so that two changes between
    /// these in opposite directions do not wait for each other.
    async fn visitors(
        &self,
        unit: &mut dyn UnitOfWork,
        asked: &AddressMove,
    ) -> Result<(Visitor, Visitor), ConfirmMoveError> {
        if asked.from < asked.to {
            let from = ensure_visitor(&self.runtime, unit, &asked.from).await?;
            return Ok((from, ensure_visitor(&self.runtime, unit, &asked.to).await?));
        }
        let to = ensure_visitor(&self.runtime, unit, &asked.to).await?;
        Ok((ensure_visitor(&self.runtime, unit, &asked.from).await?, to))
    }
}

opaque_debug!(Moves, MovesPorts);
