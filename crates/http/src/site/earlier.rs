//! How a visitor stands with a page, in words.

use tollgate_domain::{access::PageView, checkout::EarlierPurchase};

use crate::{locale::Texts, problem::Problem, state::Http};

/// Returns how the visitor of a closed page stands with it.
pub(super) async fn earlier_purchase(
    http: &Http,
    view: &PageView,
) -> Result<EarlierPurchase, Problem> {
    let Some(visitor) = &view.visitor else { return Ok(EarlierPurchase::None) };
    Ok(http.use_cases.checkouts.earlier_purchase(visitor.id, view.page.id, &view.holdings).await?)
}

/// Returns what happened, and what to do, in sentences.
pub(super) fn told(t: Texts, earlier: &EarlierPurchase) -> Vec<String> {
    match earlier {
        EarlierPurchase::None => Vec::new(),
        EarlierPurchase::Pending(_) => vec![t.get("gate-pending"), t.get("gate-pending-next")],
        EarlierPurchase::Suspended => vec![t.get("gate-suspended")],
        EarlierPurchase::Quarantined(order) => {
            vec![t.with("gate-quarantined", "day", t.day(order.created_at))]
        }
        EarlierPurchase::Failed(order) => {
            vec![t.with("gate-failed", "day", t.day(order.created_at))]
        }
        EarlierPurchase::Refunded => vec![t.get("gate-refunded")],
        EarlierPurchase::DisputeLost => vec![t.get("gate-dispute-lost")],
        EarlierPurchase::Revoked => vec![t.get("gate-revoked")],
    }
}
