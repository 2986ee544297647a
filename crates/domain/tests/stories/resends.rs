//! Mails of the log that are sent once more: after the installation got another domain, and how often.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use tollgate_domain::{
    id::MailId,
    mail::{MailContent, MailKind, MailQuota, MailWriteError, MailWriter, NewMail, Stop},
    reports::ResendError,
    store::Runtime,
};
use tollgate_domain_testing::{TestApp, a_page, email};

use crate::{BOB, Sale, at_once};

/// Returns a sale in an installation where one person may get many mails that a creator causes.
async fn talkative() -> Sale {
    let quota = MailQuota { per_recipient: 50, ..MailQuota::default() };
    Sale::in_app(TestApp::new().with_mail_quota(quota)).await
}

/// Returns the first mail that says that Bob was given a page.
fn granted(app: &TestApp) -> MailId {
    let mut mails = app.store.mails().into_iter().map(|(mail, _)| mail);
    mails.find(|mail| mail.kind == MailKind::Granted).unwrap().id
}

/// Sends a mail once more that says that Bob was given the page of a sale, with an address at this origin.
async fn told_again(origin: &str) -> Result<MailKind, ResendError> {
    let Sale { app, shop, page, bob } = Sale::new().await;
    app.buy(&shop, &page, &bob).await;
    let runtime = Runtime {
        store: Arc::new(app.store.clone()),
        clock: app.clock.clone(),
        random: app.random.clone(),
    };
    let writer = MailWriter::new(runtime, app.seal.clone());
    let content = MailContent::Granted {
        seller: shop.handle.title.clone(),
        title: page.title.clone(),
        page_url: format!("{origin}/{}", page.slug),
    };
    let mail = NewMail::new(email(BOB), &content).with_handle(shop.handle.id);
    let mut unit = app.unit().await;
    writer.write(&mut *unit, mail).await.unwrap();
    unit.commit().await.unwrap();
    let mails = app.store.mails().into_iter();
    let written = mails.map(|(mail, _)| mail).find(|mail| mail.kind == MailKind::Granted);
    app.resends.resend(&shop.creator, &shop.handle.name, written.unwrap().id).await
}

#[pollster::test]
async fn a_mail_that_leads_to_an_earlier_domain_is_not_sent_again() {
    told_again("http://ada.tollgate.localhost:8080").await.unwrap();
    let earlier = told_again("https://ada.earlier.example").await;
    assert!(matches!(earlier, Err(ResendError::Over)), "{earlier:?}");
}

#[pollster::test]
async fn a_mail_that_is_refused_does_not_count_among_the_three_of_a_day() {
    let Sale { app, shop, page, .. } = talkative().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let gift = app.give(&shop, &page, BOB).await.grant;
    let mail = granted(&app);
    let again = async || app.resends.resend(creator, name, mail).await;
    app.grants.revoke(creator, name, &page.slug, gift.id).await.unwrap();
    for _ in 0..4 {
        let refused = again().await;
        assert!(matches!(refused, Err(ResendError::NoAccess)), "{refused:?}");
    }
    app.give(&shop, &page, BOB).await;
    let stop = Stop { handle: shop.handle.id, email: email(BOB) };
    app.stop_mails.stop(&stop).await.unwrap();
    for _ in 0..4 {
        let refused = again().await;
        let is_unwanted = matches!(refused, Err(ResendError::Mail(MailWriteError::Unwanted)));
        assert!(is_unwanted, "{refused:?}");
    }
    app.stop_mails.take_back(&stop).await.unwrap();
    let before = app.store.mails().len();
    for _ in 0..3 {
        again().await.unwrap();
    }
    let limited = again().await;
    let is_limited = matches!(limited, Err(ResendError::Mail(MailWriteError::Limited { .. })));
    assert!(is_limited, "{limited:?}");
    assert_eq!(app.store.mails().len() - before, 3);
}

#[pollster::test]
async fn a_mail_beyond_what_a_creator_may_cause_does_not_count_among_the_three_of_a_day() {
    let quota = MailQuota { per_recipient: 1, ..MailQuota::default() };
    let Sale { app, shop, page, .. } = Sale::in_app(TestApp::new().with_mail_quota(quota)).await;
    app.give(&shop, &page, BOB).await;
    let mail = granted(&app);
    app.clock.advance_seconds(23 * 3_600);
    for _ in 0..4 {
        let limited = app.resends.resend(&shop.creator, &shop.handle.name, mail).await;
        let Err(ResendError::Mail(MailWriteError::Limited { retry_after_seconds })) = limited
        else {
            panic!("{limited:?}")
        };
        assert_eq!(retry_after_seconds, 3_600);
    }
    app.clock.advance_seconds(3_600);
    app.resends.resend(&shop.creator, &shop.handle.name, mail).await.unwrap();
}

/// Returns what a future gives that waits for its turn alone, and for no unit of work.
fn beside_a_writer<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000 {
        if let Poll::Ready(outcome) = future.as_mut().poll(&mut context) {
            return outcome;
        }
    }
    panic!("it waits for the unit of work that is open");
}

#[pollster::test]
async fn what_is_refused_waits_for_no_writer() {
    let Sale { app, shop, page, .. } = talkative().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let gift = app.give(&shop, &page, BOB).await.grant;
    let mail = granted(&app);
    let draft = app.page(&shop, a_page().slug("draft").free_with_login()).await;
    let stop = Stop { handle: shop.handle.id, email: email(BOB) };
    app.stop_mails.stop(&stop).await.unwrap();
    let again = || app.resends.resend(creator, name, mail);
    {
        let _unit = app.unit().await;
        let refused = beside_a_writer(again());
        let is_unwanted = matches!(refused, Err(ResendError::Mail(MailWriteError::Unwanted)));
        assert!(is_unwanted, "{refused:?}");
        let link = app.resends.sign_in_link(creator, name, email(BOB), Some(&draft.slug));
        let refused = beside_a_writer(link);
        assert!(matches!(refused, Err(ResendError::PageHidden)), "{refused:?}");
    }
    app.grants.revoke(creator, name, &page.slug, gift.id).await.unwrap();
    let _unit = app.unit().await;
    let refused = beside_a_writer(again());
    assert!(matches!(refused, Err(ResendError::NoAccess)), "{refused:?}");
}

#[pollster::test]
async fn parallel_requests_send_a_mail_three_times_at_most() {
    let Sale { app, shop, page, .. } = talkative().await;
    app.give(&shop, &page, BOB).await;
    let mail = granted(&app);
    let before = app.store.mails().len();
    let sent = at_once(8, |_| {
        let (app, shop) = (app.clone(), shop.clone());
        async move { app.resends.resend(&shop.creator, &shop.handle.name, mail).await.is_ok() }
    })
    .await;
    assert_eq!(sent.iter().filter(|is_sent| **is_sent).count(), 3);
    assert_eq!(app.store.mails().len() - before, 3);
}
