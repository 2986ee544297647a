//! The state as a file of lines, `[table, key, row]`, in which the last line of a row counts.
//!
//! Changes are appended. With the first one, at the end, after a failure and when it has grown, the file is
//! replaced as a whole by one with a line for each row: written beside it and renamed, so that after a
//! crash there is the old file or the new one. A crash while appending leaves half a line at the end,
//! of a change that nobody was told of.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::model::State;

const FILE: &str = "stripe-sandbox.jsonl";
/// Appended bytes after which the file is replaced.
const APPENDED_LIMIT: u64 = 64 * 1024 * 1024;

#[derive(Clone, Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    /// Held while writing: a writer that was cancelled goes on in its thread, and must neither meet
    /// the next one in the file nor come after it.
    written: Arc<Mutex<Written>>,
}

#[derive(Debug, Default)]
struct Written {
    version: u64,
    /// The file, when lines can be appended to it.
    open: Option<File>,
    appended: u64,
}

/// What is to be written.
pub(crate) struct Lines {
    pub(crate) version: u64,
    pub(crate) text: String,
    /// Every row is there, not only the changed ones.
    pub(crate) complete: bool,
}

impl Store {
    /// Opens a state directory, making it when it is not there, and reads what it has.
    pub(crate) async fn open(directory: PathBuf) -> io::Result<(Self, State)> {
        let store = Self { directory, written: Arc::default() };
        let reading = store.clone();
        let state = tokio::task::spawn_blocking(move || reading.read())
            .await
            .map_err(io::Error::other)??;
        Ok((store, state))
    }

    fn read(&self) -> io::Result<State> {
        std::fs::create_dir_all(&self.directory)?;
        let mut state = State::default();
        let text = match std::fs::read_to_string(self.file()) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(state),
            Err(error) => return Err(error),
        };
        // What follows the last line's end was never finished.
        let finished = text.rfind('\n').map_or(0, |end| end + 1);
        for line in text.get(..finished).unwrap_or_default().lines() {
            restore(&mut state, line)?;
        }
        Ok(state)
    }

    /// Whether the next lines have to be complete.
    pub(crate) fn wants_all(&self) -> bool {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.open.is_none() || written.appended > APPENDED_LIMIT
    }

    pub(crate) async fn write(&self, lines: Lines) -> io::Result<()> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || {
            let mut written = store.written.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.version < written.version {
                return Ok(());
            }
            // Until this has succeeded the file is not one to append to.
            let open = written.open.take();
            written.open = Some(match open {
                Some(mut file) if !lines.complete => {
                    file.write_all(lines.text.as_bytes())?;
                    file.sync_data()?;
                    written.appended += u64::try_from(lines.text.len()).unwrap_or(u64::MAX);
                    file
                }
                _ if lines.complete => {
                    written.appended = 0;
                    store.replace(&lines.text)?
                }
                _ => return Err(io::Error::other("the last write failed")),
            });
            written.version = lines.version;
            Ok(())
        })
        .await
        .map_err(io::Error::other)?
    }

    fn replace(&self, text: &str) -> io::Result<File> {
        let beside = self.directory.join(format!("{FILE}.new"));
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, self.file())?;
        OpenOptions::new().append(true).open(self.file())
    }

    fn file(&self) -> PathBuf {
        self.directory.join(FILE)
    }
}

fn restore(state: &mut State, line: &str) -> io::Result<()> {
    let (name, key, row): (String, String, Option<Value>) = serde_json::from_str(line)?;
    let table = state.tables().into_iter().find(|(known, _)| *known == name);
    let (_, table) = table.ok_or_else(|| io::Error::other(format!("no table is named {name}")))?;
    Ok(table.restore(key, row)?)
}
