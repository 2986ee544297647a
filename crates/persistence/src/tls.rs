//! How the certificate of a PostgreSQL server is checked. Source: libpq, "SSL Support".

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio_postgres_rustls::MakeRustlsConnect;
use tollgate_outbound as outbound;

use crate::error::OpenError;

/// What a server's certificate has to prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checks {
    /// Nothing: any certificate is taken. What is sent is encrypted, but the server may be another one.
    AnyCertificate,
    /// That an authority that is trusted signed it.
    Authority,
    /// That such an authority signed it for the host that is asked for.
    AuthorityAndHost,
}

/// The certificates that are trusted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    /// Certificates besides the built-in ones, in DER.
    pub(crate) besides: Vec<Vec<u8>>,
    /// The certificates of `sslrootcert`, in DER, which are trusted instead of all others.
    pub(crate) only: Option<Vec<Vec<u8>>>,
}

/// Creates what makes a connection a TLS connection.
pub(crate) fn connector(checks: Checks, trust: &Trust) -> Result<MakeRustlsConnect, OpenError> {
    let failed = |error: &dyn std::fmt::Display| OpenError::Connect(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?;
    let verifier: Arc<dyn ServerCertVerifier> = match checks {
        Checks::AnyCertificate => Arc::new(Lenient { provider, authority: None }),
        Checks::Authority | Checks::AuthorityAndHost => {
            let roots = Arc::new(trust.roots());
            let strict = WebPkiServerVerifier::builder_with_provider(roots, provider.clone());
            let strict = strict.build().map_err(|error| failed(&error))?;
            match checks {
                Checks::AuthorityAndHost => strict,
                _ => Arc::new(Lenient { provider, authority: Some(strict) }),
            }
        }
    };
    let config =
        builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

impl Trust {
    fn roots(&self) -> RootCertStore {
        match &self.only {
            Some(only) => outbound::only(only),
            None => outbound::public_and(&self.besides),
        }
    }
}

/// Accepts certificates that were made for another host, and those that no trusted authority signed unless one has to. The server
/// always has to have the key of its certificate.
#[derive(Debug)]
struct Lenient {
    provider: Arc<CryptoProvider>,
    /// What checks that a trusted authority signed the certificate, if one has to.
    authority: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authority) = &self.authority else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified = authority.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            // The host is compared after everything else.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
