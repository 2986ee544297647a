//! The decision on the screen of a person who had a page that is closed now.

use tollgate_domain::{
    payments::{DisputeId, DisputeProgress},
    token::Token,
};
use tollgate_domain_testing::email;

use super::BOB;
use crate::{
    console_browser::{APP, Browser},
    sale::Sale,
};

impl Sale {
    async fn dispute(&self) -> DisputeId {
        let payment = self.bought().await.payment.unwrap().payment_intent;
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
    let sale = Sale::new().await;
    sale.bought().await;
    let bob = sale.app.domain.visitor(&sale.bob).await;
    sale.app.domain.refund(&sale.shop, &sale.page, &bob).await.unwrap();
    sale.tells(
        "This person bought it, and the payment was refunded",
        "die Zahlung wurde erstattet",
    )
    .await;
}

#[actix_web::test]
async fn purchase_that_is_disputed_or_lost_is_called_that() {
    let sale = Sale::new().await;
    let dispute = sale.dispute().await;
    sale.tells("and the bank disputes the payment, so it", "die Bank ficht die Zahlung an, also")
        .await;
    sale.app.domain.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    sale.app.domain.deliver_webhooks().await;
    sale.tells("the bank gave the money back after a dispute", "nach einer Anfechtung").await;
}

#[actix_web::test]
async fn gift_that_was_taken_back_is_called_that() {
    let sale = Sale::new().await;
    let (domain, name) = (&sale.app.domain, &sale.shop.handle.name);
    let gift = domain.give(&sale.shop, &sale.page, "bob@example.com").await.grant.id;
    domain.grants.revoke(&sale.shop.creator, name, &sale.page.slug, gift).await.unwrap();
    sale.tells("and the gift was taken back", "das Geschenk wurde zurückgenommen").await;
}

#[actix_web::test]
async fn payment_that_does_not_match_or_failed_is_called_that() {
    let sale = Sale::new().await;
    let session = sale.opened().await;
    sale.app.pay_another_amount(&session).await;
    sale.tells("the payment does not match its order, so", "passt nicht zu ihrer Bestellung").await;

    let sale = Sale::new().await;
    let session = sale.opened().await;
    sale.app.pay_later(&session).await;
    sale.app.domain.payments.fail_payment(&session);
    sale.app.domain.deliver_webhooks().await;
    sale.tells("but the payment failed, so it opened", "aber die Zahlung ist fehlgeschlagen").await;
}

/// The order is that of what the gate tells.
#[actix_web::test]
async fn payment_that_was_left_unmatched_yields_to_what_happened_since() {
    const UNMATCHED: [&str; 2] =
        ["the payment does not match its order, so", "passt nicht zu ihrer Bestellung"];
    let left = async || {
        let sale = Sale::new().await;
        let session = sale.opened().await;
        sale.app.pay_another_amount(&session).await;
        sale.app.domain.clock.advance_seconds(4 * 86_400);
        let [english, german] = UNMATCHED;
        sale.tells(english, german).await;
        sale
    };
    let sale = left().await;
    let session = sale.opened().await;
    sale.app.pay_later(&session).await;
    sale.app.domain.payments.fail_payment(&session);
    sale.app.domain.deliver_webhooks().await;
    sale.tells("but the payment failed, so it opened", "aber die Zahlung ist fehlgeschlagen").await;

    let sale = left().await;
    let dispute = sale.dispute().await;
    sale.app.domain.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    sale.app.domain.deliver_webhooks().await;
    sale.tells("the bank gave the money back after a dispute", "nach einer Anfechtung").await;
}

#[actix_web::test]
async fn purchase_that_moved_to_another_address_is_called_that() {
    let sale = Sale::new().await;
    sale.bought().await;
    let (moves, name) = (&sale.app.domain.moves, &sale.shop.handle.name);
    let to = email("rob@example.net");
    moves.request(&sale.shop.creator, name, email("bob@example.com"), to).await.unwrap();
    let token = sale.app.mailed_token("rob@example.net").await;
    moves.confirm(&token.parse::<Token>().unwrap()).await.unwrap();
    sale.tells("What this person had of it is at another", "gehört seit dem Wechsel").await;
}
