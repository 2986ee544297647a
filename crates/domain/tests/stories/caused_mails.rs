//! Mails that a creator causes: how many there may be, and who does not want them.

use tollgate_domain::{
    access::GrantError,
    creators::{HandleChange, Page},
    email::Email,
    group_buys::Quantity,
    mail::{
        LoggedMail, MailContent, MailKind, MailQuota, MailReport, MailStatus, MailWriteError, Stop,
        ports::MailError,
    },
    moves::MoveError,
    paging::PageRequest,
    reports::ResendError,
    validation::Field,
    version::BasedOn,
    visitor_auth::LinkRequest,
};
use tollgate_domain_testing::{Shop, TestApp, a_group_buy, a_page, email, slug};

use crate::{BOB, Sale, at_once, sign_in::request};

const DAY: u64 = 24 * 3_600;

/// How long to wait for the gift; `None` if it was given.
async fn wait_to_give(app: &TestApp, shop: &Shop, page: &Page, address: &str) -> Option<u64> {
    match app.grants.give(&shop.creator, &shop.handle.name, &page.slug, email(address)).await {
        Ok(_) => None,
        Err(GrantError::Mail(MailWriteError::Limited { retry_after_seconds })) => {
            Some(retry_after_seconds)
        }
        Err(error) => panic!("{error}"),
    }
}

async fn paid_page(app: &TestApp, shop: &Shop, name: &str) -> Page {
    app.page(shop, a_page().slug(name).paid(1_200, "usd").published()).await
}

/// What the link of the last mail to an address stops.
async fn stop_of(app: &TestApp, address: &str) -> Stop {
    app.deliver_mails().await;
    let mails = app.mailer.sent().into_iter().rev();
    let mail = mails.filter(|mail| mail.to == email(address)).find_map(|mail| mail.stop);
    let (host, token) = mail.as_ref().unwrap().0.split_once("/-/no-mails?token=").unwrap();
    assert_eq!(host, "http://ada.tollgate.localhost:8080");
    assert!(!token.contains('@'), "the address is not readable in it");
    app.stop_mails.preview(token).unwrap()
}

#[pollster::test]
async fn a_recipient_gets_three_mails_a_day_from_a_creator() {
    let app = TestApp::new();
    let (shop, eve) = (app.shop("ada").await, app.shop("eve").await);
    for number in 0..3 {
        let page = paid_page(&app, &shop, &format!("page-{number}")).await;
        assert_eq!(wait_to_give(&app, &shop, &page, BOB).await, None);
        app.clock.advance_seconds(60);
    }
    let page = paid_page(&app, &shop, "page-3").await;
    assert_eq!(wait_to_give(&app, &shop, &page, BOB).await, Some(DAY - 180));
    let sales = app.store.purchases();
    assert_eq!(sales.len(), 3, "nothing was given");
    assert_eq!(wait_to_give(&app, &shop, &page, "carol@example.com").await, None);
    let theirs = paid_page(&app, &eve, "page").await;
    assert_eq!(wait_to_give(&app, &eve, &theirs, BOB).await, None, "another creator");
    let second = "ada-two".parse().unwrap();
    let handle = app.handles.create(&shop.creator, second, "Ada's second").await.unwrap();
    let second = Shop { handle, ..shop.clone() };
    let other = paid_page(&app, &second, "page").await;
    assert_eq!(wait_to_give(&app, &second, &other, BOB).await, Some(DAY - 180), "her other handle");
    let name = &shop.handle.name;
    let moved =
        app.moves.request(&shop.creator, name, email("carol@example.com"), email(BOB)).await;
    assert!(matches!(moved, Err(MoveError::Mail(MailWriteError::Limited { .. }))));
    app.deliver_mails().await;
    let all = PageRequest::default();
    let mails = app.reports.mails(&shop.creator, name, Some(BOB), &all).await.unwrap();
    let mail = mails.items.into_iter().next().unwrap();
    let again = app.resends.resend(&shop.creator, name, mail.id).await;
    assert!(matches!(again, Err(ResendError::Mail(MailWriteError::Limited { .. }))));
    app.clock.advance_seconds(i64::try_from(DAY).unwrap() - 180);
    assert_eq!(wait_to_give(&app, &shop, &page, BOB).await, None);
}

#[pollster::test]
async fn what_a_person_has_already_is_given_again_over_the_limit() {
    let app = TestApp::new().with_mail_quota(MailQuota {
        starting: 1,
        selling: 1,
        ..MailQuota::default()
    });
    let shop = app.shop("ada").await;
    let page = paid_page(&app, &shop, "page").await;
    assert_eq!(wait_to_give(&app, &shop, &page, BOB).await, None);
    assert_eq!(wait_to_give(&app, &shop, &page, BOB).await, None);
    assert_eq!(wait_to_give(&app, &shop, &page, "carol@example.com").await, Some(DAY));
}

#[pollster::test]
async fn a_creator_causes_more_mails_from_the_first_sale_on() {
    let quota = MailQuota { starting: 2, selling: 4, ..MailQuota::default() };
    let sale = Sale::in_app(TestApp::new().with_mail_quota(quota)).await;
    let Sale { app, shop, page, bob } = &sale;
    let give = async |number: u32| {
        wait_to_give(app, shop, page, &format!("person{number}@example.com")).await
    };
    assert_eq!((give(0).await, give(1).await, give(2).await), (None, None, Some(DAY)));
    app.buy(shop, page, bob).await;
    assert_eq!((give(2).await, give(3).await, give(4).await), (None, None, Some(DAY)));
    app.clock.advance_seconds(i64::try_from(DAY).unwrap());
    assert_eq!(give(4).await, None);
}

#[pollster::test]
async fn parallel_gifts_do_not_exceed_the_limit() {
    let app = TestApp::new().with_mail_quota(MailQuota {
        starting: 3,
        selling: 3,
        ..MailQuota::default()
    });
    let shop = app.shop("ada").await;
    let page = paid_page(&app, &shop, "page").await;
    let waits = at_once(8, |number| {
        let (app, shop, page) = (app.clone(), shop.clone(), page.clone());
        async move { wait_to_give(&app, &shop, &page, &format!("p{number}@example.com")).await }
    })
    .await;
    assert_eq!(waits.iter().filter(|wait| wait.is_none()).count(), 3);
}

#[pollster::test]
async fn who_joined_a_group_buy_is_mailed_whatever_the_limits_and_what_was_stopped() {
    let quota = MailQuota { starting: 1, selling: 1, ..MailQuota::default() };
    let sale = Sale::in_app(TestApp::new().with_mail_quota(quota)).await;
    let Sale { app, shop, page, bob } = &sale;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let mut new = a_group_buy(page).target(2).new_group_buy();
    new.slug = slug("together");
    app.group_buys.create(creator, name, new).await.unwrap();
    let carol = app.sign_in("carol@example.com").await;
    let stop = Stop { handle: shop.handle.id, email: email("carol@example.com") };
    app.stop_mails.stop(&stop).await.unwrap();
    for who in [bob, &carol] {
        let visitor = app.visitor(who).await.id;
        let one = Quantity::new(1).unwrap();
        app.offers.express(name, &slug("together"), visitor, one).await.unwrap();
    }
    assert!(app.group_buys.activate(creator, name, &slug("together"), &BasedOn::Any).await.is_ok());
    assert_eq!(app.mails_to("carol@example.com").await.last(), Some(&"group_buy_activated"));
    // She asked for it, so that it may be sent again.
    let all = PageRequest::default();
    let carol = Some("carol@example.com");
    let mails = app.reports.mails(creator, name, carol, &all).await.unwrap().items.into_iter();
    let mut offers = mails.filter(|mail| mail.kind == MailKind::GroupBuyActivated);
    let offer = offers.next().unwrap();
    assert!(offer.is_stopped && offer.can_be_resent());
    app.resends.resend(creator, name, offer.id).await.unwrap();
    let told = app.mails_to("carol@example.com").await;
    assert!(told.ends_with(&["group_buy_activated", "group_buy_activated"]), "{told:?}");
}

#[pollster::test]
async fn offers_that_somebody_asked_for_leave_room_for_gifts() {
    let Sale { app, shop, page, bob } = &Sale::new().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let visitor = app.visitor(bob).await.id;
    for together in ["first", "second", "third"].map(slug) {
        let mut new = a_group_buy(page).target(1).new_group_buy();
        new.slug = together.clone();
        app.group_buys.create(creator, name, new).await.unwrap();
        let one = Quantity::new(1).unwrap();
        app.offers.express(name, &together, visitor, one).await.unwrap();
        app.group_buys.activate(creator, name, &together, &BasedOn::Any).await.unwrap();
    }
    assert_eq!(app.mails_to(BOB).await, ["group_buy_activated"; 3]);
    for other in ["fourth", "fifth", "sixth"] {
        let other = paid_page(app, shop, other).await;
        assert_eq!(wait_to_give(app, shop, &other, BOB).await, None);
    }
    // Nor do gifts keep an offer from being sent again.
    let log = app.reports.mails(creator, name, None, &PageRequest::default()).await.unwrap();
    let offer = log.items.iter().find(|mail| mail.kind == MailKind::GroupBuyActivated).unwrap();
    app.resends.resend(creator, name, offer.id).await.unwrap();
}

#[pollster::test]
async fn who_stops_the_mails_of_a_handle_gets_none_and_what_is_done_still_works() {
    let app = TestApp::new();
    let (shop, eve) = (app.shop("ada").await, app.shop("eve").await);
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let first = paid_page(&app, &shop, "first").await;
    assert_eq!(wait_to_give(&app, &shop, &first, BOB).await, None);
    let stop = stop_of(&app, BOB).await;
    assert_eq!(stop, Stop { handle: shop.handle.id, email: email(BOB) });
    app.stop_mails.stop(&stop).await.unwrap();
    app.stop_mails.stop(&stop).await.unwrap();
    app.mailer.clear();
    let second = paid_page(&app, &shop, "second").await;
    assert_eq!(wait_to_give(&app, &shop, &second, BOB).await, None);
    app.give(&shop, &second, "old@example.com").await;
    let moved = app.moves.request(creator, name, email("old@example.com"), email(BOB)).await;
    let Err(MoveError::Invalid(errors)) = moved else { panic!("nobody could confirm: {moved:?}") };
    assert_eq!(errors.fields().keys().collect::<Vec<_>>(), [&Field::NewAddress]);
    let all = PageRequest::default();
    let mails = app.reports.mails(creator, name, Some(BOB), &all).await.unwrap();
    let mail = mails.items.into_iter().next().unwrap();
    assert!(!mail.can_be_resent());
    let again = app.resends.resend(creator, name, mail.id).await;
    assert!(matches!(again, Err(ResendError::Mail(MailWriteError::Unwanted))), "{again:?}");
    assert_eq!(app.mails_to(BOB).await, [""; 0]);
    let bob = app.sign_in(BOB).await;
    assert!(app.is_open(&shop, &second, &bob).await);
    app.buy(&shop, &paid_page(&app, &shop, "third").await, &bob).await;
    assert_eq!(app.mails_to(BOB).await, ["magic_link", "receipt"]);
    let theirs = paid_page(&app, &eve, "page").await;
    assert_eq!(wait_to_give(&app, &eve, &theirs, BOB).await, None);
    assert_eq!(app.mails_to(BOB).await.last(), Some(&"granted"), "another handle");

    app.mailer.clear();
    app.stop_mails.take_back(&stop).await.unwrap();
    assert!(!app.stop_mails.is_done(&stop).await.unwrap());
    let fourth = paid_page(&app, &shop, "fourth").await;
    assert_eq!(wait_to_give(&app, &shop, &fourth, BOB).await, None);
    assert_eq!(app.mails_to(BOB).await, ["granted"], "who takes it back");
}

#[pollster::test]
async fn texts_of_who_sold_nothing_are_in_so_many_sign_in_mails_and_in_none_after_a_stop() {
    let quota = MailQuota { starting: 2, ..MailQuota::default() };
    let sale = Sale::in_app(TestApp::new().with_mail_quota(quota)).await;
    let Sale { app, shop, page, bob } = &sale;
    let texts = HandleChange {
        mail_footer: Some(Some("You won: http://evil.example".into())),
        ..HandleChange::default()
    };
    app.handles.change(&shop.creator, &shop.handle.name, texts, &BasedOn::Any).await.unwrap();
    let has_texts = async |address: &str| {
        let asked = LinkRequest { handle: Some(&shop.handle.name), ..request(address) };
        app.sign_in.request_link(asked).await.unwrap();
        app.deliver_mails().await;
        let mail = app.mailer.sent().pop().unwrap();
        assert_eq!(mail.to, email(address), "it is sent in any case");
        let MailContent::MagicLink { seller, .. } = mail.content else { panic!("no link") };
        let has_texts = mail.signature.mail_footer.is_some();
        assert_eq!(seller.as_deref(), Some(if has_texts { "A shop" } else { "ada" }));
        has_texts
    };
    let stop = Stop { handle: shop.handle.id, email: email("eve@example.com") };
    app.stop_mails.stop(&stop).await.unwrap();
    assert!(!has_texts("eve@example.com").await, "who stopped the mails");
    for address in ["p1@example.com", "p2@example.com"] {
        assert!(has_texts(address).await, "{address}");
    }
    assert!(!has_texts("p3@example.com").await, "beyond the limit");
    app.clock.advance_seconds(i64::try_from(DAY).unwrap());
    assert!(has_texts("p4@example.com").await, "the next day");
    app.buy(shop, page, bob).await;
    app.deliver_mails().await;
    for address in ["p5@example.com", "p6@example.com", "p7@example.com"] {
        assert!(has_texts(address).await, "{address} after the first sale");
    }
    assert!(!has_texts("eve@example.com").await);
}

#[pollster::test]
async fn only_the_link_of_a_mail_stops_mails() {
    let app = TestApp::new();
    for token in ["", "x", "AAAA", &"A".repeat(200), "stop mails"] {
        assert_eq!(app.stop_mails.preview(token), None, "{token}");
    }
}

/// What became of the mails to an address, oldest first: their kind, status and error.
async fn became_of(
    app: &TestApp,
    shop: &Shop,
    address: &str,
) -> Vec<(String, MailStatus, Option<String>)> {
    app.deliver_mails().await;
    let all = PageRequest::default();
    let name = &shop.handle.name;
    let mails = app.reports.mails(&shop.creator, name, Some(address), &all).await.unwrap();
    let mails = mails.items.into_iter().rev();
    mails.map(|mail| (mail.kind.as_str().to_owned(), mail.status, mail.last_error)).collect()
}

#[pollster::test]
async fn an_address_that_mails_came_back_from_gets_what_its_owner_asks_for_alone() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = paid_page(&app, &shop, "first").await;
    app.mail_reports.take(&[MailReport::Bounced(email(BOB))]).await.unwrap();
    assert_eq!(wait_to_give(&app, &shop, &page, BOB).await, None, "the gift itself counts");
    assert_eq!(wait_to_give(&app, &shop, &page, "carol@example.com").await, None);
    let [(kind, status, Some(reason))] = &became_of(&app, &shop, BOB).await[..] else {
        panic!("one mail")
    };
    assert_eq!((kind.as_str(), *status), ("granted", MailStatus::Dead));
    assert_eq!(reason, "could not be delivered", "the report was not on a mail of this shop");
    let others = became_of(&app, &shop, "carol@example.com").await;
    assert_eq!(others, [("granted".to_owned(), MailStatus::Sent, None)]);

    // The link arrives, so mails do.
    app.sign_in(BOB).await;
    app.clock.advance_seconds(60);
    let page = paid_page(&app, &shop, "second").await;
    assert_eq!(wait_to_give(&app, &shop, &page, BOB).await, None);
    let last = became_of(&app, &shop, BOB).await.pop();
    assert_eq!(last, Some(("granted".to_owned(), MailStatus::Sent, None)));
}

#[pollster::test]
async fn a_complaint_outlasts_a_sign_in() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = paid_page(&app, &shop, "first").await;
    app.mail_reports.take(&[MailReport::Complained(email(BOB))]).await.unwrap();
    app.sign_in(BOB).await;
    assert_eq!(wait_to_give(&app, &shop, &page, BOB).await, None);
    let (kind, status, _) = became_of(&app, &shop, BOB).await.pop().unwrap();
    assert_eq!((kind.as_str(), status), ("granted", MailStatus::Dead));
}

#[pollster::test]
async fn a_creator_learns_what_was_reported_of_the_own_mails_alone() {
    let reports: [fn() -> MailReport; 2] =
        [|| MailReport::Bounced(email(BOB)), || MailReport::Complained(email(BOB))];
    for report in reports {
        let app = TestApp::new();
        let (ada, eve) = (app.shop("ada").await, app.shop("eve").await);
        let (first, second) =
            (paid_page(&app, &ada, "first").await, paid_page(&app, &ada, "second").await);
        let theirs = paid_page(&app, &eve, "first").await;
        assert_eq!(wait_to_give(&app, &ada, &first, BOB).await, None);
        app.deliver_mails().await;
        app.clock.advance_seconds(60);
        app.mail_reports.take(&[report()]).await.unwrap();
        let (of_ada, of_eve) = (ada.handle.id, eve.handle.id);
        assert!(!app.mail_reports.about(of_ada, &email(BOB)).await.unwrap().takes_mails());
        assert!(app.mail_reports.about(of_eve, &email(BOB)).await.unwrap().takes_mails());
        for (shop, page, expected) in [
            (
                &ada,
                &second,
                "the address takes no such mails: one came back, or was called unwanted",
            ),
            (&eve, &theirs, "could not be delivered"),
        ] {
            assert_eq!(wait_to_give(&app, shop, page, BOB).await, None);
            let (_, status, reason) = became_of(&app, shop, BOB).await.pop().unwrap();
            assert_eq!((status, reason.as_deref()), (MailStatus::Dead, Some(expected)));
        }
    }
}

/// What the mail server says of one would tell, where it is missing, why the other was given up.
#[pollster::test]
async fn mails_that_are_given_up_after_reports_of_others_look_like_refused_ones() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = paid_page(&app, &shop, "first").await;
    let (marked, refused) = (email(BOB), email("carol@example.com"));
    app.mail_reports.take(&[MailReport::Complained(marked.clone())]).await.unwrap();
    assert_eq!(wait_to_give(&app, &shop, &page, marked.as_str()).await, None);
    app.deliver_mails().await;
    let answer = "recipient: answer 550 5.1.1";
    app.mailer.fail_next(MailError::Permanent(answer.to_owned()));
    assert_eq!(wait_to_give(&app, &shop, &page, refused.as_str()).await, None);
    app.deliver_mails().await;

    let (creator, name, all) = (&shop.creator, &shop.handle.name, PageRequest::default());
    let log = app.reports.mails(creator, name, None, &all).await.unwrap().items;
    let needs = app.reports.attention(creator, name, 10).await.unwrap().dead_mails;
    for told in [log, needs] {
        let to = |address: &Email| told.iter().find(|mail| mail.to == *address).unwrap().clone();
        let (of_marked, of_refused) = (to(&marked), to(&refused));
        assert_eq!(of_refused.status, MailStatus::Dead);
        let like_marked = LoggedMail { id: of_marked.id, to: of_marked.to.clone(), ..of_refused };
        assert_eq!(like_marked, of_marked);
    }
    let known = app.delivery.given_up(&all).await.unwrap().items;
    let known: Vec<_> = known.into_iter().map(|mail| (mail.to, mail.last_error)).collect();
    assert!(
        known.contains(&(refused, Some(answer.to_owned()))),
        "the operator reads it: {known:?}"
    );
}
