//! Receipts, and what a creator sees of a purchase.

use tollgate_domain::{
    access::{FactKind, Purchase},
    checkout::ReceiptError,
    clock::{Clock, plus_seconds},
    creators::HandleChange,
    mail::{MailContent, MailWriteError},
    payments::DisputeProgress,
    version::BasedOn,
};
use tollgate_domain_testing::{TestApp, a_page, email, money};

use super::shop_with_sale;
use crate::BOB;

/// The name and the text of a seller.
const SELLER: (&str, Option<&str>) = ("Ada's books", Some("Street 1"));

#[pollster::test]
async fn a_receipt_says_who_paid_whom_for_what() {
    let app = TestApp::new();
    let (shop, page, bob) = shop_with_sale(&app).await;
    let purchase = app.store.purchases().pop().unwrap();
    let visitor = app.visitor(&bob).await;
    let receipt = app.receipts.of_visitor(visitor.id, purchase.id).await.unwrap();
    assert_eq!(receipt.amount.amount, 1_200);
    assert_eq!((receipt.payer.as_str(), receipt.seller.as_str()), (BOB, "A shop"));
    assert_eq!((receipt.title, receipt.refunded.amount), (page.title.clone(), 0));
    assert!(receipt.number.starts_with("ADA-"));
    let eve = app.visitor(&app.sign_in("eve@example.com").await).await;
    let foreign = app.receipts.of_visitor(eve.id, purchase.id).await;
    assert!(matches!(foreign, Err(ReceiptError::NotFound)));
    let gift = app.give(&shop, &page, "gift@example.com").await;
    let of_gift = app.receipts.of_visitor(gift.visitor.id, gift.grant.id).await;
    assert!(matches!(of_gift, Err(ReceiptError::NotFound)), "a gift has no receipt");
}

#[pollster::test]
async fn a_receipt_stays_as_it_was_when_its_seller_changes() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let name = &shop.handle.name;
    let change = async |title: &str, footer: &str| {
        let change = HandleChange {
            title: Some(title.to_owned()),
            mail_footer: Some(Some(footer.to_owned())),
            ..HandleChange::default()
        };
        app.handles.change(&shop.creator, name, change, &BasedOn::Any).await.unwrap();
    };
    change("Ada's books", "Street 1").await;
    let page = app.page(&shop, a_page().paid(900, "usd").published()).await;
    let bob = app.sign_in(BOB).await;
    let purchase = app.buy(&shop, &page, &bob).await;
    let receipt = async || app.receipts.of_visitor(purchase.visitor_id, purchase.id).await.unwrap();
    let before = receipt().await;
    assert_eq!((before.seller.as_str(), before.seller_text.as_deref()), SELLER);
    change("Eve's films", "Road 2").await;
    assert_eq!(receipt().await, before);
    app.deliver_mails().await;
    app.mailer.clear();
    app.receipts.resend_to_visitor(purchase.visitor_id, purchase.id).await.unwrap();
    app.deliver_mails().await;
    let told = app.mailer.sent_to(&email(BOB)).pop();
    let Some(MailContent::Receipt { seller, .. }) = told else { panic!("{told:?}") };
    assert_eq!(seller, SELLER.0);
    let mails = app.mailer.sent();
    let footers: Vec<_> = mails.iter().map(|mail| mail.signature.mail_footer.as_deref()).collect();
    assert_eq!(footers, [SELLER.1]);
}

#[pollster::test]
async fn a_receipt_by_mail_names_the_tax() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let change = HandleChange { automatic_tax: Some(true), ..HandleChange::default() };
    app.handles.change(&shop.creator, &shop.handle.name, change, &BasedOn::Any).await.unwrap();
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    let bob = app.sign_in(BOB).await;
    app.buy(&shop, &page, &bob).await;
    app.deliver_mails().await;
    let told = app.mailer.sent_to(&email(BOB)).pop();
    let Some(MailContent::Receipt { facts: Some(facts), .. }) = told else { panic!("{told:?}") };
    assert_eq!(facts.tax, Some(money(200, "usd")));
}

/// The events of the payment are late. The provider's clock may also be ahead.
#[pollster::test]
async fn a_receipt_has_the_time_at_which_it_was_paid() {
    for late in [7_200, -5] {
        let app = TestApp::new();
        let shop = app.shop("ada").await;
        let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
        let bob = app.sign_in(BOB).await;
        let started = app.start(&shop, &page, &bob).await.unwrap();
        let session = app.payments.session_at(&started.url).unwrap();
        app.payments.pay(&session).unwrap();
        let learnt_at = plus_seconds(app.clock.now(), 7_200);
        let said = plus_seconds(learnt_at, -late);
        app.payments.tamper(&session, |state| state.paid_at = Some(said));
        app.clock.advance_seconds(7_200);
        app.deliver_webhooks().await;
        let purchase = app.store.purchases().pop().unwrap();
        let paid_at = said.min(learnt_at);
        assert_eq!((purchase.paid_at, purchase.created_at), (Some(paid_at), learnt_at));
        let receipt = app.receipts.of_visitor(purchase.visitor_id, purchase.id).await.unwrap();
        assert_eq!(receipt.date, paid_at);
        app.deliver_mails().await;
        let told = app.mailer.sent_to(&email(BOB)).pop();
        let Some(MailContent::Receipt { facts: Some(facts), .. }) = told else {
            panic!("{told:?}")
        };
        assert_eq!(facts.date, paid_at);
        // What is known since when is as before.
        let fact = app.store.facts().into_iter().find(|fact| fact.kind == FactKind::Purchased);
        assert_eq!(fact.map(|fact| fact.at), Some(learnt_at));
    }
}

#[pollster::test]
async fn a_receipt_by_mail_says_what_the_bank_took_back() {
    let app = TestApp::new();
    let (.., bob) = shop_with_sale(&app).await;
    let purchase = app.store.purchases().pop().unwrap();
    let payment = purchase.payment.as_ref().unwrap().payment_intent.clone();
    let mailed = async || {
        app.mailer.clear();
        app.receipts.resend_to_visitor(purchase.visitor_id, purchase.id).await.unwrap();
        app.deliver_mails().await;
        let mut receipts = app.mailer.sent_to(&email(BOB)).into_iter().rev();
        let newest = receipts.find_map(|mail| match mail {
            MailContent::Receipt { facts, .. } => facts,
            _ => None,
        });
        let facts = newest.unwrap();
        (facts.refunded, facts.lost)
    };
    assert_eq!(mailed().await, (None, None));
    app.payments.refund_in_dashboard(&payment, 500).unwrap();
    app.deliver_webhooks().await;
    let dispute = app.payments.dispute_part(&payment, 700, DisputeProgress::Open).unwrap();
    app.deliver_webhooks().await;
    assert_eq!(mailed().await, (Some(money(500, "usd")), None));
    app.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    app.deliver_webhooks().await;
    let both = (Some(money(500, "usd")), Some(money(700, "usd")));
    assert_eq!(mailed().await, both);
    let visitor = app.visitor(&bob).await.id;
    let receipt = app.receipts.of_visitor(visitor, purchase.id).await.unwrap();
    assert_eq!((Some(receipt.refunded), Some(receipt.lost)), both);
}

#[pollster::test]
async fn a_receipt_is_mailed_once_more_by_its_seller_only() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    let purchase = app.store.purchases().pop().unwrap();
    app.receipts.resend(&shop.creator, &shop.handle.name, purchase.id).await.unwrap();
    let receipts = app.mails_to(BOB).await.into_iter().filter(|kind| *kind == "receipt").count();
    assert_eq!(receipts, 2);
    let eve = app.shop("eve").await;
    let foreign = app.receipts.resend(&eve.creator, &eve.handle.name, purchase.id).await;
    assert!(matches!(foreign, Err(ReceiptError::NotFound)));
}

#[pollster::test]
async fn each_receipt_is_mailed_three_times_more_in_a_day() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let bob = app.sign_in(BOB).await;
    let mut bought = Vec::new();
    for number in 0..4 {
        let page = a_page().slug(&format!("page-{number}")).paid(900, "usd").published();
        let page = app.page(&shop, page).await;
        bought.push(app.buy(&shop, &page, &bob).await);
    }
    let again = async |purchase: &Purchase| {
        app.receipts.resend_to_visitor(purchase.visitor_id, purchase.id).await
    };
    for purchase in &bought {
        for _ in 0..3 {
            again(purchase).await.unwrap();
        }
        let limited = again(purchase).await;
        assert!(matches!(limited, Err(ReceiptError::Mail(MailWriteError::Limited { .. }))));
    }
    app.clock.advance_seconds(24 * 3600);
    again(&bought[0]).await.unwrap();
}

#[pollster::test]
async fn a_purchase_is_shown_to_its_seller_only() {
    let app = TestApp::new();
    let (shop, page, _) = shop_with_sale(&app).await;
    let purchase = app.store.purchases().pop().unwrap();
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let sold = app.receipts.purchase(creator, name, purchase.id).await.unwrap();
    assert_eq!((sold.email.as_str(), &sold.slug, &sold.title), (BOB, &page.slug, &page.title));
    let gift = app.give(&shop, &page, "gift@example.com").await.grant;
    let given = app.receipts.purchase(creator, name, gift.id).await.unwrap();
    assert_eq!(given.purchase.payment, None);
    let eve = app.shop("eve").await;
    let foreign = app.receipts.purchase(&eve.creator, &eve.handle.name, purchase.id).await;
    assert!(matches!(foreign, Err(ReceiptError::NotFound)));
    let foreign = app.receipts.purchase(&eve.creator, name, purchase.id).await;
    assert!(matches!(foreign, Err(ReceiptError::HandleNotFound)));
}
