//! Messages with what people typed, as mail programs and tools read them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;

use mail_parser::{Address, Message, MessageParser};
use tempfile::TempDir;
use tollgate_domain::{
    language::Language,
    mail::{HandleTexts, Mail, MailContent, SecretText, SignInTarget, ports::Mailer},
};
use tollgate_mailer::{DirectoryMailer, Sender};

const FROM: &str = "no-reply@tollgate.localhost";
const TOKEN: &str = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-AbCdE";

fn mail(content: MailContent) -> Mail {
    Mail {
        id: "mal_01k9b3z5p00000000000000001".parse().unwrap(),
        to: "bob@example.com".parse().unwrap(),
        content,
        signature: HandleTexts::default(),
        stop: None,
        language: Language::English,
        queued_at: "2026-11-02T10:15:30Z".parse().unwrap(),
    }
}

fn with_support(content: MailContent) -> Mail {
    let support_email = Some("help+ada@example.com".parse().unwrap());
    Mail { signature: HandleTexts { support_email, mail_footer: None }, ..mail(content) }
}

fn magic_link(seller: Option<&str>, title: Option<&str>) -> MailContent {
    MailContent::MagicLink {
        link: SecretText(format!("http://tollgate.localhost:8080/-/verify?token={TOKEN}")),
        code: SecretText("042917".to_owned()),
        valid_minutes: 15,
        valid_seconds: None,
        seller: seller.map(ToOwned::to_owned),
        title: title.map(ToOwned::to_owned),
        wanted: SignInTarget::Page,
        sent_by_seller: false,
    }
}

fn magic_link_of(seller: &str) -> MailContent {
    magic_link(Some(seller), Some("Bees"))
}

fn payment_failed(seller: &str) -> MailContent {
    MailContent::PaymentFailed {
        seller: seller.to_owned(),
        title: "Bees".to_owned(),
        page_url: "https://ada.example.com/garden".to_owned(),
        is_open: false,
        is_withdrawn: false,
    }
}

/// Returns the bytes of a mail as it is sent from `from`.
async fn sent_from(from: &str, mail: &Mail) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let mailer = DirectoryMailer::new(folder.path().to_owned(), Sender::parse(from).unwrap());
    mailer.send(mail).await.unwrap();
    fs::read(folder.path().join(format!("{}.eml", mail.id))).unwrap()
}

async fn sent(mail: &Mail) -> Vec<u8> {
    sent_from("Tollgate <no-reply@tollgate.localhost>", mail).await
}

/// Returns the name and the address of the only mailbox of a header.
fn only<'a>(header: Option<&'a Address<'a>>) -> (Option<&'a str>, &'a str) {
    let mut mailboxes = header.unwrap().iter();
    let mailbox = mailboxes.next().unwrap();
    assert!(mailboxes.next().is_none());
    (mailbox.name(), mailbox.address().unwrap())
}

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

#[tokio::test]
async fn mail_in_a_sellers_name_is_from_the_seller_and_answered_to_the_support_address() {
    let bytes = sent(&with_support(magic_link_of("Ada's balcony"))).await;
    let message = parsed(&bytes);
    assert_eq!(only(message.from()), (Some("Ada's balcony via Tollgate"), FROM));
    assert_eq!(only(message.reply_to()), (None, "help+ada@example.com"));
    assert_eq!(message.subject(), Some("Sign in to Ada's balcony: code 042 917"));
}

#[tokio::test]
async fn seller_without_a_support_address_gets_no_answers() {
    let bytes = sent(&mail(payment_failed("Čapek & Söhne"))).await;
    let message = parsed(&bytes);
    assert_eq!(only(message.from()), (Some("Čapek & Söhne via Tollgate"), FROM));
    assert!(message.reply_to().is_none());
}

#[tokio::test]
async fn mail_without_a_seller_is_from_the_installation() {
    for content in [magic_link(None, None), payment_failed("")] {
        let bytes = sent(&with_support(content)).await;
        let message = parsed(&bytes);
        assert_eq!(only(message.from()), (Some("Tollgate"), FROM));
        assert!(message.reply_to().is_none());
    }
}

#[tokio::test]
async fn installation_without_a_name_is_named_by_its_host() {
    let bytes = sent_from("post@mail.example", &mail(magic_link_of("Ada"))).await;
    let expected = (Some("Ada via mail.example"), "post@mail.example");
    assert_eq!(only(parsed(&bytes).from()), expected);
}

/// Returns the header `From` of a mail without its name, as it is sent.
async fn from_header(from: &str, seller: &str) -> String {
    let raw = String::from_utf8(sent_from(from, &mail(magic_link_of(seller))).await).unwrap();
    let (_, header) = raw.split_once("From: ").unwrap();
    let mut lines = header.split("\r\n");
    let first = lines.next().unwrap().to_owned();
    let rest = lines.take_while(|line| line.starts_with(' '));
    rest.fold(first, |header, line| header + "\r\n" + line)
}

#[tokio::test]
async fn name_in_the_sender_is_encoded_only_if_it_is_not_ascii() {
    for (seller, expected) in [
        ("Ada", "\"Ada via Tollgate\""),
        ("Ada's balcony", "\"Ada's balcony via Tollgate\""),
        ("A, B & C (x)", "\"A, B & C (x) via Tollgate\""),
        ("<i>; a@b.example:", "\"<i>; a@b.example: via Tollgate\""),
        (r#"Ada "the\bee""#, r#""Ada \"the\\bee\" via Tollgate""#),
        ("\" <eve@example.com>,\r\nBcc: eve", r#""\" <eve@example.com>, Bcc: eve via Tollgate""#),
        ("Käse", "=?utf-8?b?S8Okc2UgdmlhIFRvbGxnYXRl?="),
        ("🌻", "=?utf-8?b?8J+MuyB2aWEgVG9sbGdhdGU=?="),
    ] {
        let header = from_header("Tollgate <no-reply@tollgate.localhost>", seller).await;
        let unfolded = header.replace("\r\n ", " ");
        assert_eq!(unfolded, format!("{expected} <{FROM}>"), "{seller}");
        assert!(header.split("\r\n").all(|line| line.len() <= 78), "{header}");
    }
    for (from, expected) in [
        ("example.com <no-reply@example.com>", "\"example.com\" <no-reply@example.com>"),
        ("Tollgate <no-reply@example.com>", "Tollgate <no-reply@example.com>"),
        ("no-reply@example.com", "no-reply@example.com"),
        (r#""A \"Q\" B" <a@b.example>"#, r#""A \"Q\" B" <a@b.example>"#),
        ("Tollgate <a@Bücher.example>", "Tollgate <a@xn--bcher-kva.example>"),
    ] {
        assert_eq!(from_header(from, "").await, expected);
    }
}

#[tokio::test]
async fn long_name_in_the_sender_is_written_on_several_lines() {
    let header = from_header(FROM, &"Ada's bees ".repeat(7)).await;
    let expected = "\"Ada's bees Ada's bees Ada's bees Ada's bees Ada's bees Ada's bees Ada's\r\n \
                    bees via tollgate.localhost\" <no-reply@tollgate.localhost>";
    assert_eq!(header, expected);
    for long in ["a".repeat(200), "Ada's ".repeat(40)] {
        let bytes = sent(&mail(magic_link_of(&long))).await;
        let expected = format!("{}… via Tollgate", long.get(..79).unwrap().trim_end());
        assert_eq!(only(parsed(&bytes).from()).0, Some(&*expected));
    }
}

#[tokio::test]
async fn every_name_is_read_back_as_it_was_typed() {
    for seller in [
        "Ada \"the bee\" Byron, Ltd. (London)",
        "\"Bees\" & <b>gardens</b>; a@b.example, c\\d",
        "🌻 Bienen 🐝 und Gärten 👩🏽‍🌾",
        "מרפסת של עדה",
        "حديقة آدا: نحل",
        "Ada \"and\" \"others\" \"who\" \"keep\" \"bees\" \"on\" \"a\" \"balcony\" \"in\" town",
        "=?utf-8?q?Bank?=",
        ".",
    ] {
        let bytes = sent(&with_support(magic_link_of(seller))).await;
        let message = parsed(&bytes);
        assert_eq!(only(message.from()), (Some(&*format!("{seller} via Tollgate")), FROM));
        let subject = message.subject().unwrap().replace('\u{2060}', "");
        assert_eq!(subject, format!("Sign in to {seller}: code 042 917"));
        let head = bytes.split(|b| *b == b'\n').take_while(|line| *line != b"\r");
        for line in head {
            let shown = String::from_utf8_lossy(line);
            assert!(line.len() <= 999 && line.is_ascii(), "{seller}: {shown}");
        }
    }
}

#[tokio::test]
async fn name_adds_no_header_no_recipient_and_no_line() {
    let plain = sent(&mail(magic_link_of("Eve Bcc: x@example.com"))).await;
    for seller in [
        "Eve\r\nBcc: x@example.com",
        "Eve\nBcc: x@example.com\r\n\r\n",
        "Eve\u{2028}Bcc:\u{85}x@example.com\0",
        "\u{202e}Eve\rBcc: \u{2066}x@example.com\u{2069}",
    ] {
        let bytes = sent(&mail(magic_link_of(seller))).await;
        assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&plain), "{seller:?}");
    }
    let message = parsed(&plain);
    assert_eq!(only(message.from()), (Some("Eve Bcc: x@example.com via Tollgate"), FROM));
    assert_eq!(only(message.to()).1, "bob@example.com");
    assert!(message.bcc().is_none());
}

#[tokio::test]
async fn name_that_looks_encoded_is_not_decoded() {
    // Decoded, the first would be a line end and a header, the second would turn the direction.
    for seller in ["=?utf-8?q?=0D=0ABcc:_x@example.com?=", "=?utf-8?b?4oCu?="] {
        let bytes = sent(&mail(magic_link_of(seller))).await;
        let message = parsed(&bytes);
        assert!(message.subject().unwrap().replace('\u{2060}', "").contains(seller));
        assert!(only(message.from()).0.unwrap().contains(seller));
    }
}

#[tokio::test]
async fn long_name_is_shortened_in_the_sender() {
    let bytes = sent(&mail(magic_link_of(&"日".repeat(100)))).await;
    let expected = format!("{}… via Tollgate", "日".repeat(79));
    assert_eq!(only(parsed(&bytes).from()).0, Some(&*expected));
}

#[tokio::test]
async fn first_token_in_a_file_is_whole_whatever_people_typed() {
    for typed in ["🐝".repeat(500), "bees ".repeat(100), "a=\u{202e}b\r\n".repeat(83)] {
        let mut mail = mail(magic_link(Some(&typed), Some(&typed)));
        mail.signature.mail_footer = Some(typed);

        let raw = String::from_utf8(sent(&mail).await).unwrap();
        let (_, rest) = raw.split_once("token=").unwrap();
        assert!(rest.starts_with(&format!("{TOKEN}\r\n")), "{rest}");
        assert!(raw.split("\r\n").all(|line| line.len() <= 998));
    }
}

#[tokio::test]
async fn mail_that_can_be_stopped_says_so_to_people_and_programs() {
    let address = format!("https://ada.example.com/-/no-mails?token={}", "a".repeat(160));
    let stop = Some(SecretText(address.clone()));
    let content = MailContent::GroupBuyCancelled {
        seller: "Ada's corner".to_owned(),
        title: "Bees".to_owned(),
    };
    let stoppable = String::from_utf8(sent(&Mail { stop, ..mail(content.clone()) }).await).unwrap();
    let unfolded = stoppable.replace("\r\n ", " ");
    assert!(unfolded.contains(&format!("List-Unsubscribe: <{address}>\r\n")), "{stoppable}");
    assert!(
        unfolded.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"),
        "{stoppable}"
    );
    assert_eq!(stoppable.matches("No more mails from this shop").count(), 2, "{stoppable}");
    let without = String::from_utf8(sent(&mail(content)).await).unwrap();
    assert!(!without.contains("List-Unsubscribe") && !without.contains("No more mails"));
}
