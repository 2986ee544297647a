//! The people who have to do with a handle.

use actix_web::HttpRequest;
use askama::Template;
use tollgate_domain::{email::Email, paging::Listing, reports::Person};

use super::{
    super::{
        form::{FormState, Labels},
        page::{Nav, Screen, render, see_other},
        who::AtHandle,
    },
    person, with_query, words,
};
use crate::{
    extract::{Paging, Query, part},
    locale::Texts,
    problem::{Answer, Code, Problem},
    state::Http,
};

const FIELDS: Labels = &[("q", "console-people-field-q")];

#[derive(Template)]
#[template(path = "console/people.html")]
struct PeopleScreen {
    t: Texts,
    screen: Screen,
    rows: Vec<Row>,
    next: Option<String>,
    /// Whether the list is limited to some addresses.
    is_sought: bool,
    /// The address that was searched for, if nobody here has it.
    stranger: Option<Stranger>,
    all: String,
    grant: String,
}

struct Row {
    address: String,
    email: String,
    relations: String,
}

struct Stranger {
    email: String,
    grant: String,
    address: String,
}

pub(super) async fn show(http: Http, at: AtHandle, query: Query, paging: Paging) -> Answer {
    let ([typed], part) = (query.read(["q"])?, paging.read()?);
    let typed = typed.unwrap_or_default();
    let form = FormState::new(at.screen.t, FIELDS).with("q", typed.trim());
    // A whole address is searched for as it is stored.
    let sought = typed.parse::<Email>().ok();
    let prefix = sought.as_ref().map_or(&*typed, Email::as_str);
    let reports = &http.use_cases.reports;
    match reports.people(&at.creator, &at.handle.name, Some(prefix), &part).await {
        Ok(people) => {
            let is_first = part.after.is_none();
            let is_here = people.items.iter().any(|person| Some(&person.email) == sought.as_ref());
            let stranger = sought.filter(|_| is_first && !is_here);
            shown(at, form, people, stranger)
        }
        Err(error) => {
            let form = form.refused(error)?;
            shown(at, form, Listing { items: Vec::new(), next: None }, None)
        }
    }
}

/// Leads on from the page of an address that was typed into the browser.
pub(super) async fn lead_on(at: AtHandle, req: HttpRequest) -> Answer {
    let email: Email = part(&req, "email").ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(see_other(&person(&at, &email)))
}

fn shown(
    at: AtHandle,
    form: FormState,
    people: Listing<Person>,
    stranger: Option<Email>,
) -> Answer {
    let next = people.next.map(|cursor| {
        with_query(&at, "/people", &[("q", form.get("q")), ("cursor", &cursor.to_string())])
    });
    let list = PeopleScreen {
        t: at.screen.t,
        rows: people.items.iter().map(|person| Row::of(&at, person)).collect(),
        next,
        is_sought: form.some("q").is_some(),
        stranger: stranger.map(|email| Stranger::of(&at, &email)),
        all: at.path("/people"),
        grant: at.path("/people/grant"),
        screen: at.screen.on(Nav::People).with(form),
    };
    render(list.screen.status(), &list)
}

impl Row {
    fn of(at: &AtHandle, known: &Person) -> Self {
        Self {
            address: person(at, &known.email),
            email: known.email.to_string(),
            relations: words::relations(at.screen.t, &known.relations),
        }
    }
}

impl Stranger {
    fn of(at: &AtHandle, email: &Email) -> Self {
        Self {
            email: email.to_string(),
            grant: with_query(at, "/people/grant", &[("email", email.as_str())]),
            address: person(at, email),
        }
    }
}
