//! Tollgate's mails: their text and their delivery.
//!
//! [`RenderedMail`] turns a [`MailContent`](tollgate_domain::mail::MailContent) into a subject, a
//! text part and an HTML part. [`DirectoryMailer`] writes each mail to an `.eml` file,
//! [`SmtpMailer`] sends mails to a mail server, [`ApiMailer`] to a mail service by HTTP; [`mailer`]
//! creates the one that a [`MailUrl`] configures. [`ReportReader`] reads what became of them.

mod api;
mod directory;
mod lines;
mod message;
mod rendering;
mod reports;
mod sender;
mod smtp;
mod templates;
mod url;

use std::{fs, io, path::PathBuf, sync::Arc};

use tollgate_domain::{clock::Clock, mail::ports::Mailer};

pub use crate::{
    api::{ApiMailer, ApiServer, ClientError, Service, Template, TemplateError},
    directory::DirectoryMailer,
    rendering::{RenderError, RenderedMail},
    reports::{ReportReader, ReportSecret, ReportSecretError},
    sender::{Sender, SenderError},
    smtp::{Limits, MailerOptions, SmtpMailer, TlsSetupError},
    url::{Credentials, MailUrl, MailUrlError, Security, SmtpServer},
};

/// An error of creating a mailer.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory does not exist and cannot be created.
    #[error("cannot create the directory {path}: {error}", path = .0.display(), error = .1)]
    Directory(PathBuf, io::Error),
    /// TLS to the mail server cannot be configured.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// The client of the mail service cannot be created.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Creates the mailer that `url` configures, which sends mails from `from`. Creates a missing
/// directory, but does not connect to a mail server yet.
pub fn mailer(
    url: &MailUrl,
    from: &Sender,
    options: &MailerOptions,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Mailer>, OpenError> {
    Ok(match url {
        MailUrl::Directory(path) => {
            fs::create_dir_all(path).map_err(|error| OpenError::Directory(path.clone(), error))?;
            Arc::new(DirectoryMailer::new(path.clone(), from.clone()))
        }
        MailUrl::Smtp(server) => Arc::new(SmtpMailer::with(server.clone(), from.clone(), options)?),
        MailUrl::Api(server) => {
            Arc::new(ApiMailer::new(server.clone(), from.clone(), clock, &options.authorities)?)
        }
    })
}
