//! How mails to visitors end.

use tollgate_domain::{email::Email, language::Language, mail::HandleTexts};

use crate::lines::plain_lines;

/// What mails about a handle end with, the same in the mails and in previews of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailEnd {
    /// What stands before the address, such as `Questions? Write to`.
    pub questions: &'static str,
    /// Where visitors can ask for help.
    pub support_email: Option<Email>,
    /// The lines of the creator's own text.
    pub footer: Vec<String>,
}

impl MailEnd {
    /// Returns the end of mails in a language; `None` if the creator has set up none.
    pub fn of(texts: &HandleTexts, language: Language) -> Option<Self> {
        let questions = match language {
            Language::English => "Questions? Write to",
            Language::German => "Fragen? Schreiben Sie an",
        };
        let support_email = texts.support_email.clone();
        let footer = texts.mail_footer.as_deref().map(plain_lines).unwrap_or_default();
        let is_there = support_email.is_some() || !footer.is_empty();
        is_there.then_some(Self { questions, support_email, footer })
    }

    /// Returns the sentence that says where visitors can ask for help.
    pub fn support(&self) -> Option<String> {
        let email = self.support_email.as_ref()?;
        Some(format!("{} {}.", self.questions, email.shown()))
    }

    /// Returns the lines of the end in plain text.
    pub fn lines(&self) -> Vec<String> {
        self.support().into_iter().chain(self.footer.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(support_email: Option<&str>, footer: Option<&str>) -> HandleTexts {
        HandleTexts {
            support_email: support_email.map(|email| email.parse().unwrap()),
            mail_footer: footer.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn end_has_the_address_as_people_write_it_and_the_lines_of_the_text() {
        let texts =
            texts(Some("help@bücher.example"), Some("Ada's\u{202e} corner\r\n\n1 Mill\tLane"));
        for (language, question) in [
            (Language::English, "Questions? Write to help@bücher.example."),
            (Language::German, "Fragen? Schreiben Sie an help@bücher.example."),
        ] {
            let end = MailEnd::of(&texts, language).unwrap();
            assert_eq!(end.lines(), [question, "Ada's corner", "", "1 Mill Lane"]);
        }
    }

    #[test]
    fn texts_that_show_nothing_are_not_an_end() {
        for footer in [None, Some(""), Some("\u{202e}\n\u{2066}")] {
            assert_eq!(MailEnd::of(&texts(None, footer), Language::English), None, "{footer:?}");
        }
        let only = MailEnd::of(&texts(Some("help@example.com"), None), Language::English);
        assert_eq!(only.unwrap().lines(), ["Questions? Write to help@example.com."]);
    }
}
