//! Writing an archive.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, ErrorKind, Read, Write},
    path::Path,
};

use anyhow::{Context, anyhow, bail};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tar::{Builder, Header};
use tempfile::NamedTempFile;
use tokio::runtime::Handle;
use tollgate_domain::{clock::Clock, files::ports::Chunks, id::FileId};
use tollgate_persistence::{ReadyFile, StoredObject, ready_files, snapshot};

use super::{
    DATABASE, FILES, MANIFEST, MANIFEST_HASH, Places, SETTINGS, folder,
    manifest::{self, Entry, hash},
};
use crate::system::SystemClock;

/// What was saved.
pub(super) struct Saved {
    pub(super) files: usize,
    /// Files that were deleted after the database was copied.
    pub(super) deleted: Vec<FileId>,
    /// Files that were not deleted, and that the file store does not have.
    pub(super) lost: Vec<ReadyFile>,
}

/// Writes an archive into the directory `draft`, and gives it its name once it is complete and on the disk.
pub(super) fn write(
    places: &Places,
    settings: &str,
    to: &Path,
    draft: &Path,
) -> anyhow::Result<Saved> {
    if to.exists() {
        bail!("{} exists; choose another name", to.display());
    }
    saved(places, settings, to, draft).map_err(|error| of_a_full_disk(error, folder(to)))
}

/// Replaces an error about a disk without room, which names the source that was just read.
fn of_a_full_disk(error: anyhow::Error, target: &Path) -> anyhow::Error {
    let is_full = error.chain().any(|cause| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
            || cause.to_string().contains("disk is full")
    });
    if !is_full {
        return error;
    }
    anyhow!(
        "{} has no room for the backup, which takes the size of the database twice and that of the files \
         once: make room, or name a file on a larger disk",
        target.display()
    )
}

fn saved(places: &Places, settings: &str, to: &Path, draft: &Path) -> anyhow::Result<Saved> {
    let folder = folder(to);
    let cannot_write = || format!("cannot write to {}", folder.display());
    let copy = draft.join(DATABASE);
    let mut draft = NamedTempFile::new_in(draft).with_context(cannot_write)?;
    // The database first: files that it refers to are stored before, so none is missing.
    let objects = snapshot(&places.database, &copy).context("TOLLGATE_DATABASE_URL")?;

    let mut archive =
        Archive { tar: Builder::new(io::BufWriter::new(&mut draft)), entries: Vec::new() };
    let size = copy.metadata()?.len();
    archive.add(DATABASE, size, File::open(&copy)?)?;
    let (mut files, mut missing) = (0, BTreeSet::new());
    for object in &objects {
        if archive.add_object(places, object)? {
            files += 1;
        } else {
            missing.insert(object.id);
        }
    }
    archive.add(SETTINGS, u64::try_from(settings.len())?, settings.as_bytes())?;
    // A file's row is changed before its content is deleted.
    let mut lost = if missing.is_empty() {
        Vec::new()
    } else {
        ready_files(&places.database).context("TOLLGATE_DATABASE_URL")?
    };
    let shown: Vec<_> = missing.iter().map(ToString::to_string).collect();
    lost.retain(|file| missing.contains(&file.id));
    for file in &lost {
        missing.remove(&file.id);
    }
    let saved = Saved { files, deleted: missing.into_iter().collect(), lost };
    archive.finish(&shown).with_context(cannot_write)?;
    draft.as_file().sync_all().with_context(cannot_write)?;
    let kept = draft.persist_noclobber(to);
    kept.with_context(|| format!("cannot write {}", to.display()))?;
    File::open(folder)?.sync_all()?;
    Ok(saved)
}

struct Archive<W: Write> {
    tar: Builder<W>,
    entries: Vec<Entry>,
}

impl<W: Write> Archive<W> {
    fn add(&mut self, name: &str, size: u64, content: impl Read) -> anyhow::Result<String> {
        let mut content = Hashed { inner: content, hash: Sha256::new() };
        self.append(name, size, &mut content)?;
        let sha256 = hex::encode(content.hash.finalize());
        self.entries.push(Entry { name: name.to_owned(), size, sha256: sha256.clone() });
        Ok(sha256)
    }

    fn append(&mut self, name: &str, size: u64, content: impl Read) -> anyhow::Result<()> {
        let mut header = Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o600);
        self.tar
            .append_data(&mut header, name, content)
            .with_context(|| format!("cannot save {name}"))
    }

    /// Adds a file, and returns `false` if the file store does not have it any more.
    fn add_object(&mut self, places: &Places, object: &StoredObject) -> anyhow::Result<bool> {
        let id = object.id;
        let failed = || format!("TOLLGATE_FILES_URL: cannot read {id}");
        let found = places.runtime.block_on(places.objects.open(id, None)).with_context(failed)?;
        let Some(found) = found else { return Ok(false) };
        if found.size != object.size {
            bail!("TOLLGATE_FILES_URL: {id} has another size than the database says; replace it");
        }
        let runtime = places.runtime.clone();
        let content = Reading { runtime, chunks: found.chunks, part: Vec::new(), read: 0 };
        let sha256 = self.add(&format!("{FILES}{id}"), object.size, content)?;
        if sha256 != hex::encode(object.sha256) {
            bail!("TOLLGATE_FILES_URL: {id} is not what was uploaded; replace it");
        }
        Ok(true)
    }

    fn finish(mut self, missing: &[String]) -> anyhow::Result<()> {
        let at = SystemClock.now().to_string();
        let manifest = manifest::write(&self.entries, missing, &at);
        let (size, sha256) = hash(manifest.as_bytes(), |_| Ok(()))?;
        self.append(MANIFEST, size, manifest.as_bytes())?;
        self.append(MANIFEST_HASH, u64::try_from(sha256.len())?, sha256.as_bytes())?;
        self.tar.into_inner()?.flush()?;
        Ok(())
    }
}

/// Content that is hashed as it is read.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// The content of an object of the file store.
struct Reading {
    runtime: Handle,
    chunks: Chunks,
    part: Vec<u8>,
    /// The number of bytes of `part` that were read.
    read: usize,
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.part.len() {
            match self.runtime.block_on(self.chunks.next()) {
                Some(part) => self.part = part.map_err(io::Error::other)?.to_vec(),
                None => return Ok(0),
            }
            self.read = 0;
        }
        let mut rest = self.part.get(self.read..).unwrap_or_default();
        let read = rest.read(buffer)?;
        self.read += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_disk_is_told_of_the_archives_place() {
        let copied = anyhow!("cannot copy the database: database or disk is full");
        let written = anyhow::Error::new(io::Error::from(ErrorKind::StorageFull));
        for error in [copied.context("TOLLGATE_DATABASE_URL"), written.context("cannot save x")] {
            let told = format!("{:#}", of_a_full_disk(error, Path::new("/backups")));
            assert!(told.starts_with("/backups has no room"), "{told}");
        }
        let other = anyhow!("database is locked").context("TOLLGATE_DATABASE_URL");
        let told = format!("{:#}", of_a_full_disk(other, Path::new("/backups")));
        assert_eq!(told, "TOLLGATE_DATABASE_URL: database is locked");
    }
}
