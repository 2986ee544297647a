//! Running histories, one or many.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    backend::Storage,
    history::{History, generate},
    simulation::Simulation,
    violation::{Rule, Violation},
};

/// A history that broke a rule.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The seed of the history.
    pub seed: u64,
    /// How many histories had been run before.
    pub after: u64,
    /// What was broken.
    pub violation: Violation,
}

/// Carries out a history over an empty store of this kind, and checks everything.
pub fn run(history: &History, storage: Storage) -> Result<(), Violation> {
    let backend = storage.open();
    let backend = backend.map_err(|error| Rule::UndisturbedSucceeds.broken(error.to_string()))?;
    let mut simulation = Simulation::new(history, backend)?;
    for step in &history.steps {
        simulation.step(step)?;
    }
    simulation.finish(history.loses_last_events)
}

/// Runs the histories of `count` seeds from `first` on, on so many threads, until one breaks a rule. Calls
/// `progress` with the number of those that are done.
pub fn search(
    storage: Storage,
    first: u64,
    count: u64,
    steps: usize,
    threads: usize,
    progress: &(impl Fn(u64) + Sync),
) -> Result<(), Failure> {
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let failure: Mutex<Option<Failure>> = Mutex::new(None);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let has_failed = || failure.lock().unwrap_or_else(PoisonError::into_inner).is_some();
            if number >= count || has_failed() {
                return;
            }
            let seed = first.wrapping_add(number);
            if let Err(violation) = run(&generate(seed, steps), storage) {
                let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                // The failure with the lowest seed is kept, so that the outcome is always the same.
                if failure.as_ref().is_none_or(|known| seed < known.seed) {
                    *failure = Some(Failure { seed, after: number + 1, violation });
                }
                return;
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
    failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}
