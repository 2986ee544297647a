//! Files for visitors. Access is decided with every request, before anything else is read.

use std::ops::Range;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError,
    body::SizedStream,
    http::{
        Method, StatusCode,
        header::{self, ContentRange, ContentRangeSpec, HeaderValue, TryIntoHeaderValue},
    },
    web::Bytes,
};
use futures_util::{StreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use tollgate_domain::{
    access::ResourceType,
    files::{DownloadError, File, ports::FileStoreError},
};

use super::decided;
use crate::{
    dto::{EmptyBody, FileReason, json},
    extract::{FilePath, JsonBody, RangeOutcome, Viewer, prefers_html},
    links::file_page,
    openapi::problem_responses,
    problem::{Answer, Code, Problem},
    state::Http,
};

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FileAccess)]
pub(crate) struct FileDecision {
    has_access: bool,
    reason: FileReason,
}

problem_responses! {
        DownloadProblems: VisitorUnauthorized CreatorUnauthorized FileForbidden FileNotFound
        PreconditionFailed RangeNotSatisfiable;
    CheckProblems: CreatorUnauthorized FileNotFound;
}

/// A file's content.
///
/// Takes one `Range`. Every request is decided anew.
#[utoipa::path(get, path = "/v2/public/files/{handle}/{fileSlug}", tag = "public",
    params(crate::openapi::FileParams, crate::openapi::RangeHeaders),
    security((), ("visitor" = []), ("creator" = [])),
    responses((status = 200, description = "The content, of the file's own type", content_type = "*/*",
        headers(("ETag" = String), ("Accept-Ranges" = String), ("Content-Disposition" = String)),
        example = "Wash the pots."),
        (status = 206, description = "A part of the content", content_type = "*/*",
        headers(("ETag" = String), ("Accept-Ranges" = String), ("Content-Disposition" = String),
            ("Content-Range" = String)), example = "Wash"),
        (status = 303, description = "A browser that may not have it is led to the file's page",
        headers(("Location" = String))),
        (status = 304, description = "The client has it",
        headers(("ETag" = String), ("Accept-Ranges" = String), ("Content-Disposition" = String))),
        DownloadProblems))]
pub(super) async fn download(
    http: Http,
    req: HttpRequest,
    path: FilePath,
    Viewer(claim): Viewer,
) -> Answer {
    let (handle, slug) = path.public()?;
    let about = format!("{}{}", http.installation.handle_origin(&handle), file_page(&slug));
    let file = match http.use_cases.downloads.admit(handle, slug, claim).await {
        Ok(file) => file,
        Err(error) if is_refusal(&error) => return Ok(refused(&req, &about, error)),
        Err(error) => return Err(error.into()),
    };
    http.store_first_view_of(claim.session).await;
    sent(&http, &req, &file).await
}

/// Leads a browser to the page about the file, and tells other clients why they may not have it.
fn refused(req: &HttpRequest, about: &str, error: DownloadError) -> HttpResponse {
    let mut answer = if prefers_html(req.headers()) {
        HttpResponse::SeeOther().insert_header((header::LOCATION, about)).finish()
    } else {
        Problem::from(error).error_response()
    };
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    answer
}

/// Sends the content, or the part of it that the request asks for, to somebody who was admitted to the file.
pub(crate) async fn sent(http: &Http, req: &HttpRequest, file: &File) -> Answer {
    let tag = format!("\"{}\"", hex::encode(file.sha256));
    let wanted = RangeOutcome::of(req.headers(), file.size, &tag);
    // Ranges are for GET only: RFC 9110, section 14.2.
    let only_looks = req.method() == Method::HEAD;
    let range = match wanted {
        RangeOutcome::Mismatched => return Err(Problem::new(Code::PreconditionFailed)),
        RangeOutcome::NotModified => {
            return Ok(head(StatusCode::NOT_MODIFIED, file, &tag).finish());
        }
        RangeOutcome::Unsatisfiable if !only_looks => return Ok(beyond(file)),
        RangeOutcome::Partial(range) if !only_looks => Some(range),
        RangeOutcome::Partial(_) | RangeOutcome::Unsatisfiable | RangeOutcome::Whole => None,
    };
    if only_looks {
        http.use_cases.downloads.look(file).await?;
        let nothing = stream::empty::<Result<Bytes, FileStoreError>>();
        let mut answer = head(StatusCode::OK, file, &tag);
        return Ok(answer.body(SizedStream::new(file.size, nothing)));
    }
    content(http, file, &tag, range).await
}

async fn content(http: &Http, file: &File, tag: &str, range: Option<Range<u64>>) -> Answer {
    let chunks = http.use_cases.downloads.open(file, range.clone()).await?;
    // When the file store fails, the connection ends early, so that the client does not take the file for
    // complete.
    let chunks = chunks.inspect(|chunk| {
        if let Err(error) = chunk {
            tracing::error!(%error, "a download was cut off");
        }
    });
    let Some(range) = range else {
        let mut answer = head(StatusCode::OK, file, tag);
        return Ok(answer.body(SizedStream::new(file.size, chunks)));
    };
    let mut answer = head(StatusCode::PARTIAL_CONTENT, file, tag);
    let last = range.end.saturating_sub(1);
    answer.insert_header(content_range(Some((range.start, last)), file.size));
    Ok(answer.body(SizedStream::new(range.end - range.start, chunks)))
}

fn is_refusal(error: &DownloadError) -> bool {
    matches!(
        error,
        DownloadError::Unauthorized | DownloadError::Forbidden | DownloadError::NotFound
    )
}

/// Whether the caller has access to the file, and the reason.
///
/// The answer is decided anew at every call: nothing is kept from one to the next.
#[utoipa::path(post, path = "/v2/public/files/{handle}/{fileSlug}/access-check", tag = "public",
    params(crate::openapi::FileParams), security((), ("visitor" = []), ("creator" = [])),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "The decision", body = FileDecision), CheckProblems))]
pub(super) async fn check(
    http: Http,
    path: FilePath,
    Viewer(claim): Viewer,
    body: JsonBody,
) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let reason = decided(&http, ResourceType::File, path.public()?, claim).await?;
    let decision = FileDecision { has_access: reason.has_access(), reason: reason.into() };
    Ok(json(StatusCode::OK, &decision))
}

/// Starts an answer with the headers that every answer about the content has.
fn head(status: StatusCode, file: &File, tag: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((header::ETAG, tag))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CONTENT_DISPOSITION, disposition(file)));
    if status != StatusCode::NOT_MODIFIED {
        answer.content_type(file.sent_type());
    }
    answer
}

/// Returns the answer to a request for a range outside the file.
fn beyond(file: &File) -> HttpResponse {
    let mut answer = Problem::new(Code::RangeNotSatisfiable).error_response();
    if let Ok(size) = content_range(None, file.size).try_into_value() {
        answer.headers_mut().insert(header::CONTENT_RANGE, size);
    }
    answer
}

/// Returns the header with the first and the last byte of a part, if there is one, and the file's size.
fn content_range(range: Option<(u64, u64)>, size: u64) -> ContentRange {
    ContentRange(ContentRangeSpec::Bytes { range, instance_length: Some(size) })
}

/// The characters to encode: all except `attr-char` of RFC 8187.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Returns the header of RFC 6266: the name for clients that know UTF-8, and a similar one for others. The
/// typed header of actix leaves characters as they are that RFC 8187 wants encoded, such as `=`.
fn disposition(file: &File) -> String {
    // Only what browsers show without running anything is shown; its type comes from its content.
    let kind = if file.media.is_some() { "inline" } else { "attachment" };
    format!("{kind}; {}", file_names(&file.name))
}

fn file_names(name: &str) -> String {
    let plain = |c: char| match c {
        '"' | '\\' | '%' | '/' => '_',
        ' '..='~' => c,
        _ => '_',
    };
    let fallback: String = name.chars().map(plain).collect();
    let encoded = utf8_percent_encode(name, ENCODED);
    format!("filename=\"{fallback}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_place_in_the_header() {
        for (name, expected) in [
            ("guide.pdf", "attachment; filename=\"guide.pdf\"; filename*=UTF-8''guide.pdf"),
            (
                "a \"b\"; x=y\\.pdf",
                "attachment; filename=\"a _b_; x=y_.pdf\"; filename*=UTF-8''a%20%22b%22%3B%20x%3Dy%5C.pdf",
            ),
            (
                "Größe ☃.txt",
                "attachment; filename=\"Gr__e _.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%98%83.txt",
            ),
            ("a\r\nX: y", "attachment; filename=\"a__X: y\"; filename*=UTF-8''a%0D%0AX%3A%20y"),
            ("100%41'*", "attachment; filename=\"100_41'*\"; filename*=UTF-8''100%2541%27%2A"),
        ] {
            assert_eq!(format!("attachment; {}", file_names(name)), expected);
        }
    }
}
