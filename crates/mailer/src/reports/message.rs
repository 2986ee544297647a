//! The messages of mail services.

use serde_json::Value;
use tollgate_domain::{
    email::Email,
    mail::{MailMessage, MailReport},
};
use url::Url;

/// Reads a message; `None` if no service writes one like it.
pub(super) fn read(body: &[u8]) -> Option<MailMessage> {
    let message: Value = serde_json::from_slice(body).ok()?;
    match at(&message, "Type").as_str() {
        Some("SubscriptionConfirmation") => {
            return confirmation(at(&message, "SubscribeURL").as_str()?).map(MailMessage::Confirm);
        }
        Some("Notification") => {
            let inner: Value = serde_json::from_str(at(&message, "Message").as_str()?).ok()?;
            // Notifications that are not about mails contain no reports.
            return Some(MailMessage::Reports(ses(&inner).unwrap_or_default()));
        }
        _ => {}
    }
    let reports = postmark(&message)
        .or_else(|| resend(&message))
        .or_else(|| ses(&message))
        .or_else(|| plain(&message));
    reports.map(MailMessage::Reports)
}

/// Returns the address that confirms a subscription, if it is Amazon's.
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html>.
fn confirmation(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "https")?;
    let is_amazon = url.host_str()?.ends_with(".amazonaws.com");
    (is_amazon && url.port().is_none() && url.username().is_empty()).then(|| url.into())
}

/// Reads a report of Postmark.
///
/// Source: <https://postmarkapp.com/developer/webhooks/bounce-webhook> and the page on spam complaints.
fn postmark(message: &Value) -> Option<Vec<MailReport>> {
    let reports = addresses(at(message, "Email"));
    Some(match at(message, "RecordType").as_str()? {
        "Bounce" => {
            let lasts = ["HardBounce", "BadEmailAddress", "ManuallyDeactivated"];
            let is_for_good = at(message, "Inactive").as_bool().unwrap_or(false)
                || at(message, "Type").as_str().is_some_and(|kind| lasts.contains(&kind));
            bounced(if is_for_good { reports } else { Vec::new() })
        }
        "SpamComplaint" => complained(reports),
        _ => Vec::new(),
    })
}

/// Reads a report of Resend.
///
/// Source: <https://resend.com/docs/dashboard/webhooks/event-types>.
fn resend(message: &Value) -> Option<Vec<MailReport>> {
    let (kind, data) = (at(message, "type").as_str()?, at(message, "data"));
    Some(match kind.strip_prefix("email.")? {
        "bounced" if is_permanent(at(at(data, "bounce"), "type")) => {
            bounced(addresses(at(data, "to")))
        }
        "complained" => complained(addresses(at(data, "to"))),
        _ => Vec::new(),
    })
}

/// Reads a report of Amazon SES.
///
/// Source: <https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html> and
/// <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>.
fn ses(message: &Value) -> Option<Vec<MailReport>> {
    let kind =
        at(message, "notificationType").as_str().or_else(|| at(message, "eventType").as_str())?;
    let of = |recipients: &Value| {
        let recipients = recipients.as_array().into_iter().flatten();
        recipients.flat_map(|one| addresses(at(one, "emailAddress"))).collect::<Vec<_>>()
    };
    let (bounce, complaint) = (at(message, "bounce"), at(message, "complaint"));
    Some(match kind {
        "Bounce" if is_permanent(at(bounce, "bounceType")) => {
            bounced(of(at(bounce, "bouncedRecipients")))
        }
        "Complaint" if is_complaint(at(complaint, "complaintFeedbackType")) => {
            complained(of(at(complaint, "complainedRecipients")))
        }
        _ => Vec::new(),
    })
}

/// Returns whether feedback of this type says that a mail was not wanted: a person who takes a mail out of the spam gives
/// some, too, and so does a server to which the sender was not proved.
///
/// Source: RFC 5965, section 7.3, RFC 6430 and RFC 6591.
fn is_complaint(feedback: &Value) -> bool {
    let others = ["not-spam", "auth-failure"];
    feedback
        .as_str()
        .is_none_or(|kind| !others.iter().any(|other| kind.eq_ignore_ascii_case(other)))
}

/// Reads `{"email": "a@example.com", "event": "bounced"}` or `"complained"`, for every other service.
fn plain(message: &Value) -> Option<Vec<MailReport>> {
    let reports = addresses(at(message, "email"));
    match at(message, "event").as_str()? {
        "bounced" => Some(bounced(reports)),
        "complained" => Some(complained(reports)),
        _ => Some(Vec::new()),
    }
}

/// Returns the member of this name, or null.
fn at<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&Value::Null)
}

/// Returns whether a bounce lasts, as it does unless the service says otherwise.
fn is_permanent(kind: &Value) -> bool {
    kind.as_str().is_none_or(|kind| kind.eq_ignore_ascii_case("permanent"))
}

fn bounced(emails: Vec<Email>) -> Vec<MailReport> {
    emails.into_iter().map(MailReport::Bounced).collect()
}

fn complained(emails: Vec<Email>) -> Vec<MailReport> {
    emails.into_iter().map(MailReport::Complained).collect()
}

/// Returns the addresses in a text or a list of texts, which may have names before them. What is not an address was
/// not mailed by us.
fn addresses(value: &Value) -> Vec<Email> {
    let one = |value: &Value| {
        let text = value.as_str()?;
        let bare = text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end_matches('>'));
        bare.parse().ok()
    };
    match value {
        Value::Array(all) => all.iter().filter_map(one).collect(),
        value => one(value).into_iter().collect(),
    }
}
