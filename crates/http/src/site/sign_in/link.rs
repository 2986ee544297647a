//! Opening the link from a mail, and confirming it with a button.

use actix_web::http::{Method, StatusCode};
use askama::Template;
use tollgate_domain::{
    token::Token,
    visitor_auth::{LinkCode, LinkPreview, RedeemLinkError, RequestLinkError, ReturnTo},
};

use super::{
    super::{cookies::NONCE, frame::Frame, go_to, notice::Notice, page, visit::Visit},
    EmailForm, SignInPage, ToldPage, Way,
    ahead::ahead,
    ask::request,
    asked::Asked,
    code::CodeForm,
    kept::{Given, RETURN_TO, page_of_form},
    leading_to, retry_after, unlisted,
    welcome::{welcome, welcome_in_doubt},
};
use crate::{
    extract::{Form, Query},
    links::{CODE, SIGN_IN, VERIFY},
    locale::{Texts, named_language},
    problem::{Answer, Problem},
    query::with_query,
};

#[derive(Template)]
#[template(path = "site/verify.html")]
struct VerifyPage {
    t: Texts,
    frame: Frame,
    masked_email: String,
    token: String,
    /// What to do on another device if signing in began there, and the code for it.
    elsewhere: Option<(String, Option<String>)>,
    /// The visitor who is signed in now, if it is somebody else.
    other: Option<String>,
    /// What the button leads to, if that has a name.
    ahead: Option<String>,
    /// The host of the creator's own frontend that the button leads to, if it does.
    leads_to: Option<String>,
}

/// Shows which address the link is for. Opening the link does not use it up.
pub(super) async fn look(visit: Visit, query: Query) -> Answer {
    let typed = query.read(["token"]).ok().and_then(|[token]| token);
    let Some(token) = typed.and_then(|text| text.parse::<Token>().ok()) else {
        return refused(&visit, None, RedeemLinkError::Invalid).await.map(unlisted);
    };
    let answer = match visit.http.use_cases.sign_in.preview(&token, visit.session.0).await {
        Ok(preview) => shown(&visit, &token, preview).await,
        Err(RedeemLinkError::Used) => used(&visit, &token).await,
        Err(error) => refused(&visit, Some(&token), error).await,
    };
    answer.map(unlisted)
}

async fn shown(visit: &Visit, token: &Token, preview: LinkPreview) -> Answer {
    let http = &visit.http;
    let place = preview.return_to.as_ref();
    let frontend = place.and_then(|place| place.frontend(&http.installation));
    let shown = VerifyPage {
        t: visit.t,
        frame: visit.frame("/").await?,
        masked_email: preview.masked_email,
        token: token.reveal(),
        elsewhere: elsewhere(visit.t, &preview.code),
        other: preview.signed_in.map(|visitor| visitor.email.shown()),
        ahead: if let Some(place) = place { ahead(visit, place).await } else { None },
        leads_to: frontend.as_ref().map(|frontend| frontend.host().to_owned()),
    };
    let mut answer = leading_to(http, frontend.as_ref(), page(StatusCode::OK, &shown)?);
    if visit.req.method() == Method::GET {
        // A nonce that the browser has stays the same, since its other pages of links count on it, and lasts as long as a new one.
        let nonce = nonce(visit).unwrap_or_else(|| Token::new(&*http.random));
        NONCE.set(&http.installation, &mut answer, nonce.reveal());
    }
    Ok(answer)
}

/// Returns what to do if signing in began on another device, and the code to type there if it still counts.
fn elsewhere(t: Texts, code: &LinkCode) -> Option<(String, Option<String>)> {
    match code {
        LinkCode::Good(code) => Some((t.get("link-code"), Some(spaced(code.reveal())))),
        LinkCode::Superseded => Some((t.get("link-code-old"), None)),
        LinkCode::UsedUp => Some((t.get("link-code-spent"), None)),
        LinkCode::Unknown => None,
    }
}

/// Returns the code as mails show it.
fn spaced(code: &str) -> String {
    code.split_at_checked(3)
        .map_or_else(|| code.to_owned(), |(left, right)| format!("{left} {right}"))
}

fn nonce(visit: &Visit) -> Option<Token> {
    NONCE.of(visit.req.headers()).and_then(|text| text.parse().ok())
}

/// Returns whether a form comes from the confirmation page, as its browser says, and without the nonce that this page has set. The
/// browser then keeps no cookies, or the nonce was too old.
fn has_lost_nonce(visit: &Visit) -> bool {
    let page = page_of_form(visit).and_then(|page| page.split('?').next());
    page == Some(VERIFY) && nonce(visit).is_none()
}

/// Leads on in the browser that is signed in by the link, or that has lost the answer to its button.
async fn used(visit: &Visit, token: &Token) -> Answer {
    let sign_in = &visit.http.use_cases.sign_in;
    if let Some(again) = sign_in.resume(token, visit.session.0).await? {
        let place = again.return_to.as_ref();
        return Ok(go_to(place.map_or(visit.start(), ReturnTo::as_str)));
    }
    let nonce = nonce(visit);
    if nonce.is_some() {
        match sign_in.redeem_token(token, &visit.browser(nonce)).await {
            Ok(signed_in) => return Ok(welcome(visit, &signed_in).await),
            Err(RedeemLinkError::Store(error)) => return Err(error.into()),
            Err(_) => {}
        }
    }
    if has_lost_nonce(visit) {
        // The press that comes second in a browser that may keep no cookies has no other answer than the first one.
        let wanted = sign_in.wanted_place(token).await?;
        let place = wanted.as_ref().map_or(Some(visit.start()), |it| visit.own_path(it.as_str()));
        if let Some(place) = place {
            return Ok(go_to(&Given::Session.looked_for(place)));
        }
    }
    refused(visit, Some(token), RedeemLinkError::Used).await
}

/// Signs in when the button behind a link is pressed.
pub(super) async fn redeem(visit: Visit, form: Form) -> Answer {
    let form = form.read().await?;
    let Ok(token) = form.get("token").parse::<Token>() else {
        return refused(&visit, None, RedeemLinkError::Invalid).await;
    };
    let browser = visit.browser(nonce(&visit));
    match visit.http.use_cases.sign_in.redeem_token(&token, &browser).await {
        Ok(signed_in) if has_lost_nonce(&visit) => Ok(welcome_in_doubt(&visit, &signed_in).await),
        Ok(signed_in) => Ok(welcome(&visit, &signed_in).await),
        Err(RedeemLinkError::Used) => used(&visit, &token).await,
        Err(error) => refused(&visit, Some(&token), error).await,
    }
}

/// Explains why a link cannot be used, and offers a new one.
async fn refused(visit: &Visit, token: Option<&Token>, error: RedeemLinkError) -> Answer {
    let t = visit.t;
    let (heading, text) = match error {
        error @ (RedeemLinkError::Store(_) | RedeemLinkError::Limited { .. }) => {
            return Err(error.into());
        }
        RedeemLinkError::Invalid => (t.get("link-invalid"), t.get("link-invalid-text")),
        RedeemLinkError::Used => (t.get("link-used"), t.get("link-used-text")),
        RedeemLinkError::Expired => {
            let token = token.map(Token::reveal).unwrap_or_default();
            return expired(visit, token, None).await;
        }
    };
    let status = Problem::from(error).code().status();
    // The place to return to is kept.
    let place = match token {
        Some(token) => visit.http.use_cases.sign_in.wanted_place(token).await?,
        None => None,
    };
    let return_to = place.as_ref().map_or("", ReturnTo::as_str);
    let shown = SignInPage {
        t,
        frame: visit.frame("/").await?,
        heading,
        explanation: Some(text),
        form: EmailForm::to(return_to),
    };
    page(status, &shown)
}

/// Offers a new link for the same address with one button.
async fn expired(visit: &Visit, token: String, limited: Option<u64>) -> Answer {
    let t = visit.t;
    let status = match limited {
        Some(_) => StatusCode::TOO_MANY_REQUESTS,
        None => StatusCode::UNAUTHORIZED,
    };
    let error = limited.map(|seconds| t.with("sign-in-limited", "wait", t.duration(seconds)));
    let shown = ToldPage {
        t,
        frame: visit.frame("/").await?,
        heading: t.get("link-expired"),
        text: t.get("link-expired-text"),
        error,
        way: Way::Renew { token },
    };
    let answer = page(status, &shown)?;
    Ok(match limited {
        Some(seconds) => retry_after(answer, seconds),
        None => answer,
    })
}

/// Mails a new link to the address of an old one, or to the one that such a mail went to before.
pub(super) async fn renew(visit: Visit, form: Form) -> Answer {
    let form = form.read().await?;
    let headers = visit.req.headers();
    let Ok(token) = form.get("token").parse::<Token>() else {
        return match Asked::read(&visit.http, headers) {
            Some(asked) if form.get("token").is_empty() => again(&visit, asked).await,
            _ => refused(&visit, None, RedeemLinkError::Invalid).await,
        };
    };
    let sign_in = &visit.http.use_cases.sign_in;
    let place = sign_in.wanted_place(&token).await?;
    let place = place.as_ref().map_or("", ReturnTo::as_str);
    let asked = Asked::new(&visit.http, headers, None, place);
    let browser = asked.token().map(|secret| secret.hash());
    let (handle, language) = (visit.host.handle(), named_language(&visit.req));
    match sign_in.renew(&token, handle, &visit.client(), browser, language).await {
        Ok(()) => Ok(asked.to_code(&visit)),
        Err(RequestLinkError::Limited { retry_after_seconds }) => {
            expired(&visit, token.reveal(), Some(retry_after_seconds)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Leads to the page that takes the code from the address of a form, whose answer can be loaded again.
pub(super) async fn back() -> Answer {
    Ok(go_to(CODE))
}

/// Mails one more link to an address that the browser does not know.
async fn again(visit: &Visit, before: Asked) -> Answer {
    let Some(email) = before.address(&visit.http).await? else {
        let place = visit.own_path(&before.return_to).unwrap_or_default();
        return Ok(go_to(&with_query(SIGN_IN, &[(RETURN_TO, place)])));
    };
    let asked = Asked::new(&visit.http, visit.req.headers(), None, &before.return_to);
    match request(visit, email, &asked).await {
        Ok(()) => Ok(Notice::MailSent.leave(visit, asked.to_code(visit))),
        Err(RequestLinkError::Limited { retry_after_seconds: seconds }) => {
            let words = visit.t.with("sign-in-limited", "wait", visit.t.duration(seconds));
            let form = CodeForm::new(String::new(), before.return_to).waiting(seconds, words);
            let shown = form.answer(visit, StatusCode::TOO_MANY_REQUESTS).await?;
            Ok(retry_after(shown, seconds))
        }
        Err(error) => Err(error.into()),
    }
}
