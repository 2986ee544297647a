//! Uploads: `multipart/form-data` with a few texts and then a file, which is forwarded as it arrives.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::Duration,
};

use actix_multipart::{Field, Multipart};
#[cfg(feature = "fuzzing")]
use actix_web::{dev::Payload, http::header};
use actix_web::{http::header::HeaderMap, rt::time::timeout, web::Bytes};
use futures_util::{Stream, StreamExt, stream};
use tollgate_domain::validation::FieldError;

use super::{
    body::{announced, headers, is_plain},
    draft::shortened,
    source::Source,
};
use crate::{
    problem::{Code, FieldErrors, Problem},
    state::Receiving,
};

/// The space for all texts, headers and boundaries of an upload, in bytes.
const AROUND_THE_FILE: u64 = 64 * 1024;
const MAX_TEXT: usize = 1_024;
/// The number of wrong parts after which no more parts are read.
const MAX_WRONG: usize = 100;
/// The number of bytes of a text that is too long that are read, so that the errors of the parts behind it are known.
const MAX_SKIPPED: usize = 64 * 1024;
/// The number of bytes of a refused upload that are read. Many clients read the answer only after they have
/// sent their request.
const DRAINED_BYTES: u64 = 16 * 1024 * 1024;
const DRAINED_FOR: Duration = Duration::from_secs(5);
/// How long to wait for the first byte of a refused upload before closing. A client that sends the body without waiting for
/// `100 Continue` does so right behind the headers.
const BEGUN_WITHIN: Duration = Duration::from_millis(250);

/// How much a form with texts and files may contain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UploadLimits {
    /// The longest text in bytes.
    pub(crate) text: usize,
    /// The largest file in bytes.
    pub(crate) file: u64,
    /// The greatest number of files.
    pub(crate) files: u64,
}

/// An upload that has not been read yet, so that a caller without permission is refused first.
pub(crate) struct UploadBody {
    headers: HeaderMap,
    source: Rc<Source>,
}

/// The texts of an upload, and the files that follow.
pub(crate) struct Upload {
    texts: BTreeMap<String, String>,
    /// The names of the texts of which only the beginning was kept; `None` if one that is too long is an error.
    cut: Option<BTreeSet<String>>,
    /// What is wrong with the parts before the file.
    errors: FieldErrors,
    limits: UploadLimits,
    /// The number of files that may follow the current one.
    files_left: u64,
    file: Option<Field>,
    rest: Multipart,
    source: Rc<Source>,
}

#[cfg(feature = "fuzzing")]
impl UploadBody {
    /// Creates an upload of these bytes.
    pub(crate) fn of(content_type: &'static str, bytes: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
        Self { headers, source: Source::new(Payload::from(bytes), Receiving::new(usize::MAX)) }
    }
}

impl UploadBody {
    /// Reads all texts before the file, and keeps what is wrong with the parts for [`Upload::errors`]. Names outside `known` are
    /// wrong.
    pub(crate) async fn draft(&self, known: &[&str], most_bytes: u64) -> Result<Upload, Problem> {
        let limits = UploadLimits { text: MAX_TEXT, file: most_bytes, files: 1 };
        let mut upload = self.begin(known, limits, None).await?;
        if upload.file.is_none() {
            upload.errors.add("file", "is required, after all other parts");
        }
        Ok(upload)
    }

    /// Reads all texts before the files of a form, which may also have none.
    pub(crate) async fn read_form(
        &self,
        known: &[&str],
        limits: UploadLimits,
    ) -> Result<Upload, Problem> {
        self.begin(known, limits, None).await?.without_errors()
    }

    /// Reads a form like [`read_form`](Self::read_form) in which somebody may have typed or pasted far too much. It is cut off,
    /// so that the form can be shown again with what is wrong; see [`Upload::is_cut`].
    pub(crate) async fn read_typed(
        &self,
        known: &[&str],
        limits: UploadLimits,
    ) -> Result<Upload, Problem> {
        self.begin(known, limits, Some(BTreeSet::new())).await?.without_errors()
    }

    async fn begin(
        &self,
        known: &[&str],
        limits: UploadLimits,
        cut: Option<BTreeSet<String>>,
    ) -> Result<Upload, Problem> {
        let texts = limits.text.saturating_mul(known.len());
        let around = AROUND_THE_FILE.saturating_add(u64::try_from(texts).unwrap_or(u64::MAX));
        self.check_head(limits.file.saturating_mul(limits.files).saturating_add(around))?;
        let source = self.source.clone();
        source.left.set(limits.file.saturating_add(around));
        let rest = self.parts();
        let (texts, files_left) = (BTreeMap::new(), limits.files);
        let errors = FieldErrors::new();
        let mut upload =
            Upload { texts, cut, errors, limits, files_left, file: None, rest, source };
        upload.read_texts(known).await?;
        Ok(upload)
    }

    fn parts(&self) -> Multipart {
        let bytes = stream::unfold(self.source.clone(), |source| async {
            let next = source.next().await?;
            Some((next, source))
        });
        // The parser may poll the stream again after its end.
        Multipart::new(&self.headers, bytes.fuse())
    }

    /// Reads the texts before the first file, whatever their names are, and whether a file was chosen. They have at most so many
    /// bytes together.
    pub(crate) async fn texts(
        &self,
        most_bytes: usize,
    ) -> Result<(Vec<(String, String)>, bool), Problem> {
        self.check_head(u64::MAX)?;
        let most = u64::try_from(most_bytes).unwrap_or(u64::MAX);
        self.source.left.set(most.saturating_add(AROUND_THE_FILE));
        let (mut parts, mut texts, mut left) = (self.parts(), Vec::new(), most_bytes);
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(|error| self.source.problem(&error))?;
            let name = part.name().unwrap_or_default().to_owned();
            if name == "file" {
                return Ok((texts, is_chosen(&part)));
            }
            let mut text = Vec::new();
            while let Some(bytes) = part.next().await {
                let bytes = bytes.map_err(|error| self.source.problem(&error))?;
                let rest = left.checked_sub(bytes.len());
                left = rest.ok_or_else(|| Problem::new(Code::PayloadTooLarge))?;
                text.extend_from_slice(&bytes);
                self.source.keeps(bytes.len());
            }
            let text = String::from_utf8(text);
            texts.push((name, text.map_err(|_| Problem::new(Code::BadRequest))?));
        }
        Ok((texts, false))
    }

    fn check_head(&self, most_bytes: u64) -> Result<(), Problem> {
        if !is_plain(&self.headers, "multipart/form-data") {
            let detail = "Content-Type must be multipart/form-data.";
            return Err(Problem::because(Code::UnsupportedMediaType, detail));
        }
        if announced(&self.headers).is_some_and(|length| length > most_bytes) {
            return Err(Problem::new(Code::PayloadTooLarge));
        }
        Ok(())
    }

    /// Reads and discards the rest of a body that is on its way, for a limited time, so that the client receives its answer:
    /// a browser that is still sending when the connection is closed shows an error of its own. A client that waits for the
    /// answer before it sends anything has it at once, and the connection is closed behind it.
    pub(crate) async fn drain(&self) {
        self.source.left.set(DRAINED_BYTES);
        if !self.source.has_begun.get() {
            let first = timeout(BEGUN_WITHIN, self.source.next()).await;
            if !matches!(first, Ok(Some(Ok(_)))) {
                return;
            }
        }
        let drain = async { while let Some(Ok(_)) = self.source.next().await {} };
        // The rest is cut off after that time.
        let _ = timeout(DRAINED_FOR, drain).await;
    }
}

impl Upload {
    async fn read_texts(&mut self, known: &[&str]) -> Result<(), Problem> {
        let mut wrong = 0_usize;
        while let Some(part) = self.rest.next().await {
            let part = part.map_err(|error| self.source.problem(&error))?;
            let name = part.name().unwrap_or_default().to_owned();
            if name == "file" {
                self.files_left = self.files_left.saturating_sub(1);
                self.file = Some(part);
                return Ok(());
            }
            if !self.keep(known, name, part).await? {
                wrong += 1;
            }
            if wrong > MAX_WRONG {
                return Err(Problem::invalid(self.errors.clone()));
            }
        }
        Ok(())
    }

    /// Keeps the text of a part. Returns whether it was right, or adds its error.
    async fn keep(&mut self, known: &[&str], name: String, part: Field) -> Result<bool, Problem> {
        if !known.contains(&&*name) {
            let shown = shortened(&name);
            self.errors.add(&shown, "is not a part of this request");
            let _ = self.read_text(&shown, part).await?;
            return Ok(false);
        }
        let text = self.read_text(&name, part).await?;
        let Some(text) = self.errors.check(&name, text) else { return Ok(false) };
        if self.texts.contains_key(&name) {
            self.errors.add(&name, "is there twice");
            return Ok(false);
        }
        self.texts.insert(name, text);
        Ok(true)
    }

    /// Reads a text. One that is somewhat too long is skipped; behind a longer one nothing is read. Where texts are cut, the
    /// beginning is kept of all that are too long.
    async fn read_text(
        &mut self,
        name: &str,
        mut part: Field,
    ) -> Result<Result<String, FieldError>, Problem> {
        let (mut text, mut size) = (Vec::new(), 0_usize);
        while let Some(bytes) = part.next().await {
            let bytes = bytes.map_err(|error| self.source.problem(&error))?;
            size = size.saturating_add(bytes.len());
            let room = self.limits.text.saturating_sub(text.len());
            text.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
            if self.cut.is_none() && size > self.limits.text.saturating_add(MAX_SKIPPED) {
                let mut errors = self.errors.clone();
                errors.add(name, FieldError::Oversized);
                return Err(Problem::invalid(errors));
            }
        }
        if size > self.limits.text {
            let Some(cut) = &mut self.cut else { return Ok(Err(FieldError::Oversized)) };
            cut.insert(name.to_owned());
            end_whole(&mut text);
        }
        Ok(String::from_utf8(text).map_err(|_| "must be UTF-8".into()))
    }

    /// Returns what is wrong with the parts so far.
    pub(crate) fn errors(&self) -> &FieldErrors {
        &self.errors
    }

    fn without_errors(mut self) -> Result<Self, Problem> {
        std::mem::take(&mut self.errors).finish().map_err(Problem::invalid)?;
        Ok(self)
    }

    /// Returns a text, or records that it is missing.
    pub(crate) fn text(&self, name: &str, errors: &mut FieldErrors) -> Option<&str> {
        let text = self.some_text(name);
        if text.is_none() {
            errors.add(name, "is required, before file");
        }
        text
    }

    pub(crate) fn some_text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// Returns whether only the beginning of a text was kept, which ends with a mark then.
    pub(crate) fn is_cut(&self, name: &str) -> bool {
        self.cut.as_ref().is_some_and(|cut| cut.contains(name))
    }

    /// Returns the client's name for the file, without validation.
    pub(crate) fn file_name(&self) -> Option<String> {
        file_name(self.file.as_ref()?)
    }

    pub(crate) fn content_type(&self) -> Option<String> {
        self.file.as_ref()?.content_type().map(ToString::to_string)
    }

    /// Returns whether a file was chosen.
    pub(crate) fn has_file(&self) -> bool {
        self.file.as_ref().is_some_and(is_chosen)
    }

    pub(crate) fn file(&mut self) -> impl Stream<Item = Result<Bytes, Problem>> {
        stream::try_unfold(self, |upload| async {
            let Some(file) = &mut upload.file else { return Ok(None) };
            match file.next().await {
                Some(Ok(bytes)) => Ok(Some((bytes, upload))),
                Some(Err(error)) => Err(upload.source.problem(&error)),
                None => Ok(None),
            }
        })
    }

    /// Goes on to the next file and returns whether there is one. What was not read of the current file is
    /// skipped.
    pub(crate) async fn next_file(&mut self) -> Result<bool, Problem> {
        self.file = None;
        self.source.left.set(self.limits.file.saturating_add(AROUND_THE_FILE));
        match self.rest.next().await {
            None => Ok(false),
            Some(Ok(part)) if part.name() == Some("file") => {
                let left = self.files_left.checked_sub(1);
                self.files_left = left.ok_or_else(|| Problem::new(Code::PayloadTooLarge))?;
                self.file = Some(part);
                Ok(true)
            }
            Some(Ok(part)) => Err(misplaced(&part)),
            Some(Err(error)) => Err(self.source.problem(&error)),
        }
    }

    /// Returns the bytes of the only file. Another part after it is an error.
    pub(crate) fn content(self) -> impl Stream<Item = Result<Bytes, Problem>> {
        stream::try_unfold(self, |mut upload| async {
            if let Some(file) = &mut upload.file {
                match file.next().await {
                    Some(Ok(bytes)) => return Ok(Some((bytes, upload))),
                    Some(Err(error)) => return Err(upload.source.problem(&error)),
                    None => upload.file = None,
                }
            }
            match upload.rest.next().await {
                None => Ok(None),
                Some(Ok(part)) => Err(misplaced(&part)),
                Some(Err(error)) => Err(upload.source.problem(&error)),
            }
        })
    }
}

/// Ends a text that was cut off with a whole character, and marks where.
fn end_whole(text: &mut Vec<u8>) {
    if let Err(error) = str::from_utf8(text)
        && error.error_len().is_none()
    {
        text.truncate(error.valid_up_to());
    }
    text.extend_from_slice("…".as_bytes());
}

/// Returns whether a file was chosen: a browser sends a field that was left empty as a file without a name.
fn is_chosen(part: &Field) -> bool {
    file_name(part).is_some_and(|name| !name.is_empty())
}

/// Returns the client's name for a file, without validation.
fn file_name(part: &Field) -> Option<String> {
    let disposition = part.content_disposition()?;
    let extended = disposition.get_filename_ext();
    let extended = extended.and_then(|name| String::from_utf8(name.value.clone()).ok());
    // Browsers escape these three characters only.
    let plain = disposition
        .get_filename()
        .map(|name| name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
    extended.or(plain)
}

/// Returns the problem of a part behind the last file.
fn misplaced(part: &Field) -> Problem {
    let name = shortened(part.name().unwrap_or_default());
    let error = if name == "file" { "is there twice" } else { "must come before file" };
    Problem::field(&name, error)
}

extractor!(UploadBody, |req, payload| {
    Self { headers: headers(req), source: Source::new(payload.take(), Receiving::of(req)) }
});

#[cfg(test)]
#[path = "../tests/upload.rs"]
mod tests;
