//! Mails by the HTTP interface of a mail service.

mod service;
mod signature;
mod template;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use reqwest::{Client, redirect};
use tollgate_domain::{
    Timestamp,
    clock::Clock,
    mail::{
        Mail,
        ports::{MailError, Mailer},
    },
};
use tollgate_outbound as outbound;

pub use self::{
    service::{ApiServer, Service},
    template::{Template, TemplateError},
};
use crate::sender::Sender;

/// The limit of connecting, and that of the whole call.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const LIMIT: Duration = Duration::from_secs(30);

/// The client cannot be created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot configure the connection to the mail service: {0}")]
pub struct ClientError(String);

/// Hands mails over to a mail service by its HTTP interface.
///
/// A refusal of the recipient or the message is [`MailError::Permanent`]. All other failures, such as a wrong key
/// or a sender that the service does not know, are [`MailError::Transient`], so that mails wait until the operator has
/// corrected the cause.
pub struct ApiMailer {
    server: ApiServer,
    from: Sender,
    clock: Arc<dyn Clock>,
    client: Client,
}

impl ApiMailer {
    /// Creates a mailer that sends mails from `from`. It trusts the built-in authorities and those whose
    /// certificates (DER) are given.
    pub fn new(
        server: ApiServer,
        from: Sender,
        clock: Arc<dyn Clock>,
        authorities: &[Vec<u8>],
    ) -> Result<Self, ClientError> {
        let tls = outbound::tls(outbound::public_and(authorities))
            .map_err(|error| ClientError(error.to_string()))?;
        let mut client = Client::builder()
            .user_agent(concat!("tollgate/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls)
            // The key must not be sent to another server.
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_LIMIT)
            .timeout(LIMIT);
        if server.is_local() {
            client = client.no_proxy();
        }
        let client =
            client.build().map_err(|error| ClientError(outbound::innermost_cause(&error)))?;
        Ok(Self { server, from, clock, client })
    }

    /// Connects to the service, and sends nothing.
    pub async fn probe(&self) -> Result<(), MailError> {
        // Whatever the answer is, somebody who knows HTTP gave it.
        self.client
            .head(self.server.url.clone())
            .send()
            .await
            .map(drop)
            .map_err(|error| failed(&error))
    }
}

#[async_trait]
impl Mailer for ApiMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let now: Timestamp = self.clock.now();
        let call = self.server.call(mail, &self.from, now)?;
        let request = self.client.post(call.url).headers(call.headers).body(call.body);
        let answer = request.send().await.map_err(|error| failed(&error))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        // The service has the mail, whatever becomes of the rest of its answer.
        if status.is_success() {
            return Ok(());
        }
        let body = answer.text().await.map_err(|error| failed(&error))?;
        // The service's own words often contain the recipient.
        let reason = match self.server.code(&headers, &body) {
            Some(code) => format!("answer {} ({code})", status.as_u16()),
            None => format!("answer {}", status.as_u16()),
        };
        if self.server.refuses_the_mail(status, &headers, &body) {
            Err(MailError::Permanent(reason))
        } else {
            Err(MailError::Transient(reason))
        }
    }
}

fn failed(error: &reqwest::Error) -> MailError {
    MailError::Transient(if error.is_timeout() {
        "no answer in time".to_owned()
    } else {
        outbound::innermost_cause(error)
    })
}

impl fmt::Debug for ApiMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ApiMailer").field(&self.server).finish_non_exhaustive()
    }
}
