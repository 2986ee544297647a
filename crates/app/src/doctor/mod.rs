//! `tollgate doctor`: what is wrong with an installation, and how to mend it. It changes nothing but an object in the
//! place of files, which it writes and deletes again.

mod damage;
mod database;
mod disk;
mod files;
mod mail;
mod outbox;
mod settings;
mod site;
mod stripe;

use anyhow::bail;
use serde_json::json;
use url::Url;

use crate::{config::Config, trust};

/// What the command was asked to do.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The address at which visitors reach this installation, such as <https://example.com>
    #[arg(long, value_parser = origin)]
    url: Option<Url>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Parses the address of a server. Anything after its name would end up inside the addresses that are asked for.
fn origin(text: &str) -> Result<Url, &'static str> {
    let is_origin = |url: &Url| {
        let is_http = matches!(url.scheme(), "http" | "https");
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        is_http && is_bare && url.username().is_empty() && url.password().is_none()
    };
    Url::parse(text)
        .ok()
        .filter(is_origin)
        .ok_or("it has to be http:// or https:// and the name of a server, and nothing after it")
}

impl Options {
    /// Reports, to a script, settings with which nothing else can be looked at.
    pub(crate) fn report_settings(&self, error: &anyhow::Error) {
        if self.json {
            let message = format!("{error:#}").replace('\n', " ");
            let mend = "correct it as docs/configuration.md says; `tollgate config` reads the settings alone";
            print_json(&[Finding::problem("settings", message, mend)]);
        }
    }
}

/// The largest difference between two clocks that does no harm, in seconds.
const MAX_SKEW: i64 = 5;

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Ok,
    /// The part works, and should be changed.
    Warning,
    /// The part does not work.
    Problem,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// What was found, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    check: &'static str,
    status: Status,
    message: String,
    mend: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, status: Status::Ok, message: message.into(), mend: None }
    }

    fn warning(check: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Self {
        let (message, mend) = (message.into(), Some(mend.into()));
        Self { check, status: Status::Warning, message, mend }
    }

    fn problem(check: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Self {
        let (message, mend) = (message.into(), Some(mend.into()));
        Self { check, status: Status::Problem, message, mend }
    }

    fn is_problem(&self) -> bool {
        self.status == Status::Problem
    }

    /// Compares a clock with this machine's.
    fn clock(whose: &str, seconds_ahead: i64) -> Self {
        if seconds_ahead.abs() <= MAX_SKEW {
            return Self::ok("clock", format!("agrees with {whose}"));
        }
        let way = if seconds_ahead > 0 { "ahead of" } else { "behind" };
        Self::problem(
            "clock",
            format!("{whose} is {} seconds {way} this machine", seconds_ahead.abs()),
            "set the clock by NTP: links, sessions and webhooks depend on it (timedatectl \
             set-ntp true)",
        )
    }
}

/// Looks at everything, prints what was found, and fails if something does not work.
pub(crate) async fn command(config: &Config, options: Options) -> anyhow::Result<()> {
    let authorities = trust::authorities(config);
    let mut findings = settings::look(config);
    findings.extend(database::look(config, &authorities).await);
    findings.extend(disk::look(config));
    findings.extend(files::look(config).await);
    findings.extend(mail::look(config, &authorities).await);
    findings.extend(stripe::look(config, &authorities).await);
    if let Some(url) = &options.url {
        findings.extend(site::look(config, url, &authorities).await);
    }
    let problems = findings.iter().filter(|found| found.is_problem()).count();
    if options.json {
        print_json(&findings);
    } else {
        findings.iter().for_each(print);
    }
    if problems > 0 {
        bail!("{problems} of {} checks found a problem", findings.len());
    }
    Ok(())
}

fn print_json(findings: &[Finding]) {
    let list: Vec<_> = findings.iter().map(as_json).collect();
    say!("{:#}", json!({"ok": !findings.iter().any(Finding::is_problem), "findings": list}));
}

fn print(found: &Finding) {
    say!("{:<8} {:<12} {}", found.status.as_str(), found.check, found.message);
    if let Some(mend) = &found.mend {
        say!("{:<21} {mend}", "");
    }
}

fn as_json(found: &Finding) -> serde_json::Value {
    json!({
        "check": found.check,
        "status": found.status.as_str(),
        "message": found.message,
        "mend": found.mend,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_that_of_a_server_and_nothing_more() {
        for text in ["http://tollgate.localhost:8080", "https://example.com/", "https://[::1]:8443"]
        {
            assert!(origin(text).is_ok(), "{text}");
        }
        for text in [
            "notaurl",
            "example.com:8080",
            "ftp://example.com",
            "mailto:ada@example.com",
            "http://example.com/path?x=1",
            "http://example.com/docs",
            "http://example.com/?x=1",
            "http://example.com/?",
            "http://example.com/#x",
            "http://ada@example.com/",
            "http://ada:secret@example.com/",
        ] {
            assert!(origin(text).is_err(), "{text}");
        }
    }

    #[test]
    fn clocks_may_differ_a_little() {
        for (ahead, status) in
            [(0, Status::Ok), (5, Status::Ok), (6, Status::Problem), (-90, Status::Problem)]
        {
            assert_eq!(Finding::clock("Stripe", ahead).status, status, "{ahead}");
        }
        assert!(Finding::clock("Stripe", -90).message.contains("90 seconds behind"));
    }
}
