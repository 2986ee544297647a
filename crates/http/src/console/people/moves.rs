//! Asking for a change of address.

use askama::Template;
use tollgate_domain::email::Email;

use super::{
    super::{
        form::{FormState, Labels},
        page::{Nav, Notice, Screen, render, see_other, see_other_with},
        who::AtHandle,
    },
    person,
};
use crate::{
    extract::{Form, Query},
    locale::Texts,
    problem::Answer,
    state::Http,
};

const FIELDS: Labels = &[("to", "console-people-field-to")];

#[derive(Template)]
#[template(path = "console/people_move.html")]
struct MoveScreen {
    t: Texts,
    screen: Screen,
    from: String,
    /// This screen, for its form.
    here: String,
    back: String,
}

pub(super) async fn show(at: AtHandle, query: Query) -> Answer {
    let [email] = query.read(["email"])?;
    let Some(from) = email.and_then(|text| text.parse::<Email>().ok()) else {
        return Ok(see_other(&at.path("/people")));
    };
    let form = FormState::new(at.screen.t, FIELDS);
    shown(at, &from, form)
}

fn shown(at: AtHandle, from: &Email, form: FormState) -> Answer {
    let change = MoveScreen {
        t: at.screen.t,
        from: from.shown(),
        here: at.path("/people/move"),
        back: person(&at, from),
        screen: at.screen.on(Nav::People).with(form),
    };
    render(change.screen.status(), &change)
}

pub(super) async fn request(http: Http, at: AtHandle, form: Form) -> Answer {
    let mut form = FormState::read(at.screen.t, FIELDS, form).await?;
    let Ok(from) = form.get("from").parse::<Email>() else {
        return Ok(see_other(&at.path("/people")));
    };
    let Some(to) = form.check_email("to") else {
        return shown(at, &from, form);
    };
    let moves = &http.use_cases.moves;
    match moves.request(&at.creator, &at.handle.name, from.clone(), to.clone()).await {
        Ok(()) => {
            let notice = Notice::about("console-people-notice-move", to.shown());
            Ok(see_other_with(&person(&at, &from), notice))
        }
        Err(error) => shown(at, &from, form.refused(error)?),
    }
}
