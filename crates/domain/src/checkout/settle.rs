//! Settling: what the provider says becomes facts, purchases and mails.
//!
//! [`Settlement::settle`] is the one function for it. The webhook worker, the return page and the
//! refund use case all end here.

use std::sync::Arc;

use super::{
    AccountId, AccountState, CheckoutOrder, CheckoutSessionId, DisputeProgress, DisputeState,
    OrderStatus, PaymentIntentId, RefundProgress, RefundState, SessionProgress, SessionState,
    SettleError, ports::Payments,
};
use crate::{
    access::{Fact, FactKind, GrantType, Payment, Purchase, Standing},
    clock::Clock,
    creators::{Handle, Page},
    email::Email,
    id::{FactId, HandleId, PurchaseId},
    installation::Installation,
    money::Money,
    outbox::{self, MailContent},
    random::Random,
    seal::Seal,
    store::{Store, StoreError, UnitOfWork},
};

/// Something as the provider has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// A checkout session.
    Session(SessionState),
    /// Refunds of one payment.
    Refunds(Vec<RefundState>),
    /// A dispute.
    Dispute(DisputeState),
    /// What the account can do.
    Account(AccountState),
    /// The account's owner has taken the platform's access away.
    Deauthorized,
}

/// What settling came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Something was written down.
    Changed,
    /// All of it was known.
    Unchanged,
    /// The payment does not match its order and opened nothing; the creator is told.
    Quarantined,
    /// It is not about anything here.
    Ignored,
}

impl Settled {
    /// As it is stored with the event.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "CHANGED",
            Self::Unchanged => "UNCHANGED",
            Self::Quarantined => "QUARANTINED",
            Self::Ignored => "IGNORED",
        }
    }
}

/// Writes down what the provider says.
#[derive(Clone)]
pub struct Settlement {
    store: Arc<dyn Store>,
    payments: Arc<dyn Payments>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    seal: Seal,
    installation: Installation,
}

impl Settlement {
    /// Settlement into `store`.
    pub fn new(
        store: Arc<dyn Store>,
        payments: Arc<dyn Payments>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        seal: Seal,
        installation: Installation,
    ) -> Self {
        Self { store, payments, clock, random, seal, installation }
    }

    /// Reads a session from the provider and settles it.
    pub async fn settle_session(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> Result<Settled, SettleError> {
        let state = self.payments.checkout(account, session).await?;
        self.settle(account, Observed::Session(state)).await
    }

    /// Writes down what was seen at `account`. May be called any number of times, in any order and
    /// in parallel with the same or other observations.
    pub async fn settle(
        &self,
        account: &AccountId,
        observed: Observed,
    ) -> Result<Settled, SettleError> {
        match observed {
            Observed::Session(state) => self.session(account, &state).await,
            Observed::Refunds(refunds) => {
                let payment = refunds.iter().find_map(|refund| refund.payment_intent.clone());
                let Some(purchase) = self.purchase_of(account, payment.as_ref()).await? else {
                    return Ok(Settled::Ignored);
                };
                self.refunds(purchase, &refunds).await
            }
            Observed::Dispute(state) => {
                let payment = state.payment_intent.as_ref();
                let Some(purchase) = self.purchase_of(account, payment).await? else {
                    return Ok(Settled::Ignored);
                };
                self.dispute(purchase, &state).await
            }
            Observed::Account(state) => {
                let mut unit = self.store.begin().await?;
                unit.connected_accounts().set_state(account, state, self.clock.now()).await?;
                unit.commit().await?;
                Ok(Settled::Changed)
            }
            Observed::Deauthorized => {
                let mut unit = self.store.begin().await?;
                unit.connected_accounts().disconnect(account, self.clock.now()).await?;
                unit.commit().await?;
                Ok(Settled::Changed)
            }
        }
    }

    async fn session(
        &self,
        account: &AccountId,
        state: &SessionState,
    ) -> Result<Settled, SettleError> {
        let mut unit = self.store.begin().await?;
        let order = match state.checkout_id {
            Some(id) => unit.checkout_orders().find(id).await?,
            None => unit.checkout_orders().by_session(&state.session).await?,
        };
        let Some(order) = order else { return Ok(Settled::Ignored) };
        let moved = match state.progress {
            SessionProgress::Open => false,
            SessionProgress::Pending => {
                let from = [OrderStatus::Creating, OrderStatus::Open];
                unit.checkout_orders().advance(order.id, &from, OrderStatus::Pending).await?
            }
            SessionProgress::Expired => {
                let from = OrderStatus::LIVE;
                unit.checkout_orders().advance(order.id, &from, OrderStatus::Expired).await?
            }
            SessionProgress::Failed => self.payment_failed(&mut *unit, &order).await?,
            SessionProgress::Paid => return self.paid(unit, account, &order, state).await,
        };
        unit.commit().await?;
        Ok(if moved { Settled::Changed } else { Settled::Unchanged })
    }

    async fn payment_failed(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
    ) -> Result<bool, SettleError> {
        let from = OrderStatus::LIVE;
        let moved = unit.checkout_orders().advance(order.id, &from, OrderStatus::Failed).await?;
        if moved && let Some((handle, page)) = page_of(unit, order).await? {
            let content = MailContent::PaymentFailed {
                page_url: self.page_url(&handle, &page),
                title: page.title,
            };
            self.mail(unit, order.customer_email.clone(), handle.id, &content).await?;
        }
        Ok(moved)
    }

    async fn paid(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        account: &AccountId,
        order: &CheckoutOrder,
        state: &SessionState,
    ) -> Result<Settled, SettleError> {
        let payment_intent = match mismatch(account, order, state) {
            Ok(payment_intent) => payment_intent.clone(),
            Err(mismatch) => return self.quarantine(unit, order, state, mismatch).await,
        };
        let now = self.clock.now();
        let paid = order.price;
        let purchase = Purchase {
            id: PurchaseId::new(now, &*self.random),
            visitor_id: order.visitor_id,
            handle_id: order.handle_id,
            page_id: order.page_id,
            created_at: now,
            payment: Some(Payment {
                checkout_id: order.id,
                paid,
                account: account.clone(),
                session: state.session.clone(),
                payment_intent,
            }),
            granted_as: GrantType::Purchase,
            grant_type: GrantType::Purchase,
            refunded: 0,
            refund_reserved: 0,
            suspended_at: None,
            revoked_at: None,
        };
        if !unit.purchases().insert(&purchase).await? {
            return Ok(Settled::Unchanged);
        }
        let reference = state.session.as_str();
        let fact = self.fact(&purchase, FactKind::Purchased, reference, Some(paid));
        unit.ledger().append(&fact).await?;
        unit.checkout_orders().advance(order.id, &OrderStatus::UNPAID, OrderStatus::Paid).await?;
        if let Some((handle, page)) = page_of(&mut *unit, order).await? {
            let content = MailContent::Receipt {
                page_url: self.page_url(&handle, &page),
                seller: handle.title,
                title: order.title.clone(),
                paid,
            };
            let to = order.customer_email.clone();
            self.mail(&mut *unit, to, handle.id, &content).await?;
        }
        unit.commit().await?;
        tracing::info!(purchase = %purchase.id, checkout = %order.id, "purchased");
        Ok(Settled::Changed)
    }

    async fn quarantine(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        order: &CheckoutOrder,
        state: &SessionState,
        mismatch: &'static str,
    ) -> Result<Settled, SettleError> {
        let fact = Fact {
            id: FactId::new(self.clock.now(), &*self.random),
            at: self.clock.now(),
            kind: FactKind::PaymentQuarantined,
            reference: state.session.to_string(),
            purchase_id: None,
            handle_id: order.handle_id,
            page_id: order.page_id,
            visitor_id: order.visitor_id,
            amount: None,
        };
        if unit.ledger().append(&fact).await? {
            unit.checkout_orders()
                .advance(order.id, &OrderStatus::UNPAID, OrderStatus::Quarantined)
                .await?;
            let content = MailContent::PaymentQuarantined {
                title: order.title.clone(),
                reference: state.session.to_string(),
                mismatch: mismatch.to_owned(),
            };
            self.mail_creator(&mut *unit, order.handle_id, &content).await?;
            unit.commit().await?;
            tracing::error!(checkout = %order.id, mismatch, "payment quarantined");
        }
        Ok(Settled::Quarantined)
    }

    /// The purchase that a payment led to. If it is not recorded yet, its session is settled first:
    /// events may come in any order.
    async fn purchase_of(
        &self,
        account: &AccountId,
        payment: Option<&PaymentIntentId>,
    ) -> Result<Option<PurchaseId>, SettleError> {
        let Some(payment) = payment else { return Ok(None) };
        if let Some(purchase) = self.recorded(account, payment).await? {
            return Ok(Some(purchase));
        }
        let Some(checkout) = self.payments.checkout_of_payment(account, payment).await? else {
            return Ok(None);
        };
        let mut unit = self.store.begin().await?;
        let order = unit.checkout_orders().find(checkout).await?;
        drop(unit);
        let Some(order) = order.filter(|order| order.account == *account) else {
            return Ok(None);
        };
        let Some(opened) = &order.opened else { return Ok(None) };
        let state = self.payments.checkout(account, &opened.session).await?;
        self.session(account, &state).await?;
        Ok(self.recorded(account, payment).await?)
    }

    async fn recorded(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<PurchaseId>, StoreError> {
        let mut unit = self.store.begin().await?;
        let purchase = unit.purchases().by_payment(account, payment).await?;
        Ok(purchase.map(|purchase| purchase.id))
    }

    async fn refunds(
        &self,
        id: PurchaseId,
        refunds: &[RefundState],
    ) -> Result<Settled, SettleError> {
        let mut unit = self.store.begin().await?;
        let Some(mut purchase) = unit.purchases().lock(id).await? else {
            return Ok(Settled::Ignored);
        };
        let Some(paid) = purchase.payment.as_ref().map(|payment| payment.paid) else {
            return Ok(Settled::Ignored);
        };
        let now = self.clock.now();
        let mut news = Vec::new();
        let mut changed = false;
        for refund in refunds {
            let failed = refund.progress == RefundProgress::Failed;
            if let Some(request) = refund.refund_id {
                let answered = unit
                    .refund_requests()
                    .answer(request, !failed, Some(refund.refund.clone()), now)
                    .await?;
                if let Some(request) = answered {
                    let amount = request.amount.amount;
                    unit.purchases().release_refund(id, amount).await?;
                }
            }
            // A refund that is seen failed was accepted before, even if nobody saw that.
            let amount = Money::new(refund.amount, paid.currency);
            let mut kinds = vec![FactKind::RefundAccepted];
            kinds.extend(failed.then_some(FactKind::RefundFailed));
            for kind in kinds {
                let fact = self.fact(&purchase, kind, refund.refund.as_str(), Some(amount));
                if unit.ledger().append(&fact).await? {
                    changed = true;
                    // The buyer is told of a refund, but not of one that is known to have failed.
                    if !failed || kind == FactKind::RefundFailed {
                        news.push((kind, amount));
                    }
                }
            }
        }
        if !changed {
            unit.commit().await?;
            return Ok(Settled::Unchanged);
        }
        self.restand(&mut *unit, &mut purchase).await?;
        self.tell_of_refunds(&mut *unit, &purchase, &news).await?;
        unit.commit().await?;
        Ok(Settled::Changed)
    }

    async fn tell_of_refunds(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        news: &[(FactKind, Money)],
    ) -> Result<(), SettleError> {
        let Some(about) = self.about(unit, purchase).await? else { return Ok(()) };
        for (kind, amount) in news {
            match kind {
                FactKind::RefundAccepted => {
                    let content = MailContent::Refunded {
                        seller: about.handle.title.clone(),
                        title: about.page.title.clone(),
                        amount: *amount,
                        access_ended: !purchase.holding().is_active(),
                    };
                    self.mail(unit, about.visitor.clone(), about.handle.id, &content).await?;
                }
                FactKind::RefundFailed => {
                    let content = MailContent::RefundFailed {
                        title: about.page.title.clone(),
                        visitor: about.visitor.clone(),
                        amount: *amount,
                    };
                    self.mail_creator(unit, about.handle.id, &content).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn dispute(&self, id: PurchaseId, state: &DisputeState) -> Result<Settled, SettleError> {
        let kinds: &[FactKind] = match state.progress {
            DisputeProgress::Inquiry => return Ok(Settled::Ignored),
            DisputeProgress::Open => &[FactKind::Disputed],
            DisputeProgress::Won => &[FactKind::Disputed, FactKind::DisputeWon],
            DisputeProgress::Lost => &[FactKind::Disputed, FactKind::DisputeLost],
        };
        let mut unit = self.store.begin().await?;
        let Some(mut purchase) = unit.purchases().lock(id).await? else {
            return Ok(Settled::Ignored);
        };
        let mut opened = false;
        let mut changed = false;
        for kind in kinds {
            let fact = self.fact(&purchase, *kind, state.dispute.as_str(), None);
            let new = unit.ledger().append(&fact).await?;
            changed |= new;
            opened |= new && *kind == FactKind::Disputed;
        }
        if !changed {
            return Ok(Settled::Unchanged);
        }
        self.restand(&mut *unit, &mut purchase).await?;
        if opened && let Some(about) = self.about(&mut *unit, &purchase).await? {
            let content = MailContent::Disputed {
                title: about.page.title,
                visitor: about.visitor,
                reference: state.dispute.to_string(),
            };
            self.mail_creator(&mut *unit, about.handle.id, &content).await?;
        }
        unit.commit().await?;
        Ok(Settled::Changed)
    }

    /// Brings the purchase's record in line with the ledger.
    async fn restand(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
    ) -> Result<(), StoreError> {
        let facts = unit.ledger().of_purchase(purchase.id).await?;
        Standing::of(&facts).apply_to(purchase);
        unit.purchases().store_standing(purchase).await
    }

    fn fact(
        &self,
        purchase: &Purchase,
        kind: FactKind,
        reference: &str,
        amount: Option<Money>,
    ) -> Fact {
        let now = self.clock.now();
        Fact {
            id: FactId::new(now, &*self.random),
            at: now,
            kind,
            reference: reference.to_owned(),
            purchase_id: Some(purchase.id),
            handle_id: purchase.handle_id,
            page_id: purchase.page_id,
            visitor_id: purchase.visitor_id,
            amount,
        }
    }

    async fn about(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
    ) -> Result<Option<About>, StoreError> {
        let handle = unit.handles().find(purchase.handle_id).await?;
        let page = unit.pages().find(purchase.page_id).await?;
        let visitor = unit.visitors().find(purchase.visitor_id).await?;
        Ok(match (handle, page, visitor) {
            (Some(handle), Some(page), Some(visitor)) => {
                Some(About { handle, page, visitor: visitor.email })
            }
            _ => None,
        })
    }

    fn page_url(&self, handle: &Handle, page: &Page) -> String {
        format!("{}/{}", self.installation.handle_origin(&handle.name), page.slug)
    }

    async fn mail(
        &self,
        unit: &mut dyn UnitOfWork,
        to: Email,
        about: HandleId,
        content: &MailContent,
    ) -> Result<(), SettleError> {
        let now = self.clock.now();
        let mail = outbox::queue(&self.seal, &*self.random, now, to, Some(about), content)?;
        Ok(unit.outbox().enqueue(&mail).await?)
    }

    async fn mail_creator(
        &self,
        unit: &mut dyn UnitOfWork,
        handle: HandleId,
        content: &MailContent,
    ) -> Result<(), SettleError> {
        match unit.creators().email_of_handle(handle).await? {
            Some(to) => self.mail(unit, to, handle, content).await,
            None => Ok(()),
        }
    }
}

/// What a mail about a purchase speaks of.
struct About {
    handle: Handle,
    page: Page,
    visitor: Email,
}

async fn page_of(
    unit: &mut dyn UnitOfWork,
    order: &CheckoutOrder,
) -> Result<Option<(Handle, Page)>, StoreError> {
    let handle = unit.handles().find(order.handle_id).await?;
    let page = unit.pages().find(order.page_id).await?;
    Ok(handle.zip(page))
}

/// What was paid has to be what was ordered, to the letter. Gives the payment, or what differs.
fn mismatch<'a>(
    account: &AccountId,
    order: &CheckoutOrder,
    state: &'a SessionState,
) -> Result<&'a PaymentIntentId, &'static str> {
    let session_differs =
        order.opened.as_ref().is_some_and(|opened| opened.session != state.session);
    if *account != order.account {
        Err("account")
    } else if session_differs {
        Err("session")
    } else if state.amount != order.price.amount {
        Err("amount")
    } else if state.currency != order.price.currency.code() {
        Err("currency")
    } else if state.page_id != Some(order.page_id) {
        Err("page")
    } else {
        state.payment_intent.as_ref().ok_or("payment")
    }
}

impl std::fmt::Debug for Settlement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Settlement")
    }
}
