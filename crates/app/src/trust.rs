//! The certificates that connections to other servers trust, besides the built-in public authorities.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer};

use crate::config::Config;

/// Returns the certificates of the system and of `TOLLGATE_CA_FILE`, in DER.
pub(crate) fn authorities(config: &Config) -> Vec<Vec<u8>> {
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::debug!(%error, "a certificate of the system cannot be read");
    }
    let mut checked = RootCertStore::empty();
    // One that rustls cannot use must not spoil the others.
    let usable = system.certs.into_iter().filter(|found| checked.add(found.clone()).is_ok());
    let system = usable.map(|found| found.to_vec());
    system.chain(config.authorities.iter().cloned()).collect()
}

/// Returns settings of TLS that trust these certificates alone.
pub(crate) fn tls(authorities: &[Vec<u8>]) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities.iter().cloned().map(CertificateDer::from));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(tls.with_root_certificates(roots).with_no_client_auth())
}
