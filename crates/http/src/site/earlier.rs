//! How a visitor stands with a page, in words.

use tollgate_domain::{
    access::PageView, checkout::EarlierPurchase, creators::Handle, moves::AddressMove,
    visitor_auth::Visitor,
};

use crate::{locale::Texts, problem::Problem, state::Http};

/// Returns how the visitor of a closed page stands with it.
pub(super) async fn earlier_purchase(
    http: &Http,
    view: &PageView,
) -> Result<EarlierPurchase, Problem> {
    let Some(visitor) = &view.visitor else { return Ok(EarlierPurchase::None) };
    Ok(http.use_cases.checkouts.earlier_purchase(visitor.id, view.page.id, &view.holdings).await?)
}

/// Returns what happened at a handle, and what to do, in sentences.
pub(super) fn told(t: Texts, handle: &Handle, earlier: &EarlierPurchase) -> Vec<String> {
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
        EarlierPurchase::Revoked => {
            let mut told = vec![t.get("gate-revoked")];
            told.extend(whom_to_ask(t, handle));
            told
        }
    }
}

/// Returns where to write if the seller may have made a mistake; `None` if the seller can only be guessed.
pub(super) fn whom_to_ask(t: Texts, handle: &Handle) -> Option<String> {
    let support = handle.texts.support_email.as_ref()?;
    Some(t.with("mistake-write", "email", support.shown()))
}

/// Returns where what the visitor had at a shop is since a change of address, in a sentence. Only the visitor learns it, who
/// is signed in with the old address.
pub(super) async fn moved_away(
    http: &Http,
    t: Texts,
    handle: &Handle,
    visitor: Option<&Visitor>,
) -> Result<Option<String>, Problem> {
    let Some(visitor) = visitor else { return Ok(None) };
    let last = http.use_cases.moves.moved_away(handle.id, &visitor.email).await?;
    Ok(last.map(|last| told_move(t, &last, handle)))
}

/// Returns what a change of address did, to who is signed in with the old one.
pub(super) fn told_move(t: Texts, done: &AddressMove, handle: &Handle) -> String {
    let told = [
        ("seller", handle.title.clone()),
        ("email", done.to.masked_beside(&done.from.masked())),
        ("day", t.day(done.used_at.unwrap_or(done.created_at))),
    ];
    t.with_all("moved-away", &told)
}
