//! SQLite's writer: one thread that runs units of work one after another, and commits those that wait
//! together in one transaction.
//!
//! Making a transaction durable takes far longer than running it. Each unit is a savepoint, so that it is
//! kept or rolled back by itself, and is answered only after the transaction that it is part of is durable. A unit
//! that is rolled back may have seen others that are not durable yet: see [`Fence`].

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use crossbeam_channel::Receiver;
use diesel::QueryResult;
use diesel_async::SimpleAsyncConnection;
use futures_util::FutureExt;
use tokio::sync::oneshot;
use tollgate_domain::store_error::StoreError;

use super::{
    fence::{Fence, UnitFence},
    statements::{Conn, DeferredStatement, finish, run_all},
};
use crate::error::store_error;

/// The most units that are committed together.
const MAX_TOGETHER: usize = 128;
/// How long after the first unit of a transaction another one may still join it.
const MAX_WAIT_FOR_OTHERS: Duration = Duration::from_millis(10);
/// The longest pause between two statements of a unit of work, while others wait.
const MAX_PAUSE: Duration = Duration::from_secs(10);

type Answer = Result<(), StoreError>;
pub(super) type Begun = Result<Option<UnitFence>, StoreError>;

/// A unit of work's turn on the writer's thread.
pub(super) enum WriteRequest {
    /// The steps come one by one. The unit is told when it can begin, and whether others are part of its transaction.
    Steps { steps: mpsc::Receiver<Step>, begun: oneshot::Sender<Begun> },
    /// The unit is known as a whole.
    Whole(WholeUnit),
}

pub(super) enum Step {
    /// Statements, which tell whether the unit can go on.
    Run(Box<dyn FnOnce(&mut Conn) -> bool + Send>),
    Commit(Last),
}

/// The end of a unit: its last statements, the fence that keeps reads waiting if other units are part of its transaction, and the channel
/// that is told whether the unit is durable.
pub(super) struct Last {
    pub(super) later: Vec<DeferredStatement>,
    pub(super) fence: Option<UnitFence>,
    pub(super) done: oneshot::Sender<Answer>,
}

/// Runs a whole unit on the connection, or receives the error if no transaction could begin.
///
/// Returns the [`Completion`] that answers the caller once the commit is known to be durable or not. If the unit failed and has to be
/// rolled back, it returns the [`Refusal`] that answers the caller after that.
pub(super) type WholeUnit =
    Box<dyn FnOnce(Result<&mut Conn, StoreError>) -> Result<Completion, Refusal> + Send>;

/// Tells the caller of a unit whether it is durable.
pub(super) type Completion = Box<dyn FnOnce(Answer) + Send>;

/// Tells the caller of a unit that it failed.
pub(super) type Refusal = Box<dyn FnOnce() + Send>;

impl WriteRequest {
    /// Returns whether the request of the unit was cancelled.
    fn is_given_up(&self) -> bool {
        match self {
            Self::Steps { begun, .. } => begun.is_closed(),
            Self::Whole(_) => false,
        }
    }

    /// Answers the caller with an error, before the turn has begun.
    fn refuse(self, error: StoreError) {
        match self {
            Self::Steps { begun, .. } => drop(begun.send(Err(error))),
            Self::Whole(unit) => {
                if let Err(refusal) = unit(Err(error)) {
                    refusal();
                }
            }
        }
    }

    /// Runs the unit. Returns the completion that answers its caller after the commit, or `None` if the unit has to be rolled back.
    fn take(self, conn: &mut Conn, fence: Option<UnitFence>) -> Option<Completion> {
        match self {
            Self::Steps { steps, begun } => {
                begun.send(Ok(fence)).ok()?;
                loop {
                    match steps.recv_timeout(MAX_PAUSE).ok()? {
                        Step::Run(work) => {
                            if !work(conn) {
                                return None;
                            }
                        }
                        Step::Commit(Last { later, fence, done }) => {
                            return match run_all(later, conn) {
                                Ok(()) => {
                                    lift(fence);
                                    Some(Box::new(|answer| drop(done.send(answer))))
                                }
                                Err(error) => {
                                    // The caller's next read waits for what the unit has seen.
                                    drop(fence);
                                    let _ = done.send(Err(store_error(error)));
                                    None
                                }
                            };
                        }
                    }
                }
            }
            Self::Whole(unit) => match unit(Ok(conn)) {
                Ok(told) => {
                    lift(fence);
                    Some(told)
                }
                Err(refusal) => {
                    drop(fence);
                    refusal();
                    None
                }
            },
        }
    }
}

/// Ends the part of a unit that is being committed. Its caller waits for the end of the transaction itself.
fn lift(fence: Option<UnitFence>) {
    if let Some(fence) = fence {
        fence.lift();
    }
}

/// Runs units of work until no more can come.
pub(super) fn write(waiting: &Receiver<WriteRequest>, mut conn: Conn, fence: &Fence) {
    let mut transaction = 0;
    while let Ok(turn) = waiting.recv() {
        if !turn.is_given_up() {
            transaction += 1;
            run_together(turn, waiting, &mut conn, |has_others| {
                has_others.then(|| fence.of_unit(transaction))
            });
            fence.ended(transaction);
        }
    }
}

/// Runs a unit, and those that are waiting, in one transaction.
fn run_together(
    first: WriteRequest,
    waiting: &Receiver<WriteRequest>,
    conn: &mut Conn,
    fence: impl Fn(bool) -> Option<UnitFence>,
) {
    if let Err(error) = execute(conn, "BEGIN IMMEDIATE") {
        // The units that wait are refused, too: each would otherwise wait for the same lock again and exceed its time
        // limit.
        let error = store_error(error);
        // Units that come after the first answer may find the file free again.
        let waited: Vec<_> = std::iter::once(first).chain(waiting.try_iter()).collect();
        for turn in waited {
            turn.refuse(error.clone());
        }
        return;
    }
    let last = Instant::now() + MAX_WAIT_FOR_OTHERS;
    let mut kept: Vec<Completion> = Vec::new();
    let mut next = Some(first);
    let mut ended = Ok(());
    while let Some(turn) = next.take() {
        let before = kept.len();
        ended = run_one(turn, conn, &mut kept, fence(before > 0));
        // Reads wait for a unit that was rolled back after others, so that none may come between.
        let may_others_join = before == 0 || kept.len() > before;
        if ended.is_ok() && may_others_join && kept.len() < MAX_TOGETHER && Instant::now() < last {
            next = waiting.try_iter().find(|turn| !turn.is_given_up());
        }
    }
    // Without a unit that is kept there is nothing to make durable.
    let end = if kept.is_empty() || ended.is_err() { "ROLLBACK" } else { "COMMIT" };
    let answer = ended.and_then(|()| execute(conn, end)).map_err(store_error);
    if answer.is_err() {
        // SQLite may have rolled back already, after a disk error for example.
        let _ = execute(conn, "ROLLBACK");
    }
    for told in kept {
        told(answer.clone());
    }
}

/// Runs a unit in a savepoint. An error means that the whole transaction is lost.
fn run_one(
    turn: WriteRequest,
    conn: &mut Conn,
    kept: &mut Vec<Completion>,
    fence: Option<UnitFence>,
) -> QueryResult<()> {
    if let Err(error) = execute(conn, "SAVEPOINT unit") {
        turn.refuse(StoreError::Unavailable(error.to_string()));
        return Err(error);
    }
    match turn.take(conn, fence) {
        Some(told) => {
            kept.push(told);
            execute(conn, "RELEASE unit")
        }
        None => execute(conn, "ROLLBACK TO unit; RELEASE unit"),
    }
}

fn execute(conn: &mut Conn, statement: &str) -> QueryResult<()> {
    finish(conn.batch_execute(statement).boxed())
}
