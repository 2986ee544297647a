//! Where mails go, as the configuration names it.

use std::{fmt, net::IpAddr, path::PathBuf};

use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// Where mails go.
///
/// | text | meaning |
/// |---|---|
/// | `dir:PATH` | one `.eml` file a mail in this directory |
/// | `smtp://[USER:PASSWORD@]HOST[:PORT]` | SMTP; STARTTLS is demanded, except on loopback. Port 587, on loopback 25 |
/// | … `?tls=starttls`, `?tls=none` | SMTP with or without STARTTLS, wherever the host is |
/// | `smtps://[USER:PASSWORD@]HOST[:PORT]` | SMTP inside TLS. Port 465 |
///
/// User and password are percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailUrl {
    /// A directory.
    Directory(PathBuf),
    /// A mail server.
    Smtp(SmtpServer),
}

/// A mail server and how to talk to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is kept private.
    pub security: Security,
    /// Whom to log in as, if at all.
    pub credentials: Option<Credentials>,
}

/// How a connection is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    None,
    /// STARTTLS before anything else; a server that does not offer it gets nothing.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// A login at a mail server. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// Why a text names no place for mails. Never repeats the text, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailUrlError {
    /// Something else than a directory or a mail server.
    #[error("is not dir:PATH, smtp://HOST or smtps://HOST")]
    Scheme,
    /// `dir:` alone.
    #[error("names no directory after dir:")]
    Directory,
    /// Not a URL, or without a host.
    #[error("names no mail server after smtp:// or smtps://")]
    Server,
    /// Port 0 cannot be connected to.
    #[error("has a port that cannot be used")]
    Port,
    /// A path or a fragment.
    #[error("has something after the mail server's name and port")]
    Trailing,
    /// A user without a password, the reverse, or a broken percent-encoding.
    #[error("has a user or password that is missing or not percent-encoded UTF-8")]
    Credentials,
    /// An option other than the known.
    #[error("has an option other than ?tls=starttls or ?tls=none (smtps:// takes none)")]
    Option,
}

impl MailUrl {
    /// Reads a text as in the table above.
    pub fn parse(text: &str) -> Result<Self, MailUrlError> {
        if let Some(path) = text.strip_prefix("dir:") {
            return match path {
                "" => Err(MailUrlError::Directory),
                path => Ok(Self::Directory(PathBuf::from(path))),
            };
        }
        if !text.starts_with("smtp://") && !text.starts_with("smtps://") {
            return Err(MailUrlError::Scheme);
        }
        let url = Url::parse(text).map_err(|_| MailUrlError::Server)?;
        let (host, is_loopback) = host(&url)?;
        let security = match (url.scheme(), url.query()) {
            ("smtps", None) => Security::Tls,
            ("smtp", None) if is_loopback => Security::None,
            ("smtp", None | Some("tls=starttls")) => Security::StartTls,
            ("smtp", Some("tls=none")) => Security::None,
            _ => return Err(MailUrlError::Option),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(MailUrlError::Trailing);
        }
        let usual_port = match security {
            Security::Tls => 465,
            Security::None if is_loopback => 25,
            Security::StartTls | Security::None => 587,
        };
        let port = match url.port() {
            Some(0) => return Err(MailUrlError::Port),
            port => port.unwrap_or(usual_port),
        };
        Ok(Self::Smtp(SmtpServer { host, port, security, credentials: credentials(&url)? }))
    }
}

fn host(url: &Url) -> Result<(String, bool), MailUrlError> {
    match url.host().ok_or(MailUrlError::Server)? {
        Host::Ipv4(address) => Ok((address.to_string(), address.is_loopback())),
        Host::Ipv6(address) => Ok((address.to_string(), address.is_loopback())),
        // For schemes that it does not know, the parser leaves a host as it was written.
        Host::Domain(name) => {
            let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
            if name.is_empty() || !name.bytes().all(is_plain) {
                return Err(MailUrlError::Server);
            }
            let name = name.to_ascii_lowercase();
            let is_loopback = match name.parse::<IpAddr>() {
                Ok(address) => address.is_loopback(),
                Err(_) => name == "localhost" || name.ends_with(".localhost"),
            };
            Ok((name, is_loopback))
        }
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, MailUrlError> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().map_err(|_| MailUrlError::Credentials)?;
        // SMTP's PLAIN mechanism separates its fields with NUL.
        let is_sound = !text.is_empty() && !text.contains(char::is_control);
        is_sound.then(|| text.into_owned()).ok_or(MailUrlError::Credentials)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) => {
            Ok(Some(Credentials { user: decoded(user)?, password: decoded(password)? }))
        }
        (_, None) => Err(MailUrlError::Credentials),
    }
}
