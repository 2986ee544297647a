//! Making a handle.

use actix_web::web::ServiceConfig;
use askama::Template;
use tollgate_domain::{
    creators::{Creator, Handle, HandleChange, HandleError},
    email::Email,
    names::{HandleName, NameError},
};

use super::{
    form::{FormState, Labels},
    page::{Notice, Screen, render, see_other_with},
    who::Signed,
};
use crate::{
    extract::Form,
    locale::Texts,
    problem::{Answer, Problem},
    routes::form,
    state::Http,
};

const FIELDS: Labels = &[("name", "console-field-shop-name"), ("handle", "console-field-handle")];

#[derive(Template)]
#[template(path = "console/new_handle.html")]
struct NewHandleScreen {
    t: Texts,
    screen: Screen,
    /// What stands before and after the handle in its address.
    before: String,
    after: String,
    /// The handle in the address below the field.
    sample: String,
    /// Free names, when the one that was typed is taken or reserved.
    suggestions: Vec<HandleName>,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(form("/new-handle", show, create));
}

async fn show(http: Http, signed: Signed) -> Answer {
    let form = FormState::new(signed.screen.t, FIELDS);
    shown(&http, signed.screen.with(form), Vec::new())
}

fn shown(http: &Http, screen: Screen, suggestions: Vec<HandleName>) -> Answer {
    let root = http.installation.origin();
    let (scheme, domain) = root.split_once("://").unwrap_or_default();
    let (before, after) = (format!("{scheme}://"), format!(".{domain}"));
    // What cannot be a handle makes no address.
    let typed = screen.form.some("handle").and_then(|typed| parsed(typed).ok());
    let sample = typed
        .map_or_else(|| screen.t.get("console-new-handle-sample"), |handle| handle.to_string());
    let new = NewHandleScreen { t: screen.t, screen, before, after, sample, suggestions };
    render(new.screen.status(), &new)
}

fn parsed(typed: &str) -> Result<HandleName, NameError> {
    typed.trim().to_lowercase().parse()
}

/// Makes the handle, or shows free names if it is taken or reserved. A chosen one of these is filled in.
async fn create(http: Http, signed: Signed, form: Form) -> Answer {
    let mut form = FormState::read(signed.screen.t, FIELDS, form).await?;
    if form.is_unreadable::<Email>("account") {
        return shown(&http, signed.screen.with(form.outdated()), Vec::new());
    }
    let email = signed.creator.email.shown();
    if form.names_another("account", &email) {
        let told = signed.screen.t.with("console-notice-refused-other-account", "what", email);
        let form = form.with_error("", told).headed("console-not-done");
        return shown(&http, signed.screen.with(form), Vec::new());
    }
    if let Some(chosen) = form.some("take").map(str::to_owned) {
        return filled_in(&http, signed.screen, form, chosen);
    }
    check_title(&mut form);
    form.needs("handle");
    let name = parsed(form.get("handle"));
    let name = form.check("handle", name);
    let (Some(name), false) = (name, form.has_errors()) else {
        let suggestions = instead(&http, signed.screen.t, &mut form).await?;
        return shown(&http, signed.screen.with(form), suggestions);
    };
    match created(&http, &signed.creator, &name, form.get("name").trim()).await {
        Ok(handle) => {
            let notice = Notice::about("console-notice-handle-made", handle.title);
            Ok(see_other_with(&format!("/{name}"), notice))
        }
        Err(error) => {
            let suggestions = match error {
                HandleError::Taken => like(&http, name.as_str()).await?,
                _ => Vec::new(),
            };
            shown(&http, signed.screen.with(form.refused(error)?), suggestions)
        }
    }
}

/// Returns free names if the one that was typed is reserved or taken. That it is taken is said beside what else is wrong.
async fn instead(http: &Http, t: Texts, form: &mut FormState) -> Result<Vec<HandleName>, Problem> {
    let is_free = match parsed(form.get("handle")) {
        Ok(name) => {
            let is_taken = http.use_cases.handles.is_taken(&name).await?;
            if is_taken {
                form.refuse("handle", t.get("console-error-handle-taken"));
            }
            !is_taken
        }
        Err(error) => error != NameError::Reserved,
    };
    if is_free { Ok(Vec::new()) } else { like(http, form.get("handle")).await }
}

/// Returns free names like one that is taken or reserved.
async fn like(http: &Http, typed: &str) -> Result<Vec<HandleName>, Problem> {
    Ok(http.use_cases.handles.suggest(&typed.trim().to_lowercase()).await?)
}

/// Shows the form with the name that was chosen. A handle cannot be changed later, so it is only filled in.
fn filled_in(http: &Http, mut screen: Screen, mut form: FormState, chosen: String) -> Answer {
    screen.notice = Some(screen.t.with("console-new-handle-chosen", "handle", &chosen));
    form.set("handle", chosen);
    shown(http, screen.with(form), Vec::new())
}

/// Adds what is wrong with the name of the shop.
fn check_title(form: &mut FormState) {
    let title = Some(form.get("name").trim().to_owned());
    if let Err(errors) = (HandleChange { title, ..HandleChange::default() }).check() {
        form.add(errors);
    }
}

/// Creates the handle. A form that was only sent twice has created it already.
async fn created(
    http: &Http,
    creator: &Creator,
    name: &HandleName,
    title: &str,
) -> Result<Handle, HandleError> {
    let handles = &http.use_cases.handles;
    match handles.create(creator, name.clone(), title).await {
        Err(error @ (HandleError::Taken | HandleError::QuotaExceeded(_))) => {
            match handles.owned(creator, name).await {
                Ok(there) if there.title == title => Ok(there),
                Ok(_) | Err(HandleError::NotFound) => Err(error),
                Err(error) => Err(error),
            }
        }
        result => result,
    }
}
