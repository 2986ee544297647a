//! "My access": what the visitor has, payments on their way, and where the visitor is signed in.

use actix_web::http::StatusCode;
use askama::Template;
use futures_util::{
    StreamExt, TryFutureExt, TryStreamExt,
    future::{try_join, try_join3, try_join5},
    stream,
};
use tollgate_domain::{
    Timestamp,
    access::{AccessError, AccessRecord, AccessStatus, AccessType, ResourceType},
    checkout::{CheckoutOrder, OrderStatus},
    id::{VisitorId, VisitorSessionId},
    installation::Installation,
    names::{HandleName, Slug},
    paging::PageRequest,
    visitor_auth::{SignedInVisitor, VisitorSession},
};

use super::{
    earlier::told_move,
    frame::Frame,
    go_to,
    joined::{AT_ONCE, JoinedRow, joined},
    notice::{Notice, said},
    page,
    sign_in::{EmailForm, SignInPage},
    visit::Visit,
};
use crate::{
    extract::{Form, Paging},
    links::{ACCESS, file_page, group_buy_path, page_path, receipt_path},
    locale::{Sentence, Texts},
    problem::{Answer, Problem},
};

#[derive(Template)]
#[template(path = "site/access.html")]
struct AccessPage {
    t: Texts,
    frame: Frame,
    email: String,
    /// The group buys that go on.
    joined: Vec<JoinedRow>,
    /// The orders that came to no purchase, or not yet.
    unfinished: Vec<OrderSection>,
    /// What moved to another address.
    moved_away: Vec<Sentence>,
    rows: Vec<Row>,
    older: Option<String>,
    sessions: Vec<SessionRow>,
    /// Whether there are more sessions than are listed.
    has_more_sessions: bool,
}

/// The value of the button that ends all sessions but this one.
const OTHERS: &str = "others";

struct Row {
    /// Where it is, if it is there for the visitor.
    address: Option<String>,
    title: String,
    /// The name of the shop, and its address.
    seller: String,
    shop: String,
    how: String,
    since: String,
    day: String,
    status: String,
    is_active: bool,
    /// What the status means, unless it goes without saying.
    why: Option<String>,
    /// The receipt of a payment, and the name of the link to it.
    receipt: Option<(String, String)>,
}

/// Orders that stand alike, and what that means for the visitor.
struct OrderSection {
    id: &'static str,
    heading: String,
    text: String,
    orders: Vec<OrderRow>,
}

struct OrderRow {
    /// Where the page is, if it is there for the visitor.
    address: Option<String>,
    title: String,
    price: String,
    since: String,
    day: String,
}

struct SessionRow {
    id: String,
    /// The kind of device that the session began on, if that is known.
    device: Option<String>,
    since: String,
    from: String,
    until: String,
    to: String,
    is_current: bool,
    end_label: String,
}

pub(super) async fn show(visit: Visit, paging: Paging) -> Answer {
    let Some(who) = visit.signed_in().await? else { return signed_out(&visit).await };
    let (http, t, visitor) = (&visit.http, visit.t, who.visitor.id);
    let (use_cases, first) = (&http.use_cases, PageRequest::default());
    // What does not depend on each other is asked for at once.
    let ((rows, older), unfinished, (sessions, moved), joined, notice) = try_join5(
        history(&visit, visitor, &paging.read()?),
        unfinished(&visit, visitor),
        try_join(
            use_cases.sessions.list(&who, None, &first).map_err(Problem::from),
            use_cases.moves.all_moved_away(&who.visitor).map_err(Problem::from),
        ),
        joined(&visit, visitor),
        Notice::told(&visit, Some(&who.visitor)),
    )
    .await?;
    let session = |session| SessionRow::of(t, &who, &session);
    let shown = AccessPage {
        t,
        frame: Frame::new(http, ACCESS).seen_by(Some(&who.visitor)).telling(notice),
        email: who.visitor.email.shown(),
        joined,
        unfinished,
        moved_away: moved.iter().map(|(done, handle)| told_move(t, done, handle)).collect(),
        rows,
        older,
        has_more_sessions: sessions.next.is_some(),
        sessions: sessions.items.into_iter().map(session).collect(),
    };
    Ok(said(&visit, page(StatusCode::OK, &shown)?))
}

/// Asks somebody who is not signed in for an address.
async fn signed_out(visit: &Visit) -> Answer {
    let notice = Notice::told(visit, None).await?;
    let shown = sign_in(visit, StatusCode::OK, EmailForm::on(ACCESS), notice)?;
    Ok(said(visit, shown))
}

/// An order, with the names of its handle and page.
type Found = (CheckoutOrder, HandleName, Slug);

/// Returns a part of the visitor's access history, and the cursor of the next part.
async fn history(
    visit: &Visit,
    visitor: VisitorId,
    paging: &PageRequest,
) -> Result<(Vec<Row>, Option<String>), Problem> {
    let history = visit.http.use_cases.gate.history(visitor, paging).await?;
    let row = async |record: AccessRecord| {
        // What gives access is there.
        let is_there = record.status == AccessStatus::Active
            || exists(visit, record.resource_type, &record.handle, &record.slug).await?;
        Ok::<_, Problem>(Row::of(visit.t, &visit.http.installation, record, is_there))
    };
    let rows = stream::iter(history.items).map(row).buffered(AT_ONCE).try_collect().await?;
    Ok((rows, history.next.map(|cursor| cursor.to_string())))
}

/// Returns the visitor's orders whose payment is on its way, does not match, or has failed.
async fn unfinished(visit: &Visit, visitor: VisitorId) -> Result<Vec<OrderSection>, Problem> {
    let (checkouts, t) = (&visit.http.use_cases.checkouts, visit.t);
    let pending = async { orders(visit, checkouts.pending_of(visitor).await?).await };
    let failed = async { orders(visit, checkouts.failed_of(visitor).await?).await };
    let quarantined = async {
        let (waiting, left) = quarantined(visit, visitor).await?;
        try_join(orders(visit, waiting), orders(visit, left)).await
    };
    let (pending, (waiting, left), failed) = try_join3(pending, quarantined, failed).await?;
    let section = |id, [heading, text]: [&str; 2], orders| {
        let (heading, text) = (t.get(heading), t.get(text));
        OrderSection { id, heading, text, orders }
    };
    let mut sections = vec![
        section("pending", ["access-pending", "access-pending-text"], pending),
        section("quarantined", ["access-quarantined", "access-quarantined-text"], waiting),
        section("unmatched", ["access-unmatched", "access-unmatched-text"], left),
        section("failed", ["access-failed", "access-failed-text"], failed),
    ];
    sections.retain(|section| !section.orders.is_empty());
    Ok(sections)
}

/// Returns the visitor's orders whose payment does not match: those for which the visitor waits, and those that were left so.
async fn quarantined(
    visit: &Visit,
    visitor: VisitorId,
) -> Result<(Vec<Found>, Vec<Found>), Problem> {
    let checkouts = &visit.http.use_cases.checkouts;
    let (mut waiting, mut left) = (Vec::new(), Vec::new());
    for found in checkouts.quarantined_of(visitor).await? {
        if checkouts.awaits_seller(&found.0).await? {
            waiting.push(found);
        } else {
            left.push(found);
        }
    }
    Ok((waiting, left))
}

async fn orders(visit: &Visit, orders: Vec<Found>) -> Result<Vec<OrderRow>, Problem> {
    let row = async |(order, handle, slug): Found| {
        let is_there = exists(visit, ResourceType::Page, &handle, &slug).await?;
        let origin = visit.http.installation.handle_origin(&handle);
        // What failed is tried again at the group price, if that is still offered to the visitor.
        let offer = if order.status == OrderStatus::Failed {
            visit.http.use_cases.offers.payable(order.page_id, order.visitor_id).await?
        } else {
            None
        };
        let path =
            offer.map_or_else(|| page_path(&slug), |it| group_buy_path(&it.view.group_buy.slug));
        let address = is_there.then(|| format!("{origin}{path}"));
        Ok(OrderRow::of(visit.t, &order, address))
    };
    stream::iter(orders).map(row).buffered(AT_ONCE).try_collect().await
}

/// Returns whether the page or file exists for the visitor. One that is not published does only for those with access.
async fn exists(
    visit: &Visit,
    resource: ResourceType,
    handle: &HandleName,
    slug: &Slug,
) -> Result<bool, Problem> {
    let (gate, claim) = (&visit.http.use_cases.gate, visit.claim());
    match gate.check(resource, handle.clone(), slug.clone(), claim).await {
        Ok(_) => Ok(true),
        Err(AccessError::NotFound(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Ends a session of the visitor elsewhere, or all of them.
pub(super) async fn end_session(visit: Visit, form: Form) -> Answer {
    let form = form.read().await?;
    let back = go_to(ACCESS);
    let Some(who) = visit.signed_in().await? else {
        // The button was pressed after the session of this browser ended.
        return Ok(Notice::SignedOut.leave(&visit, back));
    };
    let sessions = &visit.http.use_cases.sessions;
    if form.get("session") == OTHERS {
        sessions.revoke_others(&who).await?;
        return Ok(Notice::AllEnded.leave(&visit, back));
    }
    let Ok(id) = form.get("session").parse::<VisitorSessionId>() else { return Ok(back) };
    sessions.revoke(&who, None, id).await?;
    Ok(Notice::SessionEnded.leave(&visit, back))
}

/// Leads to the page from the address of a form, whose answer can be loaded again.
pub(super) async fn back() -> Answer {
    Ok(go_to(ACCESS))
}

pub(super) fn sign_in(
    visit: &Visit,
    status: StatusCode,
    form: EmailForm,
    notice: Option<String>,
) -> Answer {
    let shown = SignInPage {
        t: visit.t,
        frame: Frame::new(&visit.http, ACCESS).telling(notice),
        heading: visit.t.get("site-my-access"),
        explanation: Some(visit.t.get("access-sign-in")),
        form,
    };
    page(status, &shown)
}

impl Row {
    fn of(t: Texts, installation: &Installation, record: AccessRecord, is_there: bool) -> Self {
        let how = match record.access_type {
            AccessType::Purchase => t.get("access-bought"),
            AccessType::GroupBuy => t.get("access-group-buy"),
            AccessType::Complimentary => t.get("access-gift"),
            AccessType::FreeLogin => t.get("access-free"),
            AccessType::Allowlist => t.get("access-invited"),
        };
        let how = match record.amount {
            Some(paid) => format!("{how}, {}", t.money(paid)),
            None => how,
        };
        let receipt = record.amount.map(|_| {
            (receipt_path(&record.id), t.with("access-receipt-label", "title", &record.title))
        });
        let path = match record.resource_type {
            ResourceType::Page => page_path(&record.slug),
            ResourceType::File => file_page(&record.slug),
        };
        let origin = installation.handle_origin(&record.handle);
        let (status, why) = match record.status {
            AccessStatus::Active => (t.get("access-active"), None),
            AccessStatus::Refunded => {
                (t.get("access-refunded"), Some(t.get("access-refunded-why")))
            }
            // Only gifts can be taken back, so what else ends a payment is its dispute.
            AccessStatus::Revoked if record.amount.is_some() => {
                (t.get("access-revoked"), Some(t.get("access-dispute-lost-why")))
            }
            AccessStatus::Revoked => (t.get("access-revoked"), Some(t.get("access-revoked-why"))),
            AccessStatus::Suspended => {
                (t.get("access-suspended"), Some(t.get("access-suspended-why")))
            }
        };
        Self {
            address: is_there.then(|| format!("{origin}{path}")),
            title: record.title,
            seller: record.seller,
            shop: origin,
            how,
            since: record.granted_at.to_string(),
            day: t.day(record.granted_at),
            status,
            is_active: record.status == AccessStatus::Active,
            why,
            receipt,
        }
    }
}

impl OrderRow {
    fn of(t: Texts, order: &CheckoutOrder, address: Option<String>) -> Self {
        Self {
            address,
            title: order.title.clone(),
            price: t.money(order.price),
            since: order.created_at.to_string(),
            day: t.day(order.created_at),
        }
    }
}

impl SessionRow {
    fn of(t: Texts, who: &SignedInVisitor, session: &VisitorSession) -> Self {
        let day = |at: Timestamp| (at.to_string(), t.day_and_time(at));
        let ((since, from), (until, to)) = (day(session.created_at), day(session.expires_at));
        let device = session.device.map(|device| t.device(device));
        let end_label = if let Some(device) = &device {
            t.with2("access-end-device-label", "device", device, "since", &from)
        } else {
            t.with("access-end-label", "since", &from)
        };
        Self {
            id: session.id.to_string(),
            device,
            end_label,
            since,
            from,
            until,
            to,
            is_current: session.id == who.session_id,
        }
    }
}
