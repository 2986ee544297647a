//! Metrics in the text format of Prometheus.
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>

use actix_web::HttpResponse;
use metrics::gauge;

use crate::{
    openapi::problem_responses,
    problem::{Answer, Code, Problem},
    state::Http,
};

const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

problem_responses! {
    MetricsRefusals: NotFound;
}

/// Counts and gauges for Prometheus.
///
/// With `TOLLGATE_METRICS_LISTEN` they are served at that address alone, and this is `not_found`.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "The metrics in the text format of Prometheus", body = String,
        content_type = "text/plain", example = "tollgate_jobs_waiting 3"), MetricsRefusals))]
pub(super) async fn metrics(http: Http) -> Answer {
    if http.metrics_elsewhere {
        return Err(Problem::new(Code::NotFound));
    }
    Ok(alone(http).await)
}

/// The same, on a listener of its own.
pub(crate) async fn alone(http: Http) -> HttpResponse {
    // Without the database the other values still tell what is wrong.
    let depths = http.use_cases.queue_depths().await;
    gauge!("tollgate_database_up").set(f64::from(u8::from(depths.is_ok())));
    let now = http.clock.now();
    for depth in depths.unwrap_or_default() {
        let kind = depth.kind.as_str();
        let late = depth.due_since.map_or(0, |due| now.as_second() - due.as_second()).max(0);
        gauge!("tollgate_jobs_waiting", "kind" => kind).set(number(depth.waiting));
        gauge!("tollgate_jobs_dead", "kind" => kind).set(number(depth.dead));
        gauge!("tollgate_jobs_oldest_seconds", "kind" => kind).set(number(late.unsigned_abs()));
    }
    HttpResponse::Ok().content_type(CONTENT_TYPE).body((http.metrics)())
}

/// Returns a count; beyond four billion it says four billion.
fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
