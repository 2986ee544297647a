//! Reading a list of addresses that was pasted or uploaded.

use std::pin::pin;

use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};

use super::addresses::{Found, decoded, found};
use crate::{
    console::form::{FormState, Labels},
    extract::{MAX_LIST_BYTES, Upload, UploadBody, UploadLimits},
    locale::Texts,
    problem::{Code, Problem},
};

pub(super) const FIELDS: Labels =
    &[("addresses", "console-files-field-addresses"), ("file", "console-files-field-table")];

/// The largest pasted text and the largest table in bytes. Only the addresses of a table have to fit into the
/// form that adds them.
const MAX_TEXT: usize = 256 * 1_024;
pub(super) const MAX_TABLE: u32 = 2_000_000;
/// What is left in that form for everything but the addresses.
const AROUND: usize = 1_024;

/// Reads the form and the addresses in it. Without addresses, the form says what is wrong.
pub(super) async fn read(
    t: Texts,
    body: &UploadBody,
) -> Result<(FormState, Option<Found>), Problem> {
    let form = FormState::new(t, FIELDS);
    let limits = UploadLimits { text: MAX_TEXT, file: u64::from(MAX_TABLE), files: 1 };
    let mut upload = match body.read_form(&["addresses"], limits).await {
        Ok(upload) => upload,
        Err(problem) => return Ok((too_large(t, form, problem)?, None)),
    };
    let typed = upload.some_text("addresses").unwrap_or_default().to_owned();
    let form = form.with("addresses", &typed);
    let is_file = upload.has_file();
    let text = match (is_file, typed.trim().is_empty()) {
        (true, false) => Err(("file", t.get("console-files-error-both"))),
        (false, true) => Err(("addresses", t.get("console-files-error-none"))),
        (false, false) => Ok(typed),
        (true, true) => match table(&mut upload).await {
            Ok(Some(text)) => Ok(text),
            Ok(None) => Err(("file", t.get("console-files-error-no-table"))),
            Err(problem) => return Ok((too_large(t, form, problem)?, None)),
        },
    };
    let found = text.and_then(|text| checked(t, found(&text), is_file));
    Ok(match found {
        Ok(found) => (form, Some(found)),
        Err((field, text)) => (form.with_error(field, text), None),
    })
}

/// Returns the text of the uploaded table; `None` if the file is not a text.
async fn table(upload: &mut Upload) -> Result<Option<String>, Problem> {
    let bytes = collected(upload.file()).await?;
    upload.next_file().await?;
    Ok(decoded(&bytes))
}

/// Reads a table, which is small enough to be in memory.
async fn collected(
    content: impl Stream<Item = Result<Bytes, Problem>>,
) -> Result<Vec<u8>, Problem> {
    let most = usize::try_from(MAX_TABLE).unwrap_or(usize::MAX);
    let mut content = pin!(content);
    let mut bytes = Vec::new();
    while let Some(part) = content.next().await {
        bytes.extend_from_slice(&part?);
        if bytes.len() > most {
            return Err(Problem::new(Code::PayloadTooLarge));
        }
    }
    Ok(bytes)
}

/// Refuses a list without addresses, or with more of them than a form may have.
fn checked(t: Texts, found: Found, is_file: bool) -> Result<Found, (&'static str, String)> {
    let field = if is_file { "file" } else { "addresses" };
    if found.entries.is_empty() {
        return Err((field, t.get("console-files-error-none")));
    }
    let addresses = found.addresses();
    let size: usize = addresses.iter().map(|address| encoded_length(address) + 1).sum();
    if size > MAX_LIST_BYTES - AROUND {
        let error = t.count("console-files-error-list-too-long", addresses.len());
        return Err((field, error));
    }
    Ok(found)
}

/// Returns whether a list fits into the form that is sent with it.
pub(super) fn fits_form(list: &str) -> bool {
    encoded_length(list) <= MAX_LIST_BYTES - AROUND
}

/// Returns the length of a text in the body of a form.
fn encoded_length(text: &str) -> usize {
    form_urlencoded::byte_serialize(text.as_bytes()).map(str::len).sum()
}

fn too_large(t: Texts, form: FormState, problem: Problem) -> Result<FormState, Problem> {
    let is_text = problem.fields().is_some_and(|it| it.fields().contains_key("addresses"));
    let size = |bytes: u64| t.with("console-files-error-list-too-large", "size", t.size(bytes));
    if is_text {
        Ok(form.with_error("addresses", size(u64::try_from(MAX_TEXT).unwrap_or_default())))
    } else if problem.code() == Code::PayloadTooLarge {
        Ok(form.with_error("file", size(u64::from(MAX_TABLE))))
    } else {
        form.refused(problem)
    }
}
