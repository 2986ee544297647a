//! `TOLLGATE_DATABASE_URL`.

use std::{path::PathBuf, str::FromStr};

use tokio_postgres::config::{Host, SslMode};

/// The address of a database.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// The path of a file.
    Sqlite(PathBuf),
    /// The address of a server.
    Postgres(Box<PgAddress>),
}

/// The address of a PostgreSQL server, and how its certificate is checked.
#[derive(Clone)]
pub struct PgAddress {
    pub(crate) config: tokio_postgres::Config,
    /// Certificates to trust besides the built-in ones, in DER.
    pub(crate) authorities: Vec<Vec<u8>>,
}

impl DatabaseUrl {
    /// Trusts these certificates (DER) besides the built-in ones.
    pub fn trusting(mut self, authorities: &[Vec<u8>]) -> Self {
        if let Self::Postgres(address) = &mut self {
            address.authorities.extend_from_slice(authorities);
        }
        self
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() || path.contains('?') || path == ":memory:" {
                Err("must name a file, such as sqlite:var/tollgate.db".into())
            } else {
                Ok(Self::Sqlite(path.into()))
            };
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err("must start with sqlite: or postgres://".into());
        }
        // The parser's message may quote the password.
        let mut config = tokio_postgres::Config::from_str(text).map_err(
            |_| "is not a PostgreSQL address, such as postgres://user:password@host/name",
        )?;
        if config.get_hosts().is_empty() {
            return Err("names no host".into());
        }
        // A server on this machine is reached without TLS: its certificate could not be verified.
        let local = config.get_hosts().iter().all(is_local);
        if config.get_ssl_mode() == SslMode::Prefer && local {
            config.ssl_mode(SslMode::Disable);
        }
        Ok(Self::Postgres(Box::new(PgAddress { config, authorities: Vec::new() })))
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "DatabaseUrl::Sqlite",
            Self::Postgres(_) => "DatabaseUrl::Postgres",
        })
    }
}

impl std::fmt::Debug for PgAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PgAddress")
    }
}
