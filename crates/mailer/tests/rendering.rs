//! The text of the mails.
#![expect(clippy::unwrap_used, reason = "tests")]

mod mails;
#[path = "rendering/payments.rs"]
mod payments;
#[path = "rendering/sign_in.rs"]
mod sign_in;

use tollgate_domain::{
    language::Language,
    mail::{HandleTexts, Mail, MailContent, SecretText},
};
use tollgate_mailer::RenderedMail;

use self::mails::{USUAL, bob, every_mail, in_every_language, magic_link, same};

#[test]
fn every_mail_reads_as_reviewed() {
    for (name, content) in every_mail(&USUAL) {
        let rendered = RenderedMail::of(&content, Language::English).unwrap();
        insta::assert_snapshot!(
            format!("{name}.txt"),
            format!("Subject: {}\n\n{}", rendered.subject, rendered.text)
        );
        insta::assert_snapshot!(format!("{name}.html"), rendered.html);
    }
}

#[test]
fn every_mail_reads_as_reviewed_in_german() {
    for (name, content) in every_mail(&USUAL) {
        let rendered = RenderedMail::of(&content, Language::German).unwrap();
        insta::assert_snapshot!(
            format!("{name}.de.txt"),
            format!("Subject: {}\n\n{}", rendered.subject, rendered.text)
        );
        insta::assert_snapshot!(format!("{name}.de.html"), rendered.html);
    }
}

/// Returns the content of a mail's body without markup.
fn shown(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split_once("<body").unwrap().1.split('<').map(|tag| tag.split_once('>')) {
        text.push_str(piece.unwrap_or_default().1);
    }
    text.replace("&#38;", "&").replace("&#39;", "'")
}

#[test]
fn html_begins_with_a_hidden_sentence_that_is_not_the_subject() {
    for (name, content) in every_mail(&USUAL) {
        let rendered = RenderedMail::of(&content, Language::English).unwrap();
        let (_, body) = rendered.html.split_once("<body").unwrap();
        let (_, body) = body.split_once(">\n").unwrap();
        assert!(body.starts_with("<div style=\"display: none; max-height: 0;"), "{name}: {body}");
        let (hidden, _) = body.split_once("</div>").unwrap();
        let (_, sentence) = hidden.split_once('>').unwrap();
        assert!(sentence.len() > 20 && sentence.ends_with('.'), "{name}: {sentence}");
        assert!(!sentence.contains(&rendered.subject), "{name}");
        assert!(!sentence.contains("042"), "{name}");
    }
}

#[test]
fn each_link_can_be_pressed_and_copied() {
    for (name, content) in every_mail(&USUAL) {
        let rendered = RenderedMail::of(&content, Language::English).unwrap();
        let links: Vec<_> =
            rendered.text.lines().filter(|line| line.starts_with("https://")).collect();
        let shown = shown(&rendered.html);
        for link in &links {
            assert!(shown.lines().any(|line| line == *link), "{name}: {shown}");
        }
        // What is to be done has a button besides. Nothing is, if a receipt is printed of what was refunded.
        let without_button = ["receipt_of_a_refunded_purchase", "receipt_of_a_disputed_purchase"];
        let has_button = !links.is_empty() && !without_button.contains(&name);
        assert_eq!(rendered.html.contains("display: inline-block"), has_button, "{name}");
        let pressed = links.len() + usize::from(has_button);
        assert_eq!(rendered.html.matches("<a href=\"https://").count(), pressed, "{name}");
        assert_eq!(rendered.html.matches("<a ").count(), pressed, "{name}");
    }
}

/// Returns the contrast of two colours such as `#ffffff`. Source: WCAG 2.2, "contrast ratio".
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let channel = |at: usize| {
            let share = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) + 0.05
    };
    let (one, other) = (luminance(one), luminance(other));
    one.max(other) / one.min(other)
}

#[test]
fn button_stands_out_in_light_and_in_dark() {
    let html = RenderedMail::of(&magic_link(15, None, None), Language::English).unwrap().html;
    let colour = |property: &str| {
        let (_, value) = html.split_once(property).unwrap();
        value.split(';').next().unwrap().to_owned()
    };
    let (button, label) = (colour("; background-color: "), colour("; color: "));
    assert!(contrast(&label, &button) >= 4.5);
    for page in ["#ffffff", "#121212", "#1e1e1e"] {
        assert!(contrast(&button, page) >= 3.0, "{page}");
    }
    // Texts have the colours of the mail program, so that they fit its background.
    assert_eq!(html.matches("color: #").count(), 2);
    assert!(html.contains("<meta name=\"color-scheme\" content=\"light dark\">"));
}

#[test]
fn typed_markup_is_inert() {
    for (name, content) in every_mail(&same("<script>alert(1)</script>\"'&<img src=x onerror=y>")) {
        let html = RenderedMail::of(&content, Language::English).unwrap().html;
        assert!(
            !html.contains("<script") && !html.contains("<img") && !html.contains("\"'&<"),
            "{name}"
        );
    }
}

#[test]
fn typed_line_ends_add_no_line_and_no_header() {
    let plain = in_every_language(&same("a Bcc: x@example.com b"));
    let nasty = in_every_language(&same("a\r\nBcc: x@example.com\u{2028}\u{0}\u{202e}\n\n b"));
    for ((name, plain, language), (_, nasty, _)) in plain.into_iter().zip(nasty) {
        let rendered = |content| RenderedMail::of(content, language).unwrap();
        let (plain, nasty) = (rendered(&plain), rendered(&nasty));
        assert_eq!(plain.subject, nasty.subject, "{name}");
        assert_eq!(plain.text, nasty.text, "{name}");
        assert_eq!(plain.html, nasty.html, "{name}");
    }
}

#[test]
fn long_title_is_shortened_in_the_subject_and_whole_in_the_text() {
    let title = "日".repeat(200);
    let content = MailContent::PaymentFailed {
        seller: "Ada's corner".to_owned(),
        title: title.clone(),
        page_url: "https://ada.example.com/garden".to_owned(),
        is_open: false,
        is_withdrawn: false,
    };
    let rendered = RenderedMail::of(&content, Language::English).unwrap();
    assert_eq!(rendered.subject, format!("Your payment for {}… did not arrive", "日".repeat(79)));
    assert!(rendered.text.contains(&title));
}

#[test]
fn html_fetches_nothing() {
    for (name, content) in every_mail(&USUAL) {
        let html = RenderedMail::of(&content, Language::English).unwrap().html;
        for mark in ["<img", "<link", "<script", "<style", "url(", "src=", "@import"] {
            assert!(!html.contains(mark), "{name}: {mark}");
        }
    }
}

#[test]
fn debug_hides_the_text() {
    for (_, content) in every_mail(&USUAL) {
        assert_eq!(
            format!("{:?}", RenderedMail::of(&content, Language::English).unwrap()),
            "RenderedMail(…)"
        );
    }
}

fn signed(support_email: Option<&str>, footer: Option<&str>) -> RenderedMail {
    RenderedMail::of_mail(&signed_mail(support_email, footer)).unwrap()
}

fn signed_mail(support_email: Option<&str>, footer: Option<&str>) -> Mail {
    Mail {
        id: "mal_01k9b3z5p00000000000000001".parse().unwrap(),
        to: bob(),
        content: MailContent::Granted {
            seller: "Ada's corner".to_owned(),
            title: "Bees </main> & gardens".to_owned(),
            page_url: "https://ada.example.com/garden".to_owned(),
        },
        signature: HandleTexts {
            support_email: support_email.map(|email| email.parse().unwrap()),
            mail_footer: footer.map(ToOwned::to_owned),
        },
        stop: None,
        language: Language::English,
        queued_at: "2026-11-02T10:15:30Z".parse().unwrap(),
    }
}

#[test]
fn mail_and_its_end_have_one_language() {
    let mail = |language| {
        let of_mail = |mail: &Mail| RenderedMail::of_mail(mail).unwrap();
        of_mail(&Mail {
            stop: Some(SecretText("https://ada.example.com/stop".to_owned())),
            language,
            ..signed_mail(Some("help@example.com"), None)
        })
    };
    let (english, german) = (mail(Language::English), mail(Language::German));
    assert!(english.text.contains("Questions? Write to help@example.com."), "{}", english.text);
    assert!(english.text.contains("No more mails from this shop:"), "{}", english.text);
    assert!(german.text.contains("Fragen? Schreiben Sie an help@example.com."), "{}", german.text);
    assert!(german.text.contains("Keine Mails mehr von diesem Shop:"), "{}", german.text);
    assert!(
        english.html.contains("<html lang=\"en\"") && german.html.contains("<html lang=\"de\"")
    );
}

#[test]
fn creators_texts_end_a_mail() {
    let rendered = signed(Some("help+ada@example.com"), Some("Ada's corner\n1 Mill Lane"));
    insta::assert_snapshot!("signed.txt", rendered.text);
    insta::assert_snapshot!("signed.html", rendered.html);
    let plain = signed(None, None);
    assert!(rendered.text.starts_with(&plain.text));
    assert_eq!(rendered.subject, plain.subject);
    assert!(!plain.text.contains("-- "));
}

#[test]
fn address_for_questions_stands_there_as_people_write_it() {
    let rendered = signed(Some("help@bücher.example"), None);
    assert!(
        rendered.text.ends_with("Questions? Write to help@bücher.example.\n"),
        "{}",
        rendered.text
    );
    let link = "<a href=\"mailto:help@xn--bcher-kva.example\">help@bücher.example</a>.";
    assert!(rendered.html.contains(link), "{}", rendered.html);
}

#[test]
fn creators_texts_are_inert() {
    let footer = "<script>alert(1)</script>\r\n</main><img src=x>\u{202e}";
    let rendered = signed(None, Some(footer));
    assert!(!rendered.html.contains("<script") && !rendered.html.contains("<img"));
    assert_eq!(rendered.html.matches("</main>").count(), 1);
    assert!(!rendered.text.contains('\u{202e}') && !rendered.text.contains('\r'));
}
