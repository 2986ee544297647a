//! The page behind the link of a change of address.

use tollgate_domain::{creators::HandleChange, version::BasedOn};
use tollgate_domain_testing::{Shop, a_page, email};

use crate::{
    site_browser::Window,
    support::{ADA, ROOT, TestApp},
};

const BOB: &str = "bob@example.com";

/// Gives Bob a page, which Rob's address is asked to take over, and returns the token of the link to it.
async fn gift_is_to_move(app: &TestApp, shop: &Shop) -> String {
    let page = app.domain.page(shop, a_page().paid(1_200, "usd").published()).await;
    app.domain.give(shop, &page, BOB).await;
    let (name, rob) = (&shop.handle.name, email("rob@example.com"));
    app.domain.moves.request(&shop.creator, name, email(BOB), rob).await.unwrap();
    app.mailed_token("rob@example.com").await
}

#[actix_web::test]
async fn link_that_has_moved_what_was_bought_still_leads_to_the_shop() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = gift_is_to_move(&app, &shop).await;
    let window = Window::new(&app, ROOT);
    let form = [("token", &*token)];
    let link = format!("/-/move?token={token}");
    let bob = Window::of(&app, ROOT, &app.domain.sign_in(BOB).await);
    let asked = bob.get(&link).await.body;
    assert!(asked.contains("You are bob@example.com.") && !asked.contains("Sign in"), "{asked}");
    let confirm = || window.post("/-/move", &form);
    let shop = format!("href=\"http://{ADA}/\"");
    for pressed in [confirm().await, confirm().await] {
        assert_eq!((pressed.status.as_u16(), pressed.header("location")), (303, &*link));
        let done = window.follow(pressed).await;
        assert!(done.status == 200 && done.body.contains("It has moved"), "{done:?}");
        assert!(done.body.contains(&shop) && !done.body.contains("rob@example.com"), "{done:?}");
    }
    let rob = Window::of(&app, ROOT, &app.domain.sign_in("rob@example.com").await);
    let own = rob.get(&link).await.body;
    assert!(own.contains("is under rob@example.com now. You are signed in"), "{own}");
    let unknown = window.get("/-/move?token=x").await;
    assert!(!unknown.body.contains("Go to the shop"), "{}", unknown.body);
}

#[actix_web::test]
async fn used_link_to_move_does_not_say_where_things_are_that_have_moved_on() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = gift_is_to_move(&app, &shop).await;
    let window = Window::new(&app, ROOT);
    window.post("/-/move", &[("token", &token)]).await;
    app.domain.clock.advance_seconds(60);
    let (name, rob) = (&shop.handle.name, email("rob@example.com"));
    app.domain.moves.request(&shop.creator, name, rob, email(BOB)).await.unwrap();
    let back = app.mailed_token(BOB).await;
    window.post("/-/move", &[("token", &back)]).await;
    let pressed = window.post("/-/move", &[("token", &token)]).await;
    let used = window.follow(pressed).await;
    assert_eq!(used.status, 401, "{used:?}");
    for told in ["This link was used already", "has moved once more since", "Go to the shop"] {
        assert!(used.body.contains(told), "{told}: {}", used.body);
    }
    assert!(!used.body.contains("r•••@") && !used.body.contains("It has moved"), "{used:?}");
    let done = window.get(&format!("/-/move?token={back}")).await;
    assert!(done.status == 200 && done.body.contains("is under b•••@example.com now"), "{done:?}");
}

#[actix_web::test]
async fn link_to_move_that_is_of_no_use_names_the_seller_only_if_there_is_an_address() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = gift_is_to_move(&app, &shop).await;
    let window = Window::new(&app, ROOT);
    app.domain.clock.advance_seconds(8 * 24 * 3_600);
    let expired = async || window.get(&format!("/-/move?token={token}")).await.body;
    let alone = expired().await;
    assert!(alone.contains("good for a limited time") && !alone.contains("write to"), "{alone}");
    let support_email = Some(Some(email("help@example.com")));
    let change = HandleChange { support_email, ..HandleChange::default() };
    app.domain
        .handles
        .change(&shop.creator, &shop.handle.name, change, &BasedOn::Any)
        .await
        .unwrap();
    let named = expired().await;
    let address = "<a href=\"mailto:help@example.com\">help@example.com</a>";
    assert!(named.contains(&format!("To get a new one, write to {address}.")), "{named}");
    let cut = window.get("/-/move?token=x").await.body;
    assert!(cut.contains("Open the whole link from the mail"), "{cut}");
}

#[actix_web::test]
async fn link_to_move_that_does_not_count_any_more_says_why_and_moves_nothing() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = gift_is_to_move(&app, &shop).await;
    let (name, right) = (&shop.handle.name, email("robert@example.com"));
    app.domain.moves.request(&shop.creator, name, email(BOB), right).await.unwrap();
    let window = Window::new(&app, ROOT);
    let looked = window.get(&format!("/-/move?token={token}")).await;
    let pressed = window.post("/-/move", &[("token", &token)]).await;
    for refused in [looked, pressed] {
        assert_eq!(refused.status, 401, "{refused:?}");
        let why =
            "It does not count any more: another link was confirmed, another address was named";
        assert!(refused.body.contains("This link is not valid"), "{}", refused.body);
        assert!(
            refused.body.contains(why) && !refused.body.contains("Move it"),
            "{}",
            refused.body
        );
    }
    let right = app.mailed_token("robert@example.com").await;
    let moved = window.post("/-/move", &[("token", &right)]).await;
    assert!(window.follow(moved).await.body.contains("It has moved"));
}
