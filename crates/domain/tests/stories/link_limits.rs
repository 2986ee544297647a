//! How many links may be asked for.

use tollgate_domain::visitor_auth::{LinkRequest, RequestLinkError};
use tollgate_domain_testing::TestApp;

use crate::{BOB, sign_in::request};

pub(crate) async fn wait_of(app: &TestApp, address: &str) -> Option<u64> {
    match app.sign_in.request_link(request(address)).await {
        Ok(()) => None,
        Err(RequestLinkError::Limited { retry_after_seconds }) => Some(retry_after_seconds),
        Err(other) => panic!("{other}"),
    }
}

#[pollster::test]
async fn an_address_gets_three_links_at_once_and_then_one_a_minute() {
    let app = TestApp::new();
    for address in [BOB, "unknown@example.com"] {
        if address == BOB {
            app.sign_in(BOB).await;
            app.clock.advance_seconds(3_600);
        }
        for _ in 0..3 {
            assert_eq!(wait_of(&app, address).await, None);
        }
        // Known or unknown, the answer is the same.
        assert_eq!(wait_of(&app, address).await, Some(60));
    }
    app.clock.advance_seconds(59);
    assert_eq!(wait_of(&app, BOB).await, Some(1));
    app.clock.advance_seconds(1);
    assert_eq!(wait_of(&app, BOB).await, None);
    assert_eq!(wait_of(&app, BOB).await, Some(60));
}

#[pollster::test]
async fn an_address_gets_thirty_links_an_hour() {
    let app = TestApp::new();
    for _ in 0..30 {
        assert_eq!(wait_of(&app, BOB).await, None);
        app.clock.advance_seconds(60);
    }
    assert_eq!(wait_of(&app, BOB).await, Some(1_800));
    app.clock.advance_seconds(1_800);
    assert_eq!(wait_of(&app, BOB).await, None);
}

#[pollster::test]
async fn a_client_gets_three_hundred_links_a_minute_for_all_addresses() {
    let app = TestApp::new();
    for number in 0..300 {
        assert_eq!(wait_of(&app, &format!("person{number}@example.com")).await, None);
    }
    assert_eq!(wait_of(&app, "one.more@example.com").await, Some(1));
    let elsewhere = LinkRequest { client: "2001:db8::", ..request("one.more@example.com") };
    assert!(app.sign_in.request_link(elsewhere).await.is_ok());
}

#[pollster::test]
async fn what_is_limited_is_not_mailed() {
    let app = TestApp::new();
    for _ in 0..5 {
        app.sign_in.request_link(request(BOB)).await.ok();
    }
    assert_eq!(app.mails_to(BOB).await, ["magic_link"; 3]);
    assert_eq!(app.store.magic_links().len(), 3);
}
