//! The creator's reports.

use tollgate_domain::{
    access::{AccessStatus, GrantType},
    clock::{Clock, plus_seconds},
    paging::PageRequest,
    payments::{
        DisputeProgress, DisputeState, EventSubject, Payments, PaymentsError, RefundProgress,
        Refusal,
    },
    reconcile::ProviderUpdate,
    reports::{Person, ReportsError, Revenue, SaleQuery},
    validation::Field,
};
use tollgate_domain_testing::{Call, Fault, a_page, email, money, slug};

use crate::{ADA, BOB, Sale};

async fn revenue(
    sale: &Sale,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Revenue, ReportsError> {
    let Sale { app, shop, .. } = sale;
    app.reports.revenue(&shop.creator, &shop.handle.name, from, to).await
}

#[pollster::test]
async fn addresses_are_found_as_they_are_typed_or_pasted() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, .. } = &sale;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    app.give(shop, page, "carol@bücher.example").await;
    app.deliver_mails().await;
    let all = PageRequest::default();
    for typed in ["carol@bücher.example", "Carol@B\u{dc}CHER.example. ", "\u{200b}ca\u{ad}ROL"] {
        let start = Some(typed);
        let people = app.reports.people(creator, name, start, &all).await.unwrap().items;
        assert_eq!(people.len(), 1, "{typed:?}");
        let mails = app.reports.mails(creator, name, start, &all).await.unwrap().items;
        assert_eq!(mails.len(), 1, "{typed:?}");
        let wanted = SaleQuery { prefix: Some(typed.to_owned()), ..SaleQuery::default() };
        let sales = app.reports.sales(creator, name, wanted, &all).await.unwrap().items;
        assert_eq!(sales.len(), 1, "{typed:?}");
    }
}

#[pollster::test]
async fn the_reports_tell_sales_people_and_mails() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, bob } = &sale;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    app.buy(shop, page, bob).await;
    let given = app.give(shop, page, "carol@example.com").await;
    app.deliver_mails().await;
    let all = PageRequest::default();
    let sales = app.reports.sales(creator, name, SaleQuery::default(), &all).await.unwrap();
    let mut told: Vec<_> = sales.items.iter().map(|it| (it.email.as_str(), it.status())).collect();
    told.sort_unstable_by_key(|told| told.0);
    assert_eq!(told, [(BOB, AccessStatus::Active), ("carol@example.com", AccessStatus::Active)]);
    let none = SaleQuery { page: Some(slug("nothing")), ..SaleQuery::default() };
    assert!(app.reports.sales(creator, name, none, &all).await.unwrap().items.is_empty());

    let people = app.reports.people(creator, name, None, &all).await.unwrap().items;
    assert_eq!(people.len(), 2);
    let found = app.reports.people(creator, name, Some(" CAR "), &all).await.unwrap().items;
    let ids: Vec<_> = found.iter().map(|person: &Person| person.id).collect();
    assert_eq!(ids, [given.visitor.id]);
    let long = "a".repeat(255);
    let refused = app.reports.people(creator, name, Some(&long), &all).await;
    assert!(matches!(refused, Err(ReportsError::Invalid(_))));
    assert!(app.reports.people(creator, name, Some("a\0"), &all).await.unwrap().items.is_empty());

    let mails = app.reports.mails(creator, name, None, &all).await.unwrap().items;
    let mut kinds: Vec<_> = mails.iter().map(|mail| mail.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["granted", "receipt"]);
    assert!(mails.iter().all(|mail| mail.sent_at.is_some() && mail.attempts == 1));
}

#[pollster::test]
async fn a_creator_sees_only_own_reports() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, bob } = &sale;
    app.buy(shop, page, bob).await;
    let eve = app.shop("eve").await;
    let own = app.page(&eve, a_page().paid(500, "usd").published()).await;
    let (creator, all) = (&eve.creator, PageRequest::default());
    let theirs = &shop.handle.name;
    let query = SaleQuery::default;
    assert!(matches!(
        app.reports.sales(creator, theirs, query(), &all).await,
        Err(ReportsError::HandleNotFound)
    ));
    assert!(matches!(
        app.reports.people(creator, theirs, None, &all).await,
        Err(ReportsError::HandleNotFound)
    ));
    assert!(matches!(
        app.reports.attention(creator, theirs, 9).await,
        Err(ReportsError::HandleNotFound)
    ));
    assert!(matches!(
        app.reports.mails(creator, theirs, None, &all).await,
        Err(ReportsError::HandleNotFound)
    ));
    assert!(matches!(
        app.reports.revenue(creator, theirs, None, None).await,
        Err(ReportsError::HandleNotFound)
    ));
    let name = &eve.handle.name;
    for query in [
        query(),
        SaleQuery { email: Some(email(BOB)), ..query() },
        SaleQuery { visitor: Some(app.visitor(bob).await.id), ..query() },
        SaleQuery { page: Some(own.slug.clone()), ..query() },
    ] {
        assert!(app.reports.sales(creator, name, query, &all).await.unwrap().items.is_empty());
    }
    assert!(app.reports.people(creator, name, Some("bob"), &all).await.unwrap().items.is_empty());
}

#[pollster::test]
async fn a_refund_counts_on_its_own_day_and_a_failed_one_is_taken_back() {
    let sale = Sale::new().await;
    let Sale { app, shop, page, bob } = &sale;
    let bought = app.buy(shop, page, bob).await;
    app.clock.advance_seconds(3 * 24 * 3600);
    app.payments.set_refund_progress(RefundProgress::Pending);
    let visitor = app.visitor(bob).await;
    let receipt = app.refund(shop, page, &visitor).await.unwrap();
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

    app.clock.advance_seconds(24 * 3600);
    app.payments.fail_refund(&receipt.refund);
    app.deliver_webhooks().await;
    assert_eq!(app.purchase(&bought).grant_type, GrantType::Purchase);
    let told = revenue(&sale, None, None).await.unwrap();
    assert_eq!(told.days.len(), 3);
    assert_eq!(told.days[0].takings.refunded, money(-1_200, "usd"));
    assert_eq!(told.totals[0].refunded, money(0, "usd"));
    let first_day = revenue(&sale, Some("2026-01-01"), Some("2026-01-01")).await.unwrap();
    assert_eq!(first_day.totals[0].net(), money(1_200, "usd"));
    let before = revenue(&sale, Some("2025-12-01"), Some("2025-12-31")).await.unwrap();
    assert_eq!(before, Revenue::default());
}

/// Once, however often it is learnt, and not if it is won after all; in every order.
#[pollster::test]
async fn a_lost_dispute_counts_like_a_refund() {
    const OPEN: (DisputeProgress, i64) = (DisputeProgress::Open, 1_200);
    const WON: (DisputeProgress, i64) = (DisputeProgress::Won, 1_200);
    const LOST: (DisputeProgress, i64) = (DisputeProgress::Lost, 0);
    const LOST_BEFORE: (DisputeProgress, i64) = (DisputeProgress::Lost, 1_200);
    for learnt in [vec![OPEN, LOST, LOST], vec![LOST, WON, LOST_BEFORE], vec![WON, LOST_BEFORE]] {
        let sale = Sale::new().await;
        let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
        let payments = &sale.app.payments;
        let payment = bought.payment.unwrap().payment_intent;
        let dispute = payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
        for (progress, left) in &learnt {
            payments.decide_dispute(&dispute, *progress);
            sale.app.deliver_webhooks().await;
            let told = revenue(&sale, None, None).await.unwrap();
            assert_eq!(told.totals[0].net(), money(*left, "usd"), "{progress:?} of {learnt:?}");
            assert_eq!((told.totals[0].sales, told.totals[0].gross), (1, money(1_200, "usd")));
        }
    }
}

/// The newest read decides, in whatever order reads are applied.
#[pollster::test]
async fn a_dispute_is_what_it_was_when_it_was_read_last() {
    use DisputeProgress::{Lost, Open, Won};
    for (history, is_open) in [
        (vec![(Open, 1), (Won, 2), (Lost, 3)], false),
        (vec![(Lost, 3)], false),
        (vec![(Lost, 3), (Won, 2), (Open, 1)], false),
        (vec![(Lost, 3), (Open, 1), (Won, 2), (Lost, 3)], false),
        (vec![(Open, 1), (Lost, 2), (Won, 3)], true),
        (vec![(Won, 3), (Lost, 2), (Open, 1)], true),
        (vec![(Lost, 2), (Won, 3), (Lost, 2)], true),
        // In a third turn.
        (vec![(Won, 1), (Lost, 2), (Won, 3)], true),
        (vec![(Won, 1), (Won, 3), (Lost, 2)], true),
        (vec![(Lost, 2), (Won, 1), (Won, 3)], true),
        (vec![(Lost, 2), (Won, 3), (Won, 1)], true),
        (vec![(Won, 3), (Won, 1), (Lost, 2)], true),
        (vec![(Won, 3), (Lost, 2), (Won, 1)], true),
        (vec![(Lost, 1), (Won, 2), (Lost, 3)], false),
        (vec![(Lost, 1), (Lost, 3), (Won, 2)], false),
        (vec![(Won, 2), (Lost, 1), (Lost, 3)], false),
        (vec![(Won, 2), (Lost, 3), (Lost, 1)], false),
        (vec![(Lost, 3), (Lost, 1), (Won, 2)], false),
        (vec![(Lost, 3), (Won, 2), (Lost, 1)], false),
        (vec![(Won, 1), (Lost, 2), (Won, 3), (Lost, 4), (Lost, 4)], false),
        // After it was opened again.
        (vec![(Lost, 1), (Open, 2), (Won, 3)], true),
        (vec![(Won, 1), (Open, 2), (Won, 3), (Open, 2)], true),
        (vec![(Lost, 1), (Open, 2), (Lost, 3), (Open, 2)], false),
        // And lost once more, which takes nothing.
        (vec![(Lost, 1), (Open, 2), (Lost, 3), (Won, 4)], true),
        (vec![(Lost, 1), (Open, 2), (Lost, 3), (Won, 4), (Lost, 5)], false),
        (vec![(Lost, 1), (Won, 2), (Lost, 3), (Open, 4), (Lost, 5), (Won, 6)], true),
        // Of the same instant.
        (vec![(Lost, 2), (Won, 2)], true),
        (vec![(Won, 2), (Lost, 2)], true),
    ] {
        let sale = Sale::new().await;
        let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
        let payment = bought.payment.unwrap();
        let opened = sale.app.payments.dispute(&payment.payment_intent, Open).unwrap();
        let (payments, began) = (&sale.app.payments, sale.app.clock.now());
        for (progress, hours) in &history {
            payments.decide_dispute(&opened, *progress);
            let state = Payments::dispute(&**payments, &payment.account, &opened).await.unwrap();
            let update = ProviderUpdate::Dispute(state, plus_seconds(began, hours * 3_600));
            sale.app.updates.apply(&payment.account, update).await.unwrap();
        }
        assert_eq!(sale.is_open().await, is_open, "{history:?}");
        let left = if is_open { 1_200 } else { 0 };
        let told = revenue(&sale, None, None).await.unwrap();
        assert_eq!(told.totals[0].net(), money(left, "usd"), "{history:?}");
    }
}

#[pollster::test]
async fn a_refund_and_a_dispute_in_another_currency_add_up_in_every_order() {
    for is_refund_first in [true, false] {
        let sale = Sale::new().await;
        let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
        let payment = bought.payment.unwrap();
        let intent = &payment.payment_intent;
        sale.app.payments.refund_in_dashboard(intent, 300).unwrap();
        let opened = sale.app.payments.dispute(intent, DisputeProgress::Lost).unwrap();
        let state = Payments::dispute(&*sale.app.payments, &payment.account, &opened).await;
        let state = DisputeState { amount: 800, currency: "eur".to_owned(), ..state.unwrap() };
        let events = sale.app.payments.take_events().into_iter();
        let events = events.filter(|event| event.subject != EventSubject::Dispute);
        let events: Vec<_> = events.collect();
        let update = ProviderUpdate::Dispute(state, sale.app.clock.now());
        if is_refund_first {
            sale.app.deliver(events.clone()).await;
        }
        sale.app.updates.apply(&payment.account, update).await.unwrap();
        if !is_refund_first {
            sale.app.deliver(events).await;
        }
        let told = revenue(&sale, None, None).await.unwrap();
        assert_eq!(told.totals[0].net(), money(0, "usd"), "{is_refund_first}");
    }
}

/// A bank may take the whole of a payment of which some was refunded before, and the provider books both. It is not a mistake that
/// this is more than what was paid: of a refund that fails then, only the loss is left.
#[pollster::test]
async fn a_refund_and_the_loss_of_the_whole_both_count_until_the_refund_fails() {
    for is_refund_first in [true, false] {
        let sale = Sale::new().await;
        let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
        let payment = bought.payment.unwrap().payment_intent;
        let payments = &sale.app.payments;
        let refund = payments.refund_in_dashboard(&payment, 500).unwrap();
        let refunded = payments.take_events();
        payments.dispute(&payment, DisputeProgress::Lost).unwrap();
        let lost = payments.take_events();
        let in_turn = if is_refund_first { [refunded, lost] } else { [lost, refunded] };
        for events in in_turn {
            sale.app.deliver(events).await;
        }
        let told = revenue(&sale, None, None).await.unwrap();
        assert_eq!(told.totals[0].net(), money(-500, "usd"), "{is_refund_first}");
        assert_eq!(sale.app.store.purchases().pop().unwrap().left(), 0);
        payments.fail_refund(&refund);
        sale.app.deliver_webhooks().await;
        let told = revenue(&sale, None, None).await.unwrap();
        assert_eq!(told.totals[0].net(), money(0, "usd"), "{is_refund_first}");
    }
}

/// A bank may take it back in its own currency.
#[pollster::test]
async fn a_dispute_that_is_lost_in_another_currency_is_set_against_the_sale() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payment = bought.payment.unwrap();
    let intent = &payment.payment_intent;
    let opened = sale.app.payments.dispute(intent, DisputeProgress::Lost).unwrap();
    let state = Payments::dispute(&*sale.app.payments, &payment.account, &opened).await.unwrap();
    let state = DisputeState { amount: 1_100, currency: "eur".to_owned(), ..state };
    let update = ProviderUpdate::Dispute(state, sale.app.clock.now());
    sale.app.updates.apply(&payment.account, update).await.unwrap();
    let told = revenue(&sale, None, None).await.unwrap();
    assert_eq!(told.totals.len(), 1);
    assert_eq!(told.totals[0].net(), money(0, "usd"));
}

/// And nobody hears of it twice.
#[pollster::test]
async fn a_loss_in_another_currency_stays_what_it_was_when_an_older_win_is_learnt() {
    use DisputeProgress::{Lost, Won};
    let sale = Sale::new().await;
    let payment = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
    let (payments, intent) = (&sale.app.payments, &payment.payment_intent);
    payments.refund_in_dashboard(intent, 300).unwrap();
    sale.app.deliver_webhooks().await;
    let opened = payments.dispute(intent, Lost).unwrap();
    let began = sale.app.clock.now();
    for (progress, hours) in [(Lost, 1), (Lost, 4), (Won, 3)] {
        payments.decide_dispute(&opened, progress);
        let state = Payments::dispute(&**payments, &payment.account, &opened).await.unwrap();
        let state = DisputeState { amount: 800, currency: "eur".to_owned(), ..state };
        let update = ProviderUpdate::Dispute(state, plus_seconds(began, hours * 3_600));
        sale.app.updates.apply(&payment.account, update).await.unwrap();
    }
    assert!(!sale.is_open().await);
    let told = revenue(&sale, None, None).await.unwrap();
    assert_eq!(told.totals[0].net(), money(0, "usd"));
    let mails = sale.mails_to(ADA).await.into_iter();
    assert_eq!(mails.filter(|mail| *mail == "dispute_decided").count(), 1);
}

/// What is known here counts then, and neither the event nor a sweep waits.
#[pollster::test]
async fn a_dispute_that_is_lost_in_another_currency_counts_if_its_refunds_are_not_shown() {
    for call in [Call::ChargeOfPayment, Call::RefundsOfCharge] {
        let sale = Sale::new().await;
        let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
        let payment = bought.payment.unwrap();
        let (payments, intent) = (&sale.app.payments, &payment.payment_intent);
        payments.refund_in_dashboard(intent, 300).unwrap();
        sale.app.deliver_webhooks().await;
        let opened = payments.dispute(intent, DisputeProgress::Lost).unwrap();
        let state = Payments::dispute(&**payments, &payment.account, &opened).await.unwrap();
        let state = DisputeState { amount: 800, currency: "eur".to_owned(), ..state };
        let error = PaymentsError::Refused { refusal: Refusal::Other, message: "403".into() };
        payments.fail_next(call, Fault::BeforeEffect(error));
        let update = ProviderUpdate::Dispute(state, sale.app.clock.now());
        sale.app.updates.apply(&payment.account, update).await.unwrap();
        assert!(!sale.is_open().await);
        let told = revenue(&sale, None, None).await.unwrap();
        assert_eq!(told.totals[0].net(), money(0, "usd"), "{call:?}");
        assert!(sale.mails_to(ADA).await.contains(&"dispute_decided"));
    }
}

#[pollster::test]
async fn a_period_is_two_days_of_the_calendar_at_most_a_year_apart() {
    let sale = Sale::new().await;
    for (from, to, field) in [
        (Some("2026-1-1"), None, Field::FirstDay),
        (Some(""), None, Field::FirstDay),
        (Some("2026-02-30"), None, Field::FirstDay),
        (None, Some("2026-01-01T00:00:00Z"), Field::LastDay),
        (None, Some("20260101xx"), Field::LastDay),
        (Some("2026-01-02"), Some("2026-01-01"), Field::LastDay),
        (Some("2024-12-31"), Some("2026-01-01"), Field::FirstDay),
        (Some("9998-12-30"), Some("9999-12-31"), Field::FirstDay),
        (None, Some("10000-1-1"), Field::LastDay),
        (Some("-999-01-01"), None, Field::FirstDay),
    ] {
        let Err(ReportsError::Invalid(fields)) = revenue(&sale, from, to).await else {
            panic!("{from:?} {to:?}")
        };
        assert!(fields.fields().contains_key(&field), "{from:?} {to:?}: {fields:?}");
    }
    let future = revenue(&sale, Some("2027-01-01"), None).await.unwrap();
    assert_eq!(future, Revenue::default());
    assert!(revenue(&sale, Some("2025-01-01"), Some("2026-01-01")).await.is_ok());
    assert!(revenue(&sale, Some("2024-01-01"), Some("2024-12-31")).await.is_ok());
    for day in ["0000-01-01", "9999-12-30", "9999-12-31"] {
        let told = revenue(&sale, Some(day), Some(day)).await;
        assert_eq!(told.unwrap(), Revenue::default(), "{day}");
    }
    assert_eq!(revenue(&sale, None, Some("9999-12-31")).await.unwrap(), Revenue::default());
}
