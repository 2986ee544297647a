//! Settings that are valid and may still be wrong.

use rustls::{RootCertStore, pki_types::CertificateDer};
use secrecy::ExposeSecret;

use super::Finding;
use crate::config::Config;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let settings = [domain(config), secrets(config), proxies(config)];
    settings.into_iter().chain(authorities(&config.authorities)).collect()
}

/// Looks whether the certificates of `TOLLGATE_CA_FILE` are such. Connections go on without those that are not.
fn authorities(given: &[Vec<u8>]) -> Option<Finding> {
    if given.is_empty() {
        return None;
    }
    let certificates = given.iter().map(|der| CertificateDer::from(der.as_slice()));
    let (usable, wrong) = RootCertStore::empty().add_parsable_certificates(certificates);
    Some(if wrong == 0 {
        Finding::ok("authorities", format!("{usable} are trusted besides the system's"))
    } else {
        Finding::problem(
            "authorities",
            format!("{wrong} of the certificates in TOLLGATE_CA_FILE cannot be used"),
            "keep those in it that `openssl x509 -noout -text` can read, in PEM form",
        )
    })
}

fn domain(config: &Config) -> Finding {
    let host = config.installation.host();
    let domain = config.installation.public_domain();
    if config.installation.is_local() {
        return Finding::ok("domain", format!("{domain} is for this machine alone"));
    }
    if !host.contains('.') {
        return Finding::problem(
            "domain",
            format!("browsers keep no cookies for {host}, which has no dot"),
            "set TOLLGATE_PUBLIC_DOMAIN to a domain such as example.com",
        );
    }
    if domain != host {
        return Finding::warning(
            "domain",
            format!("{domain} has a port, which every address will show"),
            "set TOLLGATE_PUBLIC_DOMAIN without a port and let the proxy listen on 443",
        );
    }
    Finding::ok("domain", format!("cookies are for {host} and its subdomains"))
}

fn secrets(config: &Config) -> Finding {
    if config.jwt_secrets.is_empty() {
        return Finding::ok("secrets", "the sandbox makes its own in var/");
    }
    let is_weak = config.jwt_secrets.iter().any(|secret| {
        let mut letters: Vec<_> = secret.expose_secret().chars().collect();
        letters.sort_unstable();
        letters.dedup();
        letters.len() < 10
    });
    if is_weak {
        return Finding::problem(
            "secrets",
            "TOLLGATE_JWT_SECRET has few different characters and can be guessed",
            "replace it by what `openssl rand -base64 32` prints",
        );
    }
    Finding::ok("secrets", format!("{} for access tokens", config.jwt_secrets.len()))
}

fn proxies(config: &Config) -> Finding {
    if config.installation.is_secure() && config.trusted_proxies.is_empty() {
        return Finding::warning(
            "proxy",
            "no proxy is trusted, so all visitors behind one share its limits",
            "name the address of the proxy in TOLLGATE_TRUSTED_PROXIES, and let it set \
             X-Forwarded-For",
        );
    }
    if config.trusted_proxies.is_empty() {
        return Finding::ok("proxy", "none is trusted, which is right if clients connect directly");
    }
    Finding::ok("proxy", "clients are who the trusted proxies say they are")
}
