//! Receipts of purchases.

use std::sync::Arc;

use jiff::Timestamp;

use super::ReceiptError;
use crate::{
    access::{
        GrantType, Purchase,
        ports::{PurchaseReads, SoldPurchase},
    },
    creators::{Creator, Ownership, SecondPayments},
    email::Email,
    id::{PurchaseId, VisitorId},
    limits::RateLimits,
    links::Links,
    mail::{MailContent, MailWriter, NewMail, ReceiptFacts, SentAgain},
    money::Money,
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    store::Runtime,
};

/// The receipt of a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The number of the receipt, which is unique.
    pub number: String,
    /// The purchase that the receipt is for.
    pub purchase_id: PurchaseId,
    /// When it was paid; when that was recorded if the provider does not say so, as for older payments.
    pub date: Timestamp,
    /// The address of the buyer.
    pub payer: Email,
    /// The storefront's name when it was paid.
    pub seller: String,
    /// The storefront.
    pub handle: HandleName,
    /// Where to ask the seller.
    pub seller_email: Option<Email>,
    /// The seller's own text then, such as a postal address.
    pub seller_text: Option<String>,
    /// The title of the page.
    pub title: String,
    /// The slug of the page.
    pub slug: Slug,
    /// The amount that was paid.
    pub amount: Money,
    /// The tax in the amount, if the provider has computed it.
    pub tax: Option<Money>,
    /// The amount that was refunded.
    pub refunded: Money,
    /// The amount that the buyer's bank took back, since the seller lost a dispute.
    pub lost: Money,
}

/// The ports that receipts need.
#[derive(Clone)]
pub struct ReceiptsPorts {
    /// Reads purchases.
    pub reads: Arc<dyn PurchaseReads>,
    /// Counts mails against the limits.
    pub limits: Arc<dyn RateLimits>,
    /// Builds the addresses in mails.
    pub links: Arc<dyn Links>,
}

/// The use cases of receipts.
#[derive(Clone)]
pub struct Receipts {
    runtime: Runtime,
    reads: Arc<dyn PurchaseReads>,
    ownership: Ownership,
    mails: MailWriter,
    sent_again: SentAgain,
    links: Arc<dyn Links>,
}

impl Receipts {
    /// Creates the use cases. The receipt of a purchase is mailed at most three times a day after the first.
    pub fn new(
        runtime: Runtime,
        ports: ReceiptsPorts,
        ownership: Ownership,
        mails: MailWriter,
    ) -> Self {
        let ReceiptsPorts { reads, limits, links } = ports;
        Self { runtime, reads, ownership, mails, sent_again: SentAgain(limits), links }
    }

    /// Returns the receipt of a visitor's own payment.
    pub async fn of_visitor(
        &self,
        visitor: VisitorId,
        id: PurchaseId,
    ) -> Result<Receipt, ReceiptError> {
        let sold = self.reads.sold(id).await?;
        let own = sold.filter(|sold| sold.purchase.visitor_id == visitor);
        own.and_then(Receipt::of).ok_or(ReceiptError::NotFound)
    }

    /// Mails the receipt of a visitor's own payment to the visitor once more.
    pub async fn resend_to_visitor(
        &self,
        visitor: VisitorId,
        id: PurchaseId,
    ) -> Result<(), ReceiptError> {
        let sold = self.reads.sold(id).await?;
        let own = sold.filter(|sold| sold.purchase.visitor_id == visitor);
        self.mail(own.ok_or(ReceiptError::NotFound)?).await
    }

    /// Returns a purchase of the creator's handle, with or without a payment.
    pub async fn purchase(
        &self,
        creator: &Creator,
        handle: &HandleName,
        id: PurchaseId,
    ) -> Result<SoldPurchase, ReceiptError> {
        sold_at(&self.ownership, &*self.reads, creator, handle, id).await
    }

    /// Mails the receipt of a payment to the buyer once more.
    pub async fn resend(
        &self,
        creator: &Creator,
        handle: &HandleName,
        id: PurchaseId,
    ) -> Result<(), ReceiptError> {
        let sold = self.purchase(creator, handle, id).await?;
        if sold.purchase.payment.is_none() {
            return Err(ReceiptError::NotFound);
        }
        creator.require_verified()?;
        self.mail(sold).await
    }

    async fn mail(&self, sold: SoldPurchase) -> Result<(), ReceiptError> {
        let (handle, to) = (sold.seller_on_receipt(), sold.email.clone());
        let id = sold.purchase.id;
        let content = Receipt::mail(&*self.links, sold, None).ok_or(ReceiptError::NotFound)?;
        let mail = NewMail::about(&handle, to, &content);
        self.sent_again.admit(&id.to_string(), self.runtime.now()).await?;
        let mut unit = self.runtime.begin().await?;
        self.mails.write(&mut *unit, mail).await?;
        Ok(unit.commit().await?)
    }
}

impl Receipt {
    /// Returns the receipt of a payment; `None` for complimentary access.
    fn of(sold: SoldPurchase) -> Option<Self> {
        let handle = sold.seller_on_receipt();
        let SoldPurchase { purchase, email, slug, title, .. } = sold;
        let (lost, date) = (lost_of(&purchase), purchase.paid_or_recorded_at());
        let amount = purchase.payment?.paid;
        Some(Self {
            lost: Money::new(lost, amount.currency),
            number: number(&handle.name, purchase.id),
            purchase_id: purchase.id,
            date,
            payer: email,
            seller: handle.title,
            handle: handle.name,
            seller_email: handle.texts.support_email,
            seller_text: handle.texts.mail_footer,
            title,
            slug,
            amount,
            tax: purchase.tax.map(|tax| Money::new(tax, amount.currency)),
            refunded: Money::new(purchase.refunded, amount.currency),
        })
    }

    /// Returns what the mail with the receipt of a payment says; `None` for complimentary access. `second` tells what
    /// becomes of the payment if the page is open without it.
    pub(crate) fn mail(
        links: &dyn Links,
        sold: SoldPurchase,
        second: Option<SecondPayments>,
    ) -> Option<MailContent> {
        let is_open = sold.purchase.holding().is_active() && second.is_none();
        let receipt = Self::of(sold)?;
        Some(MailContent::Receipt {
            page_url: links.page(&receipt.handle, &receipt.slug),
            seller: receipt.seller,
            title: receipt.title,
            paid: receipt.amount,
            facts: Some(ReceiptFacts {
                number: receipt.number,
                date: receipt.date,
                payer: receipt.payer,
                refunded: Some(receipt.refunded).filter(|refunded| refunded.amount > 0),
                lost: Some(receipt.lost).filter(|lost| lost.amount > 0),
                tax: receipt.tax,
                is_open,
                is_second: second == Some(SecondPayments::Refund),
                is_held: second == Some(SecondPayments::Hold),
                url: links.receipt(receipt.purchase_id),
            }),
        })
    }
}

/// Returns what a bank took back of a purchase, in minor units. Only a dispute takes away what was paid for and not refunded, so
/// that it took the rest if no amount is known.
fn lost_of(purchase: &Purchase) -> i64 {
    let is_lost = purchase.revoked_at.is_some() && purchase.grant_type != GrantType::Refunded;
    if purchase.lost == 0 && is_lost { purchase.left() } else { purchase.lost }
}

/// Returns a purchase of a handle of the creator's.
pub(crate) async fn sold_at(
    ownership: &Ownership,
    reads: &dyn PurchaseReads,
    creator: &Creator,
    handle: &HandleName,
    id: PurchaseId,
) -> Result<SoldPurchase, ReceiptError> {
    let handle = ownership.handle(creator, handle).await?;
    let sold = reads.sold(id).await?;
    let own = sold.filter(|sold| sold.purchase.handle_id == handle.id);
    own.ok_or(ReceiptError::NotFound)
}

/// Returns the number of the receipt of a purchase.
fn number(handle: &HandleName, id: PurchaseId) -> String {
    let id = id.to_string();
    let unique = id.trim_start_matches(PurchaseId::PREFIX).to_ascii_uppercase();
    format!("{}-{unique}", handle.as_str().to_ascii_uppercase())
}

opaque_debug!(Receipts, ReceiptsPorts);
