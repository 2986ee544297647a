//! What a mail service reports: mails that came back, and recipients who complained.

use actix_web::{HttpRequest, http::StatusCode, web::Payload};
use tollgate_domain::mail::{MailMessage, ports::MailReportError};

use super::webhook::WebhookReceipt;
use crate::{
    dto::json,
    edge::count,
    extract::only,
    openapi::problem_responses,
    problem::{Answer, Code, Problem},
    state::Http,
};

problem_responses! {
    MailReportProblems: BadRequest MailServiceUnauthorized NotFound PayloadTooLarge Unavailable;
}

/// Takes what a mail service reports.
///
/// Mails that creators cause are not sent any more to an address that mails came back from, or whose owner
/// complained of one. Messages of Postmark, Resend and Amazon SES are known, and `{"email": …, "event": "bounced"}`
/// (or `"complained"`) for any other service.
#[utoipa::path(post, path = "/v2/webhooks/mail", tag = "operations", security(()),
    params(
        ("Authorization" = Option<String>, Header, nullable = false, description = "Basic authentication with the secret as its password, or a bearer token; a service that signs has `webhook-` or `svix-` headers instead",
            example = "Basic bWFpbDpzM2NyM3QtczNjcjN0LXMzY3IzdA==")),
    request_body(content = Object, content_type = "application/json", description = "The service's message",
        example = json!({"email": "bob@example.com", "event": "bounced"})),
    responses((status = 200, description = "Received", body = WebhookReceipt), MailReportProblems))]
pub(super) async fn receive_report(http: Http, req: HttpRequest, payload: Payload) -> Answer {
    let reader = http.mail_reports.clone().ok_or_else(|| Problem::new(Code::NotFound))?;
    let headers = req.headers();
    let envelope = |name: &str| only(headers, name);
    // The body of a stranger is not read into memory.
    reader.check(&envelope, http.clock.now()).map_err(refused)?;
    let body = http.webhook_intake().receive(headers, payload.into_inner()).await?;
    match reader.read(&body, &envelope, http.clock.now()).map_err(refused)? {
        MailMessage::Reports(reports) => http.use_cases.mail_reports.take(&reports).await?,
        MailMessage::Confirm(address) => {
            tracing::warn!("open this once, so that mail reports are sent here: {address}");
        }
    }
    count::mail_report("taken");
    Ok(json(StatusCode::OK, &WebhookReceipt { received: true }))
}

fn refused(error: MailReportError) -> Problem {
    count::mail_report("refused");
    Problem::new(match error {
        MailReportError::Unproved => Code::MailServiceUnauthorized,
        MailReportError::Unreadable => Code::BadRequest,
    })
}
