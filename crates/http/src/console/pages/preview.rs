//! What a page will look like, and what its price means, before they are saved.

use actix_web::http::StatusCode;
use askama::Template;
use tollgate_domain::files::File;

use super::{
    super::{
        form::FormState,
        page::render,
        price::{self, Typed},
        who::AtHandle,
    },
    input::{FIELDS, is_paid},
};
use crate::{
    extract::Form,
    locale::Texts,
    markdown::{self, OwnFiles, Part},
    own_files,
    problem::{Answer, Problem},
    state::Http,
};

/// The preview of a page.
pub(super) struct Preview {
    pub(super) is_shown: bool,
    pub(super) title: String,
    pub(super) teaser: String,
    pub(super) body: String,
    /// What the price means, in sentences.
    pub(super) told: Vec<String>,
    /// What is wrong with the price, if the form itself does not say it.
    pub(super) wrong: Option<String>,
}

/// The parts of the editor that a script puts in place.
#[derive(Template)]
#[template(path = "console/page_preview.html")]
struct PreviewParts {
    t: Texts,
    preview: Preview,
}

impl Preview {
    /// Returns the preview of what is in the form, or an empty one that shows only what the price means.
    pub(super) async fn of(
        http: &Http,
        at: &AtHandle,
        form: &FormState,
        is_shown: bool,
    ) -> Result<Self, Problem> {
        let t = at.screen.t;
        let texts =
            [form.get("teaser"), form.get("body")].map(|text| if is_shown { text } else { "" });
        let own = own_files(http, at, &texts).await?;
        let ([teaser, body], creator) = (texts, at.creator.id);
        let teaser = markdown::render_once(creator, t, Part::Teaser, teaser, &own).await?;
        let body = markdown::render_once(creator, t, Part::Body, body, &own).await?;
        let mut copy = form.clone();
        let typed = if is_paid(form) { price::read(t, &mut copy) } else { Typed::Empty };
        let told = match typed {
            Typed::Price(price) => price::told(http, t, price),
            Typed::Empty | Typed::Wrong => Vec::new(),
        };
        let title = form.get("title").to_owned();
        Ok(Self { is_shown, title, teaser, body, told, wrong: None })
    }
}

/// Returns the files of the handle that these texts show. The creator may see all of them here.
pub(super) async fn own_files(
    http: &Http,
    at: &AtHandle,
    texts: &[&str],
) -> Result<OwnFiles, Problem> {
    let names = markdown::media_names_once(at.creator.id, texts).await?;
    own_files::own_files(http, at.handle.id, &names, |file| place(at, file)).await
}

/// Returns where the creator finds a file: its content if a text shows it, else the page about it.
pub(super) fn place(at: &AtHandle, file: &File) -> String {
    let end = if OwnFiles::is_shown(file) { "/download" } else { "" };
    at.path(&format!("/files/{}{end}", file.slug))
}

/// Answers a script with the preview of what was typed so far.
pub(super) async fn answer(http: Http, at: AtHandle, form: Form) -> Answer {
    let t = at.screen.t;
    let mut form = FormState::of(t, FIELDS, form.read_long().await?);
    let mut preview = Preview::of(&http, &at, &form, true).await?;
    if is_paid(&form) && price::read(t, &mut form) == Typed::Wrong {
        preview.wrong = form.error("price").or(form.error("currency")).map(str::to_owned);
    }
    render(StatusCode::OK, &PreviewParts { t, preview })
}
