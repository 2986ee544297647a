//! Sign-in on pages: requesting a magic link, opening it and confirming, or entering the code.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use askama::Template;
use tollgate_domain::{
    access::{Reason, ResourceType, ViewerClaim},
    checkout::ReturnUrls,
    creators::FrontendOrigin,
    email::Email,
    installation::HostKind,
    names::Slug,
    token::{Code as SixDigits, Token},
    visitor_auth::{LinkRequest, RedeemLinkError, ReturnTo, SignedIn},
};

use super::{go_to, page};
use crate::{
    extract::{Client, Form, Host, VisitorCookie, cleared_cookie, session_cookie},
    problem::{Answer, Problem},
    state::Http,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignInPage<'a> {
    pub(super) heading: &'static str,
    pub(super) explanation: Option<&'a str>,
    pub(super) return_to: &'a str,
    pub(super) email: &'a str,
    pub(super) error: Option<String>,
}

#[derive(Template)]
#[template(path = "sent.html")]
struct SentPage<'a> {
    email: &'a str,
    return_to: &'a str,
    minutes: i64,
    back: &'a str,
    error: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage<'a> {
    masked_email: &'a str,
    token: String,
}

/// Mails a magic link.
pub(super) async fn ask(http: Http, host: Host, client: Client, form: Form) -> Answer {
    let form = form.read().await?;
    let typed = form.get("email");
    let return_to = form.some("returnTo");
    let email: Email = match typed.parse() {
        Ok(email) => email,
        Err(error) => {
            let again = SignInPage {
                heading: "Sign in",
                explanation: None,
                return_to: return_to.unwrap_or_default(),
                email: typed,
                error: Some(format!("This {error}.")),
            };
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
    };
    let request =
        LinkRequest { email: email.clone(), return_to, handle: host.handle(), client: &client.0 };
    http.use_cases.sign_in.request_link(request).await?;
    sent(&http, &host, StatusCode::OK, email.as_str(), return_to, None).await
}

async fn sent(
    http: &Http,
    host: &Host,
    status: StatusCode,
    email: &str,
    return_to: Option<&str>,
    error: Option<&'static str>,
) -> Answer {
    let minutes = (http.use_cases.sign_in.link_seconds() + 59) / 60;
    // The field comes from the request, so only a path of this host becomes a link.
    let back = return_to.filter(|path| path.starts_with('/'));
    let back = back.filter(|path| ReturnTo::parse(path, &http.installation, None).is_ok());
    let back = back.unwrap_or("/");
    let return_to = return_to.unwrap_or_default();
    let answer = page(status, &SentPage { email, return_to, minutes, back, error })?;
    // Signing in by code leads to the same place as the magic link.
    let frontend = http.use_cases.sign_in.frontend(return_to, host.handle()).await?;
    Ok(leading_to(http, frontend.as_ref(), answer))
}

/// Allows the form of a page to lead to a creator's own frontend.
fn leading_to(
    http: &Http,
    frontend: Option<&FrontendOrigin>,
    mut response: HttpResponse,
) -> HttpResponse {
    if let Some(frontend) = frontend {
        let policy = http.policy().leading_to(frontend);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Shows which address the magic link is for. Opening the link does not use it up.
pub(super) async fn look(http: Http, req: HttpRequest) -> Answer {
    let mut tokens = form_urlencoded::parse(req.query_string().as_bytes())
        .filter(|(name, _)| name == "token")
        .map(|(_, value)| value.into_owned());
    let token = match (tokens.next(), tokens.next()) {
        (Some(only), None) => only,
        _ => String::new(),
    };
    let Ok(parsed) = token.parse::<Token>() else {
        return refused(&http, None, RedeemLinkError::Invalid).await;
    };
    let answer = match http.use_cases.sign_in.preview(&parsed).await {
        Ok(preview) => {
            let shown = VerifyPage { masked_email: &preview.masked_email, token };
            let place = preview.return_to.as_ref();
            let frontend = place.and_then(|place| place.frontend(&http.installation));
            page(StatusCode::OK, &shown).map(|page| leading_to(&http, frontend.as_ref(), page))
        }
        Err(error) => refused(&http, Some(&parsed), error).await,
    };
    answer.map(unlisted)
}

fn unlisted(mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    let robots = header::HeaderName::from_static("x-robots-tag");
    headers.insert(robots, header::HeaderValue::from_static("noindex"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

/// Explains why a magic link cannot be used, and offers a new one.
async fn refused(http: &Http, token: Option<&Token>, error: RedeemLinkError) -> Answer {
    let (heading, text) = match error {
        RedeemLinkError::Store(error) => return Err(error.into()),
        RedeemLinkError::Invalid => {
            ("This link is not valid", "It may have been cut off on its way.")
        }
        RedeemLinkError::Expired => {
            ("This link has expired", "Links are good for a few minutes only.")
        }
        RedeemLinkError::Used => ("This link was used already", "Each link lets you in once."),
    };
    let status = Problem::from(error).code().status();
    let explanation = format!("{text} Ask for a new one here.");
    let explanation = Some(&*explanation);
    // The place to return to is kept.
    let place = match token {
        Some(token) => http.use_cases.sign_in.wanted_place(token).await?,
        None => None,
    };
    let return_to = place.as_ref().map_or("", ReturnTo::as_str);
    let offer = SignInPage { heading, explanation, return_to, email: "", error: None };
    page(status, &offer).map(unlisted)
}

/// Signs in when the button behind a magic link is pressed.
pub(super) async fn redeem_link(http: Http, host: Host, form: Form) -> Answer {
    let form = form.read().await?;
    let Ok(token) = form.get("token").parse::<Token>() else {
        return refused(&http, None, RedeemLinkError::Invalid).await;
    };
    match http.use_cases.sign_in.redeem_token(&token).await {
        Ok(signed_in) => Ok(welcome(&http, &host, &signed_in).await),
        Err(error) => refused(&http, Some(&token), error).await,
    }
}

/// Signs in with the code from a mail.
pub(super) async fn redeem_code(http: Http, host: Host, form: Form) -> Answer {
    let form = form.read().await?;
    let code = form.get("code").parse::<SixDigits>();
    let result = match (form.get("email").parse::<Email>(), code) {
        (Ok(email), Ok(code)) => http.use_cases.sign_in.redeem_code(&email, &code).await,
        _ => Err(RedeemLinkError::Invalid),
    };
    let error = match result {
        Ok(signed_in) => return Ok(welcome(&http, &host, &signed_in).await),
        Err(RedeemLinkError::Invalid) => {
            "This is not the code in the newest mail, or it was tried too often."
        }
        Err(RedeemLinkError::Expired) => "This code has expired. Ask for a new link.",
        Err(RedeemLinkError::Used) => "This code was used already. Ask for a new link.",
        Err(RedeemLinkError::Store(error)) => return Err(error.into()),
    };
    let (email, return_to) = (form.get("email"), form.some("returnTo"));
    sent(&http, &host, StatusCode::UNAUTHORIZED, email, return_to, Some(error)).await
}

/// Sets the cookie and redirects the visitor.
async fn welcome(http: &Http, host: &Host, signed_in: &SignedIn) -> HttpResponse {
    let place = match (&signed_in.return_to, &host.0) {
        (Some(place), _) => {
            let pay_page = pay_page(http, place, signed_in).await;
            pay_page.unwrap_or_else(|| place.as_str().to_owned())
        }
        (None, HostKind::Root) => "/access".to_owned(),
        (None, _) => "/".to_owned(),
    };
    let mut response = go_to(&place);
    let cookie = session_cookie(&http.installation, &host.0, &signed_in.token);
    // Only a cookie that is not valid in a header cannot be added, and this one always is valid.
    if response.add_cookie(&cookie).is_err() {
        tracing::error!("a session cookie could not be set");
    }
    response
}

/// Returns the pay page if the visitor came for a page that has to be bought. On an error there is none, and
/// the page itself shows what is wrong.
async fn pay_page(http: &Http, place: &ReturnTo, signed_in: &SignedIn) -> Option<String> {
    let HostKind::Handle(handle) = place.host(&http.installation) else { return None };
    let path = place.path();
    let slug: Slug = path.strip_prefix('/')?.split(['?', '#']).next()?.parse().ok()?;
    let session = Some(signed_in.token.hash());
    let claim = ViewerClaim { session, creator: None };
    let reason = http
        .use_cases
        .gate
        .check(ResourceType::Page, handle.clone(), slug.clone(), claim)
        .await
        .ok()?;
    if reason != Reason::PurchaseRequired {
        return None;
    }
    let started =
        http.use_cases.checkouts.start(handle, slug, session, ReturnUrls::default()).await;
    started.ok().map(|started| started.url)
}

/// Ends the session.
pub(super) async fn sign_out(http: Http, host: Host, claim: VisitorCookie) -> Answer {
    if let Some(token) = claim.0 {
        http.use_cases.sessions.sign_out(token).await?;
    }
    let mut response = go_to(if host.0 == HostKind::Root { "/access" } else { "/" });
    let cookie = cleared_cookie(&http.installation, &host.0);
    if response.add_cookie(&cookie).is_err() {
        tracing::error!("a session cookie could not be cleared");
    }
    Ok(response)
}
