//! What a server tells about itself.

use diesel::{
    QueryResult,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Connector;
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
