//! Secrets that are given to people: magic-link tokens, session cookies, refresh tokens and codes.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{
    random::{self, Random},
    seal::Seal,
};

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

    /// Creates the token that two secrets make together, always the same one. It cannot be found without
    /// both.
    pub(crate) fn of_two(one: &Self, other: &Self) -> Self {
        Self::made_of([b"tollgate token of two", &one.0, &other.0])
    }

    /// Returns the token that this secret makes at a place, always the same one. It cannot be found without the secret.
    pub fn at(&self, place: &str) -> Self {
        Self::made_of([b"tollgate token at", &self.0, place.as_bytes()])
    }

    fn made_of(parts: [&[u8]; 3]) -> Self {
        let hash = parts.into_iter().fold(Sha256::new(), Sha256::chain_update);
        Self(hash.finalize().into())
    }

    /// Returns the token that follows this one in a chain if `client` asks for it, always the same one. It cannot be found
    /// without the installation's secret.
    pub fn next(&self, seal: &Seal, client: &str) -> Self {
        let parts = [b"tollgate next token of a client".as_slice(), client.as_bytes(), &self.0];
        Self(seal.fingerprint(&parts))
    }

    /// Reads a token that was not passed through a mail or typed by a person, such as a cookie's value:
    /// exactly what [`reveal`](Self::reveal) returned.
    pub fn exact(text: &str) -> Result<Self, TokenError> {
        let mut bytes = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(32) if text.len() == 43 => Ok(Self(bytes)),
            _ => Err(TokenError),
        }
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
        // Mail programs and people add full stops, brackets and line ends to links.
        let is_outside = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_');
        Self::exact(text.trim_matches(is_outside))
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
    /// Returns the code that belongs to a token, so that the page behind a link can show it. It reveals
    /// nothing about the token.
    pub fn of(token: &Token) -> Self {
        let hash = Sha256::new().chain_update(b"tollgate code").chain_update(token.0).finalize();
        // With 2^128 numbers, the probabilities of two codes differ by less than one in 10^32.
        let wide =
            hash.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        Self(format!("{:06}", wide % 1_000_000))
    }

    /// Returns the digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        // People enter the code as mails show it, such as "123 456", and paste what stands around it along with it, such as
        // "Code: 123-456.", or marks that cannot be seen.
        let digits: String = text.chars().filter_map(digit).collect();
        if digits.len() == 6 { Ok(Self(digits)) } else { Err(TokenError) }
    }
}

/// Returns the digit that a character stands for: one of ASCII, or an Arabic, Persian or full-width one, as keyboards have
/// them.
fn digit(c: char) -> Option<char> {
    const ZEROS: [char; 4] = ['0', '\u{660}', '\u{6f0}', '\u{ff10}'];
    ZEROS
        .into_iter()
        .find_map(|zero| char::from_digit(u32::from(c).checked_sub(u32::from(zero))?, 10))
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}
