//! The screen before a step that cannot be taken back: it names what will happen, and asks.

use askama::Template;

use super::page::{Screen, render};
use crate::{locale::Texts, problem::Answer};

/// What the screen asks.
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

/// Asks before a step.
pub(crate) fn confirm(screen: Screen, asked: Confirmation) -> Answer {
    render(screen.status(), &ConfirmScreen { t: screen.t, screen, asked })
}
