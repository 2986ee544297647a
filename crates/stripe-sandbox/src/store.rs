//! The state as a file, replaced as a whole so that a reader never sees half of it.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use crate::model::State;

const FILE: &str = "stripe-sandbox.json";

#[derive(Clone, Debug)]
pub(crate) struct Store {
    directory: PathBuf,
}

impl Store {
    /// Opens a state directory, making it when it is not there, and reads what it has.
    pub(crate) async fn open(directory: PathBuf) -> io::Result<(Self, State)> {
        let store = Self { directory };
        let reading = store.clone();
        let state = tokio::task::spawn_blocking(move || reading.read())
            .await
            .map_err(io::Error::other)??;
        Ok((store, state))
    }

    fn read(&self) -> io::Result<State> {
        std::fs::create_dir_all(&self.directory)?;
        match std::fs::read(self.file()) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::default()),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn encode(state: &State) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec(state)?)
    }

    /// Writes beside the file and renames: after a crash there is the old state or the new one.
    pub(crate) async fn write(&self, bytes: Vec<u8>) -> io::Result<()> {
        let target = self.file();
        let beside = self.directory.join(format!("{FILE}.new"));
        tokio::task::spawn_blocking(move || {
            let mut file = File::create(&beside)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&beside, &target)
        })
        .await
        .map_err(io::Error::other)?
    }

    fn file(&self) -> PathBuf {
        self.directory.join(FILE)
    }
}
