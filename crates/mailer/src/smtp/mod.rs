//! Mails by SMTP.

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
use tollgate_domain::mail::{
    Mail,
    ports::{MailError, Mailer},
};

use self::fault::{refusal, transient};
use crate::{
    message::{Wire, compose},
    sender::Sender,
    url::{Security, SmtpServer},
};

/// The time limits of a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The limit of connecting, including the login.
    pub connect: Duration,
    /// The limit of sending a mail, including the connection.
    pub send: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), send: Duration::from_secs(30) }
    }
}

/// What a mailer says of itself, and whom it trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailerOptions {
    /// The name in the greeting (EHLO), which mail servers expect to be a full domain name. Without one it
    /// is the name of the machine.
    pub hello: Option<String>,
    /// Certificates to trust besides the public authorities', in DER.
    pub authorities: Vec<Vec<u8>>,
}

/// The name of the mail server or the certificate to trust is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot configure TLS to the mail server")]
pub struct TlsSetupError;

/// The largest number of idle connections. Few workers send mails at the same time.
const MAX_IDLE: usize = 2;

/// Sends mails to a mail server, and reuses its connections.
///
/// A refusal of the recipient or the message is [`MailError::Permanent`]. All other failures, such
/// as a wrong password, a refused sender or a refused name of this server, are [`MailError::Transient`], so that mails wait until
/// the operator has corrected the cause.
///
/// The pool of lettre is not used because it also takes back connections that a time limit
/// interrupted; the next mail would read the answers to the previous one.
pub struct SmtpMailer {
    server: SmtpServer,
    from: Sender,
    limits: Limits,
    hello: ClientId,
    tls: Option<TlsParameters>,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

impl SmtpMailer {
    /// Creates a mailer that sends mails from `from` to `server`, whose certificate must be from a
    /// public authority.
    pub fn new(server: SmtpServer, from: Sender) -> Result<Self, TlsSetupError> {
        Self::build(server, from, Vec::new())
    }

    /// Creates a mailer like [`new`](Self::new) that also trusts the authority whose certificate is given as PEM.
    pub fn trusting(server: SmtpServer, from: Sender, pem: &[u8]) -> Result<Self, TlsSetupError> {
        let authority = Certificate::from_pem(pem).map_err(|_| TlsSetupError)?;
        Self::build(server, from, vec![authority])
    }

    /// Creates a mailer like [`new`](Self::new), with these options.
    pub fn with(
        server: SmtpServer,
        from: Sender,
        options: &MailerOptions,
    ) -> Result<Self, TlsSetupError> {
        let authorities = options.authorities.iter().cloned().map(Certificate::from_der);
        let authorities = authorities.collect::<Result<_, _>>().map_err(|_| TlsSetupError)?;
        let mailer = Self::build(server, from, authorities)?;
        Ok(match &options.hello {
            Some(name) => Self { hello: ClientId::Domain(name.clone()), ..mailer },
            None => mailer,
        })
    }

    /// Replaces the default limits.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    fn build(
        server: SmtpServer,
        from: Sender,
        authorities: Vec<Certificate>,
    ) -> Result<Self, TlsSetupError> {
        let tls = match server.security {
            Security::None => None,
            Security::StartTls | Security::Tls => {
                let mut tls = TlsParametersBuilder::new(server.host.clone());
                for authority in authorities {
                    tls = tls.add_root_certificate(authority);
                }
                Some(tls.build().map_err(|_| TlsSetupError)?)
            }
        };
        let (limits, hello) = (Limits::default(), ClientId::default());
        Ok(Self { server, from, limits, hello, tls, idle: Mutex::default() })
    }

    /// Connects, greets and logs in, without sending a mail.
    pub async fn probe(&self) -> Result<(), MailError> {
        let connected = timeout(self.limits.connect, self.connect()).await;
        let mut connection = connected.unwrap_or_else(|_| Err(out_of_time()))?;
        // The answer to QUIT changes nothing.
        let _ = timeout(self.limits.connect, connection.quit()).await;
        Ok(())
    }

    async fn send_now(&self, mail: &Mail) -> Result<(), MailError> {
        // This call owns the connection, so that a timeout closes it.
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

    /// Takes an idle connection that the server still responds on.
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
        let implicit = self.tls.clone().filter(|_| *security == Security::Tls);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (host.as_str(), *port),
            Some(self.limits.connect),
            &self.hello,
            implicit,
            None,
        )
        .await
        .map_err(|error| transient("connecting", &error))?;
        if let (Security::StartTls, Some(tls)) = (security, &self.tls) {
            let started = connection.starttls(tls.clone(), &self.hello).await;
            started.map_err(|error| transient("STARTTLS", &error))?;
        }
        if let Some(login) = credentials {
            let login = Credentials::new(login.user.clone(), login.password.clone());
            let accepted = connection.auth(&[Mechanism::Plain, Mechanism::Login], &login).await;
            accepted.map_err(|error| transient("login", &error))?;
        }
        Ok(connection)
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        timeout(self.limits.send, self.send_now(mail)).await.unwrap_or_else(|_| Err(out_of_time()))
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
    connection.command(sender).await.map_err(|error| transient("sender", &error))?;
    for recipient in envelope.to() {
        let recipient = Rcpt::new(recipient.clone(), Vec::new());
        connection.command(recipient).await.map_err(|error| refusal("recipient", &error))?;
    }
    connection.command(Data).await.map_err(|error| refusal("message", &error))?;
    connection.message(&bytes).await.map_err(|error| refusal("message", &error))?;
    Ok(())
}
