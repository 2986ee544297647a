//! How a visitor stands with a page, in words.

use tollgate_domain::{
    access::{AccessStatus, PageView},
    checkout::Standing,
};

use crate::{locale::Texts, problem::Problem, state::Http};

/// Returns how the visitor of a closed page stands with it.
pub(super) async fn standing(http: &Http, view: &PageView) -> Result<Standing, Problem> {
    let Some(visitor) = &view.visitor else { return Ok(Standing::New) };
    Ok(http.use_cases.checkouts.standing(visitor.id, view.page.id, &view.holdings).await?)
}

/// Returns whether the bank disputes the visitor's payment.
pub(super) fn is_suspended(view: &PageView) -> bool {
    let mut statuses = view.holdings.iter().copied().map(AccessStatus::of_holding);
    statuses.any(|status| status == AccessStatus::Suspended)
}

/// Returns what happened, and what to do, in sentences.
pub(super) fn told(t: Texts, standing: &Standing) -> Vec<String> {
    match standing {
        Standing::New => Vec::new(),
        Standing::Pending(_) => vec![t.get("gate-pending"), t.get("gate-pending-next")],
        Standing::Suspended => vec![t.get("gate-suspended")],
        Standing::Failed(order) => vec![t.with("gate-failed", "day", t.day(order.created_at))],
        Standing::Refunded => vec![t.get("gate-refunded")],
        Standing::DisputeLost => vec![t.get("gate-dispute-lost")],
        Standing::Revoked => vec![t.get("gate-revoked")],
    }
}
