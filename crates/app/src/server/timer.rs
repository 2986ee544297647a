//! The time limits of a connection.

use std::{future::Future, pin::Pin, task::Context, time::Duration};

use actix_web::rt::time::{Instant, Sleep, sleep_until};

/// A time limit that is started and stopped with every request, and almost never over. Its alarm stays set then and
/// is moved only when it goes off too early, since setting one takes a lock.
#[derive(Default)]
pub(super) struct Timer {
    deadline: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// Starts the timer unless it runs.
    pub(super) fn start(&mut self, limit: Duration) {
        self.deadline.get_or_insert_with(|| Instant::now() + limit);
    }

    pub(super) fn stop(&mut self) {
        self.deadline = None;
    }

    pub(super) fn runs(&self) -> bool {
        self.deadline.is_some()
    }

    /// Returns whether the time is over; if not, the task is woken when it is.
    pub(super) fn has_ended(&mut self, context: &mut Context<'_>) -> bool {
        let Some(deadline) = self.deadline else { return false };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if alarm.deadline() > deadline {
            alarm.as_mut().reset(deadline);
        }
        while alarm.as_mut().poll(context).is_ready() {
            if alarm.deadline() >= deadline {
                return true;
            }
            alarm.as_mut().reset(deadline);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn limit_that_is_started_anew_runs_from_then() {
        let mut timer = Timer::default();
        for (limit, is_over) in [(LONG, false), (SHORT, true), (SHORT * 3, true)] {
            timer.start(limit);
            let started = Instant::now();
            let wait = std::future::poll_fn(|context| {
                if timer.has_ended(context) { Poll::Ready(()) } else { Poll::Pending }
            });
            let ended = tokio::time::timeout(SHORT * 10, wait).await;
            assert_eq!(ended.is_ok(), is_over, "{limit:?}");
            assert!(!is_over || started.elapsed() >= limit, "{limit:?}");
            timer.stop();
        }
    }
}
