//! The use cases of creators' accounts: signing up, signing in, staying signed in and signing out.

use std::sync::Arc;

use super::{
    AccountError, AccountToken, Creator, CreatorSession, Password, PasswordError, TokenPurpose,
    ports::{CreatorReads, PasswordCheck, Passwords},
};
use crate::{
    clock::plus_seconds,
    email::Email,
    id::{CreatorId, CreatorSessionId},
    language::Language,
    limits::{Admission, Limit, RateLimits},
    links::Links,
    mail::{HandleTexts, MailContent, MailWriter, NewMail, SecretText},
    opaque_debug::opaque_debug,
    paging::{Cursor, Listing, PageRequest},
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    token::{Token, TokenHash},
    validation::{self, FieldErrors},
};

/// The maximum number of attempts to sign in while the password hash is replaced at the same time.
/// Replacements are rare, so more attempts are not needed.
const MAX_ROUNDS: u32 = 3;
/// How long a creator stays signed in, in seconds: 30 days.
const SESSION_SECONDS: i64 = 30 * 24 * 3600;

/// How long a refresh token can be exchanged again, in seconds.
const GRACE_SECONDS: i64 = 10;
/// The maximum number of exchanges of a session within that time.
const MAX_EXCHANGES: u32 = 32;

/// The limit for mails with a token to one address: a burst of three, then one per minute.
const PER_ADDRESS: Limit = Limit::per_minute("account-address", 3, 1);

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
}

impl<'a> From<&'a str> for Caller<'a> {
    /// Creates a caller that names no language.
    fn from(client: &'a str) -> Self {
        Self { client, language: None }
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
        check_password_for(&email, "password", password)?;
        self.admit_client(caller.client).await?;
        let creator = self.new_creator(email, password, name).await?;
        let (session, refresh_token) = self.new_session(creator.id);
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

    /// Mails another link that proves the creator's address. Does nothing if it is proved.
    pub async fn resend_verification(
        &self,
        creator: &Creator,
        caller: impl Into<Caller<'_>>,
    ) -> Result<(), AccountError> {
        let caller = caller.into();
        if creator.email_verified_at.is_some() {
            return Ok(());
        }
        self.admit_client(caller.client).await?;
        self.admit(PER_ADDRESS, creator.email.as_str()).await?;
        let mut unit = self.runtime.begin().await?;
        let (purpose, language) = (TokenPurpose::VerifyEmail, caller.language);
        self.mail_token(&mut *unit, creator, purpose, language).await?;
        Ok(unit.commit().await?)
    }

    /// Proves a creator's address with a mailed token. A token that was used before is accepted again
    /// while the address is proved, since people open a link twice. Mails to the creator are in `language` from now
    /// on.
    pub async fn verify_email(
        &self,
        token: &Token,
        language: Option<Language>,
    ) -> Result<Creator, AccountError> {
        let (purpose, now) = (TokenPurpose::VerifyEmail, self.runtime.now());
        let known = self.known(token, purpose).await?;
        let creator = self.ports.reads.creator(known.creator_id).await?;
        let creator = creator.ok_or(AccountError::InvalidToken)?;
        let mut unit = self.runtime.begin().await?;
        if unit.account_tokens().redeem(token.hash(), purpose, now).await?.is_some() {
            unit.creators().verify_email(creator.id, now).await?;
            remember(&mut *unit, &creator.email, language).await?;
            unit.commit().await?;
            let email_verified_at = creator.email_verified_at.or(Some(now));
            return Ok(Creator { email_verified_at, ..creator });
        }
        drop(unit);
        let proved = self.ports.reads.creator(creator.id).await?;
        let proved = proved.filter(|creator| creator.email_verified_at.is_some());
        proved.ok_or_else(|| known.refusal())
    }

    /// Mails a link that sets a new password, if a creator has the address. The result is the same for
    /// known and unknown addresses.
    pub async fn request_password_reset(
        &self,
        email: Email,
        client: &str,
    ) -> Result<(), AccountError> {
        self.admit_client(client).await?;
        self.admit(PER_ADDRESS, email.as_str()).await?;
        let Some(creator) = self.ports.reads.creator_by_email(&email).await? else { return Ok(()) };
        let mut unit = self.runtime.begin().await?;
        self.mail_token(&mut *unit, &creator, TokenPurpose::ResetPassword, None).await?;
        Ok(unit.commit().await?)
    }

    /// Sets a new password with a mailed token, ends all sessions and opens a new one. It also proves the
    /// address, since the token was mailed there.
    pub async fn confirm_password_reset(
        &self,
        token: &Token,
        new: &Password,
        caller: impl Into<Caller<'_>>,
    ) -> Result<CreatorSignedIn, AccountError> {
        let caller = caller.into();
        self.admit_client(caller.client).await?;
        let purpose = TokenPurpose::ResetPassword;
        // Looked at before the password is hashed, so that nobody makes the server hash with a guess.
        let known = self.known(token, purpose).await?;
        if known.used_at.is_some() || self.runtime.now() >= known.expires_at {
            return Err(known.refusal());
        }
        let creator = self.ports.reads.creator(known.creator_id).await?;
        let creator = creator.ok_or(AccountError::InvalidToken)?;
        if creator.suspended_at.is_some() {
            return Err(AccountError::Suspended);
        }
        check_password_for(&creator.email, "password", new)?;
        let password_hash = self.ports.passwords.hash(new).await?;
        let now = self.runtime.now();
        let mut unit = self.runtime.begin().await?;
        let redeemed = unit.account_tokens().redeem(token.hash(), purpose, now).await?;
        let id = redeemed.ok_or(AccountError::UsedToken)?;
        unit.creators().set_password_hash(id, &password_hash).await?;
        unit.creators().verify_email(id, now).await?;
        unit.creator_sessions().revoke_all_of(id, now).await?;
        let (session, refresh_token) = self.new_session(id);
        unit.creator_sessions().insert(&session).await?;
        remember(&mut *unit, &creator.email, caller.language).await?;
        unit.commit().await?;
        let creator = self.ports.reads.creator(id).await?.ok_or(AccountError::Unauthorized)?;
        Ok(CreatorSignedIn { creator, session_id: session.id, refresh_token })
    }

    async fn known(
        &self,
        token: &Token,
        purpose: TokenPurpose,
    ) -> Result<AccountToken, AccountError> {
        let known = self.ports.reads.account_token(token.hash()).await?;
        known.filter(|known| known.purpose == purpose).ok_or(AccountError::InvalidToken)
    }

    async fn mail_token(
        &self,
        unit: &mut dyn UnitOfWork,
        creator: &Creator,
        purpose: TokenPurpose,
        language: Option<Language>,
    ) -> Result<(), AccountError> {
        let now = self.runtime.now();
        let token = Token::new(&*self.runtime.random);
        let seconds = purpose.lifetime_seconds();
        let stored = AccountToken::new(&token, purpose, creator.id, now);
        unit.account_tokens().insert(&stored).await?;
        let links = &self.ports.links;
        let content = match purpose {
            TokenPurpose::VerifyEmail => MailContent::VerifyEmail {
                link: SecretText(links.verify_creator_email(&token)),
                valid_hours: seconds / 3600,
            },
            TokenPurpose::ResetPassword => MailContent::PasswordReset {
                link: SecretText(links.reset_password(&token)),
                valid_minutes: seconds / 60,
            },
        };
        let mail = NewMail {
            to: creator.email.clone(),
            handle_id: None,
            content: &content,
            signature: HandleTexts::default(),
            language,
        };
        Ok(self.mails.write(unit, mail).await?)
    }

    /// Signs a creator in. If the address is proved, mails to the creator are in the caller's language from now on.
    pub async fn login(
        &self,
        email: &Email,
        password: &Password,
        caller: impl Into<Caller<'_>>,
    ) -> Result<CreatorSignedIn, AccountError> {
        let caller = caller.into();
        self.admit_client(caller.client).await?;
        for _ in 0..MAX_ROUNDS {
            if let Some(signed_in) = self.try_login(email, password, caller.language).await? {
                return Ok(signed_in);
            }
        }
        Err(AccountError::Unauthorized)
    }

    /// Signs a creator in. Returns `None` if the password's hash was replaced in the meantime, by
    /// another login that renewed it or by a password change.
    async fn try_login(
        &self,
        email: &Email,
        password: &Password,
        language: Option<Language>,
    ) -> Result<Option<CreatorSignedIn>, AccountError> {
        let known = self.ports.reads.creator_by_email(email).await?;
        let hash = known.as_ref().map(|creator| creator.password_hash.as_str());
        let verdict = self.check_password(password, hash).await?;
        let (Some(creator), PasswordCheck::Match | PasswordCheck::MatchNeedsRehash) =
            (known, verdict)
        else {
            return Err(AccountError::Unauthorized);
        };
        // Said only to those who know the password.
        if creator.suspended_at.is_some() {
            return Err(AccountError::Suspended);
        }
        let rehashed = match verdict {
            PasswordCheck::MatchNeedsRehash => Some(self.ports.passwords.hash(password).await?),
            PasswordCheck::Match | PasswordCheck::Mismatch => None,
        };
        let (session, refresh_token) = self.new_session(creator.id);
        let mut unit = self.runtime.begin().await?;
        let (known, now) = (&creator.password_hash, rehashed.as_ref());
        if !unit.creators().replace_password_hash(creator.id, known, now.unwrap_or(known)).await? {
            return Ok(None);
        }
        unit.creator_sessions().insert(&session).await?;
        if creator.email_verified_at.is_some() {
            remember(&mut *unit, &creator.email, language).await?;
        }
        unit.commit().await?;
        Ok(Some(CreatorSignedIn { creator, session_id: session.id, refresh_token }))
    }

    /// Exchanges a refresh token for a new one. For ten seconds the token is exchanged again, for the token
    /// that the session has now, since two tabs of one browser may refresh at the same time. After that its
    /// session is ended: the token was copied, and the creator cannot be told from a thief.
    pub async fn refresh(&self, token: &Token) -> Result<CreatorSignedIn, AccountError> {
        let now = self.runtime.now();
        let next = token.next(self.mails.seal());
        let mut unit = self.runtime.begin().await?;
        let rotated = unit.creator_sessions().rotate(token.hash(), next.hash(), now).await?;
        let exchanged = match rotated {
            Some(session) => Some((session, next)),
            None => self.exchanged_lately(&mut *unit, token).await?,
        };
        let Some((session, refresh_token)) = exchanged else {
            if unit.creator_sessions().revoke_reused(token.hash(), now).await? {
                tracing::warn!("a refresh token was used twice; its session was ended");
            }
            unit.commit().await?;
            return Err(AccountError::Unauthorized);
        };
        unit.commit().await?;
        let creator = self.ports.reads.creator(session.creator_id).await?;
        let creator = creator.ok_or(AccountError::Unauthorized)?;
        Ok(CreatorSignedIn { creator, session_id: session.id, refresh_token })
    }

    /// Returns the active session in which the token was exchanged within the last seconds, and the
    /// session's current token. Each token follows from the one before, so that it is found without being
    /// stored.
    async fn exchanged_lately(
        &self,
        unit: &mut dyn UnitOfWork,
        token: &Token,
    ) -> Result<Option<(CreatorSession, Token)>, AccountError> {
        let now = self.runtime.now();
        let spent = unit.creator_sessions().spent(token.hash(), now).await?;
        let in_grace = |at: jiff::Timestamp| now < plus_seconds(at, GRACE_SECONDS);
        let Some((session, _)) = spent.filter(|(_, at)| in_grace(*at)) else { return Ok(None) };
        let mut current = token.next(self.mails.seal());
        for _ in 0..MAX_EXCHANGES {
            if current.hash() == session.token {
                return Ok(Some((session, current)));
            }
            current = current.next(self.mails.seal());
        }
        Ok(None)
    }

    /// Changes the creator's password, ends all sessions and opens a new one. Refresh tokens and access
    /// tokens from before are no longer valid.
    pub async fn change_password(
        &self,
        creator: &Creator,
        current: &Password,
        new: &Password,
        client: &str,
    ) -> Result<CreatorSignedIn, AccountError> {
        check_password_for(&creator.email, "new_password", new)?;
        self.admit_client(client).await?;
        let known = &creator.password_hash;
        if self.check_password(current, Some(known)).await? == PasswordCheck::Mismatch {
            return Err(AccountError::Unauthorized);
        }
        let password_hash = self.ports.passwords.hash(new).await?;
        let (session, refresh_token) = self.new_session(creator.id);
        let mut unit = self.runtime.begin().await?;
        if !unit.creators().replace_password_hash(creator.id, known, &password_hash).await? {
            // A parallel request has changed the password, so the one entered is no longer current.
            return Err(AccountError::Unauthorized);
        }
        unit.creator_sessions().revoke_all_of(creator.id, session.created_at).await?;
        unit.creator_sessions().insert(&session).await?;
        unit.commit().await?;
        let creator = Creator { password_hash, ..creator.clone() };
        Ok(CreatorSignedIn { creator, session_id: session.id, refresh_token })
    }

    /// Changes the creator's display name.
    pub async fn rename(&self, creator: &Creator, name: &str) -> Result<Creator, AccountError> {
        let name = checked_name(name)?;
        let mut unit = self.runtime.begin().await?;
        unit.creators().rename(creator.id, &name).await?;
        unit.commit().await?;
        Ok(Creator { name, ..creator.clone() })
    }

    /// Ends a session, which also invalidates every access token issued for it.
    pub async fn logout(&self, session: CreatorSessionId) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        unit.creator_sessions().revoke(session, self.runtime.now()).await?;
        unit.commit().await
    }

    /// Ends the session of a refresh token. An unknown token changes nothing.
    pub async fn logout_by_token(&self, token: &Token) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        unit.creator_sessions().revoke_by_token(token.hash(), self.runtime.now()).await?;
        unit.commit().await
    }

    /// Returns the creator of a session while the session is active.
    pub async fn authenticate(
        &self,
        session: CreatorSessionId,
    ) -> Result<Option<Creator>, StoreError> {
        self.ports.reads.creator_in_session(session, self.runtime.now()).await
    }

    /// Returns the creator and session of a session's current token, while the session is active.
    pub async fn authenticate_token(
        &self,
        token: TokenHash,
    ) -> Result<Option<(Creator, CreatorSessionId)>, StoreError> {
        self.ports.reads.creator_by_token(token, self.runtime.now()).await
    }

    /// Returns the creator's active sessions, newest first.
    pub async fn sessions(
        &self,
        creator: &Creator,
        page: &PageRequest,
    ) -> Result<Listing<CreatorSession>, StoreError> {
        let cursor = |session: &CreatorSession| Cursor {
            at: session.created_at,
            id: session.id.to_string(),
        };
        Ok(Listing::part(self.active_sessions(creator).await?, page, cursor))
    }

    async fn active_sessions(&self, creator: &Creator) -> Result<Vec<CreatorSession>, StoreError> {
        self.ports.reads.creator_sessions_of(creator.id, self.runtime.now()).await
    }

    /// Ends one of the creator's own sessions. Does nothing if it does not exist.
    pub async fn end_session(
        &self,
        creator: &Creator,
        session: CreatorSessionId,
    ) -> Result<(), StoreError> {
        // A session never changes its creator, so what was read stays true.
        if self.active_sessions(creator).await?.iter().any(|known| known.id == session) {
            self.logout(session).await?;
        }
        Ok(())
    }

    fn new_session(&self, creator_id: CreatorId) -> (CreatorSession, Token) {
        let now = self.runtime.now();
        let token = Token::new(&*self.runtime.random);
        let session = CreatorSession {
            id: CreatorSessionId::new(now, &*self.runtime.random),
            creator_id,
            token: token.hash(),
            created_at: now,
            expires_at: plus_seconds(now, SESSION_SECONDS),
        };
        (session, token)
    }

    /// Compares a password with a hash, which an earlier version may have made of the text as it was
    /// entered. Whether that is compared, too, follows from the text alone, so that the time does not tell
    /// whether an account exists.
    async fn check_password(
        &self,
        password: &Password,
        hash: Option<&str>,
    ) -> Result<PasswordCheck, AccountError> {
        let check = self.ports.passwords.verify(password, hash).await?;
        let (PasswordCheck::Mismatch, Some(entered)) = (check, password.unnormalized()) else {
            return Ok(check);
        };
        Ok(match self.ports.passwords.verify(&entered, hash).await? {
            PasswordCheck::Match | PasswordCheck::MatchNeedsRehash => {
                PasswordCheck::MatchNeedsRehash
            }
            PasswordCheck::Mismatch => PasswordCheck::Mismatch,
        })
    }

    async fn admit_client(&self, client: &str) -> Result<(), AccountError> {
        // Signing in has no limit per account, since anyone who knows the address could lock the creator
        // out.
        let most = self.client_requests_per_minute;
        self.admit(Limit::per_minute("login-client", most, most), client).await
    }

    async fn admit(&self, limit: Limit, subject: &str) -> Result<(), AccountError> {
        match self.ports.limits.admit(limit, subject, self.runtime.now()).await? {
            Admission::Admitted => Ok(()),
            Admission::Limited { retry_after_seconds } => {
                Err(AccountError::Limited { retry_after_seconds })
            }
        }
    }
}

impl AccountToken {
    /// Returns why the token was not redeemed.
    fn refusal(&self) -> AccountError {
        if self.used_at.is_some() { AccountError::UsedToken } else { AccountError::ExpiredToken }
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

/// Refuses a new password that is the creator's own address, as an error of the field with this name.
fn check_password_for(email: &Email, field: &str, new: &Password) -> Result<(), AccountError> {
    let own = |error: PasswordError| FieldErrors::one(field, error.to_string());
    new.check_for(email).map_err(|error| AccountError::Invalid(own(error)))
}

/// Checks a creator's display name, which may be empty.
pub fn display_name(name: &str) -> Result<String, String> {
    validation::line(name, 0, 200)
}

fn checked_name(name: &str) -> Result<String, AccountError> {
    display_name(name).map_err(|error| AccountError::Invalid(FieldErrors::one("name", error)))
}

opaque_debug!(Accounts, AccountsPorts);
