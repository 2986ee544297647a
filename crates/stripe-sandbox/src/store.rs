//! The state file. Each line is `[table, key, row]`; the last line for a key is the current row.
//!
//! Changes are appended. On the first change, at shutdown, after a failed write and when the file
//! has grown too large, it is replaced by a file with one line for each row. The new file is
//! written beside the old one and renamed, so that a crash leaves one of the two intact. A crash
//! during an append leaves an incomplete last line, which belongs to a change that was never
//! acknowledged.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::batch::Batch;
use crate::model::State;

const FILE: &str = "stripe-sandbox.jsonl";
/// The number of appended bytes after which the file is replaced.
const APPENDED_LIMIT: u64 = 64 * 1024 * 1024;

/// The state directory.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    /// Locked during a write. A cancelled write continues in its thread; it must not overlap with
    /// the next write or follow it.
    written: Arc<Mutex<Written>>,
}

/// The state of the file.
#[derive(Debug, Default)]
struct Written {
    version: u64,
    /// The open file, if lines can be appended to it.
    open: Option<File>,
    /// The bytes that were appended since the file was replaced.
    appended: u64,
}

impl Store {
    /// Opens a state directory, creating it if it is missing, and reads the state in it.
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
        // Text after the last line feed is an incomplete line.
        let finished = text.rfind('\n').map_or(0, |end| end + 1);
        for line in text.get(..finished).unwrap_or_default().lines() {
            restore(&mut state, line)?;
        }
        Ok(state)
    }

    /// Returns whether the next batch must be complete.
    pub(crate) fn wants_all(&self) -> bool {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.open.is_none() || written.appended > APPENDED_LIMIT
    }

    /// Writes a batch to the disk, unless a later version is already there.
    pub(crate) async fn write(&self, batch: Batch) -> io::Result<()> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || {
            let mut written = store.written.lock().unwrap_or_else(PoisonError::into_inner);
            if batch.version < written.version {
                return Ok(());
            }
            // If this write fails, the file stays closed and the next batch must be complete.
            let open = written.open.take();
            written.open = Some(match open {
                Some(mut file) if !batch.complete => {
                    file.write_all(batch.text.as_bytes())?;
                    file.sync_data()?;
                    written.appended += u64::try_from(batch.text.len()).unwrap_or(u64::MAX);
                    file
                }
                _ if batch.complete => {
                    written.appended = 0;
                    store.replace(&batch.text)?
                }
                _ => return Err(io::Error::other("the last write failed")),
            });
            written.version = batch.version;
            Ok(())
        })
        .await
        .map_err(io::Error::other)?
    }

    /// Replaces the file, and opens it for appending.
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

/// Applies a line of the file to `state`.
fn restore(state: &mut State, line: &str) -> io::Result<()> {
    let (name, key, row): (String, String, Option<Value>) = serde_json::from_str(line)?;
    let table = state.tables().into_iter().find(|(known, _)| *known == name);
    let (_, table) = table.ok_or_else(|| io::Error::other(format!("no table is named {name}")))?;
    Ok(table.restore(key, row)?)
}
