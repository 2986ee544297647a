//! What the forms for buyers say about bad input: a message beside the field, and what was typed is kept.

use tollgate_domain_testing::{a_group_buy, a_page};

use crate::{
    site_browser::Window,
    support::{ADA, TestApp},
};

const BOB: &str = "bob@example.com";
/// Markup, an emoji, and words from right to left.
const ODD: &str = "\"><script>alert('x')</script>&amp; 🌱 مرحبا";

/// A text as it is written in an attribute.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;");
    text.replace('"', "&#34;").replace('\'', "&#39;")
}

/// The program with a group buy of a page.
async fn app() -> TestApp {
    let app = TestApp::new();
    let shop = app.shop().await;
    let sold = app.domain.page(&shop, a_page().slug("sold").paid(1_200, "usd").published()).await;
    let together = a_group_buy(&sold).slug("together").target(5).new_group_buy();
    app.domain.group_buys.create(&shop.creator, &shop.handle.name, together).await.unwrap();
    app
}

#[actix_web::test]
async fn address_that_is_none_is_named_beside_its_field_and_kept() {
    let app = app().await;
    let window = Window::new(&app, ADA);
    let (empty, wrong) = ("Enter your e-mail address.", "This is not an e-mail address.");
    let long = "x".repeat(10_000);
    for (place, on) in [("/guide", "page"), ("/-/group-buys/together", "page"), ("/guide", "")] {
        for (typed, error) in [("", empty), (" ", empty), (&*long, wrong), (ODD, wrong)] {
            let fields = [("email", typed), ("returnTo", place), ("on", on)];
            let page = window.post("/-/sign-in", &fields).await;
            assert_eq!(page.status, 422, "{place}");
            for part in [
                "<title>Error: ",
                &format!("id=\"email-error\">{error}"),
                &format!(
                    "value=\"{}\" aria-describedby=\"email-hint email-error\" aria-invalid=\"true\"",
                    escaped(typed)
                ),
                &format!("name=\"returnTo\" value=\"{place}\""),
            ] {
                assert!(page.body.contains(part), "{part}: {}", page.body);
            }
            assert!(!page.body.contains("<script>alert"), "{}", page.body);
            assert_eq!(page.body.contains("id=\"gate\""), on == "page", "{}", page.body);
        }
    }
}

#[actix_web::test]
async fn code_that_is_none_is_named_beside_its_field_and_the_rest_is_kept() {
    let app = app().await;
    let window = Window::new(&app, ADA);
    window.submit("/-/sign-in", &[("email", BOB), ("returnTo", "/guide")]).await;
    let long = "1".repeat(10_000);
    let (wrong, none) = ("This is not the code in the newest mail", "The code has six digits.");
    for (typed, error) in [
        ("", "Enter the six digits from the mail."),
        (&*long, none),
        (ODD, none),
        ("12345", none),
        ("12", none),
        ("abc", none),
        ("🎉", none),
        ("<b>x</b>", none),
        ("1234567", none),
        ("\u{202e}١٢٣٤٥٦", wrong),
    ] {
        let fields = [("email", BOB), ("returnTo", "/guide"), ("code", typed)];
        let page = window.post("/-/code", &fields).await;
        assert_eq!(page.status, 401, "{typed}");
        for part in [
            "<title>Error: ",
            &format!("id=\"code-error\">{error}"),
            "aria-invalid=\"true\" aria-describedby=\"code-error\"",
            "name=\"email\" value=\"bob@example.com\"",
            "name=\"returnTo\" value=\"/guide\"",
        ] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        let kept: String = typed.chars().take(20).collect();
        let is_kept = page.body.contains(&format!("required value=\"{}\"", escaped(&kept)));
        // A code is good once, so a wrong one is not shown again.
        assert_eq!(is_kept, error == none, "{typed}: {}", page.body);
        assert!(error == none || typed.is_empty() || !page.body.contains(typed), "{}", page.body);
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
    }
    let page = window.post("/-/code", &[("email", ODD), ("returnTo", ODD), ("code", "1")]).await;
    assert_eq!(page.status, 401);
    assert!(page.body.contains(&format!("value=\"{}\"", escaped(ODD))), "{}", page.body);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    // A malformed code never counts as a try, however often it is sent.
    for _ in 0..20 {
        window.post("/-/code", &[("email", BOB), ("code", "12345")]).await;
    }
    // None of that used up the code.
    app.domain.deliver_mails().await;
    let (_, code) = app.domain.link_mailed_to(BOB);
    let (left, right) = code.reveal().split_at(3);
    // The whole subject of the mail, which the browser must not cut before the code.
    let pasted = format!("Sign in to A shop: code {left} {right}");
    let field = window.get("/-/code").await.body;
    assert!(field.contains("name=\"code\"") && !field.contains("maxlength"), "{field}");
    let fields = [("email", BOB), ("returnTo", "/guide"), ("code", &*pasted)];
    assert_eq!(window.post("/-/code", &fields).await.status, 303);
}

#[actix_web::test]
async fn quantity_that_is_none_is_named_beside_its_field_and_kept() {
    let app = app().await;
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &session);
    let long = "9".repeat(10_000);
    for typed in ["", "0", "101", "1.5", "-3", &*long, ODD] {
        let fields = [("quantity", typed), ("do", "join")];
        let page = window.post("/-/group-buys/together/interest", &fields).await;
        assert_eq!(page.status, 422, "{typed}");
        // Nobody finds a mistake in more than that.
        let kept: String = typed.chars().take(20).collect();
        for part in [
            "<title>Error: ",
            "id=\"quantity-error\">Choose a whole number from 1 to 100.",
            &format!(
                "value=\"{}\" aria-describedby=\"quantity-hint quantity-error\" aria-invalid=\"true\"",
                escaped(&kept)
            ),
        ] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        assert!(!page.body.contains("<script>"), "{}", page.body);
    }
}

/// A visitor who has joined can want what is left and what is the own already.
#[actix_web::test]
async fn quantity_goes_up_to_the_room_that_is_left() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let sold = app.domain.page(&shop, a_page().slug("sold").paid(1_200, "usd").published()).await;
    let small = a_group_buy(&sold).slug("small").target(2).most(6).new_group_buy();
    app.domain.group_buys.create(&shop.creator, &shop.handle.name, small).await.unwrap();
    let bob = Window::of(&app, ADA, &app.domain.sign_in(BOB).await);
    let carol = Window::of(&app, ADA, &app.domain.sign_in("carol@example.com").await);
    let interest = "/-/group-buys/small/interest";
    let offers = async |window: &Window<'_>, most: &str, hint: &str| {
        let page = window.get("/-/group-buys/small").await.body;
        assert!(page.contains(&format!("min=\"1\" max=\"{most}\"")), "{most}: {page}");
        assert!(page.contains(hint), "{hint}: {page}");
    };
    offers(&bob, "6", "1 to 6; it counts").await;
    bob.submit(interest, &[("quantity", "3"), ("do", "join")]).await;
    offers(&bob, "6", "1 to 6; it counts").await;
    offers(&carol, "3", "1 to 3; it counts").await;
    let refused = carol.post(interest, &[("quantity", "x"), ("do", "join")]).await;
    let told = "id=\"quantity-error\">Choose a whole number from 1 to 3.";
    assert!(refused.status == 422 && refused.body.contains(told), "{}", refused.body);
    carol.submit(interest, &[("quantity", "2"), ("do", "join")]).await;
    offers(&bob, "4", "1 to 4; it counts").await;
    let dave = Window::of(&app, ADA, &app.domain.sign_in("dave@example.com").await);
    offers(&dave.speaking("de"), "1", "Es ist noch Platz für 1; die Menge").await;
}

#[actix_web::test]
async fn far_too_much_is_told_the_limit_and_leads_back_to_the_form() {
    let app = app().await;
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &session);
    let far_too_much = "x".repeat(600 * 1024);
    for (path, field) in [
        ("/-/sign-in", "email"),
        ("/-/code", "code"),
        ("/-/group-buys/together/interest", "quantity"),
    ] {
        let page = window.post(path, &[(field, &*far_too_much)]).await;
        assert_eq!(page.status, 413, "{path}");
        assert!(page.body.contains("larger than 64\u{a0}KiB"), "{}", page.body);
        let link = format!("<a href=\"{path}\">Back to the page</a>");
        assert!(page.body.contains(&link), "{link}: {}", page.body);
        assert_eq!(window.follow(window.get(path).await).await.status, 200, "{path}");
    }
}
