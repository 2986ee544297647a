//! What is mailed about a group buy, and to whom.

use tollgate_domain::{
    creators::HandleChange,
    group_buys::Quantity,
    jobs::{JobKind, Outcome, Step},
    mail::{HandleTexts, MailContent, SignInTarget},
    version::BasedOn,
    visitor_auth::LinkRequest,
};
use tollgate_domain_testing::{a_visitor, at, email, slug};

use super::{CAROL, DAY, Group};
use crate::{ADA, BOB, Sale, sign_in::request};

#[pollster::test]
async fn a_sign_in_mail_names_the_group_buy_that_it_was_asked_for_at() {
    let group = Group::new().await;
    let Sale { app, shop, .. } = &group.sale;
    let asked = LinkRequest {
        return_to: Some("/-/group-buys/together"),
        handle: Some(&shop.handle.name),
        ..request("dora@example.com")
    };
    app.sign_in.request_link(asked).await.unwrap();
    app.deliver_mails().await;
    let mail = app.mailer.sent().pop().unwrap();
    let MailContent::MagicLink { title, wanted, .. } = mail.content else { panic!("no link") };
    let expected = group.owned().await.details.view.group_buy.title;
    assert_eq!((title, wanted), (Some(expected), SignInTarget::GroupBuy));
}

#[pollster::test]
async fn the_creator_is_told_when_the_target_is_reached_and_not_at_each_join() {
    let group = Group::new().await;
    let bob = &group.sale.bob;
    group.join(bob, 2).await.unwrap();
    assert!(group.sale.mails_to(ADA).await.is_empty());
    group.join(&group.carol, 1).await.unwrap();
    group.join(&group.carol, 4).await.unwrap();
    group.join(bob, 1).await.unwrap();
    assert_eq!(group.sale.mails_to(ADA).await, ["group_buy_reached"]);
    assert!(group.sale.mails_to(CAROL).await.is_empty());
    let told = group.sale.app.mailer.sent_to(&email(ADA));
    let [MailContent::GroupBuyReached { joined: 3, target: 3, console_url, .. }] = &told[..] else {
        panic!("{told:?}")
    };
    assert!(console_url.ends_with("/group-buys/together/activate"), "{console_url}");
    // However often the sum falls below the target and rises again.
    for _ in 0..5 {
        group.leave(&group.carol).await.unwrap();
        group.join(&group.carol, 4).await.unwrap();
    }
    assert_eq!(group.sale.mails_to(ADA).await.len(), 3);
    group.wait(DAY + 1);
    group.leave(&group.carol).await.unwrap();
    group.join(&group.carol, 4).await.unwrap();
    assert_eq!(group.sale.mails_to(ADA).await.len(), 4);
}

/// Not to the page, which costs more, as long as the offer lasts.
#[pollster::test]
async fn a_payment_that_fails_leads_back_to_the_group_price() {
    for (passed, path) in [(DAY, "/-/group-buys/together"), (8 * DAY, "/guide")] {
        let group = Group::activated().await;
        let app = &group.sale.app;
        let started = group.start(&group.sale.bob).await.unwrap();
        let session = app.payments.session_at(&started.url).unwrap();
        app.payments.pay_later(&session).unwrap();
        app.deliver_webhooks().await;
        app.deliver_mails().await;
        app.mailer.clear();
        group.wait(passed);
        assert!(app.payments.fail_payment(&session));
        app.deliver_webhooks().await;
        app.deliver_mails().await;
        let mails = app.mailer.sent_to(&email(BOB));
        let [MailContent::PaymentFailed { page_url, .. }] = mails.as_slice() else {
            panic!("{mails:?}")
        };
        let place = page_url.strip_prefix("http://ada.tollgate.localhost:8080").unwrap();
        assert_eq!(place, path.replace("guide", group.sale.page.slug.as_str()));
    }
}

#[pollster::test]
async fn a_long_list_gets_one_mail_each() {
    let group = Group::new().await;
    let app = &group.sale.app;
    let mut unit = app.unit().await;
    let id = group.owned().await.details.view.group_buy.id;
    for _ in 0..450 {
        let visitor = a_visitor().build();
        unit.visitors().ensure(&visitor).await.unwrap();
        let one = Quantity::default();
        unit.interests().express(id, visitor.id, one, at(1)).await.unwrap();
    }
    unit.commit().await.unwrap();
    let (shop, slug) = (&group.sale.shop, slug("together"));
    let name = &shop.handle.name;
    let count = app.group_buys.count_interested(&shop.creator, name, &slug).await;
    assert_eq!(count.unwrap(), 450);
    let before = app.store.mails().len();
    group.activate().await.unwrap();
    assert_eq!(app.store.mails().len() - before, 200, "the others are mailed by a job");
    let steps = app.work().await;
    let notified = Step::Ran(JobKind::NotifyInterested, Outcome::Done);
    assert_eq!(steps.iter().filter(|step| **step == notified).count(), 2);
    let mails = app.store.mails().split_off(before);
    let mut people: Vec<_> = mails.iter().map(|(mail, _)| mail.to.to_string()).collect();
    people.sort_unstable();
    people.dedup();
    assert_eq!((mails.len(), people.len()), (450, 450));
}

#[pollster::test]
async fn mails_about_a_group_buy_end_with_the_texts_of_the_handle() {
    let group = Group::with(|it| it.target(1)).await;
    let Sale { app, shop, bob, .. } = &group.sale;
    let texts = HandleTexts {
        support_email: Some(email("help@creators.example")),
        mail_footer: Some("1 Mill Lane".to_owned()),
    };
    let change = HandleChange {
        support_email: Some(texts.support_email.clone()),
        mail_footer: Some(texts.mail_footer.clone()),
        ..HandleChange::default()
    };
    app.handles.change(&shop.creator, &shop.handle.name, change, &BasedOn::Any).await.unwrap();
    group.join(bob, 1).await.unwrap();
    group.activate().await.unwrap();
    app.deliver_mails().await;
    let sent = app.mailer.sent();
    let mut to_bob = sent.iter().filter(|mail| mail.to == email(BOB)).peekable();
    assert!(to_bob.peek().is_some());
    assert!(to_bob.all(|mail| mail.signature == texts), "{sent:?}");
}
