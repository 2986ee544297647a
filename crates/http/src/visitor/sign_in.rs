//! Passwordless sign-in.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    creators::Caller,
    email::Email,
    token::{Code as SixDigits, Token},
    visitor_auth::{Browser, LinkRequest, RequestLinkError, SignedIn},
};

use super::me::VisitorBody;
use crate::{
    dto::{EmptyBody, json},
    extract::{
        Asking, Client, Draft, FromFrontend, Host, JsonBody, PresentedSessions, add_cookies,
        cleared_cookies, device, merged, session_cookie,
    },
    locale::named_language,
    openapi::{CommonProblems, problem_responses, schemas},
    problem::{Answer, Code, FieldErrors, Problem, parsed},
    state::Http,
};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct MagicLinkRequest {
    /// Where to send the link.
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    /// Where to go after signing in: a path on the handle's host that is asked (otherwise on the main host), or an
    /// address of this installation or of a registered frontend. The answer that signs in has a path as a whole URL.
    #[schema(value_type = Option<schemas::Place>)]
    return_to: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MagicLinkSent {
    #[schema(example = "sent", pattern = "^sent$")]
    status: &'static str,
    /// How long the link is good for.
    #[schema(example = 900)]
    expires_in_seconds: i64,
}

/// The fields of both ways to sign in, so that the error of a mixture can name the field.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VerifyFields {
    token: Option<String>,
    email: Option<String>,
    code: Option<String>,
}

/// A token from a link, or an address and the code from its mail.
#[derive(utoipa::ToSchema)]
#[serde(untagged)]
#[schema(as = VerifyRequest)]
pub(crate) enum SignInWay {
    Link(LinkToken),
    Mail(MailedCode),
}

/// What a link carries.
#[derive(utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkToken {
    /// The token of the link.
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    token: String,
}

/// What to sign in with on a device without the mail.
#[derive(utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailedCode {
    /// The address that the link was sent to.
    #[schema(value_type = schemas::EmailAddress)]
    email: Email,
    /// The six digits in the mail.
    #[schema(example = "123456")]
    code: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignedIn)]
pub(crate) struct SignedInBody {
    visitor: VisitorBody,
    /// Where the visitor wanted to go, if it was said: always a whole URL, also if the link was asked for with a path.
    #[schema(required = true, example = "http://ada.tollgate.localhost:8080/guide")]
    return_to: Option<String>,
}

problem_responses! {
    LinkProblems: RateLimited;
    VerifyProblems: InvalidMagicLink ExpiredMagicLink UsedMagicLink RateLimited;
}

/// Asks for a magic link.
///
/// The answer is the same whether or not the address is known.
#[utoipa::path(post, path = "/v2/visitor/auth/magic-link", tag = "visitor", security(()),
    request_body = MagicLinkRequest,
    responses((status = 202, description = "A link was sent", body = MagicLinkSent), LinkProblems))]
pub(super) async fn magic_link(http: Http, host: Host, asking: Asking, body: JsonBody) -> Answer {
    let Caller { client, language, .. } = asking.caller();
    let (body, mut errors) = body.draft::<MagicLinkRequest>().await?.parts();
    let email = errors.check("email", body.email.parse::<Email>());
    let email = email.filter(|_| errors.fields().is_empty());
    let Some(email) = email else { return Err(with_place(&http, &host, &body, errors).await) };
    let request = LinkRequest {
        email,
        return_to: body.return_to.as_deref(),
        handle: host.handle(),
        client,
        browser: None,
        language,
    };
    http.use_cases.sign_in.request_link(request).await?;
    let sent =
        MagicLinkSent { status: "sent", expires_in_seconds: http.use_cases.sign_in.link_seconds() };
    Ok(json(StatusCode::ACCEPTED, &sent))
}

/// Returns the problem of a request with these errors, and of its `returnTo`, if that is wrong, too.
async fn with_place(
    http: &Http,
    host: &Host,
    body: &MagicLinkRequest,
    mut errors: FieldErrors,
) -> Problem {
    let Some(place) = &body.return_to else { return Problem::invalid(errors) };
    match http.use_cases.sign_in.check_return_to(place, host.handle()).await {
        Ok(()) => {}
        Err(RequestLinkError::ReturnTo(error)) => errors.add("returnTo", error.to_string()),
        Err(error) => return error.into(),
    }
    Problem::invalid(errors)
}

/// Signs in with a magic link or its code.
///
/// Takes either `token`, or `email` and `code`. Sets the session cookie.
#[utoipa::path(post, path = "/v2/visitor/auth/verify", tag = "visitor", security(()), request_body = SignInWay,
    responses((status = 200, description = "Signed in; the session cookie is set", body = SignedInBody,
        headers(("Set-Cookie" = String, description = "`_10x_visitor`, good for 30 days"))), VerifyProblems))]
pub(super) async fn verify(
    http: Http,
    host: Host,
    client: Client,
    from: FromFrontend,
    presented: PresentedSessions,
    req: HttpRequest,
    body: JsonBody,
) -> Answer {
    let language = named_language(&req);
    let device = Some(device(req.headers()));
    let browser = Browser {
        nonce: None,
        sessions: presented.0,
        frontend: from.0,
        handle: host.handle().cloned(),
        language,
        device,
    };
    let way = SignInWay::of(body.draft().await?)?;
    let signed_in = redeem(&http, way, &browser, &client).await?;
    let cookie = session_cookie(&http.installation, &host.0, &signed_in.token);
    let body = SignedInBody {
        visitor: VisitorBody::of(&signed_in.visitor),
        return_to: signed_in.return_to.map(|place| place.as_str().to_owned()),
    };
    Ok(HttpResponse::Ok().cookie(cookie).json(body))
}

async fn redeem(
    http: &Http,
    way: SignInWay,
    browser: &Browser,
    client: &Client,
) -> Result<SignedIn, Problem> {
    let unknown = || Problem::new(Code::InvalidMagicLink);
    match way {
        SignInWay::Link(LinkToken { token }) => {
            // A text that is not a token cannot come from a magic link.
            let token: Token = token.parse().map_err(|_| unknown())?;
            Ok(http.use_cases.sign_in.redeem_token(&token, browser).await?)
        }
        SignInWay::Mail(MailedCode { email, code }) => {
            let code: SixDigits = code.parse().map_err(|_| unknown())?;
            Ok(http.use_cases.sign_in.redeem_code(&email, &code, browser, &client.0).await?)
        }
    }
}

impl SignInWay {
    fn of(draft: Draft<VerifyFields>) -> Result<Self, Problem> {
        let (body, mut errors) = draft.parts();
        // A field that could not be read is not missing.
        if ["token", "email", "code"].iter().any(|field| errors.fields().contains_key(*field)) {
            if let Some(email) = &body.email {
                errors.check("email", email.parse::<Email>());
            }
            return Err(Problem::invalid(errors));
        }
        merged(errors, Self::read(body))
    }

    fn read(body: VerifyFields) -> Result<Self, FieldErrors> {
        match (body.token, body.email, body.code) {
            (Some(token), None, None) => Ok(Self::Link(LinkToken { token })),
            (None, Some(email), Some(code)) => {
                Ok(Self::Mail(MailedCode { email: parsed("email", &email)?, code }))
            }
            (None, Some(email), None) => {
                let mut errors = FieldErrors::one("code", "is required with email");
                errors.check("email", email.parse::<Email>());
                Err(errors)
            }
            (None, None, Some(_)) => Err(FieldErrors::one("email", "is required with code")),
            (None, None, None) => Err(FieldErrors::one("token", "is required, or email and code")),
            (Some(_), ..) => Err(FieldErrors::one("token", "goes without email and code")),
        }
    }
}

/// Signs out.
///
/// Ends each session that the request has and takes the cookie away; without a session nothing happens. A
/// frontend of a creator ends only sessions that began there.
#[utoipa::path(post, path = "/v2/visitor/auth/logout", tag = "visitor", security(("visitor" = []), ()),
    request_body = Option<EmptyBody>,
    responses((status = 204, description = "Signed out", headers(("Set-Cookie" = String,
        description = "Takes `_10x_visitor` away"))), CommonProblems))]
pub(super) async fn logout(
    http: Http,
    host: Host,
    presented: PresentedSessions,
    from: FromFrontend,
    body: JsonBody,
) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    let sessions = &http.use_cases.sessions;
    if let Some(origin) = from.0 {
        if !sessions.sign_out_at(&origin, &presented.0).await? {
            return Ok(HttpResponse::NoContent().finish());
        }
    } else {
        sessions.sign_out(&presented.0).await?;
    }
    let mut response = HttpResponse::NoContent().finish();
    add_cookies(response.headers_mut(), cleared_cookies(&http.installation, &host.0));
    Ok(response)
}
