//! The `Stripe-Signature` header, `t=1492774577,v1=5257a8…,v1=…,v0=…`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The largest number of signatures that are checked. Stripe sends one for each secret of the
/// endpoint, which has at most two.
const MAX_SIGNATURES: usize = 8;
const MAX_HEADER: usize = 4096;
const LENGTH: usize = 32;

/// A parsed header, which is not verified yet.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    /// The time in Unix seconds.
    pub(crate) time: i64,
    /// The time as it was written, which is part of the signed text.
    written: &'a str,
    signatures: Vec<[u8; LENGTH]>,
}

impl<'a> Header<'a> {
    /// Parses a header. Schemes other than `v1` are ignored.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        if text.len() > MAX_HEADER {
            return None;
        }
        let mut written = None;
        let mut signatures = Vec::new();
        for part in text.split(',') {
            match part.trim().split_once('=') {
                // Stripe sends only one time. With two, only one of them would be signed.
                Some(("t", _)) if written.is_some() => return None,
                Some(("t", time)) => written = Some(time),
                Some(("v1", digits)) if signatures.len() < MAX_SIGNATURES => {
                    let mut signature = [0; LENGTH];
                    let decoded = hex::decode_to_slice(digits, &mut signature);
                    signatures.extend(decoded.is_ok().then_some(signature));
                }
                _ => {}
            }
        }
        let written: &str = written?;
        let time = written.parse().ok()?;
        (!signatures.is_empty()).then_some(Self { time, written, signatures })
    }

    /// Returns whether one of the signatures is that of this body with this secret.
    pub(crate) fn proves(&self, secret: &str, body: &[u8]) -> bool {
        let Some(mac) = mac(secret, self.written, body) else { return false };
        // `verify_slice` compares in constant time.
        self.signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
    }
}

/// Computes HMAC-SHA256 with the whole secret, including `whsec_`, over the time, a dot and the raw
/// body.
fn mac(secret: &str, time: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// Returns the bytes of the signature that Stripe writes after `v1=` in hexadecimal.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn signature_of(secret: &str, time: &str, body: &[u8]) -> Vec<u8> {
    mac(secret, time, body).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default()
}
