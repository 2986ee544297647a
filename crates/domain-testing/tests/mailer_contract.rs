//! The mailer for tests keeps to the contract.
#![expect(clippy::panic, reason = "tests")]

use std::future::{Ready, ready};

use async_trait::async_trait;
use tollgate_domain::mail::{
    Mail, MailContent,
    ports::{MailError, Mailer},
};
use tollgate_domain_testing::{
    RecordingMailer,
    contract::mailer::{AcceptedMail, Fixture},
};

struct Recording(RecordingMailer);

#[async_trait]
impl Fixture for Recording {
    fn mailer(&self) -> &dyn Mailer {
        &self.0
    }

    async fn accepted(&self) -> Vec<AcceptedMail> {
        self.0.sent().into_iter().map(|mail| accepted(&mail)).collect()
    }

    async fn out_of_reach(&self) -> Box<dyn Mailer> {
        let mailer = RecordingMailer::new();
        mailer.fail_next(MailError::Transient("out of reach".to_owned()));
        Box::new(mailer)
    }
}

/// It keeps mails as they are, without a text.
fn accepted(mail: &Mail) -> AcceptedMail {
    let text = match &mail.content {
        MailContent::MagicLink { link, code, .. } => format!("{}\n{}", link.0, code.0),
        MailContent::Receipt { seller, title, page_url, .. } => {
            format!("{title}\n{seller}\n{page_url}")
        }
        other => panic!("no case sends {other:?}"),
    };
    AcceptedMail { to: mail.to.clone(), text }
}

fn make() -> Ready<Recording> {
    ready(Recording(RecordingMailer::new()))
}

tollgate_domain_testing::mailer_contract!(
    #[pollster::test]
    make
);
