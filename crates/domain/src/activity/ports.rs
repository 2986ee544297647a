//! The ports through which activity is stored and read.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Activity, VisitorTime};
use crate::{id::HandleId, names::Slug, store_error::StoreError};

/// Stores activity, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ActivityLog: Send {
    /// Adds activity to what is stored of the same visitor, handle, kind, subject and day. MUST be one
    /// statement.
    async fn add(&mut self, activity: &Activity) -> Result<(), StoreError>;

    /// Stores activity, unless there is some of the same visitor, handle, kind, subject and day. MUST be one
    /// statement.
    async fn note(&mut self, activity: &Activity) -> Result<(), StoreError>;

    /// Deletes about `most` rows whose last time is before `instant`, and returns whether some may be left.
    async fn forget_before(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError>;
}

/// Reads activity, outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ActivityReads: Send + Sync {
    /// Returns the newest activity of a visitor at a handle, at most `most` rows, newest first: those of which the first or the last time
    /// is in `time` ([`VisitorTime::part_of`]). Views of other pages than this one are left out.
    async fn activity_of(
        &self,
        handle: HandleId,
        time: VisitorTime,
        page: &Slug,
        most: u32,
    ) -> Result<Vec<Activity>, StoreError>;
}
