//! Amazon's signature of a request.
//! Source: AWS Signature Version 4, <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use tollgate_domain::Timestamp;
use url::Url;

/// The key that signs, and what it signs for.
pub(super) struct Key<'a> {
    pub(super) id: &'a str,
    pub(super) secret: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

pub(super) struct Signed {
    pub(super) authorization: String,
    pub(super) date: String,
}

/// Signs a POST of `body` to `url`, which has no query.
pub(super) fn sign(key: &Key<'_>, url: &Url, body: &[u8], now: Timestamp) -> Signed {
    signed("POST", key, url, body, now)
}

fn signed(method: &str, key: &Key<'_>, url: &Url, body: &[u8], now: Timestamp) -> Signed {
    let date = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = now.strftime("%Y%m%d").to_string();
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let canonical = format!(
        "{method}\n{path}\n\nhost:{host}\nx-amz-date:{date}\n\nhost;x-amz-date\n{hash}",
        path = url.path(),
        hash = hex::encode(Sha256::digest(body)),
    );
    let scope = format!("{day}/{}/{}/aws4_request", key.region, key.service);
    let text =
        format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    let mut derived = format!("AWS4{}", key.secret).into_bytes();
    for part in [&day, key.region, key.service, "aws4_request", &text] {
        derived = mac(&derived, part);
    }
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=host;x-amz-date, Signature={}",
        key.id,
        hex::encode(derived),
    );
    Signed { authorization, date }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The case `get-vanilla` of Amazon's own test suite.
    #[test]
    fn signature_is_amazons() {
        let key = Key {
            id: "AKIDEXAMPLE",
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            region: "us-east-1",
            service: "service",
        };
        let url = Url::parse("https://example.amazonaws.com/").unwrap();
        let signed = signed("GET", &key, &url, b"", "2015-08-30T12:36:00Z".parse().unwrap());
        assert_eq!(signed.date, "20150830T123600Z");
        assert_eq!(
            signed.authorization,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
    }
}
