//! The revenue of a handle, and the Stripe account that it goes to.

mod chart;
mod days;
mod report;
mod start;
mod stripe;

use actix_web::{HttpResponse, web::ServiceConfig};
use askama::Template;
use tollgate_domain::{
    checkout::{ConnectError, Connection},
    names::HandleName,
    payments::PaymentsError,
};

use self::{
    report::{Preset, Report},
    start::FirstSale,
    stripe::StripeState,
};
use super::{
    form::{FormState, Labels},
    page::{Nav, Notice, Screen, render, see_other, see_other_with},
    who::{AtHandle, Signed},
};
use crate::{
    extract::Query,
    links::{revenue_path, stripe_return},
    locale::Texts,
    problem::{Answer, Code, Problem},
    routes::{form, screen},
    state::Http,
};

const FIELDS: Labels =
    &[("from", "console-revenue-field-from"), ("to", "console-revenue-field-to")];

#[derive(Template)]
#[template(path = "console/revenue.html")]
struct RevenueScreen {
    t: Texts,
    screen: Screen,
    /// The paths of this screen and of the list of purchases.
    path: String,
    purchases: String,
    stripe: StripeState,
    presets: Vec<Preset>,
    /// The figures; none if the range is not valid.
    report: Option<Report>,
    /// What to do until something is sold.
    first: Option<FirstSale>,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(screen("/-/stripe/return", complete_return))
        .service(screen("/{handle}/revenue", show))
        .service(form("/{handle}/revenue/connect", look, connect));
}

async fn show(http: Http, at: AtHandle, query: Query) -> Answer {
    let [from, to] = query.read(["from", "to"])?;
    let mut form = FormState::new(at.screen.t, FIELDS);
    for (name, value) in [("from", from), ("to", to)] {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            form = form.with(name, value.trim());
        }
    }
    shown(&http, at, form).await
}

async fn shown(http: &Http, at: AtHandle, form: FormState) -> Answer {
    let (creator, name, t) = (&at.creator, &at.handle.name, at.screen.t);
    let connection = http.use_cases.connect.connection(creator, name).await?;
    let stripe = StripeState::of(t, &connection, creator);
    let (form, report) = Report::read(http, &at, form).await?;
    let first = match &report {
        Some(report) if report.is_empty() => FirstSale::find(http, &at, stripe.can_sell).await?,
        _ => None,
    };
    let (path, purchases) = (at.path("/revenue"), at.path("/purchases"));
    let presets = Preset::all(t, &path, &form, http.clock.now());
    let screen = at.screen.on(Nav::Revenue).with(form);
    let revenue = RevenueScreen { t, screen, path, purchases, stripe, presets, report, first };
    render(revenue.screen.status(), &revenue)
}

/// Leads to the screen that the form is on, as when the address of the form is opened by itself.
async fn look(at: AtHandle) -> HttpResponse {
    see_other(&at.path("/revenue"))
}

/// Leads to Stripe, where the creator connects the account or goes on with it.
async fn connect(http: Http, at: AtHandle) -> Answer {
    let (creator, name, t) = (&at.creator, &at.handle.name, at.screen.t);
    let (back, again) = stripe_return(&http.installation, name);
    let mut form = FormState::new(t, FIELDS);
    match http.use_cases.connect.begin(creator, name, &back, &again).await {
        Ok(address) => return Ok(see_other(&address)),
        Err(ConnectError::Payments(error)) => form.refuse("", unconnected(t, &error)),
        Err(error) => form = form.refused(error)?,
    }
    shown(&http, at, form.headed("console-revenue-not-connected")).await
}

fn unconnected(t: Texts, error: &PaymentsError) -> String {
    tracing::warn!(%error, "an account could not be connected");
    match error {
        PaymentsError::Refused { message, .. } => {
            t.with("console-revenue-stripe-refused", "answer", message)
        }
        PaymentsError::Unavailable(_) | PaymentsError::Busy { .. } | PaymentsError::Failed(_) => {
            t.get("console-revenue-stripe-away")
        }
    }
}

/// Takes the creator back from Stripe to the handle that Stripe was asked about. Other creators learn nothing
/// about it.
async fn complete_return(http: Http, signed: Signed, query: Query) -> Answer {
    let [handle, again] = query.read(["handle", "again"])?;
    let name = handle.and_then(|name| name.parse::<HandleName>().ok());
    let name = name.ok_or_else(|| Problem::new(Code::HandleNotFound))?;
    let path = revenue_path(&name);
    let notice = match http.use_cases.connect.connection(&signed.creator, &name).await? {
        Connection::Account { connected, .. } if connected.state.charges_enabled => {
            "console-revenue-notice-ready"
        }
        _ if again.is_some() => "console-revenue-notice-refused-expired",
        _ => return Ok(see_other(&path)),
    };
    Ok(see_other_with(&path, Notice::new(notice)))
}
