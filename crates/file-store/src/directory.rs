//! Files in a directory. An object is written under a temporary name and renamed once it is
//! complete and on the disk. Symbolic links are not followed.

use std::{
    io::{self, ErrorKind, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use tokio::{
    fs::{self, File, OpenOptions},
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
};
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

    /// Opens an object for reading, and returns it with its size.
    async fn opened(&self, id: FileId) -> Result<Option<(File, u64)>, FileStoreError> {
        let mut options = OpenOptions::new();
        // `O_NONBLOCK` prevents waiting for a pipe.
        options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        let file = match options.open(self.finished(id)).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("cannot open an object", &error)),
        };
        let metadata = file.metadata().await;
        let metadata = metadata.map_err(|error| failed("cannot look at an object", &error))?;
        if !metadata.is_file() {
            return Err(FileStoreError("an object is not a regular file".to_owned()));
        }
        Ok(Some((file, metadata.len())))
    }
}

#[async_trait]
impl FileStore for DirectoryStore {
    async fn create(&self, id: FileId) -> Result<Box<dyn ObjectWriter>, FileStoreError> {
        let unfinished = self.unfinished(id);
        let file = OpenOptions::new().write(true).create_new(true).open(&unfinished).await;
        let file = file.map_err(|error| failed("cannot create an object", &error))?;
        let (finished, folder) = (self.finished(id), self.folder.clone());
        Ok(Box::new(DirectoryWriter { file, unfinished, finished, folder, is_open: true }))
    }

    async fn open(
        &self,
        id: FileId,
        range: Option<Range<u64>>,
    ) -> Result<Option<OpenObject>, FileStoreError> {
        let Some((mut file, size)) = self.opened(id).await? else { return Ok(None) };
        let range = range.unwrap_or(0..size);
        if range.start > 0 {
            let found = file.seek(SeekFrom::Start(range.start)).await;
            found.map_err(|error| failed("cannot read an object", &error))?;
        }
        let wanted = range.end.saturating_sub(range.start);
        Ok(Some(OpenObject { size, chunks: chunks(file, wanted) }))
    }

    async fn size(&self, id: FileId) -> Result<Option<u64>, FileStoreError> {
        Ok(self.opened(id).await?.map(|(_, size)| size))
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

/// Reads the next `wanted` bytes of a file.
fn chunks(file: File, wanted: u64) -> Chunks {
    stream::try_unfold((file, wanted), |(file, wanted)| async move {
        if wanted == 0 {
            return Ok(None);
        }
        let mut buffer = BytesMut::with_capacity(CHUNK);
        let mut part = file.take(wanted.min(u64::try_from(CHUNK).unwrap_or(wanted)));
        let read = part.read_buf(&mut buffer).await;
        let read = read.map_err(|error| failed("cannot read an object", &error))?;
        if read == 0 {
            return Err(FileStoreError("an object ends too early".to_owned()));
        }
        let left = wanted.saturating_sub(u64::try_from(read).unwrap_or(wanted));
        Ok(Some((buffer.freeze(), (part.into_inner(), left))))
    })
    .boxed()
}

struct DirectoryWriter {
    file: File,
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
        File::open(&self.folder).await?.sync_all().await
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
