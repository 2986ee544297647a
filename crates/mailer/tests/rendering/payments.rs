//! Mails about payments: what they say of the page, of the money, and of disputes.

use tollgate_domain::{language::Language, mail::MailContent};
use tollgate_mailer::RenderedMail;

use super::mails::{USUAL, bob, every_mail, usd};

#[test]
fn second_payment_is_told_as_one_that_is_refunded() {
    for (_, mut content) in every_mail(&USUAL) {
        let words = match &mut content {
            MailContent::Receipt { facts: Some(facts), .. } if facts.is_open => {
                (facts.is_open, facts.is_second) = (false, true);
                "The page was open to you already, so this payment is refunded."
            }
            MailContent::PaymentMatched { is_second, .. } => {
                *is_second = true;
                "The page was open to the buyer already, so the payment is refunded by itself."
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
                "The seller has been told, and decides whether to refund it."
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
            assert!(!part.contains("is refunded") && !part.contains("open to you now"), "{part}");
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
                    "Der Rest bleibt beim Verkäufer.",
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
