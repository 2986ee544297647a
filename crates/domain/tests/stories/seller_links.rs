//! Sign-in links that a creator sends: mails that the creator causes.

use tollgate_domain::{
    mail::{MailKind, MailQuota, MailWriteError, Stop},
    paging::PageRequest,
    reports::ResendError,
    visitor_auth::LinkRequest,
};
use tollgate_domain_testing::{Shop, TestApp, email};

use crate::{BOB, at_once, sign_in::request};

const DAY: u64 = 24 * 3_600;

async fn send(app: &TestApp, shop: &Shop, address: &str) -> Result<(), ResendError> {
    app.resends.sign_in_link(&shop.creator, &shop.handle.name, email(address), None).await
}

/// How long to wait for the link; `None` if it was sent.
async fn wait_to_send(app: &TestApp, shop: &Shop, address: &str) -> Option<u64> {
    match send(app, shop, address).await {
        Ok(()) => None,
        Err(ResendError::Mail(MailWriteError::Limited { retry_after_seconds })) => {
            Some(retry_after_seconds)
        }
        Err(error) => panic!("{error}"),
    }
}

fn app_with(quota: u32) -> TestApp {
    let quota = MailQuota { starting: quota, selling: quota, ..MailQuota::default() };
    TestApp::new().with_mail_quota(quota)
}

#[pollster::test]
async fn a_creator_sends_links_to_as_many_strangers_as_may_be_mailed() {
    let app = app_with(2);
    let shop = app.shop("ada").await;
    assert_eq!(wait_to_send(&app, &shop, BOB).await, None);
    assert_eq!(wait_to_send(&app, &shop, "carol@example.com").await, None);
    assert_eq!(wait_to_send(&app, &shop, "dora@example.com").await, Some(DAY));
    assert_eq!(app.store.mails().len(), 2, "nothing was queued");
    assert_eq!(app.mails_to("carol@example.com").await, ["seller_link"]);
    app.clock.advance_seconds(i64::try_from(DAY).unwrap());
    assert_eq!(wait_to_send(&app, &shop, "dora@example.com").await, None);
}

#[pollster::test]
async fn parallel_links_do_not_exceed_the_limit() {
    let app = app_with(3);
    let shop = app.shop("ada").await;
    let waits = at_once(8, |number| {
        let (app, shop) = (app.clone(), shop.clone());
        async move { wait_to_send(&app, &shop, &format!("p{number}@example.com")).await }
    })
    .await;
    assert_eq!(waits.iter().filter(|wait| wait.is_none()).count(), 3);
}

#[pollster::test]
async fn a_person_gets_three_links_a_day_from_a_creator_and_more_on_request() {
    let app = TestApp::new();
    let (shop, eve) = (app.shop("ada").await, app.shop("eve").await);
    for _ in 0..3 {
        assert_eq!(wait_to_send(&app, &shop, BOB).await, None);
    }
    app.clock.advance_seconds(60);
    assert_eq!(wait_to_send(&app, &shop, BOB).await, Some(DAY - 60));
    app.clock.advance_seconds(60);
    assert_eq!(wait_to_send(&app, &eve, BOB).await, None, "another creator");
    app.clock.advance_seconds(60);
    let asked = LinkRequest { handle: Some(&shop.handle.name), ..request(BOB) };
    app.sign_in.request_link(asked).await.unwrap();
    let all = PageRequest::default();
    let log = app.reports.mails(&shop.creator, &shop.handle.name, Some(BOB), &all).await.unwrap();
    let kinds: Vec<_> = log.items.iter().map(|mail| mail.kind).collect();
    let [asked, sent @ ..] = &kinds[..] else { panic!("no mails") };
    assert_eq!((*asked, sent), (MailKind::MagicLink, &[MailKind::SellerLink; 3][..]));
}

#[pollster::test]
async fn links_of_sellers_use_up_nothing_of_what_a_visitor_may_ask_for() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    for _ in 0..3 {
        assert_eq!(wait_to_send(&app, &shop, BOB).await, None);
    }
    assert_eq!(wait_to_send(&app, &shop, BOB).await, Some(DAY));
    for _ in 0..3 {
        app.sign_in.request_link(request(BOB)).await.unwrap();
    }
}

#[pollster::test]
async fn who_stopped_the_mails_of_a_handle_gets_no_link_of_its_creator() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let asked = || LinkRequest { handle: Some(name), ..request(BOB) };
    app.sign_in.request_link(asked()).await.unwrap();
    app.deliver_mails().await;
    send(&app, &shop, BOB).await.unwrap();
    app.deliver_mails().await;
    let mut stops = app.mailer.sent().into_iter().map(|mail| mail.stop);
    assert_eq!(stops.next(), Some(None), "who asks for a link stops nothing with it");
    let address = stops.next().flatten().unwrap();
    let (_, token) = address.0.split_once("/-/no-mails?token=").unwrap();
    let stop = app.stop_mails.preview(token).unwrap();
    assert_eq!(stop, Stop { handle: shop.handle.id, email: email(BOB) });
    app.stop_mails.stop(&stop).await.unwrap();

    app.clock.advance_seconds(3_600);
    let is_unwanted =
        |sent: &Result<_, _>| matches!(sent, Err(ResendError::Mail(MailWriteError::Unwanted)));
    let sent = send(&app, &shop, BOB).await;
    assert!(is_unwanted(&sent), "{sent:?}");
    let all = PageRequest::default();
    let log = app.reports.mails(creator, name, Some(BOB), &all).await.unwrap();
    for mail in &log.items {
        assert!(!mail.can_be_resent(), "{:?}", mail.kind);
        let again = app.resends.resend(creator, name, mail.id).await.map(drop);
        assert!(is_unwanted(&again), "{:?}: {again:?}", mail.kind);
    }
    assert_eq!(app.mails_to(BOB).await, ["magic_link", "seller_link"]);
    app.clock.advance_seconds(3_600);
    app.sign_in.request_link(asked()).await.unwrap();
    assert_eq!(app.mails_to(BOB).await.last(), Some(&"magic_link"), "what was asked for");
}
