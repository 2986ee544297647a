//! Asking for a mail with a link and a code.

use actix_web::{HttpResponse, http::StatusCode};
use tollgate_domain::{
    email::Email,
    visitor_auth::{LinkRequest, RequestLinkError},
};

use super::{
    super::{frame::Card, go_to, notice::Notice, page, visit::Visit},
    EmailForm, Refused, SignInPage,
    asked::Asked,
    code::CodeForm,
    kept::{COOKIES, Given, RETURN_TO},
    retry_after,
};
use crate::{
    extract::{Form, Query},
    links::SIGN_IN,
    locale::named_language,
    problem::{Answer, Problem},
};

/// The page that a form is a part of; `None` if that page has no form now.
type ShownAgain = Result<Option<HttpResponse>, Problem>;

pub(in crate::site) async fn show(visit: Visit, query: Query) -> Answer {
    let [return_to, given] = query.read([RETURN_TO, COOKIES])?;
    let return_to = return_to.unwrap_or_default();
    let return_to = visit.local_path(&return_to).unwrap_or_default();
    let given = given.as_deref().and_then(Given::of);
    if given == Some(Given::Session) && visit.visitor().await?.is_some() {
        return Ok(go_to(if return_to.is_empty() { visit.start() } else { return_to }));
    }
    // A person who corrects an address does not have to type it once more.
    let asked = Asked::read(&visit.http, visit.req.headers());
    // Anybody can write the address, so what the browser sends counts.
    let notice = given.filter(|_| asked.is_none()).map(|given| given.lost(&visit));
    let typed = asked.and_then(|asked| asked.email);
    let email = typed.map(|email| email.to_string()).unwrap_or_default();
    let form = EmailForm { email, ..EmailForm::to(return_to) };
    shown(&visit, StatusCode::OK, form, notice).await
}

/// Mails a link that is asked for on a host where the form is not a part of any page.
pub(in crate::site) async fn ask_alone(visit: Visit, form: Form) -> Answer {
    ask(&visit, form, async |_| Ok(None)).await
}

/// Mails a link, and leads to a page that can be reloaded. A form that was not taken is shown by `show_again` if it is a part of
/// a page.
pub(in crate::site) async fn ask(
    visit: &Visit,
    form: Form,
    show_again: impl AsyncFnOnce(Refused) -> ShownAgain,
) -> Answer {
    let fields = form.read().await?;
    let typed = fields.get("email");
    let form = EmailForm {
        email: typed.to_owned(),
        is_inline: fields.get("on") == "page",
        ..EmailForm::to(fields.get("returnTo"))
    };
    let Ok(email) = typed.parse::<Email>() else {
        let form = EmailForm { error: Some(visit.t.get(no_email(typed))), ..form };
        return refused(visit, StatusCode::UNPROCESSABLE_ENTITY, form, show_again).await;
    };
    let is_again = fields.some("again").is_some();
    let asked = Asked::new(&visit.http, visit.req.headers(), Some(email.clone()), &form.return_to);
    match request(visit, email, &asked).await {
        Ok(()) => {
            let sent = asked.to_code(visit);
            // The page would look as it did before the button was pressed.
            Ok(if is_again { Notice::MailSent.leave(visit, sent) } else { sent })
        }
        Err(RequestLinkError::Limited { retry_after_seconds }) => {
            limited(visit, is_again, form, retry_after_seconds, show_again).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns the text about what was typed, which is not an address.
fn no_email(typed: &str) -> &'static str {
    if typed.trim().is_empty() { "sign-in-no-email" } else { "sign-in-bad-email" }
}

/// Mails a link for what the browser asks for.
pub(super) async fn request(
    visit: &Visit,
    email: Email,
    asked: &Asked,
) -> Result<(), RequestLinkError> {
    let request = LinkRequest {
        email,
        return_to: Some(&*asked.return_to).filter(|text| !text.is_empty()),
        handle: visit.host.handle(),
        client: &visit.client(),
        browser: asked.token().map(|secret| secret.hash()),
        language: named_language(&visit.req),
    };
    visit.http.use_cases.sign_in.request_link(request).await
}

/// Shows a form that was not taken with what was typed, on the page that it is a part of, or else on its own.
async fn refused(
    visit: &Visit,
    status: StatusCode,
    form: EmailForm,
    show_again: impl AsyncFnOnce(Refused) -> ShownAgain,
) -> Answer {
    if form.is_inline {
        let refused = Refused { status, form: form.clone() };
        if let Some(answer) = show_again(refused).await? {
            return Ok(answer);
        }
    }
    shown(visit, status, EmailForm { is_inline: false, ..form }, None).await
}

/// Shows the form on a page of its own.
async fn shown(
    visit: &Visit,
    status: StatusCode,
    form: EmailForm,
    notice: Option<String>,
) -> Answer {
    let place = visit.local_path(&form.return_to).unwrap_or(visit.start());
    let frame = visit.frame(place).await?.telling(notice);
    // Signing in with another address ends the session.
    let explanation = match &frame.visitor {
        Some(email) => Some(visit.t.with("sign-in-already", "email", email)),
        None => frame.seller.as_ref().map(|_| visit.t.get("sign-in-seen")),
    };
    let heading = visit.t.get("sign-in-heading");
    let frame = if status == StatusCode::OK && form.return_to.is_empty() {
        let card = card(visit, &heading, frame.brand());
        frame.listed(card)
    } else {
        frame
    };
    page(status, &SignInPage { t: visit.t, frame, heading, explanation, form })
}

fn card(visit: &Visit, heading: &str, brand: &str) -> Card {
    let origin = visit.host.origin(&visit.http.installation);
    Card {
        address: format!("{origin}{SIGN_IN}"),
        title: format!("{heading} – {brand}"),
        description: visit.t.with("sign-in-description", "name", brand),
    }
}

/// Says how long to wait, on the page where the visitor pressed the button.
async fn limited(
    visit: &Visit,
    is_again: bool,
    form: EmailForm,
    seconds: u64,
    show_again: impl AsyncFnOnce(Refused) -> ShownAgain,
) -> Answer {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let error = visit.t.with("sign-in-limited", "wait", visit.t.duration(seconds));
    let shown = if is_again {
        let page = CodeForm::new(form.email, form.return_to).waiting(seconds, error);
        page.answer(visit, status).await?
    } else {
        let has_mail = has_mail(visit, &form.email);
        let form = EmailForm { error: Some(error), has_mail, ..form };
        refused(visit, status, form, show_again).await?
    };
    Ok(retry_after(shown, seconds))
}

/// Returns whether the browser asked for a mail to this address a moment ago, which is still good.
fn has_mail(visit: &Visit, typed: &str) -> bool {
    let asked = Asked::read(&visit.http, visit.req.headers());
    asked.is_some_and(|asked| {
        asked.minutes_left(&visit.http).is_some()
            && typed.parse::<Email>().is_ok_and(|typed| asked.email == Some(typed))
    })
}
