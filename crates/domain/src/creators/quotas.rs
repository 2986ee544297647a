//! What one creator may use of an installation.

/// The quotas of one creator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// The largest number of handles.
    pub max_handles: u64,
    /// The largest sum of the sizes of all files, in bytes.
    pub max_stored_bytes: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { max_handles: 10, max_stored_bytes: 20 << 30 }
    }
}
