//! The certificates that connections to other servers trust, besides the built-in public authorities.

use rustls::{ClientConfig, RootCertStore};
use tollgate_outbound as outbound;

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
    outbound::tls(outbound::only(authorities))
}
