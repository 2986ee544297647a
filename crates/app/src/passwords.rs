//! Password hashing with argon2id, on a bounded number of blocking threads.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash,
};
use async_trait::async_trait;
use tokio::sync::Semaphore;
use tollgate_domain::{
    creators::{
        Password,
        ports::{PasswordCheck, Passwords, PasswordsError},
    },
    random::{self, Random},
};

/// The parameters for argon2id: 19 MiB, two passes, one lane. Source: OWASP's second choice.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// The number of hashes computed at the same time. More would take the processors from other requests.
const AT_ONCE: usize = 2;
/// The number of hashes that may wait for their turn. At about 24 a second, the wait is a few seconds.
const WAITING: usize = 64;

/// Hashes passwords with argon2id.
pub(crate) struct Argon2Passwords {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    random: Arc<dyn Random>,
    /// The hash of a random password, which is verified when no account exists.
    dummy: String,
}

impl Argon2Passwords {
    pub(crate) fn new(random: Arc<dyn Random>) -> anyhow::Result<Self> {
        // Any well-formed hash will do: verifying it must take the usual time and fail.
        let salt = random::bytes::<16>(&*random);
        let dummy = hash(&random::bytes::<32>(&*random), &salt).map_err(anyhow::Error::msg)?;
        Ok(Self {
            running: Arc::new(Semaphore::new(AT_ONCE)),
            admitted: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            random,
            dummy,
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<T, PasswordsError> {
        let admitted = self.admitted.clone().try_acquire_owned();
        let admitted = admitted.map_err(|_| PasswordsError::Busy)?;
        let running = self.running.clone().acquire_owned().await;
        let running = running.map_err(|_| PasswordsError::Busy)?;
        tokio::task::spawn_blocking(move || {
            // The task holds the permit, because the request may be dropped before the task ends.
            let _places = (admitted, running);
            work()
        })
        .await
        .map_err(|error| PasswordsError::Failed(error.to_string()))?
        .map_err(PasswordsError::Failed)
    }
}

#[async_trait]
impl Passwords for Argon2Passwords {
    async fn hash(&self, password: &Password) -> Result<String, PasswordsError> {
        let password = password.clone();
        let salt = random::bytes::<16>(&*self.random);
        self.run(move || hash(password.reveal().as_bytes(), &salt)).await
    }

    async fn verify<'a>(
        &self,
        password: &Password,
        stored: Option<&'a str>,
    ) -> Result<PasswordCheck, PasswordsError> {
        let is_known = stored.is_some();
        let stored = stored.unwrap_or(&self.dummy).to_owned();
        let password = password.clone();
        self.run(move || {
            let stored = PasswordHash::new(&stored).map_err(|error| error.to_string())?;
            let argon2 = argon2()?;
            let is_right = argon2.verify_password(password.reveal().as_bytes(), &stored).is_ok();
            let params = Params::try_from(&stored).map_err(|error| error.to_string())?;
            let is_dated =
                params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES || params.p_cost() < LANES;
            Ok(match (is_known && is_right, is_dated) {
                (false, _) => PasswordCheck::Mismatch,
                (true, false) => PasswordCheck::Match,
                (true, true) => PasswordCheck::MatchNeedsRehash,
            })
        })
        .await
    }
}

fn argon2() -> Result<Argon2<'static>, String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8], salt: &[u8]) -> Result<String, String> {
    argon2()?
        .hash_password_with_salt(password, salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::future::{Ready, ready};

    use super::*;
    use crate::system::OsRandom;

    fn make() -> Ready<Arc<dyn Passwords>> {
        ready(Arc::new(Argon2Passwords::new(Arc::new(OsRandom)).unwrap()))
    }

    tollgate_domain_testing::passwords_contract!(
        #[tokio::test]
        make
    );

    fn password(text: &str) -> Password {
        Password::new(text.to_owned()).unwrap()
    }

    fn weak_hash(text: &str) -> String {
        let params = Params::new(8, 1, 1, None).unwrap();
        let hash: PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_with_salt(text.as_bytes(), b"0123456789abcdef")
            .unwrap();
        hash.to_string()
    }

    #[tokio::test]
    async fn hash_says_how_it_was_made() {
        let passwords = Argon2Passwords::new(Arc::new(OsRandom)).unwrap();
        let hash = passwords.hash(&password("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }

    #[tokio::test]
    async fn hash_of_weaker_parameters_is_dated() {
        let passwords = Argon2Passwords::new(Arc::new(OsRandom)).unwrap();
        let checked =
            passwords.verify(&password("correct horse"), Some(&weak_hash("correct horse"))).await;
        assert_eq!(checked.unwrap(), PasswordCheck::MatchNeedsRehash);
    }

    #[tokio::test]
    async fn too_much_hashing_is_refused() {
        let passwords = Argon2Passwords::new(Arc::new(OsRandom)).unwrap();
        let places = passwords.admitted.clone().acquire_many_owned(66).await.unwrap();
        let refused = passwords.hash(&password("correct horse")).await;
        assert_eq!(refused, Err(PasswordsError::Busy));
        drop(places);
        assert!(passwords.hash(&password("correct horse")).await.is_ok());
    }
}
