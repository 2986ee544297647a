//! The creator's books.

use tollgate_domain::{
    access::{AccessStatus, GrantType},
    books::{BooksError, Person, Revenue, SaleQuery},
    checkout::RefundProgress,
    paging::PageRequest,
    testing::{a_page, email, money, slug},
};

use crate::{BOB, Sale};

async fn revenue(sale: &Sale, from: Option<&str>, to: Option<&str>) -> Result<Revenue, BooksError> {
    let Sale { world, shop, .. } = sale;
    world.books.revenue(&shop.creator, &shop.handle.name, from, to).await
}

#[pollster::test]
async fn the_books_tell_sales_people_and_mails() {
    let sale = Sale::new().await;
    let Sale { world, shop, page, bob } = &sale;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    world.buy(shop, page, bob).await;
    let given = world.give(shop, page, "carol@example.com").await;
    world.deliver_mails().await;
    let all = PageRequest::default();
    let sales = world.books.sales(creator, name, SaleQuery::default(), &all).await.unwrap();
    let mut told: Vec<_> = sales.items.iter().map(|it| (it.email.as_str(), it.status())).collect();
    told.sort_unstable_by_key(|told| told.0);
    assert_eq!(told, [(BOB, AccessStatus::Active), ("carol@example.com", AccessStatus::Active)]);
    let none = SaleQuery { page: Some(slug("nothing")), ..SaleQuery::default() };
    assert!(world.books.sales(creator, name, none, &all).await.unwrap().items.is_empty());

    let people = world.books.people(creator, name, None, &all).await.unwrap().items;
    assert_eq!(people.len(), 2);
    let found = world.books.people(creator, name, Some(" CAR "), &all).await.unwrap().items;
    let ids: Vec<_> = found.iter().map(|person: &Person| person.id).collect();
    assert_eq!(ids, [given.visitor.id]);
    let long = "a".repeat(255);
    let refused = world.books.people(creator, name, Some(&long), &all).await;
    assert!(matches!(refused, Err(BooksError::Invalid(_))));
    assert!(world.books.people(creator, name, Some("a\0"), &all).await.unwrap().items.is_empty());

    let mails = world.books.mails(creator, name, &all).await.unwrap().items;
    let mut kinds: Vec<_> = mails.iter().map(|mail| mail.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["granted", "receipt"]);
    assert!(mails.iter().all(|mail| mail.sent_at.is_some() && mail.attempts == 1));
}

#[pollster::test]
async fn a_creator_sees_only_own_books() {
    let sale = Sale::new().await;
    let Sale { world, shop, page, bob } = &sale;
    world.buy(shop, page, bob).await;
    let eve = world.shop("eve").await;
    let own = world.page(&eve, a_page().paid(500, "usd").published()).await;
    let (creator, all) = (&eve.creator, PageRequest::default());
    let theirs = &shop.handle.name;
    let query = SaleQuery::default;
    assert!(matches!(
        world.books.sales(creator, theirs, query(), &all).await,
        Err(BooksError::HandleNotFound)
    ));
    assert!(matches!(
        world.books.people(creator, theirs, None, &all).await,
        Err(BooksError::HandleNotFound)
    ));
    assert!(matches!(
        world.books.mails(creator, theirs, &all).await,
        Err(BooksError::HandleNotFound)
    ));
    assert!(matches!(
        world.books.revenue(creator, theirs, None, None).await,
        Err(BooksError::HandleNotFound)
    ));
    let name = &eve.handle.name;
    for query in [
        query(),
        SaleQuery { email: Some(email(BOB)), ..query() },
        SaleQuery { visitor: Some(world.visitor(bob).await.id), ..query() },
        SaleQuery { page: Some(own.slug.clone()), ..query() },
    ] {
        assert!(world.books.sales(creator, name, query, &all).await.unwrap().items.is_empty());
    }
    assert!(world.books.people(creator, name, Some("bob"), &all).await.unwrap().items.is_empty());
}

#[pollster::test]
async fn a_refund_counts_on_its_own_day_and_a_failed_one_is_taken_back() {
    let sale = Sale::new().await;
    let Sale { world, shop, page, bob } = &sale;
    let bought = world.buy(shop, page, bob).await;
    world.clock.advance_seconds(3 * 24 * 3600);
    world.payments.set_refund_progress(RefundProgress::Pending);
    let visitor = world.visitor(bob).await;
    let receipt = world.refund(shop, page, &visitor).await.unwrap();
    let told = revenue(&sale, None, None).await.unwrap();
    let days: Vec<_> = told
        .days
        .iter()
        .map(|day| (day.day.to_string(), day.takings.sales, day.takings.net()))
        .collect();
    assert_eq!(
        days,
        [
            ("2026-01-04".to_owned(), 0, money(-1_200, "usd")),
            ("2026-01-01".to_owned(), 1, money(1_200, "usd")),
        ]
    );
    let [total] = told.totals.as_slice() else { panic!("{told:?}") };
    assert_eq!((total.sales, total.gross, total.net()), (1, money(1_200, "usd"), money(0, "usd")));

    world.clock.advance_seconds(24 * 3600);
    world.payments.fail_refund(&receipt.refund);
    world.deliver_webhooks().await;
    assert_eq!(world.purchase(&bought).grant_type, GrantType::Purchase);
    let told = revenue(&sale, None, None).await.unwrap();
    assert_eq!(told.days.len(), 3);
    assert_eq!(told.days[0].takings.refunded, money(-1_200, "usd"));
    assert_eq!(told.totals[0].refunded, money(0, "usd"));
    let first_day = revenue(&sale, Some("2026-01-01"), Some("2026-01-01")).await.unwrap();
    assert_eq!(first_day.totals[0].net(), money(1_200, "usd"));
    let before = revenue(&sale, Some("2025-12-01"), Some("2025-12-31")).await.unwrap();
    assert_eq!(before, Revenue::default());
}

#[pollster::test]
async fn a_period_is_two_days_of_the_calendar_at_most_a_year_apart() {
    let sale = Sale::new().await;
    for (from, to, field) in [
        (Some("2026-1-1"), None, "from"),
        (Some(""), None, "from"),
        (Some("2026-02-30"), None, "from"),
        (None, Some("2026-01-01T00:00:00Z"), "to"),
        (None, Some("20260101xx"), "to"),
        (Some("2026-01-02"), Some("2026-01-01"), "to"),
        (Some("2024-12-31"), Some("2026-01-01"), "from"),
        (None, Some("9999-12-31"), "to"),
        (Some("-999-01-01"), None, "from"),
    ] {
        let Err(BooksError::Invalid(fields)) = revenue(&sale, from, to).await else {
            panic!("{from:?} {to:?}")
        };
        assert!(fields.fields().contains_key(field), "{from:?} {to:?}: {fields:?}");
    }
    assert!(revenue(&sale, Some("2025-01-01"), Some("2026-01-01")).await.is_ok());
    assert!(revenue(&sale, Some("2024-01-01"), Some("2024-12-31")).await.is_ok());
    assert!(revenue(&sale, Some("0000-01-01"), Some("0000-01-01")).await.is_ok());
}
