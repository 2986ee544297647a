//! The settings of a handle.

use std::collections::HashSet;

use actix_web::{HttpResponse, web::ServiceConfig};
use askama::Template;
use tollgate_domain::{
    creators::{FrontendOrigin, HandleChange, HandleError, HandleSettings},
    email::Email,
    files::File,
    names::Slug,
};
use tollgate_formats::MailEnd;

use super::{
    conflict::Conflict,
    form::{FormState, Labels},
    page::{Nav, Notice, Screen, render, see_other_with},
    who::AtHandle,
};
use crate::{
    creator::handles::{HandleChangeBody, SecondPayments, public_picture},
    dto::TextEnum,
    extract::Form,
    locale::Texts,
    problem::{Answer, Problem},
    routes::form,
    state::Http,
};

const FIELDS: Labels = &[
    ("name", "console-field-shop-name"),
    ("description", "console-field-description"),
    ("picture", "console-field-picture"),
    ("supportEmail", "console-field-support-email"),
    ("mailFooter", "console-field-mail-footer"),
    ("extras", "console-field-extras"),
    ("secondPayments", "console-field-second-payments"),
    ("frontendOrigins", "console-field-frontend-origins"),
];

/// What is asked for at the payment, with the ids of the labels.
const EXTRAS: [(&str, &str); 3] = [
    ("invoice", "console-settings-invoice"),
    ("automaticTax", "console-settings-tax"),
    ("taxId", "console-settings-tax-id"),
];

/// The greatest number of characters of a refused line that are shown beside what is wrong with it.
const MAX_LINE: usize = 100;

/// The greatest number of pictures that are listed.
const MAX_PICTURES: usize = 500;

#[derive(Template)]
#[template(path = "console/settings.html")]
struct SettingsScreen {
    t: Texts,
    screen: Screen,
    /// The storefront's address.
    address: String,
    /// The pictures that the storefront can show, newest first.
    pictures: Vec<Picture>,
    /// Whether there are more of them, so that the slug is typed.
    has_more_pictures: bool,
    /// The end of a mail as it is stored.
    mail_end: Option<MailEnd>,
    conflict: Option<Conflict>,
}

struct Picture {
    slug: String,
    name: String,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(form("/{handle}/settings", show, change));
}

async fn show(http: Http, at: AtHandle) -> Answer {
    let settings = http.use_cases.handles.settings(&at.creator, &at.handle.name).await?;
    let form = filled(at.screen.t, &settings);
    shown(&http, at, form, None).await
}

fn filled(t: Texts, settings: &HandleSettings) -> FormState {
    let HandleSettings { handle, frontend_origins } = settings;
    let origins: Vec<_> = frontend_origins.iter().map(FrontendOrigin::as_str).collect();
    let support = handle.texts.support_email.as_ref().map(Email::shown);
    let extras = handle.extras;
    let wanted = [
        ("invoice", extras.invoice),
        ("automaticTax", extras.automatic_tax),
        ("taxId", extras.tax_id),
    ];
    let form = wanted.into_iter().filter(|(_, is_on)| *is_on);
    form.fold(FormState::new(t, FIELDS), |form, (name, _)| form.with("extras", name))
        .with("name", &handle.title)
        .with("description", handle.description.as_deref().unwrap_or_default())
        .with("picture", handle.picture.as_ref().map(Slug::as_str).unwrap_or_default())
        .with("supportEmail", support.unwrap_or_default())
        .with("mailFooter", handle.texts.mail_footer.as_deref().unwrap_or_default())
        .with("secondPayments", SecondPayments::from(handle.second_payments).as_str())
        .with("frontendOrigins", origins.join("\n"))
        .with("version", settings.version().to_string())
}

async fn shown(http: &Http, at: AtHandle, form: FormState, conflict: Option<Conflict>) -> Answer {
    let (creator, name) = (&at.creator, &at.handle.name);
    let limit = u32::try_from(MAX_PICTURES + 1).unwrap_or(u32::MAX);
    let files = http.use_cases.files.public_pictures(creator, name, limit).await?;
    let has_more_pictures = files.len() > MAX_PICTURES;
    let mut pictures: Vec<_> = files.into_iter().take(MAX_PICTURES).map(Picture::of).collect();
    if let Some(chosen) = form.some("picture").and_then(|slug| slug.parse::<Slug>().ok())
        && pictures.iter().all(|picture| picture.slug != chosen.as_str())
    {
        pictures.push(unlisted(http, &at, &chosen).await?);
    }
    let mail_end = MailEnd::of(&at.handle.texts, at.screen.t.0);
    let address = http.installation.handle_origin(&at.handle.name);
    let screen = at.screen.on(Nav::Settings).with(form);
    let t = screen.t;
    let shown =
        SettingsScreen { t, screen, address, pictures, has_more_pictures, mail_end, conflict };
    render(shown.screen.status_unless(shown.conflict.is_some()), &shown)
}

async fn change(http: Http, at: AtHandle, form: Form) -> Answer {
    let mut form = FormState::read(at.screen.t, FIELDS, form).await?;
    let change = read(at.screen.t, &mut form);
    if !can_show(&http, &at, &form).await? {
        form.refuse("picture", at.screen.t.get("console-settings-error-picture"));
    }
    let Some(change) = change.filter(|_| !form.has_errors()) else {
        return shown(&http, at, form, None).await;
    };
    let (handles, based_on) = (&http.use_cases.handles, form.based_on());
    match handles.change(&at.creator, &at.handle.name, change, &based_on).await {
        Ok(_) => Ok(saved(&at)),
        Err(HandleError::VersionConflict) => conflicted(&http, at, form).await,
        Err(error) => shown(&http, at, form.refused(error)?, None).await,
    }
}

fn saved(at: &AtHandle) -> HttpResponse {
    see_other_with(&at.path("/settings"), Notice::new("console-notice-saved"))
}

/// Shows what somebody else stored beside what was typed. A form that was only sent twice is saved already.
async fn conflicted(http: &Http, at: AtHandle, mut form: FormState) -> Answer {
    let t = at.screen.t;
    let settings = http.use_cases.handles.settings(&at.creator, &at.handle.name).await?;
    let stored = filled(t, &settings);
    let told = |form: &FormState, field: &str| told(t, form, field);
    let Some(conflict) = Conflict::between(t, FIELDS, &mut form, &stored, told) else {
        return Ok(saved(&at));
    };
    let conflict = conflict.back_to(at.path("/settings"));
    shown(http, at, form, Some(conflict)).await
}

/// Returns what a field says, as the screen names it.
fn told(t: Texts, form: &FormState, field: &str) -> String {
    match field {
        "extras" => {
            let chosen = EXTRAS.into_iter().filter(|(name, _)| form.has(field, name));
            chosen.map(|(_, label)| t.get(label)).collect::<Vec<_>>().join("\n")
        }
        "secondPayments" => match SecondPayments::read(form.get(field)) {
            Ok(SecondPayments::Refund) => t.get("console-settings-second-refund"),
            Ok(SecondPayments::Hold) => t.get("console-settings-second-hold"),
            Err(_) => form.get(field).to_owned(),
        },
        "supportEmail" => {
            let typed = form.get(field).trim();
            typed.parse::<Email>().map_or_else(|_| typed.to_owned(), |email| email.shown())
        }
        "frontendOrigins" => {
            let mut origins = origins(form.get(field));
            // One that is there twice is stored once.
            let mut seen = HashSet::new();
            origins.retain(|origin| seen.insert(origin.clone()));
            origins.join("\n")
        }
        _ => form.get(field).trim().to_owned(),
    }
}

/// Returns a chosen picture that is not listed, because it is older than those that are, or is deleted.
async fn unlisted(http: &Http, at: &AtHandle, chosen: &Slug) -> Result<Picture, Problem> {
    let shown = public_picture(http, &at.creator, &at.handle.name, chosen).await?;
    let name = shown.map_or_else(
        || at.screen.t.with("console-settings-picture-gone", "file", chosen),
        |file| file.name,
    );
    Ok(Picture { slug: chosen.to_string(), name })
}

/// Returns whether the storefront can show the picture that is chosen, if it is another one than before.
async fn can_show(http: &Http, at: &AtHandle, form: &FormState) -> Result<bool, Problem> {
    let chosen = form.some("picture").and_then(|text| text.parse::<Slug>().ok());
    let Some(chosen) = chosen.filter(|chosen| at.handle.picture.as_ref() != Some(chosen)) else {
        return Ok(true);
    };
    Ok(public_picture(http, &at.creator, &at.handle.name, &chosen).await?.is_some())
}

/// Reads the form; `None` if fields of it have errors.
fn read(t: Texts, form: &mut FormState) -> Option<HandleChange> {
    let origins = origins(form.get("frontendOrigins"));
    if let Some(line) = origins.iter().find(|line| line.parse::<FrontendOrigin>().is_err()) {
        let line: String = line.chars().take(MAX_LINE).collect();
        form.refuse("frontendOrigins", t.with("console-settings-error-origin", "line", line));
    }
    let some = |name: &str| form.some(name).map(str::to_owned);
    let body = HandleChangeBody {
        name: Some(form.get("name").trim().to_owned()),
        description: Some(some("description")),
        picture: Some(some("picture")),
        support_email: Some(some("supportEmail")),
        mail_footer: Some(some("mailFooter")),
        invoice_creation: Some(form.has("extras", "invoice")),
        automatic_tax: Some(form.has("extras", "automaticTax")),
        tax_id_collection: Some(form.has("extras", "taxId")),
        second_payments: some("secondPayments"),
        frontend_origins: Some(origins),
    };
    form.parsed(HandleChange::try_from(body))
}

/// Returns the origins that were typed, without the slash that browsers put after one in their address bars.
fn origins(typed: &str) -> Vec<String> {
    let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.strip_suffix('/').unwrap_or(line).to_owned()).collect()
}

impl Picture {
    fn of(file: File) -> Self {
        Self { slug: file.slug.to_string(), name: file.name }
    }
}
