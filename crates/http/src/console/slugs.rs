//! Slugs as they are typed: blanks around them and capital letters do not count.

use tollgate_domain::names::Slug;

use super::{
    form::FormState,
    named::{Named, find},
    who::AtHandle,
};
use crate::{problem::Problem, state::Http};

/// Returns what the field says, for the parser of slugs; `None` if it is blank.
pub(super) fn typed(form: &FormState) -> Option<String> {
    form.some("slug").map(|text| text.trim().to_lowercase())
}

/// Returns the slug of a file's name, without the part that tells its type; `otherwise` if the name makes none.
pub(super) fn made_of(name: &str, otherwise: &str) -> Option<Slug> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    // A name that begins with its only dot has nothing before it.
    let stem = if stem.is_empty() { last } else { stem };
    [stem, otherwise].into_iter().find_map(Slug::suggest)
}

/// Adds the error of a slug that was typed and is taken, beside what else is wrong.
pub(super) async fn refuse_taken<T: Named>(
    http: &Http,
    at: &AtHandle,
    form: &mut FormState,
) -> Result<(), Problem> {
    let slug = typed(form).and_then(|typed| typed.parse::<Slug>().ok());
    if let Some(slug) = slug
        && find::<T>(http, at, &slug).await?.is_some()
    {
        form.refuse("slug", at.screen.t.get("console-error-slug-taken"));
    }
    Ok(())
}
