//! The stores that the program runs on.

use std::{
    any::Any,
    fmt::Display,
    hash::{BuildHasher, Hasher, RandomState},
};

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::NoTls;
use tollgate_persistence::{DatabaseUrl, migrate, open};

use super::{Backend, BackendError};
use crate::machine::Driver;

/// The variable with the address of the PostgreSQL server for tests.
const SERVER: &str = "TOLLGATE_TEST_POSTGRES_URL";

/// Where Linux keeps files in memory. What a disk loses is not simulated, so nobody needs to wait for one.
const IN_MEMORY: &str = "/dev/shm";

/// Opens an SQLite file in a directory of its own.
pub(super) fn sqlite() -> Result<Backend, BackendError> {
    let directory = tempfile::tempdir_in(IN_MEMORY).or_else(|_| tempfile::tempdir());
    let directory = directory.map_err(failed)?;
    let url = format!("sqlite:{}/tollgate.db", directory.path().display());
    with_store(&url, Some(directory), runtime()?)
}

/// Opens a new PostgreSQL database. It is deleted with the server.
pub(super) fn postgres() -> Result<Backend, BackendError> {
    let server = std::env::var(SERVER)
        .map_err(|_| failed(format!("{SERVER} is not set: use scripts/with-postgres")))?;
    // Ids of processes are used again while the server runs, so they would not do.
    let name = format!("simulation_{:016x}", RandomState::new().build_hasher().finish());
    let runtime = runtime()?;
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&server, NoTls).await.map_err(failed)?;
        let connection = tokio::spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.map_err(failed)?;
        drop(client);
        connection.await.map_err(failed)?.map_err(failed)
    })?;
    with_store(&server.replace("/postgres", &format!("/{name}")), None, runtime)
}

fn with_store(
    url: &str,
    directory: Option<TempDir>,
    runtime: Runtime,
) -> Result<Backend, BackendError> {
    let url: DatabaseUrl = url.parse().map_err(failed)?;
    let stores = runtime.block_on(async {
        migrate(&url).await.map_err(failed)?;
        open(&url).await.map_err(failed)
    })?;
    let keep = directory.map(|directory| -> Box<dyn Any + Send> { Box::new(directory) });
    Ok(Backend { stores, driver: Driver::Tokio(runtime), keep })
}

fn runtime() -> Result<Runtime, BackendError> {
    Builder::new_current_thread().enable_all().build().map_err(failed)
}

fn failed(error: impl Display) -> BackendError {
    BackendError(error.to_string())
}
