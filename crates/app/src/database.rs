//! What to do about a database that cannot be used.

use anyhow::anyhow;
use tollgate_persistence::OpenError;

/// How a damaged file of an SQLite database is mended.
pub(crate) const DAMAGED: &str = "stop the server, keep a copy of the file with its -wal and -shm, restore the newest backup to another place, and \
     look after the disk; sqlite3's .recover may save what is newer";

/// What servers and SQLite write, and how it is mended.
const MENDS: [(&str, &str); 7] = [
    (
        "permission denied for schema",
        "let the user of TOLLGATE_DATABASE_URL own the database (CREATE DATABASE tollgate OWNER tollgate, or \
         ALTER DATABASE tollgate OWNER TO tollgate), or let its owner run: GRANT USAGE, CREATE ON SCHEMA \
         public TO tollgate",
    ),
    (
        "no schema has been selected to create in",
        "the search_path of this user names no schema that there is and that it may use: let the owner of the \
         database run GRANT USAGE, CREATE ON SCHEMA public TO tollgate, or name a schema of its own with \
         ALTER ROLE tollgate SET search_path = …",
    ),
    (
        "does not allow writes",
        "name the primary server in TOLLGATE_DATABASE_URL and not a standby; if it is the primary, set \
         default_transaction_read_only = off for the server, the database and the user",
    ),
    (
        "cannot be written by this user",
        "run this as the server's user, who has to be able to write the file and its directory, or set \
         TOLLGATE_DATABASE_URL to another place",
    ),
    // A part is missing or was written over, also of the first page.
    ("database disk image is malformed", DAMAGED),
    ("malformed database schema", DAMAGED),
    ("file is not a database", DAMAGED),
];

/// Returns how an error that is the operator's to mend is mended.
pub(crate) fn mend(error: &OpenError) -> Option<&'static str> {
    mend_of(&error.to_string())
}

/// Returns how it is mended what a database says, if that is the operator's to mend.
pub(crate) fn mend_of(told: &str) -> Option<&'static str> {
    let known = MENDS.iter().find(|(words, _)| told.contains(words));
    known.map(|(_, mend)| *mend)
}

/// Returns the error with the setting that it is about, and how it is mended.
pub(crate) fn told(error: OpenError) -> anyhow::Error {
    if let Some(mend) = mend(&error) {
        return anyhow!("TOLLGATE_DATABASE_URL: {error}; {mend}");
    }
    anyhow::Error::new(error).context("TOLLGATE_DATABASE_URL")
}

/// Returns the error of a database that was opened, with how it is mended if that is the operator's to mend.
pub(crate) fn with_mend(error: anyhow::Error) -> anyhow::Error {
    if let Some(mend) = mend_of(&format!("{error:#}")) {
        return anyhow!("TOLLGATE_DATABASE_URL: {error:#}; {mend}");
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_can_mend_is_told_with_how() {
        for (error, expected) in [
            (
                OpenError::Migrate("permission denied for schema public".to_owned()),
                "CREATE DATABASE tollgate OWNER tollgate",
            ),
            (
                OpenError::Migrate("no schema has been selected to create in".to_owned()),
                "search_path",
            ),
            (OpenError::Connect("database does not allow writes".to_owned()), "primary"),
            (
                OpenError::Connect(
                    "x.db: it cannot be written by this user, or its disk is read-only".to_owned(),
                ),
                "the server's user",
            ),
            (
                OpenError::Migrate("database disk image is malformed".to_owned()),
                "restore the newest backup",
            ),
            (
                OpenError::Connect("x.db: file is not a database".to_owned()),
                "keep a copy of the file",
            ),
        ] {
            let before = error.to_string();
            let line = format!("{:#}", told(error));
            let start = format!("TOLLGATE_DATABASE_URL: {before}; ");
            assert!(line.starts_with(&start) && line.contains(expected), "{line}");
            assert!(!line.contains('\n'), "{line}");
        }
        let damaged = with_mend(anyhow!("the store is unavailable: file is not a database"));
        assert!(format!("{damaged:#}").ends_with(DAMAGED), "{damaged:#}");
        assert_eq!(format!("{:#}", with_mend(anyhow!("no answer"))), "no answer");
        let other = told(OpenError::Connect("connection reset".to_owned()));
        let line = "TOLLGATE_DATABASE_URL: cannot open the database: connection reset";
        assert_eq!(format!("{other:#}"), line);
    }
}
