//! Uploading files, one or several at once.

use actix_web::{Error, HttpResponse};
use tollgate_domain::{
    files::{File, FileAccess, FileError, NewFile, UploadError},
    paging::PageRequest,
    validation::{self, Field, FieldError},
};

use super::{FIELDS, MAX_FILES, access, first_form, page_slug, shown};
use crate::{
    console::{
        form::FormState,
        page::{Notice, see_other_with},
        slugs,
        who::AtHandle,
    },
    creator::files::input::UploadTerms,
    extract::{ConsoleRefusal, Upload, UploadBody, UploadLimits},
    locale::{Texts, isolated},
    problem::{Answer, Code, FieldErrors, Problem},
    state::Http,
};

/// How much of a field is kept, in bytes. It is checked further by its parser, whose errors keep what was typed.
const MAX_TEXT: usize = 4 * 1_024;

/// Files that were stored before an upload ended, and why it did not go on.
struct Stopped {
    stored: Vec<String>,
    form: FormState,
}

/// Stores what was uploaded. The files are never in memory as a whole.
pub(super) async fn upload(
    http: Http,
    at: Result<AtHandle, ConsoleRefusal>,
    body: UploadBody,
) -> Result<HttpResponse, Error> {
    let answer = match at {
        Ok(at) => received(&http, at, &body).await.map_err(Error::from),
        Err(refusal) => Err(refusal.into()),
    };
    if !answer.as_ref().is_ok_and(|answer| answer.status().is_redirection()) {
        body.drain().await;
    }
    answer
}

async fn received(http: &Http, mut at: AtHandle, body: &UploadBody) -> Answer {
    let t = at.screen.t;
    let file = http.use_cases.files.max_bytes();
    let limits = UploadLimits { text: MAX_TEXT, file, files: MAX_FILES };
    let read = body.read_typed(&["access", "pageSlug", "slug"], limits).await;
    let result = match read {
        Ok(upload) => stored(http, &at, upload).await?,
        Err(problem) => {
            let form = unread(t, problem, &t.size_limit(file))?;
            Err(Stopped { stored: Vec::new(), form })
        }
    };
    match result {
        Ok(names) => {
            let notice = Notice::about("console-files-notice-uploaded", names.join(", "));
            Ok(see_other_with(&at.path("/files"), notice))
        }
        Err(Stopped { stored, form }) => {
            if !stored.is_empty() {
                let names = isolated(stored.join(", "));
                at.screen.notice = Some(t.with("console-files-notice-uploaded", "what", names));
            }
            shown(http, at, Some(form), &PageRequest::default()).await
        }
    }
}

/// Returns the form with the reason why an upload was not read at all.
fn unread(t: Texts, problem: Problem, most: &str) -> Result<FormState, Problem> {
    let form = first_form(t, &[]);
    if problem.code() == Code::PayloadTooLarge {
        let text = t.with("console-files-error-too-large-together", "size", most);
        return Ok(form.with_error("file", text));
    }
    form.refused(problem)
}

/// Stores the files one after the other and returns their names.
async fn stored(
    http: &Http,
    at: &AtHandle,
    mut upload: Upload,
) -> Result<Result<Vec<String>, Stopped>, Problem> {
    let mut form = typed(at.screen.t, &upload);
    let mut names = Vec::new();
    let terms = read(at.screen.t, &mut form);
    if !upload.has_file() {
        form.refuse("file", at.screen.t.get("console-files-error-no-file"));
    }
    let Some(terms) = terms.filter(|_| !form.has_errors()) else {
        slugs::refuse_taken::<File>(http, at, &mut form).await?;
        return Ok(Err(Stopped { stored: names, form }));
    };
    loop {
        let name = upload.file_name().unwrap_or_default();
        match store(http, at, &terms, &mut upload, names.is_empty()).await {
            Ok(name) => names.push(name),
            Err(error) => {
                let mut form = refused(http, at, form, error, &name)?;
                if names.is_empty() {
                    slugs::refuse_taken::<File>(http, at, &mut form).await?;
                }
                return Ok(Err(Stopped { stored: names, form }));
            }
        }
        match upload.next_file().await {
            Ok(true) => {}
            Ok(false) => return Ok(Ok(names)),
            Err(problem) => {
                let form = refused(http, at, form, UploadError::Content(problem), "")?;
                return Ok(Err(Stopped { stored: names, form }));
            }
        }
    }
}

fn typed(t: Texts, upload: &Upload) -> FormState {
    let text = |name| upload.some_text(name).unwrap_or_default();
    let form = FormState::new(t, FIELDS).with("access", text("access"));
    form.with("pageSlug", text("pageSlug")).with("slug", text("slug"))
}

fn refused(
    http: &Http,
    at: &AtHandle,
    form: FormState,
    error: UploadError<Problem>,
    name: &str,
) -> Result<FormState, Problem> {
    let t = at.screen.t;
    let too_large = || {
        let most = t.size_limit(http.use_cases.files.max_bytes());
        t.with2("console-files-error-too-large", "name", isolated(name), "size", most)
    };
    let text = match error {
        UploadError::File(FileError::TooLarge { .. }) => too_large(),
        UploadError::Content(problem) if problem.code() == Code::PayloadTooLarge => {
            t.count("console-files-error-too-many", MAX_FILES)
        }
        UploadError::Content(_) => t.get("console-files-error-cut-off"),
        UploadError::File(error) => return form.refused(error),
    };
    Ok(form.with_error("file", text))
}

/// Reads the fields; `None` if they have errors.
fn read(t: Texts, form: &mut FormState) -> Option<UploadTerms> {
    let access = access(t, form);
    let page_slug = page_slug(form, access);
    let mut errors = FieldErrors::new();
    let slug = slugs::typed(form);
    let terms = UploadTerms::read(&mut errors, slug.as_deref(), form.get("access"), page_slug);
    let has_no_page = access == Some(FileAccess::Page) && page_slug.is_none();
    form.add(errors);
    if has_no_page {
        form.refuse("pageSlug", t.get("console-error-page-missing"));
    }
    terms
}

/// Stores the current file of the upload and returns its name. A slug that was typed has to be free for the first
/// file; the others get numbers.
async fn store(
    http: &Http,
    at: &AtHandle,
    terms: &UploadTerms,
    upload: &mut Upload,
    is_first: bool,
) -> Result<String, UploadError<Problem>> {
    let name = upload.file_name().unwrap_or_default();
    let slug = terms.slug.clone().or_else(|| slugs::made_of(&name, "file"));
    let missing =
        || FileError::Invalid(validation::FieldErrors::one(Field::Slug, FieldError::Missing));
    let new = NewFile {
        slug: slug.ok_or_else(missing)?,
        access: terms.access,
        page_slug: terms.page_slug.clone(),
        name,
        content_type: upload.content_type(),
    };
    let (files, creator, handle) = (&http.use_cases.files, &at.creator, &at.handle.name);
    let stored = if is_first && terms.slug.is_some() {
        files.upload(creator, handle, new, upload.file()).await?
    } else {
        files.upload_beside(creator, handle, new, upload.file()).await?
    };
    Ok(stored.name)
}
