//! The database: whether it answers, its schema, and its clock.

use tollgate_domain::clock::Clock;
use tollgate_persistence::DatabaseUrl;

use super::Finding;
use crate::{config::Config, system::SystemClock};

const MICROS: i64 = 1_000_000;

pub(super) async fn look(config: &Config, authorities: &[Vec<u8>]) -> Vec<Finding> {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        return vec![Finding::ok(
            "database",
            format!("{} is made when the server starts", path.display()),
        )];
    }
    let url = config.database.clone().trusting(authorities);
    let stores = match tollgate_persistence::open(&url).await {
        Ok(stores) => stores,
        Err(error) => {
            return vec![Finding::problem(
                "database",
                error.to_string(),
                "check TOLLGATE_DATABASE_URL, and that the server runs and lets this machine in; \
                 for a certificate of your own set TOLLGATE_CA_FILE",
            )];
        }
    };
    let schema = match stores.store.ready().await {
        Ok(()) => Finding::ok("database", "answers, and its schema fits"),
        Err(error) => Finding::problem(
            "database",
            error.to_string(),
            "run `tollgate migrate` with the newest version that is installed",
        ),
    };
    let mut findings = vec![schema];
    if config.database.is_exposed() {
        findings.push(Finding::warning(
            "database",
            "the server's certificate is not checked, so that somebody in between could read along",
            "add ?sslmode=verify-full to TOLLGATE_DATABASE_URL, with sslrootcert=FILE if its \
             authority is your own",
        ));
    }
    match tollgate_persistence::server_time(&url).await {
        Ok(Some(micros)) => {
            let ahead = micros - SystemClock.now().as_microsecond();
            findings.push(Finding::clock("the database's", ahead / MICROS));
        }
        Ok(None) => {}
        Err(error) => findings.push(Finding::problem(
            "clock",
            format!("the database does not tell its time: {error}"),
            "see the finding about the database",
        )),
    }
    findings
}
