//! Stored responses: a request that is sent twice with the same `Idempotency-Key` is answered once.
//! Source: draft-ietf-httpapi-idempotency-key-header.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{clock::DAY_SECONDS, store_error::StoreError};

/// A response that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The HTTP status code.
    pub status: u16,
    /// The body as it was sent.
    pub body: String,
}

/// The result of claiming a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyClaimOutcome {
    /// The request has no response yet and is not in progress, so the caller continues with it. It may
    /// have been interrupted earlier, so what is done under a key MUST be safe to repeat.
    Fresh,
    /// The same request is in progress. The client may ask again shortly.
    Busy,
    /// The request has been answered with this response.
    Replay(StoredResponse),
    /// The key was used for a different request.
    Conflict,
}

/// How long a key is kept for the request that claimed it, in seconds. A request that takes longer renews its
/// claim, so that the key of a process that is gone is soon free again.
pub const LEASE_SECONDS: i64 = 4;

/// How long an answer is replayed under its key, in seconds.
pub const KEPT_SECONDS: i64 = DAY_SECONDS;

/// A key, and who claims it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyClaim<'a> {
    /// An actor and an operation, within which the key is unique.
    pub scope: &'a str,
    /// The key, which the client chose and sends again with each repetition of the request.
    pub key: &'a str,
    /// The request that claims it, so that one whose lease has ended does not disturb the next.
    pub owner: &'a str,
}

/// Stores keys and responses.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait IdempotencyKeys: Send + Sync {
    /// Stores the key with the fingerprint of its request unless it is known, and returns what is known.
    /// Exactly one of several parallel claims MUST get [`KeyClaimOutcome::Fresh`]. It has [`LEASE_SECONDS`] to answer or to
    /// [renew](Self::renew) its claim; after that the next claim gets the key. MUST NOT take a write lock while another
    /// request has the key: those who wait for its answer ask again and again.
    async fn claim<'a>(
        &self,
        claim: KeyClaim<'a>,
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<KeyClaimOutcome, StoreError>;

    /// Renews the claim of a key that has no response: its lease begins at `now`. MUST do nothing if another
    /// request has the key.
    async fn renew<'a>(&self, claim: KeyClaim<'a>, now: Timestamp) -> Result<(), StoreError>;

    /// Stores the response, unless there already is one or another request has the key.
    async fn store<'a>(
        &self,
        claim: KeyClaim<'a>,
        response: &StoredResponse,
    ) -> Result<(), StoreError>;

    /// Releases the key without a response, so that the next claim does not have to wait. MUST do nothing if
    /// another request has the key.
    async fn release<'a>(&self, claim: KeyClaim<'a>) -> Result<(), StoreError>;

    /// Deletes about `most` keys from before `instant`, and returns whether some may be left.
    async fn forget_before(&self, instant: Timestamp, most: u32) -> Result<bool, StoreError>;
}
