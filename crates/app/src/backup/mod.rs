//! `tollgate backup` and `tollgate restore`: one archive with the database, the files and the settings.
//!
//! The archive is a tar file: the database, the files by their ids, the settings without secrets, and at the end the manifest
//! and its hash.
//! An archive that was cut off has no manifest, and one that was altered does not fit it.

mod draft;
mod manifest;
mod read;
mod write;

use std::{
    fs::File,
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    thread,
};

use anyhow::{Context, anyhow, bail};
use futures_util::future::poll_immediate;
use tokio::{runtime::Handle, sync::oneshot};
use tollgate_domain::files::ports::FileStore;
use tollgate_persistence::{DatabaseUrl, ReadyFile};

use self::draft::Draft;
use crate::{
    config::Config,
    output::counted,
    system::{interrupted, variables},
};

/// Names in the archive.
const DATABASE: &str = "database.sqlite";
const FILES: &str = "files/";
/// Earlier archives have none.
const SETTINGS: &str = "settings.toml";
const MANIFEST: &str = "manifest.json";
const MANIFEST_HASH: &str = "manifest.sha256";

/// What stands for standard input and output in other programs.
const STREAM: &str = "-";

/// The number of bytes that are handed on at once.
const CHUNK: usize = 128 * 1024;

/// The most files that are named.
const MAX_NAMED: usize = 20;

/// The places that are saved and restored.
struct Places {
    database: PathBuf,
    objects: Arc<dyn FileStore>,
    runtime: Handle,
}

impl Places {
    /// Opens the file store, which makes its directory.
    fn open(config: &Config, database: &Path) -> anyhow::Result<Self> {
        let objects = tollgate_file_store::open(&config.files, variables()?);
        let objects = objects.context("TOLLGATE_FILES_URL")?;
        Ok(Self { database: database.to_owned(), objects, runtime: Handle::current() })
    }
}

fn database(config: &Config) -> anyhow::Result<&Path> {
    match &config.database {
        DatabaseUrl::Sqlite(database) => Ok(database.as_path()),
        DatabaseUrl::Postgres(_) => bail!(
            "TOLLGATE_DATABASE_URL is a PostgreSQL database, which has tools of its own: \
             pg_dump --format=custom for a copy, or point-in-time recovery; see docs/backup.md"
        ),
    }
}

/// Runs `tollgate backup`.
pub(crate) async fn backup(config: &Config, to: PathBuf) -> anyhow::Result<()> {
    if to == Path::new(STREAM) {
        bail!("an archive is not written to standard output: name a file");
    }
    let database = database(config)?;
    if config.database.is_missing() {
        bail!("TOLLGATE_DATABASE_URL: there is no database at {}", database.display());
    }
    let places = Places::open(config, database)?;
    let shown = to.display().to_string();
    let settings = Config::settings()?;
    let mut ended = pin!(interrupted());
    // Signals are listened for before there is something to delete.
    if poll_immediate(ended.as_mut()).await.is_some() {
        bail!("a signal ended it before it began");
    }
    let draft = Draft::beside(&to)?;
    let place = draft.path().to_owned();
    let (done, saved) = oneshot::channel();
    // The end of the program does not wait for this thread, as it would for a blocking task.
    thread::spawn(move || drop(done.send(write::write(&places, &settings, &to, &place))));
    let saved = tokio::select! {
        biased;
        saved = saved => saved.context("the backup ended early")??,
        () = ended => bail!("a signal ended it before the archive was complete"),
    };
    say!("Saved the database and {} to {shown}", counted(saved.files, "file"));
    for id in &saved.deleted {
        say!("Not saved, because it was deleted in the meantime: {id}");
    }
    say!("The settings are in it as {SETTINGS}, without secrets; keep those elsewhere.");
    if saved.lost.is_empty() { Ok(()) } else { Err(lacking(&saved.lost)) }
}

/// Prints the files that the archive lacks, and returns what to do about them.
fn lacking(lost: &[ReadyFile]) -> anyhow::Error {
    for ReadyFile { id, handle, slug } in lost.iter().take(MAX_NAMED) {
        say!("Lost: {id}  {handle}/{slug}");
    }
    if let Some(others) = lost.len().checked_sub(MAX_NAMED).filter(|others| *others > 0) {
        say!("Lost: {others} more");
    }
    anyhow!(
        "the archive lacks {} that TOLLGATE_FILES_URL does not have: set it to where they are, or let \
         their creators delete them in the console, and save again",
        counted(lost.len(), "file")
    )
}

/// Runs `tollgate restore`.
pub(crate) async fn restore(config: &Config, from: PathBuf) -> anyhow::Result<()> {
    if from == Path::new(STREAM) {
        bail!("an archive is not read from standard input: name a file");
    }
    let database = database(config)?;
    let shown = from.display().to_string();
    File::open(&from).with_context(|| format!("cannot read {shown}"))?;
    let places = Places::open(config, database)?;
    let restored = tokio::task::spawn_blocking(move || read::restore(&places, &from));
    let restored = restored.await?.with_context(|| format!("{shown} was not restored"))?;
    if restored.has_settings {
        say!("To see the settings that were in effect then: tar -xOf {shown} {SETTINGS}");
    }
    let files = counted(restored.files, "file");
    say!("Restored the database and {files}. Start the server with: tollgate serve");
    Ok(())
}

/// Returns the directory that a file is in.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
