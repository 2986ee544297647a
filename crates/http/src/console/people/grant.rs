//! Giving access to a page.

use askama::Template;
use tollgate_domain::{
    access::{GrantError, GrantOutcome},
    creators::Page,
    names::Slug,
};

use super::{
    super::{
        choice::{self, PageChoice},
        form::{FormState, Labels},
        named::find,
        page::{Nav, Notice, Screen, render, see_other_with},
        who::AtHandle,
    },
    Choice, as_read, person,
};
use crate::{
    extract::{Form, Query},
    locale::{Texts, isolated},
    problem::{Answer, Problem},
    state::Http,
};

const FIELDS: Labels = &[("email", "console-field-email"), ("page", "console-people-field-page")];

#[derive(Template)]
#[template(path = "console/people_grant.html")]
struct GrantScreen {
    t: Texts,
    screen: Screen,
    pages: Vec<Choice>,
    /// This screen, for its form.
    here: String,
    people: String,
    new_page: String,
}

pub(super) async fn show(http: Http, at: AtHandle, query: Query) -> Answer {
    let [email, page] = query.read(["email", "page"])?;
    let form = FormState::new(at.screen.t, FIELDS)
        .with("email", as_read(&email.unwrap_or_default()))
        .with("page", page.unwrap_or_default());
    shown(&http, at, form).await
}

async fn shown(http: &Http, at: AtHandle, form: FormState) -> Answer {
    let pages = choice::closed_pages(http, &at).await?;
    let choice = |page: PageChoice| Choice { value: page.slug.to_string(), label: page.label };
    let grant = GrantScreen {
        t: at.screen.t,
        pages: pages.into_iter().map(choice).collect(),
        here: at.path("/people/grant"),
        people: at.path("/people"),
        new_page: at.path("/pages/new"),
        screen: at.screen.on(Nav::People).with(form),
    };
    render(grant.screen.status(), &grant)
}

pub(super) async fn give(http: Http, at: AtHandle, form: Form) -> Answer {
    let t = at.screen.t;
    let mut form = FormState::read(t, FIELDS, form).await?;
    let email = form.check_email("email");
    let slug = form.get("page").parse::<Slug>().ok();
    if slug.is_none() {
        form.refuse("page", t.get("console-people-error-page"));
    }
    if let Some(slug) = &slug {
        refuse_open(&http, &at, &mut form, slug).await?;
    }
    let (Some(email), Some(slug), false) = (email, slug, form.has_errors()) else {
        return shown(&http, at, form).await;
    };
    let given = http.use_cases.grants.give(&at.creator, &at.handle.name, &slug, email).await;
    let form = match given {
        Ok(given) => {
            let back = person(&at, &given.visitor.email);
            return Ok(see_other_with(&back, notice(&given)));
        }
        Err(GrantError::PageNotFound) => form.with_error("page", t.get("console-error-no-page")),
        Err(error) => form.refused(error)?,
    };
    shown(&http, at, form).await
}

/// Returns what to say of a gift.
fn notice(given: &GrantOutcome) -> Notice {
    let told = match (given.is_new, given.is_told) {
        (true, true) => "console-people-notice-granted",
        (true, false) => "console-people-notice-untold",
        (false, _) => "console-people-notice-had",
    };
    Notice::about(told, given.visitor.email.shown())
}

/// Adds the error of a page that is open without a gift.
async fn refuse_open(
    http: &Http,
    at: &AtHandle,
    form: &mut FormState,
    slug: &Slug,
) -> Result<(), Problem> {
    let page: Option<Page> = find(http, at, slug).await?;
    if let Some(page) = page.filter(|page| choice::is_open(page.mode, page.status)) {
        let title = isolated(&page.title);
        form.refuse("page", at.screen.t.with("console-people-error-open", "title", title));
    }
    Ok(())
}
