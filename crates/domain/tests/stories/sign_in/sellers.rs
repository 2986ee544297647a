//! Whom a sign-in mail names as the seller.

use tollgate_domain::{
    creators::HandleChange, mail::MailContent, version::BasedOn, visitor_auth::LinkRequest,
};
use tollgate_domain_testing::{Shop, TestApp, a_page, email};

use super::request;
use crate::BOB;

/// Visitors who ask on the root host want to see something of a seller, too.
#[pollster::test]
async fn the_mail_says_who_sells_where_the_visitor_wants_to_go() {
    let app = TestApp::new();
    let (ada, eve) = (app.shop("ada").await, app.shop("eve").await);
    let page = app.page(&ada, a_page().paid(1_200, "usd").published()).await;
    let register = async |shop: &Shop, origins: &[&str]| {
        let origins = origins.iter().map(|origin| origin.parse().unwrap()).collect();
        let (title, frontend_origins) =
            (Some(format!("Shop of {}", shop.handle.name)), Some(origins));
        let change = HandleChange { title, frontend_origins, ..HandleChange::default() };
        app.handles.change(&shop.creator, &shop.handle.name, change, &BasedOn::Any).await.unwrap();
    };
    register(&ada, &["https://ada.example", "https://both.example"]).await;
    register(&eve, &["https://both.example"]).await;
    let guide = format!("http://ada.tollgate.localhost:8080/{}", page.slug);
    for (return_to, named, titled, leads_to) in [
        (Some(&*guide), Some("Shop of ada"), Some(&*page.title), "ada."),
        (Some("https://ada.example/read"), Some("Shop of ada"), None, ""),
        (Some("https://both.example/read"), None, None, ""),
        (Some("/access"), None, None, ""),
        (None, None, None, ""),
    ] {
        app.sign_in.request_link(LinkRequest { return_to, ..request(BOB) }).await.unwrap();
        app.deliver_mails().await;
        let told = app.mailer.sent_to(&email(BOB)).pop();
        let Some(MailContent::MagicLink { link, seller, title, .. }) = told else {
            panic!("{told:?}")
        };
        assert_eq!((seller.as_deref(), title.as_deref()), (named, titled), "{return_to:?}");
        // The link leads where it would lead anyway.
        let expected = format!("http://{leads_to}tollgate.localhost:8080/-/verify?token=");
        assert!(link.0.starts_with(&expected), "{} for {return_to:?}", link.0);
        app.clock.advance_seconds(60);
    }
}
