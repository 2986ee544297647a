//! End-to-end tests of the built program, used as a browser without scripts, as Chromium, an API client,
//! Stripe, and an operator. Each test body runs on both databases.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[macro_use]
mod support;

mod administration;
mod api_walk;
mod backup;
mod bodies;
mod buying;
mod codes;
mod commands;
mod configuration;
mod connections;
mod creator_help;
mod creators;
mod disputes;
mod doctor;
mod files;
mod frontends;
mod grants;
mod group_buys;
mod group_races;
mod hosts;
mod in_browser_buying;
mod in_browser_console_conflict;
mod in_browser_console_contrast;
mod in_browser_console_doors;
mod in_browser_console_events;
mod in_browser_console_input;
mod in_browser_console_keyboard;
mod in_browser_console_looks;
mod in_browser_console_narrow;
mod in_browser_console_path;
mod in_browser_console_scripts;
mod in_browser_console_states;
mod in_browser_devices;
mod in_browser_group_buys;
mod in_browser_input;
mod in_browser_looks;
mod in_browser_mails;
mod in_browser_refused;
mod in_browser_states;
mod in_browser_weight;
mod kills;
mod limits;
mod logs;
mod mail_reports;
mod outage;
mod races;
mod reconcile;
mod reports;
mod restart;
mod start;
#[cfg(feature = "opentelemetry")]
mod traces;
mod uploads;
mod webhooks;
