//! Mails with a way in: their link, their code, and how long both are good.

use tollgate_domain::{
    language::Language,
    mail::{MailContent, SignInTarget},
};
use tollgate_mailer::RenderedMail;

use super::{
    mails::{USUAL, in_every_language, magic_link, magic_link_from},
    shown,
};

#[test]
fn link_and_code_stand_alone_on_their_lines() {
    for (_, content, language) in in_every_language(&USUAL) {
        let rendered = RenderedMail::of(&content, language).unwrap();
        for line in rendered.text.lines() {
            assert!(
                !line.contains("://") || line.starts_with("https://") && !line.contains(' '),
                "{line}"
            );
        }
        if let MailContent::MagicLink { .. } = content {
            assert_eq!(rendered.text.lines().filter(|line| *line == "042 917").count(), 1);
        }
    }
}

#[test]
fn sign_in_mail_names_who_sells_and_the_code_in_its_subject() {
    let subject = |seller| {
        RenderedMail::of(&magic_link(15, seller, None), Language::English).unwrap().subject
    };
    assert_eq!(subject(Some("Ada's balcony")), "Sign in to Ada's balcony: code 042 917");
    assert_eq!(subject(None), "Your sign-in code: 042 917");
    assert_eq!(subject(Some("\u{202e} ")), "Your sign-in code: 042 917");
}

#[test]
fn sign_in_mail_says_what_it_is_for() {
    let content = magic_link(15, Some("Ada's corner"), Some("Bees & gardens"));
    let rendered = RenderedMail::of(&content, Language::English).unwrap();
    let (_, words) = rendered.text.split_once("Hello,\n\n").unwrap();
    let purpose =
        "you asked to sign in to Ada's corner, for this page:\n\nPage: Bees & gardens\n\n";
    assert!(words.starts_with(purpose), "{words}");
    let shown = shown(&rendered.html);
    assert!(shown.contains("sign in to Ada's corner, for this page:\nPage: Bees & gardens\n"));
}

#[test]
fn sign_in_mail_names_a_file_or_a_group_buy_as_what_it_is() {
    for (kind, language, words) in [
        (SignInTarget::File, Language::English, "for this file:\n\nFile: Bees\n\n"),
        (SignInTarget::GroupBuy, Language::English, "for this group buy:\n\nGroup buy: Bees\n\n"),
        (SignInTarget::File, Language::German, "für diese Datei:\n\nDatei: Bees\n\n"),
        (
            SignInTarget::GroupBuy,
            Language::German,
            "für diesen Gruppenkauf:\n\nGruppenkauf: Bees\n\n",
        ),
    ] {
        let mut content = magic_link(15, Some("Ada's corner"), Some("Bees"));
        if let MailContent::MagicLink { wanted, .. } = &mut content {
            *wanted = kind;
        }
        let rendered = RenderedMail::of(&content, language).unwrap();
        assert!(rendered.text.contains(words), "{}", rendered.text);
    }
}

#[test]
fn lifetime_below_a_minute_is_told_in_seconds() {
    for (number, english, german) in [
        (2, "within 2 seconds.", "innerhalb von 2 Sekunden."),
        (1, "within 1 second.", "innerhalb von 1 Sekunde."),
    ] {
        let mut content = magic_link(1, None, None);
        if let MailContent::MagicLink { valid_seconds, .. } = &mut content {
            *valid_seconds = Some(number);
        }
        for (language, words) in [(Language::English, english), (Language::German, german)] {
            let rendered = RenderedMail::of(&content, language).unwrap();
            assert!(rendered.text.contains(words) && rendered.html.contains(words));
        }
    }
}

#[test]
fn sign_in_mail_that_a_seller_sends_does_not_say_that_it_was_asked_for() {
    for language in [Language::English, Language::German] {
        let rendered = RenderedMail::of(&magic_link_from("Ada's corner", None), language).unwrap();
        for part in [&rendered.text, &shown(&rendered.html)] {
            for asked in ["you asked", "did not ask", "möchten sich bei", "angefordert"] {
                assert!(!part.contains(asked), "{asked}: {part}");
            }
        }
        assert!(rendered.text.contains("\n\n042 917\n\n"), "{}", rendered.text);
    }
}

#[test]
fn lifetime_of_one_minute_is_singular() {
    let rendered = RenderedMail::of(&magic_link(1, None, None), Language::English).unwrap();
    assert!(rendered.text.contains("within 1 minute."));
    assert!(rendered.html.contains("within 1 minute."));
}
