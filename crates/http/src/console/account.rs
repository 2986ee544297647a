//! The creator's account: name, password and sessions.

use actix_web::web::ServiceConfig;
use askama::Template;
use tollgate_domain::{
    creators::{AccountError, CreatorSession, Password},
    email::Email,
    id::CreatorSessionId,
    paging::PageRequest,
};

use super::{
    form::{FormState, Labels},
    page::{Notice, Screen, When, render, see_other, see_other_with},
    sign_in::enter,
    who::Signed,
};
use crate::{
    creator::accounts,
    extract::{Asking, ConsoleCookie, Form, Paging},
    locale::Texts,
    problem::Answer,
    routes::form,
    state::Http,
};

const FIELDS: Labels = &[
    ("name", "console-field-own-name"),
    ("currentPassword", "console-field-current-password"),
    ("newPassword", "console-field-new-password"),
];

#[derive(Template)]
#[template(path = "console/account.html")]
struct AccountScreen {
    t: Texts,
    screen: Screen,
    email: String,
    sessions: Vec<SessionRow>,
    /// The URL of the part of the list with older sessions.
    older: Option<String>,
}

struct SessionRow {
    id: String,
    /// The kind of device that the session began on, if that is known.
    device: Option<String>,
    since: When,
    until: When,
    is_current: bool,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(form("/account", show, change));
}

async fn show(http: Http, signed: Signed, paging: Paging) -> Answer {
    let page = paging.read()?;
    let form = FormState::new(signed.screen.t, FIELDS).with("name", &signed.creator.name);
    shown(&http, signed, form, &page).await
}

async fn shown(http: &Http, signed: Signed, form: FormState, page: &PageRequest) -> Answer {
    let listing = http.use_cases.accounts.sessions(&signed.creator, page).await?;
    let t = signed.screen.t;
    let row = |session: &CreatorSession| SessionRow::of(t, session, signed.session);
    let sessions = listing.items.iter().map(row).collect();
    let older = listing.next.map(|cursor| format!("/account?cursor={cursor}"));
    let email = signed.creator.email.shown();
    let account = AccountScreen { t, screen: signed.screen.with(form), email, sessions, older };
    render(account.screen.status(), &account)
}

/// Does what the pressed button says.
async fn change(
    http: Http,
    asking: Asking,
    signed: Signed,
    before: ConsoleCookie,
    form: Form,
) -> Answer {
    let form = FormState::read(signed.screen.t, FIELDS, form).await?;
    if form.is_unreadable::<Email>("account") {
        let form = form.outdated().with_missing("name", &signed.creator.name);
        return shown(&http, signed, form, &PageRequest::default()).await;
    }
    let email = signed.creator.email.shown();
    if form.names_another("account", &email) {
        let notice = Notice::about("console-notice-refused-other-account", email);
        return Ok(see_other_with("/account", notice));
    }
    match form.get("do") {
        "password" => change_password(&http, &asking, signed, before, form).await,
        "end" => end_session(&http, signed, &form).await,
        _ => rename(&http, signed, form).await,
    }
}

async fn rename(http: &Http, signed: Signed, form: FormState) -> Answer {
    match http.use_cases.accounts.rename(&signed.creator, form.get("name").trim()).await {
        Ok(_) => Ok(see_other_with("/account", Notice::new("console-notice-saved"))),
        Err(error) => shown(http, signed, form.refused(error)?, &PageRequest::default()).await,
    }
}

/// Changes the password. All sessions end, and this browser gets another one.
async fn change_password(
    http: &Http,
    asking: &Asking,
    signed: Signed,
    before: ConsoleCookie,
    mut form: FormState,
) -> Answer {
    let new = form.check("newPassword", Password::new(form.get("newPassword").to_owned()));
    let new =
        new.filter(|new| form.check("newPassword", new.check_for(&signed.creator.email)).is_some());
    form.needs("currentPassword");
    // No account has a password of another length.
    let current = Password::tried(form.get("currentPassword").to_owned()).ok();
    let creator = &signed.creator;
    let changed = accounts::change_password(http, creator, current.as_ref(), new.as_ref(), asking);
    let form = match changed.await {
        Ok(Some(changed)) => {
            let done = Notice::new("console-notice-password-changed");
            return enter(http, before, &changed, see_other_with("/account", done)).await;
        }
        Ok(None) => form,
        Err(AccountError::Unauthorized) => {
            let wrong = signed.screen.t.get("console-error-current-password");
            form.with_error("currentPassword", wrong)
        }
        Err(error) => form.refused(error)?,
    };
    let form = form.with_missing("name", &signed.creator.name);
    shown(http, signed, form, &PageRequest::default()).await
}

async fn end_session(http: &Http, signed: Signed, form: &FormState) -> Answer {
    let Ok(session) = form.get("session").parse::<CreatorSessionId>() else {
        return Ok(see_other("/account"));
    };
    http.use_cases.accounts.end_session(&signed.creator, session).await?;
    Ok(see_other_with("/account", Notice::new("console-notice-session-ended")))
}

impl SessionRow {
    fn of(t: Texts, session: &CreatorSession, current: CreatorSessionId) -> Self {
        Self {
            id: session.id.to_string(),
            device: session.device.map(|device| t.device(device)),
            since: When::exact(t, session.created_at),
            until: When::exact(t, session.expires_at),
            is_current: session.id == current,
        }
    }
}
