//! Accounts of creators.

use actix_web::{HttpResponse, http::StatusCode};
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    creators::{AccountError, Creator, CreatorSignedIn, Password, display_name},
    email::Email,
    token::Token,
};

use crate::{
    access_tokens::LIFETIME_SECONDS,
    dto::{EmptyBody, MailAcceptedBody, json},
    extract::{Asking, Client, JsonBody, OptionalCreator, SignedCreator},
    openapi::{CommonProblems, problem_responses, schemas},
    problem::{Answer, Code, FieldErrors, Problem, parsed},
    state::Http,
};

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Registration {
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    #[schema(example = "correct horse", min_length = 8, max_length = 256, format = Password)]
    password: String,
    /// How the creator wants to be called.
    #[schema(example = "Ada", format = "line", max_length = 200)]
    name: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Login {
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    #[schema(example = "correct horse", format = Password)]
    password: String,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Refresh {
    /// The newest refresh token of the session.
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    refresh_token: String,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PasswordChange {
    #[schema(example = "correct horse", format = Password)]
    current_password: String,
    #[schema(example = "battery staple", min_length = 8, max_length = 256, format = Password)]
    new_password: String,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreatorChange {
    /// How the creator wants to be called.
    #[schema(example = "Ada", format = "line", max_length = 200)]
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Logout {
    /// Ends the session that this token belongs to.
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    refresh_token: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Creator)]
pub(crate) struct CreatorBody {
    #[schema(example = "cre_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    id: String,
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
    /// How the creator wants to be called; may be empty.
    #[schema(example = "Ada")]
    name: String,
    /// Whether the creator has proved that the address is theirs. Until then, nothing that mails other people
    /// is possible, and no Stripe account can be connected.
    #[schema(example = true)]
    email_verified: bool,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EmailProof {
    /// The token from the mail.
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    token: String,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PasswordReset {
    #[schema(value_type = schemas::EmailAddress)]
    email: String,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The token from the mail.
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    token: String,
    #[schema(example = "battery staple", min_length = 8, max_length = 256, format = Password)]
    password: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tokens {
    /// For `Authorization: Bearer`.
    #[schema(example = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjcmVfMDEifQ.mX1u")]
    access_token: String,
    /// Seconds that the access token is good for.
    #[schema(example = 900)]
    expires_in: i64,
    /// Trades for new tokens, once.
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    refresh_token: String,
    creator: CreatorBody,
}

problem_responses! {
    RegisterProblems: EmailTaken RateLimited;
    LoginProblems: CreatorUnauthorized RateLimited;
    PasswordProblems: RateLimited;
    RefreshProblems: CreatorUnauthorized;
    ProofProblems: InvalidMagicLink ExpiredMagicLink UsedMagicLink;
    NewPasswordProblems: InvalidMagicLink ExpiredMagicLink UsedMagicLink CreatorUnauthorized RateLimited;
    MailProblems: RateLimited;
}

/// Makes an account.
///
/// Signs its creator in at once.
#[utoipa::path(post, path = "/v2/creator/auth/register", tag = "creator", security(()), request_body = Registration,
    responses((status = 201, description = "Signed up and in", body = Tokens), RegisterProblems))]
pub(super) async fn register(http: Http, asking: Asking, body: JsonBody) -> Answer {
    let (email, password, name) = body.draft().await?.parse(Registration::read)?;
    let accounts = &http.use_cases.accounts;
    let signed_in = accounts.register(email, &password, Some(&name), asking.caller()).await?;
    Ok(json(StatusCode::CREATED, &Tokens::of(&http, signed_in)?))
}

/// Signs in.
///
/// An unknown address and a wrong password are told in the same words.
#[utoipa::path(post, path = "/v2/creator/auth/login", tag = "creator", security(()), request_body = Login,
    responses((status = 200, description = "Signed in", body = Tokens), LoginProblems))]
pub(super) async fn login(http: Http, asking: Asking, body: JsonBody) -> Answer {
    let (email, password) = body
        .draft()
        .await?
        .parse(|body: Login| Ok((parsed::<Email>("email", &body.email)?, body.password)))?;
    // No account has a password of another length, so this one is wrong.
    let password = Password::tried(password).map_err(|_| AccountError::Unauthorized)?;
    let signed_in = http.use_cases.accounts.login(&email, &password, asking.caller()).await?;
    Ok(json(StatusCode::OK, &Tokens::of(&http, signed_in)?))
}

/// Trades a refresh token for new tokens.
///
/// Each refresh token is good once, and for ten seconds more for the same client (network address and kind of browser), since two
/// tabs may use it at the same time. One that is used again after that, or by another client, ends its session, since somebody
/// holds a copy.
#[utoipa::path(post, path = "/v2/creator/auth/refresh", tag = "creator", security(()), request_body = Refresh,
    responses((status = 200, description = "Still signed in", body = Tokens), RefreshProblems))]
pub(super) async fn refresh(http: Http, asking: Asking, body: JsonBody) -> Answer {
    let body: Refresh = body.read().await?;
    let token = Token::exact(&body.refresh_token).map_err(|_| AccountError::Unauthorized)?;
    let signed_in = http.use_cases.accounts.refresh(&token, asking.caller()).await?;
    Ok(json(StatusCode::OK, &Tokens::of(&http, signed_in)?))
}

/// Signs out.
///
/// Ends the session of the access token, of the refresh token, or of both; without either nothing
/// happens. A refresh token that was traded since ends its session, too.
#[utoipa::path(post, path = "/v2/creator/auth/logout", tag = "creator", request_body = Option<Logout>,
    security(("creator" = []), ()),
    responses((status = 204, description = "Signed out"), CommonProblems))]
pub(super) async fn logout(
    http: Http,
    creator: Result<OptionalCreator, Problem>,
    body: JsonBody,
) -> Answer {
    let body: Logout = body.read_or_default().await?;
    match creator {
        Ok(OptionalCreator(Some(signed))) => http.use_cases.accounts.logout(signed.session).await?,
        Ok(OptionalCreator(None)) => {}
        // The session of a token that is no longer valid has ended already.
        Err(problem) if problem.code() == Code::CreatorUnauthorized => {}
        Err(problem) => return Err(problem),
    }
    if let Some(Ok(token)) = body.refresh_token.map(|token| Token::exact(&token)) {
        http.use_cases.accounts.logout_by_token(&token).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Who is signed in.
#[utoipa::path(get, path = "/v2/creator/me", tag = "creator", security(("creator" = [])),
    responses((status = 200, description = "The creator", body = CreatorBody), CommonProblems))]
pub(super) async fn me(creator: SignedCreator) -> Answer {
    Ok(json(StatusCode::OK, &CreatorBody::of(creator.creator)))
}

/// Changes what the creator is called.
#[utoipa::path(patch, path = "/v2/creator/me", tag = "creator", security(("creator" = [])),
    request_body = CreatorChange,
    responses((status = 200, description = "The creator as it is now", body = CreatorBody), CommonProblems))]
pub(super) async fn rename(http: Http, creator: SignedCreator, body: JsonBody) -> Answer {
    let name = body.draft().await?.parse(CreatorChange::read)?;
    let creator = if let Some(name) = name {
        http.use_cases.accounts.rename(&creator.creator, &name).await?
    } else {
        creator.creator
    };
    Ok(json(StatusCode::OK, &CreatorBody::of(creator)))
}

/// Changes the password.
///
/// Ends every session of the creator and begins another one: access tokens and refresh tokens from
/// before are no longer good.
#[utoipa::path(post, path = "/v2/creator/auth/password", tag = "creator", security(("creator" = [])),
    request_body = PasswordChange,
    responses((status = 200, description = "The password is changed", body = Tokens), PasswordProblems))]
pub(super) async fn password(
    http: Http,
    asking: Asking,
    creator: SignedCreator,
    body: JsonBody,
) -> Answer {
    let (body, mut errors) = body.draft::<PasswordChange>().await?.parts();
    let is_whole = errors.fields().is_empty();
    let creator = &creator.creator;
    let new = Password::new(body.new_password);
    let new = new.and_then(|new| new.check_for(&creator.email).map(|()| new));
    let new = errors.check("newPassword", new);
    if !is_whole {
        return Err(Problem::invalid(errors));
    }
    // No account has a password of another length.
    let current = Password::tried(body.current_password).ok();
    let changed = change_password(&http, creator, current.as_ref(), new.as_ref(), &asking).await;
    match changed {
        Ok(Some(changed)) => return Ok(json(StatusCode::OK, &Tokens::of(&http, changed)?)),
        Ok(None) => {}
        // The token is good, so this is not 401: clients take that for a token that has expired.
        Err(AccountError::Unauthorized) => {
            errors.add("currentPassword", "is not the current password");
        }
        Err(error) => return Err(error.into()),
    }
    Err(Problem::invalid(errors))
}

/// Changes a password; without a good new one, only checks the current one, so that what is wrong with either is told at once.
pub(crate) async fn change_password(
    http: &Http,
    creator: &Creator,
    current: Option<&Password>,
    new: Option<&Password>,
    asking: &Asking,
) -> Result<Option<CreatorSignedIn>, AccountError> {
    let accounts = &http.use_cases.accounts;
    let Some(current) = current else { return Err(AccountError::Unauthorized) };
    if let Some(new) = new {
        return accounts.change_password(creator, current, new, asking.caller()).await.map(Some);
    }
    let is_right = accounts.is_current_password(creator, current, asking.caller().client).await?;
    if is_right { Ok(None) } else { Err(AccountError::Unauthorized) }
}

/// Proves the address of an account with the token from its mail.
#[utoipa::path(post, path = "/v2/creator/auth/verify-email", tag = "creator", security(()), request_body = EmailProof,
    responses((status = 200, description = "The address is proved", body = CreatorBody), ProofProblems))]
pub(super) async fn verify_email(http: Http, asking: Asking, body: JsonBody) -> Answer {
    let body: EmailProof = body.read().await?;
    let token = mailed(&body.token)?;
    let creator = http.use_cases.accounts.verify_email(&token, asking.caller().language).await?;
    Ok(json(StatusCode::OK, &CreatorBody::of(creator)))
}

/// Mails the link that proves the address once more. Does nothing if it is proved.
#[utoipa::path(post, path = "/v2/creator/auth/verify-email/resend", tag = "creator", security(("creator" = [])),
    request_body = Option<EmptyBody>,
    responses((status = 202, description = "The mail is on its way", body = MailAcceptedBody), MailProblems))]
pub(super) async fn resend_verification(
    http: Http,
    asking: Asking,
    creator: SignedCreator,
    body: JsonBody,
) -> Answer {
    let EmptyBody {} = body.read_or_default().await?;
    http.use_cases.accounts.resend_verification(&creator.creator, asking.caller()).await?;
    Ok(json(StatusCode::ACCEPTED, &MailAcceptedBody::ANSWER))
}

/// Mails a link that sets a new password.
///
/// The answer is the same for known and unknown addresses. The link is good once and for 30 minutes.
#[utoipa::path(post, path = "/v2/creator/auth/password-reset", tag = "creator", security(()), request_body = PasswordReset,
    responses((status = 202, description = "If there is an account, its mail is on its way", body = MailAcceptedBody), MailProblems))]
pub(super) async fn reset_password(http: Http, client: Client, body: JsonBody) -> Answer {
    let body = body.draft().await?;
    let email = body.parse(|body: PasswordReset| parsed::<Email>("email", &body.email))?;
    http.use_cases.accounts.request_password_reset(email, &client.0).await?;
    Ok(json(StatusCode::ACCEPTED, &MailAcceptedBody::ANSWER))
}

/// Sets a new password with the token from the mail.
///
/// Ends every session of the creator and begins another one.
#[utoipa::path(post, path = "/v2/creator/auth/password-reset/confirm", tag = "creator", security(()), request_body = NewPassword,
    responses((status = 200, description = "The password is changed", body = Tokens), NewPasswordProblems))]
pub(super) async fn confirm_reset(http: Http, asking: Asking, body: JsonBody) -> Answer {
    let (token, password) = body.draft().await?.parse(|body: NewPassword| {
        let password = Password::new(body.password);
        let password = password.map_err(|error| FieldErrors::one("password", error))?;
        Ok((body.token, password))
    })?;
    let token = mailed(&token)?;
    let accounts = &http.use_cases.accounts;
    let signed_in = accounts.confirm_password_reset(&token, &password, asking.caller()).await?;
    Ok(json(StatusCode::OK, &Tokens::of(&http, signed_in)?))
}

impl Registration {
    /// Returns the address, the password and the name, or what is wrong with each.
    fn read(self) -> Result<(Email, Password, String), FieldErrors> {
        let mut errors = FieldErrors::new();
        let email = errors.check("email", self.email.parse::<Email>());
        let password = errors.check("password", Password::new(self.password));
        if let (Some(email), Some(password)) = (&email, &password) {
            errors.check("password", password.check_for(email));
        }
        let name = self.name.unwrap_or_default();
        errors.check("name", display_name(&name));
        let (Some(email), Some(password)) = (email, password) else { return Err(errors) };
        errors.finish()?;
        Ok((email, password, name))
    }
}

impl CreatorChange {
    fn read(self) -> Result<Option<String>, FieldErrors> {
        if let Some(Err(error)) = self.name.as_deref().map(display_name) {
            return Err(FieldErrors::one("name", error));
        }
        Ok(self.name)
    }
}

/// Reads a token from a mail. A text that is not one cannot come from a mail.
fn mailed(text: &str) -> Result<Token, Problem> {
    text.parse().map_err(|_| Problem::new(Code::InvalidMagicLink))
}

impl Tokens {
    fn of(http: &Http, signed_in: CreatorSignedIn) -> Result<Self, Problem> {
        let issued = http.access_tokens.issue(signed_in.creator.id, signed_in.session_id);
        Ok(Self {
            access_token: issued.ok_or_else(|| Problem::new(Code::InternalError))?,
            expires_in: LIFETIME_SECONDS,
            refresh_token: signed_in.refresh_token.reveal(),
            creator: CreatorBody::of(signed_in.creator),
        })
    }
}

impl CreatorBody {
    fn of(creator: Creator) -> Self {
        let email = creator.email.as_str().to_owned();
        Self {
            id: creator.id.to_string(),
            email,
            name: creator.name,
            email_verified: creator.email_verified_at.is_some(),
        }
    }
}
