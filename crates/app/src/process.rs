//! What the program measures of itself, for `/metrics`.

use std::{fs, sync::LazyLock, time::Instant};

use tollgate_http::{Measure, Sample};

use crate::{logging, server};

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Notes when the program started.
pub(crate) fn note_start() {
    LazyLock::force(&STARTED);
}

/// Returns the current values.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = vec![
        gauge(
            "tollgate_uptime_seconds",
            "The time since the process started.",
            STARTED.elapsed().as_secs_f64(),
        ),
        gauge("tollgate_connections", "Open connections.", whole_usize(server::open())),
        counter(
            "tollgate_log_lines_dropped_total",
            "Log lines that nobody read in time.",
            logging::dropped(),
        ),
        counter(
            "tollgate_malformed_requests_total",
            "Connections that sent something else than HTTP/1.1.",
            logging::malformed(),
        ),
    ];
    samples.extend(
        memory().map(|bytes| {
            gauge("process_resident_memory_bytes", "The memory in use.", whole(bytes))
        }),
    );
    samples.extend(
        open_descriptors()
            .map(|count| gauge("process_open_fds", "The open file descriptors.", whole(count))),
    );
    samples.extend(rustix::process::getrlimit(rustix::process::Resource::Nofile).current.map(
        |limit| gauge("process_max_fds", "The most file descriptors there may be.", whole(limit)),
    ));
    samples
}

fn gauge(name: &'static str, help: &'static str, value: f64) -> Sample {
    Sample { name, help, measure: Measure::Gauge, value }
}

fn counter(name: &'static str, help: &'static str, value: u64) -> Sample {
    Sample { name, help, measure: Measure::Counter, value: whole(value) }
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
