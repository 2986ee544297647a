//! The page of a group buy: the offer, its progress, and the visitor's next step.

mod link;
mod looked;
mod steps;
mod view;
mod way;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use tollgate_domain::{
    access::{AccessError, Reason},
    checkout::{CheckoutError, EarlierPurchase, ReturnUrls},
    creators::AccessMode,
    group_buys::{GroupBuyDetails, Interest, OfferError, Quantity},
    id::{CheckoutId, PageId, VisitorId},
    names::{HandleName, Slug},
    visitor_auth::Visitor,
};

use self::looked::Looked;
use super::{
    earlier::{earlier_purchase, is_payable, told_or_moved},
    go_to,
    notice::{Notice, Place, said_unless_unconfirmed},
    sign_in::Refused,
    visit::Visit,
};
use crate::{
    extract::{Form, HandleHost, part},
    links::group_buy_path,
    problem::{Answer, Code, Problem},
};

pub(super) use self::{link::GroupBuyLink, view::time_left, way::no_dearer_page};

/// What was typed into the form and why it was not taken.
#[derive(Default)]
struct Mistake {
    quantity: String,
    /// The text that says why, which may name the most that is possible.
    error: &'static str,
}

/// Answers on hosts that have no group buys.
pub(super) async fn nowhere() -> Answer {
    Err(Problem::new(Code::GroupBuyNotFound))
}

fn slug(req: &HttpRequest) -> Result<Slug, Problem> {
    part(req, "name").ok_or_else(|| Problem::new(Code::GroupBuyNotFound))
}

pub(super) async fn show(visit: Visit, host: HandleHost) -> Answer {
    shown(&visit, host, &slug(&visit.req)?, StatusCode::OK, None).await
}

/// Shows the group buy with a form for signing in that was not taken.
pub(super) async fn again(
    visit: &Visit,
    handle: HandleName,
    slug: &Slug,
    refused: Refused,
) -> Answer {
    let looked = looked(visit, &handle, slug).await?;
    let mut shown = looked.page(visit, None);
    let status = refused.replace(shown.form())?;
    super::page(status, &shown)
}

/// Joins or leaves, depending on the button.
pub(super) async fn express(visit: Visit, host: HandleHost, form: Form) -> Answer {
    let slug = slug(&visit.req)?;
    let form = form.read().await?;
    let typed = form.get("quantity");
    let Some(visitor) = visit.visitor().await? else {
        // The button was pressed after the session ended.
        let again = go_to(&path_with(&slug, typed.parse().ok()));
        return Ok(Notice::SignedOut.leave(&visit, again));
    };
    let done = if form.get("do") == "leave" {
        left(&visit, &host.0, &slug, visitor.id).await
    } else {
        let Ok(quantity) = typed.trim().parse::<Quantity>() else {
            let mistake = Mistake::of(typed, "group-bad-quantity");
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return shown(&visit, host, &slug, status, Some(mistake)).await;
        };
        joined(&visit, &host.0, &slug, visitor.id, quantity).await
    };
    match done {
        Ok(answer) => Ok(answer),
        Err(OfferError::Full) => {
            let mistake = Mistake::of(typed, "group-full");
            shown(&visit, host, &slug, StatusCode::CONFLICT, Some(mistake)).await
        }
        Err(error) => led_back(&visit, &visitor, &host.0, &slug, error).await,
    }
}

/// Leads to the group buy if its page shows why the visitor cannot join or leave.
async fn led_back(
    visit: &Visit,
    visitor: &Visitor,
    handle: &HandleName,
    slug: &Slug,
    error: OfferError,
) -> Answer {
    match error {
        error if shows_why_not_to_join(&error) => {}
        // A visitor who has joined finds it also while its page is not published, and reads that there.
        OfferError::NotFound => {
            found(visit, Some(visitor), handle, slug).await?;
        }
        error => return Err(error.into()),
    }
    Ok(back_to(slug))
}

/// Joins the group buy, or replaces the quantity.
async fn joined(
    visit: &Visit,
    handle: &HandleName,
    slug: &Slug,
    visitor: VisitorId,
    quantity: Quantity,
) -> Result<HttpResponse, OfferError> {
    let offers = &visit.http.use_cases.offers;
    let (_, is_new) = offers.express(handle, slug, visitor, quantity).await?;
    Ok(Notice::of_interest(quantity, is_new).leave(visit, back_to(slug)))
}

/// Leaves the group buy. Visitors who cannot see it after that, since its page is not published, are led to the storefront.
async fn left(
    visit: &Visit,
    handle: &HandleName,
    slug: &Slug,
    visitor: VisitorId,
) -> Result<HttpResponse, OfferError> {
    let offers = &visit.http.use_cases.offers;
    offers.withdraw(handle, slug, visitor).await?;
    let next = match offers.details(handle, slug).await {
        Ok(_) => back_to(slug),
        Err(OfferError::NotFound) => go_to("/"),
        Err(error) => return Err(error),
    };
    Ok(Notice::Left.leave(visit, next))
}

/// Returns whether the page itself shows why the visitor cannot join or leave.
fn shows_why_not_to_join(error: &OfferError) -> bool {
    matches!(
        error,
        OfferError::NotOpen
            | OfferError::AlreadyPurchased
            | OfferError::PageNotPaid
            | OfferError::Checkout(CheckoutError::ConnectNotConfigured(_))
    )
}

pub(super) async fn pay(visit: Visit, HandleHost(handle): HandleHost) -> Answer {
    let slug = slug(&visit.req)?;
    let visitor = visit.visitor().await?;
    let (Some(visitor), Some(token)) = (visitor, visit.session.0) else {
        return Ok(Notice::SignedOut.leave(&visit, back_to(&slug)));
    };
    let (details, _) = found(&visit, Some(&visitor), &handle, &slug).await?;
    let (_, earlier) = looked_at(&visit, Some(&visitor), &details).await?;
    let is_worthwhile = no_dearer_page(&details).is_none();
    if !earlier.may_pay() || !is_worthwhile || !details.view.is_public() {
        return Ok(back_to(&slug));
    }
    let origin = visit.http.installation.handle_origin(&handle);
    let cancel = Some(format!("{origin}{}/cancelled", group_buy_path(&slug)));
    let urls = ReturnUrls { success: None, cancel };
    match visit.http.use_cases.offers.checkout(handle, &slug, visitor.id, token, urls).await {
        Ok(started) => Ok(go_to(&started.url)),
        Err(error) if shows_why_not_to_pay(&error) => Ok(back_to(&slug)),
        Err(error) => Err(error.into()),
    }
}

/// Returns whether the page itself shows why the visitor cannot pay, with the remaining steps.
fn shows_why_not_to_pay(error: &OfferError) -> bool {
    matches!(
        error,
        OfferError::AlreadyPurchased
            | OfferError::InterestRequired
            | OfferError::NotActive
            | OfferError::PageNotPaid
            | OfferError::Checkout(
                CheckoutError::Unauthorized
                    | CheckoutError::AlreadyPurchased
                    | CheckoutError::Disputed
                    | CheckoutError::Quarantined
                    | CheckoutError::GroupBuyNotActive
                    | CheckoutError::ConnectNotConfigured(_),
            )
    )
}

/// Receives the visitor who turned back on the pay page.
pub(super) async fn turned_back(visit: Visit, HandleHost(handle): HandleHost) -> Answer {
    let slug = slug(&visit.req)?;
    let visitor = visit.visitor().await?;
    let details = match found(&visit, visitor.as_ref(), &handle, &slug).await {
        Ok((details, _)) => details,
        // Those who have joined find it as long as it exists.
        Err(OfferError::NotFound) => {
            let problem = Problem::new(Code::GroupBuyNotFound);
            return Notice::UnknownReturn.beside(&problem, &visit, visitor.as_ref()).await;
        }
        Err(error) => return Err(error.into()),
    };
    let page = details.view.page.id;
    let notice = Notice::of_turning_back(&visit, visitor.as_ref(), page).await?;
    Ok(notice.leave(&visit, back_to(&slug)))
}

/// Leads to the page from the address of a form, whose answer can be loaded again.
pub(super) async fn back(req: HttpRequest, _host: HandleHost) -> Answer {
    Ok(back_to(&slug(&req)?))
}

/// Returns where the button leads that pays the group price.
pub(super) fn pay_path(slug: &Slug) -> String {
    format!("{}/checkout", group_buy_path(slug))
}

/// Returns the path of a group buy with the quantity that the form begins with, so that nobody types it again.
fn path_with(slug: &Slug, wanted: Option<Quantity>) -> String {
    let query = wanted.map(|wanted| format!("?quantity={}", wanted.get())).unwrap_or_default();
    format!("{}{query}", group_buy_path(slug))
}

/// Returns the quantity that the form begins with, if the address names one.
fn wanted(req: &HttpRequest) -> Option<Quantity> {
    let mut fields = form_urlencoded::parse(req.query_string().as_bytes());
    fields.find(|(name, _)| name == "quantity").and_then(|(_, value)| value.parse().ok())
}

fn back_to(slug: &Slug) -> HttpResponse {
    go_to(&group_buy_path(slug))
}

impl Mistake {
    fn of(typed: &str, error: &'static str) -> Self {
        Self { quantity: typed.chars().take(20).collect(), error }
    }
}

async fn shown(
    visit: &Visit,
    HandleHost(handle): HandleHost,
    slug: &Slug,
    status: StatusCode,
    mistake: Option<Mistake>,
) -> Answer {
    let looked = looked(visit, &handle, slug).await?;
    let visitor = looked.visitor.as_ref();
    let shown = looked.page(visit, mistake);
    let place = Place::of(shown.leads_to_payment(&looked), looked.can_read);
    let notice = Notice::told_where(place, visit, visitor).await?;
    let answer = super::page(status, &shown.telling(notice))?;
    said_unless_unconfirmed(visit, visitor, answer).await
}

/// Reads the group buy as the visitor finds it.
async fn looked(visit: &Visit, handle: &HandleName, slug: &Slug) -> Result<Looked, Problem> {
    let visitor = visit.visitor().await?;
    let (details, interest) = found(visit, visitor.as_ref(), handle, slug).await?;
    let (can_read, earlier) = looked_at(visit, visitor.as_ref(), &details).await?;
    let unconfirmed = unconfirmed(visit, visitor.as_ref(), details.view.page.id).await?;
    let handle = &details.view.handle;
    let (told, moved) =
        told_or_moved(&visit.http, visit.t, handle, visitor.as_ref(), &earlier).await?;
    Ok(Looked {
        is_on_sale: visit.http.use_cases.connect.can_charge(&details.view.handle).await?,
        can_read,
        earlier,
        told,
        moved,
        unconfirmed,
        details,
        visitor,
        interest,
        wanted: wanted(&visit.req),
    })
}

/// Finds the group buy for the visitor, with the visitor's interest.
async fn found(
    visit: &Visit,
    visitor: Option<&Visitor>,
    handle: &HandleName,
    slug: &Slug,
) -> Result<(GroupBuyDetails, Option<Interest>), OfferError> {
    let offers = &visit.http.use_cases.offers;
    if let Some(visitor) = visitor {
        offers.details_for(handle, slug, visitor.id).await
    } else {
        Ok((offers.details(handle, slug).await?, None))
    }
}

/// Returns the visitor's order for the page if it is not known yet whether it was paid.
async fn unconfirmed(
    visit: &Visit,
    visitor: Option<&Visitor>,
    page: PageId,
) -> Result<Option<CheckoutId>, Problem> {
    let id = Notice::of(visit).and_then(Notice::unconfirmed);
    if let (Some(visitor), Some(id)) = (visitor, id)
        && is_payable(&visit.http, page, visitor, id).await?
    {
        return Ok(Some(id));
    }
    Ok(None)
}

/// Returns whether the offered page is open to the visitor, and what became of the visitor's last purchase of it if it is not. A page that
/// is not published stays open to those who have bought it.
async fn looked_at(
    visit: &Visit,
    visitor: Option<&Visitor>,
    details: &GroupBuyDetails,
) -> Result<(bool, EarlierPurchase), Problem> {
    let page = &details.view.page;
    let is_free = details.view.is_public() && page.mode != AccessMode::Paid;
    let Some(visitor) = visitor.filter(|_| !is_free) else {
        return Ok((false, EarlierPurchase::None));
    };
    let (handle, slug) = (details.view.handle.name.clone(), page.slug.clone());
    let view = match visit.http.use_cases.gate.view(handle, slug, visit.claim()).await {
        Ok(view) => view,
        Err(AccessError::NotFound(_)) => {
            let checkouts = &visit.http.use_cases.checkouts;
            return Ok((false, checkouts.earlier_purchase_of_hidden(visitor.id, page.id).await?));
        }
        Err(error) => return Err(error.into()),
    };
    if view.reason == Reason::Entitled {
        return Ok((true, EarlierPurchase::None));
    }
    Ok((false, earlier_purchase(&visit.http, &view).await?))
}
