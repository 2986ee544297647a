//! Compression of text. Files are sent as they are: they are large, and their tag and ranges are those of the
//! bytes that were uploaded.

use std::{
    collections::HashMap,
    io::Write,
    sync::{LazyLock, Mutex, PoisonError},
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{self, AcceptEncoding, Encoding, Header, HeaderMap, HeaderValue},
    },
    web::{self, Bytes},
};
use flate2::{Compression, write::GzEncoder};

use super::headers::vary;
use crate::unchanging::Unchanging;

/// The size from which text is compressed.
const MIN_BYTES: u64 = 1_024;
/// The size from which compressing would hold up other requests.
const MAX_BYTES_HERE: usize = 64 * 1_024;

/// The compressed forms of texts that never change, by where each is in memory and its length.
static KEPT: LazyLock<Mutex<HashMap<(usize, usize), Bytes>>> = LazyLock::new(Mutex::default);

/// Compresses the body of an answer, if it is text and the client can read it.
pub(super) async fn apply(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    if !is_text(response.status(), response.headers()) {
        return response;
    }
    // Most answers are short, and what their client can read is not asked then.
    let may_pay = match response.response().body().size() {
        BodySize::Sized(bytes) => bytes >= MIN_BYTES,
        BodySize::None | BodySize::Stream => false,
    };
    let accepts = may_pay && accepts_gzip(&response);
    let unchanging = response.response().extensions().get::<Unchanging>().copied();
    let (request, mut response) = response.into_parts();
    vary(response.headers_mut(), "Accept-Encoding");
    if !accepts {
        return ServiceResponse::new(request, response);
    }
    let (mut response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(bytes) => match kept_or_compressed(unchanging, &bytes).await {
            Some(smaller) => {
                let gzip = HeaderValue::from_static("gzip");
                response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
                BoxBody::new(smaller)
            }
            None => BoxBody::new(bytes),
        },
        Err(body) => body,
    };
    ServiceResponse::new(request, response.set_body(body))
}

/// Returns whether the answer is text of the program's own.
fn is_text(status: StatusCode, headers: &HeaderMap) -> bool {
    let is_part = status == StatusCode::PARTIAL_CONTENT || status == StatusCode::NOT_MODIFIED;
    if is_part || headers.contains_key(header::ETAG) || headers.contains_key(header::ACCEPT_RANGES)
    {
        return false;
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    matches!(
        essence,
        "text/html"
            | "text/css"
            | "text/csv"
            | "text/javascript"
            | "text/plain"
            | "application/json"
            | "application/problem+json"
            | "image/svg+xml"
    ) && !headers.contains_key(header::CONTENT_ENCODING)
}

fn accepts_gzip(response: &ServiceResponse<BoxBody>) -> bool {
    let Ok(accepted) = AcceptEncoding::parse(response.request()) else { return false };
    let known = [Encoding::gzip(), Encoding::identity()];
    accepted.negotiate(known.iter()) == Some(Encoding::gzip())
}

async fn kept_or_compressed(unchanging: Option<Unchanging>, bytes: &Bytes) -> Option<Bytes> {
    let Some(Unchanging(text)) = unchanging else { return compressed(bytes).await };
    let key = (text.as_ptr().addr(), text.len());
    let known = KEPT.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if known.is_some() {
        return known;
    }
    let smaller = compressed(bytes).await?;
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(key, smaller.clone());
    Some(smaller)
}

async fn compressed(bytes: &Bytes) -> Option<Bytes> {
    if bytes.len() < MAX_BYTES_HERE {
        return gzip(bytes);
    }
    let bytes = bytes.clone();
    web::block(move || gzip(&bytes)).await.ok().flatten()
}

fn gzip(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::new(5));
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn text_that_never_changes_is_compressed_once() {
        static TEXT: &str = "All work and no play makes Jack a dull boy. ";
        let bytes = Bytes::from_static(TEXT.as_bytes());
        let [first, second] = [
            kept_or_compressed(Some(Unchanging(TEXT)), &bytes).await.unwrap(),
            kept_or_compressed(Some(Unchanging(TEXT)), &bytes).await.unwrap(),
        ];
        assert_eq!(first.as_ptr(), second.as_ptr());
        let other = kept_or_compressed(None, &bytes).await.unwrap();
        assert!(other == first && other.as_ptr() != first.as_ptr());
    }
}
