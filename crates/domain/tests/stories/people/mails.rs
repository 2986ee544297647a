//! The log of the mails to people, and sending one of them again.

use tollgate_domain::{
    language::Language,
    mail::{LoggedMail, MailContent, MailKind, ports::MailError},
    paging::PageRequest,
    payments::DisputeProgress,
    reports::ResendError,
    visitor_auth::{Browser, LinkRequest},
};
use tollgate_domain_testing::{Shop, TestApp, email};

use super::{asked, shop_with_page, shop_with_sale};
use crate::{ADA, BOB, sign_in::request};

async fn log_of(app: &TestApp, shop: &Shop, prefix: Option<&str>) -> Vec<LoggedMail> {
    let (creator, name) = (&shop.creator, &shop.handle.name);
    app.reports.mails(creator, name, prefix, &PageRequest::default()).await.unwrap().items
}

/// Signs in with a browser in this language.
async fn signs_in_reading(app: &TestApp, address: &str, language: Language) {
    let (token, _) = app.request_link(address).await;
    let browser = Browser { language: Some(language), ..Browser::default() };
    app.sign_in.redeem_token(&token, &browser).await.unwrap();
}

#[pollster::test]
async fn mails_to_new_addresses_are_in_the_language_of_the_old_one_or_of_the_creator() {
    let app = TestApp::new();
    let (shop, page, _) = shop_with_sale(&app).await;
    let last = async || {
        app.deliver_mails().await;
        app.mailer.sent().last().unwrap().language
    };
    signs_in_reading(&app, ADA, Language::German).await;
    app.give(&shop, &page, "carol@example.com").await;
    assert_eq!(last().await, Language::German);
    let (creator, name) = (&shop.creator, &shop.handle.name);
    app.resends.sign_in_link(creator, name, email("dora@example.com"), None).await.unwrap();
    assert_eq!(last().await, Language::German);
    let token = asked(&app, &shop).await;
    assert_eq!(last().await, Language::German);
    signs_in_reading(&app, BOB, Language::English).await;
    app.moves.confirm(&token).await.unwrap();
    assert_eq!(last().await, Language::English, "Rob reads what Bob reads");
    app.give(&shop, &page, BOB).await;
    assert_eq!(last().await, Language::English, "English is known, too");
}

#[pollster::test]
async fn a_mail_of_the_log_is_sent_once_more() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    app.deliver_mails().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let is_receipt = |mail: &LoggedMail| mail.kind == MailKind::Receipt;
    assert_eq!(log_of(&app, &shop, Some("nobody@")).await, vec![]);
    let receipt = log_of(&app, &shop, Some("Bob@")).await.into_iter().find(is_receipt).unwrap();
    app.resends.resend(creator, name, receipt.id).await.unwrap();
    app.deliver_mails().await;
    let receipts = log_of(&app, &shop, None).await.into_iter().filter(is_receipt).count();
    assert_eq!(receipts, 2);
    let eve = app.shop("eve").await;
    let foreign = app.resends.resend(&eve.creator, &eve.handle.name, receipt.id).await;
    assert!(matches!(foreign, Err(ResendError::NotFound)));
}

#[pollster::test]
async fn that_access_was_given_is_not_said_again_to_who_has_it_no_more() {
    let app = TestApp::new();
    let (shop, page) = shop_with_page(&app).await;
    let gift = app.give(&shop, &page, BOB).await.grant;
    app.deliver_mails().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let mail = log_of(&app, &shop, Some(BOB)).await.remove(0);
    app.resends.resend(creator, name, mail.id).await.unwrap();
    assert_eq!(app.mails_to(BOB).await, ["granted", "granted"]);
    app.grants.revoke(creator, name, &page.slug, gift.id).await.unwrap();
    let again = app.resends.resend(creator, name, mail.id).await;
    assert!(matches!(again, Err(ResendError::NoAccess)), "{again:?}");
    assert_eq!(app.mails_to(BOB).await.len(), 2);
    let bob = app.sign_in(BOB).await;
    app.buy(&shop, &page, &bob).await;
    app.resends.resend(creator, name, mail.id).await.unwrap();
}

/// Not as it was when it was mailed first.
#[pollster::test]
async fn a_receipt_of_the_log_says_what_is_so_when_it_is_sent_again() {
    let app = TestApp::new();
    let (shop, page, bob) = shop_with_sale(&app).await;
    app.deliver_mails().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let is_receipt = |mail: &LoggedMail| mail.kind == MailKind::Receipt;
    let mail = log_of(&app, &shop, Some(BOB)).await.into_iter().find(is_receipt).unwrap();
    app.refund(&shop, &page, &app.visitor(&bob).await).await.unwrap();
    app.deliver_mails().await;
    app.resends.resend(creator, name, mail.id).await.unwrap();
    app.deliver_mails().await;
    let Some(MailContent::Receipt { facts, .. }) = app.mailer.sent_to(&email(BOB)).pop() else {
        panic!("no receipt")
    };
    let facts = facts.unwrap();
    assert_eq!((facts.is_open, facts.refunded), (false, page.price));
    let token = asked(&app, &shop).await;
    app.moves.confirm(&token).await.unwrap();
    let again = app.resends.resend(creator, name, mail.id).await;
    assert!(matches!(again, Err(ResendError::Past)), "{again:?}");
}

/// The dispute that it tells of may be over.
#[pollster::test]
async fn what_was_so_once_is_sent_again_only_if_it_never_was() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    app.deliver_mails().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let payment = app.store.purchases().pop().unwrap().payment.unwrap().payment_intent;
    app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    // One of the two mails is given up.
    app.mailer.fail_next(MailError::Permanent("recipient: answer 550".into()));
    app.deliver_webhooks().await;
    app.mailer.heal();
    let tells =
        |mail: &LoggedMail| matches!(mail.kind, MailKind::Disputed | MailKind::AccessDisputed);
    let mut again = Vec::new();
    for mail in log_of(&app, &shop, None).await.into_iter().filter(tells) {
        again.push(app.resends.resend(creator, name, mail.id).await);
    }
    let refused = again.iter().filter(|it| matches!(it, Err(ResendError::Past))).count();
    assert_eq!((refused, again.iter().filter(|it| it.is_ok()).count()), (1, 1), "{again:?}");
}

#[pollster::test]
async fn in_place_of_a_sign_in_link_a_new_one_is_sent() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let asked = LinkRequest { handle: Some(&shop.handle.name), ..request(BOB) };
    app.sign_in.request_link(asked).await.unwrap();
    app.deliver_mails().await;
    let (first, _) = app.link_mailed_to(BOB);
    let mails = log_of(&app, &shop, None).await;
    let [mail] = mails.as_slice() else { panic!("one mail: {mails:?}") };
    assert_eq!(mail.kind, MailKind::MagicLink);
    app.resends.resend(&shop.creator, &shop.handle.name, mail.id).await.unwrap();
    app.deliver_mails().await;
    let (second, _) = app.link_mailed_to(BOB);
    assert_ne!(first.hash(), second.hash());
    let is_from_seller = |content| match content {
        MailContent::MagicLink { sent_by_seller, .. } => sent_by_seller,
        _ => panic!("no link: {content:?}"),
    };
    let mails = app.mailer.sent_to(&email(BOB)).into_iter();
    assert_eq!(mails.map(is_from_seller).collect::<Vec<_>>(), [false, true]);
}
