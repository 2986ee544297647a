//! What mailers that hand over whole messages have in common, beside the contract of every mailer.

use mail_parser::{Message, MessageParser, MimeHeaders as _};
use tollgate_domain::{
    email::Email,
    language::Language,
    mail::{HandleTexts, Mail, MailContent, SecretText, SignInTarget, ports::Mailer},
    money::Money,
};
use tollgate_domain_testing::contract::mailer::AcceptedMail;

/// The receiving side of such a mailer.
pub(crate) trait OtherSide {
    /// Returns the bytes of the messages in the order of arrival.
    async fn messages(&self) -> Vec<Vec<u8>>;
}

pub(crate) const LINK: &str = "http://tollgate.localhost:8080/sign-in/verify?token=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-AbCdE";
/// The code as a mail shows it.
pub(crate) const CODE: &str = "042 917";

pub(crate) fn mail(number: u8, content: MailContent) -> Mail {
    Mail {
        id: format!("mal_01k9b3z5p0000000000000000{number}").parse().unwrap(),
        to: "bob+news@bücher.example".parse::<Email>().unwrap(),
        content,
        signature: HandleTexts::default(),
        stop: None,
        language: Language::English,
        queued_at: "2026-11-02T10:15:30.5Z".parse().unwrap(),
    }
}

pub(crate) fn magic_link() -> MailContent {
    MailContent::MagicLink {
        link: SecretText(LINK.to_owned()),
        code: SecretText("042917".to_owned()),
        valid_minutes: 15,
        valid_seconds: None,
        seller: None,
        title: None,
        wanted: SignInTarget::Page,
        sent_by_seller: false,
    }
}

/// A receipt with a title in another script that is longer than a line of a mail.
pub(crate) fn receipt() -> MailContent {
    MailContent::Receipt {
        seller: "Čapek & Söhne".to_owned(),
        title: "日本の庭園 — the long story of how gardens came to be what they are today, in twelve parts".to_owned(),
        page_url: "http://capek.tollgate.localhost:8080/gardens?part=1".to_owned(),
        paid: Money::new(1_205, "usd".parse().unwrap()),
        facts: None,
    }
}

pub(crate) fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

/// Returns the text part as a mail program shows it.
pub(crate) fn text(message: &Message<'_>) -> String {
    message.body_text(0).unwrap().replace("\r\n", "\n")
}

/// Returns what the recipient sees of a message.
pub(crate) fn accepted(bytes: &[u8]) -> AcceptedMail {
    let message = parsed(bytes);
    let to = message.to().unwrap().first().unwrap().address().unwrap();
    AcceptedMail { to: to.parse().unwrap(), text: text(&message) }
}

pub(crate) async fn accepted_mail_is_readable_on_the_other_side(
    mailer: &dyn Mailer,
    other_side: &impl OtherSide,
) {
    mailer.send(&mail(1, magic_link())).await.unwrap();
    mailer.send(&mail(2, receipt())).await.unwrap();

    let messages = other_side.messages().await;
    let [first, second] = messages.as_slice() else { panic!("{} messages", messages.len()) };
    let first = parsed(first);
    assert_eq!(
        first.from().unwrap().first().unwrap().address(),
        Some("no-reply@tollgate.localhost")
    );
    assert_eq!(first.from().unwrap().first().unwrap().name(), Some("Tollgate"));
    assert_eq!(
        first.to().unwrap().first().unwrap().address(),
        Some("bob+news@xn--bcher-kva.example")
    );
    assert_eq!(first.subject(), Some("Your sign-in code: 042 917"));
    assert_eq!(first.date().unwrap().to_rfc3339(), "2026-11-02T10:15:30Z");
    assert_eq!(first.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert_eq!(first.content_type().unwrap().subtype(), Some("alternative"));
    assert!(text(&first).lines().any(|line| line == LINK));
    assert!(text(&first).lines().any(|line| line == CODE));
    assert!(first.body_html(0).unwrap().contains(LINK));

    let second = parsed(second);
    assert_eq!(
        second.subject(),
        Some(
            "Your receipt for 日本の庭園 — the long story of how gardens came to be what they are today, in twelve…"
        ),
    );
    assert!(text(&second).contains("Seller: Čapek & Söhne\nPaid: $12.05\n"));
    assert!(
        text(&second)
            .lines()
            .any(|line| line == "http://capek.tollgate.localhost:8080/gardens?part=1")
    );
    assert!(second.body_html(0).unwrap().contains("<bdi>Čapek &#38; Söhne</bdi>"));
}

pub(crate) async fn link_and_code_are_written_literally_on_lines_of_their_own(
    mailer: &dyn Mailer,
    other_side: &impl OtherSide,
) {
    mailer.send(&mail(1, magic_link())).await.unwrap();

    let messages = other_side.messages().await;
    let raw = String::from_utf8(messages.first().unwrap().clone()).unwrap();
    assert!(raw.contains(&format!("\r\n{LINK}\r\n")), "{raw}");
    assert!(raw.contains(&format!("\r\n{CODE}\r\n")), "{raw}");
}

pub(crate) async fn same_mail_twice_keeps_its_id_and_its_bytes(
    mailer: &dyn Mailer,
    other_side: &impl OtherSide,
) {
    mailer.send(&mail(1, receipt())).await.unwrap();
    let before = other_side.messages().await;
    mailer.send(&mail(1, receipt())).await.unwrap();
    let after = other_side.messages().await;

    assert_eq!(before.last(), after.last());
    for bytes in &after {
        assert_eq!(
            parsed(bytes).message_id(),
            Some("mal_01k9b3z5p00000000000000001@tollgate.localhost"),
        );
    }
}
