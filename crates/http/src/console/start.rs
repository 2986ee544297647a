//! The start of a handle: what is done on the way to the first sale, and what comes next.

use actix_web::web::ServiceConfig;
use askama::Template;
use tollgate_domain::{checkout::ConnectStatus, creators::PageOverview};

use super::{
    attention::{self, Matter, Stripe},
    page::{Nav, Screen, render, see_other},
    who::{AtHandle, Signed},
};
use crate::{
    links::page_address,
    locale::{Texts, isolated},
    problem::{Answer, Problem},
    routes::screen,
    state::Http,
};

#[derive(Template)]
#[template(path = "console/start.html")]
struct StartScreen {
    t: Texts,
    screen: Screen,
    /// The storefront's address.
    address: String,
    /// What needs the creator besides the steps.
    matters: Vec<Matter>,
    steps: Vec<Step>,
    /// Where the sales are, once something was sold and no step is to be done.
    revenue: Option<String>,
    heading: String,
}

struct Step {
    state: StepState,
    title: String,
    text: String,
    /// The address of the screen where the step is done.
    address: String,
    /// The text of the link to it; empty while there is nothing to open.
    link: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StepState {
    Done,
    /// The first one that is to be done.
    Next,
    ToDo,
    Optional,
}

struct Facts {
    pages: PageOverview,
    stripe: Stripe,
    has_sales: bool,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(screen("/", first)).service(screen("/{handle}", show));
}

/// Leads to the handle whose screens were shown last, else to the newest one, or to the form that makes the first one.
async fn first(signed: Signed) -> Answer {
    Ok(match &signed.screen.handle {
        Some(handle) => see_other(&format!("/{}", handle.name)),
        None => see_other("/new-handle"),
    })
}

async fn show(http: Http, at: AtHandle) -> Answer {
    let facts = Facts::of(&http, &at).await?;
    let matters = attention::matters(&http, &at, facts.stripe).await?;
    let address = http.installation.handle_origin(&at.handle.name);
    let steps = facts.steps(&http, &at);
    let is_ready = !steps.iter().any(Step::is_next);
    let revenue = (is_ready && facts.has_sales).then(|| at.path("/revenue"));
    let screen = at.screen.on(Nav::Start);
    let heading = screen.t.get(match (is_ready, facts.has_sales) {
        (true, _) => "console-start-ready",
        (false, false) => "console-start-title",
        (false, true) => "console-start-needed",
    });
    let start = StartScreen { t: screen.t, screen, address, matters, steps, revenue, heading };
    render(start.screen.status(), &start)
}

impl Facts {
    async fn of(http: &Http, at: &AtHandle) -> Result<Self, Problem> {
        let (creator, name, connect) = (&at.creator, &at.handle.name, &http.use_cases.connect);
        let pages = http.use_cases.pages.overview(creator, name).await?;
        let status = connect.refresh(name).await?;
        let has_sales = http.use_cases.reports.has_sold(creator, name).await?;
        let is_disconnected =
            status == ConnectStatus::NotConnected && connect.is_disconnected(&at.handle).await?;
        let awaits_payouts =
            status == ConnectStatus::Active && connect.awaits_payouts(&at.handle).await?;
        let stripe = Stripe { status, is_disconnected, awaits_payouts };
        Ok(Self { pages, stripe, has_sales })
    }

    fn steps(&self, http: &Http, at: &AtHandle) -> Vec<Step> {
        let mut steps = vec![handle(at), self.page(at), self.price(at), self.stripe(at)];
        steps.push(self.publish(at));
        steps.push(self.test(http, at));
        if let Some(next) = steps.iter_mut().find(|step| step.state == StepState::ToDo) {
            next.state = StepState::Next;
        }
        steps
    }

    fn page(&self, at: &AtHandle) -> Step {
        let (t, is_done) = (at.screen.t, self.pages.total > 0);
        Step {
            state: StepState::of(is_done),
            title: t.get("console-step-page"),
            text: t.count("console-step-page-text", self.pages.total),
            address: at.path(if is_done { "/pages" } else { "/pages/new" }),
            link: t.get(if is_done { "console-step-page-open" } else { "console-step-page-link" }),
        }
    }

    fn price(&self, at: &AtHandle) -> Step {
        let t = at.screen.t;
        let priced = self.pages.priced.as_ref();
        let edited = priced.map(|page| &page.slug).or(self.pages.newest.as_ref());
        let done = priced.map(|page| {
            let price = t.money(page.price);
            t.with2("console-step-price-done", "title", isolated(&page.title), "price", price)
        });
        Step {
            state: if done.is_some() { StepState::Done } else { StepState::Optional },
            title: t.get("console-step-price"),
            text: done.unwrap_or_else(|| t.get("console-step-price-text")),
            address: edited.map_or_else(|| at.path("/pages/new"), |slug| at.editor(slug)),
            link: t.get("console-step-price-link"),
        }
    }

    /// Returns the step of connecting Stripe, which is needed only if something is for sale.
    fn stripe(&self, at: &AtHandle) -> Step {
        let t = at.screen.t;
        let sells = self.pages.priced.is_some();
        let text = match self.stripe.status {
            ConnectStatus::Active => "console-step-stripe-done",
            ConnectStatus::Restricted => "console-step-stripe-restricted",
            ConnectStatus::Onboarding => "console-step-stripe-more",
            ConnectStatus::NotConnected if self.stripe.is_disconnected => {
                "console-step-stripe-gone"
            }
            ConnectStatus::NotConnected => "console-step-stripe-text",
        };
        let state = match self.stripe.status {
            ConnectStatus::Active => StepState::Done,
            _ if sells => StepState::ToDo,
            _ => StepState::Optional,
        };
        Step {
            state,
            title: t.get("console-step-stripe"),
            text: t.get(text),
            address: at.path("/revenue"),
            link: t.get(attention::link_to_stripe(self.stripe.status)),
        }
    }

    fn publish(&self, at: &AtHandle) -> Step {
        let t = at.screen.t;
        let open = self.pages.published;
        Step {
            state: StepState::of(open > 0),
            title: t.get("console-step-publish"),
            text: t.count("console-step-publish-text", open),
            address: at.path("/pages"),
            link: t.get("console-step-publish-link"),
        }
    }

    /// Returns the step of the first purchase, a test in the sandbox, where no money moves.
    fn test(&self, http: &Http, at: &AtHandle) -> Step {
        let t = at.screen.t;
        let slug = self.pages.offered().map(|page| page.slug.to_string()).unwrap_or_default();
        let text = match (self.has_sales, http.installation.is_local()) {
            (true, _) => "console-step-test-done",
            (false, true) => "console-step-test-sandbox",
            (false, false) => "console-step-test-live",
        };
        // A buyer has to find something for sale there, and to be able to pay.
        let can_buy = self.pages.offered().is_some() && self.stripe.status == ConnectStatus::Active;
        let link = can_buy.then(|| t.get("console-step-test-link"));
        Step {
            state: if self.has_sales { StepState::Done } else { StepState::Optional },
            title: t.get("console-step-test"),
            text: t.get(text),
            address: page_address(&http.installation, &at.handle.name, slug),
            link: link.unwrap_or_default(),
        }
    }
}

/// Returns the step of making a handle. It is done, or there would be no checklist.
fn handle(at: &AtHandle) -> Step {
    let t = at.screen.t;
    Step {
        state: StepState::Done,
        title: t.get("console-step-handle"),
        text: t.with("console-step-handle-text", "handle", &at.handle.name),
        address: at.path("/settings"),
        link: t.get("console-step-handle-link"),
    }
}

impl StepState {
    fn of(is_done: bool) -> Self {
        if is_done { Self::Done } else { Self::ToDo }
    }

    /// Returns the class of the row, and the id of the word for it.
    fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Done => ("done", "console-step-is-done"),
            Self::Next | Self::ToDo => ("todo", "console-step-is-to-do"),
            Self::Optional => ("optional", "console-step-is-optional"),
        }
    }
}

impl Step {
    fn is_next(&self) -> bool {
        self.state == StepState::Next
    }

    fn class(&self) -> &'static str {
        self.state.parts().0
    }

    fn word(&self, t: Texts) -> String {
        t.get(self.state.parts().1)
    }
}
