//! Asking for a change of address.

use askama::Template;
use tollgate_domain::{email::Email, moves::AddressMove};

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
    locale::{Texts, isolated},
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
    /// The changes that wait and that another one replaces.
    waiting: Vec<Replaced>,
}

/// A change of address that another one replaces.
struct Replaced {
    to: String,
    text: String,
}

pub(super) async fn show(http: Http, at: AtHandle, query: Query) -> Answer {
    let [email] = query.read(["email"])?;
    let Some(from) = email.and_then(|text| text.parse::<Email>().ok()) else {
        return Ok(see_other(&at.path("/people")));
    };
    let form = FormState::new(at.screen.t, FIELDS);
    shown(&http, at, &from, form).await
}

async fn shown(http: &Http, at: AtHandle, from: &Email, form: FormState) -> Answer {
    let t = at.screen.t;
    let waiting = http.use_cases.moves.waiting(&at.creator, &at.handle.name, from).await?;
    let waiting =
        waiting.iter().filter(|asked| asked.from == *from).map(|asked| Replaced::of(t, asked));
    let change = MoveScreen {
        t,
        waiting: waiting.collect(),
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
        return shown(&http, at, &from, form).await;
    };
    let moves = &http.use_cases.moves;
    let waiting = moves.waiting(&at.creator, &at.handle.name, &from).await?;
    // One that the screen did not name is not replaced without a word.
    let is_unseen = |asked: &AddressMove| {
        asked.from == from && asked.to != to && !form.has("replaces", &asked.to.shown())
    };
    if waiting.iter().any(is_unseen) {
        return shown(&http, at, &from, form.outdated()).await;
    }
    match moves.request(&at.creator, &at.handle.name, from.clone(), to.clone()).await {
        Ok(()) => {
            let notice = Notice::about("console-people-notice-move", to.shown());
            Ok(see_other_with(&person(&at, &from), notice))
        }
        Err(error) => shown(&http, at, &from, form.refused(error)?).await,
    }
}

impl Replaced {
    fn of(t: Texts, asked: &AddressMove) -> Self {
        let to = asked.to.shown();
        Self { text: t.with("console-people-move-waits", "email", isolated(&to)), to }
    }
}
