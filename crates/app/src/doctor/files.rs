//! Where files are kept: whether this installation can list, write, read and delete there.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use tollgate_domain::{
    clock::Clock,
    files::ports::{FileStore, FileStoreError},
    id::FileId,
};
use tollgate_file_store::FilesUrl;

use super::Finding;
use crate::{
    config::Config,
    system::{OsRandom, SystemClock, variables},
};

const WITHIN: Duration = Duration::from_secs(10);

/// What is written, and read again.
const PROBE: &[u8] = b"tollgate doctor";

const MEND_BUCKET: &str = "check the name in TOLLGATE_FILES_URL and the variables AWS_ACCESS_KEY_ID, \
     AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT; the key has to be allowed to list, \
     read, write and delete objects; AWS_DISABLE_BULK_DELETE=true is for services that delete \
     one object at a time";

const MEND_DIRECTORY: &str =
    "run this as the server's user, and let it write to the directory in TOLLGATE_FILES_URL";

/// Lists what is there, as the server does once an hour, and writes, reads and deletes an object.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let (check, place, mend) = match &config.files {
        FilesUrl::S3 { bucket, .. } => ("bucket", format!("the bucket {bucket}"), MEND_BUCKET),
        // The server makes it, with its own user.
        FilesUrl::Directory(path) if !path.is_dir() => return Vec::new(),
        FilesUrl::Directory(path) => {
            ("files", format!("the directory {}", path.display()), MEND_DIRECTORY)
        }
    };
    let looked = async {
        let variables = variables().map_err(|error| error.to_string())?;
        let store = tollgate_file_store::open(&config.files, variables);
        let store = store.map_err(|error| error.to_string())?;
        try_out(&*store).await.map_err(|error| error.to_string())
    };
    let looked = tokio::time::timeout(WITHIN, looked).await;
    vec![match looked.unwrap_or_else(|_| Err(format!("no answer in {} s", WITHIN.as_secs()))) {
        Ok(()) => Finding::ok(check, format!("{place} can be listed, written and read")),
        Err(reason) => Finding::problem(check, format!("{place}: {}", on_a_line(&reason)), mend),
    }]
}

/// Does with an object what the server does with those of files. One that stays, because this is ended in between, is
/// deleted by the server after a day, since no file has it.
async fn try_out(store: &dyn FileStore) -> Result<(), FileStoreError> {
    if let Some(first) = store.list().await?.next().await {
        first?;
    }
    let id = FileId::new(SystemClock.now(), &OsRandom);
    let read = write_and_read(store, id).await;
    let deleted = store.delete(id).await;
    if read? != PROBE {
        return Err(FileStoreError("what was written is read otherwise".to_owned()));
    }
    deleted
}

async fn write_and_read(store: &dyn FileStore, id: FileId) -> Result<Vec<u8>, FileStoreError> {
    let mut writer = store.create(id).await?;
    writer.write(Bytes::from_static(PROBE)).await?;
    writer.finish().await?;
    let Some(object) = store.open(id, None).await? else {
        return Err(FileStoreError("what was written is not there".to_owned()));
    };
    let chunks: Vec<Bytes> = object.chunks.try_collect().await?;
    Ok(chunks.concat())
}

/// Returns an error without the service's answer, which is XML on several lines, but with its code, such as
/// `AccessDenied`.
fn on_a_line(reason: &str) -> String {
    let told = reason.split(['<', '\n']).next().unwrap_or_default();
    let told = told.trim_end_matches(|c: char| c == ':' || c.is_whitespace());
    let code = reason.split_once("<Code>").and_then(|(_, rest)| rest.split('<').next());
    match code.filter(|code| code.bytes().all(|b| b.is_ascii_alphanumeric())) {
        Some(code) => format!("{told}: {code}"),
        None => told.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn directory_is_tried_out_and_nothing_stays_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("files");
        let store = tollgate_file_store::DirectoryStore::open(&path).unwrap();
        assert_eq!(try_out(&store).await, Ok(()));
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
        std::fs::remove_dir(&path).unwrap();
        assert!(try_out(&store).await.is_err());
    }

    #[test]
    fn answer_of_the_service_is_reduced_to_its_code() {
        for (reason, expected) in [
            (
                "status code: 403 Forbidden: <?xml?>\n<Error>\n<Code>AccessDenied</Code></Error>",
                "status code: 403 Forbidden: AccessDenied",
            ),
            ("status code: 502 Bad Gateway: <html>\n</html>", "status code: 502 Bad Gateway"),
            ("no answer in 5 s", "no answer in 5 s"),
        ] {
            assert_eq!(on_a_line(reason), expected);
        }
    }
}
