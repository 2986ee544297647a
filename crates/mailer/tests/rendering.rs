//! The text of the mails.
#![expect(clippy::unwrap_used, reason = "tests")]

mod mails;

use tollgate_domain::{
    language::Language,
    mail::{HandleTexts, Mail, MailContent, SecretText, SignInTarget},
};
use tollgate_mailer::RenderedMail;

use self::mails::{
    USUAL, bob, every_mail, in_every_language, magic_link, magic_link_from, same, usd,
};

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
fn second_payment_is_told_as_one_that_is_given_back() {
    for (_, mut content) in every_mail(&USUAL) {
        let words = match &mut content {
            MailContent::Receipt { facts: Some(facts), .. } if facts.is_open => {
                (facts.is_open, facts.is_second) = (false, true);
                "The page was open to you already, so this payment is given back."
            }
            MailContent::PaymentMatched { is_second, .. } => {
                *is_second = true;
                "The page was open to the buyer already, so the payment is given back by itself."
            }
            MailContent::Refunded { access_ended: false, was_second, .. } => {
                *was_second = true;
                "The page is open to you without this payment."
            }
            _ => continue,
        };
        let rendered = RenderedMail::of(&content, Language::English).unwrap();
        assert!(rendered.html.contains(words), "{}", rendered.html);
        assert!(rendered.text.replace('\n', " ").contains(words), "{}", rendered.text);
        assert!(!rendered.text.contains("open to you now"), "{}", rendered.text);
    }
}

#[test]
fn second_payment_that_is_held_is_told_as_one_that_the_seller_decides_about() {
    for (_, mut content) in every_mail(&USUAL) {
        let words = match &mut content {
            MailContent::Receipt { facts: Some(facts), .. } if facts.is_open => {
                (facts.is_open, facts.is_held) = (false, true);
                "The seller has been told, and decides whether to give it back."
            }
            MailContent::PaymentMatched { is_held, .. } => {
                *is_held = true;
                "The page was open to the buyer already, so the payment is held, as your settings say."
            }
            _ => continue,
        };
        let rendered = RenderedMail::of(&content, Language::English).unwrap();
        assert!(rendered.html.contains(words), "{}", rendered.html);
        assert!(rendered.text.replace('\n', " ").contains(words), "{}", rendered.text);
        for part in [&rendered.text, &rendered.html] {
            assert!(!part.contains("is given back") && !part.contains("open to you now"), "{part}");
        }
    }
}

#[test]
fn payment_that_failed_before_mails_named_sellers_names_none() {
    let content = MailContent::PaymentFailed {
        seller: String::new(),
        title: "Bees & gardens".to_owned(),
        page_url: "https://ada.example.com/garden".to_owned(),
        is_open: false,
        is_withdrawn: false,
    };
    let rendered = RenderedMail::of(&content, Language::English).unwrap();
    assert!(rendered.text.contains("\n\nPage: Bees & gardens\n\n"));
    assert!(!rendered.text.contains("Seller") && !rendered.html.contains("Seller"));
}

#[test]
fn mails_to_creators_that_named_no_shop_before_name_none() {
    let content = MailContent::Disputed {
        title: "Bees & gardens".to_owned(),
        visitor: bob(),
        reference: "du_1".to_owned(),
        amount: None,
        respond_by: None,
        needs_no_answer: false,
        is_kept_open: false,
        is_quarantined: false,
        shop: String::new(),
        console_url: String::new(),
    };
    let rendered = RenderedMail::of(&content, Language::English).unwrap();
    assert!(rendered.text.contains("\n\nPage: Bees & gardens\n"), "{}", rendered.text);
    assert!(rendered.text.trim_end().ends_with("before the deadline shown there."));
    assert!(!rendered.html.contains("Shop") && !rendered.html.contains("<a "));
}

#[test]
fn page_that_is_not_for_sale_is_not_offered_again() {
    for (_, content) in every_mail(&USUAL) {
        let MailContent::AccessDisputed { seller, title, is_over: true, page_url: None, .. } =
            content
        else {
            continue;
        };
        let content = MailContent::AccessDisputed {
            seller,
            title,
            is_over: true,
            lost: None,
            is_part: false,
            page_url: None,
            can_buy: false,
            buy_url: None,
        };
        let rendered = RenderedMail::of(&content, Language::English).unwrap();
        for part in [&rendered.html, &rendered.text] {
            assert!(part.contains("Your access has ended.") && !part.contains("buy"), "{part}");
        }
    }
}

#[test]
fn loss_of_a_part_is_told_as_a_part() {
    let mut told = 0;
    for (_, mut content) in every_mail(&USUAL) {
        let (english, german) = match &mut content {
            MailContent::DisputeDecided { is_won: false, lost, is_part, .. } => {
                (*lost, *is_part) = (Some(usd(500)), true);
                (
                    "$5.00 of the payment went back to the buyer. The rest stays with you.",
                    "der Zahlung",
                )
            }
            MailContent::AccessDisputed {
                is_over: true, page_url: None, lost, is_part, ..
            } => {
                (*lost, *is_part) = (Some(usd(500)), true);
                (
                    "your bank took back $5.00 of your payment for this page. The rest stays with the seller.",
                    "Der Rest bleibt beim Anbieter.",
                )
            }
            _ => continue,
        };
        told += 1;
        for (language, words) in [(Language::English, english), (Language::German, german)] {
            let rendered = RenderedMail::of(&content, language).unwrap();
            assert!(rendered.html.contains(words), "{}", rendered.html);
            assert!(rendered.text.replace('\n', " ").contains(words), "{}", rendered.text);
        }
    }
    assert_eq!(told, 3);
}

#[test]
fn refund_of_a_closed_page_is_not_said_to_have_closed_it() {
    for (_, mut content) in every_mail(&USUAL) {
        let MailContent::Refunded { access_ended: false, was_closed, .. } = &mut content else {
            continue;
        };
        *was_closed = true;
        let rendered = RenderedMail::of(&content, Language::English).unwrap();
        for part in [&rendered.html, &rendered.text] {
            assert!(part.contains("The page was closed to you already."), "{part}");
            assert!(!part.contains("has ended") && !part.contains("You keep"), "{part}");
        }
    }
}

#[test]
fn payment_that_failed_for_an_open_page_is_not_asked_for_again() {
    for (_, mut content) in every_mail(&USUAL) {
        let MailContent::PaymentFailed { is_open, .. } = &mut content else { continue };
        *is_open = true;
        let rendered = RenderedMail::of(&content, Language::English).unwrap();
        for part in [&rendered.html, &rendered.text] {
            assert!(part.contains("The page is open to you all the same"), "{part}");
            assert!(!part.contains("try again") && !part.contains("not open"), "{part}");
        }
    }
}

#[test]
fn dispute_that_is_decided_when_it_is_learnt_asks_for_no_answer() {
    for (_, mut content) in every_mail(&USUAL) {
        let MailContent::Disputed { needs_no_answer, .. } = &mut content else { continue };
        *needs_no_answer = true;
        let rendered = RenderedMail::of(&content, Language::English).unwrap();
        for part in [&rendered.html, &rendered.text] {
            assert!(part.contains("There is nothing for you to answer now."), "{part}");
            assert!(!part.contains("Please answer"), "{part}");
        }
    }
}

#[test]
fn creator_reads_what_a_dispute_does_to_the_access() {
    for (_, mut content) in every_mail(&USUAL) {
        let words = match &mut content {
            MailContent::DisputeDecided { is_won, is_open, is_quarantined: false, .. } => {
                *is_open = Some(!*is_won);
                if *is_won {
                    "The page stays closed to the buyer"
                } else {
                    "The page stays open to"
                }
            }
            MailContent::Disputed { is_kept_open, is_quarantined: false, .. } => {
                *is_kept_open = true;
                "The page stays open to the buyer through another purchase or a gift."
            }
            _ => continue,
        };
        let rendered = RenderedMail::of(&content, Language::English).unwrap();
        assert!(rendered.html.contains(words), "{}", rendered.html);
        assert!(rendered.text.replace('\n', " ").contains(words), "{}", rendered.text);
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
        // What is to be done has a button besides. Nothing is, if a receipt is printed of what was given back.
        let given_back = ["receipt_of_a_refunded_purchase", "receipt_of_a_disputed_purchase"];
        let has_button = !links.is_empty() && !given_back.contains(&name);
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
fn lifetime_of_one_minute_is_singular() {
    let rendered = RenderedMail::of(&magic_link(1, None, None), Language::English).unwrap();
    assert!(rendered.text.contains("within 1 minute."));
    assert!(rendered.html.contains("within 1 minute."));
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
