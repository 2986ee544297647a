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

row! {
    /// A mail in the log, without its content.
    LoggedMailRow in outbox {
        id: AsText<MailId>,
        kind: AsText<MailKind>,
        recipient: AsText<Email>,
        status: AsText<MailStatus>,
        attempts: AsInt<u32>,
        queued_at: AsInt<Timestamp>,
        sent_at: Option<AsInt<Timestamp>>,
        last_error: Option<String>,
    }
    is LoggedMail { id, kind, to: recipient, status, attempts, queued_at, sent_at, last_error }
}

row! {
    ReturnedRow in returned_mails {
        bounced_at: Option<AsInt<Timestamp>>,
        complained_at: Option<AsInt<Timestamp>>,
    }
    is Returned { bounced_at, complained_at }
}
