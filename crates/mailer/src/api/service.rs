//! The interfaces of the services: what they are sent, and which answers are about the mail.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{
    StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tollgate_domain::{
    Timestamp,
    mail::{Mail, SecretText, ports::MailError},
};
use url::{Host, Url};

use super::{
    signature::{Key, sign},
    template::{Template, Values},
};
use crate::{
    message::{Wire, compose},
    rendering::RenderedMail,
    sender::Sender,
};

/// A mail service, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiServer {
    /// The interface that it has.
    pub service: Service,
    /// The address that mails are sent to.
    pub url: Url,
}

/// The interface of a mail service. `Debug` hides its keys.
#[derive(Clone, PartialEq, Eq)]
pub enum Service {
    /// Postmark, with the token of a server.
    /// Source: <https://postmarkapp.com/developer/api/email-api>.
    Postmark {
        /// The server's token.
        token: String,
    },
    /// Resend. Source: <https://resend.com/docs/api-reference/emails/send-email>.
    Resend {
        /// The API key.
        key: String,
    },
    /// Amazon SES, version 2 of its interface.
    /// Source: <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>.
    Ses {
        /// The id of the access key.
        id: String,
        /// The secret access key.
        secret: String,
        /// The region, such as `eu-central-1`.
        region: String,
    },
    /// Any other that takes JSON.
    Json(Template),
}

/// A request.
pub(super) struct Call {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// The part of an error that tells what it is about.
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(rename = "ErrorCode")]
    postmark: Option<i64>,
    #[serde(rename = "name")]
    resend: Option<String>,
    #[serde(default, alias = "Message")]
    message: Value,
}

impl Refusal {
    fn of(body: &str) -> Self {
        serde_json::from_str(body).unwrap_or_default()
    }

    /// Returns whether its sentence has one of these words.
    fn names(&self, words: &[&str]) -> bool {
        let sentence = self.message.as_str().unwrap_or_default();
        words.iter().any(|word| sentence.contains(word))
    }
}

/// Postmark's code of a field that is not valid, and that of an address that takes no mails any more.
const POSTMARK_INVALID: i64 = 300;
const POSTMARK_INACTIVE: i64 = 406;

/// The longest code of a refusal that is passed on.
const MAX_CODE: usize = 64;

impl ApiServer {
    /// Returns whether the service is on this machine.
    pub(super) fn is_local(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }

    pub(super) fn call(
        &self,
        mail: &Mail,
        from: &Sender,
        now: Timestamp,
    ) -> Result<Call, MailError> {
        let permanent = |error: &dyn fmt::Display| MailError::Permanent(error.to_string());
        let rendered = RenderedMail::of_mail(mail).map_err(|error| permanent(&error))?;
        let values = Values::new(mail, from, &rendered);
        let mut headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ]);
        let body = match &self.service {
            Service::Postmark { token } => {
                headers.insert("x-postmark-server-token", secret(token)?);
                postmark_body(mail, &values, &rendered)
            }
            Service::Resend { key } => {
                headers.insert(AUTHORIZATION, secret(&format!("Bearer {key}"))?);
                // A mail that is handed over again is not sent twice.
                headers.insert("idempotency-key", secret(&mail.id.to_string())?);
                resend_body(mail, &values, &rendered)
            }
            Service::Ses { .. } => {
                let message = compose(mail, from, Wire::SevenBit)?.formatted();
                json!({ "Content": { "Raw": { "Data": STANDARD.encode(message) } } })
            }
            Service::Json(template) => {
                for (name, value) in &template.headers {
                    let name = HeaderName::try_from(name).map_err(|error| permanent(&error))?;
                    headers.insert(name, secret(value)?);
                }
                template.filled(&values)
            }
        };
        let body = body.to_string();
        if let Service::Ses { id, secret: key, region } = &self.service {
            let key = Key { id, secret: key, region, service: "ses" };
            let signed = sign(&key, &self.url, body.as_bytes(), now);
            headers.insert(AUTHORIZATION, secret(&signed.authorization)?);
            headers.insert("x-amz-date", secret(&signed.date)?);
        }
        Ok(Call { url: self.url.clone(), headers, body })
    }

    /// Returns the service's own code for a refusal, such as `406` or `MessageRejected`, if it is a name or a number and
    /// no text.
    pub(super) fn code(&self, headers: &HeaderMap, body: &str) -> Option<String> {
        let refusal = Refusal::of(body);
        let code = match &self.service {
            Service::Postmark { .. } => refusal.postmark?.to_string(),
            Service::Resend { .. } => refusal.resend?,
            Service::Ses { .. } => ses_error(headers)?.to_owned(),
            Service::Json(_) => return None,
        };
        let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
        let is_code = !code.is_empty() && code.len() <= MAX_CODE && code.bytes().all(is_part);
        is_code.then_some(code)
    }

    /// Returns whether an answer refuses the recipient or the message, so that it would be the same again. All
    /// other refusals are about this installation: its key, its sender, or how much it sends. One that may be about either is
    /// taken for the latter, since a mail that waits is not lost.
    pub(super) fn refuses_the_mail(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &str,
    ) -> bool {
        let refusal = Refusal::of(body);
        match &self.service {
            // Its code for a field is the same for the sender and the recipient; the sentence names the field.
            Service::Postmark { .. } => match refusal.postmark {
                Some(POSTMARK_INACTIVE) => true,
                Some(POSTMARK_INVALID) => refusal.names(&["'To'"]),
                _ => false,
            },
            Service::Resend { .. } => {
                let is_about_fields =
                    [StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY].contains(&status);
                is_about_fields && refusal.names(&["`to`", "'to'"])
            }
            Service::Ses { .. } => {
                ses_error(headers) == Some("BadRequestException")
                    && !refusal.names(&["From", "from address", "Sender", "sender", "not verified"])
            }
            // The answers of an unknown service have no known meaning: its template may be wrong.
            Service::Json(_) => false,
        }
    }
}

/// Returns the name that Amazon SES gives an error.
fn ses_error(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amzn-errortype")?.to_str().ok()?.split(':').next()
}

fn postmark_body(mail: &Mail, values: &Values, rendered: &RenderedMail) -> Value {
    let named = |(name, value)| json!({ "Name": name, "Value": value });
    let own: Vec<_> = own_headers(mail).into_iter().map(named).collect();
    json!({
        "From": values.from, "To": values.to, "ReplyTo": values.reply_to,
        "Subject": rendered.subject, "TextBody": rendered.text,
        "HtmlBody": rendered.html, "Headers": own, "TrackOpens": false,
        "TrackLinks": "None", "Metadata": { "id": mail.id.to_string() },
    })
}

fn resend_body(mail: &Mail, values: &Values, rendered: &RenderedMail) -> Value {
    let own: serde_json::Map<_, _> = own_headers(mail)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    json!({
        "from": values.from, "to": [values.to], "reply_to": values.reply_to,
        "subject": rendered.subject, "text": rendered.text, "html": rendered.html,
        "headers": own,
    })
}

/// Returns the headers of a message that services do not write themselves.
fn own_headers(mail: &Mail) -> Vec<(&'static str, String)> {
    // Prevents automatic replies. Source: RFC 3834 §5.
    let mut headers = vec![("Auto-Submitted", "auto-generated".to_owned())];
    if let Some(SecretText(address)) = &mail.stop {
        headers.push(("List-Unsubscribe", format!("<{address}>")));
        headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    headers
}

fn secret(value: &str) -> Result<HeaderValue, MailError> {
    let value = HeaderValue::from_str(value);
    let mut value =
        value.map_err(|_| MailError::Transient("a key that no header can hold".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postmark { .. } => "Postmark",
            Self::Resend { .. } => "Resend",
            Self::Ses { .. } => "Ses",
            Self::Json(_) => "Json",
        })
    }
}
