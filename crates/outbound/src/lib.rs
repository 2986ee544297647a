//! What connections to other servers have in common: whose certificates they trust, and how their failures are told.

use std::{error::Error, sync::Arc};

use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer};

/// Returns the public authorities, which are built in, and those whose certificates are given in DER.
///
/// So TLS works without a certificate store on the machine.
pub fn public_and(besides: &[Vec<u8>]) -> RootCertStore {
    let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    add(&mut roots, besides);
    roots
}

/// Returns the authorities whose certificates are given in DER, and no others.
pub fn only(authorities: &[Vec<u8>]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    add(&mut roots, authorities);
    roots
}

fn add(roots: &mut RootCertStore, authorities: &[Vec<u8>]) {
    // The system's list may hold certificates that rustls cannot read.
    roots.add_parsable_certificates(authorities.iter().cloned().map(CertificateDer::from));
}

/// Returns the TLS settings of a client that trusts these authorities.
pub fn tls(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(tls.with_root_certificates(roots).with_no_client_auth())
}

/// Returns the text of the innermost cause of an error, which says what is wrong. The outer ones repeat what was asked for,
/// such as the URL.
pub fn innermost_cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("asking https://example.com/?key=1 failed")]
    struct Outer(#[source] Middle);

    #[derive(Debug, thiserror::Error)]
    #[error("the connection failed")]
    struct Middle(#[source] std::io::Error);

    #[test]
    fn an_error_is_told_by_its_innermost_cause() {
        let refused = std::io::Error::other("nobody listens");
        assert_eq!(innermost_cause(&Outer(Middle(refused))), "nobody listens");
        assert_eq!(innermost_cause(&std::fmt::Error), std::fmt::Error.to_string());
    }

    #[test]
    fn what_is_not_a_certificate_is_left_out() {
        let public = webpki_roots::TLS_SERVER_ROOTS.len();
        assert_eq!(public_and(&[b"no certificate".to_vec()]).len(), public);
        assert!(only(&[b"no certificate".to_vec()]).is_empty());
        assert!(tls(public_and(&[])).is_ok());
    }
}
