//! Uploading a picture, sound or video that pages show.

use std::pin::Pin;

use actix_web::{HttpResponse, web::Bytes};
use askama::Template;
use futures_util::{Stream, StreamExt, stream};
use tollgate_domain::{
    files::{File, FileAccess, Media, MediaKind, NewFile, UploadError},
    names::Slug,
    validation::{self, FieldError},
};

use super::super::{
    form::{FormState, Labels},
    named::Named,
    page::{Nav, Screen, render, see_other},
    slugs,
    who::AtHandle,
};
use crate::{
    extract::{ConsoleRefusal, Query, Upload, UploadBody, UploadLimits},
    links::file_path,
    locale::Texts,
    problem::{Answer, Code, Problem},
    state::Http,
};

const FIELDS: Labels = &[("alt", "console-pages-field-alt"), ("file", "console-pages-field-file")];

/// The longest description, in characters.
const MAX_ALT: usize = 200;
/// How much of a description is kept to be shown again, in bytes. It is more than one may have.
const MAX_TEXT: usize = 4 * 1_024;

/// How much of a file is read before anything of it is stored, in bytes. It is enough to tell its type.
const HEAD_BYTES: usize = 4_096;

#[derive(Template)]
#[template(path = "console/page_pictures.html")]
struct PicturesScreen {
    t: Texts,
    screen: Screen,
    hint: String,
    added: Option<Added>,
}

/// The file that was just uploaded.
struct Added {
    markdown: String,
    /// The address of the content, if it is a picture.
    picture: Option<String>,
    alt: String,
}

/// The reason why nothing was added.
enum Refused {
    /// Something about the form.
    Form(Box<(AtHandle, FormState)>),
    Problem(Problem),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

pub(super) async fn show(http: Http, at: AtHandle, query: Query) -> Answer {
    let [added, alt] = query.read(["added", "alt"])?;
    let slug = added.and_then(|slug| slug.parse::<Slug>().ok());
    let added = match slug {
        Some(slug) => {
            let file = File::owned(&http, &at, &slug).await?;
            Some(Added::of(&at, &file, &alt.unwrap_or_default()))
        }
        None => None,
    };
    let form = FormState::new(at.screen.t, FIELDS);
    shown(&http, at, form, added)
}

fn shown(http: &Http, at: AtHandle, form: FormState, added: Option<Added>) -> Answer {
    let screen = at.screen.on(Nav::Pages).with(form);
    let size = screen.t.size_limit(http.use_cases.files.max_bytes());
    let hint = screen.t.with("console-pages-picture-hint", "size", size);
    render(screen.status(), &PicturesScreen { t: screen.t, screen, hint, added })
}

/// Stores the file for everybody, and leads to the screen that gives the Markdown for it.
pub(super) async fn add(
    http: Http,
    at: Result<AtHandle, ConsoleRefusal>,
    body: UploadBody,
) -> Result<HttpResponse, ConsoleRefusal> {
    let at = match at {
        Ok(at) => at,
        Err(refusal) => {
            body.drain().await;
            return Err(refusal);
        }
    };
    match take_in(&http, at, &body).await {
        Ok(address) => Ok(see_other(&address)),
        Err(refused) => {
            body.drain().await;
            match refused {
                Refused::Form(refused) => Ok(shown(&http, refused.0, refused.1, None)?),
                Refused::Problem(problem) => Err(problem.into()),
            }
        }
    }
}

async fn take_in(http: &Http, at: AtHandle, body: &UploadBody) -> Result<String, Refused> {
    let files = &http.use_cases.files;
    let form = FormState::new(at.screen.t, FIELDS);
    let limits = UploadLimits { text: MAX_TEXT, file: files.max_bytes(), files: 1 };
    let upload = match body.read_typed(&["alt"], limits).await {
        Ok(upload) => upload,
        Err(problem) => return Err(refused(http, at, form, problem)),
    };
    let (alt, form) = described(form, &upload);
    if form.has_errors() {
        return Err(Refused::Form(Box::new((at, form))));
    }
    let name = upload.file_name().filter(|name| !name.trim().is_empty());
    let slug = name.as_deref().and_then(|name| slugs::made_of(name, "picture"));
    let (Some(name), Some(slug)) = (name, slug) else {
        return Err(refused_file(at, form, "console-pages-error-no-file"));
    };
    let new = NewFile {
        slug,
        access: FileAccess::Public,
        page_slug: None,
        name,
        content_type: upload.content_type(),
    };
    let content = match checked(upload).await {
        Ok(Some(content)) => content,
        Ok(None) => return Err(refused_file(at, form, "console-pages-error-not-media")),
        Err(problem) => return Err(refused(http, at, form, problem)),
    };
    match files.upload_beside(&at.creator, &at.handle.name, new, content).await {
        Ok(file) => Ok(added_path(&at, &file.slug, &alt)),
        Err(UploadError::Content(problem)) => Err(refused(http, at, form, problem)),
        Err(UploadError::File(error)) => Err(refused(http, at, form, error.into())),
    }
}

/// Returns the description of a file, and the form with what is wrong with it.
fn described(form: FormState, upload: &Upload) -> (String, FormState) {
    let alt = plain(upload.some_text("alt").unwrap_or_default());
    let mut form = form.with("alt", &alt);
    let checked = if upload.is_cut("alt") {
        Err(FieldError::TooLong(MAX_ALT))
    } else {
        validation::text(&alt, 0, MAX_ALT)
    };
    let _ = form.check("alt", checked);
    (alt, form)
}

type Content = Pin<Box<dyn Stream<Item = Result<Bytes, Problem>>>>;

/// Returns the content if browsers show it inside pages. Only its first part is read here.
async fn checked(upload: Upload) -> Result<Option<Content>, Problem> {
    let mut content = Box::pin(upload.content());
    let mut parts = Vec::new();
    let mut head = Vec::new();
    while head.len() < HEAD_BYTES {
        let Some(part) = content.next().await else { break };
        let part = part?;
        head.extend_from_slice(&part);
        parts.push(Ok(part));
    }
    if Media::of(&head).is_none() {
        return Ok(None);
    }
    Ok(Some(Box::pin(stream::iter(parts).chain(content))))
}

/// Returns the refusal of an upload. What is wrong with the file stands beside its field.
fn refused(http: &Http, at: AtHandle, form: FormState, problem: Problem) -> Refused {
    let t = at.screen.t;
    let about_file = problem.fields().is_some_and(|fields| fields.fields().contains_key("file"));
    if about_file {
        return refused_file(at, form, "console-pages-error-no-file");
    }
    if problem.code() == Code::PayloadTooLarge {
        let size = t.size_limit(http.use_cases.files.max_bytes());
        let text = t.with("console-pages-error-too-large", "size", size);
        return Refused::Form(Box::new((at, form.with_error("file", text))));
    }
    match form.refused(problem) {
        Ok(form) => Refused::Form(Box::new((at, form))),
        Err(problem) => Refused::Problem(problem),
    }
}

fn refused_file(at: AtHandle, form: FormState, id: &str) -> Refused {
    let form = form.with_error("file", at.screen.t.get(id));
    Refused::Form(Box::new((at, form)))
}

/// Returns the text as it can stand between the brackets of Markdown.
fn plain(alt: &str) -> String {
    let words: Vec<_> = alt.split_whitespace().collect();
    words.join(" ").replace(['[', ']', '\\'], "")
}

fn added_path(at: &AtHandle, slug: &Slug, alt: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("added", slug.as_str())
        .append_pair("alt", alt)
        .finish();
    at.path(&format!("/pictures?{query}"))
}

impl Added {
    fn of(at: &AtHandle, file: &File, alt: &str) -> Self {
        let alt = plain(alt);
        let is_picture = file.media.is_some_and(|media| media.kind() == MediaKind::Image);
        Self {
            markdown: format!("![{alt}]({})", file.slug),
            picture: is_picture.then(|| file_path(&at.handle.name, &file.slug)),
            alt,
        }
    }
}
