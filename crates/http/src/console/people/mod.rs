//! People: who has to do with a handle, what each of them can open and why, and what to do about it.
//!
//! Addresses of people are in queries, since a path has no escapes.

mod decision;
mod explained;
mod findings;
mod grant;
mod list;
mod moves;
mod person;
mod revoke;
mod sentences;

use actix_web::web::ServiceConfig;
use tollgate_domain::{email::Email, names::Slug, reports::Target};

pub(super) use self::sentences::dispute_link;
use super::who::AtHandle;
use crate::{
    links::person_path,
    routes::{form, screen},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(screen("/{handle}/people", list::show))
        .service(form("/{handle}/people/person", person::show, person::act))
        .service(form("/{handle}/people/grant", grant::show, grant::give))
        .service(form("/{handle}/people/revoke", revoke::ask, revoke::revoke))
        .service(form("/{handle}/people/move", moves::show, moves::request))
        .service(screen("/{handle}/people/{email}", list::lead_on));
}

struct Choice {
    value: String,
    label: String,
}

struct Link {
    address: String,
    label: String,
}

pub(super) fn person(at: &AtHandle, email: &Email) -> String {
    person_and(at, email, "")
}

/// Returns the same with a page or file that the question is about.
fn person_and(at: &AtHandle, email: &Email, about: &str) -> String {
    person_path(&at.handle.name, email, about)
}

/// Returns an address from a link as people read it. What somebody typed stays as it is.
pub(super) fn as_read(text: &str) -> String {
    let stored = text.parse::<Email>().ok().filter(|email| email.as_str() == text);
    stored.map_or_else(|| text.to_owned(), |email| email.shown())
}

/// Writes a page or file as the value of a field, such as `page.guide`.
fn written(target: &Target) -> String {
    match target {
        Target::Page(slug) => format!("page.{slug}"),
        Target::File(slug) => format!("file.{slug}"),
    }
}

/// Reads what [`written`] wrote.
fn read(text: &str) -> Option<Target> {
    let (kind, slug) = text.split_once('.')?;
    let slug = slug.parse::<Slug>().ok()?;
    match kind {
        "page" => Some(Target::Page(slug)),
        "file" => Some(Target::File(slug)),
        _ => None,
    }
}
