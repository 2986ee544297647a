//! A file that says what a mail service is sent.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::Path,
};

use serde::Deserialize;
use serde_json::Value;
use tollgate_domain::mail::{Mail, SecretText};
use url::Url;

use crate::{message::support_address, rendering::RenderedMail, sender::Sender};

/// What a mail service is sent. A text of the body that is nothing but the name of a value in braces, such as `{to}`, is
/// replaced with the mail's value; a member whose value is missing is left out. Nothing is replaced inside other text, where a
/// value could be read as something else. `Debug` hides it, since it holds a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Template {
    pub(super) headers: BTreeMap<String, String>,
    body: Value,
}

const NAMES: [&str; 12] = [
    "from",
    "fromName",
    "fromAddress",
    "to",
    "replyTo",
    "subject",
    "text",
    "html",
    "id",
    "unsubscribe",
    "listUnsubscribe",
    "listUnsubscribePost",
];

/// A template that cannot be used. It never contains the template's text, which holds a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read.
    #[error("names a file that cannot be read: {0}")]
    File(String),
    /// The file is not a template.
    #[error("names a file that is not JSON with `url`, `headers` and `body`: {0}")]
    Json(String),
    /// A name in braces is not known.
    #[error("names a file with an unknown name: {{{0}}}")]
    Name(String),
    /// A name in braces stands where it is not replaced.
    #[error(
        "names a file in which {{{0}}} is not replaced: it has to be a whole text of `body`, with nothing before or \
         after it"
    )]
    Among(&'static str),
    /// The service would not learn whom the mail is for, or what it says.
    #[error("names a file without {0} in `body`, so that no mail would arrive")]
    Missing(&'static str),
    /// The address is not one.
    #[error("names a file whose `url` is not an address")]
    Url,
    /// A header cannot be sent.
    #[error("names a file with a header that cannot be sent")]
    Header,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Value,
}

impl Template {
    /// Reads a template and the address that it is for.
    pub fn read(path: &Path) -> Result<(Url, Self), TemplateError> {
        let text =
            fs::read_to_string(path).map_err(|error| TemplateError::File(error.to_string()))?;
        let File { url, headers, body } = serde_json::from_str(&text).map_err(|error| {
            TemplateError::Json(format!("line {}, column {}", error.line(), error.column()))
        })?;
        let is_sound = |(name, value): (&String, &String)| {
            reqwest::header::HeaderName::try_from(name).is_ok()
                && reqwest::header::HeaderValue::try_from(value).is_ok()
        };
        if !headers.iter().all(is_sound) {
            return Err(TemplateError::Header);
        }
        if let Some(name) = headers.values().chain([&url]).find_map(|text| name_within(text)) {
            return Err(TemplateError::Among(name));
        }
        let mut found = BTreeSet::new();
        check(&body, &mut found)?;
        let url = Url::parse(&url).map_err(|_| TemplateError::Url)?;
        if !found.contains("to") {
            return Err(TemplateError::Missing("{to}"));
        }
        if !found.contains("text") && !found.contains("html") {
            return Err(TemplateError::Missing("{text} or {html}"));
        }
        Ok((url, Self { headers, body }))
    }

    pub(super) fn filled(&self, values: &Values) -> Value {
        fill(&self.body, values).unwrap_or_default()
    }
}

pub(super) struct Values {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) reply_to: Option<String>,
    from_name: Option<String>,
    from_address: String,
    subject: String,
    text: String,
    html: String,
    id: String,
    /// The address at which one request stops such mails, if a creator causes them.
    unsubscribe: Option<String>,
    /// That address as the header `List-Unsubscribe` has it.
    list_unsubscribe: Option<String>,
}

impl Values {
    pub(super) fn new(mail: &Mail, from: &Sender, rendered: &RenderedMail) -> Self {
        let mailbox = from.mailbox(mail.content.seller());
        let stop = mail.stop.as_ref().map(|SecretText(address)| address.clone());
        Self {
            from: mailbox.to_string(),
            from_name: mailbox.name.clone(),
            from_address: mailbox.email.to_string(),
            to: mail.to.as_str().to_owned(),
            reply_to: support_address(mail).map(|address| address.to_string()),
            subject: rendered.subject.clone(),
            text: rendered.text.clone(),
            html: rendered.html.clone(),
            id: mail.id.to_string(),
            list_unsubscribe: stop.as_ref().map(|address| format!("<{address}>")),
            unsubscribe: stop,
        }
    }

    fn of(&self, name: &str) -> Option<&str> {
        Some(match name {
            "from" => &self.from,
            "fromName" => return self.from_name.as_deref(),
            "fromAddress" => &self.from_address,
            "to" => &self.to,
            "replyTo" => return self.reply_to.as_deref(),
            "subject" => &self.subject,
            "text" => &self.text,
            "html" => &self.html,
            "id" => &self.id,
            "unsubscribe" => return self.unsubscribe.as_deref(),
            "listUnsubscribe" => return self.list_unsubscribe.as_deref(),
            // Source: RFC 8058 §3.1.
            "listUnsubscribePost" => {
                return self.unsubscribe.as_ref().map(|_| "List-Unsubscribe=One-Click");
            }
            _ => return None,
        })
    }
}

/// Returns the name in a text that is nothing but a name in braces.
fn name(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    name.bytes().all(|b| b.is_ascii_alphabetic()).then_some(name)
}

/// Returns the name of a value that is in braces somewhere in a text, also in other letters and with spaces around it.
fn name_within(text: &str) -> Option<&'static str> {
    let mut inside =
        text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.trim()));
    let known = |inside: &str| NAMES.into_iter().find(|it| it.eq_ignore_ascii_case(inside));
    inside.find_map(known)
}

/// Refuses what would not be replaced, and notes what will be.
fn check(value: &Value, found: &mut BTreeSet<&'static str>) -> Result<(), TemplateError> {
    match value {
        Value::String(text) => {
            let Some(name) = name(text) else { return refuse_name_within(text) };
            let known = NAMES.into_iter().find(|known| *known == name);
            found.insert(known.ok_or_else(|| TemplateError::Name(name.to_owned()))?);
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| check(item, found)),
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            refuse_name_within(name)?;
            check(member, found)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn refuse_name_within(text: &str) -> Result<(), TemplateError> {
    name_within(text).map_or(Ok(()), |name| Err(TemplateError::Among(name)))
}

/// Returns the value with the mail's values in it; `None` if it is a value that the mail does not have.
fn fill(value: &Value, values: &Values) -> Option<Value> {
    Some(match value {
        Value::String(text) => match name(text) {
            Some(name) => Value::from(values.of(name)?),
            None => value.clone(),
        },
        Value::Array(items) => items.iter().filter_map(|item| fill(item, values)).collect(),
        Value::Object(members) => members
            .iter()
            .filter_map(|(name, member)| Some((name.clone(), fill(member, values)?)))
            .collect(),
        other => other.clone(),
    })
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Template(…)")
    }
}
