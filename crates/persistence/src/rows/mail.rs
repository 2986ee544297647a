//! Mails.

use tollgate_domain::{
    email::Email,
    id::{HandleId, MailId},
    mail::{LoggedMail, MailKind, MailStatus, QueuedMail, Returned},
    seal::Sealed,
};

use super::prelude::*;
use crate::schema::{outbox, returned_mails};

row! {
    MailRow in outbox {
        id: AsText<MailId>,
        kind: AsText<MailKind>,
        recipient: AsText<Email>,
        handle_id: Option<AsText<HandleId>>,
        sealed: AsBytes<Sealed>,
        queued_at: AsInt<Timestamp>,
    }
    is QueuedMail { id, kind, to: recipient, handle_id, sealed, queued_at }
}

/// A mail in the log, without its content, as the columns of `logged_mail!`.
#[derive(Queryable)]
pub(crate) struct LoggedMailRow {
    id: AsText<MailId>,
    kind: AsText<MailKind>,
    recipient: AsText<Email>,
    status: AsText<MailStatus>,
    attempts: AsInt<u32>,
    queued_at: AsInt<Timestamp>,
    sent_at: Option<AsInt<Timestamp>>,
    last_error: Option<String>,
    is_stopped: bool,
}

impl From<LoggedMailRow> for LoggedMail {
    fn from(row: LoggedMailRow) -> Self {
        Self {
            id: row.id.0,
            kind: row.kind.0,
            to: row.recipient.0,
            status: row.status.0,
            attempts: row.attempts.0,
            queued_at: row.queued_at.0,
            sent_at: row.sent_at.map(|at| at.0),
            last_error: row.last_error,
            is_stopped: row.is_stopped,
        }
    }
}

row! {
    ReturnedRow in returned_mails {
        bounced_at: Option<AsInt<Timestamp>>,
        complained_at: Option<AsInt<Timestamp>>,
    }
    is Returned { bounced_at, complained_at }
}
