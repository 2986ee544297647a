//! Reading forms, and answering them with pages.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use askama::Template;

use crate::error::ApiError;
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "notice.html")]
pub(crate) struct NoticePage {
    pub(crate) texts: &'static Texts,
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    /// The URL and the text of a link.
    pub(crate) link: Option<(String, &'static str)>,
}

/// The answer to a form.
pub(crate) enum Next {
    Redirect(String),
    Show(StatusCode, NoticePage),
}

pub(crate) fn no_such_page(texts: &'static Texts) -> NoticePage {
    NoticePage { texts, title: texts.nothing, text: texts.nothing_text, link: None }
}

pub(crate) fn unknown_choice(texts: &'static Texts) -> NoticePage {
    NoticePage { texts, title: texts.unknown, text: texts.unknown_text, link: None }
}

pub(crate) fn follow(next: Result<Next, ApiError>) -> HttpResponse {
    match next {
        Ok(Next::Redirect(address)) => HttpResponse::SeeOther()
            .insert_header((LOCATION, address))
            .insert_header(("Cache-Control", "no-store"))
            .finish(),
        Ok(Next::Show(status, notice)) => html(status, &notice),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

pub(crate) fn html(status: StatusCode, page: &impl Template) -> HttpResponse {
    let Ok(text) = page.render() else {
        return HttpResponse::InternalServerError().finish();
    };
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        // `form-action` is left out because browsers apply it to the redirect after the form too,
        // which goes to the site of the session or the link.
        .insert_header((
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        ))
        .body(text)
}

pub(crate) fn form_value(body: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(body)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}
