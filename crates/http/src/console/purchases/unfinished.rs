//! Payments that were made and opened nothing.

use tollgate_domain::{checkout::ReportedStatus, reports::ports::UnfinishedPayment};

use super::row::Status;
use crate::{
    console::{page::When, people, who::AtHandle},
    locale::Texts,
};

pub(super) struct Unfinished {
    pub(super) email: String,
    /// The path of the screen about the person.
    pub(super) person: String,
    pub(super) title: String,
    pub(super) at: When,
    pub(super) amount: String,
    pub(super) status: Status,
}

impl Unfinished {
    pub(super) fn of(at: &AtHandle, one: &UnfinishedPayment) -> Self {
        let t = at.screen.t;
        Self {
            email: one.email.shown(),
            person: people::person(at, &one.email),
            title: one.title.clone(),
            at: When::exact(t, one.payment.since),
            amount: t.money(one.payment.amount),
            status: status(t, one.status),
        }
    }
}

fn status(t: Texts, status: ReportedStatus) -> Status {
    let (class, id) = match status {
        ReportedStatus::Pending => ("", "console-purchases-unfinished-pending"),
        ReportedStatus::Failed => ("bad", "console-purchases-unfinished-failed"),
        ReportedStatus::Quarantined => ("warn", "console-purchases-unfinished-quarantined"),
    };
    Status { class, word: t.get(id) }
}
