//! Thousands of random histories keep every rule.

use std::thread::available_parallelism;

use tollgate_simulation::{History, Op, Storage, Turns, generate, search, shrink};

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

#[test]
fn a_history_is_shrunk_to_the_steps_that_matter() {
    let history = generate(7, 60);
    let matters = |history: &History| {
        let turns = history.steps.iter().filter(|step| matches!(step.op, Op::Work)).count();
        turns >= 2
    };
    let shrunk = shrink(&history, matters);
    assert_eq!(shrunk.steps.len(), 2);
    assert!(shrunk.steps.iter().all(|step| step.op == Op::Work));
    assert!(shrunk.steps.iter().all(|step| step.turns == Turns::UntilQuiet));
}

#[test]
fn a_seed_always_gives_the_same_history() {
    assert_eq!(generate(3, 60), generate(3, 60));
    assert_ne!(generate(3, 60).steps, generate(4, 60).steps);
}
