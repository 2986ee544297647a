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
use tokio::{fs, io::AsyncWriteExt, runtime::Handle, task::spawn_blocking};
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
    /// Whether the directory is on a disk of this machine, so that a file can be opened without a wait.
    is_local: bool,
}

impl DirectoryStore {
    /// Opens a directory, creating it if it is missing.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        std::fs::create_dir_all(folder)
            .map_err(|error| OpenError(format!("{}: {error}", folder.display())))?;
        Ok(Self { folder: folder.to_owned(), is_local: in_memory::is_local(folder) })
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
        let unfinished = Some(Unfinished { file, path: unfinished });
        Ok(Box::new(DirectoryWriter { unfinished, finished, folder }))
    }

    async fn open(
        &self,
        id: FileId,
        range: Option<Range<u64>>,
    ) -> Result<Option<OpenObject>, FileStoreError> {
        let path = self.finished(id);
        if self.is_local
            && let Some(object) = in_memory::open(&path, range.as_ref())
        {
            return Ok(Some(object));
        }
        // One visit to a thread that may wait is all that a small object needs.
        let begun = on_a_thread("cannot read an object", move || {
            let Some((file, size)) = opened(&path)? else { return Ok(None) };
            let mut reading = Reading::new(file, size, range);
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
    let size = size_of(&file)?;
    Ok(Some((file, size)))
}

/// Returns the size of an open object.
fn size_of(file: &File) -> io::Result<u64> {
    let metadata = file.metadata()?;
    if metadata.is_file() {
        Ok(metadata.len())
    } else {
        Err(io::Error::other("it is not a regular file"))
    }
}

/// The part of an object that is still to be read.
struct Reading {
    file: File,
    at: u64,
    end: u64,
}

impl Reading {
    fn new(file: File, size: u64, range: Option<Range<u64>>) -> Self {
        let Range { start, end } = range.unwrap_or(0..size);
        Self { file, at: start, end }
    }

    /// Returns how many bytes are still to be read, or [`CHUNK`] if there are more.
    fn wanted(&self) -> usize {
        usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(CHUNK).min(CHUNK)
    }

    /// Reads the next bytes; none at the end.
    fn next_chunk(&mut self) -> io::Result<Bytes> {
        let wanted = self.wanted();
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

/// Reads what the kernel has in memory, which takes less time than a visit to another thread.
#[cfg(target_os = "linux")]
mod in_memory {
    use std::{fs::File, io::IoSliceMut, ops::Range, path::Path};

    use rustix::{
        fs::{CWD, Mode, OFlags, ResolveFlags, openat2, statfs},
        io::{ReadWriteFlags, preadv2},
    };
    use tollgate_domain::files::ports::OpenObject;

    use super::{Reading, chunks, size_of};

    /// A part of at most this many bytes is copied at once.
    const SMALL: usize = 32 * 1024;

    /// The numbers of the file systems ext, XFS, Btrfs, tmpfs, overlay and ZFS. Source: statfs(2).
    const LOCAL: [u64; 6] =
        [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630, 0x2fc1_2fc1];

    /// Returns whether a directory is on a file system that asks no other machine or process.
    pub(super) fn is_local(folder: &Path) -> bool {
        statfs(folder).is_ok_and(|it| u64::try_from(it.f_type).is_ok_and(|id| LOCAL.contains(&id)))
    }

    /// Opens an object and reads a small part of it, if that needs no wait. `None` also for every failure: the usual way
    /// tells what is wrong.
    pub(super) fn open(path: &Path, range: Option<&Range<u64>>) -> Option<OpenObject> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED).ok()?);
        let size = size_of(&file).ok()?;
        let mut reading = Reading::new(file, size, range.cloned());
        let wanted = reading.wanted();
        if wanted == 0 || wanted > SMALL {
            return None;
        }
        let mut buffer = vec![0; wanted];
        let place = &mut [IoSliceMut::new(&mut buffer)];
        let read = preadv2(&reading.file, place, reading.at, ReadWriteFlags::NOWAIT).ok()?;
        if read != wanted {
            return None;
        }
        reading.at = reading.end;
        Some(OpenObject { size, chunks: chunks(buffer.into(), reading) })
    }
}

/// Other systems do not tell what they have in memory.
#[cfg(not(target_os = "linux"))]
mod in_memory {
    use std::{ops::Range, path::Path};

    use tollgate_domain::files::ports::OpenObject;

    pub(super) fn is_local(_: &Path) -> bool {
        false
    }

    pub(super) fn open(_: &Path, _: Option<&Range<u64>>) -> Option<OpenObject> {
        None
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

/// The file of an object while it is written.
struct Unfinished {
    file: fs::File,
    path: PathBuf,
}

impl Drop for Unfinished {
    /// Removes the file, and then closes it, which is when the disk gives its space back. Of a large file that takes a while.
    /// A file that cannot be removed now is removed by a later sweep. One that was renamed is not there any more.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

struct DirectoryWriter {
    /// `None` once the object is finished or abandoned.
    unfinished: Option<Unfinished>,
    finished: PathBuf,
    folder: PathBuf,
}

impl DirectoryWriter {
    async fn try_write(&mut self, chunk: &[u8]) -> io::Result<()> {
        let Some(Unfinished { file, .. }) = &mut self.unfinished else { return Err(ended()) };
        file.write_all(chunk).await
    }

    async fn try_finish(&mut self) -> io::Result<()> {
        let Some(Unfinished { file, path }) = &mut self.unfinished else { return Err(ended()) };
        file.flush().await?;
        // Syncs the file, renames it and syncs the directory, so that a finished object survives a
        // power failure.
        file.sync_all().await?;
        fs::rename(path, &self.finished).await?;
        self.unfinished = None;
        fs::File::open(&self.folder).await?.sync_all().await
    }
}

fn ended() -> io::Error {
    io::Error::other("the object is not being written any more")
}

#[async_trait]
impl ObjectWriter for DirectoryWriter {
    async fn write(&mut self, chunk: Bytes) -> Result<(), FileStoreError> {
        self.try_write(&chunk).await.map_err(|error| failed("cannot write an object", &error))
    }

    async fn finish(&mut self) -> Result<(), FileStoreError> {
        self.try_finish().await.map_err(|error| failed("cannot finish an object", &error))
    }

    async fn abandon(&mut self) {
        if let Some(unfinished) = self.unfinished.take() {
            let _ = spawn_blocking(|| drop(unfinished)).await;
        }
    }
}

impl Drop for DirectoryWriter {
    /// Removes the file of an upload whose request was cancelled, on a thread where waiting holds up nobody. If the program is
    /// about to stop, no such thread may take it, and it is removed here or when the waiting work is dropped.
    fn drop(&mut self) {
        let Some(unfinished) = self.unfinished.take() else { return };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(|| drop(unfinished))),
            Err(_) => drop(unfinished),
        }
    }
}
