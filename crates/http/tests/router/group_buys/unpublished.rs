//! A group buy whose page is not published any more, as those find it who have joined.

use tollgate_domain::{
    creators::{PageChange, PageStatus},
    payments::DisputeProgress,
    token::Token,
};

use super::{Group, PAGE, together};
use crate::{site_browser::Window, support::ADA};

async fn set(group: &Group, status: PageStatus) {
    let change = PageChange { status: Some(status), ..PageChange::default() };
    group.app.domain.change(&group.shop, &group.page, change).await;
}

async fn shown(group: &Group, who: &Token, language: &'static str) -> String {
    let window = Window::of(&group.app, ADA, who).speaking(language);
    let page = window.get(PAGE).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.body
}

#[actix_web::test]
async fn buyer_is_led_to_the_archived_page() {
    let (group, bob) = Box::pin(Group::activated()).await;
    let window = Window::of(&group.app, ADA, &bob);
    let hosted = window.begin_to_pay(PAGE).await;
    let payment = group.app.domain.payments.pay(&hosted).unwrap();
    group.app.domain.deliver_webhooks().await;
    set(&group, PageStatus::Archived).await;
    assert_eq!(window.get("/guide").await.status, 200);
    for (language, owned, closed) in [
        ("en", "You have it already:", "nothing to join"),
        ("de", "Sie haben es schon:", "nicht mehr mitmachen"),
    ] {
        let page = shown(&group, &bob, language).await;
        let link = format!("<p>{owned} <a href=\"/guide\">");
        assert!(page.contains(&link) && !page.contains(closed), "{page}");
        assert_eq!(page.matches("href=\"/guide\"").count(), 2, "it is named above: {page}");
    }

    group.app.domain.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    group.app.domain.deliver_webhooks().await;
    assert_eq!(window.get("/guide").await.status, 404);
    for (language, told) in [("en", "Your access is paused"), ("de", "Ihr Zugang ruht")] {
        let page = shown(&group, &bob, language).await;
        assert!(page.contains(told) && !page.contains("href=\"/guide"), "{page}");
    }
}

#[actix_web::test]
async fn payment_on_its_way_to_an_archived_page_is_told() {
    let (group, bob) = Box::pin(Group::activated()).await;
    let window = Window::of(&group.app, ADA, &bob);
    let hosted = window.begin_to_pay(PAGE).await;
    group.app.domain.payments.pay_later(&hosted).unwrap();
    group.app.domain.deliver_webhooks().await;
    set(&group, PageStatus::Archived).await;
    for (language, heading, told, closed) in [
        ("en", "Your access", "Your payment is on its way", "nothing to join"),
        ("de", "Ihr Zugang", "Ihre Zahlung ist unterwegs", "nicht mehr mitmachen"),
    ] {
        let page = shown(&group, &bob, language).await;
        assert!(page.contains(&format!("<h2 id=\"gate\">{heading}</h2>")), "{page}");
        assert!(page.contains(told) && !page.contains(closed), "{page}");
        assert!(!page.contains("href=\"/guide"), "the page is not found yet: {page}");
    }
}

#[actix_web::test]
async fn price_of_a_draft_is_not_shown_to_who_has_joined() {
    let group = Group::new(&together()).await;
    let bob = group.app.domain.sign_in("bob@example.com").await;
    group.join(&bob, 2).await;
    for (status, is_shown) in [(PageStatus::Published, true), (PageStatus::Draft, false)] {
        set(&group, status).await;
        for (language, regular) in [("en", "Instead of $12.00."), ("de", "Statt 12,00\u{a0}$.")] {
            let page = shown(&group, &bob, language).await;
            assert_eq!(page.contains(regular), is_shown, "{page}");
            assert!(is_shown || !page.contains("12.00") && !page.contains("12,00"), "{page}");
        }
    }
}

/// It was open before the page was taken back.
#[actix_web::test]
async fn stale_form_leads_who_has_joined_to_what_is_left() {
    let group = Group::new(&together()).await;
    let domain = &group.app.domain;
    let (bob, eve) =
        (domain.sign_in("bob@example.com").await, domain.sign_in("eve@example.com").await);
    group.join(&bob, 3).await;
    set(&group, PageStatus::Draft).await;
    let (interest, checkout) = (format!("{PAGE}/interest"), format!("{PAGE}/checkout"));
    let join: [(&str, &str); 2] = [("quantity", "2"), ("do", "join")];
    for (path, fields) in [(&interest, &join[..]), (&checkout, &join[..0])] {
        for (language, state) in
            [("en", "not for sale any more"), ("de", "Die Seite wird nicht mehr verkauft.")]
        {
            let window = Window::of(&group.app, ADA, &bob).speaking(language);
            let page = window.submit(path, fields).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(page.body.contains(state), "{path}: {}", page.body);
            assert!(page.body.contains("value=\"leave\""), "{path}: {}", page.body);
        }
        let stranger = Window::of(&group.app, ADA, &eve);
        assert_eq!(stranger.post(path, fields).await.status, 404, "{path}");
    }
    let window = Window::of(&group.app, ADA, &bob);
    let back = window.follow(window.get(&format!("{PAGE}/cancelled")).await).await;
    assert_eq!(back.status, 200, "{back:?}");
    assert!(!back.body.contains("can buy whenever"), "{}", back.body);
}
