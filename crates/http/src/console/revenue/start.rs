//! What to do until something is sold.

use crate::{console::who::AtHandle, links::page_address, problem::Problem, state::Http};

/// How the creator gets to the first sale, with the one step that comes next, if it is not the connection to
/// Stripe.
pub(super) struct FirstSale {
    pub(super) text: String,
    pub(super) step: Option<Step>,
}

pub(super) struct Step {
    pub(super) address: String,
    pub(super) link: String,
}

impl FirstSale {
    /// Returns the way to the first sale; `None` if something was sold already.
    pub(super) async fn find(
        http: &Http,
        at: &AtHandle,
        can_sell: bool,
    ) -> Result<Option<Self>, Problem> {
        let (creator, name, t) = (&at.creator, &at.handle.name, at.screen.t);
        if http.use_cases.reports.has_sold(creator, name).await? {
            return Ok(None);
        }
        if !can_sell {
            return Ok(Some(Self { text: t.get("console-revenue-first-stripe"), step: None }));
        }
        let pages = http.use_cases.pages.overview(creator, name).await?;
        let Some(page) = pages.offered() else {
            let step =
                Step { address: at.path("/pages"), link: t.get("console-revenue-first-page-link") };
            return Ok(Some(Self { text: t.get("console-revenue-first-page"), step: Some(step) }));
        };
        let is_local = http.installation.is_local();
        let text =
            if is_local { "console-revenue-first-sandbox" } else { "console-revenue-first-live" };
        let step = Step {
            address: page_address(&http.installation, name, &page.slug),
            link: t.get("console-revenue-first-link"),
        };
        Ok(Some(Self { text: t.get(text), step: Some(step) }))
    }
}
