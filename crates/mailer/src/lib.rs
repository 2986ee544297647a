//! Mails of Tollgate: their words, and the ways they leave.
//!
//! [`RenderedMail`] turns a [`MailContent`](tollgate_domain::outbox::MailContent) into a subject, a text and
//! an HTML part. [`DirectoryMailer`] writes one `.eml` file a mail, [`SmtpMailer`] hands mails to a
//! mail server; [`mailer`] makes the one that a [`MailUrl`] names.

mod directory;
mod message;
mod rendering;
mod sender;
mod smtp;
mod templates;
mod url;

use std::{fs, io, sync::Arc};

use tollgate_domain::outbox::Mailer;

pub use crate::{
    directory::DirectoryMailer,
    rendering::{RenderError, RenderedMail},
    sender::{Sender, SenderError},
    smtp::{Limits, SmtpMailer, TlsSetupError},
    url::{Credentials, MailUrl, MailUrlError, Security, SmtpServer},
};

/// Why there is no mailer.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory is not there and cannot be made.
    #[error("cannot make the directory: {0}")]
    Directory(io::Error),
    /// The mail server could never be spoken to.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
}

/// The mailer that `url` names; its mails come from `from`. A missing directory is made; to a mail
/// server nothing is connected yet.
pub fn mailer(url: &MailUrl, from: &Sender) -> Result<Arc<dyn Mailer>, OpenError> {
    Ok(match url {
        MailUrl::Directory(path) => {
            fs::create_dir_all(path).map_err(OpenError::Directory)?;
            Arc::new(DirectoryMailer::new(path.clone(), from.clone()))
        }
        MailUrl::Smtp(server) => Arc::new(SmtpMailer::new(server.clone(), from.clone())?),
    })
}
