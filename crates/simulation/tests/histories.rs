//! Thousands of random histories keep every rule.

use std::thread::available_parallelism;

use tollgate_simulation::{Storage, search};

/// The number of steps of a history.
const STEPS: usize = 60;

/// Runs the histories of the first `count` seeds.
fn run_histories(storage: Storage, count: u64) {
    let threads = available_parallelism().map_or(1, usize::from);
    let outcome = search(storage, 1, count, STEPS, threads, &|_| {});
    assert!(
        outcome.is_ok(),
        "{outcome:?}; scripts/simulate --seed prints the shortest such history"
    );
}

#[test]
fn three_thousand_histories_in_memory_keep_every_rule() {
    run_histories(Storage::Memory, 3_000);
}

#[cfg(feature = "stores")]
#[test]
fn sixty_histories_on_sqlite_keep_every_rule() {
    run_histories(Storage::Sqlite, 60);
}

#[cfg(feature = "stores")]
#[test]
fn sixty_histories_on_postgresql_keep_every_rule() {
    run_histories(Storage::Postgres, 60);
}
