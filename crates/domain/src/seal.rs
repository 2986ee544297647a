//! Encrypts secrets that the store contains for a while, such as the magic link in a queued mail, so
//! that they cannot be read from the store alone.

use std::fmt;

use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::random::{self, Random};

const NONCE: usize = 24;

/// The keys of an installation. The first key encrypts and all keys decrypt, so that keys can be
/// rotated.
#[derive(Clone)]
pub struct Seal {
    keys: Vec<[u8; 32]>,
}

/// Encrypted bytes: a nonce, followed by XChaCha20-Poly1305 ciphertext.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

/// The error of bytes that were not encrypted with any of the keys, or were altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot be opened with the configured keys")]
pub struct SealError;

impl Seal {
    /// Derives a separate key from each secret of the installation. The secrets MUST NOT be empty.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let keys = secrets.into_iter().map(|secret| mac(secret, &[b"tollgate seal v1"])).collect();
        Self { keys }
    }

    /// Encrypts and authenticates `plain`.
    pub fn seal(&self, plain: &[u8], random: &dyn Random) -> Result<Sealed, SealError> {
        let key = self.keys.first().ok_or(SealError)?;
        let nonce = random::bytes::<NONCE>(random);
        let cipher = XChaCha20Poly1305::new(&(*key).into());
        let mut sealed = nonce.to_vec();
        sealed.extend(cipher.encrypt(&XNonce::from(nonce), plain).map_err(|_| SealError)?);
        Ok(Sealed(sealed))
    }

    /// Decrypts what [`Seal::seal`] returned.
    pub fn open(&self, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        let (nonce, body) = sealed.0.split_first_chunk::<NONCE>().ok_or(SealError)?;
        self.keys
            .iter()
            .find_map(|key| {
                XChaCha20Poly1305::new(&(*key).into()).decrypt(&XNonce::from(*nonce), body).ok()
            })
            .ok_or(SealError)
    }

    /// Returns a keyed fingerprint of a value that is too short for a plain hash, such as a six-digit
    /// code. The boundaries of the parts matter: `["ab", "c"]` and `["a", "bc"]` differ.
    pub fn fingerprint<P: AsRef<[u8]>>(&self, parts: &[P]) -> [u8; 32] {
        self.keys.first().map_or([0; 32], |key| mac(key, parts))
    }

    /// Returns whether `fingerprint` is that of `parts` under any of the keys. Compares in constant
    /// time.
    pub fn matches<P: AsRef<[u8]>>(&self, fingerprint: &[u8; 32], parts: &[P]) -> bool {
        self.keys.iter().any(|key| mac(key, parts).ct_eq(fingerprint).into())
    }
}

fn mac<P: AsRef<[u8]>>(key: &[u8], parts: &[P]) -> [u8; 32] {
    // HMAC accepts keys of every length; the error type exists for other constructions only.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts.iter().map(AsRef::as_ref) {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({} keys)", self.keys.len())
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}
