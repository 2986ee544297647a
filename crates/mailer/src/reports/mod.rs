//! What mail services report by webhook: mails that came back, and recipients who complained.

mod message;
mod proof;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use tollgate_domain::{
    Timestamp,
    mail::{
        MailMessage,
        ports::{Envelope, MailReportError, MailReportReader},
    },
};

use self::proof::Proof;

/// The least length of a secret, in characters.
const LEAST: usize = 16;

/// A secret is too short, or is not of the form that it seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be at least {LEAST} characters without a colon or a space, or the signing secret \
     (whsec_…) of the webhook"
)]
pub struct ReportSecretError;

/// What a mail service proves itself by. `Debug` hides it.
#[derive(Clone)]
pub struct ReportSecret(Kind);

#[derive(Clone)]
enum Kind {
    /// The service sends it as a password or a bearer token.
    Shared(SecretString),
    /// The service signs with this key.
    Signing(Vec<u8>),
}

impl ReportSecret {
    /// Parses a secret: a signing secret begins with `whsec_`, any other is sent as it is.
    pub fn parse(text: &str) -> Result<Self, ReportSecretError> {
        if let Some(key) = text.strip_prefix("whsec_") {
            let key = proof::signing_key(key).ok_or(ReportSecretError)?;
            return Ok(Self(Kind::Signing(key)));
        }
        let is_long = text.chars().count() >= LEAST;
        if !is_long || text.contains([':', ' ']) || text.chars().any(char::is_control) {
            return Err(ReportSecretError);
        }
        Ok(Self(Kind::Shared(text.into())))
    }
}

impl fmt::Debug for ReportSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReportSecret")
    }
}

/// Reads the messages of Postmark, Resend, Amazon SES (by SNS), and of any service that can send
/// `{"email": …, "event": "bounced"}`.
#[derive(Debug)]
pub struct ReportReader {
    secrets: Vec<ReportSecret>,
}

impl ReportReader {
    /// Creates a reader that believes callers who know one of `secrets`.
    pub fn new(secrets: Vec<ReportSecret>) -> Self {
        Self { secrets }
    }
}

impl MailReportReader for ReportReader {
    fn check(&self, envelope: Envelope<'_>, now: Timestamp) -> Result<(), MailReportError> {
        let proof = Proof::of(envelope, now).ok_or(MailReportError::Unproved)?;
        let may_be = |secret: &ReportSecret| match (&secret.0, &proof) {
            (Kind::Shared(secret), Proof::Password(given)) => {
                proof::is_same(secret.expose_secret(), given)
            }
            // The body has not been read yet, so the signature is verified in `read`.
            (Kind::Signing(_), Proof::Signed(_)) => true,
            _ => false,
        };
        self.secrets.iter().any(may_be).then_some(()).ok_or(MailReportError::Unproved)
    }

    fn read(
        &self,
        body: &[u8],
        envelope: Envelope<'_>,
        now: Timestamp,
    ) -> Result<MailMessage, MailReportError> {
        self.check(envelope, now)?;
        if let Some(Proof::Signed(signed)) = Proof::of(envelope, now) {
            let is_by = |secret: &ReportSecret| match &secret.0 {
                Kind::Signing(key) => signed.is_by(key, body),
                Kind::Shared(_) => false,
            };
            if !self.secrets.iter().any(is_by) {
                return Err(MailReportError::Unproved);
            }
        }
        message::read(body).ok_or(MailReportError::Unreadable)
    }
}
