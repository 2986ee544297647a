//! Mails as files, for demos, tests and whoever wants to send them another way.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use tollgate_domain::outbox::{Mail, MailError, Mailer};

use crate::{
    message::{Wire, compose},
    sender::Sender,
};

/// A disk that takes longer is as good as broken.
const LIMIT: Duration = Duration::from_secs(30);

/// Writes each mail to `{mail id}.eml` in a directory, which is made when it is missing.
///
/// A file appears whole or not at all, and is on the disk when `send` answers. Names sort by the time
/// at which the mails were queued; the same mail has the same file. Only the owner can read a file,
/// because a mail may hold a link that signs someone in.
#[derive(Debug, Clone)]
pub struct DirectoryMailer {
    directory: PathBuf,
    from: Sender,
}

impl DirectoryMailer {
    /// Mails from `from` go to `directory`.
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
            // The kind alone: the whole error names the path.
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
    // The rename itself has to reach the disk too. Windows cannot open a directory, nor needs to.
    if cfg!(unix) {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}
