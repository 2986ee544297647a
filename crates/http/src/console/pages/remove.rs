//! Archiving and deleting a page, each with a screen that asks before.

use actix_web::{HttpRequest, HttpResponse};
use tollgate_domain::{
    creators::{AccessMode, Page, PageChange, PageError, PageStatus},
    id::PageId,
};

use super::super::{
    confirm::{Confirmation, confirm, deleted_before, is_unclear, of_version, to_delete},
    form::FormState,
    named::{Named, On, find, slug_of},
    page::{Nav, Notice, see_other_with},
    who::AtHandle,
};
use crate::{
    extract::Form,
    locale::isolated,
    problem::{Answer, Problem},
    state::Http,
};

/// The hidden field with the status that the screen before deleting showed.
const STATUS: &str = "status";
/// The notice that an archived page cannot be deleted.
const STAYS: &str = "console-pages-notice-refused-stays";
/// The greatest number of group buys that are named before a page is archived.
const MAX_OFFERS: u32 = 100;

/// Returns how often the page was sold or given away, which may be several times to one person.
async fn times(http: &Http, on: &On<Page>) -> Result<i64, Problem> {
    let counted = http.use_cases.reports.sales_of(&on.it).await?;
    Ok(counted.sold + counted.given)
}

/// Returns the titles of the newest group buys of the page that have not ended.
async fn offers(http: &Http, on: &On<Page>) -> Result<Vec<String>, Problem> {
    let (creator, name, group_buys) =
        (&on.at.creator, &on.at.handle.name, &http.use_cases.group_buys);
    let of_page = group_buys.unended_of(creator, name, on.it.id, MAX_OFFERS).await?;
    Ok(of_page.into_iter().map(|details| details.view.group_buy.title).collect())
}

pub(super) async fn ask_archive(http: Http, on: On<Page>) -> Answer {
    let form = FormState::new(on.at.screen.t, &[]);
    shown_archive(&http, on, form).await
}

async fn shown_archive(http: &Http, on: On<Page>, form: FormState) -> Answer {
    let times = times(http, &on).await?;
    let t = on.at.screen.t;
    let mut effects = vec![
        t.get("console-pages-archive-effect"),
        t.count("console-pages-archive-holders", times),
    ];
    if on.it.mode != AccessMode::Paid {
        effects.push(t.get("console-pages-archive-readers"));
    }
    for title in offers(http, &on).await? {
        effects.push(t.with("console-pages-archive-offer", "title", isolated(title)));
    }
    effects.push(t.get("console-pages-archive-back"));
    let asked = Confirmation {
        heading: t.with("console-pages-archive-heading", "title", isolated(&on.it.title)),
        effects,
        action: on.path("/archive"),
        button: t.get("console-pages-archive-button"),
        back: on.at.editor(&on.it.slug),
        hidden: vec![of_version(&on.it.version())],
    };
    confirm(on.at.screen.on(Nav::Pages).with(form), asked)
}

/// Archives the page that the screen showed: not another one at the same address, and not what was written since.
pub(super) async fn archive(http: Http, on: On<Page>, form: Form) -> Answer {
    let form = FormState::read(on.at.screen.t, &[], form).await?;
    let change = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    let (creator, name, pages) = (&on.at.creator, &on.at.handle.name, &http.use_cases.pages);
    let title = match pages.change(creator, name, &on.it.slug, change, &form.based_on()).await {
        Ok(page) => page.title,
        // A form that was only sent twice has archived it already.
        Err(PageError::VersionConflict(it)) if it.status == PageStatus::Archived => it.title,
        Err(PageError::VersionConflict(it)) => {
            return shown_archive(&http, On { it: *it, ..on }, form.outdated()).await;
        }
        Err(error) => return Err(error.into()),
    };
    Ok(done(&on.at, "console-pages-notice-archived", title))
}

pub(super) async fn ask_delete(http: Http, on: On<Page>) -> Answer {
    let form = FormState::new(on.at.screen.t, &[]);
    shown_delete(&http, on, form).await
}

async fn shown_delete(http: &Http, on: On<Page>, form: FormState) -> Answer {
    let times = times(http, &on).await?;
    let is_archived = on.it.status == PageStatus::Archived;
    if is_archived && times > 0 {
        // A button would change nothing.
        let notice = Notice::about(STAYS, on.it.title);
        return Ok(see_other_with(&on.at.editor(&on.it.slug), notice));
    }
    let t = on.at.screen.t;
    let mut effects = vec![t.count("console-pages-delete-holders", times)];
    if times == 0 {
        effects.push(t.get("console-pages-delete-effect"));
        effects.push(t.get(if is_archived {
            "console-pages-delete-used-archived"
        } else {
            "console-pages-delete-used"
        }));
    }
    let files = http.use_cases.downloads.of_page(on.it.id).await?.len();
    if files > 0 && times == 0 {
        effects.push(t.count("console-pages-delete-files", files));
    }
    let mut hidden = to_delete(&on.it.id, &on.it.title, &on.it.version());
    hidden.push((STATUS, on.it.status.as_str().to_owned()));
    let asked = Confirmation {
        heading: t.with("console-pages-delete-heading", "title", isolated(&on.it.title)),
        effects,
        action: on.path("/delete"),
        button: t.get(if times > 0 {
            "console-pages-archive-button"
        } else {
            "console-pages-delete-button"
        }),
        back: on.at.editor(&on.it.slug),
        hidden,
    };
    confirm(on.at.screen.on(Nav::Pages).with(form), asked)
}

/// Deletes the page as the screen showed it, and nothing that was written since. One that somebody has a stake in is archived
/// instead, or stays archived, and the notice says so. A form that was only sent twice has done either already.
pub(super) async fn delete(http: Http, at: AtHandle, req: HttpRequest, form: Form) -> Answer {
    let (slug, pages) = (slug_of::<Page>(&req)?, &http.use_cases.pages);
    let form = FormState::read(at.screen.t, &[], form).await?;
    let (creator, name) = (&at.creator, &at.handle.name);
    let there: Option<Page> = find(&http, &at, &slug).await?;
    if let Some(title) = deleted_before(&form, there.as_ref().map(|page| &page.id)) {
        return Ok(done(&at, "console-pages-notice-deleted", title));
    }
    let page = there.ok_or_else(|| Problem::new(Page::MISSING))?;
    if is_unclear::<PageId>(&form) || form.is_unreadable::<PageStatus>(STATUS) {
        return shown_delete(&http, On { at, it: page }, form.outdated()).await;
    }
    if archived_since(&form, &page) {
        return Ok(done(&at, "console-pages-notice-kept", page.title));
    }
    let notice = match pages.delete(creator, name, &slug, &form.based_on()).await {
        Ok(Some(_)) if page.status == PageStatus::Archived => STAYS,
        Ok(Some(_)) => "console-pages-notice-kept",
        Ok(None) | Err(PageError::NotFound) => "console-pages-notice-deleted",
        Err(PageError::VersionConflict(it)) if archived_since(&form, &it) => {
            "console-pages-notice-kept"
        }
        Err(PageError::VersionConflict(it)) => {
            return shown_delete(&http, On { at, it: *it }, form.outdated()).await;
        }
        Err(error) => return Err(error.into()),
    };
    Ok(done(&at, notice, page.title))
}

/// Returns whether the page was archived since the screen was opened, as the same form does if it was sent twice.
fn archived_since(form: &FormState, page: &Page) -> bool {
    page.status == PageStatus::Archived && form.names_another(STATUS, &page.status.as_str())
}

fn done(at: &AtHandle, notice: &'static str, title: String) -> HttpResponse {
    see_other_with(&at.path("/pages"), Notice::about(notice, title))
}
