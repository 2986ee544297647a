//! Mails to a mail server.

mod fault;

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use lettre::{
    Message,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder},
        commands::{Data, Mail as MailFrom, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use tokio::time::timeout;
use tollgate_domain::outbox::{Mail, MailError, Mailer};

use self::fault::{later, verdict};
use crate::{
    message::{Wire, compose},
    sender::Sender,
    url::{Security, SmtpServer},
};

/// How long a mail server may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first packet to the end of the login.
    pub connect: Duration,
    /// For everything, the connection included.
    pub send: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), send: Duration::from_secs(30) }
    }
}

/// TLS to this mail server cannot be set up: its name or the certificate to trust is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("TLS to the mail server cannot be set up")]
pub struct TlsSetupError;

/// More idle connections than workers that send are never needed.
const MAX_IDLE: usize = 2;

/// Hands mails to a mail server, and keeps a connection or two for the next ones.
///
/// A refusal of the recipient or of the message is [`MailError::Permanent`]. Everything else, such as
/// a wrong password or a refused sender, is for the operator to mend and so [`MailError::Transient`]:
/// the mails wait instead of being given up.
///
/// lettre's own pool is not used, because it takes a connection back when a send is cut off by a time
/// limit, and the next mail would read the answers to the one before.
pub struct SmtpMailer {
    server: SmtpServer,
    from: Sender,
    limits: Limits,
    tls: Option<TlsParameters>,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

impl SmtpMailer {
    /// Mails from `from` go to `server`, whose certificate has to be from a public authority.
    pub fn new(server: SmtpServer, from: Sender) -> Result<Self, TlsSetupError> {
        Self::build(server, from, None)
    }

    /// Like [`new`](Self::new), but the server's certificate may also be from the authority whose
    /// certificate is given as PEM.
    pub fn trusting(server: SmtpServer, from: Sender, pem: &[u8]) -> Result<Self, TlsSetupError> {
        let authority = Certificate::from_pem(pem).map_err(|_| TlsSetupError)?;
        Self::build(server, from, Some(authority))
    }

    /// With other limits than the default ones.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    fn build(
        server: SmtpServer,
        from: Sender,
        authority: Option<Certificate>,
    ) -> Result<Self, TlsSetupError> {
        let tls = match server.security {
            Security::None => None,
            Security::StartTls | Security::Tls => {
                let mut tls = TlsParametersBuilder::new(server.host.clone());
                if let Some(authority) = authority {
                    tls = tls.add_root_certificate(authority);
                }
                Some(tls.build().map_err(|_| TlsSetupError)?)
            }
        };
        Ok(Self { server, from, limits: Limits::default(), tls, idle: Mutex::default() })
    }

    async fn hand_over(&self, mail: &Mail) -> Result<(), MailError> {
        // While the connection is in use it belongs to this call alone, so a call that is cut off
        // closes it.
        let mut connection = match self.idle_connection().await {
            Some(connection) => connection,
            None => timeout(self.limits.connect, self.connect())
                .await
                .unwrap_or_else(|_| Err(out_of_time()))?,
        };
        let takes_all = connection.server_info().supports_feature(Extension::EightBitMime);
        let wire = if takes_all { Wire::EightBit } else { Wire::SevenBit };
        deliver(&mut connection, &compose(mail, &self.from, wire)?).await?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE {
            idle.push(connection);
        }
        Ok(())
    }

    /// A connection that was used before and that the server still answers on.
    async fn idle_connection(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let taken = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = taken?;
            if let Ok(true) = timeout(self.limits.connect, connection.test_connected()).await {
                return Some(connection);
            }
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, MailError> {
        let SmtpServer { host, port, security, credentials } = &self.server;
        let name = ClientId::default();
        let implicit = self.tls.clone().filter(|_| *security == Security::Tls);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (host.as_str(), *port),
            Some(self.limits.connect),
            &name,
            implicit,
            None,
        )
        .await
        .map_err(|error| later("connecting", &error))?;
        if let (Security::StartTls, Some(tls)) = (security, &self.tls) {
            let started = connection.starttls(tls.clone(), &name).await;
            started.map_err(|error| later("STARTTLS", &error))?;
        }
        if let Some(login) = credentials {
            let login = Credentials::new(login.user.clone(), login.password.clone());
            let accepted = connection.auth(&[Mechanism::Plain, Mechanism::Login], &login).await;
            accepted.map_err(|error| later("login", &error))?;
        }
        Ok(connection)
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        timeout(self.limits.send, self.hand_over(mail)).await.unwrap_or_else(|_| Err(out_of_time()))
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer")
            .field("server", &self.server)
            .field("from", &self.from)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

fn out_of_time() -> MailError {
    MailError::Transient("did not answer in time".to_owned())
}

async fn deliver(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), MailError> {
    let bytes = message.formatted();
    let envelope = message.envelope();
    let mut parameters = Vec::new();
    if !bytes.is_ascii() {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let sender = MailFrom::new(envelope.from().cloned(), parameters);
    connection.command(sender).await.map_err(|error| later("sender", &error))?;
    for recipient in envelope.to() {
        let recipient = Rcpt::new(recipient.clone(), Vec::new());
        connection.command(recipient).await.map_err(|error| verdict("recipient", &error))?;
    }
    connection.command(Data).await.map_err(|error| verdict("message", &error))?;
    connection.message(&bytes).await.map_err(|error| verdict("message", &error))?;
    Ok(())
}
