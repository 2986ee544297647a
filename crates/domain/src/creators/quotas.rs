//! What one creator may use of an installation.

/// The quotas of one creator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// The largest number of handles.
    pub max_handles: u64,
    /// The largest sum of the sizes of all files, in bytes.
    pub max_stored_bytes: u64,
    /// The largest number of pages of each handle.
    pub max_pages: u64,
    /// The largest number of files of each handle, with running uploads.
    pub max_files: u64,
    /// The largest number of group buys of each handle.
    pub max_group_buys: u64,
    /// The largest number of addresses on the allowlist of each file.
    pub max_allowed: u64,
}

/// The error of adding one more to what a creator already has as many of as the installation allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuotaExceeded {
    /// The creator has this many handles.
    #[error("the creator has {0} handles")]
    Handles(u64),
    /// The handle has this many pages.
    #[error("the handle has {0} pages")]
    Pages(u64),
    /// The handle has this many files.
    #[error("the handle has {0} files")]
    Files(u64),
    /// The handle has this many group buys.
    #[error("the handle has {0} group buys")]
    GroupBuys(u64),
    /// The file's allowlist has this many addresses.
    #[error("the allowlist has {0} addresses")]
    Allowed(u64),
}

impl Quotas {
    /// Checks the number of handles of a creator, with the new one.
    pub(crate) fn check_handles(self, count: u64) -> Result<(), QuotaExceeded> {
        check(count, self.max_handles, QuotaExceeded::Handles)
    }

    /// Checks the number of pages of a handle, with the new one.
    pub(crate) fn check_pages(self, count: u64) -> Result<(), QuotaExceeded> {
        check(count, self.max_pages, QuotaExceeded::Pages)
    }

    /// Checks the number of files of a handle, with the new one.
    pub(crate) fn check_files(self, count: u64) -> Result<(), QuotaExceeded> {
        check(count, self.max_files, QuotaExceeded::Files)
    }

    /// Checks the number of group buys of a handle, with the new one.
    pub(crate) fn check_group_buys(self, count: u64) -> Result<(), QuotaExceeded> {
        check(count, self.max_group_buys, QuotaExceeded::GroupBuys)
    }

    /// Checks the number of addresses on an allowlist, with the new ones.
    pub(crate) fn check_allowed(self, count: u64) -> Result<(), QuotaExceeded> {
        check(count, self.max_allowed, QuotaExceeded::Allowed)
    }
}

fn check(
    count: u64,
    most: u64,
    error: impl FnOnce(u64) -> QuotaExceeded,
) -> Result<(), QuotaExceeded> {
    if count > most { Err(error(most)) } else { Ok(()) }
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            max_handles: 10,
            max_stored_bytes: 20 << 30,
            max_pages: 10_000,
            max_files: 10_000,
            max_group_buys: 10_000,
            max_allowed: 100_000,
        }
    }
}
