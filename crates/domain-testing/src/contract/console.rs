//! What the creator's console and the pages of buyers read and store besides the rest: the browser of a link, and
//! lists for screens.

use std::{cmp::Reverse, iter};

use super::fixture::{Begin, Fixture};
use crate::{
    a_creator, a_creator_session, a_file, a_gift, a_link, a_mail, a_page, a_token_hash, a_visitor,
    at, email,
};
use tollgate_domain::{
    creators::HandleChange,
    email::Email,
    files::Media,
    mail::{LoggedMail, MailStatus, QueuedMail, ports::MailBacklog},
    paging::PageRequest,
    reports::ports::PageSales,
    store::Stores,
};

/// The session has to be alive. The newest of a creator come first.
pub async fn a_creator_is_known_by_the_token_of_a_session(on: Stores) {
    let (creator, other) = (a_creator().build(), a_creator().build());
    let [first, second, foreign] = [&creator, &creator, &other].map(a_creator_session);
    let mut unit = on.begin().await;
    for creator in [&creator, &other] {
        assert!(unit.creators().insert(creator).await.unwrap());
    }
    for session in [&first, &second, &foreign] {
        unit.creator_sessions().insert(session).await.unwrap();
    }
    unit.commit().await.unwrap();
    let now = first.created_at;
    let known = on.creators.creator_by_token(first.token, now).await;
    assert_eq!(known, Ok(Some((creator.clone(), first.id))));
    assert_eq!(on.creators.creator_by_token(first.token, first.expires_at).await, Ok(None));
    let all = PageRequest::default();
    let theirs = on.creators.creator_sessions_of(creator.id, now, &all).await.unwrap().items;
    assert_eq!(theirs.len(), 2);
    assert!(theirs.iter().all(|session| session.creator_id == creator.id));
    on.commit(async |unit| unit.creator_sessions().revoke(first.id, now).await).await;
    assert_eq!(on.creators.creator_by_token(first.token, now).await, Ok(None));
    let theirs = on.creators.creator_sessions_of(creator.id, now, &all).await.unwrap();
    assert_eq!((theirs.items, theirs.next), (vec![second], None));
}

pub async fn taken_names_are_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let free = "nobody-has-this".parse().unwrap();
    let names = [fixture.handle.name.clone(), free];
    assert_eq!(on.creators.taken_names(&names).await, Ok(vec![fixture.handle.name.clone()]));
    assert_eq!(on.creators.taken_names(&[]).await, Ok(vec![]));
}

/// Both can be taken away again.
pub async fn a_storefront_has_a_description_and_a_picture(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    for (description, picture) in
        [(Some("On balconies.\nWith \u{1f331}."), Some("cover")), (None, None)]
    {
        let change = HandleChange {
            description: Some(description.map(str::to_owned)),
            picture: Some(picture.map(|slug| slug.parse().unwrap())),
            ..HandleChange::default()
        };
        fixture.commit(async |unit| unit.handles().change(fixture.handle.id, &change).await).await;
        let handle = on.creators.handle(&fixture.handle.name).await.unwrap().unwrap();
        assert_eq!(handle.description.as_deref(), description);
        assert_eq!(handle.picture.map(|slug| slug.to_string()).as_deref(), picture);
    }
}

pub async fn a_link_is_found_by_the_browser_that_asked(on: Stores) {
    let browser = a_token_hash();
    let mut links = [1, 2].map(|_| a_link().build());
    for (link, second) in links.iter_mut().zip([1, 2]) {
        (link.asked_by, link.created_at) = (Some(browser), at(second));
    }
    let [first, second] = links;
    let mut unit = on.begin().await;
    unit.magic_links().insert(&first).await.unwrap();
    unit.magic_links().insert(&second).await.unwrap();
    let nonce = a_token_hash();
    unit.magic_links().confirmed(second.id, nonce).await.unwrap();
    unit.commit().await.unwrap();
    let found = on.visitor_auth.link_asked_by(browser).await.unwrap().unwrap();
    assert_eq!((found.id, found.confirmed_by), (second.id, Some(nonce)));
    assert_eq!(on.visitor_auth.link_asked_by(a_token_hash()).await, Ok(None));
}

/// A page calls them by slug or by name. What a picture is comes back as stored.
pub async fn files_are_found_by_what_a_page_calls_them(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let file = fixture.file(a_file()).await;
    let other = fixture.file(a_file()).await;
    let ids = |names: Vec<String>| {
        let (on, handle) = (on.clone(), fixture.handle.id);
        async move {
            let files = on.files.files_named(handle, &names).await.unwrap();
            let mut ids: Vec<_> = files.into_iter().map(|file| file.id).collect();
            ids.sort();
            ids
        }
    };
    assert_eq!(ids(vec![file.slug.to_string()]).await, [file.id]);
    let mut both = vec![file.id, other.id];
    both.sort();
    assert_eq!(ids(vec![file.slug.to_string(), other.slug.to_string()]).await, both);
    assert!(ids(vec!["nothing.png".to_owned()]).await.is_empty());
    assert!(ids(vec![file.name.clone()]).await.contains(&file.id));
}

/// Many files may have one name. One whose slug is named is found however many are newer.
pub async fn files_that_a_page_calls_by_slug_come_first_and_then_the_newest(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let cover = fixture.file(a_file().created_at(at(1))).await;
    let mut namesakes = Vec::new();
    for number in 0..101 {
        namesakes.push(fixture.file(a_file().created_at(at(2 + number * 7 % 5))).await);
    }
    namesakes.sort_by_key(|file| Reverse((file.created_at, file.id)));
    let names = [cover.name.clone(), cover.slug.to_string()];
    let found = on.files.files_named(fixture.handle.id, &names).await.unwrap();
    let expected = iter::once(cover.id).chain(namesakes.iter().map(|file| file.id));
    let expected: Vec<_> = expected.take(100).collect();
    assert_eq!(found.iter().map(|file| file.id).collect::<Vec<_>>(), expected);
}

pub async fn the_media_of_a_file_are_kept(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let mut file = a_file().of(&fixture.handle).build();
    let mut unit = fixture.begin().await;
    assert!(unit.files().reserve(&file, at(60)).await.unwrap());
    file.media = Some("image/png 640x480".parse::<Media>().unwrap());
    assert!(unit.files().complete(&file).await.unwrap());
    unit.commit().await.unwrap();
    let found = on.files.file(fixture.handle.id, &file.slug).await.unwrap().unwrap();
    assert_eq!(found.media, file.media);
}

/// Gifts are counted on their own, and pages that nobody ever had are left out.
pub async fn sales_are_counted_by_page(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let other = fixture.page(a_page().paid(900, "usd").published()).await;
    let nobodys = fixture.page(a_page().paid(900, "usd").published()).await;
    assert_eq!(on.reports.sales_by_page(fixture.handle.id).await, Ok(vec![]));
    fixture.bought(|purchase| purchase).await;
    let (stranger, _) = fixture.another_visitor().await;
    fixture.bought_by(&stranger, &fixture.page, |purchase| purchase).await;
    fixture.keep_gift(&a_gift(&fixture.visitor, &other).revoked(at(1)).build()).await;
    let mut counts = on.reports.sales_by_page(fixture.handle.id).await.unwrap();
    counts.sort_by_key(|counted| counted.given);
    let sold = PageSales { page_id: fixture.page.id, sold: 2, given: 0 };
    let given = PageSales { page_id: other.id, sold: 0, given: 1 };
    assert_eq!(counts, [sold, given]);
    let none = PageSales { page_id: nobodys.id, sold: 0, given: 0 };
    for counted in [sold, given, none] {
        assert_eq!(on.reports.sales_of_page(counted.page_id).await, Ok(counted));
    }
}

/// The content is kept if it may be, and only for a while; that of a mail that was given up, too.
pub async fn a_sent_mail_can_be_read_again(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let visitor = a_visitor().build();
    let [kept, secret, dead] = [(); 3].map(|()| {
        let handle_id = Some(fixture.handle.id);
        QueuedMail { handle_id, to: visitor.email.clone(), ..a_mail(at(1)) }
    });
    let mut unit = fixture.begin().await;
    for (mail, keep) in [(&kept, true), (&secret, false)] {
        unit.outbox().insert(mail).await.unwrap();
        unit.outbox().sent(mail.id, 1, at(2), keep).await.unwrap();
    }
    unit.outbox().insert(&dead).await.unwrap();
    unit.outbox().failed(dead.id, 14, "no such mailbox", true).await.unwrap();
    unit.commit().await.unwrap();
    let handle = fixture.handle.id;
    let read = |id| {
        let on = on.clone();
        async move { on.outbox.mail_about(handle, id).await.unwrap().unwrap().0.sealed.0 }
    };
    assert_eq!(read(kept.id).await, kept.sealed.0);
    assert!(read(secret.id).await.is_empty());
    for (id, status) in [(kept.id, MailStatus::Sent), (dead.id, MailStatus::Dead)] {
        let found = on.outbox.mail_about(handle, id).await.unwrap();
        assert_eq!(found.map(|(_, status)| status), Some(status));
    }
    let other = fixture.another_handle().await;
    assert_eq!(on.outbox.mail_about(other.id, kept.id).await, Ok(None));
    fixture.commit(async |unit| unit.outbox().forget_contents(at(1), 9).await).await;
    assert_eq!(read(dead.id).await, dead.sealed.0);
    fixture.commit(async |unit| unit.outbox().forget_contents(at(2), 9).await).await;
    assert_eq!(read(kept.id).await, kept.sealed.0);
    assert!(read(dead.id).await.is_empty());
    fixture.commit(async |unit| unit.outbox().forget_contents(at(3), 9).await).await;
    assert!(read(kept.id).await.is_empty());
}

/// A stop is for one handle and one address, and marks the mails of every kind.
pub async fn mails_to_who_stopped_them_are_marked(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let second = fixture.another_handle().await;
    let (bob, eve) = (email("bob@example.com"), email("eve@example.com"));
    let mail = |handle, to: &Email, second| QueuedMail {
        handle_id: Some(handle),
        to: to.clone(),
        ..a_mail(at(second))
    };
    let first = fixture.handle.id;
    let mut unit = fixture.begin().await;
    for mail in
        [mail(first, &bob, 3), mail(first, &eve, 2), mail(second.id, &bob, 1), a_mail(at(4))]
    {
        unit.outbox().insert(&mail).await.unwrap();
        unit.outbox().failed(mail.id, 1, "mailbox full", true).await.unwrap();
    }
    unit.mail_stops().insert(first, &bob, at(5)).await.unwrap();
    unit.commit().await.unwrap();
    let all = PageRequest::default();
    let marks =
        |mails: Vec<LoggedMail>| mails.iter().map(|mail| mail.is_stopped).collect::<Vec<_>>();
    let of_first = on.reports.mails(first, None, &all).await.unwrap();
    assert_eq!(marks(of_first.items), [true, false]);
    let of_second = on.reports.mails(second.id, None, &all).await.unwrap();
    assert_eq!(marks(of_second.items), [false]);
    let dead = on.outbox.dead_mails(&all).await.unwrap();
    assert_eq!(marks(dead.items), [false, true, false, false]);
}

/// Those that are queued and those that were given up, as long as there is something to send.
pub async fn the_backlog_has_the_mails_that_were_not_sent(on: Stores) {
    assert_eq!(on.outbox.backlog().await, Ok(MailBacklog::default()));
    let mails = [3, 2, 1, 1].map(|second| a_mail(at(second)));
    let mut unit = on.begin().await;
    for mail in &mails {
        unit.outbox().insert(mail).await.unwrap();
    }
    let [_, _, sent, dead] = &mails;
    unit.outbox().sent(sent.id, 1, at(5), true).await.unwrap();
    unit.outbox().failed(dead.id, 1, "no such mailbox", true).await.unwrap();
    unit.commit().await.unwrap();
    let backlog = MailBacklog { waiting: 2, waiting_since: Some(at(2)), dead: 1 };
    assert_eq!(on.outbox.backlog().await, Ok(backlog));
    on.commit(async |unit| unit.outbox().revive(dead.id).await).await;
    let backlog = MailBacklog { waiting: 3, waiting_since: Some(at(1)), dead: 0 };
    assert_eq!(on.outbox.backlog().await, Ok(backlog));
}

/// A wildcard in an address stands for itself.
pub async fn mails_are_searched_by_the_start_of_the_address(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let addresses = ["bob@example.com", "b%b@example.com", "eve@example.com"];
    let mut unit = fixture.begin().await;
    for address in addresses {
        let handle_id = Some(fixture.handle.id);
        let mail = QueuedMail { handle_id, to: email(address), ..a_mail(at(1)) };
        unit.outbox().insert(&mail).await.unwrap();
    }
    unit.commit().await.unwrap();
    for (prefix, count) in [("bob", 1), ("b", 2), ("b%", 1), ("%", 0), ("bob@example.com", 1)] {
        let prefix = Some(prefix.to_owned());
        let page = PageRequest::default();
        let found = on.reports.mails(fixture.handle.id, prefix.clone(), &page).await.unwrap();
        assert_eq!(found.items.len(), count, "{prefix:?}");
    }
}
