//! The mails that the program wrote.

use std::fs;

use mail_parser::MessageParser;
use url::Url;

use super::{Place, until};

/// A mail.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) file: String,
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) raw: String,
}

impl Letter {
    fn read(file: String, bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).unwrap();
        let to = message.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap();
        Self {
            file,
            to: to.to_owned(),
            subject: message.subject().unwrap().to_owned(),
            text: message.body_text(0).unwrap().into_owned(),
            html: message.body_html(0).unwrap().into_owned(),
            raw: String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    pub(crate) fn is_link(&self) -> bool {
        self.text.contains("/-/verify?token=")
    }

    /// Returns the magic link.
    pub(crate) fn link(&self) -> String {
        let line = self.text.lines().map(str::trim).find(|line| line.starts_with("http"));
        line.expect("a mail with a link").to_owned()
    }

    pub(crate) fn token(&self) -> String {
        let link: Url = self.link().parse().unwrap();
        let (_, token) = link.query_pairs().find(|(name, _)| name == "token").unwrap();
        token.into_owned()
    }

    pub(crate) fn code(&self) -> String {
        let lines = self.text.lines().map(|line| line.trim().replace(' ', ""));
        let is_code = |line: &String| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit());
        lines.into_iter().find(is_code).expect("a mail with a code")
    }

    /// Returns six digits that differ from the code.
    pub(crate) fn wrong_code(&self, n: u32) -> String {
        let code: u32 = self.code().parse().unwrap();
        format!("{:06}", (code + 1 + n) % 1_000_000)
    }
}

impl Place {
    /// Returns all mails, oldest first.
    pub(crate) fn letters(&self) -> Vec<Letter> {
        let Ok(entries) = fs::read_dir(self.path("var/mail")) else { return Vec::new() };
        let mut letters = Vec::new();
        for entry in entries {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if !name.starts_with('.') {
                letters.push(Letter::read(name, &fs::read(entry.path()).unwrap()));
            }
        }
        letters.sort_by(|a, b| a.file.cmp(&b.file));
        letters
    }

    /// Returns the sign-in mail with this number, counted from 1, to this address.
    pub(crate) async fn link_letter(&self, to: &str, number: usize) -> Letter {
        until(&format!("mail {number} with a link to {to}"), async || {
            let mut links = self.letters().into_iter().filter(Letter::is_link);
            links.by_ref().filter(|letter| letter.to == to).nth(number - 1)
        })
        .await
    }

    /// Returns a mail to this address whose subject contains these words.
    pub(crate) async fn letter(&self, to: &str, words: &str) -> Letter {
        until(&format!("a mail to {to} about {words:?}"), async || {
            let mut letters = self.letters().into_iter();
            letters.find(|letter| letter.to == to && letter.subject.contains(words))
        })
        .await
    }
}
