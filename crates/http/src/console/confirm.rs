//! The screen before a step that cannot be taken back: it names what will happen, and asks.

use std::str::FromStr;

use askama::Template;
use tollgate_domain::version::Version;

use super::{
    form::FormState,
    page::{Screen, render},
};
use crate::{locale::Texts, problem::Answer};

/// The hidden fields of a screen that asks before something is deleted: its id and what it is called.
const ID: &str = "id";
const CALLED: &str = "deleted";
/// The hidden field that [`FormState::based_on`] reads.
const VERSION: &str = "version";

#[derive(Debug, Default)]
pub(crate) struct Confirmation {
    /// The question, such as "Refund Bob?".
    pub(crate) heading: String,
    /// What will happen, one sentence each.
    pub(crate) effects: Vec<String>,
    /// The path that the button posts to.
    pub(crate) action: String,
    /// The button, which names the step.
    pub(crate) button: String,
    /// The path of the screen to go back to.
    pub(crate) back: String,
    /// Fields that are sent along.
    pub(crate) hidden: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "console/confirm.html")]
struct ConfirmScreen {
    t: Texts,
    screen: Screen,
    asked: Confirmation,
}

pub(crate) fn confirm(screen: Screen, asked: Confirmation) -> Answer {
    render(screen.status(), &ConfirmScreen { t: screen.t, screen, asked })
}

/// Returns the hidden field with the version of what a screen shows, so that nothing is done to a later one.
pub(super) fn of_version(version: &Version) -> (&'static str, String) {
    (VERSION, version.to_string())
}

/// Returns the hidden fields of a screen that asks before something is deleted.
pub(super) fn to_delete(
    id: &impl ToString,
    called: &str,
    version: &Version,
) -> Vec<(&'static str, String)> {
    vec![(ID, id.to_string()), (CALLED, called.to_owned()), of_version(version)]
}

/// Returns what the thing was called that a form asked to delete, if it is gone: nothing is there now, or something
/// else under its name.
pub(super) fn deleted_before<I: FromStr + PartialEq>(
    form: &FormState,
    there: Option<&I>,
) -> Option<String> {
    let asked = form.get(ID).parse::<I>().ok();
    let names_it = asked.is_some() || form.some(CALLED).is_some();
    let is_another = |there: &I| asked.as_ref().is_some_and(|asked| asked != there);
    let is_gone = there.map_or(names_it, is_another);
    is_gone.then(|| form.get(CALLED).to_owned())
}

/// Returns whether it cannot be read which thing a form asked to delete, though its screen said so.
pub(super) fn is_unclear<I: FromStr>(form: &FormState) -> bool {
    form.is_unreadable::<I>(ID)
}
