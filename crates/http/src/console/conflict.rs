//! What was stored while a form was open, shown beside what was typed, so that neither is lost.

use super::{
    form::{FormState, Labels, name_of},
    page::When,
};
use crate::locale::Texts;

/// What somebody stored since a form was opened.
pub(super) struct Conflict {
    pub(super) heading: String,
    /// When it was stored, if that is known.
    pub(super) saved: Option<When>,
    pub(super) differences: Vec<Difference>,
    /// The address that shows what is stored, and the words of the link there.
    pub(super) back: String,
    pub(super) link: String,
}

/// A field of a conflict as it is stored now.
pub(super) struct Difference {
    pub(super) id: &'static str,
    pub(super) label: String,
    pub(super) theirs: String,
    pub(super) rows: usize,
}

impl Conflict {
    /// Returns what is stored in the fields in which something else was typed, and bases the form on it, so that it can be
    /// stored over that; `None` if what was typed is stored, as after a form that was sent twice. `told` returns what a field
    /// says.
    pub(super) fn between(
        t: Texts,
        labels: Labels,
        form: &mut FormState,
        stored: &FormState,
        told: impl Fn(&FormState, &str) -> String,
    ) -> Option<Self> {
        let typed: &FormState = form;
        let fields = labels.iter().filter_map(|&(id, label)| {
            Difference::of(t, id, label, &told(stored, id), &told(typed, id))
        });
        let differences: Vec<_> = fields.collect();
        if differences.is_empty() {
            return None;
        }
        form.set("version", stored.get("version"));
        form.refuse("", t.get("console-error-conflict"));
        Some(Self {
            heading: t.get("console-conflict"),
            saved: None,
            differences,
            back: String::new(),
            link: t.get("console-conflict-drop"),
        })
    }

    /// Says where what is stored is shown.
    pub(super) fn back_to(self, back: String) -> Self {
        Self { back, ..self }
    }
}

impl Difference {
    /// Returns a field as it is stored if something else was typed.
    pub(super) fn of(
        t: Texts,
        id: &'static str,
        label: &str,
        theirs: &str,
        typed: &str,
    ) -> Option<Self> {
        (theirs != typed).then(|| Self {
            id,
            label: name_of(t, &t.get(label)),
            theirs: theirs.to_owned(),
            rows: theirs.lines().count().clamp(1, 12),
        })
    }
}
