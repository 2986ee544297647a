//! Jobs as they are stored, enqueued and claimed.

use jiff::Timestamp;

use super::{Job, policy::HOUR};

/// Seconds after which a job that was claimed is claimed again, unless its claim was
/// [renewed](crate::jobs::Runner::renew) or it ended: how long a job of a process that was killed has to wait, unless the
/// store knows that the process is gone.
pub const LEASE_SECONDS: i64 = 10;

impl Job {
    /// Seconds for which a job that was given up is kept, so that it can be seen.
    pub const DEAD_KEPT_SECONDS: i64 = 30 * 24 * HOUR;

    /// Returns the JSON that is stored; nothing for a job that cannot be read.
    pub fn payload(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`payload`](Self::payload) returned.
    pub fn from_payload(payload: &str) -> Option<Self> {
        serde_json::from_str(payload).ok()
    }
}

/// Which of several due jobs of a kind comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// A person is waiting, as for a sign-in mail.
    Urgent,
    /// Usual work.
    Normal,
    /// Work that can wait, such as clearing up.
    Low,
}

impl Priority {
    /// Returns the number that is stored; lower numbers come first.
    pub const fn rank(self) -> i32 {
        match self {
            Self::Urgent => 0,
            Self::Normal => 10,
            Self::Low => 20,
        }
    }
}

/// A job to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// What is to be done.
    pub job: Job,
    /// The job is not claimed before this instant.
    pub due_at: Timestamp,
    /// Which of several due jobs of its kind comes first.
    pub priority: Priority,
}

impl NewJob {
    /// Creates a job of normal priority that is due at `due_at`.
    pub fn new(job: Job, due_at: Timestamp) -> Self {
        Self { job, due_at, priority: Priority::Normal }
    }

    /// Sets the priority.
    pub fn with(self, priority: Priority) -> Self {
        Self { priority, ..self }
    }
}

/// A job that a runner has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedJob {
    /// What is to be done.
    pub job: Job,
    /// How often the job was claimed, this time included.
    pub attempts: u32,
    /// Until when no other runner claims the job. It also identifies the claim.
    pub leased_until: Timestamp,
    /// Until when instead, if the claim was renewed by a call whose answer is not known. Both identify the claim.
    pub renewed_until: Option<Timestamp>,
}

impl ClaimedJob {
    /// Returns the instants at which the lease may end.
    pub fn lease_ends(&self) -> [Timestamp; 2] {
        [self.leased_until, self.renewed_until.unwrap_or(self.leased_until)]
    }

    /// Returns whether a failure of this attempt makes the job dead.
    pub(crate) fn is_last_attempt(&self) -> bool {
        let policy = self.job.kind().policy();
        let max = if matches!(self.job, Job::Unreadable(..)) {
            policy.max_unreadable_attempts()
        } else {
            policy.max_attempts
        };
        max.is_some_and(|max| self.attempts >= max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::JobKind;

    fn is_last(kind: JobKind, attempts: u32) -> bool {
        let job = Job::Unreadable(kind, kind.as_str().to_owned());
        let leased_until = Timestamp::UNIX_EPOCH;
        ClaimedJob { job, attempts, leased_until, renewed_until: None }.is_last_attempt()
    }

    /// All but one may have failed for another reason.
    #[test]
    fn job_that_cannot_be_read_has_as_many_attempts_as_others_whatever_failed_before() {
        let most = JobKind::SendMail.policy().max_attempts.unwrap();
        assert!((most..2 * most).all(|attempts| !is_last(JobKind::SendMail, attempts)));
        assert!(is_last(JobKind::SendMail, 2 * most));
        for kind in [JobKind::RefundSecondPayment, JobKind::ApplyEvent, JobKind::ForgetExpired] {
            assert!(!is_last(kind, u32::MAX));
        }
    }
}
