//! The destination of mails in the configuration.

use std::{fmt, net::IpAddr, path::PathBuf};

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::api::{ApiServer, Service, Template, TemplateError};

/// The destination of mails.
///
/// | text | meaning |
/// |---|---|
/// | `dir:PATH` | one `.eml` file per mail in this directory |
/// | `smtp://[USER:PASSWORD@]HOST[:PORT]` | SMTP; STARTTLS is required, except on loopback. Port 587, on loopback 25 |
/// | … `?tls=starttls`, `?tls=none` | SMTP with or without STARTTLS, for any host |
/// | `smtps://[USER:PASSWORD@]HOST[:PORT]` | SMTP over TLS. Port 465 |
/// | `postmark:TOKEN`, `resend:KEY` | the HTTP interface of Postmark or Resend |
/// | `ses:ID:SECRET@REGION` | the HTTP interface of Amazon SES |
/// | … `@https://HOST[:PORT]` | another server with such an interface |
/// | `json:FILE` | another mail service, as a file says (see [`Template`]) |
///
/// The user, the password, and keys are percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailUrl {
    /// A directory, in which each mail becomes a file.
    Directory(PathBuf),
    /// A mail server.
    Smtp(SmtpServer),
    /// A mail service with an HTTP interface.
    Api(ApiServer),
}

/// A mail server and its connection settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// The host name or the IP address without brackets.
    pub host: String,
    pub port: u16,
    /// The encryption of the connection.
    pub security: Security,
    /// The login, if any.
    pub credentials: Option<Credentials>,
}

/// The encryption of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// No encryption.
    None,
    /// STARTTLS before the login. Nothing is sent to a server that does not offer it.
    StartTls,
    /// TLS from the start of the connection.
    Tls,
}

/// A login at a mail server. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user's name.
    pub user: String,
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// An error of parsing a [`MailUrl`]. It never contains the text, which may include a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailUrlError {
    /// The text has an unknown scheme.
    #[error(
        "is not dir:PATH, smtp://HOST, smtps://HOST, postmark:TOKEN, resend:KEY, \
         ses:ID:SECRET@REGION or json:FILE"
    )]
    Scheme,
    /// The key of a mail service is missing or not correctly percent-encoded.
    #[error(
        "has no key such as postmark:TOKEN, resend:KEY or ses:ID:SECRET@REGION, or one that is \
         not percent-encoded ASCII"
    )]
    Key,
    /// The address of the mail service after `@` is not one.
    #[error("has a mail service that is not at an https:// address (http:// on loopback)")]
    Service,
    /// The template after `json:` cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The directory after `dir:` is missing.
    #[error("has no directory after dir:")]
    Directory,
    /// The text is not a URL or has no valid host.
    #[error(
        "has no valid mail server after smtp:// or smtps:// (special characters of a password are \
         percent-encoded)"
    )]
    Server,
    /// The port is 0.
    #[error("has a port that cannot be used")]
    Port,
    /// The URL has a path or a fragment.
    #[error(
        "has a path or fragment after the mail server's name and port (special characters of a \
         password are percent-encoded)"
    )]
    Trailing,
    /// The user or the password is missing or not correctly percent-encoded.
    #[error("has a user or password that is missing or not percent-encoded UTF-8")]
    Credentials,
    /// The URL has an unknown option.
    #[error("has an option other than ?tls=starttls or ?tls=none (smtps:// takes none)")]
    Option,
}

impl MailUrl {
    /// Parses a text of the table above.
    pub fn parse(text: &str) -> Result<Self, MailUrlError> {
        if let Some(path) = text.strip_prefix("dir:") {
            return match path {
                "" => Err(MailUrlError::Directory),
                path => Ok(Self::Directory(PathBuf::from(path))),
            };
        }
        if let Some(server) = api(text)? {
            return Ok(Self::Api(server));
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

/// Parses the address of a mail service; `None` if it is something else.
fn api(text: &str) -> Result<Option<ApiServer>, MailUrlError> {
    let Some((scheme, rest)) = text.split_once(':') else { return Ok(None) };
    if scheme == "json" {
        let (url, template) = Template::read(rest.as_ref())?;
        return Ok(Some(ApiServer { service: Service::Json(template), url: checked(url)? }));
    }
    let (keys, origin) = match rest.rsplit_once("@http") {
        Some((keys, origin)) => (keys, Some(format!("http{origin}"))),
        None => (rest, None),
    };
    let key = |text: &str| {
        let key = percent_decode_str(text).decode_utf8().map_err(|_| MailUrlError::Key)?;
        let is_sound = !key.is_empty() && key.bytes().all(|b| b.is_ascii_graphic());
        is_sound.then(|| key.into_owned()).ok_or(MailUrlError::Key)
    };
    let (service, usual, path) = match scheme {
        "postmark" => {
            let service = Service::Postmark { token: key(keys)? };
            (service, "https://api.postmarkapp.com".to_owned(), "/email")
        }
        "resend" => {
            let service = Service::Resend { key: key(keys)? };
            (service, "https://api.resend.com".to_owned(), "/emails")
        }
        "ses" => {
            let (pair, region) = keys.rsplit_once('@').ok_or(MailUrlError::Key)?;
            let (id, secret) = pair.split_once(':').ok_or(MailUrlError::Key)?;
            let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if region.is_empty() || !region.bytes().all(is_name) {
                return Err(MailUrlError::Key);
            }
            let usual = format!("https://email.{region}.amazonaws.com");
            let service =
                Service::Ses { id: key(id)?, secret: key(secret)?, region: region.to_owned() };
            (service, usual, "/v2/email/outbound-emails")
        }
        _ => return Ok(None),
    };
    let mut url =
        checked(Url::parse(&origin.unwrap_or(usual)).map_err(|_| MailUrlError::Service)?)?;
    url.set_path(path);
    Ok(Some(ApiServer { service, url }))
}

/// Returns an address over which keys may be sent.
fn checked(url: Url) -> Result<Url, MailUrlError> {
    let (_, is_loopback) = host(&url).map_err(|_| MailUrlError::Service)?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback => Ok(url),
        _ => Err(MailUrlError::Service),
    }
}

fn host(url: &Url) -> Result<(String, bool), MailUrlError> {
    match url.host().ok_or(MailUrlError::Server)? {
        Host::Ipv4(address) => Ok((address.to_string(), address.is_loopback())),
        Host::Ipv6(address) => Ok((address.to_string(), address.is_loopback())),
        // The parser does not normalize the host of a scheme that it does not know.
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

/// Returns whether each `%` begins an encoded byte.
fn is_percent_encoded(text: &str) -> bool {
    let is_byte = |rest: &str| {
        let hex = rest.as_bytes().get(..2);
        hex.is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    };
    text.split('%').skip(1).all(is_byte)
}

fn credentials(url: &Url) -> Result<Option<Credentials>, MailUrlError> {
    let decoded = |text: &str| {
        if !is_percent_encoded(text) {
            return Err(MailUrlError::Credentials);
        }
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
