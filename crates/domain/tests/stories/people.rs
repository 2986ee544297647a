//! What a creator does for a person: a change of address, a receipt or a mail once more.

mod ended_moves;
mod lists;
mod mails;
mod moved_payments;
mod moves;
mod receipts;

use tollgate_domain::{creators::Page, mail::MailContent, token::Token};
use tollgate_domain_testing::{Shop, TestApp, a_page, email};

use crate::BOB;

pub(crate) const ROB: &str = "rob@example.com";

async fn shop_with_page(app: &TestApp) -> (Shop, Page) {
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
    (shop, page)
}

async fn shop_with_sale(app: &TestApp) -> (Shop, Page, Token) {
    let (shop, page) = shop_with_page(app).await;
    let bob = app.sign_in(BOB).await;
    app.buy(&shop, &page, &bob).await;
    (shop, page, bob)
}

pub(crate) async fn asked(app: &TestApp, shop: &Shop) -> Token {
    asked_for(app, shop, BOB, ROB).await
}

/// Asks for the same change of address twice, with a minute between, and returns the tokens of both links.
async fn asked_twice(app: &TestApp, shop: &Shop) -> [Token; 2] {
    let first = asked(app, shop).await;
    app.clock.advance_seconds(60);
    [first, asked(app, shop).await]
}

/// Asks for a change of address, and returns the token of the link in the mail.
pub(crate) async fn asked_for(app: &TestApp, shop: &Shop, from: &str, to: &str) -> Token {
    app.moves.request(&shop.creator, &shop.handle.name, email(from), email(to)).await.unwrap();
    app.deliver_mails().await;
    let mails = app.mailer.sent_to(&email(to)).into_iter().rev();
    let mut links = mails.filter_map(|content| match content {
        MailContent::ConfirmMove { link, .. } => Some(link.0),
        _ => None,
    });
    links.next().unwrap().split_once("?token=").unwrap().1.parse().unwrap()
}
