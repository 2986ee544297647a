//! The use cases of creators' accounts.

mod mailed;
mod sessions;

use std::sync::Arc;

use super::{
    AccountError, Creator, Password, TokenPurpose,
    ports::{CreatorReads, Passwords},
};
use crate::{
    device::Device,
    email::Email,
    id::{CreatorId, CreatorSessionId},
    language::Language,
    limits::{Limit, RateLimits},
    links::Links,
    mail::MailWriter,
    opaque_debug::opaque_debug,
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    token::Token,
    validation::{self, Field, FieldError, FieldErrors},
};

/// The result of a successful sign-in of a creator.
#[derive(Debug, Clone)]
pub struct CreatorSignedIn {
    /// The creator who signed in.
    pub creator: Creator,
    /// The session that access tokens are issued for.
    pub session_id: CreatorSessionId,
    /// The token that can be exchanged for a new access token.
    pub refresh_token: Token,
}

/// Who asks to sign in or up, before anything is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// The client's address, as it is counted for limits.
    pub client: &'a str,
    /// The language that the client names.
    pub language: Option<Language>,
    /// The kind of device that the client is on.
    pub device: Option<Device>,
}

impl<'a> From<&'a str> for Caller<'a> {
    /// Creates a caller that names no language and no device.
    fn from(client: &'a str) -> Self {
        Self { client, language: None, device: None }
    }
}

/// The ports that accounts need.
#[derive(Clone)]
pub struct AccountsPorts {
    /// Reads creators and their sessions.
    pub reads: Arc<dyn CreatorReads>,
    /// Counts requests against the limits.
    pub limits: Arc<dyn RateLimits>,
    /// Hashes passwords.
    pub passwords: Arc<dyn Passwords>,
    /// Builds the addresses in mails.
    pub links: Arc<dyn Links>,
}

/// The use cases of creators' accounts.
#[derive(Clone)]
pub struct Accounts {
    runtime: Runtime,
    ports: AccountsPorts,
    mails: MailWriter,
    client_requests_per_minute: i64,
}

impl Accounts {
    /// Creates the use cases. Each client address may try to sign in or up `client_requests_per_minute`
    /// times per minute.
    pub fn new(
        runtime: Runtime,
        ports: AccountsPorts,
        mails: MailWriter,
        client_requests_per_minute: i64,
    ) -> Self {
        Self { runtime, ports, mails, client_requests_per_minute }
    }

    /// Creates an account, mails a link that proves its address, and signs the creator in. The mail is in the language
    /// that the caller names; later ones are so only when the address has been proved, since until then the
    /// account may have been made by somebody else.
    pub async fn register(
        &self,
        email: Email,
        password: &Password,
        name: Option<&str>,
        caller: impl Into<Caller<'_>>,
    ) -> Result<CreatorSignedIn, AccountError> {
        let caller = caller.into();
        let name = checked_name(name.unwrap_or_default())?;
        check_password_for(&email, Field::Password, password)?;
        self.admit_client(caller.client).await?;
        let creator = self.new_creator(email, password, name).await?;
        let (session, refresh_token) = self.new_session(creator.id, caller.device);
        let mut unit = self.runtime.begin().await?;
        if !unit.creators().insert(&creator).await? {
            return Err(AccountError::EmailTaken);
        }
        unit.creator_sessions().insert(&session).await?;
        let (purpose, language) = (TokenPurpose::VerifyEmail, caller.language);
        self.mail_token(&mut *unit, &creator, purpose, language).await?;
        unit.commit().await?;
        Ok(CreatorSignedIn { creator, session_id: session.id, refresh_token })
    }

    /// Creates an account whose address counts as proved, such as the demo's. No mail is sent.
    pub async fn create_verified(
        &self,
        email: Email,
        password: &Password,
        name: &str,
    ) -> Result<Creator, AccountError> {
        let name = checked_name(name)?;
        let mut creator = self.new_creator(email, password, name).await?;
        creator.email_verified_at = Some(creator.created_at);
        let mut unit = self.runtime.begin().await?;
        if !unit.creators().insert(&creator).await? {
            return Err(AccountError::EmailTaken);
        }
        unit.commit().await?;
        Ok(creator)
    }

    async fn new_creator(
        &self,
        email: Email,
        password: &Password,
        name: String,
    ) -> Result<Creator, AccountError> {
        let password_hash = self.ports.passwords.hash(password).await?;
        let now = self.runtime.now();
        let id = CreatorId::new(now, &*self.runtime.random);
        Ok(Creator {
            id,
            email,
            name,
            password_hash,
            created_at: now,
            email_verified_at: None,
            suspended_at: None,
        })
    }

    /// Changes the creator's display name.
    pub async fn rename(&self, creator: &Creator, name: &str) -> Result<Creator, AccountError> {
        let name = checked_name(name)?;
        let mut unit = self.runtime.begin().await?;
        unit.creators().rename(creator.id, &name).await?;
        unit.commit().await?;
        Ok(Creator { name, ..creator.clone() })
    }

    /// Returns the limit for what one client address asks for.
    fn per_client(&self) -> Limit {
        let most = self.client_requests_per_minute;
        Limit::per_minute("login-client", most, most)
    }

    async fn admit_client(&self, client: &str) -> Result<(), AccountError> {
        // Signing in has no limit per account, since anyone who knows the address could lock the creator
        // out.
        self.admit(vec![(self.per_client(), client.to_owned())]).await
    }

    async fn admit(&self, limits: Vec<(Limit, String)>) -> Result<(), AccountError> {
        let admission = self.ports.limits.admit_all(limits, self.runtime.now()).await?;
        admission.or_else(|retry_after_seconds| AccountError::Limited { retry_after_seconds })
    }
}

/// Remembers the language that the owner of a proved address reads.
async fn remember(
    unit: &mut dyn UnitOfWork,
    proved: &Email,
    language: Option<Language>,
) -> Result<(), StoreError> {
    let Some(language) = language else { return Ok(()) };
    unit.languages().remember(proved, language).await
}

/// Refuses a new password that is the creator's own address, as an error of this field.
fn check_password_for(email: &Email, field: Field, new: &Password) -> Result<(), AccountError> {
    new.check_for(email).map_err(|error| AccountError::Invalid(FieldErrors::one(field, error)))
}

/// Checks a creator's display name, which may be empty.
pub fn display_name(name: &str) -> Result<String, FieldError> {
    validation::line(name, 0, 200)
}

fn checked_name(name: &str) -> Result<String, AccountError> {
    display_name(name)
        .map_err(|error| AccountError::Invalid(FieldErrors::one(Field::DisplayName, error)))
}

opaque_debug!(Accounts, AccountsPorts);
