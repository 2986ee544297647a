//! The people of a handle.

use super::{
    fixture::{Fixture, first, walk},
    group_buys::{express, stored_group_buy},
};
use crate::{a_file, a_gift, a_page, a_place, at, email};
use jiff::Timestamp;
use tollgate_domain::{
    creators::{FrontendOrigin, HandleChange},
    group_buys::Expressed,
    id::VisitorId,
    paging::{Cursor, Listing, PageRequest},
    reports::{PagesGot, Person, Relation},
    store::Stores,
    visitor_auth::Visitor,
};

/// The people of the fixture's handle, or those whose address starts so.
pub(super) async fn people(fixture: &Fixture, prefix: Option<&str>) -> Vec<Person> {
    fixture
        .on
        .reports
        .people(fixture.handle.id, prefix.map(ToOwned::to_owned), &first(100))
        .await
        .unwrap()
        .items
}

/// Each person comes with everything that they have to do with the handle.
pub async fn people_are_listed_once_with_their_relations(on: Stores) {
    let fixture = Fixture::new(on).await;
    let free = fixture.page(a_page().free_with_login().published()).await;
    let (guest, _) = fixture.another_visitor().await;
    let (given, _) = fixture.another_visitor().await;
    let (stranger, _) = fixture.another_visitor().await;
    for _ in 0..3 {
        fixture.bought(|it| it).await;
    }
    fixture.visit(&fixture.visitor, &free, at(1)).await;
    fixture.visit(&guest, &free, at(2)).await;
    fixture.keep_gift(&a_gift(&given, &fixture.page).revoked(at(3)).build()).await;
    let (joiner, _) = fixture.another_visitor().await;
    let group_buy = stored_group_buy(&fixture, |it| it).await;
    let joined = express(&fixture.on, group_buy.id, joiner.id, 2, at(4)).await;
    assert!(matches!(joined, Expressed::Joined(_)));
    let (reader, _) = fixture.another_visitor().await;
    let (removed, _) = fixture.another_visitor().await;
    let file = fixture.file(a_file().by_list()).await;
    for who in [&reader, &removed] {
        assert!(fixture.place(&a_place(&file, &who.email, at(5))).await);
    }
    assert!(fixture.unplace(&file, &removed.email, at(6)).await.is_some());
    let (bought, ended, none) = (
        PagesGot { bought: 1, ..PagesGot::default() },
        PagesGot { ended: 1, ..PagesGot::default() },
        PagesGot::default(),
    );
    let mut expected = [
        (&fixture.visitor, vec![Relation::Purchase, Relation::FreeLogin], bought),
        (&guest, vec![Relation::FreeLogin], none),
        (&given, vec![Relation::Purchase], ended),
        (&joiner, vec![Relation::GroupBuy], none),
        (&reader, vec![Relation::Allowlist], none),
    ]
    .map(|(visitor, relations, got)| Person {
        id: visitor.id,
        email: visitor.email.clone(),
        relations: relations.into_iter().collect(),
        got,
    });
    expected.sort_by(|one, other| one.email.as_str().cmp(other.email.as_str()));
    assert_eq!(people(&fixture, None).await, expected);
    for limit in 1..=4 {
        let part = async |request: PageRequest| {
            fixture.on.reports.people(fixture.handle.id, None, &request).await.unwrap()
        };
        assert_eq!(walk(limit, part).await, expected, "in parts of {limit}");
    }
    // A position that is somebody else's tells nothing, not even whether there is such a person.
    let nobody = VisitorId::new(&crate::SeededRandom::new(7));
    for unrelated in [stranger.id, nobody] {
        let after = Some(Cursor { at: Timestamp::UNIX_EPOCH, id: unrelated.to_string() });
        let request = PageRequest { limit: 50, after };
        let found = fixture.on.reports.people(fixture.handle.id, None, &request).await.unwrap();
        assert_eq!(found, Listing { items: vec![], next: None });
    }
}

/// Each page counts once, by what the person has of it now, and what somebody else or another handle has of it does not count.
pub async fn the_pages_that_a_person_got_are_counted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let page = async || fixture.page(a_page().paid(700, "usd").published()).await;
    let [own, again, disputed, given, both] =
        [page().await, page().await, page().await, page().await, page().await];
    let [refunded, lost, taken] = [page().await, page().await, page().await];
    let visitor = &fixture.visitor;
    fixture.bought_by(visitor, &own, |it| it).await;
    fixture.bought_by(visitor, &again, |it| it.refunded(at(2))).await;
    fixture.bought_by(visitor, &again, |it| it).await;
    fixture.bought_by(visitor, &disputed, |it| it.suspended(at(2))).await;
    for page in [&given, &both] {
        fixture.keep_gift(&a_gift(visitor, page).build()).await;
    }
    fixture.bought_by(visitor, &both, |it| it).await;
    fixture.bought_by(visitor, &refunded, |it| it.refunded(at(2))).await;
    fixture.bought_by(visitor, &lost, |it| it.revoked(at(2))).await;
    fixture.keep_gift(&a_gift(visitor, &taken).revoked(at(2)).build()).await;
    let (other, _) = fixture.another_visitor().await;
    fixture.bought_by(&other, &own, |it| it).await;
    let elsewhere = fixture.another_handle().await;
    let theirs = a_page().of(&elsewhere).paid(700, "usd").published().build();
    assert!(fixture.commit(async |unit| unit.pages().insert(&theirs).await).await);
    fixture.bought_by(visitor, &theirs, |it| it).await;
    let found = people(&fixture, Some(visitor.email.as_str())).await;
    let got: Vec<_> = found.iter().map(|person| person.got).collect();
    assert_eq!(got, [PagesGot { bought: 4, given: 2, refunded: 1, ended: 2 }]);
}

/// They are known by whatever they have to do with a handle that registered the origin, and at no other origin.
pub async fn people_are_known_at_the_origins_of_their_handles(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (second, third) = (fixture.another_handle().await, fixture.another_handle().await);
    let origin = |text: &str| text.parse::<FrontendOrigin>().unwrap();
    let (shop, elsewhere) = (origin("https://shop.example"), origin("https://other.example"));
    for (handle, origins) in [
        (&second, vec![shop.clone()]),
        (&fixture.handle, vec![elsewhere.clone(), shop.clone()]),
        (&third, vec![elsewhere.clone()]),
    ] {
        let change = HandleChange { frontend_origins: Some(origins), ..HandleChange::default() };
        fixture.commit(async |unit| unit.handles().change(handle.id, &change).await).await;
    }
    let knows = async |origin: &FrontendOrigin, who: &Visitor| {
        fixture.on.reports.is_among_people(origin, who).await.unwrap()
    };
    let mut people = Vec::new();
    for _ in 0..5 {
        people.push(fixture.another_visitor().await.0);
    }
    let [guest, given, joiner, reader, stranger] = <[Visitor; 5]>::try_from(people).unwrap();
    let free = fixture.page(a_page().free_with_login().published()).await;
    let group_buy = stored_group_buy(&fixture, |it| it).await;
    let file = a_file().of(&second).by_list().build();
    assert!(fixture.reserve(&file, at(60)).await && fixture.complete(&file).await);
    let place = a_place(&file, &reader.email, at(5));
    for who in [&fixture.visitor, &guest, &given, &joiner, &reader] {
        assert!(!knows(&shop, who).await);
    }
    fixture.bought(|it| it).await;
    fixture.visit(&guest, &free, at(1)).await;
    fixture.keep_gift(&a_gift(&given, &fixture.page).revoked(at(3)).build()).await;
    let joined = express(&fixture.on, group_buy.id, joiner.id, 2, at(4)).await;
    assert!(matches!(joined, Expressed::Joined(_)));
    assert!(fixture.place(&place).await);
    for who in [&fixture.visitor, &guest, &given, &joiner, &reader] {
        assert!(knows(&shop, who).await);
        assert_eq!(knows(&elsewhere, who).await, who.id != reader.id);
        assert!(!knows(&origin("https://third.example"), who).await);
    }
    assert!(!knows(&shop, &stranger).await);
    assert!(fixture.unplace(&file, &reader.email, at(6)).await.is_some());
    assert!(!knows(&shop, &reader).await);
}

/// What stands for anything in a pattern stands for itself in an address.
pub async fn people_are_found_by_how_their_address_starts(on: Stores) {
    let fixture = Fixture::new(on).await;
    for address in ["anna@example.com", "a_b@example.com", "axb@example.com", "a%b@example.com"] {
        let visitor = fixture.visitor_called(email(address)).await;
        fixture.bought_by(&visitor, &fixture.page, |it| it).await;
    }
    // Somebody else's buyer, or nobody's.
    fixture.visitor_called(email("anton@example.com")).await;
    for (prefix, expected) in [
        ("an", vec!["anna@example.com"]),
        ("a", vec!["a%b@example.com", "a_b@example.com", "anna@example.com", "axb@example.com"]),
        ("a_b", vec!["a_b@example.com"]),
        ("a%", vec!["a%b@example.com"]),
        ("anna@example.com", vec!["anna@example.com"]),
        ("nna", vec![]),
        ("\\", vec![]),
        ("%", vec![]),
    ] {
        let found = people(&fixture, Some(prefix)).await;
        let found: Vec<_> = found.iter().map(|person| person.email.as_str()).collect();
        assert_eq!(found, expected, "{prefix}");
    }
}
