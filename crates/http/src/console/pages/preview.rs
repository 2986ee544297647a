//! What a page will look like, and what its price means, before they are saved.

use actix_web::http::StatusCode;
use askama::Template;

use super::{
    super::{
        form::FormState,
        page::render,
        price::{self, Typed},
        who::AtHandle,
    },
    input::{FIELDS, is_paid},
};
use crate::{extract::Form, locale::Texts, markdown, problem::Answer, state::Http};

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
    pub(super) fn of(http: &Http, t: Texts, form: &FormState, is_shown: bool) -> Self {
        let rendered = |field: &str| {
            if is_shown { markdown::render_in(t, form.get(field)) } else { String::new() }
        };
        let mut copy = form.clone();
        let typed = if is_paid(form) { price::read(t, &mut copy) } else { Typed::Nothing };
        Self {
            is_shown,
            title: form.get("title").to_owned(),
            teaser: rendered("teaser"),
            body: rendered("body"),
            told: match typed {
                Typed::Price(price) => price::told(http, t, price),
                Typed::Nothing | Typed::Wrong => Vec::new(),
            },
            wrong: None,
        }
    }
}

/// Answers a script with the preview of what was typed so far.
pub(super) async fn answer(http: Http, at: AtHandle, form: Form) -> Answer {
    let t = at.screen.t;
    let mut form = FormState::read_long(t, FIELDS, form).await?;
    let mut preview = Preview::of(&http, t, &form, true);
    if is_paid(&form) && price::read(t, &mut form) == Typed::Wrong {
        preview.wrong = form.error("price").or(form.error("currency")).map(str::to_owned);
    }
    render(StatusCode::OK, &PreviewParts { t, preview })
}
