//! The use cases of creators' accounts: signing up, signing in, staying signed in and signing out.

use std::sync::Arc;

use super::{
    AccountError, Creator, CreatorSession, Password,
    ports::{CreatorReads, PasswordCheck, Passwords},
};
use crate::{
    clock::plus_seconds,
    email::Email,
    id::{CreatorId, CreatorSessionId},
    limits::{Admission, Limit, RateLimits},
    opaque_debug::opaque_debug,
    store::Runtime,
    store_error::StoreError,
    token::Token,
    validation::{self, FieldErrors},
};

/// The maximum number of attempts to sign in while the password hash is replaced at the same time.
/// Replacements are rare, so more attempts are not needed.
const MAX_ROUNDS: u32 = 3;
/// How long a creator stays signed in, in seconds: 30 days.
const SESSION_SECONDS: i64 = 30 * 24 * 3600;

/// The result of a successful sign-in of a creator.
#[derive(Debug, Clone)]
pub struct CreatorSignedIn {
    /// The creator who signed in.
    pub creator: Creator,
    /// The session that access tokens are issued for.
    pub session_id: CreatorSessionId,
    /// The token that can be exchanged once for a new access token.
    pub refresh_token: Token,
}

/// The use cases of creators' accounts.
#[derive(Clone)]
pub struct Accounts {
    runtime: Runtime,
    reads: Arc<dyn CreatorReads>,
    limits: Arc<dyn RateLimits>,
    passwords: Arc<dyn Passwords>,
    client_requests_per_minute: i64,
}

impl Accounts {
    /// Creates the use cases. Each client address may try to sign in or up `client_requests_per_minute`
    /// times per minute.
    pub fn new(
        runtime: Runtime,
        reads: Arc<dyn CreatorReads>,
        limits: Arc<dyn RateLimits>,
        passwords: Arc<dyn Passwords>,
        client_requests_per_minute: i64,
    ) -> Self {
        Self { runtime, reads, limits, passwords, client_requests_per_minute }
    }

    /// Creates an account and signs the creator in.
    pub async fn register(
        &self,
        email: Email,
        password: &Password,
        name: Option<&str>,
        client: &str,
    ) -> Result<CreatorSignedIn, AccountError> {
        let name = checked_name(name.unwrap_or_default())?;
        self.admit_client(client).await?;
        let password_hash = self.passwords.hash(password).await?;
        let now = self.runtime.now();
        let creator = Creator {
            id: CreatorId::new(now, &*self.runtime.random),
            email,
            name,
            password_hash,
            created_at: now,
        };
        let (session, refresh_token) = self.new_session(creator.id);
        let mut unit = self.runtime.begin().await?;
        if !unit.creators().insert(&creator).await? {
            return Err(AccountError::EmailTaken);
        }
        unit.creator_sessions().insert(&session).await?;
        unit.commit().await?;
        Ok(CreatorSignedIn { creator, session_id: session.id, refresh_token })
    }

    /// Signs a creator in.
    pub async fn login(
        &self,
        email: &Email,
        password: &Password,
        client: &str,
    ) -> Result<CreatorSignedIn, AccountError> {
        self.admit_client(client).await?;
        for _ in 0..MAX_ROUNDS {
            if let Some(signed_in) = self.try_login(email, password).await? {
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
    ) -> Result<Option<CreatorSignedIn>, AccountError> {
        let known = self.reads.creator_by_email(email).await?;
        let hash = known.as_ref().map(|creator| creator.password_hash.as_str());
        let verdict = self.passwords.verify(password, hash).await?;
        let (Some(creator), PasswordCheck::Match | PasswordCheck::MatchNeedsRehash) =
            (known, verdict)
        else {
            return Err(AccountError::Unauthorized);
        };
        let rehashed = match verdict {
            PasswordCheck::MatchNeedsRehash => Some(self.passwords.hash(password).await?),
            PasswordCheck::Match | PasswordCheck::Mismatch => None,
        };
        let (session, refresh_token) = self.new_session(creator.id);
        let mut unit = self.runtime.begin().await?;
        let (known, now) = (&creator.password_hash, rehashed.as_ref());
        if !unit.creators().replace_password_hash(creator.id, known, now.unwrap_or(known)).await? {
            return Ok(None);
        }
        unit.creator_sessions().insert(&session).await?;
        unit.commit().await?;
        Ok(Some(CreatorSignedIn { creator, session_id: session.id, refresh_token }))
    }

    /// Exchanges a refresh token for a new one. If the token was exchanged before, its session is ended:
    /// the token was copied, and the creator cannot be told from a thief.
    pub async fn refresh(&self, token: &Token) -> Result<CreatorSignedIn, AccountError> {
        let now = self.runtime.now();
        let next = Token::new(&*self.runtime.random);
        let mut unit = self.runtime.begin().await?;
        let rotated = unit.creator_sessions().rotate(token.hash(), next.hash(), now).await?;
        let Some(session) = rotated else {
            if unit.creator_sessions().revoke_reused(token.hash(), now).await? {
                tracing::warn!("a refresh token was used twice; its session was ended");
            }
            unit.commit().await?;
            return Err(AccountError::Unauthorized);
        };
        unit.commit().await?;
        let creator = self.reads.creator(session.creator_id).await?;
        let creator = creator.ok_or(AccountError::Unauthorized)?;
        Ok(CreatorSignedIn { creator, session_id: session.id, refresh_token: next })
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
        self.admit_client(client).await?;
        let known = &creator.password_hash;
        if self.passwords.verify(current, Some(known)).await? == PasswordCheck::Mismatch {
            return Err(AccountError::Unauthorized);
        }
        let password_hash = self.passwords.hash(new).await?;
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
        self.reads.creator_in_session(session, self.runtime.now()).await
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

    async fn admit_client(&self, client: &str) -> Result<(), AccountError> {
        // There is no limit per account, since anyone who knows the address could lock the creator out.
        let most = self.client_requests_per_minute;
        let limit = Limit::per_minute("login-client", most, most);
        match self.limits.admit(limit, client, self.runtime.now()).await? {
            Admission::Admitted => Ok(()),
            Admission::Limited { retry_after_seconds } => {
                Err(AccountError::Limited { retry_after_seconds })
            }
        }
    }
}

fn checked_name(name: &str) -> Result<String, AccountError> {
    validation::line(name, 0, 200)
        .map_err(|error| AccountError::Invalid(FieldErrors::one("name", error)))
}

opaque_debug!(Accounts);
