//! Mails that wait, and mails that were given up.

use tollgate_domain::{Timestamp, mail::ports::MailBacklog, store::Stores};

use super::Finding;
use crate::output::counted;

/// The longest that a mail waits where everything works, in seconds.
const SOON: i64 = 300;

pub(super) async fn look(stores: &Stores, now: Timestamp) -> Vec<Finding> {
    match stores.outbox.backlog().await {
        Ok(backlog) => findings(&backlog, now),
        Err(error) => vec![Finding::problem(
            "outbox",
            format!("the mails that wait cannot be counted: {error}"),
            "see the finding about the database",
        )],
    }
}

fn findings(backlog: &MailBacklog, now: Timestamp) -> Vec<Finding> {
    let mut findings = vec![waiting(backlog, now)];
    if backlog.dead > 0 {
        findings.push(Finding::warning(
            "outbox",
            format!("{} could not be sent and had to be given up", counted(backlog.dead, "mail")),
            "see why with `tollgate mail list`; once that is mended, `tollgate mail retry --all` has them \
             sent again",
        ));
    }
    findings
}

fn waiting(backlog: &MailBacklog, now: Timestamp) -> Finding {
    let Some(since) = backlog.waiting_since else {
        return Finding::ok("outbox", "no mail waits to be sent");
    };
    let age = (now.as_second() - since.as_second()).max(0);
    let mails = counted(backlog.waiting, "mail");
    let told = format!("{mails} to be sent, the oldest has waited {}", in_words(age));
    if age <= SOON {
        return Finding::ok("outbox", told);
    }
    Finding::warning(
        "outbox",
        told,
        "start the server if it does not run; else see the finding about mail, and the log for what the \
         mail server answers",
    )
}

/// Returns a time in its largest unit.
fn in_words(seconds: i64) -> String {
    let (number, unit) = match seconds {
        ..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    counted(number, unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    fn told(backlog: MailBacklog) -> Vec<(Status, String)> {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let findings = findings(&backlog, now).into_iter();
        findings.map(|found| (found.status, found.message)).collect()
    }

    #[test]
    fn mails_that_wait_for_long_and_those_given_up_are_told() {
        let since = |second| Timestamp::from_second(second).ok();
        let ok = |message: &str| (Status::Ok, message.to_owned());
        let warning = |message: &str| (Status::Warning, message.to_owned());
        assert_eq!(told(MailBacklog::default()), [ok("no mail waits to be sent")]);
        for (waiting, second, expected) in [
            (1, 1_000_000, ok("1 mail to be sent, the oldest has waited 0 seconds")),
            (2, 999_700, ok("2 mails to be sent, the oldest has waited 5 minutes")),
            (2, 996_399, warning("2 mails to be sent, the oldest has waited 1 hour")),
            (9, 800_000, warning("9 mails to be sent, the oldest has waited 2 days")),
        ] {
            let waiting_since = since(second);
            assert_eq!(told(MailBacklog { waiting, waiting_since, dead: 0 }), [expected]);
        }
        let dead = warning("3 mails could not be sent and had to be given up");
        let backlog = MailBacklog { dead: 3, ..MailBacklog::default() };
        assert_eq!(told(backlog), [ok("no mail waits to be sent"), dead]);
    }

    #[test]
    fn each_warning_says_how_to_mend_it() {
        let backlog =
            MailBacklog { waiting: 1, waiting_since: Some(Timestamp::UNIX_EPOCH), dead: 1 };
        let findings = findings(&backlog, Timestamp::from_second(1_000_000).unwrap());
        let mends: Vec<_> = findings.into_iter().filter_map(|found| found.mend).collect();
        let [waiting, dead] = &mends[..] else { panic!("{mends:?}") };
        assert!(waiting.contains("start the server"), "{waiting}");
        assert!(dead.contains("tollgate mail retry --all"), "{dead}");
    }
}
