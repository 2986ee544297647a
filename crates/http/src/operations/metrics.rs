//! Metrics in the text format of Prometheus.
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>

use actix_web::HttpResponse;
use futures_util::future::join;
use metrics::gauge;
use tollgate_domain::jobs::JobKind;

use crate::{
    openapi::problem_responses,
    problem::{Answer, Code, Problem},
    state::Http,
};

const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

problem_responses! {
    MetricsProblems: NotFound;
}

/// Counts and gauges for Prometheus.
///
/// With `TOLLGATE_METRICS_LISTEN` they are served at that address alone, and this is `not_found`.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(()),
    responses((status = 200, description = "The metrics in the text format of Prometheus", body = String,
        content_type = "text/plain", example = "tollgate_jobs_waiting 3"), MetricsProblems))]
pub(super) async fn metrics(http: Http) -> Answer {
    if http.metrics_elsewhere {
        return Err(Problem::new(Code::NotFound));
    }
    Ok(alone(http).await)
}

/// Answers the same on a listener of its own.
pub(crate) async fn alone(http: Http) -> HttpResponse {
    // Without the database the other values still tell what is wrong.
    let (probes, clock) = (http.probes(), &*http.clock);
    let depths = probes.depths.get(clock, http.use_cases.queue_depths());
    let (depths, ready) = join(depths, probes.ready.get(clock, http.store.ready())).await;
    // The count of jobs does not matter here, since it takes turns with reports.
    gauge!("tollgate_database_up").set(f64::from(u8::from(ready.is_ok())));
    if let Ok(depths) = depths {
        let now = http.clock.now();
        // Kinds of which there are none now were counted before, perhaps.
        for kind in JobKind::ALL {
            let depth = depths.iter().find(|depth| depth.kind == kind);
            let due = depth.and_then(|depth| depth.due_since);
            let late = due.map_or(0, |due| now.as_second() - due.as_second()).max(0);
            let (waiting, dead) = depth.map_or((0, 0), |depth| (depth.waiting, depth.dead));
            let kind = kind.as_str();
            gauge!("tollgate_jobs_waiting", "kind" => kind).set(number(waiting));
            gauge!("tollgate_jobs_dead", "kind" => kind).set(number(dead));
            gauge!("tollgate_jobs_oldest_seconds", "kind" => kind).set(number(late.unsigned_abs()));
        }
    }
    HttpResponse::Ok().content_type(CONTENT_TYPE).body((http.metrics)())
}

/// Returns a count; beyond four billion it says four billion.
fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
