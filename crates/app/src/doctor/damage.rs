//! Whether the file of an SQLite database is damaged.

use std::{path::PathBuf, thread, time::Duration};

use tokio::{sync::oneshot, time::timeout};
use tollgate_persistence::{OpenError, check};

use super::Finding;
use crate::database::DAMAGED;

/// How long the whole file may be read.
const WITHIN: Duration = Duration::from_secs(20);

/// Reads the file, and changes nothing.
pub(super) async fn look(path: PathBuf) -> Option<Finding> {
    let (done, checked) = oneshot::channel();
    // The end of the program does not wait for this thread.
    thread::spawn(move || drop(done.send(check(&path))));
    timeout(WITHIN, checked).await.map_or_else(
        |_| {
            Some(Finding::ok(
                "damage",
                format!(
                    "none was found in {} seconds, which is not the whole file",
                    WITHIN.as_secs()
                ),
            ))
        },
        |checked| checked.ok().map(found),
    )
}

fn found(checked: Result<(), OpenError>) -> Finding {
    let reason = match checked {
        Ok(()) => return Finding::ok("damage", "none is in the file of the database"),
        Err(damaged @ OpenError::Damaged(_)) => {
            return Finding::problem("damage", damaged.to_string().replace('\n', " "), DAMAGED);
        }
        // Its words are about copies.
        Err(OpenError::Copy(reason)) => reason,
        Err(other) => other.to_string(),
    };
    Finding::warning(
        "damage",
        format!("it was not looked for: {reason}"),
        "run the command again as the server's user, once no other program holds the file",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn damage_is_told_from_what_cannot_be_looked_through() {
        assert_eq!(found(Ok(())).status, Status::Ok);
        for reason in ["database is locked", "unable to open database file", "out of memory"] {
            let found = found(Err(OpenError::Copy(reason.to_owned())));
            assert_eq!(found.status, Status::Warning, "{reason}");
        }
        let fault = "*** in database main ***\nPage 7 is never used";
        let damaged = found(Err(OpenError::Damaged(fault.to_owned())));
        assert_eq!(damaged.status, Status::Problem);
        assert!(!damaged.message.contains('\n'), "{}", damaged.message);
        assert!(damaged.mend.unwrap().contains("backup"));
    }

    #[tokio::test]
    async fn file_that_is_not_a_database_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tollgate.db");
        std::fs::write(&path, "a text that somebody wrote".repeat(100)).unwrap();
        assert_eq!(look(path).await.unwrap().status, Status::Problem);
        let empty = folder.path().join("empty.db");
        std::fs::write(&empty, "").unwrap();
        assert_eq!(look(empty).await.unwrap().status, Status::Ok);
    }
}
