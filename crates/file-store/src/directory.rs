//! Files in a directory. An object is written under a temporary name and renamed once it is
//! complete and on the disk. Symbolic links are not followed.

use std::{
    fs::File,
    io::{self, ErrorKind},
    ops::Range,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rustix::{
    buffer::spare_capacity,
    io::{pread, retry_on_intr},
};
use tokio::{fs, io::AsyncWriteExt, task::spawn_blocking};
use tollgate_domain::{
    files::ports::{Chunks, FileStore, FileStoreError, ObjectIds, ObjectWriter, OpenObject},
    id::FileId,
};

use crate::error::{OpenError, failed};

/// The number of bytes that are read at once.
const CHUNK: usize = 128 * 1024;
/// The end of an object's name while it is written.
const UNFINISHED: &str = ".part";

/// A file store in a directory, with one file for each object.
#[derive(Debug, Clone)]
pub struct DirectoryStore {
    folder: PathBuf,
}

impl DirectoryStore {
    /// Opens a directory, creating it if it is missing.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        std::fs::create_dir_all(folder)
            .map_err(|error| OpenError(format!("{}: {error}", folder.display())))?;
        Ok(Self { folder: folder.to_owned() })
    }

    fn finished(&self, id: FileId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    fn unfinished(&self, id: FileId) -> PathBuf {
        self.folder.join(format!("{id}{UNFINISHED}"))
    }
}

#[async_trait]
impl FileStore for DirectoryStore {
    async fn create(&self, id: FileId) -> Result<Box<dyn ObjectWriter>, FileStoreError> {
        let unfinished = self.unfinished(id);
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&unfinished).await;
        let file = file.map_err(|error| failed("cannot create an object", &error))?;
        let (finished, folder) = (self.finished(id), self.folder.clone());
        Ok(Box::new(DirectoryWriter { file, unfinished, finished, folder, is_open: true }))
    }

    async fn open(
        &self,
        id: FileId,
        range: Option<Range<u64>>,
    ) -> Result<Option<OpenObject>, FileStoreError> {
        let path = self.finished(id);
        // One visit to a thread that may wait is all that a small object needs.
        let begun = on_a_thread("cannot read an object", move || {
            let Some((file, size)) = opened(&path)? else { return Ok(None) };
            let range = range.unwrap_or(0..size);
            let mut reading = Reading { file, at: range.start, end: range.end };
            let first = reading.next_chunk()?;
            Ok(Some((size, first, reading)))
        });
        let Some((size, first, reading)) = begun.await? else { return Ok(None) };
        Ok(Some(OpenObject { size, chunks: chunks(first, reading) }))
    }

    async fn size(&self, id: FileId) -> Result<Option<u64>, FileStoreError> {
        let path = self.finished(id);
        let size = move || Ok(opened(&path)?.map(|(_, size)| size));
        on_a_thread("cannot look at an object", size).await
    }

    async fn delete(&self, id: FileId) -> Result<(), FileStoreError> {
        for path in [self.unfinished(id), self.finished(id)] {
            match fs::remove_file(path).await {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(failed("cannot delete an object", &error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn list(&self) -> Result<ObjectIds, FileStoreError> {
        let entries = fs::read_dir(&self.folder).await;
        let entries = entries.map_err(|error| failed("cannot list the directory", &error))?;
        let ids = stream::try_unfold(entries, |mut entries| async {
            while let Some(entry) = entries.next_entry().await? {
                // Ignores files that are not Tollgate's.
                let name = entry.file_name();
                let name = name.to_str().unwrap_or_default();
                if let Ok(id) = name.strip_suffix(UNFINISHED).unwrap_or(name).parse::<FileId>() {
                    return Ok(Some((id, entries)));
                }
            }
            Ok(None)
        });
        let to_error = |error: io::Error| failed("cannot list the directory", &error);
        Ok(ids.map(move |id| id.map_err(to_error)).boxed())
    }
}

/// Calls what may wait for the disk on a thread where waiting holds up nobody.
async fn on_a_thread<T: Send + 'static>(
    what: &str,
    call: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, FileStoreError> {
    let done = spawn_blocking(call).await.unwrap_or_else(|ended| Err(io::Error::other(ended)));
    done.map_err(|error| failed(what, &error))
}

/// Opens an object for reading, and returns it with its size.
fn opened(path: &Path) -> io::Result<Option<(File, u64)>> {
    let mut options = File::options();
    // `O_NONBLOCK` prevents waiting for a pipe.
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(Some((file, metadata.len())))
}

/// The part of an object that is still to be read.
struct Reading {
    file: File,
    at: u64,
    end: u64,
}

impl Reading {
    /// Reads the next bytes; none at the end.
    fn next_chunk(&mut self) -> io::Result<Bytes> {
        let wanted = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(CHUNK).min(CHUNK);
        if wanted == 0 {
            return Ok(Bytes::new());
        }
        let mut buffer = Vec::with_capacity(wanted);
        let read = retry_on_intr(|| pread(&self.file, spare_capacity(&mut buffer), self.at))?;
        if read == 0 {
            return Err(io::Error::new(ErrorKind::UnexpectedEof, "it ends too early"));
        }
        self.at = self.at.saturating_add(u64::try_from(read).unwrap_or(0));
        Ok(buffer.into())
    }
}

/// Returns the first chunk and those that follow it.
fn chunks(first: Bytes, reading: Reading) -> Chunks {
    let rest = stream::try_unfold(reading, |mut reading| async move {
        if reading.at >= reading.end {
            return Ok(None);
        }
        let next = move || reading.next_chunk().map(|chunk| Some((chunk, reading)));
        on_a_thread("cannot read an object", next).await
    });
    stream::iter((!first.is_empty()).then_some(Ok(first))).chain(rest).boxed()
}

struct DirectoryWriter {
    file: fs::File,
    unfinished: PathBuf,
    finished: PathBuf,
    folder: PathBuf,
    is_open: bool,
}

impl DirectoryWriter {
    async fn try_finish(&mut self) -> io::Result<()> {
        self.file.flush().await?;
        // Syncs the file, renames it and syncs the directory, so that a finished object survives a
        // power failure.
        self.file.sync_all().await?;
        fs::rename(&self.unfinished, &self.finished).await?;
        self.is_open = false;
        fs::File::open(&self.folder).await?.sync_all().await
    }
}

#[async_trait]
impl ObjectWriter for DirectoryWriter {
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileStoreError> {
        let written = self.file.write_all(&chunk).await;
        written.map_err(|error| failed("cannot write an object", &error))
    }

    async fn finish(&mut self) -> Result<(), FileStoreError> {
        self.try_finish().await.map_err(|error| failed("cannot finish an object", &error))
    }

    async fn abandon(&mut self) {
        if std::mem::take(&mut self.is_open) {
            // A file that cannot be removed now is removed by a later sweep.
            let _ = fs::remove_file(&self.unfinished).await;
        }
    }
}

impl Drop for DirectoryWriter {
    /// Removes the file of an upload whose request was cancelled.
    fn drop(&mut self) {
        if self.is_open {
            let _ = std::fs::remove_file(&self.unfinished);
        }
    }
}
