//! Where a backup is written until it is complete.

use std::{
    fs::{self, DirEntry, File},
    io,
    path::Path,
};

use anyhow::Context;
use jiff::Timestamp;
use tempfile::TempDir;
use tollgate_domain::clock::Clock;

use super::folder;
use crate::system::SystemClock;

/// How the names of such directories begin. Earlier versions had files of such names, too.
const PREFIX: &str = ".tollgate-backup-";
/// How old in seconds a directory is at least that nobody will lock any more.
const LOCKED_BY_THEN: i64 = 60;

/// A directory beside the archive that is to be. It is deleted when this is dropped.
pub(super) struct Draft {
    folder: TempDir,
    /// Tells other backups that this one runs.
    _lock: Option<File>,
}

impl Draft {
    /// Makes one, and deletes what backups left there that were ended by a crash.
    pub(super) fn beside(archive: &Path) -> anyhow::Result<Self> {
        let target = folder(archive);
        let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(target);
        let made = made.with_context(|| format!("cannot write to {}", target.display()))?;
        let lock = File::open(made.path()).ok().filter(|own| own.try_lock().is_ok());
        for entry in fs::read_dir(target).into_iter().flatten().flatten() {
            if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
                continue;
            }
            if let Err(error) = delete_if_left(&entry) {
                let path = entry.path();
                note!("tollgate: cannot delete what a backup left: {}: {error}", path.display());
            }
        }
        Ok(Self { folder: made, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Deletes what is of no backup that runs.
fn delete_if_left(entry: &DirEntry) -> io::Result<()> {
    let (kind, path) = (entry.file_type()?, entry.path());
    if !kind.is_dir() && !kind.is_file() {
        return Ok(());
    }
    let left = File::open(&path)?;
    let made = Timestamp::try_from(left.metadata()?.modified()?).map_err(io::Error::other)?;
    let is_new = SystemClock.now().as_second() - made.as_second() < LOCKED_BY_THEN;
    // Without locks it is not known whether another process still writes it.
    if is_new || left.try_lock().is_err() {
        return Ok(());
    }
    if kind.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }
}
