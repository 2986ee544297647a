//! Bodies: limited in size, read only when the handler asks for them, and parsed strictly.

use std::{fmt, marker::PhantomData};

use actix_web::{
    HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap, HeaderValue},
    web::{Bytes, BytesMut},
};
use futures_util::StreamExt;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::draft::{self, Draft};
use crate::{
    problem::{Code, Problem},
    state::Receiving,
};

const MAX_JSON: usize = 64 * 1024;
/// Enough for the longest texts of a page, of which each byte may be written as six.
const MAX_LONG_JSON: usize = 512 * 1024;

/// A body that has not been read yet.
pub(crate) struct Incoming {
    announced: Option<u64>,
    payload: Payload,
    receiving: Receiving,
}

/// A JSON body that has not been read yet, so that a caller without permission is refused first.
pub(crate) struct JsonBody {
    is_json: bool,
    incoming: Incoming,
}

/// A raw JSON body.
pub(crate) struct Received {
    is_json: bool,
    bytes: Bytes,
}

/// Returns the length that a body is said to have.
pub(super) fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl Incoming {
    pub(crate) fn new(headers: &HeaderMap, payload: Payload, receiving: Receiving) -> Self {
        Self { announced: announced(headers), payload, receiving }
    }

    pub(super) fn of(req: &HttpRequest, payload: &mut Payload) -> Self {
        Self::new(req.headers(), payload.take(), Receiving::of(req))
    }

    /// Reads a body of at most `most` bytes, if the length that it is said to have is no greater.
    pub(crate) async fn receive(mut self, most: usize) -> Result<Bytes, Problem> {
        if matches!(self.payload, Payload::None) {
            return Ok(Bytes::new());
        }
        let limit = u64::try_from(most).unwrap_or(u64::MAX);
        if self.announced.is_some_and(|length| length > limit) {
            return Err(Problem::larger_than(most));
        }
        let mut bytes = BytesMut::new();
        let pace = self.receiving.begin();
        loop {
            let Some(part) = pace.next(self.payload.next()).await? else {
                return Ok(bytes.freeze());
            };
            let part =
                part.map_err(|_| Problem::because(Code::BadRequest, "The body is incomplete."))?;
            if bytes.len() + part.len() > most {
                return Err(Problem::larger_than(most));
            }
            pace.kept(part.len());
            bytes.extend_from_slice(&part);
        }
    }
}

impl JsonBody {
    pub(crate) async fn receive(self) -> Result<Received, Problem> {
        self.receive_up_to(MAX_JSON).await
    }

    async fn receive_up_to(self, most: usize) -> Result<Received, Problem> {
        let bytes = self.incoming.receive(most).await?;
        Ok(Received { is_json: self.is_json, bytes })
    }

    /// Reads a body whose fields are not parsed further.
    pub(crate) async fn read<T: DeserializeOwned>(self) -> Result<T, Problem> {
        self.draft().await?.whole()
    }

    /// Reads a body whose fields are parsed further.
    pub(crate) async fn draft<T: DeserializeOwned>(self) -> Result<Draft<T>, Problem> {
        self.draft_up_to(MAX_JSON).await
    }

    /// Reads a body that contains the text of a page.
    pub(crate) async fn draft_long<T: DeserializeOwned>(self) -> Result<Draft<T>, Problem> {
        self.draft_up_to(MAX_LONG_JSON).await
    }

    async fn draft_up_to<T: DeserializeOwned>(self, most: usize) -> Result<Draft<T>, Problem> {
        if !self.is_json {
            return Err(no_json());
        }
        self.receive_up_to(most).await?.draft()
    }

    /// Reads a body in which everything is optional. A missing body counts as an empty object.
    pub(crate) async fn read_or_default<T: DeserializeOwned + Default>(self) -> Result<T, Problem> {
        self.receive().await?.parse_or_default()
    }
}

impl Received {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn draft<T: DeserializeOwned>(&self) -> Result<Draft<T>, Problem> {
        if !self.is_json {
            return Err(no_json());
        }
        drafted_json(&self.bytes)
    }

    /// Reads a body in which everything is optional. A missing body counts as an empty object.
    pub(crate) fn draft_or_default<T: DeserializeOwned + Default>(
        &self,
    ) -> Result<Draft<T>, Problem> {
        if self.bytes.is_empty() { Ok(Draft::sound(T::default())) } else { self.draft() }
    }

    pub(crate) fn parse_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Problem> {
        self.draft_or_default()?.whole()
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    is_plain(headers, "application/json")
}

fn no_json() -> Problem {
    Problem::because(Code::UnsupportedMediaType, "Content-Type must be application/json.")
}

/// Returns whether a request has a body of this media type, as it is and not compressed.
pub(super) fn is_plain(headers: &HeaderMap, media_type: &str) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE);
    let (Some(only), None) = (types.next(), types.next()) else { return false };
    let plain = headers.get(header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    plain && essence(only).eq_ignore_ascii_case(media_type)
}

/// Returns a media type without its parameters.
pub(crate) fn essence(content_type: &HeaderValue) -> &str {
    content_type.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

/// Copies the headers that describe the body.
pub(super) fn headers(req: &HttpRequest) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(3);
    for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LENGTH] {
        for value in req.headers().get_all(&name) {
            headers.append(name.clone(), value.clone());
        }
    }
    headers
}

pub(crate) fn drafted_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<Draft<T>, Problem> {
    let malformed = || Problem::because(Code::BadRequest, "The body is not well-formed JSON.");
    let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
    if let Ok(Object(body)) = serde_json::from_str(text) {
        return Ok(Draft::sound(body));
    }
    // What is not JSON is told as that, whatever else is wrong before its end.
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| malformed())?;
    draft::draft(text).map_err(Problem::invalid)
}

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn parsed_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    drafted_json(bytes)?.whole()
}

/// Distinguishes null from a missing field: `#[serde(default, deserialize_with = "nullable")]` reads them as
/// `Some(None)` and `None`. `docs/decisions/0008-absent-and-null.md` explains why.
#[expect(clippy::option_option, reason = "absent, null and a value are three things to say")]
pub(crate) fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// A JSON object. serde's derived code accepts an array in its place, which the description does not allow.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OnlyMaps<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMaps<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(OnlyMaps(PhantomData))
    }
}

extractor!(JsonBody, |req, payload| Self {
    is_json: is_json(req.headers()),
    incoming: Incoming::of(req, payload),
});

#[cfg(test)]
#[path = "../tests/body.rs"]
mod tests;
