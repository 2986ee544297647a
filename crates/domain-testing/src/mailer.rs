//! A mailer that keeps what it is given.

use std::{collections::VecDeque, sync::Mutex};

use async_trait::async_trait;

use super::locked;
use tollgate_domain::{
    email::Email,
    mail::{
        Mail, MailContent,
        ports::{MailError, Mailer},
    },
    token::{Code, Token},
};

/// Keeps every mail, and fails when told to.
#[derive(Debug, Default)]
pub struct RecordingMailer {
    sent: Mutex<Vec<Mail>>,
    failures: Mutex<VecDeque<MailError>>,
}

impl RecordingMailer {
    /// Creates a mailer that has sent nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has the next call fail like this; calls queue up.
    pub fn fail_next(&self, error: MailError) {
        locked(&self.failures).push_back(error);
    }

    /// Works again: forgets the failures that are still to come.
    pub fn heal(&self) {
        locked(&self.failures).clear();
    }

    /// Returns everything that was handed over, oldest first.
    pub fn sent(&self) -> Vec<Mail> {
        locked(&self.sent).clone()
    }

    /// Returns what was handed over for `to`, oldest first.
    pub fn sent_to(&self, to: &Email) -> Vec<MailContent> {
        let sent = locked(&self.sent);
        let of_them = sent.iter().filter(|mail| mail.to == *to);
        of_them.map(|mail| mail.content.clone()).collect()
    }

    /// Forgets what was handed over.
    pub fn clear(&self) {
        locked(&self.sent).clear();
    }
}

/// Returns the token and the code that a mail with a link to sign in carries; `None` for other mails.
pub fn link_in(content: &MailContent) -> Option<(Token, Code)> {
    let MailContent::MagicLink { link, code, .. } = content else { return None };
    let (_, token) = link.0.split_once("?token=")?;
    Some((token.parse().ok()?, code.0.parse().ok()?))
}

#[async_trait]
impl Mailer for RecordingMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if let Some(error) = locked(&self.failures).pop_front() {
            return Err(error);
        }
        locked(&self.sent).push(mail.clone());
        Ok(())
    }
}
