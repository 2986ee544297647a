//! The database: whether it answers, its schema, and its clock.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
};

use tollgate_domain::clock::Clock;
use tollgate_persistence::{DatabaseUrl, OpenError};

use super::{Finding, damage, outbox};
use crate::{
    config::Config,
    database::{DAMAGED, mend, mend_of},
    system::SystemClock,
};

const MICROS: i64 = 1_000_000;

pub(super) async fn look(config: &Config, authorities: &[Vec<u8>]) -> Vec<Finding> {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && config.database.is_missing()
    {
        return vec![Finding::ok(
            "database",
            format!("{} is made when the server starts", path.display()),
        )];
    }
    if let DatabaseUrl::Sqlite(path) = &config.database
        && let Err(finding) = has_write_ahead_log(path)
    {
        return vec![finding];
    }
    let url = config.database.clone().trusting(authorities);
    let stores = match tollgate_persistence::open(&url).await {
        Ok(stores) => stores,
        Err(error) => return vec![cannot_open(&config.database, &error)],
    };
    if let Err(error @ OpenError::Encoding(_)) = tollgate_persistence::check_encoding(&url).await {
        return vec![Finding::problem(
            "database",
            error.to_string(),
            "copy what is in it into a database with this encoding, and set TOLLGATE_DATABASE_URL to \
             that one",
        )];
    }
    let mut findings = match stores.store.ready().await {
        Ok(()) => {
            let mut findings = vec![Finding::ok("database", "answers, and its schema fits")];
            findings.extend(outbox::look(&stores, SystemClock.now()).await);
            findings
        }
        Err(error) => {
            let reason = error.to_string();
            vec![if is_empty(&reason) {
                empty(&url).await
            } else {
                let mend = mend_of(&reason).unwrap_or_else(|| schema_mend(&reason));
                Finding::problem("database", reason, mend)
            }]
        }
    };
    if let DatabaseUrl::Sqlite(path) = &config.database {
        findings.extend(damage::look(path.clone()).await);
    }
    if config.database.is_exposed() {
        findings.push(Finding::warning(
            "database",
            "the server's certificate is not checked, so that somebody in between could read along",
            "add ?sslmode=verify-full to TOLLGATE_DATABASE_URL, with sslrootcert=FILE if its \
             authority is your own",
        ));
    }
    findings.extend(clock(&url).await);
    findings
}

/// Returns what to do about a database that cannot be opened.
fn cannot_open(database: &DatabaseUrl, error: &OpenError) -> Finding {
    if let Some(mend) = mend(error) {
        return Finding::problem("database", error.to_string(), mend);
    }
    let mend = match database {
        DatabaseUrl::Postgres(_) if matches!(error, OpenError::Pooler(_)) => {
            "set TOLLGATE_DATABASE_URL to the address of the server itself, or change the pooler"
        }
        DatabaseUrl::Sqlite(_) => {
            "set TOLLGATE_DATABASE_URL to a file that this user can read and write, in a directory \
             that it can write"
        }
        DatabaseUrl::Postgres(_) => {
            "check TOLLGATE_DATABASE_URL, and that the server runs and lets this machine in; for a \
             certificate of your own set TOLLGATE_CA_FILE"
        }
    };
    Finding::problem("database", error.to_string(), mend)
}

/// Returns whether it is for want of tables that a schema does not fit, for this reason.
fn is_empty(reason: &str) -> bool {
    // What SQLite and PostgreSQL say of the table that every schema has.
    reason.contains("__diesel_schema_migrations")
        && (reason.contains("does not exist") || reason.contains("no such table"))
}

/// Returns what to do about a database that has no tables where the user's would be.
async fn empty(url: &DatabaseUrl) -> Finding {
    match tollgate_persistence::check_may_migrate(url).await {
        Ok(()) => {
            Finding::ok("database", "has no tables yet; they are made when the server starts")
        }
        Err(error) => cannot_open(url, &error),
    }
}

/// Compares the database's clock with this machine's, unless it has none of its own.
async fn clock(url: &DatabaseUrl) -> Option<Finding> {
    match tollgate_persistence::server_time(url).await {
        Ok(micros) => {
            let ahead = micros? - SystemClock.now().as_microsecond();
            Some(Finding::clock("the database's", ahead / MICROS))
        }
        Err(error) => Some(Finding::problem(
            "clock",
            format!("the database does not tell its time: {error}"),
            "see the finding about the database",
        )),
    }
}

fn schema_mend(reason: &str) -> &'static str {
    if reason.contains("permission denied") {
        "let the user of TOLLGATE_DATABASE_URL own the tables, or grant it all rights on them: GRANT ALL \
         ON ALL TABLES IN SCHEMA public TO the user"
    } else {
        "run `tollgate migrate`; if it says that a newer version of Tollgate changed the database, use that \
         version"
    }
}

/// Looks at the head of a file without opening it as a database, which would change a file that has no write-ahead log
/// yet. The format is described at <https://www.sqlite.org/fileformat.html>.
fn has_write_ahead_log(path: &Path) -> Result<(), Finding> {
    /// Versions for reading and writing of a file with a write-ahead log.
    const WRITE_AHEAD: [u8; 2] = [2, 2];

    let mut head = [0; 20];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    let shown = path.display();
    match read {
        Ok(()) if head.starts_with(b"SQLite format 3\0") => {
            if head.ends_with(&WRITE_AHEAD) {
                return Ok(());
            }
            Err(Finding::warning(
                "database",
                format!("no server was started with {shown} yet, so it was not opened"),
                "if it is an archive's, start the server; if it is another program's, set \
                 TOLLGATE_DATABASE_URL to another file",
            ))
        }
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => Err(Finding::problem(
            "database",
            format!("{shown} cannot be read: {error}"),
            "set TOLLGATE_DATABASE_URL to a file that this user can read and write",
        )),
        _ => Err(Finding::problem(
            "database",
            format!("{shown} is not an SQLite database"),
            format!(
                "if it was that of this installation, it is damaged: {DAMAGED}. If it is another program's, set \
                 TOLLGATE_DATABASE_URL to another file"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remedy_of_a_refused_table_is_a_grant() {
        assert!(schema_mend("permission denied for table jobs").contains("GRANT ALL"));
        let mend = schema_mend("the schema is of another version");
        assert!(mend.contains("migrate") && mend.contains("newer version"), "{mend}");
    }

    #[test]
    fn database_without_tables_is_told_from_one_that_refuses() {
        for reason in [
            "relation \"__diesel_schema_migrations\" does not exist",
            "no such table: __diesel_schema_migrations",
        ] {
            assert!(is_empty(reason), "{reason}");
        }
        for reason in [
            "permission denied for table __diesel_schema_migrations",
            "the schema is of another version",
        ] {
            assert!(!is_empty(reason), "{reason}");
        }
    }

    #[test]
    fn remedy_of_a_server_without_writes_is_the_primary() {
        let url = "postgres://ada@db.example/shop".parse().unwrap();
        let error = OpenError::Connect("database does not allow writes".to_owned());
        assert!(cannot_open(&url, &error).mend.unwrap().contains("primary"));
    }

    #[test]
    fn remedy_of_a_damaged_file_is_the_backup() {
        let url = "sqlite:var/tollgate.db".parse().unwrap();
        for error in [
            OpenError::Connect("var/tollgate.db: file is not a database".to_owned()),
            OpenError::Connect("var/tollgate.db: database disk image is malformed".to_owned()),
            OpenError::Migrate("malformed database schema (pages)".to_owned()),
        ] {
            assert_eq!(cannot_open(&url, &error).mend.as_deref(), Some(DAMAGED), "{error}");
        }
        let refused = OpenError::Connect("var/tollgate.db: permission denied".to_owned());
        assert!(!cannot_open(&url, &refused).mend.unwrap().contains("backup"));
    }

    #[test]
    fn remedy_of_a_pooler_is_the_address_of_the_server() {
        let url = "postgres://ada@db.example/shop".parse().unwrap();
        let finding = cannot_open(&url, &OpenError::Pooler("it lends".to_owned()));
        assert!(finding.message.contains("pool_mode = session"), "{}", finding.message);
        assert!(finding.mend.unwrap().contains("the server itself"));
    }

    #[test]
    fn files_without_a_write_ahead_log_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tollgate.db");
        let head = |versions: [u8; 2]| [b"SQLite format 3\0\x10\0".as_slice(), &versions].concat();
        for (content, expected) in [
            (b"a text that somebody wrote".to_vec(), "is not an SQLite database"),
            (head([1, 1]), "was not opened"),
        ] {
            std::fs::write(&path, content).unwrap();
            let finding = has_write_ahead_log(&path).unwrap_err();
            assert!(finding.message.contains(expected), "{}", finding.message);
            let is_lost = expected == "is not an SQLite database";
            assert_eq!(finding.mend.unwrap().contains(DAMAGED), is_lost);
        }
        std::fs::write(&path, head([2, 2])).unwrap();
        assert!(has_write_ahead_log(&path).is_ok());
        assert!(has_write_ahead_log(folder.path()).unwrap_err().message.contains("cannot be read"));
    }
}
