//! A file: what is said of it, who may have it, and its end.

use std::iter;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use tollgate_domain::{
    creators::{AccessMode, Page},
    files::{File, FileAccess, FileChange, FileError},
    id::FileId,
};

use super::{access, page_slug, path_of};
use crate::{
    console::{
        choice::{self, PageChoice},
        confirm::{Confirmation, confirm, deleted_before, is_unclear, to_delete},
        conflict::Conflict,
        form::{FormState, Labels},
        named::{Named, On, find, slug_of},
        page::{Nav, Notice, Screen, When, render, see_other_with},
        slugs,
        who::AtHandle,
    },
    creator::files::{FileAccessKind, input::FileChangeBody},
    dto::TextEnum,
    extract::Form,
    links::file_page,
    locale::{Texts, isolated},
    problem::{Answer, Problem},
    public,
    state::Http,
};

const FIELDS: Labels = &[
    ("name", "console-files-field-name"),
    ("slug", "console-files-field-slug"),
    ("access", "console-files-field-access"),
    ("pageSlug", "console-files-field-page"),
];

/// The media type of downloads from the console's host, so that no browser takes a file for a script of it.
const BYTES: &str = "application/octet-stream";

#[derive(Template)]
#[template(path = "console/file.html")]
struct FileScreen {
    t: Texts,
    screen: Screen,
    /// The path of this screen.
    here: String,
    name: String,
    size: String,
    kind: String,
    uploaded: When,
    /// The address to give to people.
    address: String,
    /// What shows the file inside a page.
    markdown: Option<String>,
    is_by_list: bool,
    /// Whether the page that the file belonged to was deleted.
    is_orphan: bool,
    pages: Vec<PageChoice>,
    conflict: Option<Conflict>,
}

pub(super) async fn show(http: Http, on: On<File>) -> Answer {
    let form = filled(on.at.screen.t, &on.it);
    shown(&http, on, form, None).await
}

fn filled(t: Texts, file: &File) -> FormState {
    let page = file.page.as_ref().map(|page| page.slug.as_str());
    FormState::new(t, FIELDS)
        .with("name", &file.name)
        .with("slug", file.slug.as_str())
        .with("access", FileAccessKind::from(file.access).as_str())
        .with("pageSlug", page.unwrap_or_default())
        .with("version", file.version().to_string())
}

async fn shown(http: &Http, on: On<File>, form: FormState, conflict: Option<Conflict>) -> Answer {
    let On { at, it: file } = on;
    let mut pages = choice::pages(http, &at).await?;
    // An archived page is offered only for the files that it has.
    if let Some(page) = &file.page
        && pages.iter().all(|known| known.slug != page.slug)
    {
        let label = format!("{} {}", page.title, at.screen.t.get("console-pages-mark-archived"));
        pages.push(PageChoice { slug: page.slug.clone(), label, price: None });
    }
    let here = path_of(&at, &file.slug, "");
    let origin = http.installation.handle_origin(&at.handle.name);
    let screen = at.screen.on(Nav::Files).with(form);
    let shown = FileScreen {
        t: screen.t,
        here,
        size: screen.t.size(file.size),
        kind: screen.t.file_kind(&file),
        uploaded: When::exact(screen.t, file.created_at),
        address: format!("{origin}{}", file_page(&file.slug)),
        markdown: file.media.as_ref().map(|_| format!("![]({})", file.slug)),
        is_by_list: file.access == FileAccess::Allowlist,
        is_orphan: file.access == FileAccess::Page && file.page.is_none(),
        name: file.name,
        pages,
        conflict,
        screen,
    };
    render(shown.screen.status_unless(shown.conflict.is_some()), &shown)
}

pub(super) async fn change(http: Http, on: On<File>, form: Form) -> Answer {
    let On { at, it: file } = &on;
    let mut form = FormState::read(at.screen.t, FIELDS, form).await?;
    let Some(change) = read(at.screen.t, &mut form, file) else {
        return refused(&http, on, form).await;
    };
    let (files, name, slug) = (&http.use_cases.files, &at.handle.name, &file.slug);
    match files.change(&at.creator, name, slug, change, &form.based_on()).await {
        Ok(changed) => Ok(saved(at, &changed)),
        Err(FileError::VersionConflict) => conflicted(&http, on, form).await,
        Err(error) => refused(&http, on, form.refused(error)?).await,
    }
}

fn saved(at: &AtHandle, file: &File) -> HttpResponse {
    see_other_with(&path_of(at, &file.slug, ""), Notice::new("console-notice-saved"))
}

/// Shows what somebody else stored beside what was typed. A form that was only sent twice is saved already.
async fn conflicted(http: &Http, on: On<File>, mut form: FormState) -> Answer {
    let t = on.at.screen.t;
    let it = File::owned(http, &on.at, &on.it.slug).await?;
    let on = On { it, ..on };
    let stored = filled(t, &on.it);
    let told = |form: &FormState, field: &str| told(t, form, field);
    let Some(conflict) = Conflict::between(t, FIELDS, &mut form, &stored, told) else {
        return Ok(saved(&on.at, &on.it));
    };
    let conflict = conflict.back_to(path_of(&on.at, &on.it.slug, ""));
    shown(http, on, form, Some(conflict)).await
}

/// Returns what a field says, as the screen names it.
fn told(t: Texts, form: &FormState, field: &str) -> String {
    let access = FileAccessKind::read(form.get("access"));
    match (field, access) {
        ("access", Ok(FileAccessKind::Page)) => t.get("console-files-access-page"),
        ("access", Ok(FileAccessKind::Allowlist)) => t.get("console-files-access-list"),
        ("access", Ok(FileAccessKind::Public)) => t.get("console-files-access-public"),
        // The list of pages is there whatever the access is.
        ("pageSlug", Ok(FileAccessKind::Allowlist | FileAccessKind::Public)) => String::new(),
        ("slug", _) => slugs::typed(form).unwrap_or_default(),
        _ => form.get(field).trim().to_owned(),
    }
}

/// Shows the form again, also with the error of a slug that another file has.
async fn refused(http: &Http, on: On<File>, mut form: FormState) -> Answer {
    if slugs::typed(&form).as_deref() != Some(on.it.slug.as_str()) {
        slugs::refuse_taken::<File>(http, &on.at, &mut form).await?;
    }
    shown(http, on, form, None).await
}

/// Reads the form; `None` if fields of it have errors.
fn read(t: Texts, form: &mut FormState, file: &File) -> Option<FileChange> {
    form.needs("name");
    let access = access(t, form);
    let is_new = access.is_some_and(|access| access != file.access);
    if is_new && access == Some(FileAccess::Page) && page_slug(form, access).is_none() {
        form.refuse("pageSlug", t.get("console-error-page-missing"));
    }
    let body = FileChangeBody {
        slug: Some(slugs::typed(form).unwrap_or_default()),
        name: Some(form.get("name").trim().to_owned()),
        access: access
            .filter(|_| is_new)
            .map(|access| FileAccessKind::from(access).as_str().to_owned()),
        page_slug: page_slug(form, access).map(|slug| Some(slug.to_owned())),
    };
    form.parsed(FileChange::try_from(body))
}

pub(super) async fn download(http: Http, on: On<File>, req: HttpRequest) -> Answer {
    public::sent(&http, &req, &File { content_type: BYTES.to_owned(), ..on.it }).await
}

/// Asks before the file is deleted.
pub(super) async fn ask(http: Http, on: On<File>) -> Answer {
    let form = FormState::new(on.at.screen.t, &[]);
    shown_delete(&http, on, form).await
}

async fn shown_delete(http: &Http, on: On<File>, form: FormState) -> Answer {
    let On { at, it: file } = on;
    let t = at.screen.t;
    let effects = effects(http, &at, &file).await?;
    let asked = Confirmation {
        heading: t.with("console-files-delete-heading", "name", isolated(&file.name)),
        effects,
        action: path_of(&at, &file.slug, "/delete"),
        button: t.get("console-files-delete-button"),
        back: path_of(&at, &file.slug, ""),
        hidden: to_delete(&file.id, &file.name, &file.version()),
    };
    confirm(at.screen.on(Nav::Files).with(form), asked)
}

/// Says what becomes of everybody who has the file.
async fn effects(http: &Http, at: &AtHandle, file: &File) -> Result<Vec<String>, Problem> {
    let ends = if is_sold(http, at, file).await? {
        "console-files-delete-effect-sold"
    } else {
        "console-files-delete-effect"
    };
    let more = [
        (file.media.is_some(), "console-files-delete-effect-shown"),
        (file.access == FileAccess::Allowlist, "console-files-delete-effect-list"),
    ];
    let more = more.into_iter().filter(|(applies, _)| *applies).map(|(_, text)| text);
    Ok(iter::once(ends).chain(more).map(|text| at.screen.t.get(text)).collect())
}

async fn is_sold(http: &Http, at: &AtHandle, file: &File) -> Result<bool, Problem> {
    let Some(page) = &file.page else { return Ok(false) };
    let page = Page::owned(http, at, &page.slug).await?;
    Ok(page.mode == AccessMode::Paid)
}

/// Deletes the file as the screen showed it. A form that was only sent twice has deleted it already.
pub(super) async fn delete(http: Http, at: AtHandle, req: HttpRequest, form: Form) -> Answer {
    let (slug, files) = (slug_of::<File>(&req)?, &http.use_cases.files);
    let form = FormState::read(at.screen.t, &[], form).await?;
    let (creator, name) = (&at.creator, &at.handle.name);
    let there: Option<File> = find(&http, &at, &slug).await?;
    let done = |notice: &'static str, called: String| {
        Ok(see_other_with(&at.path("/files"), Notice::about(notice, called)))
    };
    if let Some(called) = deleted_before(&form, there.as_ref().map(|file| &file.id)) {
        // It may have another slug by now.
        return done("console-files-notice-gone", called);
    }
    let it = there.ok_or_else(|| Problem::new(File::MISSING))?;
    if is_unclear::<FileId>(&form) {
        return shown_delete(&http, On { at, it }, form.outdated()).await;
    }
    let called = it.name;
    match files.delete(creator, name, &slug, &form.based_on()).await {
        Ok(()) | Err(FileError::NotFound) => done("console-files-notice-deleted", called),
        Err(FileError::VersionConflict) => {
            let it = File::owned(&http, &at, &slug).await?;
            shown_delete(&http, On { at, it }, form.outdated()).await
        }
        Err(error) => Err(error.into()),
    }
}
