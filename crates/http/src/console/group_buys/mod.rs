//! The group buys of a handle.

mod edit;
mod one;
mod sentences;
mod steps;
mod terms;

use actix_web::web::ServiceConfig;
use askama::Template;
use tollgate_domain::{Timestamp, group_buys::OwnedGroupBuy, names::Slug};

use self::sentences::{Progress, Status};
use super::{
    page::{Nav, Screen, When, render},
    who::AtHandle,
};
use crate::{
    extract::Paging,
    links::own_group_buy_path,
    locale::Texts,
    problem::Answer,
    routes::{form, screen},
    state::Http,
};

#[derive(Template)]
#[template(path = "console/group_buys.html")]
struct GroupBuysScreen {
    t: Texts,
    screen: Screen,
    new: String,
    rows: Vec<Row>,
    older: Option<String>,
}

struct Row {
    address: String,
    title: String,
    page: String,
    price: String,
    status: Status,
    progress: Progress,
    time_left: Option<String>,
    /// When it ended, or since when nobody can join, in words and as a day.
    over: Option<(String, When)>,
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(screen("/{handle}/group-buys", list))
        .service(form("/{handle}/new-group-buy", edit::new, edit::create))
        .service(screen("/{handle}/group-buys/{slug}", one::show))
        .service(form("/{handle}/group-buys/{slug}/edit", edit::show, edit::change))
        .service(form(
            "/{handle}/group-buys/{slug}/activate",
            steps::ask_to_activate,
            steps::activate,
        ))
        .service(form("/{handle}/group-buys/{slug}/cancel", steps::ask_to_cancel, steps::cancel));
}

async fn list(http: Http, at: AtHandle, paging: Paging) -> Answer {
    let page = paging.read()?;
    let list = http.use_cases.group_buys.list(&at.creator, &at.handle.name, &page).await?;
    let older = list.next.map(|cursor| at.path(&format!("/group-buys?cursor={cursor}")));
    let now = http.clock.now();
    let rows = list.items.iter().map(|owned| Row::of(&at, owned, now)).collect();
    let new = at.path("/new-group-buy");
    let screen = at.screen.on(Nav::GroupBuys);
    render(screen.status(), &GroupBuysScreen { t: screen.t, screen, new, rows, older })
}

/// Returns the path of a group buy's screen, or of one below it.
fn path_of(at: &AtHandle, slug: &Slug, rest: &str) -> String {
    format!("{}{rest}", own_group_buy_path(&at.handle.name, slug))
}

impl Row {
    fn of(at: &AtHandle, owned: &OwnedGroupBuy, now: Timestamp) -> Self {
        let (t, view) = (at.screen.t, &owned.details.view);
        let over = if owned.details.status.has_ended() {
            "console-group-buys-ended-on"
        } else {
            "console-group-buys-closed-on"
        };
        Self {
            address: path_of(at, &view.group_buy.slug, ""),
            title: view.group_buy.title.clone(),
            page: view.page.title.clone(),
            price: t.money(view.group_buy.price),
            status: Status::of(t, owned),
            progress: Progress::of(t, owned),
            time_left: sentences::end(owned)
                .map(|end| format!("{} ({})", sentences::time_left(t, now, end), t.day(end))),
            over: sentences::over_since(owned).map(|at| (t.get(over), When::day(t, at))),
        }
    }
}
