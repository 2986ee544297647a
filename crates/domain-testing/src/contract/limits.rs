//! Limits: exact at their edges, and under load.

use jiff::Timestamp;

use super::fixture::{count_true, just_before, parallel};
use crate::at;
use tollgate_domain::{
    limits::{Admission, Limit, LimitRule},
    store::Stores,
};

/// Three at once, then one every 60 seconds.
const BUCKET: Limit = Limit::per_minute("bucket", 3, 1);
/// Three in an hour.
const WINDOW: Limit = Limit::per_hour("window", 3);

async fn ask(on: &Stores, limit: Limit, subject: &str, now: Timestamp) -> Admission {
    on.limits.admit(limit, subject, now).await.unwrap()
}

async fn admitted(on: &Stores, limit: Limit, now: Timestamp) -> bool {
    ask(on, limit, "someone", now).await == Admission::Admitted
}

fn limited(retry_after_seconds: u64) -> Admission {
    Admission::Limited { retry_after_seconds }
}

pub async fn a_bucket_admits_its_burst_and_no_more(on: Stores) {
    for _ in 0..3 {
        assert!(admitted(&on, BUCKET, at(0)).await);
    }
    assert!(!admitted(&on, BUCKET, at(0)).await);
}

pub async fn a_bucket_wins_one_back_exactly_at_its_refill(on: Stores) {
    for _ in 0..3 {
        assert!(admitted(&on, BUCKET, at(0)).await);
    }
    assert!(!admitted(&on, BUCKET, just_before(at(60))).await);
    assert!(admitted(&on, BUCKET, at(60)).await);
    assert!(!admitted(&on, BUCKET, just_before(at(120))).await);
    assert!(admitted(&on, BUCKET, at(120)).await);
}

pub async fn a_bucket_never_holds_more_than_its_burst(on: Stores) {
    assert!(admitted(&on, BUCKET, at(0)).await);
    for _ in 0..3 {
        assert!(admitted(&on, BUCKET, at(100_000)).await);
    }
    assert!(!admitted(&on, BUCKET, at(100_000)).await);
}

/// Asking too often does not make the wait longer.
pub async fn a_limited_request_is_not_counted(on: Stores) {
    for limit in [BUCKET, WINDOW] {
        for _ in 0..3 {
            assert!(admitted(&on, limit, at(0)).await);
        }
        for _ in 0..10 {
            assert!(!admitted(&on, limit, at(30)).await);
        }
    }
    assert!(admitted(&on, BUCKET, at(60)).await);
    assert!(admitted(&on, WINDOW, at(3_600)).await);
}

/// The wait is in whole seconds, rounded up, and at least one.
pub async fn a_bucket_says_when_to_come_again(on: Stores) {
    for _ in 0..3 {
        assert!(admitted(&on, BUCKET, at(0)).await);
    }
    for (now, seconds) in
        [(at(0), 60), (at(1), 59), (just_before(at(1)), 60), (at(59), 1), (just_before(at(60)), 1)]
    {
        assert_eq!(ask(&on, BUCKET, "someone", now).await, limited(seconds));
    }
}

pub async fn a_window_admits_its_most_and_no_more(on: Stores) {
    for second in [0, 1_000, 3_599] {
        assert!(admitted(&on, WINDOW, at(second)).await);
    }
    assert!(!admitted(&on, WINDOW, at(3_599)).await);
}

pub async fn a_window_ends_exactly_at_its_length(on: Stores) {
    for second in [10, 20, 30] {
        assert!(admitted(&on, WINDOW, at(second)).await);
    }
    assert!(!admitted(&on, WINDOW, just_before(at(3_610))).await);
    for second in [3_610, 3_611, 3_612] {
        assert!(admitted(&on, WINDOW, at(second)).await);
    }
    assert!(!admitted(&on, WINDOW, at(3_613)).await);
    assert!(!admitted(&on, WINDOW, just_before(at(7_210))).await);
    assert!(admitted(&on, WINDOW, at(7_210)).await);
}

pub async fn a_window_says_when_to_come_again(on: Stores) {
    for _ in 0..3 {
        assert!(admitted(&on, WINDOW, at(10)).await);
    }
    for (now, seconds) in
        [(at(10), 3_600), (at(11), 3_599), (just_before(at(11)), 3_600), (at(3_609), 1)]
    {
        assert_eq!(ask(&on, WINDOW, "someone", now).await, limited(seconds));
    }
    let almost = just_before(at(3_610));
    assert_eq!(ask(&on, WINDOW, "someone", almost).await, limited(1));
}

/// Nobody waits until the time comes that a clock had by mistake.
pub async fn a_clock_that_was_ahead_locks_nobody_out(on: Stores) {
    let (day, month) = (86_400, 31 * 86_400);
    for limit in [BUCKET, WINDOW] {
        while admitted(&on, limit, at(month)).await {}
        for _ in 0..3 {
            assert!(admitted(&on, limit, at(day)).await, "{limit:?}");
        }
        assert!(!admitted(&on, limit, at(day)).await, "{limit:?}");
    }
}

pub async fn subjects_and_limits_are_counted_apart(on: Stores) {
    let namesake = Limit { name: "another", ..BUCKET };
    for _ in 0..3 {
        assert!(admitted(&on, BUCKET, at(0)).await);
    }
    assert!(!admitted(&on, BUCKET, at(0)).await);
    assert!(admitted(&on, namesake, at(0)).await);
    assert!(admitted(&on, WINDOW, at(0)).await);
    for subject in ["someone else", "", "Someone", "2001:db8::/64", "ünï'cöde"] {
        assert_eq!(ask(&on, BUCKET, subject, at(0)).await, Admission::Admitted, "{subject}");
    }
}

pub async fn limits_are_counted_until_one_is_exceeded(on: Stores) {
    let all = || vec![(WINDOW, "first".to_owned()), (BUCKET, "second".to_owned())];
    let then = || vec![(BUCKET, "second".to_owned()), (WINDOW, "third".to_owned())];
    for _ in 0..2 {
        assert_eq!(on.limits.admit_all(all(), at(0)).await.unwrap(), Admission::Admitted);
    }
    assert_eq!(ask(&on, BUCKET, "second", at(0)).await, Admission::Admitted);
    assert_eq!(on.limits.admit_all(all(), at(0)).await.unwrap(), limited(60));
    assert_eq!(on.limits.admit_all(all(), at(0)).await.unwrap(), limited(3_600));
    assert_eq!(on.limits.admit_all(then(), at(0)).await.unwrap(), limited(60));
    for _ in 0..3 {
        assert_eq!(ask(&on, WINDOW, "third", at(0)).await, Admission::Admitted);
    }
    assert_eq!(on.limits.admit_all(Vec::new(), at(0)).await.unwrap(), Admission::Admitted);
}

async fn of_fifty(on: &Stores, limit: Limit) -> usize {
    count_true(&parallel(50, |_| admitted(on, limit, at(0))).await)
}

pub async fn of_fifty_parallel_requests_exactly_the_burst_is_admitted(on: Stores) {
    assert_eq!(of_fifty(&on, Limit::per_minute("parallel", 17, 1)).await, 17);
}

pub async fn of_fifty_parallel_requests_exactly_the_window_is_admitted(on: Stores) {
    assert_eq!(of_fifty(&on, Limit::per_hour("parallel", 17)).await, 17);
}

/// A unit of work is short however many clients there were.
pub async fn idle_counters_are_forgotten_in_parts(on: Stores) {
    for subject in ["one", "two", "three"] {
        assert_eq!(ask(&on, WINDOW, subject, at(0)).await, Admission::Admitted);
    }
    for are_left in [true, false, false] {
        assert_eq!(on.limits.forget_idle(at(3_600), 2).await, Ok(are_left));
    }
}

/// Only what has its whole room again may be forgotten.
pub async fn forgetting_the_idle_changes_no_answer(on: Stores) {
    let slow = Limit { name: "slow", rule: LimitRule::Bucket { burst: 2, refill: 60_000_000 } };
    for limit in [slow, WINDOW] {
        while admitted(&on, limit, at(0)).await {}
    }
    on.limits.forget_idle(at(30), 9).await.unwrap();
    assert!(!admitted(&on, slow, at(30)).await);
    assert!(!admitted(&on, WINDOW, at(30)).await);
    // The bucket has one of two back: it is not idle yet.
    on.limits.forget_idle(at(60), 9).await.unwrap();
    assert!(admitted(&on, slow, at(60)).await);
    assert!(!admitted(&on, slow, at(60)).await);
    on.limits.forget_idle(just_before(at(3_600)), 9).await.unwrap();
    assert!(!admitted(&on, WINDOW, just_before(at(3_600))).await);
    on.limits.forget_idle(at(3_600), 9).await.unwrap();
    assert!(admitted(&on, WINDOW, at(3_600)).await);
}
