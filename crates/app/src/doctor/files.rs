//! Files in a bucket: whether its service answers, and lets this installation in.

use std::time::Duration;

use futures_util::StreamExt;
use tollgate_file_store::FilesUrl;

use super::Finding;
use crate::{config::Config, system::variables};

const WITHIN: Duration = Duration::from_secs(5);

const MEND: &str = "check the name in TOLLGATE_FILES_URL and the variables AWS_ACCESS_KEY_ID, \
                    AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT; the key has to be allowed to list, \
                    read, write and delete objects";

/// Lists the bucket, as the server does once an hour. Nothing is written.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let FilesUrl::S3 { bucket, .. } = &config.files else { return Vec::new() };
    let listed = async {
        let store = tollgate_file_store::open(&config.files, variables());
        let store = store.map_err(|error| error.to_string())?;
        let mut objects = store.list().await.map_err(|error| error.to_string())?;
        match objects.next().await {
            Some(Err(error)) => Err(error.to_string()),
            Some(Ok(_)) | None => Ok(()),
        }
    };
    let listed = tokio::time::timeout(WITHIN, listed).await;
    vec![match listed.unwrap_or_else(|_| Err(format!("no answer in {} s", WITHIN.as_secs()))) {
        Ok(()) => Finding::ok("bucket", format!("the bucket {bucket} can be listed")),
        Err(reason) => Finding::problem("bucket", format!("the bucket {bucket}: {reason}"), MEND),
    }]
}
