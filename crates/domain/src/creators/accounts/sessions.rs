//! Signing in, staying signed in and signing out.

use jiff::Timestamp;

use super::{Accounts, Caller, CreatorSignedIn, check_password_for, remember};
use crate::{
    clock::{DAY_SECONDS, plus_seconds},
    creators::{
        AccountError, Creator, CreatorSession, Password, TokenPurpose, ports::PasswordCheck,
    },
    device::Device,
    email::Email,
    id::{CreatorId, CreatorSessionId},
    paging::{Listing, PageRequest},
    store::UnitOfWork,
    store_error::StoreError,
    token::{Token, TokenHash},
    validation::Field,
};

/// The maximum number of attempts to sign in while the password hash is replaced at the same time.
/// Replacements are rare, so more attempts are not needed.
const MAX_ROUNDS: u32 = 3;
/// How long a creator stays signed in, in seconds: 30 days.
const SESSION_SECONDS: i64 = 30 * DAY_SECONDS;

/// How long a refresh token can be exchanged again, in seconds.
const GRACE_SECONDS: i64 = 10;
/// The maximum number of exchanges of a session within that time.
const MAX_EXCHANGES: u32 = 32;

impl Accounts {
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
            if let Some(signed_in) = self.try_login(email, password, caller).await? {
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
        caller: Caller<'_>,
    ) -> Result<Option<CreatorSignedIn>, AccountError> {
        let known = self.ports.reads.creator_by_email(email).await?;
        let hash = known.as_ref().map(|creator| creator.password_hash.as_str());
        let checked = self.check_password(password, hash).await?;
        let (Some(creator), PasswordCheck::Match | PasswordCheck::MatchNeedsRehash) =
            (known, checked)
        else {
            return Err(AccountError::Unauthorized);
        };
        // Said only to those who know the password.
        if creator.suspended_at.is_some() {
            return Err(AccountError::Suspended);
        }
        let rehashed = match checked {
            PasswordCheck::MatchNeedsRehash => Some(self.ports.passwords.hash(password).await?),
            PasswordCheck::Match | PasswordCheck::Mismatch => None,
        };
        let (session, refresh_token) = self.new_session(creator.id, caller.device);
        let mut unit = self.runtime.begin().await?;
        let (old, new) = (&creator.password_hash, rehashed.as_ref());
        if !unit.creators().replace_password_hash(creator.id, old, new.unwrap_or(old)).await? {
            return Ok(None);
        }
        unit.creator_sessions().insert(&session).await?;
        if creator.email_verified_at.is_some() {
            remember(&mut *unit, &creator.email, caller.language).await?;
        }
        unit.commit().await?;
        Ok(Some(CreatorSignedIn { creator, session_id: session.id, refresh_token }))
    }

    /// Exchanges a refresh token for a new one. For ten seconds the token is exchanged again for the same client, for the
    /// token that the session has now, since two tabs of one browser may refresh at the same time. After that, or for
    /// another client, its session is ended: the token was copied, and the creator cannot be told from a thief.
    pub async fn refresh(
        &self,
        token: &Token,
        caller: impl Into<Caller<'_>>,
    ) -> Result<CreatorSignedIn, AccountError> {
        let (now, client) = (self.runtime.now(), client_of(caller.into()));
        let next = token.next(self.mails.seal(), &client);
        let mut unit = self.runtime.begin().await?;
        let rotated = unit.creator_sessions().rotate(token.hash(), next.hash(), now).await?;
        let exchanged = match rotated {
            Some(session) => Some((session, next)),
            None => self.exchanged_lately(&mut *unit, token, &client).await?,
        };
        let Some((session, refresh_token)) = exchanged else {
            end_reused(&mut *unit, token.hash(), now).await?;
            unit.commit().await?;
            return Err(AccountError::Unauthorized);
        };
        unit.commit().await?;
        let creator = self.ports.reads.creator(session.creator_id).await?;
        let creator = creator.ok_or(AccountError::Unauthorized)?;
        Ok(CreatorSignedIn { creator, session_id: session.id, refresh_token })
    }

    /// Returns the active session in which this client exchanged the token within the last seconds, and the
    /// session's current token. Each token follows from the one before and from who asked for it, so that it is found
    /// without being stored, and by nobody else.
    async fn exchanged_lately(
        &self,
        unit: &mut dyn UnitOfWork,
        token: &Token,
        client: &str,
    ) -> Result<Option<(CreatorSession, Token)>, AccountError> {
        let now = self.runtime.now();
        let spent = unit.creator_sessions().spent(token.hash(), now).await?;
        let spent = spent.filter(|(_, at)| is_in_grace(*at, now));
        let Some((session, _)) = spent else { return Ok(None) };
        let mut current = token.next(self.mails.seal(), client);
        for _ in 0..MAX_EXCHANGES {
            if current.hash() == session.token {
                return Ok(Some((session, current)));
            }
            current = current.next(self.mails.seal(), client);
        }
        Ok(None)
    }

    /// Changes the creator's password, ends all sessions and opens a new one. Refresh tokens, access tokens
    /// and mailed links for a new password from before are no longer valid.
    pub async fn change_password(
        &self,
        creator: &Creator,
        current: &Password,
        new: &Password,
        caller: impl Into<Caller<'_>>,
    ) -> Result<CreatorSignedIn, AccountError> {
        let caller = caller.into();
        check_password_for(&creator.email, Field::NewPassword, new)?;
        if !self.is_current_password(creator, current, caller.client).await? {
            return Err(AccountError::Unauthorized);
        }
        let known = &creator.password_hash;
        let password_hash = self.ports.passwords.hash(new).await?;
        let (session, refresh_token) = self.new_session(creator.id, caller.device);
        let (purpose, now) = (TokenPurpose::ResetPassword, session.created_at);
        let mut unit = self.runtime.begin().await?;
        // The tokens first, as where one of them is used, so that the two do not wait for each other.
        unit.account_tokens().void_all_of(creator.id, purpose, now).await?;
        if !unit.creators().replace_password_hash(creator.id, known, &password_hash).await? {
            // A parallel request has changed the password, so the one entered is no longer current.
            return Err(AccountError::Unauthorized);
        }
        unit.creator_sessions().revoke_all_of(creator.id, now).await?;
        unit.creator_sessions().insert(&session).await?;
        unit.commit().await?;
        let creator = Creator { password_hash, ..creator.clone() };
        Ok(CreatorSignedIn { creator, session_id: session.id, refresh_token })
    }

    /// Returns whether this is the creator's password, so that it can be told together with what is wrong with the new one. It
    /// counts as signing in.
    pub async fn is_current_password(
        &self,
        creator: &Creator,
        current: &Password,
        client: &str,
    ) -> Result<bool, AccountError> {
        self.admit_client(client).await?;
        let check = self.check_password(current, Some(&creator.password_hash)).await?;
        Ok(check != PasswordCheck::Mismatch)
    }

    /// Ends a session, which also invalidates every access token issued for it.
    pub async fn logout(&self, session: CreatorSessionId) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        unit.creator_sessions().revoke(session, self.runtime.now()).await?;
        unit.commit().await
    }

    /// Ends the session of a refresh token, which may have been exchanged since: who signs out with it does not
    /// have to know. An unknown token changes nothing.
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

    /// Returns the creator and session of a session's current token, while the session is active. One that was
    /// exchanged more than ten seconds ago ends its session, as in [`Accounts::refresh`].
    pub async fn authenticate_token(
        &self,
        token: TokenHash,
    ) -> Result<Option<(Creator, CreatorSessionId)>, StoreError> {
        let now = self.runtime.now();
        let found = self.ports.reads.creator_by_token(token, now).await?;
        if found.is_some() {
            return Ok(found);
        }
        // Read first, so that a text that somebody made up does not lead to a write.
        let spent_at = self.ports.reads.refresh_token_spent_at(token, now).await?;
        if spent_at.is_some_and(|at| !is_in_grace(at, now)) {
            let mut unit = self.runtime.begin().await?;
            end_reused(&mut *unit, token, now).await?;
            unit.commit().await?;
        }
        Ok(None)
    }

    /// Returns the creator's active sessions, newest first.
    pub async fn sessions(
        &self,
        creator: &Creator,
        page: &PageRequest,
    ) -> Result<Listing<CreatorSession>, StoreError> {
        self.ports.reads.creator_sessions_of(creator.id, self.runtime.now(), page).await
    }

    /// Ends one of the creator's own sessions. Does nothing if it does not exist.
    pub async fn end_session(
        &self,
        creator: &Creator,
        session: CreatorSessionId,
    ) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        unit.creator_sessions().revoke_of(creator.id, session, self.runtime.now()).await?;
        unit.commit().await
    }

    pub(super) fn new_session(
        &self,
        creator_id: CreatorId,
        device: Option<Device>,
    ) -> (CreatorSession, Token) {
        let now = self.runtime.now();
        let token = Token::new(&*self.runtime.random);
        let session = CreatorSession {
            id: CreatorSessionId::new(now, &*self.runtime.random),
            creator_id,
            token: token.hash(),
            created_at: now,
            expires_at: plus_seconds(now, SESSION_SECONDS),
            device,
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
}

/// Returns what two tabs of one browser have in common: the network address, and the kind of device.
fn client_of(caller: Caller<'_>) -> String {
    let device = caller.device.unwrap_or_default();
    format!("{} {device}", caller.client)
}

/// Returns whether a refresh token that was exchanged at `at` can be exchanged again.
fn is_in_grace(at: Timestamp, now: Timestamp) -> bool {
    now < plus_seconds(at, GRACE_SECONDS)
}

/// Ends the session in which this refresh token was exchanged earlier.
async fn end_reused(
    unit: &mut dyn UnitOfWork,
    token: TokenHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    if unit.creator_sessions().revoke_reused(token, now).await? {
        tracing::warn!("a refresh token was used twice; its session was ended");
    }
    Ok(())
}
