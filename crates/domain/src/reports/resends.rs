//! Sending mails of a handle once more.

use std::sync::Arc;

use super::ports::ReportReads;
use crate::{
    checkout::{ReceiptError, Receipts},
    creators::{
        Creator, EmailNotVerified, Ownership, OwnershipError, PageStatus, from_ownership_error,
    },
    email::Email,
    id::{MailId, PageId},
    limits::RateLimits,
    links::Links,
    mail::{
        MailKind, MailStatus, MailWriteError, MailWriter, QueuedMail, RewriteError, SentAgain,
        from_mail_write_error, ports::OutboxReads,
    },
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    store::Runtime,
    store_error::StoreError,
    visitor_auth::{LinkRequest, RequestLinkError, SignIn},
};

/// The error of sending a mail once more.
#[derive(Debug, thiserror::Error)]
pub enum ResendError {
    /// The handle does not exist or belongs to another creator.
    #[error("no such handle")]
    HandleNotFound,
    /// There is no such mail about the handle.
    #[error("no such mail")]
    NotFound,
    /// The content of the mail is no longer stored, or cannot be read with the current keys.
    #[error("the text of the mail is no longer kept")]
    Forgotten,
    /// The mail leads nowhere any more: its link has expired, its offer has ended, or its address is no longer one of this
    /// installation.
    #[error("the link or the offer in the mail has ended")]
    Over,
    /// The mail says that access was given, and its recipient no longer has it.
    #[error("the recipient has no access to the page any more")]
    NoAccess,
    /// The handle has no such page.
    #[error("no such page")]
    PageNotFound,
    /// The person could not see the page that a sign-in link would lead to: it is not published, and the person has not bought it.
    #[error("the page is not published, and the person does not have it")]
    PageHidden,
    /// The mail was sent, and reports a state that may have changed since.
    #[error("the mail reports a state that may have changed since")]
    Past,
    /// The creator's address is not proved.
    #[error(transparent)]
    EmailNotVerified(#[from] EmailNotVerified),
    /// A new sign-in link could not be requested.
    #[error(transparent)]
    Link(RequestLinkError),
    /// The mail could not be written.
    #[error(transparent)]
    Mail(MailWriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_mail_write_error!(ResendError);

from_ownership_error!(ResendError, HandleNotFound, PageNotFound);

impl From<RequestLinkError> for ResendError {
    fn from(error: RequestLinkError) -> Self {
        match error {
            RequestLinkError::Mail(error) => Self::Mail(error),
            RequestLinkError::Store(error) => Self::Store(error),
            error => Self::Link(error),
        }
    }
}

impl From<RewriteError> for ResendError {
    fn from(error: RewriteError) -> Self {
        match error {
            RewriteError::Forgotten => Self::Forgotten,
            RewriteError::Over => Self::Over,
            RewriteError::Write(error) => error.into(),
        }
    }
}

impl From<ReceiptError> for ResendError {
    fn from(error: ReceiptError) -> Self {
        match error {
            ReceiptError::HandleNotFound => Self::HandleNotFound,
            ReceiptError::NotFound => Self::Past,
            ReceiptError::EmailNotVerified(error) => Self::EmailNotVerified(error),
            ReceiptError::Mail(error) => Self::Mail(error),
            ReceiptError::Store(error) => Self::Store(error),
        }
    }
}

/// What sending mails once more needs, besides who owns what.
#[derive(Clone)]
pub struct ResendsPorts {
    /// Reads mails.
    pub reads: Arc<dyn OutboxReads>,
    /// Reads who has a page.
    pub reports: Arc<dyn ReportReads>,
    /// Counts mails against the limits.
    pub limits: Arc<dyn RateLimits>,
    /// Makes the addresses that sign-in links lead to, and reads those in mails.
    pub links: Arc<dyn Links>,
    /// Writes mails.
    pub mails: MailWriter,
    /// Sends sign-in links.
    pub sign_in: SignIn,
    /// Sends receipts.
    pub receipts: Receipts,
}

/// The use case of sending a mail of a handle once more.
#[derive(Clone)]
pub struct Resends {
    runtime: Runtime,
    ownership: Ownership,
    reads: Arc<dyn OutboxReads>,
    reports: Arc<dyn ReportReads>,
    sent_again: SentAgain,
    links: Arc<dyn Links>,
    mails: MailWriter,
    sign_in: SignIn,
    receipts: Receipts,
}

impl Resends {
    /// Creates the use case. One person gets mails of one kind about a handle at most three times a day after the
    /// first. What is refused does not count.
    pub fn new(runtime: Runtime, ports: ResendsPorts, ownership: Ownership) -> Self {
        let ResendsPorts { reads, reports, limits, links, mails, sign_in, receipts } = ports;
        let sent_again = SentAgain(limits);
        Self { runtime, ownership, reads, reports, sent_again, links, mails, sign_in, receipts }
    }

    /// Sends a mail about the handle once more, under limits, and returns its kind.
    ///
    /// A receipt is written anew from the purchase. In place of a sign-in link, a new one is sent as by
    /// [`sign_in_link`](Self::sign_in_link).
    ///
    /// # Errors
    ///
    /// Among others, if the mail says that access was given and its recipient no longer has access, or if it tells of a moment and was not
    /// given up.
    pub async fn resend(
        &self,
        creator: &Creator,
        handle: &HandleName,
        id: MailId,
    ) -> Result<MailKind, ResendError> {
        let owned = self.ownership.handle(creator, handle).await?;
        let found = self.reads.mail_about(owned.id, id).await?;
        let (mail, status) = found.ok_or(ResendError::NotFound)?;
        creator.require_verified()?;
        let kind = mail.kind;
        if kind.is_sign_in() {
            self.request_link(creator, handle, mail.to, None).await?;
            return Ok(kind);
        }
        if kind == MailKind::Receipt {
            self.receipt(creator, handle, mail).await?;
            return Ok(kind);
        }
        if kind.tells_of_a_moment() && status != MailStatus::Dead {
            return Err(ResendError::Past);
        }
        if let Some(page) = self.given_page(creator, handle, &mail).await?
            && !self.reports.opens(page, &mail.to).await?
        {
            return Err(ResendError::NoAccess);
        }
        // Checked before the mail is counted, so that a refused one does not count.
        self.mails.check_resend(&*self.reads, creator.id, &mail).await?;
        let subject = format!("{} {} {}", owned.id, mail.to, kind.as_str());
        self.sent_again.admit(&subject, self.runtime.now()).await?;
        let mut unit = self.runtime.begin().await?;
        self.mails.resend(&mut *unit, creator.id, mail).await?;
        unit.commit().await?;
        Ok(kind)
    }

    /// Mails the receipt of a purchase as it is now in place of one that was mailed, unless the purchase has moved to another
    /// address.
    async fn receipt(
        &self,
        creator: &Creator,
        handle: &HandleName,
        mail: QueuedMail,
    ) -> Result<(), ResendError> {
        let url = self.mails.receipt_url(&mail);
        let purchase = url.and_then(|url| self.links.receipt_at(&url));
        let purchase = purchase.ok_or(ResendError::Forgotten)?;
        let sold = self.receipts.purchase(creator, handle, purchase).await?;
        if sold.email != mail.to {
            return Err(ResendError::Past);
        }
        Ok(self.receipts.resend(creator, handle, purchase).await?)
    }

    /// Returns the page that a mail says was given to its recipient, if it says so.
    async fn given_page(
        &self,
        creator: &Creator,
        handle: &HandleName,
        mail: &QueuedMail,
    ) -> Result<Option<PageId>, ResendError> {
        let Some(url) = self.mails.given_page_url(mail) else { return Ok(None) };
        let slug = self.links.page_at(handle, &url).ok_or(ResendError::Over)?;
        match self.ownership.page(creator, handle, &slug).await {
            Ok((_, page)) => Ok(Some(page.id)),
            Err(OwnershipError::PageNotFound) => Err(ResendError::NoAccess),
            Err(error) => Err(error.into()),
        }
    }

    /// Mails a sign-in link of the handle to a person, under the limits of the mails that a creator causes, and of links with
    /// the creator as the client. It is an error if the person stopped mails from the handle. With a `page`, which the person has
    /// to be able to see, the link leads there.
    pub async fn sign_in_link(
        &self,
        creator: &Creator,
        handle: &HandleName,
        email: Email,
        page: Option<&Slug>,
    ) -> Result<(), ResendError> {
        let wanted = if let Some(slug) = page {
            Some(self.ownership.page(creator, handle, slug).await?.1)
        } else {
            self.ownership.handle(creator, handle).await?;
            None
        };
        creator.require_verified()?;
        if let Some(hidden) = wanted.filter(|page| page.status != PageStatus::Published)
            && !self.reports.opens(hidden.id, &email).await?
        {
            return Err(ResendError::PageHidden);
        }
        self.request_link(creator, handle, email, page).await
    }

    async fn request_link(
        &self,
        creator: &Creator,
        handle: &HandleName,
        email: Email,
        page: Option<&Slug>,
    ) -> Result<(), ResendError> {
        let place = page.map(|slug| self.links.page(handle, slug));
        let request = LinkRequest {
            email,
            return_to: place.as_deref(),
            handle: Some(handle),
            client: &creator.id.to_string(),
            browser: None,
            language: None,
        };
        Ok(self.sign_in.send_link(request, Some(creator)).await?)
    }
}

opaque_debug!(Resends, ResendsPorts);
