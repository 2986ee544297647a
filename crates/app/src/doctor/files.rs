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
        let variables = variables().map_err(|error| error.to_string())?;
        let store = tollgate_file_store::open(&config.files, variables);
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
        Err(reason) => {
            Finding::problem("bucket", format!("the bucket {bucket}: {}", on_a_line(&reason)), MEND)
        }
    }]
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
