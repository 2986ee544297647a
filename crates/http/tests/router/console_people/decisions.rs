//! The decision on the screen of a person who had a page that is closed now.

use tollgate_domain::{
    access::Purchase,
    creators::Page,
    payments::{DisputeId, DisputeProgress},
    token::Token,
};
use tollgate_domain_testing::{Shop, email};

use super::BOB;
use crate::{
    console_browser::{APP, Browser},
    support::TestApp,
};

/// A shop, its page, and Bob.
struct Desk {
    app: TestApp,
    shop: Shop,
    page: Page,
    bob: Token,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::new();
        let shop = app.shop().await;
        let page = app.page(&shop, "guide").await;
        let bob = app.domain.sign_in("bob@example.com").await;
        Self { app, shop, page, bob }
    }

    async fn buy(&self) -> Purchase {
        self.app.domain.buy(&self.shop, &self.page, &self.bob).await
    }

    async fn dispute(&self) -> DisputeId {
        let payment = self.buy().await.payment.unwrap().payment_intent;
        let dispute = self.app.domain.payments.dispute(&payment, DisputeProgress::Open).unwrap();
        self.app.domain.deliver_webhooks().await;
        dispute
    }

    /// Expects a sentence about Bob in English and in German, and not the one about who never had the page.
    async fn tells(&self, english: &str, german: &str) {
        let cookies = Browser::of(&self.app, "ada").await.cookies();
        let path = format!("{BOB}&about=page.guide");
        for (language, told) in [("en", english), ("de", german)] {
            let call = self.app.get(APP, &path).with("cookie", &cookies);
            let body = call.with("accept-language", language).send().await.body;
            assert!(body.contains(told), "{told}: {body}");
            for never in ["no purchase or gift that counts", "keinen Kauf und kein Geschenk"] {
                assert!(!body.contains(never), "{never}: {body}");
            }
        }
    }
}

#[actix_web::test]
async fn purchase_that_was_refunded_is_called_that() {
    let desk = Desk::new().await;
    desk.buy().await;
    let bob = desk.app.domain.visitor(&desk.bob).await;
    desk.app.domain.refund(&desk.shop, &desk.page, &bob).await.unwrap();
    desk.tells(
        "This person bought it, and the payment was refunded",
        "die Zahlung wurde erstattet",
    )
    .await;
}

#[actix_web::test]
async fn purchase_that_is_disputed_or_lost_is_called_that() {
    let desk = Desk::new().await;
    let dispute = desk.dispute().await;
    desk.tells("and the bank disputes the payment, so it", "die Bank ficht die Zahlung an, also")
        .await;
    desk.app.domain.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    desk.app.domain.deliver_webhooks().await;
    desk.tells("the bank gave the money back after a dispute", "nach einer Anfechtung").await;
}

#[actix_web::test]
async fn gift_that_was_taken_back_is_called_that() {
    let desk = Desk::new().await;
    let (domain, name) = (&desk.app.domain, &desk.shop.handle.name);
    let gift = domain.give(&desk.shop, &desk.page, "bob@example.com").await.grant.id;
    domain.grants.revoke(&desk.shop.creator, name, &desk.page.slug, gift).await.unwrap();
    desk.tells("and the gift was taken back", "das Geschenk wurde zurückgenommen").await;
}

#[actix_web::test]
async fn payment_that_does_not_match_or_failed_is_called_that() {
    let desk = Desk::new().await;
    let session = desk.app.opened(&desk.shop, &desk.page, &desk.bob).await;
    desk.app.pay_another_amount(&session).await;
    desk.tells("the payment does not match its order, so", "passt nicht zu ihrer Bestellung").await;

    let desk = Desk::new().await;
    let session = desk.app.opened(&desk.shop, &desk.page, &desk.bob).await;
    desk.app.pay_later(&session).await;
    desk.app.domain.payments.fail_payment(&session);
    desk.app.domain.deliver_webhooks().await;
    desk.tells("but the payment failed, so it opened", "aber die Zahlung ist fehlgeschlagen").await;
}

/// The order is that of what the gate tells.
#[actix_web::test]
async fn payment_that_was_left_unmatched_yields_to_what_happened_since() {
    const UNMATCHED: [&str; 2] =
        ["the payment does not match its order, so", "passt nicht zu ihrer Bestellung"];
    let left = async || {
        let desk = Desk::new().await;
        let session = desk.app.opened(&desk.shop, &desk.page, &desk.bob).await;
        desk.app.pay_another_amount(&session).await;
        desk.app.domain.clock.advance_seconds(4 * 86_400);
        let [english, german] = UNMATCHED;
        desk.tells(english, german).await;
        desk
    };
    let desk = left().await;
    let session = desk.app.opened(&desk.shop, &desk.page, &desk.bob).await;
    desk.app.pay_later(&session).await;
    desk.app.domain.payments.fail_payment(&session);
    desk.app.domain.deliver_webhooks().await;
    desk.tells("but the payment failed, so it opened", "aber die Zahlung ist fehlgeschlagen").await;

    let desk = left().await;
    let dispute = desk.dispute().await;
    desk.app.domain.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    desk.app.domain.deliver_webhooks().await;
    desk.tells("the bank gave the money back after a dispute", "nach einer Anfechtung").await;
}

#[actix_web::test]
async fn purchase_that_moved_to_another_address_is_called_that() {
    let desk = Desk::new().await;
    desk.buy().await;
    let (moves, name) = (&desk.app.domain.moves, &desk.shop.handle.name);
    let to = email("rob@example.net");
    moves.request(&desk.shop.creator, name, email("bob@example.com"), to).await.unwrap();
    let token = desk.app.mailed_token("rob@example.net").await;
    moves.confirm(&token.parse::<Token>().unwrap()).await.unwrap();
    desk.tells("What this person had of it is at another", "gehört seit dem Wechsel").await;
}
