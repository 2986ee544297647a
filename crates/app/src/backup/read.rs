//! Reading an archive.

use std::{
    collections::HashMap,
    fs::{self, File, TryLockError},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use futures_util::StreamExt;
use tar::{Archive, EntryType};
use tollgate_domain::{files::ports::FileStore, id::FileId};
use tollgate_persistence::check;

use super::{
    DATABASE, FILES, MANIFEST, MANIFEST_HASH, Places, SETTINGS, folder,
    manifest::{self, hash},
};

/// How the name of a database begins that is not restored to its end.
const DRAFT: &str = ".tollgate-restore-";
/// The most characters of the name of an entry that are shown.
const MAX_SHOWN: usize = 100;
/// The most bytes of a manifest, which has about 200 for each file.
const MAX_MANIFEST: u64 = 1 << 30;
/// The bytes of a block, of which an archive consists.
const BLOCK: u64 = 512;

const DAMAGED: &str =
    "the archive is not one of Tollgate's, incomplete or damaged; take another one";

/// What was restored.
pub(super) struct Restored {
    pub(super) files: usize,
    /// Whether the archive has settings. They are not applied: the place may be another one.
    pub(super) has_settings: bool,
}

/// Checks the whole archive, then restores it to places that are empty.
pub(super) fn restore(places: &Places, from: &Path) -> anyhow::Result<Restored> {
    refuse_a_database(places)?;
    let target = folder(&places.database);
    if target.is_dir() {
        drop(cleared(target)?);
    }
    refuse_files(places)?;
    let has_settings = verify(from)?;
    fs::create_dir_all(target).with_context(|| format!("cannot make {}", target.display()))?;
    let _lock = cleared(target)?;
    // Another restore may have ended since.
    refuse_a_database(places)?;
    refuse_files(places)?;
    let mut written = Vec::new();
    if let Err(error) = unpack(places, from, target, &mut written) {
        return Err(undo(places, &written, error));
    }
    File::open(target)?.sync_all()?;
    Ok(Restored { files: written.len(), has_settings })
}

/// Deletes the files of a restore that failed, so that the next attempt finds an empty place, and adds to its error how many
/// stay.
fn undo(places: &Places, written: &[FileId], error: anyhow::Error) -> anyhow::Error {
    let stays = |id: &&FileId| places.runtime.block_on(places.objects.delete(**id)).is_err();
    match written.iter().filter(stays).count() {
        0 => error,
        left => error.context(format!(
            "{left} files that were restored stay in TOLLGATE_FILES_URL; empty it before the next \
             attempt"
        )),
    }
}

/// Locks the directory of a database, and deletes what restores left there that did not come to their end.
fn cleared(target: &Path) -> anyhow::Result<Option<File>> {
    let lock = lock(target)?;
    if lock.is_some() {
        for draft in drafts(target) {
            fs::remove_file(&draft)
                .with_context(|| format!("cannot delete {}", draft.display()))?;
        }
    }
    Ok(lock)
}

/// Returns what restores left beside a database that were ended by a signal or a crash.
fn drafts(target: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(target).into_iter().flatten().flatten();
    let is_draft = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(DRAFT))
    };
    entries.map(|entry| entry.path()).filter(is_draft).collect()
}

/// Keeps other restores away from the directory of a database until the result is dropped, or the process ends; `None` where
/// that is not possible.
fn lock(target: &Path) -> anyhow::Result<Option<File>> {
    let folder = File::open(target).with_context(|| format!("cannot open {}", target.display()))?;
    match folder.try_lock() {
        Err(TryLockError::WouldBlock) => {
            bail!("another restore writes to {} now; wait for its end", target.display())
        }
        Ok(()) => Ok(Some(folder)),
        // Some network file systems have no such locks.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Restores the files and then the database, and adds each file to `written` once it is there. A file that somebody else
/// wrote is not added.
fn unpack(
    places: &Places,
    from: &Path,
    target: &Path,
    written: &mut Vec<FileId>,
) -> anyhow::Result<()> {
    let mut draft = tempfile::Builder::new().prefix(DRAFT).tempfile_in(target)?;
    for entry in open(from)?.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        if name == DATABASE {
            hash(&mut entry, |part| Ok(draft.write_all(part)?))?;
            draft.as_file().sync_all()?;
        } else if let Some(id) = name.strip_prefix(FILES) {
            let id = id.parse().with_context(|| format!("{name} is not a file of Tollgate"))?;
            write_object(places, id, &mut entry)?;
            written.push(id);
        }
    }
    check(draft.path()).context("its database is damaged")?;
    // The database comes last: without it the server would not take what is there for complete.
    draft.persist_noclobber(&places.database)?;
    Ok(())
}

/// Refuses to write where a database is already.
fn refuse_a_database(places: &Places) -> anyhow::Result<()> {
    // What SQLite keeps beside a database would be taken for a part of the new one.
    for beside in ["", "-wal", "-journal"] {
        let path = format!("{}{beside}", places.database.display());
        if Path::new(&path).exists() {
            bail!(
                "{path} exists; restore to another place by setting TOLLGATE_DATABASE_URL, or move \
                 it away"
            );
        }
    }
    Ok(())
}

/// Refuses to write where files are already.
fn refuse_files(places: &Places) -> anyhow::Result<()> {
    let any = async {
        let mut ids = places.objects.list().await?;
        ids.next().await.transpose()
    };
    if places.runtime.block_on(any).context("TOLLGATE_FILES_URL")?.is_some() {
        bail!(
            "TOLLGATE_FILES_URL has files already: restore to an empty place; if a restore that did not \
             come to its end left them, and no other installation has them, empty it and start again"
        );
    }
    Ok(())
}

fn open(from: &Path) -> anyhow::Result<Archive<BufReader<File>>> {
    let file = File::open(from).with_context(|| format!("cannot read {}", from.display()))?;
    Ok(Archive::new(BufReader::new(file)))
}

/// Replaces errors about the archive's format by [`DAMAGED`], since those of tar quote its bytes.
fn without_content<T>(read: io::Result<T>) -> anyhow::Result<T> {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};

    read.map_err(|error| match error.kind() {
        InvalidData | InvalidInput | Other | UnexpectedEof => anyhow!(DAMAGED),
        _ => anyhow!(error).context("the archive cannot be read"),
    })
}

/// Checks every entry against the manifest, and the manifest against its hash. Returns whether there are settings.
fn verify(from: &Path) -> anyhow::Result<bool> {
    let mut found = HashMap::new();
    let (mut manifest, mut expected) = (String::new(), String::new());
    let mut end = 0;
    for entry in without_content(open(from)?.entries())? {
        let mut entry = without_content(entry)?;
        end = (entry.raw_file_position() + entry.size()).next_multiple_of(BLOCK);
        let name = without_content(entry.path())?.to_string_lossy().into_owned();
        refuse_foreign(&name, entry.header().entry_type(), entry.size())?;
        match name.as_str() {
            MANIFEST => drop(without_content(entry.read_to_string(&mut manifest))?),
            MANIFEST_HASH => drop(without_content(entry.read_to_string(&mut expected))?),
            _ => {
                let content = hash(&mut entry, |_| Ok(())).context(DAMAGED)?;
                if found.insert(name, content).is_some() {
                    bail!(DAMAGED);
                }
            }
        }
    }
    if !is_ended(from, end).context("the archive cannot be read")? {
        bail!(DAMAGED);
    }
    let (_, sha256) = hash(manifest.as_bytes(), |_| Ok(()))?;
    if expected.is_empty() || sha256 != expected {
        bail!(DAMAGED);
    }
    let entries = manifest::read(&manifest)?;
    if !entries.iter().any(|entry| entry.name == DATABASE) || entries.len() != found.len() {
        bail!(DAMAGED);
    }
    for entry in entries {
        if found.get(&entry.name) != Some(&(entry.size, entry.sha256)) {
            bail!("{DAMAGED}: {} is not what was saved", entry.name);
        }
    }
    Ok(found.contains_key(SETTINGS))
}

/// Returns whether nothing follows the last entry but what ends an archive: two blocks of zeros, or more of them.
fn is_ended(from: &Path, end_of_entries: u64) -> io::Result<bool> {
    let mut rest = BufReader::new(File::open(from)?);
    rest.seek(SeekFrom::Start(end_of_entries))?;
    let mut zeros = 0;
    for byte in rest.bytes() {
        if byte? != 0 {
            return Ok(false);
        }
        zeros += 1;
    }
    Ok(zeros >= 2 * BLOCK)
}

/// Refuses an entry that a backup does not have: one of another name or kind than the database, a file by its id, the settings,
/// and what says that they are whole, or a manifest that would not fit into memory.
fn refuse_foreign(name: &str, kind: EntryType, size: u64) -> anyhow::Result<()> {
    let is_known = match name.strip_prefix(FILES) {
        Some(id) => id.parse::<FileId>().is_ok(),
        None => [DATABASE, SETTINGS, MANIFEST, MANIFEST_HASH].contains(&name),
    };
    // It may hold anything, also what a terminal would carry out.
    let shown: String = name.chars().take(MAX_SHOWN).collect();
    if !is_known {
        bail!("{DAMAGED}: {shown:?} is not part of a backup");
    }
    if !kind.is_file() {
        bail!("{DAMAGED}: {shown:?} is a link, a directory or something else that is not a file");
    }
    if [MANIFEST, MANIFEST_HASH].contains(&name) && size > MAX_MANIFEST {
        bail!("{DAMAGED}: {shown:?} is too large, with {size} bytes");
    }
    Ok(())
}

fn write_object(places: &Places, id: FileId, content: impl Read) -> anyhow::Result<()> {
    let objects: &dyn FileStore = &*places.objects;
    let failed = || format!("TOLLGATE_FILES_URL: cannot write {id}");
    let mut writer = places.runtime.block_on(objects.create(id)).with_context(failed)?;
    hash(content, |part| {
        let part = Bytes::copy_from_slice(part);
        Ok(places.runtime.block_on(writer.write(part))?)
    })
    .with_context(failed)?;
    places.runtime.block_on(writer.finish()).with_context(failed)
}
