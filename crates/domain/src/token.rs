//! Secrets that are given to people: magic-link tokens, session cookies, refresh tokens and codes.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::random::{self, Random};

/// A secret of 32 random bytes, written as 43 characters of base64url. Only its [`TokenHash`] is stored.
#[derive(Clone)]
pub struct Token([u8; 32]);

/// The SHA-256 hash of a [`Token`]. A plain hash is enough, since the token has 256 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

/// The error of a text that does not have the form of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token")]
pub struct TokenError;

impl Token {
    /// Creates a new token.
    pub fn new(random: &dyn Random) -> Self {
        Self(random::bytes(random))
    }

    /// Returns the text for the person. The caller MUST NOT log or store it.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Returns the hash that is stored instead of the token.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0).into())
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let mut bytes = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(32) if text.len() == 43 => Ok(Self(bytes)),
            _ => Err(TokenError),
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl TokenHash {
    /// Returns the 32 bytes to store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Creates a hash from bytes that [`TokenHash::as_bytes`] returned.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// A six-digit code that replaces a magic link on a device where the mail cannot be opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// Creates a new code; all one million codes are equally likely.
    pub fn new(random: &dyn Random) -> Self {
        // Rejection sampling keeps the result uniform, since 2^32 is not a multiple of a million.
        const FAIR: u32 = u32::MAX - u32::MAX % 1_000_000;
        loop {
            let draw = u32::from_be_bytes(random::bytes(random));
            if draw < FAIR {
                return Self(format!("{:06}", draw % 1_000_000));
            }
        }
    }

    /// Returns the digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        // People may enter the code with spaces, such as "123 456".
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err(TokenError)
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}
