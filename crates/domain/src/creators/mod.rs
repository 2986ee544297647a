//! Creators: their accounts, handles and pages.
//! Source: founding document, "UI path (creator perspective)".

mod accounts;
pub mod error;
mod handles;
mod origin;
mod ownership;
mod page;
mod pages;
pub mod ports;

use std::fmt;

use jiff::Timestamp;

pub use accounts::{Accounts, CreatorSignedIn};
pub use error::{AccountError, HandleError, PageError};
pub use handles::{HandleChange, HandleSettings, Handles};
pub use origin::{FrontendOrigin, FrontendOriginError};
pub(crate) use ownership::from_ownership_error;
pub use ownership::{Ownership, OwnershipError};
pub use page::{AccessMode, NewPage, Page, PageChange, PageStatus};
pub use pages::Pages;

use crate::{
    email::Email,
    id::{CreatorId, CreatorSessionId, HandleId},
    mail::HandleTexts,
    names::HandleName,
    token::TokenHash,
};

/// A person who sells.
#[derive(Clone, PartialEq, Eq)]
pub struct Creator {
    /// Its id.
    pub id: CreatorId,
    /// Where mails to the creator go, and what the creator signs in with.
    pub email: Email,
    /// How the creator wants to be called; may be empty.
    pub name: String,
    /// argon2id, as a PHC string.
    pub password_hash: String,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl fmt::Debug for Creator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Creator").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A chain of refresh tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatorSession {
    /// Its id; access tokens name it.
    pub id: CreatorSessionId,
    /// Whose it is.
    pub creator_id: CreatorId,
    /// Hash of the current refresh token.
    pub token: TokenHash,
    /// When the creator signed in.
    pub created_at: Timestamp,
    /// From this instant on it is no longer valid.
    pub expires_at: Timestamp,
}

/// A creator's namespace and storefront.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    /// Its id.
    pub id: HandleId,
    /// Who owns it.
    pub creator_id: CreatorId,
    /// Its name in addresses.
    pub name: HandleName,
    /// The storefront's name, for people.
    pub title: String,
    /// What the creator says in mails and on pages about this handle.
    pub texts: HandleTexts,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A password of 8 to 256 characters, never truncated.
#[derive(Clone)]
pub struct Password(String);

/// The text cannot be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 8 to 256 characters")]
pub struct PasswordError;

impl Password {
    /// Takes a password as it was typed.
    pub fn new(text: String) -> Result<Self, PasswordError> {
        if (8..=256).contains(&text.chars().count()) { Ok(Self(text)) } else { Err(PasswordError) }
    }

    /// The text; for hashing only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
