//! `TOLLGATE_DATABASE_URL`.

use std::{io::ErrorKind, path::PathBuf, str::FromStr};

use percent_encoding::percent_decode_str;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use crate::tls::{Checks, Trust};

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
    pub(crate) checks: Checks,
    pub(crate) trust: Trust,
}

impl DatabaseUrl {
    /// Trusts these certificates (DER) besides the built-in ones.
    pub fn trusting(mut self, authorities: &[Vec<u8>]) -> Self {
        if let Self::Postgres(address) = &mut self {
            address.trust.besides.extend_from_slice(authorities);
        }
        self
    }

    /// Returns whether the database is a file that is missing or, like a file that was mounted, empty.
    pub fn is_missing(&self) -> bool {
        let Self::Sqlite(path) = self else { return false };
        std::fs::metadata(path).map_or_else(
            |error| error.kind() == ErrorKind::NotFound,
            |file| file.is_file() && file.len() == 0,
        )
    }

    /// Returns whether what is sent to the server can be read, or answered, by somebody in between: the
    /// server is on another machine, and may have no certificate or one that is not checked.
    pub fn is_exposed(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(address) => {
                let is_checked = address.checks != Checks::AnyCertificate
                    && address.config.get_ssl_mode() == SslMode::Require;
                !is_checked && !address.config.get_hosts().iter().all(is_local)
            }
        }
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
        // The parser takes what follows the first `@` for the host.
        let address = text.split('?').next().unwrap_or_default();
        if address.matches('@').count() > 1 {
            return Err(NO_ADDRESS.into());
        }
        let (text, tls) = split_tls(text)?;
        let mut config = tokio_postgres::Config::from_str(&text)
            .map_err(|error| unreadable(&text, &error).unwrap_or_else(|| NO_ADDRESS.to_owned()))?;
        if config.get_hosts().is_empty() {
            return Err("names no host".into());
        }
        if config.get_target_session_attrs() == TargetSessionAttrs::ReadOnly {
            return Err(format!("{SESSION} must be {}", taken(SESSION)));
        }
        let is_local = config.get_hosts().iter().all(is_local);
        let (mode, checks) = tls.mode(is_local)?;
        config.ssl_mode(mode);
        let trust = Trust { besides: Vec::new(), only: tls.authorities()? };
        Ok(Self::Postgres(Box::new(PgAddress { config, checks, trust })))
    }
}

const NO_ADDRESS: &str = "is not a PostgreSQL address, such as postgres://user:password@host/name \
                          (special characters of a password are percent-encoded)";

/// Returns which parameter of an address is not known or has a value that is not taken, and nothing else of the parser's
/// message, which may quote the password.
fn unreadable(text: &str, error: &tokio_postgres::Error) -> Option<String> {
    // After a password with a question mark its end would be taken for a parameter.
    let (_, query) = text.split_once('?').filter(|(_, query)| !query.contains('@'))?;
    let message = std::error::Error::source(error)?.to_string();
    let message = message.strip_suffix('`')?;
    if let Some(name) = message.strip_prefix("invalid value for option `") {
        // The port after a host has this name, too.
        let is_parameter = query.split('&').any(|it| it.split('=').next() == Some(name));
        return is_parameter.then(|| format!("{name} must be {}", taken(name)));
    }
    let name = message.strip_prefix("unknown option `")?;
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then(|| format!("has a parameter that is not known: {name}"))
}

/// Returns what a parameter may be.
fn taken(name: &str) -> &'static str {
    match name {
        SESSION => "read-write or any: a server that takes no writes is never used",
        "sslnegotiation" => "postgres or direct",
        "channel_binding" => "disable, prefer or require",
        "load_balance_hosts" => "disable or random",
        "hostaddr" => "an IP address",
        "port" => "the number of a port",
        _ => "a whole number",
    }
}

const SESSION: &str = "target_session_attrs";

/// The parameters of an address that say how TLS is used, in the terms of libpq.
#[derive(Default)]
struct TlsParameters {
    mode: Option<String>,
    root: Option<String>,
}

/// Takes `sslmode` and `sslrootcert`, of which the parser knows a part, out of an address.
fn split_tls(text: &str) -> Result<(String, TlsParameters), String> {
    let mut tls = TlsParameters::default();
    let Some((start, query)) = text.split_once('?') else { return Ok((text.to_owned(), tls)) };
    let mut others = Vec::new();
    for parameter in query.split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let place = match name {
            "sslmode" => &mut tls.mode,
            "sslrootcert" => &mut tls.root,
            _ => {
                others.push(parameter);
                continue;
            }
        };
        let value = percent_decode_str(value).decode_utf8();
        *place = Some(value.map_err(|_| format!("{name} is not UTF-8"))?.into_owned());
    }
    Ok((format!("{start}?{}", others.join("&")), tls))
}

impl TlsParameters {
    fn mode(&self, is_local: bool) -> Result<(SslMode, Checks), String> {
        let mode = match (self.mode.as_deref(), self.root.as_deref()) {
            // A connection on this machine needs no TLS.
            (None, None) if is_local => "disable",
            // As in libpq: any host can have a certificate of the system's authorities, so the host is checked, too.
            (None, Some("system")) => "verify-full",
            // Unlike libpq: a certificate that is offered has to be valid.
            (None, None) => return Ok((SslMode::Prefer, Checks::AuthorityAndHost)),
            // As in libpq, since certificates are named to be checked.
            (None | Some("require"), Some(_)) => "verify-ca",
            (Some(mode), _) => mode,
        };
        match mode {
            "disable" => Ok((SslMode::Disable, Checks::AnyCertificate)),
            "prefer" | "allow" => Ok((SslMode::Prefer, Checks::AnyCertificate)),
            "require" => Ok((SslMode::Require, Checks::AnyCertificate)),
            "verify-ca" => Ok((SslMode::Require, Checks::Authority)),
            "verify-full" => Ok((SslMode::Require, Checks::AuthorityAndHost)),
            _ => {
                Err("sslmode must be disable, allow, prefer, require, verify-ca or verify-full"
                    .into())
            }
        }
    }

    /// Reads the certificates of `sslrootcert`; `None` for the built-in ones and the system's.
    fn authorities(&self) -> Result<Option<Vec<Vec<u8>>>, String> {
        let Some(path) = self.root.as_deref().filter(|root| *root != "system") else {
            return Ok(None);
        };
        let failed = |error: &dyn std::fmt::Display| format!("sslrootcert {path}: {error}");
        let found: Vec<_> = CertificateDer::pem_file_iter(path)
            .map_err(|error| failed(&error))?
            .map(|found| found.map(|found| found.to_vec()))
            .collect::<Result<_, _>>()
            .map_err(|error| failed(&error))?;
        if found.is_empty() { Err(failed(&"no certificate in it")) } else { Ok(Some(found)) }
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
