//! The revenue of a handle.

use actix_web::http::StatusCode;
use serde::Serialize;
use tollgate_domain::{
    paging::Listing,
    reports::{DayTakings, Period, Revenue, Takings},
};

use crate::{
    dto::{MoneyBody, json},
    extract::{HandlePath, Own, Paging, Query},
    openapi::{problem_responses, schemas},
    problem::{Answer, Problem, both},
    state::Http,
};

/// Which days are wanted, and how many of them at once.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described; extract::Query reads it")]
pub(crate) struct RevenueQuery {
    /// The first day, UTC; thirty days in all when unset.
    #[param(nullable = false, example = "2026-10-01", format = Date)]
    from: Option<String>,
    /// The last day, UTC; today when unset. At most 366 days in all.
    #[param(nullable = false, example = "2026-10-31", format = Date)]
    to: Option<String>,
    /// How many rows; those of all days when unset.
    #[param(nullable = false, minimum = 1, maximum = 100, example = 20)]
    limit: Option<u32>,
    /// `nextCursor` of the part before; those of other lists are refused.
    #[param(
        nullable = false,
        pattern = "^[0-9]{1,17}\\.[A-Za-z0-9_]{1,64}\\.[0-9a-f]{8}$",
        example = "1772357400000000.pag_01j9z3k5v7w8x9y0z1a2b3c4d5.5f3a09c1"
    )]
    cursor: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DayRevenue)]
pub(crate) struct DayBody {
    /// The day, UTC.
    #[schema(example = "2026-10-31", format = Date)]
    day: String,
    #[schema(value_type = schemas::CurrencyCode)]
    currency: String,
    /// How many purchases were paid.
    #[schema(example = 1)]
    sales: i64,
    /// What was paid.
    gross: MoneyBody,
    /// What was refunded or lost in disputes. A refund that failed is subtracted on the day on which that was learnt.
    refunded: MoneyBody,
    /// What is left.
    net: MoneyBody,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Takings)]
pub(crate) struct TakingsBody {
    #[schema(value_type = schemas::CurrencyCode)]
    currency: String,
    /// How many purchases were paid.
    #[schema(example = 1)]
    sales: i64,
    /// What was paid.
    gross: MoneyBody,
    /// What was refunded or lost in disputes.
    refunded: MoneyBody,
    /// What is left.
    net: MoneyBody,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Revenue)]
pub(crate) struct RevenueBody {
    /// By day, newest first, and by currency in the order of the alphabet; days on which nothing happened are left out.
    items: Vec<DayBody>,
    /// Those of all days that were asked for, by currency in the same order.
    totals: Vec<TakingsBody>,
    /// What to pass as `cursor` for the rows that follow; null at the end, and always without `limit`.
    #[schema(
        required = true,
        example = "1772357400000000.pag_01j9z3k5v7w8x9y0z1a2b3c4d5.5f3a09c1"
    )]
    next_cursor: Option<String>,
}

problem_responses! {
    RevenueProblems: HandleNotFound;
}

/// What was earned, by UTC day and currency.
///
/// Without `limit` all days that were asked for are there at once.
#[utoipa::path(get, path = "/v2/handles/{handle}/revenue", tag = "reports", security(("creator" = [])),
    params(crate::openapi::HandleParams, RevenueQuery),
    responses((status = 200, description = "The revenue", body = RevenueBody), RevenueProblems))]
pub(crate) async fn revenue(own: Own<HandlePath>, query: Query, paging: Paging) -> Answer {
    let (period, (limit, after)) = both(asked_period(&own.http, &query), paging.read_whole())?;
    let name = own.path.name()?;
    let revenue = own.http.use_cases.reports.revenue_in(&own.creator, &name, period).await?;
    let days = revenue.part(limit, after.as_ref());
    Ok(json(StatusCode::OK, &RevenueBody::of(&paging, &revenue, days)))
}

fn asked_period(http: &Http, query: &Query) -> Result<Period, Problem> {
    let [from, to] = query.read(["from", "to"])?;
    let period = Period::read(from.as_deref(), to.as_deref(), http.clock.now());
    period.map_err(|errors| Problem::invalid(errors.into()))
}

impl RevenueBody {
    fn of(paging: &Paging, revenue: &Revenue, days: Listing<DayTakings>) -> Self {
        Self {
            items: days.items.iter().map(DayBody::of).collect(),
            totals: revenue.totals.iter().map(TakingsBody::of).collect(),
            next_cursor: days.next.map(|cursor| paging.written(&cursor)),
        }
    }
}

impl DayBody {
    fn of(day: &DayTakings) -> Self {
        let TakingsBody { currency, sales, gross, refunded, net } = TakingsBody::of(&day.takings);
        Self { day: day.day.to_string(), currency, sales, gross, refunded, net }
    }
}

impl TakingsBody {
    fn of(takings: &Takings) -> Self {
        Self {
            currency: takings.gross.currency.code().to_owned(),
            sales: takings.sales,
            gross: MoneyBody::of(takings.gross),
            refunded: MoneyBody::of(takings.refunded),
            net: MoneyBody::of(takings.net()),
        }
    }
}
