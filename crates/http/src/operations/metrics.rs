//! Metrics in the text format of Prometheus.
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use actix_web::{HttpResponse, http::StatusCode};

use crate::{
    openapi::problem_responses,
    problem::{Answer, Code, Problem},
    state::Http,
};

const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The upper bounds of the histogram in microseconds, and as they are written in seconds.
const BOUNDS: [(i64, &str); 10] = [
    (1_000, "0.001"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (2_500_000, "2.5"),
    (10_000_000, "10"),
];

/// How a value changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// It only grows, until the process ends.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// A value with its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The name, such as `tollgate_connections`.
    pub name: &'static str,
    /// What the value is.
    pub help: &'static str,
    /// How the value changes.
    pub measure: Measure,
    /// The value.
    pub value: f64,
}

/// Counts of requests since the process started.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    by_class: [AtomicU64; 5],
    within: [AtomicU64; BOUNDS.len()],
    micros: AtomicU64,
}

impl Requests {
    /// Counts a request that was answered within this many microseconds.
    pub(crate) fn count(&self, status: StatusCode, micros: i64) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.by_class.get(class) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        let bound = BOUNDS.iter().position(|(bound, _)| micros <= *bound);
        if let Some(counter) = bound.and_then(|bound| self.within.get(bound)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(micros.max(0).unsigned_abs(), Ordering::Relaxed);
    }

    fn write(&self, text: &mut String) {
        let name = "tollgate_requests_total";
        head(text, name, "Answered requests by class of status.", "counter");
        let mut all = 0;
        for (class, counter) in (1..).zip(&self.by_class) {
            let count = counter.load(Ordering::Relaxed);
            all += count;
            line(text, format_args!("{name}{{status=\"{class}xx\"}} {count}"));
        }
        let name = "tollgate_request_duration_seconds";
        head(text, name, "The time until an answer began.", "histogram");
        let mut so_far = 0;
        for ((_, bound), counter) in BOUNDS.iter().zip(&self.within) {
            so_far += counter.load(Ordering::Relaxed);
            line(text, format_args!("{name}_bucket{{le=\"{bound}\"}} {so_far}"));
        }
        // A request may have been counted since.
        let all = all.max(so_far);
        let micros = self.micros.load(Ordering::Relaxed);
        line(text, format_args!("{name}_bucket{{le=\"+Inf\"}} {all}"));
        line(text, format_args!("{name}_sum {}.{:06}", micros / 1_000_000, micros % 1_000_000));
        line(text, format_args!("{name}_count {all}"));
    }
}

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
    let mut text = String::with_capacity(4096);
    http.requests().write(&mut text);
    // Without the database the other values still tell what is wrong.
    let depth = http.use_cases.queue_depth().await;
    sample(
        &mut text,
        "tollgate_database_up",
        "Whether the database answered.",
        "gauge",
        f64::from(u8::from(depth.is_ok())),
    );
    if let Ok(depth) = depth {
        for (name, help, value) in [
            ("tollgate_jobs_waiting", "Jobs that are due now or later.", depth.waiting),
            ("tollgate_jobs_dead", "Jobs that were given up.", depth.dead),
        ] {
            head(&mut text, name, help, "gauge");
            line(&mut text, format_args!("{name} {value}"));
        }
    }
    for Sample { name, help, measure, value } in (http.samples)() {
        let kind = match measure {
            Measure::Counter => "counter",
            Measure::Gauge => "gauge",
        };
        sample(&mut text, name, help, kind, value);
    }
    HttpResponse::Ok().content_type(CONTENT_TYPE).body(text)
}

fn sample(text: &mut String, name: &str, help: &str, kind: &str, value: f64) {
    head(text, name, help, kind);
    line(text, format_args!("{name} {value}"));
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    line(text, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string never fails.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_class_and_time() {
        let requests = Requests::default();
        for (status, micros) in [(200, 900), (204, 1_000), (404, 30_000), (503, 20_000_000)] {
            requests.count(StatusCode::from_u16(status).unwrap(), micros);
        }
        let mut text = String::new();
        requests.write(&mut text);
        for expected in [
            "tollgate_requests_total{status=\"2xx\"} 2\n",
            "tollgate_requests_total{status=\"5xx\"} 1\n",
            "tollgate_request_duration_seconds_bucket{le=\"0.001\"} 2\n",
            "tollgate_request_duration_seconds_bucket{le=\"10\"} 3\n",
            "tollgate_request_duration_seconds_bucket{le=\"+Inf\"} 4\n",
            "tollgate_request_duration_seconds_sum 20.031900\n",
            "tollgate_request_duration_seconds_count 4\n",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }
}
