//! Passwords without the cost of hashing them.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;

use super::locked;
use tollgate_domain::creators::{
    Password,
    ports::{PasswordCheck, Passwords, PasswordsError},
};

/// "Hashes" a password by writing `plain$` in front of it. For tests only.
#[derive(Debug, Default)]
pub struct PlainPasswords {
    busy: AtomicBool,
    dated: AtomicBool,
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
        Ok(format!("{version}${}", password.reveal()))
    }

    async fn verify<'a>(
        &self,
        password: &Password,
        hash: Option<&'a str>,
    ) -> Result<PasswordCheck, PasswordsError> {
        self.check()?;
        let Some((version, known)) = hash.and_then(|hash| hash.split_once('$')) else {
            *locked(&self.unknown_verified) += 1;
            return Ok(PasswordCheck::Mismatch);
        };
        Ok(if known != password.reveal() {
            PasswordCheck::Mismatch
        } else if version == "plain" && self.dated.load(Ordering::SeqCst) {
            PasswordCheck::MatchNeedsRehash
        } else {
            PasswordCheck::Match
        })
    }
}
