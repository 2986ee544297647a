//! `simulate`: runs the histories of seeds and prints the first that breaks a rule, shrunk.

use std::{process::ExitCode, thread::available_parallelism, time::Instant};

use clap::{Parser, ValueEnum};
use tollgate_simulation::{Failure, History, Storage, generate, run, search, shrink};

/// Runs seeded histories and checks what holds in every one of them.
#[derive(Debug, Parser)]
struct Arguments {
    /// Runs only the history of this seed.
    #[arg(long, conflicts_with = "count")]
    seed: Option<u64>,
    /// Runs so many histories.
    #[arg(long, default_value_t = 3_000)]
    count: u64,
    /// The seed of the first one.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// The number of steps of each.
    #[arg(long, default_value_t = 60)]
    steps: usize,
    /// Where they are stored.
    #[arg(long, value_enum, default_value_t = Store::Memory)]
    store: Store,
    /// Prints only one line: the number of histories until a violation, and the violation.
    #[arg(long)]
    brief: bool,
}

/// The kind of a store. A program without the feature `stores` has only the first.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Store {
    Memory,
    #[cfg(feature = "stores")]
    Sqlite,
    #[cfg(feature = "stores")]
    Postgres,
}

impl From<Store> for Storage {
    fn from(store: Store) -> Self {
        match store {
            Store::Memory => Self::Memory,
            #[cfg(feature = "stores")]
            Store::Sqlite => Self::Sqlite,
            #[cfg(feature = "stores")]
            Store::Postgres => Self::Postgres,
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let storage = arguments.store.into();
    let (first, count) =
        arguments.seed.map_or((arguments.first, arguments.count), |seed| (seed, 1));
    let began = Instant::now();
    let threads = available_parallelism().map_or(1, usize::from);
    let progress = |done: u64| {
        if !arguments.brief && done.is_multiple_of(500) {
            let seconds = began.elapsed().as_secs_f64();
            eprintln!("{done} of {count} histories, {seconds:.0} s");
        }
    };
    match search(storage, first, count, arguments.steps, threads, &progress) {
        Ok(()) => {
            let seconds = began.elapsed().as_secs_f64();
            println!(
                "{count} histories of {} steps, no violation, {seconds:.1} s",
                arguments.steps
            );
            ExitCode::SUCCESS
        }
        Err(failure) if arguments.brief => {
            println!("{} | {}", failure.after, failure.violation.rule);
            ExitCode::FAILURE
        }
        Err(failure) => {
            report(storage, &failure, arguments.steps);
            ExitCode::FAILURE
        }
    }
}

/// Prints a failure with the shortest history that can be found of it.
fn report(storage: Storage, failure: &Failure, steps: usize) {
    let Failure { seed, violation, .. } = failure;
    println!("seed {seed} breaks a rule: {violation}");
    println!("shrinking…");
    let breaks =
        |history: &History| run(history, storage).is_err_and(|found| found.rule == violation.rule);
    let shrunk = shrink(&generate(*seed, steps), breaks);
    println!("{shrunk}");
    if let Err(found) = run(&shrunk, storage) {
        println!("{found}");
    }
}
