//! Mails as files, for demos, tests and other ways of sending.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use tollgate_domain::mail::{
    Mail,
    ports::{MailError, Mailer},
};

use crate::{
    message::{Wire, compose},
    sender::Sender,
};

/// The time limit of writing a mail.
const LIMIT: Duration = Duration::from_secs(30);

/// Writes each mail to `{mail id}.eml` in a directory, which is created if it is missing.
///
/// A file appears complete or not at all, and is on the disk when `send` returns. The names sort by
/// the time at which the mails were queued; sending a mail again writes the same file. Only the
/// owner can read a file, because a mail may contain a sign-in link.
#[derive(Debug, Clone)]
pub struct DirectoryMailer {
    directory: PathBuf,
    from: Sender,
}

impl DirectoryMailer {
    /// Creates a mailer that writes mails from `from` to `directory`.
    pub fn new(directory: PathBuf, from: Sender) -> Self {
        Self { directory, from }
    }
}

#[async_trait]
impl Mailer for DirectoryMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let bytes = compose(mail, &self.from, Wire::EightBit)?.formatted();
        let directory = self.directory.clone();
        let name = format!("{}.eml", mail.id);
        let written = tokio::task::spawn_blocking(move || write(&directory, &name, &bytes));
        let fault = match tokio::time::timeout(LIMIT, written).await {
            Ok(Ok(Ok(()))) => return Ok(()),
            // Only the kind, because the whole error contains the path.
            Ok(Ok(Err(error))) => error.kind().to_string(),
            Ok(Err(_)) => "the writer was stopped".to_owned(),
            Err(_) => "the disk did not answer in time".to_owned(),
        };
        Err(MailError::Transient(format!("mail directory: {fault}")))
    }
}

fn write(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let mut file = tempfile::Builder::new().prefix(".").suffix(".tmp").tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(directory.join(name)).map_err(|error| error.error)?;
    // Saves the rename too. Windows cannot open a directory, and does not need to.
    if cfg!(unix) {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}
