//! What the program measures of itself, for `/metrics`.

use std::{fs, sync::LazyLock, time::Instant};

use anyhow::Context;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tollgate_domain::jobs::JobKind;

use crate::{logging, server};

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The upper bounds of histograms in seconds.
const BOUNDS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Notes when the program started.
pub(crate) fn note_start() {
    LazyLock::force(&STARTED);
}

#[derive(Clone)]
pub(crate) struct Metrics(PrometheusHandle);

impl Metrics {
    /// Begins to record what all crates count.
    pub(crate) fn install() -> anyhow::Result<Self> {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BOUNDS);
        let handle = builder.and_then(PrometheusBuilder::install_recorder);
        let this = Self(handle.context("metrics cannot be recorded")?);
        describe();
        Ok(this)
    }

    /// Adds up what was recorded since the last call, which takes memory until then.
    pub(crate) fn tidy(&self) {
        self.0.run_upkeep();
    }

    /// Returns the values in the text format of Prometheus.
    pub(crate) fn text(&self) -> String {
        gauge!("tollgate_uptime_seconds").set(STARTED.elapsed().as_secs_f64());
        gauge!("tollgate_connections").set(whole_usize(server::open()));
        counter!("tollgate_log_lines_dropped_total").absolute(logging::dropped());
        // Shown before the first one, so that an increase is seen.
        counter!("tollgate_overload_refusals_total").increment(0);
        for kind in JobKind::ALL {
            let labels = [("kind", kind.as_str()), ("outcome", "dead")];
            counter!("tollgate_job_runs_total", &labels).increment(0);
        }
        counter!("tollgate_malformed_requests_total").absolute(logging::malformed());
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        for (name, value) in [
            ("process_resident_memory_bytes", memory()),
            ("process_open_fds", open_descriptors()),
            ("process_max_fds", limit),
        ] {
            if let Some(value) = value {
                gauge!(name).set(whole(value));
            }
        }
        self.0.render()
    }
}

fn describe() {
    for (name, help) in [
        ("tollgate_requests_total", "Answered requests."),
        ("tollgate_decisions_total", "Decisions about pages and files."),
        ("tollgate_webhooks_total", "Webhooks of Stripe."),
        (
            "tollgate_mail_reports_total",
            "Messages of the mail service about bounces and complaints.",
        ),
        ("tollgate_stripe_requests_total", "Calls to Stripe."),
        ("tollgate_job_runs_total", "Runs of jobs, mails among them."),
        (
            "tollgate_overload_refusals_total",
            "Requests that were refused because too many were being answered.",
        ),
        ("tollgate_log_lines_dropped_total", "Log lines that nobody read in time."),
        (
            "tollgate_malformed_requests_total",
            "Connections that sent something else than HTTP/1.1.",
        ),
    ] {
        describe_counter!(name, help);
    }
    for (name, help) in [
        ("tollgate_request_duration_seconds", "The time until an answer began."),
        ("tollgate_stripe_request_duration_seconds", "The time until Stripe answered."),
    ] {
        describe_histogram!(name, help);
    }
    for (name, help) in [
        ("tollgate_uptime_seconds", "The time since the process started."),
        ("tollgate_connections", "Open connections."),
        ("tollgate_database_up", "Whether the database answered."),
        (
            "tollgate_units_of_work_waiting",
            "Units of work that wait for the writer or a connection.",
        ),
        ("tollgate_database_connections", "Open connections to PostgreSQL."),
        (
            "tollgate_database_connections_busy",
            "Connections to PostgreSQL that units of work have just now.",
        ),
        ("tollgate_jobs_waiting", "Jobs that are due now or later."),
        ("tollgate_jobs_dead", "Jobs that were given up."),
        ("tollgate_jobs_oldest_seconds", "How long the oldest job has been due."),
        ("process_resident_memory_bytes", "The memory in use."),
        ("process_open_fds", "The open file descriptors."),
        ("process_max_fds", "The most file descriptors there may be."),
    ] {
        describe_gauge!(name, help);
    }
}

/// Returns a whole number as a floating-point one; beyond 2^53 it is inexact, which a metric may be.
#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a metric may be inexact")]
fn whole(number: u64) -> f64 {
    number as f64
}

fn whole_usize(number: usize) -> f64 {
    whole(u64::try_from(number).unwrap_or(u64::MAX))
}

/// Returns the resident memory in bytes, where the system tells it.
fn memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn open_descriptors() -> Option<u64> {
    u64::try_from(fs::read_dir("/proc/self/fd").ok()?.count()).ok()
}

#[cfg(test)]
mod tests {
    /// Returns the names in `text` that begin with one of `starts`. A name has letters, digits and `_`.
    fn names_in<'a>(text: &'a str, starts: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
        let names = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        names.filter(move |name| starts.iter().any(|start| name.starts_with(start)))
    }

    #[test]
    fn metrics_of_dashboard_and_alert_rules_are_described_here() {
        let here = include_str!("process.rs");
        for text in [
            include_str!("../../../packaging/monitoring/grafana.json"),
            include_str!("../../../packaging/monitoring/alerts.yaml"),
        ] {
            let named: Vec<_> = names_in(text, &["tollgate_", "process_"]).collect();
            assert!(named.len() > 10, "{named:?}");
            for name in named {
                let name = name.strip_suffix("_bucket").unwrap_or(name);
                assert!(here.contains(&format!("\"{name}\",")), "{name}");
            }
        }
    }
}
