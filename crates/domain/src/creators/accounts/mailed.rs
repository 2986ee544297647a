//! What a token that was mailed to a creator does: it proves the address, or sets a new password.

use jiff::Timestamp;

use super::{Accounts, Caller, CreatorSignedIn, check_password_for, remember};
use crate::{
    creators::{AccountError, AccountToken, Creator, Password, TokenPurpose},
    email::Email,
    jobs::{Finish, Job, NewJob, Priority},
    language::Language,
    limits::Limit,
    mail::{MailContent, NewMail, SecretText},
    store::UnitOfWork,
    token::Token,
    validation::Field,
};

/// The limit for mails with a token to one address: a burst of three, then one per minute.
const PER_ADDRESS: Limit = Limit::per_minute("account-address", 3, 1);
/// The hourly limit for these mails: ten.
const PER_ADDRESS_HOURLY: Limit = Limit::per_hour("account-address-hour", 10);
/// The daily limit for these mails: twenty. Anybody can have them sent to anybody.
const PER_ADDRESS_DAILY: Limit = Limit::per_day("account-address-day", 20);

impl Accounts {
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
        self.admit_mail(caller.client, &creator.email).await?;
        let mut unit = self.runtime.begin().await?;
        let (purpose, language) = (TokenPurpose::VerifyEmail, caller.language);
        self.mail_token(&mut *unit, creator, purpose, language).await?;
        Ok(unit.commit().await?)
    }

    /// Returns the creator to whom a token was mailed if the address is proved already, or `None` if the token can prove it now. Does not
    /// use up the token.
    pub async fn check_verification(&self, token: &Token) -> Result<Option<Creator>, AccountError> {
        let known = self.known(token, TokenPurpose::VerifyEmail).await?;
        let creator = self.ports.reads.creator(known.creator_id).await?;
        let creator = creator.ok_or(AccountError::InvalidToken)?;
        if creator.email_verified_at.is_some() {
            Ok(Some(creator))
        } else if known.is_usable(self.runtime.now()) {
            Ok(None)
        } else {
            Err(known.refusal())
        }
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

    /// Has a link that sets a new password mailed, if a creator has the address. The result and the work are the same for
    /// known and unknown addresses: which of them it is, a job finds out.
    pub async fn request_password_reset(
        &self,
        email: Email,
        client: &str,
    ) -> Result<(), AccountError> {
        self.admit_mail(client, &email).await?;
        let job = NewJob::new(Job::MailPasswordReset(email), self.runtime.now());
        let mut unit = self.runtime.begin().await?;
        unit.jobs().enqueue(&job.with(Priority::Urgent)).await?;
        Ok(unit.commit().await?)
    }

    /// Mails a link that sets a new password, if a creator has the address and is not suspended.
    pub async fn mail_password_reset(&self, email: &Email) -> Result<Finish, AccountError> {
        let found = self.ports.reads.creator_by_email(email).await?;
        let Some(creator) = found.filter(|creator| creator.suspended_at.is_none()) else {
            return Ok(Finish::done());
        };
        let mut unit = self.runtime.begin().await?;
        self.mail_token(&mut *unit, &creator, TokenPurpose::ResetPassword, None).await?;
        Ok(Finish::done().within(unit))
    }

    /// Checks that a mailed token can set a new password now, without using it up.
    pub async fn check_password_reset(&self, token: &Token) -> Result<(), AccountError> {
        self.usable(token, TokenPurpose::ResetPassword).await.map(drop)
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
        // Checked before the password is hashed, so that a guessed token does not cost the server a hash.
        let known = self.usable(token, purpose).await?;
        let creator = self.ports.reads.creator(known.creator_id).await?;
        let creator = creator.ok_or(AccountError::InvalidToken)?;
        if creator.suspended_at.is_some() {
            return Err(AccountError::Suspended);
        }
        check_password_for(&creator.email, Field::Password, new)?;
        let password_hash = self.ports.passwords.hash(new).await?;
        let now = self.runtime.now();
        let mut unit = self.runtime.begin().await?;
        let redeemed = unit.account_tokens().redeem(token.hash(), purpose, now).await?;
        let id = redeemed.ok_or(AccountError::UsedToken)?;
        unit.creators().set_password_hash(id, &password_hash).await?;
        unit.creators().verify_email(id, now).await?;
        unit.creator_sessions().revoke_all_of(id, now).await?;
        let (session, refresh_token) = self.new_session(id, caller.device);
        unit.creator_sessions().insert(&session).await?;
        remember(&mut *unit, &creator.email, caller.language).await?;
        unit.commit().await?;
        let creator = self.ports.reads.creator(id).await?.ok_or(AccountError::Unauthorized)?;
        Ok(CreatorSignedIn { creator, session_id: session.id, refresh_token })
    }

    /// Counts a request for a mail with a token against the limits of its client and of the address, known or not.
    async fn admit_mail(&self, client: &str, address: &Email) -> Result<(), AccountError> {
        let mut limits = vec![(self.per_client(), client.to_owned())];
        for limit in [PER_ADDRESS, PER_ADDRESS_HOURLY, PER_ADDRESS_DAILY] {
            limits.push((limit, address.to_string()));
        }
        self.admit(limits).await
    }

    async fn usable(
        &self,
        token: &Token,
        purpose: TokenPurpose,
    ) -> Result<AccountToken, AccountError> {
        let known = self.known(token, purpose).await?;
        if known.is_usable(self.runtime.now()) { Ok(known) } else { Err(known.refusal()) }
    }

    async fn known(
        &self,
        token: &Token,
        purpose: TokenPurpose,
    ) -> Result<AccountToken, AccountError> {
        let known = self.ports.reads.account_token(token.hash()).await?;
        known.filter(|known| known.purpose == purpose).ok_or(AccountError::InvalidToken)
    }

    pub(super) async fn mail_token(
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
        let mail = NewMail::new(creator.email.clone(), &content).in_language(language);
        Ok(self.mails.write(unit, mail).await?)
    }
}

impl AccountToken {
    fn is_usable(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }

    /// Returns why the token was not redeemed.
    fn refusal(&self) -> AccountError {
        if self.used_at.is_some() { AccountError::UsedToken } else { AccountError::ExpiredToken }
    }
}
