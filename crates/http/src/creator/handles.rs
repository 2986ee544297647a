//! Handles of creators.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use serde::{Deserialize, Serialize};
use tollgate_domain::{
    Timestamp,
    creators::{self, Creator, FrontendOrigin, Handle, HandleSettings},
    email::Email,
    files::{File, FileError},
    names::{HandleName, Slug},
    validation::FieldError,
};

use crate::{
    dto::{TextEnum, json, text_enum, versioned},
    extract::{HandlePath, IfMatch, JsonBody, ListBody, Own, Paging, SignedCreator, nullable},
    openapi::{CommonProblems, problem_responses, schemas},
    problem::{Answer, FieldErrors, Problem},
    state::Http,
};

text_enum! {
    /// What becomes of a payment for a page that its buyer has already: it is refunded by itself, or held, and the creator
    /// decides.
    #[schema(example = "REFUND")]
    SecondPayments = creators::SecondPayments { Refund "REFUND", Hold "HOLD" }
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewHandle {
    /// The first label of the handle's host.
    #[schema(value_type = schemas::HandleName)]
    handle: String,
    /// The storefront's name.
    #[schema(example = "Ada's workshop", format = "line", min_length = 1, max_length = 100)]
    name: String,
}

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = HandleChange)]
#[expect(clippy::option_option, reason = "absent, null and a text are three things to say")]
pub(crate) struct HandleChangeBody {
    /// The storefront's name.
    #[schema(example = "Ada's studio", format = "line", min_length = 1, max_length = 100)]
    pub(crate) name: Option<String>,
    /// Where frontends of the creator's own may call from, with the visitor's cookie: `https`, or `http`
    /// on this machine. Those that are not named are no longer registered.
    #[schema(max_items = 20, example = json!(["https://shop.example.com"]))]
    pub(crate) frontend_origins: Option<Vec<String>>,
    /// Where visitors can ask for help: shown on pages and in mails. Null takes it away.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, example = "help@example.com", format = Email, max_length = 254)]
    pub(crate) support_email: Option<Option<String>>,
    /// What mails to visitors end with; plain text. Null takes it away.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, example = "Ada's workshop, 1 Mill Lane", format = "text", max_length = 500)]
    pub(crate) mail_footer: Option<Option<String>>,
    /// What the storefront says about itself; plain text. Null takes it away.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, example = "Notes on growing food on a balcony.", format = "text", max_length = 1000)]
    pub(crate) description: Option<Option<String>>,
    /// The slug of a public file of the handle, which the storefront shows as its picture. Null takes it away.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<schemas::Slug>)]
    pub(crate) picture: Option<Option<String>>,
    /// Whether Stripe sends each buyer an invoice (`invoice_creation`).
    #[schema(example = true)]
    pub(crate) invoice_creation: Option<bool>,
    /// Whether Stripe computes the tax that prices include. Stripe Tax has to be set up in the account.
    #[schema(example = true)]
    pub(crate) automatic_tax: Option<bool>,
    /// Whether the pay page asks businesses for their tax id (`tax_id_collection`).
    #[schema(example = true)]
    pub(crate) tax_id_collection: Option<bool>,
    #[schema(value_type = Option<SecondPayments>)]
    pub(crate) second_payments: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Handle)]
pub(crate) struct HandleBody {
    #[schema(value_type = schemas::HandleName)]
    handle: String,
    /// The storefront's name.
    #[schema(example = "Ada's workshop")]
    name: String,
    #[schema(value_type = schemas::Instant)]
    created_at: Timestamp,
}

/// A handle with what is set up for it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HandleSettings)]
pub(crate) struct SettingsBody {
    #[schema(value_type = schemas::HandleName)]
    handle: String,
    /// The storefront's name.
    #[schema(example = "Ada's workshop")]
    name: String,
    #[schema(value_type = schemas::Instant)]
    created_at: Timestamp,
    /// Where frontends of the creator's own may call from.
    #[schema(example = json!(["https://shop.example.com"]))]
    frontend_origins: Vec<String>,
    /// Where visitors can ask for help.
    #[schema(value_type = Option<schemas::EmailAddress>, required = true)]
    support_email: Option<String>,
    /// What mails to visitors end with.
    #[schema(required = true, example = "Ada's workshop, 1 Mill Lane")]
    mail_footer: Option<String>,
    /// What the storefront says about itself.
    #[schema(required = true, example = "Notes on growing food on a balcony.")]
    description: Option<String>,
    /// The slug of the file that the storefront shows as its picture.
    #[schema(value_type = Option<schemas::Slug>, required = true)]
    picture: Option<String>,
    /// Whether Stripe sends each buyer an invoice.
    #[schema(example = false)]
    invoice_creation: bool,
    /// Whether Stripe computes the tax that prices include.
    #[schema(example = false)]
    automatic_tax: bool,
    /// Whether the pay page asks businesses for their tax id.
    #[schema(example = false)]
    tax_id_collection: bool,
    second_payments: SecondPayments,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HandleAvailability)]
pub(crate) struct AvailabilityBody {
    #[schema(value_type = schemas::HandleName)]
    handle: String,
    /// Whether no handle has this name now.
    free: bool,
    /// Up to three names like it that are free now, if it is not.
    #[schema(value_type = Vec<schemas::HandleName>, example = json!([]))]
    suggestions: Vec<String>,
}

problem_responses! {
    AvailabilityProblems: ValidationFailed;
    CreateProblems: HandleTaken QuotaExceeded;
    HandleProblems: HandleNotFound;
    ChangeProblems: HandleNotFound VersionConflict;
}

/// Makes a handle.
///
/// Its storefront is at `{handle}.{PUBLIC_DOMAIN}`.
#[utoipa::path(post, path = "/v2/handles", tag = "handles", security(("creator" = [])), request_body = NewHandle,
    responses((status = 201, description = "The handle", body = HandleBody,
        headers(("ETag" = String))), CreateProblems))]
pub(super) async fn create(http: Http, creator: SignedCreator, body: JsonBody) -> Answer {
    let (name, title) = body.draft().await?.parse(NewHandle::read)?;
    let handle = http.use_cases.handles.create(&creator.creator, name, &title).await?;
    let settings = HandleSettings { handle, frontend_origins: Vec::new() };
    let version = settings.version();
    Ok(versioned(StatusCode::CREATED, &version, &HandleBody::of(settings.handle)))
}

/// Whether a handle can be made with this name, and names like it that are free.
#[utoipa::path(get, path = "/v2/creator/handle-names/{name}", tag = "handles", operation_id = "availability",
    security(("creator" = [])),
    params(("name" = String, Path, description = "The name of the handle", example = "ada")),
    responses((status = 200, description = "Whether it is free", body = AvailabilityBody), AvailabilityProblems))]
pub(super) async fn availability(http: Http, _creator: SignedCreator, req: HttpRequest) -> Answer {
    let name = req.match_info().get("name").unwrap_or_default().parse::<HandleName>();
    let name = name.map_err(|error| Problem::field("name", error))?;
    let handles = &http.use_cases.handles;
    let free = !handles.is_taken(&name).await?;
    let suggestions = if free { Vec::new() } else { handles.suggest(name.as_str()).await? };
    let suggestions = suggestions.iter().map(ToString::to_string).collect();
    let body = AvailabilityBody { handle: name.to_string(), free, suggestions };
    Ok(json(StatusCode::OK, &body))
}

/// The creator's handles, newest first.
#[utoipa::path(get, path = "/v2/handles", tag = "handles", security(("creator" = [])),
    params(crate::openapi::ListQuery),
    responses((status = 200, description = "The handles", body = ListBody<HandleBody>), CommonProblems))]
pub(super) async fn list(http: Http, creator: SignedCreator, paging: Paging) -> Answer {
    let handles = http.use_cases.handles.list(&creator.creator, &paging.read()?).await?;
    Ok(json(StatusCode::OK, &ListBody::of(&paging, handles, HandleBody::of)))
}

/// One of the creator's handles.
#[utoipa::path(get, path = "/v2/handles/{handle}", tag = "handles", security(("creator" = [])),
    params(crate::openapi::HandleParams),
    responses((status = 200, description = "The handle", body = SettingsBody,
        headers(("ETag" = String))), HandleProblems))]
pub(super) async fn show(own: Own<HandlePath>) -> Answer {
    let settings = own.http.use_cases.handles.settings(&own.creator, &own.path.name()?).await?;
    Ok(SettingsBody::answer(settings))
}

/// Changes what is set up for a handle.
///
/// What is not named stays as it is.
#[utoipa::path(patch, path = "/v2/handles/{handle}", tag = "handles", security(("creator" = [])),
    params(crate::openapi::HandleParams, crate::openapi::VersionHeader), request_body = HandleChangeBody,
    responses((status = 200, description = "The handle as it is now", body = SettingsBody,
        headers(("ETag" = String))), ChangeProblems))]
pub(super) async fn change(own: Own<HandlePath>, version: IfMatch, body: JsonBody) -> Answer {
    let body = body.draft::<HandleChangeBody>().await?;
    let (change, name) = (body.parse(creators::HandleChange::try_from)?, own.path.name()?);
    if let Some(Some(picture)) = &change.picture {
        let before = own.http.use_cases.handles.settings(&own.creator, &name).await?.handle.picture;
        let is_new = before.as_ref() != Some(picture);
        if is_new && public_picture(&own.http, &own.creator, &name, picture).await?.is_none() {
            return Err(FieldErrors::one("picture", FieldError::NoPublicPicture).into());
        }
    }
    let (handles, based_on) = (&own.http.use_cases.handles, version.based_on());
    let settings = handles.change(&own.creator, &name, change, based_on).await?;
    Ok(SettingsBody::answer(settings))
}

/// Returns the file of this slug, if it is a picture of the handle that everybody may open.
pub(crate) async fn public_picture(
    http: &Http,
    creator: &Creator,
    handle: &HandleName,
    slug: &Slug,
) -> Result<Option<File>, Problem> {
    match http.use_cases.files.owned(creator, handle, slug).await {
        Ok((_, file)) => Ok(Some(file).filter(File::is_public_picture)),
        Err(FileError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl NewHandle {
    fn read(self) -> Result<(HandleName, String), FieldErrors> {
        let mut errors = FieldErrors::new();
        let handle = errors.check("handle", self.handle.parse::<HandleName>());
        let title = Some(self.name.clone());
        let mut as_change = creators::HandleChange { title, ..creators::HandleChange::default() };
        if let Err(more) = as_change.check() {
            errors.extend(more);
        }
        let Some(handle) = handle else { return Err(errors) };
        errors.finish()?;
        Ok((handle, self.name))
    }
}

impl TryFrom<HandleChangeBody> for creators::HandleChange {
    type Error = FieldErrors;

    fn try_from(change: HandleChangeBody) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let origins = change.frontend_origins.map(|texts| {
            let origins = texts.iter().map(|text| text.parse::<FrontendOrigin>());
            errors.check("frontendOrigins", origins.collect::<Result<Vec<_>, _>>())
        });
        let support_email = change
            .support_email
            .map(|text| text.and_then(|text| errors.check("supportEmail", text.parse::<Email>())));
        let picture = change
            .picture
            .map(|text| text.and_then(|text| errors.check("picture", text.parse::<Slug>())));
        let second = change.second_payments.as_deref().map(SecondPayments::read).transpose();
        let second = errors.check("secondPayments", second).flatten();
        let mut change = Self {
            title: change.name,
            support_email,
            mail_footer: change.mail_footer,
            description: change.description,
            picture,
            invoice: change.invoice_creation,
            automatic_tax: change.automatic_tax,
            tax_id: change.tax_id_collection,
            second_payments: second.map(Into::into),
            frontend_origins: origins.flatten(),
        };
        if let Err(more) = change.check() {
            errors.extend(more);
        }
        errors.finish()?;
        Ok(change)
    }
}

impl SettingsBody {
    fn answer(settings: HandleSettings) -> HttpResponse {
        versioned(StatusCode::OK, &settings.version(), &Self::of(settings))
    }

    fn of(settings: HandleSettings) -> Self {
        let HandleSettings { handle, frontend_origins } = settings;
        Self {
            handle: handle.name.to_string(),
            name: handle.title,
            created_at: handle.created_at,
            frontend_origins: frontend_origins.iter().map(ToString::to_string).collect(),
            support_email: handle.texts.support_email.map(|email| email.as_str().to_owned()),
            mail_footer: handle.texts.mail_footer,
            description: handle.description,
            picture: handle.picture.map(|slug| slug.to_string()),
            invoice_creation: handle.extras.invoice,
            automatic_tax: handle.extras.automatic_tax,
            tax_id_collection: handle.extras.tax_id,
            second_payments: handle.second_payments.into(),
        }
    }
}

impl HandleBody {
    fn of(handle: Handle) -> Self {
        Self { handle: handle.name.to_string(), name: handle.title, created_at: handle.created_at }
    }
}
