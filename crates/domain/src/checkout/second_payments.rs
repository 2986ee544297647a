//! Second payments: those for a page that its visitor has already.

use std::collections::BTreeSet;

use super::{About, Receipt};
use crate::{
    access::{Fact, FactKind, Purchase, ports::SoldPurchase},
    clock::plus_seconds,
    creators::{Handle, SecondPayments},
    id::{PageId, PurchaseId, VisitorId},
    jobs::{Job, NewJob},
    links::Links,
    mail::{MailContent, MailWriteError, MailWriter, NewMail, RefundHindrance},
    money::Money,
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
};

/// The key of requests for refunds of second payments. It tells who wanted the refund.
pub(crate) const SECOND_PAYMENT_KEY: &str = "tollgate-second-payment";

/// How long after a payment was held the accounts of the others are swept, in seconds. Payments that are found together need one sweep.
const SWEEP_DELAY_SECONDS: i64 = 60;

/// Why a page may be open to a visitor for several reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlap {
    /// This purchase was just made, and its buyer gets its receipt. It comes after all others, whatever the clocks say.
    Bought(PurchaseId),
    /// This purchase opens the page again. It comes after others of the same instant.
    OpenedAgain(PurchaseId),
    /// There is no new purchase: those of another address were added, or one is not refunded after all.
    Existing,
}

impl Overlap {
    fn is_new(self, id: PurchaseId) -> bool {
        self == Self::Bought(id)
    }
}

/// What becomes of second payments: those that open a page although an earlier payment or gift does.
pub(crate) struct SecondPaymentRule<'a> {
    pub(crate) runtime: &'a Runtime,
    pub(crate) links: &'a dyn Links,
    pub(crate) mails: &'a MailWriter,
}

impl SecondPaymentRule<'_> {
    /// Has the second payments of a visitor for a page refunded or holds them, as the handle's settings say, and returns
    /// what becomes of which. A payment whose refund failed is left to its creator, who was told, and so is one that is held
    /// already. The visitor has to be locked, so that no other unit decides at the same time.
    pub(crate) async fn decide(
        &self,
        unit: &mut dyn UnitOfWork,
        visitor: VisitorId,
        page: PageId,
        overlap: Overlap,
    ) -> Result<Vec<(PurchaseId, SecondPayments)>, MailWriteError> {
        let mut theirs = unit.purchases().of_visitor(visitor, page).await?;
        theirs.retain(|purchase| purchase.holding().is_active());
        theirs.sort_by_key(|it| {
            let is_reopened = overlap == Overlap::OpenedAgain(it.id);
            (overlap.is_new(it.id), it.created_at, is_reopened, it.id)
        });
        let mut decided = Vec::new();
        for second in theirs.iter().skip(1).filter(|it| it.payment.is_some()) {
            let outcome = self.decide_one(unit, second, overlap).await?;
            decided.extend(outcome.map(|outcome| (second.id, outcome)));
        }
        let is_held = |id| decided.contains(&(id, SecondPayments::Hold));
        if theirs.iter().any(|it| is_held(it.id)) {
            let others = theirs.iter().filter(|it| !is_held(it.id));
            let payments = others.filter_map(|other| other.payment.as_ref());
            let accounts = payments.map(|payment| payment.account.to_string()).collect();
            self.sweep(unit, accounts).await?;
        }
        Ok(decided)
    }

    /// Queues a sweep of the accounts of payments beside one that is held: that one of them was refunded may not be known here, and then
    /// the creator was asked to decide about the payment that opens the page. The accounts are queued in order, so that two units of work
    /// do not wait for each other.
    async fn sweep(
        &self,
        unit: &mut dyn UnitOfWork,
        accounts: BTreeSet<String>,
    ) -> Result<(), StoreError> {
        let due_at = plus_seconds(self.runtime.now(), SWEEP_DELAY_SECONDS);
        for account in accounts {
            unit.jobs().enqueue(&NewJob::new(Job::SweepAccount(account), due_at)).await?;
        }
        Ok(())
    }

    /// Queues the refund of a second payment, or holds the payment. A refund that is queued goes on, whatever the setting is now.
    /// Returns `None` if nothing is to be done.
    async fn decide_one(
        &self,
        unit: &mut dyn UnitOfWork,
        second: &Purchase,
        overlap: Overlap,
    ) -> Result<Option<SecondPayments>, MailWriteError> {
        if unit.purchases().was_refunded_under(second.id, SECOND_PAYMENT_KEY).await?
            || unit.ledger().has(FactKind::SecondPaymentHeld, &second.id.to_string()).await?
        {
            return Ok(None);
        }
        let Some(handle) = unit.handles().find(second.handle_id).await? else { return Ok(None) };
        let job = Job::RefundSecondPayment(second.id);
        if handle.second_payments == SecondPayments::Refund || unit.jobs().is_waiting(&job).await? {
            unit.jobs().enqueue(&NewJob::new(job, self.runtime.now())).await?;
            return Ok(Some(SecondPayments::Refund));
        }
        // There is nothing to hold. The payment is decided again if its refund fails.
        if second.left() == 0 || second.refund_reserved > 0 {
            return Ok(None);
        }
        // It is rare, and boxed so that the futures of callers stay small.
        Box::pin(self.hold(unit, second, handle, overlap)).await?;
        Ok(Some(SecondPayments::Hold))
    }

    /// Notes that a payment is held, and tells the creator, who decides, and the buyer.
    async fn hold(
        &self,
        unit: &mut dyn UnitOfWork,
        second: &Purchase,
        handle: Handle,
        overlap: Overlap,
    ) -> Result<(), MailWriteError> {
        let kind = FactKind::SecondPaymentHeld;
        let fact = Fact::new(self.runtime, kind, &second.id, second.subject());
        unit.ledger().record(&fact).await?;
        let page = unit.pages().find(second.page_id).await?;
        let visitor = unit.visitors().find(second.visitor_id).await?;
        let Some((page, visitor)) = page.zip(visitor) else { return Ok(()) };
        let Some(paid) = second.payment.as_ref().map(|payment| payment.paid) else { return Ok(()) };
        let about = About { handle, page, visitor: visitor.email };
        let amount = Money::new(second.left(), paid.currency);
        let content = paid_twice(self.links, &about, amount, Some(RefundHindrance::Held), false);
        let handle = about.handle.id;
        if let Some(to) = unit.creators().email_of_handle(handle).await? {
            self.mails.write(unit, NewMail::new(to, &content).with_handle(handle)).await?;
        }
        // The buyer of a new one gets its first receipt, which says it.
        if overlap.is_new(second.id) {
            return Ok(());
        }
        self.mail_receipt(unit, second, about, Some(SecondPayments::Hold)).await
    }

    /// Mails the receipt of a payment once more, since there is news of what becomes of it: `second` says what, if the page is open
    /// without it.
    pub(crate) async fn mail_receipt(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        About { handle, page, visitor }: About,
        second: Option<SecondPayments>,
    ) -> Result<(), MailWriteError> {
        let sold = SoldPurchase {
            purchase: purchase.clone(),
            email: visitor.clone(),
            handle,
            slug: page.slug,
            title: page.title,
            seller: unit.purchases().seller_of(purchase.id).await?,
        };
        let seller = sold.seller_on_receipt();
        if let Some(content) = Receipt::mail(self.links, sold, second) {
            self.mails.write(unit, NewMail::about(&seller, visitor, &content)).await?;
        }
        Ok(())
    }
}

/// Returns the mail to the creator about a second payment of somebody to whom the page is closed now or not.
pub(crate) fn paid_twice(
    links: &dyn Links,
    about: &About,
    amount: Money,
    hindrance: Option<RefundHindrance>,
    is_closed: bool,
) -> MailContent {
    MailContent::PaidTwice {
        title: about.page.title.clone(),
        visitor: about.visitor.clone(),
        amount,
        hindrance,
        is_closed,
        shop: about.handle.title.clone(),
        console_url: links.person(&about.handle.name, &about.visitor),
    }
}
