//! The hosts of an installation. Tollgate builds every link from them and never from a request's `Host`
//! or `X-Forwarded-*` headers.

use url::Url;

use crate::names::HandleName;

/// The public domain of an installation, and the origins and hosts derived from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The host, with the port unless it is the default port of the scheme.
    public_domain: String,
    secure: bool,
}

/// The part of the installation that a host belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostKind {
    /// The root host, `{PUBLIC_DOMAIN}`.
    Root,
    /// The creator's app, `app.{PUBLIC_DOMAIN}`.
    App,
    /// The host of a handle, `{handle}.{PUBLIC_DOMAIN}`. The handle may not exist.
    Handle(HandleName),
    /// Any other host, such as an IP address or the name that a health checker uses.
    Foreign,
}

/// The error of a text that is not accepted as the domain of an installation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a host name with an optional port, such as example.com or tollgate.localhost:8080"
)]
pub struct InstallationError;

impl Installation {
    /// Creates an installation at `public_domain`, a host with an optional port. Plain `http` is used
    /// for `*.localhost` only.
    pub fn new(public_domain: &str) -> Result<Self, InstallationError> {
        let public_domain = public_domain.trim().to_ascii_lowercase();
        let url = Url::parse(&format!("http://{public_domain}/")).map_err(|_| InstallationError)?;
        let host = url.host_str().ok_or(InstallationError)?;
        let written = public_domain.split(':').next().unwrap_or_default();
        let is_port =
            |text: &str| text.parse().is_ok_and(|port: u16| port > 0 && port.to_string() == text);
        let is_name = matches!(url.host(), Some(url::Host::Domain(_)))
            && host.split('.').all(is_label)
            && public_domain.split_once(':').is_none_or(|(_, port)| is_port(port));
        if host != written || !is_name || url.path() != "/" || url.username() != "" {
            return Err(InstallationError);
        }
        let secure = !is_local(host);
        Ok(Self { public_domain, secure })
    }

    /// Returns the host and port as configured.
    pub fn public_domain(&self) -> &str {
        &self.public_domain
    }

    /// Returns the host without its port, as cookies and mail addresses need it.
    pub fn host(&self) -> &str {
        self.public_domain.split(':').next().unwrap_or(&self.public_domain)
    }

    /// Returns whether the installation uses https.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns whether the installation runs on this machine only, where the payment sandbox is allowed.
    pub fn is_local(&self) -> bool {
        is_local(self.host())
    }

    /// Returns the origin of the root host, such as `https://example.com`.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme(), self.public_domain)
    }

    /// Returns the origin of the creator's app, such as `https://app.example.com`.
    pub fn app_origin(&self) -> String {
        format!("{}://app.{}", self.scheme(), self.public_domain)
    }

    /// Returns the origin of a handle, such as `https://ada.example.com`.
    pub fn handle_origin(&self, handle: &HandleName) -> String {
        format!("{}://{handle}.{}", self.scheme(), self.public_domain)
    }

    fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// Returns what the value of a `Host` header refers to. The port is ignored, since a proxy may use
    /// its own, and may be empty (RFC 3986, section 3.2.3).
    pub fn kind_of(&self, host: &str) -> HostKind {
        let (name, port) = host.split_once(':').unwrap_or((host, ""));
        let is_number = port.bytes().all(|b| b.is_ascii_digit());
        if !(port.is_empty() || is_number && port.parse::<u16>().is_ok()) {
            return HostKind::Foreign;
        }
        let name = name.to_ascii_lowercase();
        if name == self.host() {
            return HostKind::Root;
        }
        let below = name.strip_suffix(self.host()).and_then(|rest| rest.strip_suffix('.'));
        match below {
            Some("app") => HostKind::App,
            Some(handle) => handle.parse().map_or(HostKind::Foreign, HostKind::Handle),
            None => HostKind::Foreign,
        }
    }

    /// Returns the part of the installation that an absolute URL or origin belongs to, if its scheme and
    /// port are those of the installation. The host of a handle is not the installation's if the handle does not exist.
    pub fn own_host_of(&self, url: &str) -> Option<HostKind> {
        let url = Url::parse(url).ok()?;
        if url.scheme() != self.scheme() || url.username() != "" || url.password().is_some() {
            return None;
        }
        let own = Url::parse(&self.origin()).ok()?;
        if url.port_or_known_default() != own.port_or_known_default() {
            return None;
        }
        Some(self.kind_of(url.host_str()?))
    }
}

/// Returns whether a text can stand between the dots of a host name. Source: RFC 1123, section 2.1.
fn is_label(text: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(is_inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart() {
        let installation = Installation::new("tollgate.localhost:8080").unwrap();
        assert_eq!(installation.kind_of("tollgate.localhost:8080"), HostKind::Root);
        assert_eq!(installation.kind_of("tollgate.localhost:"), HostKind::Root);
        assert_eq!(installation.kind_of("APP.tollgate.localhost"), HostKind::App);
        assert_eq!(
            installation.kind_of("ada.tollgate.localhost:1"),
            HostKind::Handle("ada".parse().unwrap())
        );
        for foreign in [
            "evil.example",
            "eviltollgate.localhost",
            "a.b.tollgate.localhost",
            "",
            "127.0.0.1",
            ":",
            "tollgate.localhost::",
            "tollgate.localhost:+1",
            "tollgate.localhost:8080.evil.example",
            "tollgate.localhost:65536",
        ] {
            assert_eq!(installation.kind_of(foreign), HostKind::Foreign, "{foreign}");
        }
    }

    #[test]
    fn https_everywhere_but_on_localhost() {
        assert_eq!(Installation::new("example.com").unwrap().origin(), "https://example.com");
        assert_eq!(
            Installation::new("tollgate.localhost:8080").unwrap().origin(),
            "http://tollgate.localhost:8080"
        );
    }

    #[test]
    fn what_is_not_a_domain_is_refused() {
        for text in [
            "",
            "http://x.y",
            "x.y/z",
            "a@x.y",
            "x y",
            "x.y:port",
            "127.0.0.1:80",
            "x.y:",
            "x.y:080",
        ] {
            assert_eq!(Installation::new(text), Err(InstallationError), "{text:?}");
        }
    }

    #[test]
    fn own_origins_have_the_right_scheme_and_port() {
        let installation = Installation::new("tollgate.localhost:8080").unwrap();
        let named = installation.own_host_of("http://ada.tollgate.localhost:8080");
        assert_eq!(named, Some(HostKind::Handle("ada".parse().unwrap())));
        let named = installation.own_host_of("http://evil.example:8080");
        assert_eq!(named, Some(HostKind::Foreign));
        for foreign in [
            "https://ada.tollgate.localhost:8080",
            "http://ada.tollgate.localhost",
            "http://ada.tollgate.localhost:8080@evil.example",
            "http://evil.example",
            "null",
        ] {
            assert_eq!(installation.own_host_of(foreign), None, "{foreign}");
        }
    }
}
