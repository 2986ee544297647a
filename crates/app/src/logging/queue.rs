//! Lines that wait to be written. Code that logs never waits for the reader of the log: if too much is waiting,
//! lines are dropped and counted.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// The longest time that a line waits to be written. Writing each line by itself would take longer than
/// answering a request.
const MAX_WAIT: Duration = Duration::from_millis(100);
/// The number of waiting bytes at which they are written immediately.
const MANY: usize = 64 * 1024;
/// The number of waiting bytes beyond which lines are dropped.
const MAX_WAITING: usize = 4 * 1024 * 1024;
/// How long the end of the program waits for the reader of the log.
const MAX_FLUSH: Duration = Duration::from_secs(1);

/// Lines that are not written yet.
#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Signals that many lines wait, or that the program ends.
    wake: Condvar,
    /// Signals that lines were written.
    written: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// Whether the writer holds lines that are not written yet.
    is_writing: bool,
    is_ending: bool,
    dropped: u64,
    /// The part of `dropped` that the log itself tells.
    told: u64,
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Adds a line, or drops it if too much is waiting.
    fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.waiting.len() + line.len() > MAX_WAITING {
            state.dropped += 1;
            return;
        }
        state.waiting.extend_from_slice(line);
        if state.waiting.len() >= MANY {
            self.0.wake.notify_one();
        }
    }

    /// Writes lines to `output` as they come. Errors are ignored: the server keeps running when its log
    /// cannot be written.
    pub(super) fn write_forever(&self, mut output: impl Write) {
        let mut batch = Vec::new();
        loop {
            let few = |state: &mut State| state.waiting.len() < MANY && !state.is_ending;
            let woken = self.0.wake.wait_timeout_while(self.lock(), MAX_WAIT, few);
            let (mut state, _) = woken.unwrap_or_else(PoisonError::into_inner);
            batch.clear();
            std::mem::swap(&mut batch, &mut state.waiting);
            let (lost, is_ending) = (state.dropped - state.told, state.is_ending);
            state.told = state.dropped;
            state.is_writing = true;
            drop(state);
            if lost > 0 {
                let told = format!(
                    "{{\"level\":\"WARN\",\"message\":\"log lines were dropped: nobody read them \
                     in time\",\"lines\":{lost},\"target\":\"tollgate::logging\"}}\n"
                );
                batch.extend_from_slice(told.as_bytes());
            }
            let _ = output.write_all(&batch);
            let mut state = self.lock();
            state.is_writing = false;
            self.0.written.notify_all();
            if is_ending && state.waiting.is_empty() {
                return;
            }
        }
    }

    /// Waits a moment until all lines are written.
    pub(super) fn flush(&self) {
        let mut state = self.lock();
        state.is_ending = true;
        self.0.wake.notify_one();
        let unwritten = |state: &mut State| state.is_writing || !state.waiting.is_empty();
        drop(self.0.written.wait_timeout_while(state, MAX_FLUSH, unwritten));
    }
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
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

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;

    /// An output that passes on nothing until it is told to.
    struct Held(mpsc::Receiver<()>, mpsc::Sender<Vec<u8>>);

    impl Write for Held {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            let _ = self.1.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_dropped_and_counted_while_nobody_reads() {
        let (go, held) = mpsc::channel();
        let (out, written) = mpsc::channel();
        let lines = Lines::default();
        let writer = lines.clone();
        let thread = thread::spawn(move || writer.write_forever(Held(held, out)));
        let line = [b'x'; 1024];
        for _ in 0..3 * MAX_WAITING / line.len() {
            lines.push(&line);
        }
        let dropped = lines.dropped();
        assert!(dropped >= u64::try_from(MAX_WAITING / line.len()).unwrap(), "{dropped}");
        drop(go);
        lines.flush();
        thread.join().unwrap();
        let text: Vec<u8> = written.into_iter().flatten().collect();
        let text = String::from_utf8(text).unwrap();
        // A writer that starts late tells of the gap in two parts.
        let told = text.split("\"lines\":").skip(1).filter_map(|rest| {
            rest.split(',').next().and_then(|number| number.parse::<u64>().ok())
        });
        assert_eq!(told.sum::<u64>(), dropped, "the log tells of the gap");
    }

    #[test]
    fn all_lines_are_written_at_the_end() {
        let lines = Lines::default();
        let (writer, (out, written)) = (lines.clone(), mpsc::channel());
        let (go, held) = mpsc::channel();
        drop(go);
        let thread = thread::spawn(move || writer.write_forever(Held(held, out)));
        lines.push(b"one\n");
        lines.push(b"two\n");
        lines.flush();
        thread.join().unwrap();
        assert_eq!(written.into_iter().flatten().collect::<Vec<_>>(), b"one\ntwo\n");
    }
}
