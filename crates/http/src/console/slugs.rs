//! Slugs as they are typed: blanks around them and capital letters do not count.

use tollgate_domain::names::Slug;

use super::{form::FormState, who::AtHandle};
use crate::{
    problem::{Code, Problem},
    state::Http,
};

/// What has slugs of its own at a handle.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named {
    Page,
    File,
    GroupBuy,
}

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
pub(super) async fn refuse_taken(
    http: &Http,
    at: &AtHandle,
    form: &mut FormState,
    named: Named,
) -> Result<(), Problem> {
    let slug = typed(form).and_then(|typed| typed.parse::<Slug>().ok());
    let Some(slug) = slug else { return Ok(()) };
    let (creator, handle, use_cases) = (&at.creator, &at.handle.name, &http.use_cases);
    let (found, absent) = match named {
        Named::Page => {
            let found = use_cases.pages.owned(creator, handle, &slug).await;
            (found.map(drop).map_err(Problem::from), Code::PageNotFound)
        }
        Named::File => {
            let found = use_cases.files.owned(creator, handle, &slug).await;
            (found.map(drop).map_err(Problem::from), Code::FileNotFound)
        }
        Named::GroupBuy => {
            let found = use_cases.group_buys.owned(creator, handle, &slug).await;
            (found.map(drop).map_err(Problem::from), Code::GroupBuyNotFound)
        }
    };
    match found {
        Ok(()) => form.refuse("slug", at.screen.t.get("console-error-slug-taken")),
        Err(problem) if problem.code() == absent => {}
        Err(problem) => return Err(problem),
    }
    Ok(())
}
