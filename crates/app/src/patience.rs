//! Waiting for a database server that is just starting.

use std::time::Duration;

use anyhow::anyhow;
use tollgate_persistence::OpenError;

use crate::database;

/// How long a start waits for the server, in seconds.
const PATIENCE: u64 = 60;
/// The pause between two attempts, in seconds.
const PAUSE: u64 = 2;
/// How often it is told that the start waits, in seconds.
const TOLD_EVERY: u64 = 10;

/// Opens the database, and tries again while its server is starting. Any other error ends the start at once.
pub(crate) async fn until_started<T>(
    mut open: impl AsyncFnMut() -> Result<T, OpenError>,
    mut pause: impl AsyncFnMut(Duration),
    mut tell: impl FnMut(String),
) -> anyhow::Result<T> {
    let mut waited = 0;
    loop {
        let error = match open().await {
            Err(error @ OpenError::Starting(_)) => error,
            done => return done.map_err(database::told),
        };
        if waited >= PATIENCE {
            return Err(anyhow!(
                "TOLLGATE_DATABASE_URL: {error}; that was so for {PATIENCE} seconds: start PostgreSQL, or \
                 correct its address"
            ));
        }
        if waited.is_multiple_of(TOLD_EVERY) {
            tell(format!("waiting for the database, {waited} of {PATIENCE} seconds: {error}"));
        }
        pause(Duration::from_secs(PAUSE)).await;
        waited += PAUSE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starting() -> OpenError {
        OpenError::Starting("the database system is starting up".to_owned())
    }

    /// Returns the outcome of a start whose first attempts fail like this, the seconds of its pauses, and the lines that it
    /// wrote.
    async fn opened(failures: Vec<OpenError>) -> (Result<(), String>, u64, Vec<String>) {
        let (mut failures, mut waited, mut told) = (failures.into_iter(), 0, Vec::new());
        let done = until_started(
            async || failures.next().map_or(Ok(()), Err),
            async |pause: Duration| waited += pause.as_secs(),
            |line| told.push(line),
        )
        .await;
        (done.map_err(|error| format!("{error:#}")), waited, told)
    }

    #[tokio::test]
    async fn server_that_is_starting_is_waited_for() {
        let (done, waited, told) = opened((0..6).map(|_| starting()).collect()).await;
        assert_eq!((done, waited), (Ok(()), 12));
        let line = "cannot open the database: the database system is starting up";
        let told_at = |second| format!("waiting for the database, {second} of 60 seconds: {line}");
        assert_eq!(told, [told_at(0), told_at(10)]);
    }

    #[tokio::test]
    async fn server_that_never_starts_ends_the_start_with_what_to_do() {
        let (done, waited, told) = opened((0..100).map(|_| starting()).collect()).await;
        let error = done.unwrap_err();
        assert!(error.starts_with("TOLLGATE_DATABASE_URL: cannot open the database"), "{error}");
        assert!(error.contains("start PostgreSQL, or correct its address"), "{error}");
        assert_eq!((error.lines().count(), waited, told.len()), (1, 60, 6));
    }

    #[tokio::test]
    async fn any_other_error_ends_the_start_at_once() {
        let wrong = OpenError::Connect("password authentication failed".to_owned());
        let (done, waited, told) = opened(vec![starting(), wrong]).await;
        let error =
            "TOLLGATE_DATABASE_URL: cannot open the database: password authentication failed";
        assert_eq!((done, waited, told.len()), (Err(error.to_owned()), 2, 1));
    }
}
