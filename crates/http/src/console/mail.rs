//! The log of the mails about a handle.

use actix_web::web::ServiceConfig;
use askama::Template;
use tollgate_domain::{
    id::MailId,
    mail::{LoggedMail, MailKind, MailStatus, MailWriteError},
    paging::{Listing, PageRequest},
    reports::ResendError,
};

use super::{
    form::{FormState, Labels},
    page::{Nav, Notice, Screen, When, render, see_other_with},
    people,
    who::AtHandle,
};
use crate::{
    extract::{Form, Paging, Query},
    locale::Texts,
    problem::{Answer, Code, Problem},
    routes::form,
    state::Http,
};

const FIELDS: Labels = &[("q", "console-mail-field-q")];

#[derive(Template)]
#[template(path = "console/mail.html")]
struct MailScreen {
    t: Texts,
    screen: Screen,
    rows: Vec<Row>,
    older: Option<String>,
    /// Whether the list is limited to some addresses.
    is_sought: bool,
    /// This screen with all mails.
    here: String,
    grant: String,
}

struct Row {
    id: String,
    kind: String,
    to: String,
    /// The page of the person, unless the mail is for the creator.
    person: Option<String>,
    status: String,
    class: &'static str,
    attempts: String,
    error: Option<Failure>,
    queued: When,
    sent: Option<When>,
    can_resend: bool,
}

/// Why a mail was not handed over: in words, and as the operator finds it in the log if there is more to it.
struct Failure {
    text: String,
    detail: Option<String>,
}

/// What the log says of mails that were given up, for whatever is not the creator's to know.
const NOT_DELIVERED: &str = "could not be delivered";

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(form("/{handle}/mail", show, resend));
}

async fn show(http: Http, at: AtHandle, query: Query, paging: Paging) -> Answer {
    let ([typed], part) = (query.read(["q"])?, paging.read()?);
    let form = FormState::new(at.screen.t, FIELDS)
        .with("q", people::as_read(typed.unwrap_or_default().trim()));
    shown(&http, at, form, &part).await
}

async fn shown(http: &Http, at: AtHandle, form: FormState, part: &PageRequest) -> Answer {
    let typed = form.get("q").to_owned();
    let found =
        http.use_cases.reports.mails(&at.creator, &at.handle.name, Some(&typed), part).await;
    let (form, mails) = match found {
        Ok(mails) => (form, mails),
        Err(error) => (form.refused(error)?, Listing { items: Vec::new(), next: None }),
    };
    let older = mails
        .next
        .map(|cursor| at.path_with("/mail", &[("q", &*typed), ("cursor", &*cursor.to_string())]));
    let log = MailScreen {
        t: at.screen.t,
        rows: mails.items.into_iter().map(|mail| Row::of(&at, mail)).collect(),
        older,
        is_sought: !typed.is_empty(),
        here: at.path("/mail"),
        grant: at.path("/people/grant"),
        screen: at.screen.on(Nav::Mail).with(form),
    };
    render(log.screen.status(), &log)
}

async fn resend(http: Http, at: AtHandle, form: Form) -> Answer {
    let form = FormState::read(at.screen.t, FIELDS, form).await?;
    let here = at.path_with("/mail", &[("q", form.get("q"))]);
    let id = form.get("mail").parse::<MailId>().map_err(|_| Problem::new(Code::NotFound))?;
    let t = at.screen.t;
    let form = match http.use_cases.resends.resend(&at.creator, &at.handle.name, id).await {
        Ok(kind) => return Ok(see_other_with(&here, sent_again(kind))),
        Err(ResendError::Forgotten) => form.with_error("", t.get("console-mail-error-forgotten")),
        Err(ResendError::Over) => form.with_error("", t.get("console-mail-error-over")),
        Err(ResendError::NoAccess) => form.with_error("", t.get("console-mail-error-no-access")),
        Err(ResendError::Past) => form.with_error("", t.get("console-mail-error-past")),
        Err(ResendError::Mail(MailWriteError::Unwanted)) => {
            form.with_error("", t.get("console-error-unwanted"))
        }
        Err(error) => form.refused(error)?,
    };
    let form = form.headed("console-mail-not-sent");
    shown(&http, at, form, &PageRequest::default()).await
}

/// Says that a mail is on its way again, and of a sign-in link, which is good once, that it is another one.
fn sent_again(kind: MailKind) -> Notice {
    if kind.is_sign_in() {
        Notice::new("console-mail-notice-link")
    } else {
        Notice::new("console-mail-notice-resent")
    }
}

impl Row {
    fn of(at: &AtHandle, mail: LoggedMail) -> Self {
        let t = at.screen.t;
        let (status, class) = status(&mail);
        let can_resend = mail.can_be_resent();
        Self {
            id: mail.id.to_string(),
            kind: t.get(label(mail.kind)),
            person: (mail.to != at.creator.email).then(|| people::person(at, &mail.to)),
            to: mail.to.shown(),
            status: t.get(status),
            class,
            attempts: t.count("console-mail-attempts", mail.attempts),
            error: mail.last_error.map(|error| Failure::of(t, error)),
            queued: When::exact(t, mail.queued_at),
            sent: mail.sent_at.map(|at| When::exact(t, at)),
            can_resend,
        }
    }
}

/// Returns the words for the status of a mail, and the class of its badge.
fn status(mail: &LoggedMail) -> (&'static str, &'static str) {
    match mail.status {
        MailStatus::Queued if mail.last_error.is_some() => ("console-mail-status-retried", "warn"),
        MailStatus::Queued => ("console-mail-status-queued", ""),
        MailStatus::Sent => ("console-mail-status-sent", "good"),
        MailStatus::Dead => ("console-mail-status-dead", "bad"),
    }
}

fn label(kind: MailKind) -> &'static str {
    match kind {
        MailKind::MagicLink => "console-mail-kind-magic-link",
        MailKind::SellerLink => "console-mail-kind-seller-link",
        MailKind::VerifyEmail => "console-mail-kind-verify-email",
        MailKind::PasswordReset => "console-mail-kind-password-reset",
        MailKind::ConfirmMove => "console-mail-kind-confirm-move",
        MailKind::Moved => "console-mail-kind-moved",
        MailKind::Receipt => "console-mail-kind-receipt",
        MailKind::PaymentFailed => "console-mail-kind-payment-failed",
        MailKind::PaidTwice => "console-mail-kind-paid-twice",
        MailKind::Refunded => "console-mail-kind-refunded",
        MailKind::RefundNotPaid => "console-mail-kind-refund-not-paid",
        MailKind::Granted => "console-mail-kind-granted",
        MailKind::RefundFailed => "console-mail-kind-refund-failed",
        MailKind::PaymentQuarantined => "console-mail-kind-payment-quarantined",
        MailKind::PaymentMatched => "console-mail-kind-payment-matched",
        MailKind::PaymentUnread => "console-mail-kind-payment-unread",
        MailKind::Disputed => "console-mail-kind-disputed",
        MailKind::Inquiry => "console-mail-kind-inquiry",
        MailKind::DisputeDecided => "console-mail-kind-dispute-decided",
        MailKind::AccessDisputed => "console-mail-kind-access-disputed",
        MailKind::AccountClosed => "console-mail-kind-account-closed",
        MailKind::AccountReady => "console-mail-kind-account-ready",
        MailKind::GroupBuyActivated => "console-mail-kind-group-buy-activated",
        MailKind::GroupBuyReached => "console-mail-kind-group-buy-reached",
        MailKind::GroupBuyMissed => "console-mail-kind-group-buy-missed",
        MailKind::GroupBuyExpired => "console-mail-kind-group-buy-expired",
        MailKind::GroupBuyCancelled => "console-mail-kind-group-buy-cancelled",
    }
}

impl Failure {
    /// Puts an error of the mailer in words. It starts with the step that failed.
    fn of(t: Texts, detail: String) -> Self {
        let step = detail.split(':').next().unwrap_or_default();
        let is_passing = detail.contains("answer 4");
        let text = match step {
            "recipient" | "message" if is_passing => "console-mail-failure-passing",
            "recipient" | "the recipient's address cannot be written" => {
                "console-mail-failure-recipient"
            }
            NOT_DELIVERED => "console-mail-failure-undelivered",
            "the address takes no such mails" => "console-mail-failure-unwanted",
            "its link expired before it could be sent" => "console-mail-failure-too-late",
            "message" => "console-mail-failure-message",
            "connecting" | "STARTTLS" | "did not answer in time" => "console-mail-failure-server",
            _ => "console-mail-failure-other",
        };
        let detail = Some(detail).filter(|detail| detail != NOT_DELIVERED);
        Self { text: t.get(text), detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_mail_has_words_of_its_own() {
        let labels: std::collections::BTreeSet<_> = MailKind::ALL.into_iter().map(label).collect();
        assert_eq!(labels.len(), MailKind::ALL.len());
    }

    #[test]
    fn failures_of_the_mailer_are_told_by_the_step_that_failed() {
        let told = |error: &str| Failure::of(Texts::default(), error.to_owned()).text;
        let server = told("connecting: connection refused");
        assert_eq!(told("did not answer in time"), server);
        let recipient = told("recipient: answer 550");
        let given_up = told("could not be delivered");
        let (message, login) = (told("message: answer 554"), told("login: answer 535"));
        let texts = [server, recipient, given_up, message, login];
        let different: std::collections::BTreeSet<_> = texts.iter().collect();
        assert_eq!(different.len(), texts.len(), "{texts:?}");
        assert!(texts.iter().all(|text| !text.contains("answer")));
    }
}
