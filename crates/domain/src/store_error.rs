//! The errors of the store.

/// The error of a failed operation of the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A unique constraint or a concurrent unit of work prevented the change. Nothing was stored.
    #[error("the change conflicts with another one")]
    Conflict,
    /// A stored value cannot be decoded. The text names the column, never the value.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// The store cannot be reached or did not answer in time. Whether a pending commit took effect is
    /// unknown.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}
