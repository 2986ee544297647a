//! Remembered answers: a request that is sent twice with one `Idempotency-Key` is answered once.
//! Source: draft-ietf-httpapi-idempotency-key-header.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::store_error::StoreError;

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body, as it was sent.
    pub body: String,
}

/// What is known about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The request has not been answered and nobody is at it: go on. A request that died half-way is
    /// this as well, so what is done under a key MUST be safe to repeat.
    Fresh,
    /// The same request is being answered right now: ask again shortly.
    Busy,
    /// It was answered like this.
    Replay(StoredResponse),
    /// The key belongs to another request.
    Conflict,
}

/// How long a request may take before it is thought to have died; longer than any does.
pub const LEASE_SECONDS: i64 = 60;

/// Keeps keys and answers. A key is known within its `scope`: an actor and an operation.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait IdempotencyKeys: Send + Sync {
    /// Notes the key with the fingerprint of its request, unless it is known, and tells what is known.
    /// Of parallel claims one MUST get [`Claim::Fresh`]. It has [`LEASE_SECONDS`] to answer; then the
    /// next claim gets it.
    async fn claim(
        &self,
        scope: &str,
        key: &str,
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Claim, StoreError>;

    /// Keeps the answer, unless there is one.
    async fn store(
        &self,
        scope: &str,
        key: &str,
        response: &StoredResponse,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Gives the key back without an answer, so that the next claim need not wait.
    async fn release(&self, scope: &str, key: &str) -> Result<(), StoreError>;

    /// Forgets keys from before `instant`.
    async fn forget_before(&self, instant: Timestamp) -> Result<(), StoreError>;
}
