//! The creators' reports.

use super::{
    evidence::a_dispute,
    fixture::{Fixture, first, walk},
    people::people,
};
use crate::{a_fact, a_gift, a_mail, a_page, an_email, an_order, at, email, money};
use tollgate_domain::{
    access::{FactKind, Purchase},
    checkout::OrderStatus,
    clock::DAY_SECONDS,
    mail::{LoggedMail, MailStatus, QueuedMail},
    paging::{Listing, PageRequest},
    reports::{Sale, SaleFilter, ports::DaySum},
    store::Stores,
};

async fn sales(fixture: &Fixture, filter: &SaleFilter) -> Vec<Purchase> {
    let reports = &fixture.on.reports;
    let sales = reports.sales(fixture.handle.id, filter, &first(100)).await.unwrap();
    sales.items.into_iter().map(|sale| sale.purchase).collect()
}

pub async fn the_reports_of_a_new_handle_are_empty(on: Stores) {
    let fixture = Fixture::new(on).await;
    assert_eq!(sales(&fixture, &SaleFilter::default()).await, vec![]);
    assert_eq!(people(&fixture, None).await, vec![]);
    let reports = &fixture.on.reports;
    assert_eq!(reports.mails(fixture.handle.id, None, &first(100)).await.unwrap().items, vec![]);
    assert_eq!(reports.day_sums(fixture.handle.id, 0..99_999).await.unwrap(), vec![]);
}

pub async fn a_sale_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    let refunded = fixture.bought(|it| it.created_at(at(1)).refunded(at(5))).await;
    let gift = a_gift(&fixture.visitor, &fixture.page).created_at(at(2)).build();
    fixture.keep_gift(&gift).await;
    let mut unit = fixture.begin().await;
    unit.disputes().put(&a_dispute(&refunded, "du_1", at(4))).await.unwrap();
    unit.commit().await.unwrap();
    fixture.keep_fact(&a_fact(&refunded, FactKind::RefundFailed, at(4)).build()).await;
    fixture.keep_fact(&a_fact(&gift, FactKind::RefundAccepted, at(4)).build()).await;
    let found =
        fixture.on.reports.sales(fixture.handle.id, &SaleFilter::default(), &first(9)).await;
    let expected = [(gift, false), (refunded, true)].map(|(purchase, has_trouble)| Sale {
        purchase,
        is_disputed: has_trouble,
        last_refund_failed: has_trouble,
        refund_was_refused: false,
        email: fixture.visitor.email.clone(),
        slug: fixture.page.slug.clone(),
        title: fixture.page.title.clone(),
    });
    assert_eq!(found.unwrap(), Listing { items: expected.to_vec(), next: None });
}

/// Each part of a filter is tried, and several of them together.
pub async fn sales_are_filtered_by_page_and_visitor(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let page = fixture.page(a_page().paid(500, "usd").published()).await;
    let one = fixture.bought_by(&fixture.visitor, &fixture.page, |it| it.created_at(at(1))).await;
    let two = fixture.bought_by(&other, &fixture.page, |it| it.created_at(at(2))).await;
    let three = fixture.bought_by(&other, &page, |it| it.created_at(at(3))).await;
    let any = SaleFilter::default;
    for (filter, expected) in [
        (any(), vec![&three, &two, &one]),
        (SaleFilter { page: Some(fixture.page.id), ..any() }, vec![&two, &one]),
        (SaleFilter { visitor: Some(other.id), ..any() }, vec![&three, &two]),
        (SaleFilter { email: Some(other.email.clone()), ..any() }, vec![&three, &two]),
        (SaleFilter { email: Some(an_email()), ..any() }, vec![]),
        (SaleFilter { page: Some(page.id), visitor: Some(fixture.visitor.id), ..any() }, vec![]),
        (
            SaleFilter {
                page: Some(page.id),
                visitor: Some(other.id),
                email: Some(other.email.clone()),
                ..any()
            },
            vec![&three],
        ),
    ] {
        let expected: Vec<_> = expected.into_iter().cloned().collect();
        assert_eq!(sales(&fixture, &filter).await, expected, "{filter:?}");
    }
}

/// The address is of somebody who bought here. A sign that has a meaning in patterns stands for itself.
pub async fn sales_and_payments_are_found_by_how_an_address_starts(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut sold = Vec::new();
    for (second, address) in
        ["bob@example.com", "bobby@example.com", "b_b@example.com"].iter().enumerate()
    {
        let visitor = fixture.visitor_called(email(address)).await;
        let second = i64::try_from(second).unwrap();
        sold.push(fixture.bought_by(&visitor, &fixture.page, |it| it.created_at(at(second))).await);
        let failed = an_order(&visitor, &fixture.page).open().created_at(at(100 + second));
        assert!(fixture.keep_order(&failed.status(OrderStatus::Failed).build()).await);
    }
    fixture.visitor_called(email("boba@example.com")).await;
    let [bob, bobby, b_b] = sold.as_slice() else { panic!("{sold:?}") };
    for (prefix, expected) in [
        ("bob", vec![bobby, bob]),
        ("bob@", vec![bob]),
        ("bobby@example.com", vec![bobby]),
        ("b_", vec![b_b]),
        ("%", vec![]),
        ("boba", vec![]),
    ] {
        let filter = SaleFilter { prefix: Some(prefix.to_owned()), ..SaleFilter::default() };
        let found = sales(&fixture, &filter).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{prefix}");
        let failed = fixture.on.reports.unfinished_payments(fixture.handle.id, &filter).await;
        assert_eq!(failed.unwrap().len(), expected.len(), "{prefix}");
    }
}

/// Several have the same instant. Parts of every length are tried, with and without a filter.
pub async fn sales_are_paged_without_gaps_or_repeats(on: Stores) {
    let fixture = Fixture::new(on).await;
    for second in [1, 2, 2, 2, 3, 4, 4] {
        fixture.bought(|it| it.created_at(at(second))).await;
    }
    for filter in
        [SaleFilter::default(), SaleFilter { page: Some(fixture.page.id), ..SaleFilter::default() }]
    {
        let whole = sales(&fixture, &filter).await;
        assert_eq!(whole.len(), 7);
        for limit in [1, 2, 3, 6, 7, 8] {
            let part = async |request: PageRequest| {
                fixture.on.reports.sales(fixture.handle.id, &filter, &request).await.unwrap()
            };
            let walked = walk(limit, part).await;
            let walked: Vec<_> = walked.into_iter().map(|sale| sale.purchase).collect();
            assert_eq!(walked, whole, "in parts of {limit}");
        }
    }
}

pub async fn the_reports_of_a_handle_are_its_own(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    let free = fixture.page(a_page().free_with_login().published()).await;
    let purchase = fixture.bought(|it| it).await;
    fixture.visit(&fixture.visitor, &free, at(1)).await;
    let fact = a_fact(&purchase, FactKind::Purchased, at(1)).amount(money(1_200, "usd")).build();
    fixture.keep_fact(&fact).await;
    let reports = &fixture.on.reports;
    let any = SaleFilter::default();
    assert_eq!(reports.sales(other.id, &any, &first(9)).await.unwrap().items, vec![]);
    assert_eq!(reports.people(other.id, None, &first(9)).await.unwrap().items, vec![]);
    assert_eq!(reports.mails(other.id, None, &first(9)).await.unwrap().items, vec![]);
    assert_eq!(reports.day_sums(other.id, 0..99_999).await.unwrap(), vec![]);
    assert_eq!(reports.sales(fixture.handle.id, &any, &first(9)).await.unwrap().items.len(), 1);
    assert_eq!(reports.day_sums(fixture.handle.id, 0..99_999).await.unwrap().len(), 1);
}

/// The log has those that wait, were sent or were given up, newest first.
pub async fn the_mails_about_a_handle_are_logged(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mail = |second| QueuedMail { handle_id: Some(fixture.handle.id), ..a_mail(at(second)) };
    let mails = [mail(1), mail(2), mail(3), mail(4), a_mail(at(5))];
    let mut unit = fixture.begin().await;
    for mail in &mails {
        unit.outbox().insert(mail).await.unwrap();
    }
    unit.commit().await.unwrap();
    let [sent, dead, tried, waiting, _] = &mails;
    let mut unit = fixture.begin().await;
    unit.outbox().failed(sent.id, 1, "try later", false).await.unwrap();
    unit.outbox().sent(sent.id, 2, at(6), false).await.unwrap();
    unit.outbox().failed(dead.id, 14, "mailbox full", true).await.unwrap();
    unit.outbox().failed(tried.id, 3, "try later", false).await.unwrap();
    unit.commit().await.unwrap();
    let log = |mail: &QueuedMail, status, attempts, sent_at, last_error: Option<&str>| LoggedMail {
        id: mail.id,
        kind: mail.kind,
        to: mail.to.clone(),
        status,
        attempts,
        queued_at: mail.queued_at,
        sent_at,
        last_error: last_error.map(ToOwned::to_owned),
        is_stopped: false,
    };
    let expected = vec![
        log(waiting, MailStatus::Queued, 0, None, None),
        log(tried, MailStatus::Queued, 3, None, Some("try later")),
        log(dead, MailStatus::Dead, 14, None, Some("mailbox full")),
        log(sent, MailStatus::Sent, 2, Some(at(6)), None),
    ];
    let part = async |request: PageRequest| {
        fixture.on.reports.mails(fixture.handle.id, None, &request).await.unwrap()
    };
    for limit in 1..=5 {
        assert_eq!(walk(limit, part).await, expected, "in parts of {limit}");
    }
}

/// A day ends at midnight, UTC; what moved no money is not part of a sum.
pub async fn facts_are_added_up_by_day_kind_and_currency(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let midnight = (at(0).as_second() / DAY_SECONDS + 1) * DAY_SECONDS - at(0).as_second();
    let bought = |second, amount, currency| {
        a_fact(&purchase, FactKind::Purchased, at(second)).amount(money(amount, currency)).build()
    };
    let refunded = |second, amount| {
        a_fact(&purchase, FactKind::RefundAccepted, at(second)).amount(money(amount, "usd")).build()
    };
    for fact in [
        bought(midnight - 1, 700, "usd"),
        bought(midnight, 1_200, "usd"),
        bought(midnight + 1, 300, "usd"),
        bought(midnight + 1, 900, "jpy"),
        refunded(midnight + 2, 200),
        a_fact(&purchase, FactKind::Disputed, at(midnight + 2)).build(),
        bought(midnight + DAY_SECONDS, 50, "usd"),
    ] {
        assert!(fixture.keep_fact(&fact).await);
    }
    let day = at(midnight).as_second() / DAY_SECONDS;
    let sum = |day, kind, count, amount| DaySum { day, kind, count, amount };
    let expected = [
        sum(day - 1, FactKind::Purchased, 1, money(700, "usd")),
        sum(day, FactKind::Purchased, 1, money(900, "jpy")),
        sum(day, FactKind::Purchased, 2, money(1_500, "usd")),
        sum(day, FactKind::RefundAccepted, 1, money(200, "usd")),
    ];
    let reports = &fixture.on.reports;
    let mut sums = reports.day_sums(fixture.handle.id, day - 1..day + 1).await.unwrap();
    sums.sort_by_key(|sum| (sum.day, sum.kind, sum.amount.currency.code()));
    assert_eq!(sums, expected);
    let later = reports.day_sums(fixture.handle.id, day..day + 1).await.unwrap();
    assert_eq!(later.len(), 3);
}
