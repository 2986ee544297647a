//! The proof that an address is its creator's.

use super::signed_up;
use crate::{console_browser::Browser, support::TestApp};

#[actix_web::test]
async fn address_is_proved_by_a_button_and_not_by_opening_the_link() {
    let app = TestApp::new();
    let ada = signed_up(&app).await;
    let banner = "Please confirm your address";
    assert!(ada.get("/account").await.body.contains(banner));
    let token = app.mailed_token("ada@example.com").await;
    let phone = Browser::new(&app);
    for _ in 0..2 {
        let look = phone.get(&format!("/verify-email?token={token}")).await;
        assert!(look.body.contains(&format!("name=\"token\" value=\"{token}\"")));
        assert!(ada.get("/account").await.body.contains(banner));
    }
    for _ in 0..2 {
        let done = phone.submit("/verify-email", &[("token", &token)]).await;
        assert!(done.body.contains("ada@example.com is confirmed."), "{}", done.body);
    }
    assert!(!ada.get("/account").await.body.contains(banner));
    let again = phone.get(&format!("/verify-email?token={token}")).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, "/sign-in"));
    assert!(phone.follow(again).await.body.contains("ada@example.com is confirmed."));
    for token in ["x", ""] {
        let opened = phone.get(&format!("/verify-email?token={token}")).await;
        let pressed = phone.post("/verify-email", &[("token", token)]).await;
        for broken in [opened, pressed] {
            assert_eq!(broken.status, 422);
            assert!(broken.body.contains("This link is not valid"));
            assert!(!broken.body.contains("name=\"token\""));
        }
    }
}

#[actix_web::test]
async fn link_that_is_too_old_to_prove_an_address_says_so_when_it_is_opened() {
    let app = TestApp::new();
    signed_up(&app).await;
    let token = app.mailed_token("ada@example.com").await;
    app.domain.clock.advance_seconds(24 * 3600);
    let reply = Browser::new(&app).get(&format!("/verify-email?token={token}")).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("This link has expired"), "{}", reply.body);
}

#[actix_web::test]
async fn link_is_mailed_again_but_not_without_end() {
    let app = TestApp::new();
    let ada = signed_up(&app).await;
    let mut told = Vec::new();
    for _ in 0..6 {
        let reply = ada.submit("/verify-email/resend", &[]).await;
        told.push(reply.body.contains("We mailed another link to ada@example.com."));
    }
    assert!(told[0] && !told[5], "{told:?}");
    let refused = ada.submit("/verify-email/resend", &[]).await.body;
    let wait = "<p class=\"notice refusal\" role=\"alert\">We have just mailed you a link.";
    assert!(refused.contains(wait), "{refused}");
    assert!(!refused.contains("<p class=\"notice\">"), "{refused}");
}

#[actix_web::test]
async fn link_is_mailed_again_from_a_tab_of_its_own_so_that_what_was_typed_stays() {
    let app = TestApp::new();
    let ada = signed_up(&app).await;
    let screen = ada.get("/new-handle").await.body;
    let form = "<form method=\"post\" action=\"/verify-email/resend?tab=new\" target=\"_blank\">";
    assert!(screen.contains(form), "{screen}");
    assert!(screen.contains(">Mail the link again (opens in a new tab)</button>"), "{screen}");
    let sent = ada.post("/verify-email/resend?tab=new", &[]).await;
    assert_eq!(sent.header("location"), "/account");
    assert!(ada.follow(sent).await.body.contains("What you typed is still in the tab before."));
}
