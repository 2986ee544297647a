//! Secrets that people carry: magic-link tokens, session cookies, refresh tokens and codes.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::random::{self, Random};

/// 32 random bytes; as text 43 characters of base64url. Only its [`TokenHash`] is ever stored.
#[derive(Clone)]
pub struct Token([u8; 32]);

/// SHA-256 of a [`Token`]. A plain hash is enough: the token has 256 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

/// The text is not a token; it can therefore belong to nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token")]
pub struct TokenError;

impl Token {
    /// A new token.
    pub fn new(random: &dyn Random) -> Self {
        Self(random::bytes(random))
    }

    /// The text that is handed to the person. The caller MUST NOT log or store it.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored in its place.
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
    /// The 32 bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads back what [`TokenHash::as_bytes`] gave.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// Six digits that stand for a magic link on a device without the mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A new code, every one of the million equally likely.
    pub fn new(random: &dyn Random) -> Self {
        // Rejection keeps the draw uniform: 2^32 is no multiple of a million.
        const FAIR: u32 = u32::MAX - u32::MAX % 1_000_000;
        loop {
            let draw = u32::from_be_bytes(random::bytes(random));
            if draw < FAIR {
                return Self(format!("{:06}", draw % 1_000_000));
            }
        }
    }

    /// The digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        // People type "123 456".
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
