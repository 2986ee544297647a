//! Logging to standard error: JSON, one object a line, or plain lines in a terminal.

mod line;

use std::{
    io::{self, IsTerminal, Write, stderr},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use anyhow::Context;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// The longest time that a line waits to be written. Writing each line by itself would take longer than
/// answering a request.
const MAX_WAIT: Duration = Duration::from_millis(100);
/// The number of waiting bytes at which they are written immediately.
const MAX_WAITING: usize = 64 * 1024;

/// Starts logging the events that `filter` selects, such as `info` or `tollgate_domain=debug,warn`. Waiting
/// lines are written when the returned value is dropped.
pub(crate) fn start(filter: &str) -> anyhow::Result<Flush> {
    let filter = EnvFilter::try_new(filter).context("TOLLGATE_LOG is not a log filter")?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    let waiting = Lines::default();
    if stderr().is_terminal() {
        lines.with_writer(stderr).compact().init();
        return Ok(Flush(waiting));
    }
    let writer = waiting.clone();
    thread::Builder::new().name("log".into()).spawn(move || writer.write_forever())?;
    lines.with_writer(waiting.clone()).event_format(line::JsonLine).init();
    Ok(Flush(waiting))
}

/// Writes the waiting lines when it is dropped.
pub(crate) struct Flush(Lines);

impl Drop for Flush {
    fn drop(&mut self) {
        write_out(&mut self.0.lock());
    }
}

/// Lines that are not written yet.
#[derive(Clone, Default)]
struct Lines(Arc<(Mutex<Vec<u8>>, Condvar)>);

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_forever(&self) {
        loop {
            let waiting = self.lock();
            let many = |lines: &mut Vec<u8>| lines.len() < MAX_WAITING;
            let woken = self.0.1.wait_timeout_while(waiting, MAX_WAIT, many);
            let (mut waiting, _) = woken.unwrap_or_else(PoisonError::into_inner);
            write_out(&mut waiting);
        }
    }
}

/// Ignores write errors: the server keeps running when its log cannot be written.
fn write_out(lines: &mut Vec<u8>) {
    let _ = stderr().write_all(lines);
    lines.clear();
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.lock();
        waiting.extend_from_slice(line);
        if waiting.len() >= MAX_WAITING {
            self.0.1.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
