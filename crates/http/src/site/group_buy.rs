//! The page of a group buy: the offer, its progress, and the visitor's next step.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use tollgate_domain::{
    access::{Reason, ResourceType, ViewerClaim},
    checkout::{CheckoutError, ReturnUrls},
    creators::AccessMode,
    group_buys::{GroupBuyDetails, GroupBuyStatus, Interest, OfferError, Quantity},
    money::Money,
    names::{HandleName, Slug},
    visitor_auth::Visitor,
};

use super::{go_to, page};
use crate::{
    extract::{Form, HandleHost, VisitorCookie},
    problem::{Answer, Code, Problem},
    state::Http,
};

#[derive(Template)]
#[template(path = "group_buy.html")]
struct GroupBuyPage<'a> {
    seller: &'a str,
    title: &'a str,
    slug: &'a Slug,
    description: &'a str,
    page_slug: &'a Slug,
    page_title: &'a str,
    price: Money,
    regular_price: Option<Money>,
    wanted: i64,
    /// The part of the target that is reached, for the progress bar.
    progress: i64,
    target: i64,
    most: Option<i64>,
    state: String,
    visitor: Option<&'a str>,
    way: Way,
    error: Option<String>,
}

/// The next step that the visitor can take.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// Sign in and return to this page.
    SignIn { purpose: &'static str },
    /// Join, or change the quantity, or leave.
    Join { quantity: i64, has_joined: bool },
    /// Leave. Joining and changing are no longer possible.
    Leave { quantity: i64 },
    /// Pay the group price.
    Pay,
    /// Read the page, which is open to the visitor.
    Read,
    /// No step is possible.
    Nothing { why: &'static str },
}

/// Answers on hosts that have no group buys.
pub(super) async fn nowhere() -> Answer {
    Err(Problem::new(Code::GroupBuyNotFound))
}

fn slug(req: &HttpRequest) -> Result<Slug, Problem> {
    let slug = req.match_info().get("name").and_then(|name| name.parse().ok());
    slug.ok_or_else(|| Problem::new(Code::GroupBuyNotFound))
}

/// Shows the group buy.
pub(super) async fn show(
    http: Http,
    req: HttpRequest,
    HandleHost(handle): HandleHost,
    session: VisitorCookie,
) -> Answer {
    let slug = slug(&req)?;
    shown(&http, &handle, &slug, session, StatusCode::OK, None).await
}

/// Joins or leaves, depending on the button.
pub(super) async fn express(
    http: Http,
    req: HttpRequest,
    HandleHost(handle): HandleHost,
    session: VisitorCookie,
    form: Form,
) -> Answer {
    let slug = slug(&req)?;
    let form = form.read().await?;
    let Some(visitor) = signed_in(&http, &session).await? else { return Ok(back_to(&slug)) };
    let done = if form.get("do") == "leave" {
        http.use_cases.offers.withdraw(&handle, &slug, visitor.id).await
    } else {
        let Ok(quantity) = form.get("quantity").parse::<Quantity>() else {
            let (status, error) =
                (StatusCode::UNPROCESSABLE_ENTITY, "Choose a number from 1 to 100.");
            return shown(&http, &handle, &slug, session, status, Some(error.to_owned())).await;
        };
        http.use_cases.offers.express(&handle, &slug, visitor.id, quantity).await.map(drop)
    };
    match done {
        Ok(()) => Ok(back_to(&slug)),
        Err(OfferError::Full) => {
            let error = "There is no room left for this quantity. Try a smaller one.";
            shown(&http, &handle, &slug, session, StatusCode::CONFLICT, Some(error.to_owned()))
                .await
        }
        // The page shows the current state.
        Err(OfferError::NotOpen | OfferError::AlreadyPurchased | OfferError::PageNotPaid) => {
            Ok(back_to(&slug))
        }
        Err(error) => Err(error.into()),
    }
}

/// Sends the visitor to the pay page.
pub(super) async fn pay(
    http: Http,
    req: HttpRequest,
    HandleHost(handle): HandleHost,
    session: VisitorCookie,
) -> Answer {
    let slug = slug(&req)?;
    let visitor = signed_in(&http, &session).await?;
    let (Some(visitor), Some(token)) = (visitor, session.0) else { return Ok(back_to(&slug)) };
    let urls = ReturnUrls::default();
    match http.use_cases.offers.checkout(handle, &slug, visitor.id, token, urls).await {
        Ok(started) => Ok(go_to(&started.url)),
        // The page shows the remaining steps.
        Err(
            OfferError::AlreadyPurchased
            | OfferError::InterestRequired
            | OfferError::NotActive
            | OfferError::PageNotPaid
            | OfferError::Checkout(CheckoutError::Unauthorized),
        ) => Ok(back_to(&slug)),
        Err(error) => Err(error.into()),
    }
}

fn back_to(slug: &Slug) -> HttpResponse {
    go_to(&format!("/-/group-buys/{slug}"))
}

async fn signed_in(http: &Http, session: &VisitorCookie) -> Result<Option<Visitor>, Problem> {
    let Some(token) = session.0 else { return Ok(None) };
    Ok(http.use_cases.sessions.authenticate(token).await?.map(|who| who.visitor))
}

async fn shown(
    http: &Http,
    handle: &HandleName,
    slug: &Slug,
    session: VisitorCookie,
    status: StatusCode,
    error: Option<String>,
) -> Answer {
    let details = http.use_cases.offers.details(handle, slug).await?;
    let visitor = signed_in(http, &session).await?;
    let interest = match &visitor {
        Some(visitor) => http.use_cases.offers.interest(handle, slug, visitor.id).await?,
        None => None,
    };
    let offered = &details.view.page;
    let can_read = if visitor.is_some() && offered.mode == AccessMode::Paid {
        let claim = ViewerClaim { session: session.0, creator: None };
        let reason = http
            .use_cases
            .gate
            .check(ResourceType::Page, handle.clone(), offered.slug.clone(), claim)
            .await;
        reason.is_ok_and(|reason| reason == Reason::Entitled)
    } else {
        false
    };
    let way = Way::of(&details, visitor.is_some(), interest.as_ref(), can_read);
    let group_buy = &details.view.group_buy;
    let template = GroupBuyPage {
        seller: &details.view.handle.title,
        title: &group_buy.title,
        slug: &group_buy.slug,
        description: &group_buy.description,
        page_slug: &offered.slug,
        page_title: &offered.title,
        price: group_buy.price,
        regular_price: offered.price.filter(|regular| *regular != group_buy.price),
        wanted: group_buy.current_quantity,
        progress: group_buy.current_quantity.min(group_buy.target_quantity),
        target: group_buy.target_quantity,
        most: group_buy.max_quantity,
        state: state(&details),
        visitor: visitor.as_ref().map(|visitor| visitor.email.as_str()),
        way,
        error,
    };
    page(status, &template)
}

/// Returns the state of the group buy in a sentence.
fn state(details: &GroupBuyDetails) -> String {
    let group_buy = &details.view.group_buy;
    let day = |instant: tollgate_domain::Timestamp| instant.strftime("%Y-%m-%d %H:%M UTC");
    match (details.status, group_buy.deadline, group_buy.offer_ends_at) {
        (GroupBuyStatus::Open, Some(deadline), _) => format!("Open until {}.", day(deadline)),
        (GroupBuyStatus::Open, None, _) => "Open.".to_owned(),
        (GroupBuyStatus::TargetReached, ..) => {
            "The target is reached; it is up to the seller now.".to_owned()
        }
        (GroupBuyStatus::Active, _, Some(end)) => format!("On offer until {}.", day(end)),
        (GroupBuyStatus::Active, ..) => "On offer.".to_owned(),
        (GroupBuyStatus::Expired, ..) => "It is over.".to_owned(),
        (GroupBuyStatus::Cancelled, ..) => "The seller has called it off.".to_owned(),
    }
}

impl Way {
    fn of(
        details: &GroupBuyDetails,
        signed_in: bool,
        interest: Option<&Interest>,
        can_read: bool,
    ) -> Self {
        if can_read {
            return Self::Read;
        }
        if details.view.page.mode != AccessMode::Paid {
            return Self::Nothing { why: "The page is not for sale any more." };
        }
        let quantity = interest.map_or(1, |interest| interest.quantity.get());
        let has_joined = interest.is_some();
        match details.status {
            GroupBuyStatus::Open | GroupBuyStatus::TargetReached if !signed_in => {
                Self::SignIn { purpose: "Sign in to join, or to see what you said." }
            }
            GroupBuyStatus::Active if !signed_in => {
                Self::SignIn { purpose: "If you have joined, sign in to buy at the group price." }
            }
            GroupBuyStatus::Open | GroupBuyStatus::TargetReached => {
                match (has_joined, details.can_join, details.is_past_deadline) {
                    (true, _, false) | (false, true, _) => Self::Join { quantity, has_joined },
                    (true, _, true) => Self::Leave { quantity },
                    (false, false, true) => Self::Nothing { why: "It is too late to join." },
                    (false, false, false) => Self::Nothing { why: "There is no room left." },
                }
            }
            GroupBuyStatus::Active if has_joined => Self::Pay,
            GroupBuyStatus::Active => {
                Self::Nothing { why: "The group price is for those who joined before." }
            }
            GroupBuyStatus::Expired | GroupBuyStatus::Cancelled => {
                Self::Nothing { why: "There is nothing to join any more." }
            }
        }
    }
}
