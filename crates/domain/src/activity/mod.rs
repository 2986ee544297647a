//! What visitors did at a handle, counted by day. It is the evidence of a creator whose sale is disputed.

pub mod ports;

use jiff::Timestamp;

use crate::{
    clock::DAY_SECONDS,
    id::{HandleId, VisitorId},
    names::Slug,
    text_enum::text_enum,
};

/// What a visitor did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActivityKind {
    /// The visitor proved the address by a link or a code, on the way to the handle.
    SignedIn,
    /// The visitor opened a page that was paid for.
    Viewed,
    /// The visitor downloaded a file of a page that was paid for.
    Downloaded,
}

text_enum!(ActivityKind, SignedIn = "signed_in", Viewed = "viewed", Downloaded = "downloaded");

/// What one visitor did in one way on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Who did it.
    pub visitor_id: VisitorId,
    /// The handle at which it was done.
    pub handle_id: HandleId,
    /// What the visitor did.
    pub kind: ActivityKind,
    /// The slug of the page or file; empty for a sign-in.
    pub subject: String,
    /// The day, as the number of days since 1970-01-01 (UTC).
    pub day: i64,
    /// The first time on that day.
    pub first_at: Timestamp,
    /// The last time on that day.
    pub last_at: Timestamp,
    /// How often the visitor did it on that day.
    pub count: i64,
}

impl Activity {
    /// How long activity is kept, in seconds. Cards can be disputed for 120 days, some for 18 months.
    pub const KEPT_SECONDS: i64 = 550 * DAY_SECONDS;

    /// Returns the activity of doing something once, at `at`.
    pub fn once(
        visitor_id: VisitorId,
        handle_id: HandleId,
        kind: ActivityKind,
        slug: Option<&Slug>,
        at: Timestamp,
    ) -> Self {
        Self {
            visitor_id,
            handle_id,
            kind,
            subject: slug.map(ToString::to_string).unwrap_or_default(),
            day: at.as_second().div_euclid(DAY_SECONDS),
            first_at: at,
            last_at: at,
            count: 1,
        }
    }

    /// Adds later activity of the same kind on the same day.
    pub fn add(&mut self, later: &Self) {
        self.first_at = self.first_at.min(later.first_at);
        self.last_at = self.last_at.max(later.last_at);
        self.count += later.count;
    }
}

/// A time of a visitor, such as the one in which a purchase was theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitorTime {
    /// Whose time it is.
    pub visitor_id: VisitorId,
    /// When it begins; `None` if everything before `until` is in it.
    pub since: Option<Timestamp>,
    /// When it is over; `None` if it lasts.
    pub until: Option<Timestamp>,
}

impl VisitorTime {
    fn contains(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at < until)
    }

    /// Returns what the visitor did in this time, if anything. Of each day, the first and the last time are known alone: one of them counts,
    /// once, if the other is not in this time.
    pub fn part_of(&self, done: &Activity) -> Option<Activity> {
        if done.visitor_id != self.visitor_id {
            return None;
        }
        let once = |at| Activity { first_at: at, last_at: at, count: 1, ..done.clone() };
        match (self.contains(done.first_at), self.contains(done.last_at)) {
            (true, true) => Some(done.clone()),
            (true, false) => Some(once(done.first_at)),
            (false, true) => Some(once(done.last_at)),
            (false, false) => None,
        }
    }
}
