//! What a server tells about itself.

use std::sync::Arc;

use diesel::{
    QueryResult,
    sql_types::{BigInt, Bool, Integer, Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Connector, connection::Connected};
use crate::{error::OpenError, url::PgAddress};

#[derive(diesel::QueryableByName)]
struct Time {
    #[diesel(sql_type = BigInt)]
    micros: i64,
}

/// Returns the server's time in microseconds since 1970.
pub(crate) async fn server_time(address: &PgAddress) -> Result<i64, OpenError> {
    let connector = Connector::new(address)?;
    let mut conn = connector.connect_first().await?.into_diesel();
    let query = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros";
    let time: QueryResult<Time> = diesel::sql_query(query).get_result(&mut conn).await;
    time.map(|time| time.micros).map_err(|error| OpenError::Connect(error.to_string()))
}

#[derive(diesel::QueryableByName)]
struct Encoding {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Refuses a database whose encoding does not have every character, so that some texts could never be stored. One
/// without an encoding stores them as they are.
pub(crate) async fn refuse_encoding(conn: &mut AsyncPgConnection) -> Result<(), OpenError> {
    let query = "SELECT current_setting('server_encoding') AS name";
    let encoding: QueryResult<Encoding> = diesel::sql_query(query).get_result(conn).await;
    let name = encoding.map_err(|error| OpenError::Connect(error.to_string()))?.name;
    if matches!(&*name, "UTF8" | "SQL_ASCII") { Ok(()) } else { Err(OpenError::Encoding(name)) }
}

/// Connects to the server, and refuses a database like [`refuse_encoding`].
pub(crate) async fn check_encoding(address: &PgAddress) -> Result<(), OpenError> {
    let connected = Connector::new(address)?.connect_first().await?;
    refuse_encoding(&mut connected.into_diesel()).await
}

#[derive(diesel::QueryableByName)]
struct Schema {
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    takes_tables: Option<bool>,
}

/// Connects to the server, and refuses a user that may not make tables where they would be made, in the words of the server.
pub(crate) async fn check_may_migrate(address: &PgAddress) -> Result<(), OpenError> {
    let mut conn = Connector::new(address)?.connect_first().await?.into_diesel();
    let query = "SELECT current_schema()::text AS name, \
                 has_schema_privilege(current_schema(), 'CREATE') AS takes_tables";
    let schema: QueryResult<Schema> = diesel::sql_query(query).get_result(&mut conn).await;
    let schema = schema.map_err(|error| OpenError::Connect(error.to_string()))?;
    let fault = match (schema.name, schema.takes_tables) {
        (_, Some(true)) => return Ok(()),
        (Some(name), _) => format!("permission denied for schema {name}"),
        (None, _) => "no schema has been selected to create in".to_owned(),
    };
    Err(OpenError::Migrate(fault))
}

#[derive(diesel::QueryableByName)]
struct Process {
    #[diesel(sql_type = Integer)]
    id: i32,
}

/// Refuses a pooler that lends a connection of the server to another client after each transaction: what is prepared or
/// set for a connection, and the lock for migrating, would be another client's. While `first` is open, no other connection
/// to the server itself has its process.
pub(crate) async fn refuse_lending(
    connector: &Arc<Connector>,
    first: &mut Connected,
) -> Result<(), OpenError> {
    // A server that has no room for another connection is not refused for that here.
    let Ok(second) = connector.connect_first().await else { return Ok(()) };
    let is_known = first.backend().process > 0;
    if is_known && (second.backend() == first.backend() || has_moved(first).await) {
        return Err(OpenError::Pooler("it lends its connections for one transaction".into()));
    }
    Ok(())
}

/// Returns whether another process serves a connection than at first.
async fn has_moved(connected: &mut Connected) -> bool {
    let query = diesel::sql_query("SELECT pg_backend_pid() AS id");
    let now: QueryResult<Process> = query.get_result(connected.diesel()).await;
    match now {
        Ok(Process { id }) => i64::from(id) != connected.backend().process,
        // It was prepared with one process and run with another.
        Err(error) => error.to_string().contains("prepared statement"),
    }
}
