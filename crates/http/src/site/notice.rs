//! What a page says once, about what happened on the way to it.

use actix_web::{HttpResponse, ResponseError};
use tollgate_domain::{
    checkout::{CheckoutOrder, OrderStatus},
    group_buys::Quantity,
    id::{CheckoutId, PageId},
    names::{HandleName, Slug},
    visitor_auth::Visitor,
};

use super::{
    cookies::{LASTING_NOTICE, NOTICE},
    visit::Visit,
};
use crate::{
    locale::Texts,
    problem::{Answer, Aside, Problem},
};

const UNCONFIRMED: &str = "unconfirmed.";
const JOINED: &str = "joined.";
const CHANGED: &str = "changed.";

/// The notices without a value, each with its text in the cookie.
const FIXED_NOTICES: [(&str, Notice); 9] = [
    ("come-back", Notice::UnknownReturn),
    ("cancelled", Notice::Cancelled),
    ("closed", Notice::Closed),
    ("mail", Notice::MailSent),
    ("receipt", Notice::ReceiptSent),
    ("ended", Notice::SessionEnded),
    ("all-ended", Notice::AllEnded),
    ("left", Notice::Left),
    ("signed-out", Notice::SignedOut),
];

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// The visitor came back from the pay page of this order.
    Checkout(CheckoutId),
    /// The visitor came back from the pay page of this order, and what became of the payment is not known yet.
    Unconfirmed(CheckoutId),
    /// Somebody came back from a pay page that is not known to be the visitor's.
    UnknownReturn,
    /// The visitor turned back on the pay page.
    Cancelled,
    /// The visitor turned back on the pay page, which was closed.
    Closed,
    /// Another mail to sign in was sent.
    MailSent,
    /// A receipt was mailed again.
    ReceiptSent,
    /// A session elsewhere was ended.
    SessionEnded,
    /// All sessions elsewhere were ended.
    AllEnded,
    /// The visitor has joined a group buy.
    Joined(Quantity),
    /// The visitor had joined a group buy before, and has changed the quantity.
    Changed(Quantity),
    /// The visitor has left a group buy.
    Left,
    /// The visitor pressed a button that needs a session, after the session ended.
    SignedOut,
}

/// The page that tells a notice, which decides what of it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The visitor can go on to pay.
    Offer,
    /// It is open to the visitor.
    Open,
    /// Neither: it says itself what the visitor waits for, or why there is nothing to buy.
    Closed,
    /// It is not there for the visitor, so that it says nothing of a payment itself.
    Missing,
}

impl Place {
    pub(super) fn of(leads_to_payment: bool, is_open: bool) -> Self {
        match (leads_to_payment, is_open) {
            (true, _) => Self::Offer,
            (false, true) => Self::Open,
            (false, false) => Self::Closed,
        }
    }
}

impl Notice {
    /// Returns what the page that a request asks for has to say.
    pub(super) fn of(visit: &Visit) -> Option<Self> {
        let text = NOTICE.of(visit.req.headers())?;
        if let Some((_, notice)) = FIXED_NOTICES.iter().find(|(known, _)| *known == text) {
            Some(*notice)
        } else if let Some(id) = text.strip_prefix(UNCONFIRMED) {
            id.parse().ok().map(Self::Unconfirmed)
        } else if let Some(quantity) = text.strip_prefix(JOINED) {
            quantity.parse().ok().map(Self::Joined)
        } else if let Some(quantity) = text.strip_prefix(CHANGED) {
            quantity.parse().ok().map(Self::Changed)
        } else {
            text.parse().ok().map(Self::Checkout)
        }
    }

    /// Returns what to say about an interest that was expressed.
    pub(super) fn of_interest(quantity: Quantity, is_new: bool) -> Self {
        if is_new { Self::Joined(quantity) } else { Self::Changed(quantity) }
    }

    /// Returns what to say to who turned back on the pay page of a page. Of somebody without a session, or who was never sent to that
    /// pay page, it is not known whether nothing was paid.
    pub(super) async fn of_turning_back(
        visit: &Visit,
        visitor: Option<&Visitor>,
        page: PageId,
    ) -> Result<Self, Problem> {
        let Some(visitor) = visitor else { return Ok(Self::UnknownReturn) };
        let checkouts = &visit.http.use_cases.checkouts;
        let last = checkouts.last_order(visitor.id, page).await?;
        Ok(match last {
            // It was paid, whatever became of the payment, or is being paid.
            Some(CheckoutOrder {
                id,
                status: OrderStatus::Paid | OrderStatus::Pending | OrderStatus::Quarantined,
                ..
            }) => Self::Checkout(id),
            Some(order) if checkouts.is_pay_page_closed(&order) => Self::Closed,
            Some(_) => Self::Cancelled,
            None => Self::UnknownReturn,
        })
    }

    /// Returns what to say to who turned back on the pay page of a page that is not there any more. An earlier payment for it may
    /// be on its way.
    pub(super) async fn of_turning_back_to_nothing(
        visit: &Visit,
        visitor: Option<&Visitor>,
        handle: HandleName,
        slug: Slug,
    ) -> Result<Self, Problem> {
        let Some(visitor) = visitor else { return Ok(Self::UnknownReturn) };
        let checkouts = &visit.http.use_cases.checkouts;
        let pending = checkouts.pending_of(visitor.id).await?;
        let here = pending.into_iter().find(|(_, at, page)| (at, page) == (&handle, &slug));
        if let Some((order, ..)) = here {
            return Ok(Self::Checkout(order.id));
        }
        let last = checkouts.last_order_at(visitor.id, handle, slug).await?;
        Ok(match last {
            // It was paid, whatever became of the payment.
            Some(CheckoutOrder {
                id,
                status: OrderStatus::Paid | OrderStatus::Quarantined,
                ..
            }) => Self::Checkout(id),
            Some(_) => Self::Cancelled,
            None => Self::UnknownReturn,
        })
    }

    fn is_about_payment(self) -> bool {
        matches!(
            self,
            Self::Checkout(_)
                | Self::Unconfirmed(_)
                | Self::UnknownReturn
                | Self::Cancelled
                | Self::Closed
        )
    }

    /// Returns whether it offers to pay, which is wrong for visitors who have paid.
    fn offers_to_pay(self) -> bool {
        matches!(self, Self::Cancelled | Self::Closed)
    }

    /// Returns the order if it is not known yet whether it was paid.
    pub(super) fn unconfirmed(self) -> Option<CheckoutId> {
        if let Self::Unconfirmed(id) = self { Some(id) } else { None }
    }

    /// Stores the notice in a cookie, so that the next page shows it.
    pub(super) fn leave(self, visit: &Visit, mut response: HttpResponse) -> HttpResponse {
        let value = match self {
            Self::Checkout(id) => id.to_string(),
            Self::Unconfirmed(id) => format!("{UNCONFIRMED}{id}"),
            Self::Joined(quantity) => format!("{JOINED}{}", quantity.get()),
            Self::Changed(quantity) => format!("{CHANGED}{}", quantity.get()),
            fixed => {
                let known = FIXED_NOTICES.iter().find(|(_, notice)| *notice == fixed);
                known.map(|(text, _)| (*text).to_owned()).unwrap_or_default()
            }
        };
        let cookie = if self.unconfirmed().is_some() { LASTING_NOTICE } else { NOTICE };
        cookie.set(&visit.http.installation, &mut response, value);
        response
    }

    /// Returns what a page has to tell the visitor, if anything.
    pub(super) async fn told(
        visit: &Visit,
        visitor: Option<&Visitor>,
    ) -> Result<Option<String>, Problem> {
        Self::told_where(Place::Offer, visit, visitor).await
    }

    /// Returns what a page has to tell the visitor, if anything. A page that is open leaves out what invites to pay: the visitor has
    /// that already.
    pub(super) async fn told_where(
        place: Place,
        visit: &Visit,
        visitor: Option<&Visitor>,
    ) -> Result<Option<String>, Problem> {
        match Self::of(visit).filter(|notice| place != Place::Open || !notice.offers_to_pay()) {
            Some(notice) => notice.sentence(place, visit, visitor).await,
            None => Ok(None),
        }
    }

    /// Says it beside the problem that the page is not there.
    pub(super) async fn beside(
        self,
        problem: &Problem,
        visit: &Visit,
        visitor: Option<&Visitor>,
    ) -> Answer {
        let mut response = problem.error_response();
        if let Some(sentence) = self.sentence(Place::Missing, visit, visitor).await? {
            response.extensions_mut().insert(Aside(sentence));
        }
        Ok(response)
    }

    /// Returns the sentence, if there is one.
    async fn sentence(
        self,
        place: Place,
        visit: &Visit,
        visitor: Option<&Visitor>,
    ) -> Result<Option<String>, Problem> {
        let t = visit.t;
        Ok(match self {
            Self::UnknownReturn => Some(unknown_return(t, visitor)),
            Self::Cancelled => {
                Some(inviting(t, place, "notice-cancelled", "notice-cancelled-next"))
            }
            Self::Closed => Some(expired(t, place)),
            Self::MailSent => Some(t.get("notice-mail-sent")),
            Self::SessionEnded => Some(t.get("notice-session-ended")),
            Self::AllEnded => Some(t.get("notice-sessions-ended")),
            Self::ReceiptSent => {
                let email = visitor.map(|visitor| visitor.email.shown());
                email.map(|email| t.with("notice-receipt", "email", email))
            }
            Self::Joined(quantity) => Some(t.count("notice-joined", quantity.get())),
            Self::Changed(quantity) => Some(t.count("notice-changed", quantity.get())),
            Self::Left => Some(t.get("notice-left")),
            Self::SignedOut => visitor.is_none().then(|| t.get("notice-signed-out")),
            Self::Checkout(id) | Self::Unconfirmed(id) => {
                // About an order only its own visitor learns something.
                let Some(order) = own_order(visit, visitor, id).await? else {
                    return Ok(Some(unknown_return(t, visitor)));
                };
                if (order.status, place) == (OrderStatus::Paid, Place::Open) {
                    Some(paid(visit, &order).await?)
                } else {
                    self.of_order(place, t, &order)
                }
            }
        })
    }

    /// Returns the sentence about an order, if there is one. What is said of one that is paid where it may open the page is [`paid`].
    fn of_order(self, place: Place, t: Texts, order: &CheckoutOrder) -> Option<String> {
        let is_certain = self.unconfirmed().is_none();
        match (order.status, place) {
            (OrderStatus::Paid | OrderStatus::Quarantined, Place::Missing) => {
                Some(t.get("notice-arrived"))
            }
            (OrderStatus::Pending, Place::Missing) => {
                Some(format!("{} {}", t.get("gate-pending"), t.get("gate-pending-next")))
            }
            // The page itself says that the payment is on its way, does not match its order, was refunded or is disputed.
            (OrderStatus::Paid | OrderStatus::Pending | OrderStatus::Quarantined, _) => None,
            (OrderStatus::Creating | OrderStatus::Open | OrderStatus::Closing, _)
                if !is_certain =>
            {
                Some(t.get("notice-unconfirmed"))
            }
            (OrderStatus::Expired | OrderStatus::Closing, _) => Some(expired(t, place)),
            (OrderStatus::Creating | OrderStatus::Open | OrderStatus::Failed, _) => {
                Some(inviting(t, place, "notice-unpaid", "notice-unpaid-next"))
            }
        }
    }
}

/// Returns the order if it is the visitor's own.
pub(super) async fn own_order(
    visit: &Visit,
    visitor: Option<&Visitor>,
    id: CheckoutId,
) -> Result<Option<CheckoutOrder>, Problem> {
    let Some(visitor) = visitor else { return Ok(None) };
    Ok(visit.http.use_cases.checkouts.order_of(visitor.id, id).await?)
}

/// Returns what to say about an order that was paid, on a page that is open. If something else opens that page, it does not say itself
/// that the payment was refunded or is disputed.
async fn paid(visit: &Visit, order: &CheckoutOrder) -> Result<String, Problem> {
    let t = visit.t;
    if !visit.http.use_cases.checkouts.gives_access(order).await? {
        return Ok(t.get("notice-arrived"));
    }
    let (paid, email) = (t.money(order.price), order.customer_email.shown());
    Ok(t.with2("notice-paid", "amount", paid, "email", email))
}

/// Returns what to say to somebody who came from a pay page and may have paid in another browser or under another address. It is
/// the same whether or not there is such an order.
fn unknown_return(t: Texts, visitor: Option<&Visitor>) -> String {
    visitor.map_or_else(
        || t.get("notice-come-back"),
        |visitor| t.with("notice-come-back-other", "email", visitor.email.shown()),
    )
}

/// Returns what happened and, on a page that leads to payment, that another one can be begun.
fn inviting(t: Texts, place: Place, fact: &str, next: &str) -> String {
    let fact = t.get(fact);
    if place == Place::Offer { format!("{fact} {}", t.get(next)) } else { fact }
}

fn expired(t: Texts, place: Place) -> String {
    inviting(t, place, "notice-expired", "notice-expired-next")
}

/// Answers that a page is not there, and says what became of the payment that the visitor comes from.
pub(super) async fn missing(visit: &Visit, problem: Problem) -> Answer {
    let Some(notice) = Notice::of(visit).filter(|notice| notice.is_about_payment()) else {
        return Err(problem);
    };
    let visitor = visit.visitor().await?;
    let answer = notice.beside(&problem, visit, visitor.as_ref()).await?;
    said_unless_unconfirmed(visit, visitor.as_ref(), answer).await
}

/// Removes the cookie of a notice that this page has shown.
pub(super) fn said(visit: &Visit, mut response: HttpResponse) -> HttpResponse {
    if NOTICE.of(visit.req.headers()).is_some() {
        NOTICE.clear(&visit.http.installation, &mut response);
    }
    response
}

/// Removes the cookie of a notice that this page has shown, unless it is about a payment of the visitor that is not confirmed yet:
/// otherwise the next view would offer to pay again.
pub(super) async fn said_unless_unconfirmed(
    visit: &Visit,
    visitor: Option<&Visitor>,
    response: HttpResponse,
) -> Answer {
    if let Some(id) = Notice::of(visit).and_then(Notice::unconfirmed) {
        let order = own_order(visit, visitor, id).await?;
        if order.is_some_and(|order| OrderStatus::PAYABLE.contains(&order.status)) {
            return Ok(response);
        }
    }
    Ok(said(visit, response))
}
