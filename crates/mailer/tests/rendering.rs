//! The text of the mails.
#![expect(clippy::unwrap_used, reason = "tests")]

use tollgate_domain::{
    email::Email,
    mail::{HandleTexts, Mail, MailContent, SecretText},
    money::Money,
};
use tollgate_mailer::RenderedMail;

fn usd(amount: i64) -> Money {
    Money::new(amount, "usd".parse().unwrap())
}

fn bob() -> Email {
    "bob@example.com".parse().unwrap()
}

/// The texts that come from a person or a payment provider.
struct Typed<'a> {
    seller: &'a str,
    title: &'a str,
    reference: &'a str,
    mismatch: &'a str,
}

const USUAL: Typed<'_> = Typed {
    seller: "Ada's corner",
    title: "Bees & gardens",
    reference: "pi_3Example",
    mismatch: "paid 10.00 USD, ordered 12.00 USD",
};

fn same(text: &str) -> Typed<'_> {
    Typed { seller: text, title: text, reference: text, mismatch: text }
}

fn every_mail(typed: &Typed<'_>) -> Vec<(&'static str, MailContent)> {
    let seller = || typed.seller.to_owned();
    let title = || typed.title.to_owned();
    let reference = || typed.reference.to_owned();
    let mismatch = typed.mismatch.to_owned();
    let page_url = || "https://ada.example.com/garden".to_owned();
    let refunded = |access_ended| MailContent::Refunded {
        seller: seller(),
        title: title(),
        amount: usd(1_200),
        access_ended,
    };
    vec![
        ("magic_link", magic_link(15)),
        (
            "receipt",
            MailContent::Receipt {
                seller: seller(),
                title: title(),
                page_url: page_url(),
                paid: usd(1_200),
            },
        ),
        (
            "granted",
            MailContent::Granted { seller: seller(), title: title(), page_url: page_url() },
        ),
        ("payment_failed", MailContent::PaymentFailed { title: title(), page_url: page_url() }),
        ("refunded_and_closed", refunded(true)),
        ("refunded_and_open", refunded(false)),
        (
            "refund_failed",
            MailContent::RefundFailed { title: title(), visitor: bob(), amount: usd(1_200) },
        ),
        (
            "payment_quarantined",
            MailContent::PaymentQuarantined { title: title(), reference: reference(), mismatch },
        ),
        (
            "disputed",
            MailContent::Disputed { title: title(), visitor: bob(), reference: reference() },
        ),
        (
            "group_buy_activated",
            MailContent::GroupBuyActivated {
                seller: seller(),
                title: title(),
                price: usd(900),
                offer_url: "https://ada.example.com/-/group-buys/garden".to_owned(),
                ends_at: "2026-01-08T09:30:00Z".parse().unwrap(),
            },
        ),
        ("group_buy_expired", MailContent::GroupBuyExpired { seller: seller(), title: title() }),
        (
            "group_buy_cancelled",
            MailContent::GroupBuyCancelled { seller: seller(), title: title() },
        ),
    ]
}

fn magic_link(valid_minutes: i64) -> MailContent {
    MailContent::MagicLink {
        link: SecretText("https://example.com/sign-in?token=abc&x=1".to_owned()),
        code: SecretText("042917".to_owned()),
        valid_minutes,
    }
}

#[test]
fn every_mail_reads_as_reviewed() {
    for (name, content) in every_mail(&USUAL) {
        let rendered = RenderedMail::of(&content).unwrap();
        insta::assert_snapshot!(
            format!("{name}.txt"),
            format!("Subject: {}\n\n{}", rendered.subject, rendered.text)
        );
        insta::assert_snapshot!(format!("{name}.html"), rendered.html);
    }
}

#[test]
fn link_and_code_stand_alone_on_their_lines() {
    for (_, content) in every_mail(&USUAL) {
        let rendered = RenderedMail::of(&content).unwrap();
        for line in rendered.text.lines() {
            assert!(
                !line.contains("://") || line.starts_with("https://") && !line.contains(' '),
                "{line}"
            );
        }
        if let MailContent::MagicLink { code, .. } = content {
            assert_eq!(rendered.text.lines().filter(|line| *line == code.0).count(), 1);
        }
    }
}

#[test]
fn lifetime_of_one_minute_is_singular() {
    let rendered = RenderedMail::of(&magic_link(1)).unwrap();
    assert!(rendered.text.contains("within 1 minute."));
    assert!(rendered.html.contains("within 1 minute."));
}

#[test]
fn typed_markup_is_inert() {
    for (name, content) in every_mail(&same("<script>alert(1)</script>\"'&<img src=x onerror=y>")) {
        let html = RenderedMail::of(&content).unwrap().html;
        assert!(
            !html.contains("<script") && !html.contains("<img") && !html.contains("\"'&<"),
            "{name}"
        );
    }
}

#[test]
fn typed_line_ends_add_no_line_and_no_header() {
    let plain = every_mail(&same("a Bcc: x@example.com b"));
    let nasty = every_mail(&same("a\r\nBcc: x@example.com\u{2028}\u{0}\u{202e}\n\n b"));
    for ((name, plain), (_, nasty)) in plain.into_iter().zip(nasty) {
        let (plain, nasty) = (RenderedMail::of(&plain).unwrap(), RenderedMail::of(&nasty).unwrap());
        assert_eq!(plain.subject, nasty.subject, "{name}");
        assert_eq!(plain.text, nasty.text, "{name}");
        assert_eq!(plain.html, nasty.html, "{name}");
    }
}

#[test]
fn long_title_is_shortened_in_the_subject_and_whole_in_the_text() {
    let title = "日".repeat(200);
    let content = MailContent::PaymentFailed {
        title: title.clone(),
        page_url: "https://ada.example.com/garden".to_owned(),
    };
    let rendered = RenderedMail::of(&content).unwrap();
    assert_eq!(rendered.subject, format!("Your payment for {}… did not arrive", "日".repeat(79)));
    assert!(rendered.text.contains(&title));
}

#[test]
fn html_fetches_nothing() {
    for (name, content) in every_mail(&USUAL) {
        let html = RenderedMail::of(&content).unwrap().html;
        for mark in ["<img", "<link", "<script", "<style", "url(", "src=", "@import"] {
            assert!(!html.contains(mark), "{name}: {mark}");
        }
    }
}

#[test]
fn debug_hides_the_text() {
    for (_, content) in every_mail(&USUAL) {
        assert_eq!(format!("{:?}", RenderedMail::of(&content).unwrap()), "RenderedMail(…)");
    }
}

fn signed(support_email: Option<&str>, footer: Option<&str>) -> RenderedMail {
    let mail = Mail {
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
        queued_at: "2026-11-02T10:15:30Z".parse().unwrap(),
    };
    RenderedMail::of_mail(&mail).unwrap()
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
fn creators_texts_are_inert() {
    let footer = "<script>alert(1)</script>\r\n</main><img src=x>\u{202e}";
    let rendered = signed(None, Some(footer));
    assert!(!rendered.html.contains("<script") && !rendered.html.contains("<img"));
    assert_eq!(rendered.html.matches("</main>").count(), 1);
    assert!(!rendered.text.contains('\u{202e}') && !rendered.text.contains('\r'));
}
