//! The files of a handle: the list with the form for uploads, each file, and who may have it.

mod addresses;
mod allowlist;
mod change;
mod many;
mod pasted;
mod upload;

use actix_web::web::ServiceConfig;
use askama::Template;
use tollgate_domain::{
    files::{File, FileAccess},
    names::Slug,
    paging::PageRequest,
};

use super::{
    choice::{self, PageChoice},
    form::{FormState, Labels},
    page::{Nav, Screen, When, render},
    who::AtHandle,
};
use crate::{
    creator::files::FileAccessKind,
    dto::TextEnum,
    extract::Paging,
    locale::Texts,
    problem::Answer,
    routes::{form, screen},
    state::Http,
};

const FIELDS: Labels = &[
    ("access", "console-files-field-access"),
    ("pageSlug", "console-files-field-page"),
    ("slug", "console-files-field-new-slug"),
    ("file", "console-files-field-file"),
];

const MAX_FILES: u64 = 100;

#[derive(Template)]
#[template(path = "console/files.html")]
struct FilesScreen {
    t: Texts,
    screen: Screen,
    /// The path of this screen.
    here: String,
    rows: Vec<Row>,
    older: Option<String>,
    pages: Vec<PageChoice>,
    /// The size of the largest file, for people and for the script.
    max_size: String,
    max_bytes: u64,
    /// Whether the form is open.
    is_open: bool,
}

struct Row {
    address: String,
    name: String,
    slug: String,
    size: String,
    kind: String,
    access: Access,
    uploaded: When,
}

/// Who may have a file, in words, and where that is changed.
struct Access {
    text: String,
    /// The address and the words of a link.
    link: Option<(String, String)>,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(form("/{handle}/files", list, upload::upload))
        .service(form("/{handle}/files/{slug}", change::show, change::change))
        .service(screen("/{handle}/files/{slug}/download", change::download))
        .service(form("/{handle}/files/{slug}/delete", change::ask, change::delete))
        .service(form("/{handle}/files/{slug}/allowlist", allowlist::show, allowlist::change))
        .service(form(
            "/{handle}/files/{slug}/allowlist/remove",
            allowlist::ask_to_remove,
            allowlist::remove,
        ))
        .service(form("/{handle}/files/{slug}/allowlist/many", many::show, many::preview));
}

async fn list(http: Http, at: AtHandle, paging: Paging) -> Answer {
    let page = paging.read()?;
    shown(&http, at, None, &page).await
}

/// Shows the list. Without a form of its own, the form for uploads is as it is at first.
async fn shown(http: &Http, at: AtHandle, form: Option<FormState>, page: &PageRequest) -> Answer {
    let files = http.use_cases.files.list(&at.creator, &at.handle.name, page).await?;
    let pages = choice::pages(http, &at).await?;
    let here = at.path("/files");
    let older = files.next.map(|cursor| format!("{here}?cursor={cursor}"));
    let rows: Vec<_> = files.items.iter().map(|file| Row::of(&at, file)).collect();
    let form = form.unwrap_or_else(|| first_form(at.screen.t, &pages));
    let screen = at.screen.on(Nav::Files).with(form);
    let max_bytes = http.use_cases.files.max_bytes();
    let files = FilesScreen {
        t: screen.t,
        is_open: rows.is_empty() && page.after.is_none() || screen.form.has_errors(),
        here,
        rows,
        older,
        pages,
        max_size: screen.t.size_limit(max_bytes),
        max_bytes,
        screen,
    };
    render(files.screen.status(), &files)
}

/// Returns the form as it is at first. Nothing is open to everybody by default.
fn first_form(t: Texts, pages: &[PageChoice]) -> FormState {
    let access = if pages.is_empty() { "" } else { FileAccessKind::Page.as_str() };
    FormState::new(t, FIELDS).with("access", access)
}

/// Returns who may have a file, or adds an error.
fn access(t: Texts, form: &mut FormState) -> Option<FileAccess> {
    let access = FileAccessKind::read(form.get("access")).map(FileAccess::from);
    form.check("access", access.map_err(|_| t.get("console-files-error-access")))
}

/// Returns the slug of the page that a file belongs to. It is chosen in a list that is there whatever the access is.
fn page_slug(form: &FormState, access: Option<FileAccess>) -> Option<&str> {
    form.some("pageSlug").filter(|_| access == Some(FileAccess::Page))
}

/// Returns whether a form is about another file, which had the same slug before.
fn is_of_another(form: &FormState, file: &File) -> bool {
    form.names_another("id", &file.id)
}

/// Returns the path of a file's screen, or of one below it.
fn path_of(at: &AtHandle, slug: &Slug, rest: &str) -> String {
    at.path(&format!("/files/{slug}{rest}"))
}

impl Row {
    fn of(at: &AtHandle, file: &File) -> Self {
        let t = at.screen.t;
        Self {
            address: path_of(at, &file.slug, ""),
            name: file.name.clone(),
            slug: file.slug.to_string(),
            size: t.size(file.size),
            kind: t.file_kind(file),
            access: Access::of(at, file),
            uploaded: When::day(t, file.created_at),
        }
    }
}

impl Access {
    fn of(at: &AtHandle, file: &File) -> Self {
        let t = at.screen.t;
        match (file.access, &file.page) {
            (FileAccess::Public, _) => {
                Self { text: t.get("console-files-access-public"), link: None }
            }
            (FileAccess::Page, Some(page)) => {
                let link = Some((at.editor(&page.slug), page.title.clone()));
                Self { text: t.get("console-files-with-page"), link }
            }
            (FileAccess::Page, None) => {
                Self { text: t.get("console-files-page-deleted"), link: None }
            }
            (FileAccess::Allowlist, _) => {
                let address = path_of(at, &file.slug, "/allowlist");
                let link = Some((address, t.get("console-files-edit-list")));
                Self { text: t.get("console-files-access-list"), link }
            }
        }
    }
}
