//! The people who have to do with a handle.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use askama::Template;
use tollgate_domain::{
    email::{Email, start_of_address},
    paging::{Listing, PageRequest},
    reports::{Person, SaleQuery},
};

use super::{
    super::{
        form::{FormState, Labels},
        page::{Nav, Screen, render, see_other},
        who::AtHandle,
    },
    as_read, person, sentences,
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

struct Found {
    people: Listing<Person>,
    /// Further people, each with the text id of what is known of them, such as a payment that failed or a mail.
    others: BTreeMap<Email, &'static str>,
    /// The address that was searched for, if nobody here has it.
    stranger: Option<Email>,
}

impl Default for Found {
    fn default() -> Self {
        let people = Listing { items: Vec::new(), next: None };
        Self { people, others: BTreeMap::new(), stranger: None }
    }
}

struct Stranger {
    email: String,
    grant: String,
    address: String,
}

pub(super) async fn show(http: Http, at: AtHandle, query: Query, paging: Paging) -> Answer {
    let ([typed], part) = (query.read(["q"])?, paging.read()?);
    let typed = typed.unwrap_or_default();
    let form = FormState::new(at.screen.t, FIELDS).with("q", as_read(typed.trim()));
    let sought = typed.parse::<Email>().ok();
    let start = start_of_address(&typed);
    let prefix = start.as_str();
    let reports = &http.use_cases.reports;
    match reports.people(&at.creator, &at.handle.name, Some(prefix), &part).await {
        Ok(people) => {
            let is_whole = part.after.is_none() && people.next.is_none() && !prefix.is_empty();
            let others =
                if is_whole { others(&http, &at, prefix, &people).await? } else { BTreeMap::new() };
            let is_here = |email: &Email| {
                others.contains_key(email)
                    || people.items.iter().any(|person| person.email == *email)
            };
            let stranger = sought.filter(|email| is_whole && !is_here(email));
            shown(at, form, Found { people, others, stranger })
        }
        Err(error) => shown(at, form.refused(error)?, Found::default()),
    }
}

/// Returns the addresses that start like this of those who bought and opened nothing, with what is known of them: a payment of
/// theirs is on its way or failed, what was theirs ended or moved to another address, or a mail about the handle went there.
async fn others(
    http: &Http,
    at: &AtHandle,
    prefix: &str,
    people: &Listing<Person>,
) -> Result<BTreeMap<Email, &'static str>, Problem> {
    let (reports, creator, name) = (&http.use_cases.reports, &at.creator, &at.handle.name);
    let wanted = SaleQuery { prefix: Some(prefix.to_owned()), ..SaleQuery::default() };
    let payments = reports.unfinished_payments(creator, name, wanted).await?;
    let newest = PageRequest { limit: 100, after: None };
    let mails = reports.mails(creator, name, Some(prefix), &newest).await?.items;
    let mails = mails.into_iter().map(|mail| (mail.to, "console-people-relation-mailed"));
    let mut others: BTreeMap<_, _> = mails.collect();
    if let Ok(email) = prefix.parse::<Email>() {
        let has_more = !reports.pages_about(creator, name, &email, 1).await?.is_empty()
            || !http.use_cases.moves.confirmed(creator, name, &email).await?.is_empty();
        others.extend(has_more.then_some((email, "console-people-relation-former")));
    }
    let payments = payments.into_iter().map(|one| (one.email, "console-people-relation-payment"));
    others.extend(payments);
    // Mails to the creator say what happened in the shop.
    others.remove(&creator.email);
    for person in &people.items {
        others.remove(&person.email);
    }
    Ok(others)
}

/// Leads on from the page of an address that was typed into the browser.
pub(super) async fn lead_on(at: AtHandle, req: HttpRequest) -> Answer {
    let email: Email = part(&req, "email").ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(see_other(&person(&at, &email)))
}

fn shown(at: AtHandle, form: FormState, found: Found) -> Answer {
    let Found { people, others, stranger } = found;
    let t = at.screen.t;
    let known = people.items.iter().map(|person| {
        (&person.email, Row::of(&at, &person.email, sentences::relations(t, person)))
    });
    let others = others.iter().map(|(email, words)| (email, Row::of(&at, email, t.get(words))));
    let mut rows: Vec<_> = known.chain(others).collect();
    // In the order of the list's parts, which is that of the addresses as they are stored.
    rows.sort_by_key(|(email, _)| *email);
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let next = people.next.map(|cursor| {
        at.path_with("/people", &[("q", form.get("q")), ("cursor", &cursor.to_string())])
    });
    let list = PeopleScreen {
        t,
        rows,
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
    fn of(at: &AtHandle, email: &Email, relations: String) -> Self {
        Self { address: person(at, email), email: email.shown(), relations }
    }
}

impl Stranger {
    fn of(at: &AtHandle, email: &Email) -> Self {
        Self {
            email: email.shown(),
            grant: at.path_with("/people/grant", &[("email", email.as_str())]),
            address: person(at, email),
        }
    }
}
