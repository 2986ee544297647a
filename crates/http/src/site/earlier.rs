//! What became of a visitor's last purchase of a page, in words.

use tollgate_domain::{
    access::PageView,
    checkout::{CheckoutOrder, EarlierPurchase, OrderStatus},
    creators::Handle,
    id::{CheckoutId, PageId},
    moves::AddressMove,
    visitor_auth::Visitor,
};

use crate::{
    locale::{Sentence, Texts, isolated},
    problem::Problem,
    state::Http,
};

/// Returns what became of the visitor's last purchase of a closed page.
pub(super) async fn earlier_purchase(
    http: &Http,
    view: &PageView,
) -> Result<EarlierPurchase, Problem> {
    let Some(visitor) = &view.visitor else { return Ok(EarlierPurchase::None) };
    Ok(http.use_cases.checkouts.earlier_purchase(visitor.id, view.page.id, &view.holdings).await?)
}

/// Returns what happened at a handle, and what to do besides paying, in sentences.
pub(super) fn told(t: Texts, handle: &Handle, earlier: &EarlierPurchase) -> Vec<Sentence> {
    let plain = |id| Sentence::from(t.get(id));
    let dated = |id, order: &CheckoutOrder| {
        let at = order.created_at;
        t.dated(id, at, t.day(at), &[])
    };
    match earlier {
        EarlierPurchase::None => Vec::new(),
        EarlierPurchase::Pending(_) => vec![plain("gate-pending"), plain("gate-pending-next")],
        EarlierPurchase::Suspended => vec![plain("gate-suspended")],
        EarlierPurchase::Quarantined(order) => vec![dated("gate-quarantined", order)],
        EarlierPurchase::LeftUnmatched(order) => {
            let mut told = vec![dated("gate-unmatched", order)];
            told.extend(where_to_write(t, handle, "gate-unmatched-write"));
            told
        }
        EarlierPurchase::Failed(order) => vec![dated("gate-failed", order)],
        EarlierPurchase::Refunded => vec![plain("gate-refunded")],
        EarlierPurchase::DisputeLost => vec![plain("gate-dispute-lost")],
        EarlierPurchase::Revoked => {
            let mut told = vec![plain("gate-revoked")];
            told.extend(whom_to_ask(t, handle));
            told
        }
    }
}

/// Returns the sentence by which the visitor may pay again after what happened. It belongs only where that is possible.
pub(super) fn invitation(t: Texts, earlier: &EarlierPurchase) -> Option<Sentence> {
    let id = match earlier {
        EarlierPurchase::Failed(_) => "gate-failed-next",
        EarlierPurchase::LeftUnmatched(_) => "gate-unmatched-next",
        EarlierPurchase::Refunded | EarlierPurchase::DisputeLost => "gate-buy-again",
        EarlierPurchase::None
        | EarlierPurchase::Pending(_)
        | EarlierPurchase::Suspended
        | EarlierPurchase::Quarantined(_)
        | EarlierPurchase::Revoked => return None,
    };
    Some(t.get(id).into())
}

/// Returns sentences about what happened at a handle, or a sentence about where the visitor's purchases went when their address was
/// changed. The latter may be why a purchase is missing, but it does not explain one that was refunded or is unsettled.
pub(super) async fn told_or_moved(
    http: &Http,
    t: Texts,
    handle: &Handle,
    visitor: Option<&Visitor>,
    earlier: &EarlierPurchase,
) -> Result<(Vec<Sentence>, Option<Sentence>), Problem> {
    if matches!(earlier, EarlierPurchase::None | EarlierPurchase::Revoked)
        && let Some(moved) = moved_away(http, t, handle, visitor).await?
    {
        return Ok((Vec::new(), Some(moved)));
    }
    Ok((told(t, handle, earlier), None))
}

/// Returns whether an order is the visitor's own for a page, and can still be paid.
pub(super) async fn is_payable(
    http: &Http,
    page: PageId,
    visitor: &Visitor,
    id: CheckoutId,
) -> Result<bool, Problem> {
    let order = http.use_cases.checkouts.order_of(visitor.id, id).await?;
    Ok(order
        .is_some_and(|order| order.page_id == page && OrderStatus::PAYABLE.contains(&order.status)))
}

/// Returns where to write if the seller may have made a mistake; `None` if the seller can only be guessed.
pub(super) fn whom_to_ask(t: Texts, handle: &Handle) -> Option<Sentence> {
    where_to_write(t, handle, "mistake-write")
}

/// Returns the seller's address in the sentence with this id, if the seller has given one.
pub(super) fn where_to_write(t: Texts, handle: &Handle, id: &'static str) -> Option<Sentence> {
    let support = handle.texts.support_email.as_ref()?;
    Some(t.written_to(id, support))
}

/// Returns where what the visitor had at a shop is since a change of address, in a sentence. Only the visitor learns it, who
/// is signed in with the old address.
pub(super) async fn moved_away(
    http: &Http,
    t: Texts,
    handle: &Handle,
    visitor: Option<&Visitor>,
) -> Result<Option<Sentence>, Problem> {
    let Some(visitor) = visitor else { return Ok(None) };
    let last = http.use_cases.moves.moved_away(handle.id, &visitor.email).await?;
    Ok(last.map(|last| told_move(t, &last, handle)))
}

/// Returns what a change of address did, to who is signed in with the old one.
pub(super) fn told_move(t: Texts, done: &AddressMove, handle: &Handle) -> Sentence {
    let email = done.to.masked_beside(&done.from.masked());
    let told = [("seller", isolated(&handle.title)), ("email", isolated(email))];
    let at = done.used_at.unwrap_or(done.created_at);
    t.dated("moved-away", at, t.day(at), &told)
}
