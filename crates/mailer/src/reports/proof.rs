//! How a message proves who sent it.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use tollgate_domain::{Timestamp, mail::ports::Envelope};

/// The greatest difference between the time of a signature and ours, in seconds.
const TOLERANCE: i64 = 300;
/// The least length of a signing key, in bytes.
const LEAST_KEY: usize = 16;

/// What came with a message.
pub(super) enum Proof<'a> {
    /// The password of basic authentication, or a bearer token.
    Password(String),
    Signed(Signed<'a>),
}

/// A signature of recent time.
/// Source: Standard Webhooks, <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>;
/// Svix, which Resend uses, has the same with its own names.
pub(super) struct Signed<'a> {
    id: &'a str,
    at: &'a str,
    signatures: &'a str,
}

impl<'a> Proof<'a> {
    /// Returns the proof; `None` if there is none, or it is too old.
    pub(super) fn of(envelope: Envelope<'a>, now: Timestamp) -> Option<Self> {
        if let Some(authorization) = envelope("authorization") {
            let (scheme, rest) = authorization.split_once(' ')?;
            return if scheme.eq_ignore_ascii_case("bearer") {
                Some(Self::Password(rest.to_owned()))
            } else if scheme.eq_ignore_ascii_case("basic") {
                let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
                Some(Self::Password(pair.split_once(':')?.1.to_owned()))
            } else {
                None
            };
        }
        ["svix", "webhook"].into_iter().find_map(|service| {
            let part = |name: &str| envelope(&format!("{service}-{name}"));
            let signed =
                Signed { id: part("id")?, at: part("timestamp")?, signatures: part("signature")? };
            let at: i64 = signed.at.parse().ok()?;
            let is_recent = at.abs_diff(now.as_second()) <= TOLERANCE.unsigned_abs();
            is_recent.then_some(Self::Signed(signed))
        })
    }
}

impl Signed<'_> {
    /// Returns whether one of the signatures of `body` was made with this key.
    pub(super) fn is_by(&self, key: &[u8], body: &[u8]) -> bool {
        let given = self.signatures.split(' ').filter_map(|one| one.strip_prefix("v1,"));
        given.filter_map(|one| STANDARD.decode(one).ok()).any(|signature| {
            // HMAC takes keys of any length.
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
            mac.update(format!("{}.{}.", self.id, self.at).as_bytes());
            mac.update(body);
            mac.verify_slice(&signature).is_ok()
        })
    }
}

/// Returns the key of a signing secret, which is written in base64.
pub(super) fn signing_key(text: &str) -> Option<Vec<u8>> {
    let key = STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    (key.len() >= LEAST_KEY).then_some(key)
}

/// Compares two secrets. How long it takes says nothing about them, because hashes are compared.
pub(super) fn is_same(secret: &str, given: &str) -> bool {
    Sha256::digest(secret) == Sha256::digest(given)
}
