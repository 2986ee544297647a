//! Passwords without the cost of hashing them.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use async_trait::async_trait;

use super::locked;
use tollgate_domain::creators::{
    Password,
    ports::{PasswordCheck, Passwords, PasswordsError},
};

/// "Hashes" a password by writing `plain`, the number of the hash as its salt, and `$` in front of it, such as
/// `plain.1$correct horse`. A hash may be without a number. For tests only.
#[derive(Debug, Default)]
pub struct PlainPasswords {
    busy: AtomicBool,
    dated: AtomicBool,
    hashed: AtomicU64,
    unknown_verified: Mutex<u32>,
}

impl PlainPasswords {
    /// Creates a hasher that is not busy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether it is too busy.
    pub fn set_busy(&self, busy: bool) {
        self.busy.store(busy, Ordering::SeqCst);
    }

    /// Sets whether right passwords are [`PasswordCheck::MatchNeedsRehash`].
    pub fn set_dated(&self, dated: bool) {
        self.dated.store(dated, Ordering::SeqCst);
    }

    /// Returns how often a password was compared for an account that does not exist.
    pub fn verified_for_nobody(&self) -> u32 {
        *locked(&self.unknown_verified)
    }

    fn check(&self) -> Result<(), PasswordsError> {
        if self.busy.load(Ordering::SeqCst) { Err(PasswordsError::Busy) } else { Ok(()) }
    }
}

#[async_trait]
impl Passwords for PlainPasswords {
    async fn hash(&self, password: &Password) -> Result<String, PasswordsError> {
        self.check()?;
        let version = if self.dated.load(Ordering::SeqCst) { "plain2" } else { "plain" };
        let salt = self.hashed.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(format!("{version}.{salt}${}", password.reveal()))
    }

    async fn verify<'a>(
        &self,
        password: &Password,
        hash: Option<&'a str>,
    ) -> Result<PasswordCheck, PasswordsError> {
        self.check()?;
        let Some(hash) = hash else {
            *locked(&self.unknown_verified) += 1;
            return Ok(PasswordCheck::Mismatch);
        };
        let no_hash = || PasswordsError::Failed("not a hash".to_owned());
        let (version, known) = hash.split_once('$').ok_or_else(no_hash)?;
        let is_old = version.split('.').next() == Some("plain");
        Ok(if known != password.reveal() {
            PasswordCheck::Mismatch
        } else if is_old && self.dated.load(Ordering::SeqCst) {
            PasswordCheck::MatchNeedsRehash
        } else {
            PasswordCheck::Match
        })
    }
}
