//! The `Stripe-Signature` header, `t=1492774577,v1=5257a8…,v1=…,v0=…`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A header holds one signature for each secret that the endpoint has, which are two at most.
const MAX_SIGNATURES: usize = 8;
const MAX_HEADER: usize = 4096;
const LENGTH: usize = 32;

/// What a header says. It proves nothing by itself.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    /// Unix seconds.
    pub(crate) time: i64,
    /// The same as it was written, which is what was signed.
    written: &'a str,
    signatures: Vec<[u8; LENGTH]>,
}

impl<'a> Header<'a> {
    /// Reads a header; schemes other than `v1` are passed over.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        if text.len() > MAX_HEADER {
            return None;
        }
        let mut written = None;
        let mut signatures = Vec::new();
        for part in text.split(',') {
            match part.trim().split_once('=') {
                // Two times, of which one was signed: not from Stripe.
                Some(("t", _)) if written.is_some() => return None,
                Some(("t", time)) => written = Some(time),
                Some(("v1", hex)) if signatures.len() < MAX_SIGNATURES => {
                    signatures.extend(decode(hex));
                }
                _ => {}
            }
        }
        let written: &str = written?;
        let time = written.parse().ok()?;
        (!signatures.is_empty()).then_some(Self { time, written, signatures })
    }

    /// Whether one of the signatures was made with this secret for this body.
    pub(crate) fn proves(&self, secret: &str, body: &[u8]) -> bool {
        let Some(mac) = mac(secret, self.written, body) else { return false };
        // `verify_slice` takes the same time for every signature.
        self.signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
    }
}

/// HMAC-SHA256 under the whole secret, `whsec_` and all, of the time, a dot and the raw body.
fn mac(secret: &str, time: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

/// What Stripe would put after `v1=`, before it is written in hexadecimal digits.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn signature_of(secret: &str, time: &str, body: &[u8]) -> Vec<u8> {
    mac(secret, time, body).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default()
}

fn decode(hex: &str) -> Option<[u8; LENGTH]> {
    if hex.len() != 2 * LENGTH || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (byte, start) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(hex.get(start..start + 2)?, 16).ok()?;
    }
    Some(bytes)
}
