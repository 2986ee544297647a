//! Creators: their accounts, handles and pages.
//! Source: `docs/console.md`.

mod account_tokens;
mod accounts;
mod administration;
pub mod error;
mod handle_settings;
mod handles;
mod origin;
mod overview;
mod ownership;
mod page;
mod pages;
mod password;
pub mod ports;
mod quotas;

use std::fmt;

use jiff::Timestamp;

pub use account_tokens::{AccountToken, TokenPurpose};
pub use accounts::{Accounts, AccountsPorts, Caller, CreatorSignedIn, display_name};
pub use administration::{Administration, AdministrationError};
pub use error::{AccountError, EmailNotVerified, HandleError, PageError};
pub use handle_settings::{HandleChange, HandleSettings, SecondPayments};
pub use handles::Handles;
pub use origin::FrontendOrigin;
pub use overview::{PageLabel, PageOverview, PricedPage};
pub(crate) use ownership::from_ownership_error;
pub use ownership::{Ownership, OwnershipError};
pub use page::{AccessMode, NewPage, Page, PageChange, PageStatus};
pub use pages::Pages;
pub use password::Password;
pub use quotas::{QuotaExceeded, Quotas};

use crate::{
    clock::DAY_SECONDS,
    device::Device,
    email::Email,
    id::{CreatorId, CreatorSessionId, HandleId},
    mail::{HandleTexts, MailContent, NewMail},
    names::{HandleName, Slug},
    payments::PaymentExtras,
    token::TokenHash,
};

/// A person who sells pages and files, with an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Creator {
    /// The identifier of the creator.
    pub id: CreatorId,
    /// The address that the creator signs in with and receives mails at.
    pub email: Email,
    /// The creator's display name; may be empty.
    pub name: String,
    /// The argon2id hash of the password, as a PHC string.
    pub password_hash: String,
    /// When the account was created.
    pub created_at: Timestamp,
    /// When the creator proved that the address is theirs, if they did.
    pub email_verified_at: Option<Timestamp>,
    /// Since when the creator may neither sign in nor sell, by the operator's order.
    pub suspended_at: Option<Timestamp>,
}

impl Creator {
    /// Checks that the creator's address is proved. Until then a creator can neither cause mails to other
    /// people nor take payments.
    pub fn require_verified(&self) -> Result<(), EmailNotVerified> {
        self.email_verified_at.map(drop).ok_or(EmailNotVerified)
    }
}

impl fmt::Debug for Creator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Creator").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A session of a creator, in which each refresh token replaces the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatorSession {
    /// The identifier of the session, which access tokens contain.
    pub id: CreatorSessionId,
    /// The creator who signed in.
    pub creator_id: CreatorId,
    /// The hash of the current refresh token.
    pub token: TokenHash,
    /// When the creator signed in.
    pub created_at: Timestamp,
    /// The instant from which the session is no longer valid.
    pub expires_at: Timestamp,
    /// The kind of device that the creator signed in on; `None` for sessions from before it was stored.
    pub device: Option<Device>,
}

impl CreatorSession {
    /// How long a session is kept after it ended, in seconds.
    pub const KEPT_SECONDS: i64 = 30 * DAY_SECONDS;
}

/// A creator's namespace and storefront.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    /// The identifier of the handle.
    pub id: HandleId,
    /// The creator who owns the handle.
    pub creator_id: CreatorId,
    /// The name of the handle in URLs.
    pub name: HandleName,
    /// The title of the storefront.
    pub title: String,
    /// The creator's own texts for mails and pages of this handle.
    pub texts: HandleTexts,
    /// What the storefront says about itself, as plain text.
    pub description: Option<String>,
    /// The slug of the public file that the storefront shows as its picture.
    pub picture: Option<Slug>,
    /// Additional services of the provider for payments to this handle.
    pub extras: PaymentExtras,
    /// What becomes of payments for pages that their buyers have already.
    pub second_payments: SecondPayments,
    /// When the handle was created.
    pub created_at: Timestamp,
}

impl<'a> NewMail<'a> {
    /// Creates a mail about a handle. It ends with the texts of the handle's creator.
    pub fn about(handle: &Handle, to: Email, content: &'a MailContent) -> Self {
        Self::new(to, content).with_handle(handle.id).with_signature(handle.texts.clone())
    }
}
