//! What waits for a creator: payments, disputes and refunds that nobody has dealt with.

use super::{
    evidence::a_dispute,
    fixture::{Fixture, account_of, first},
};
use crate::{PurchaseBuilder, a_fact, a_mail, a_page, a_refund_request, an_order, at, money};
use tollgate_domain::{
    access::{Fact, FactKind, Purchase, Subject},
    checkout::{CheckoutOrder, OrderStatus, ReportedStatus},
    disputes::Dispute,
    mail::{MailStatus, QueuedMail},
    payments::{DisputeId, DisputeProgress, DisputeStage},
    refunds::{REFUSED_KEY, RefundRequest},
    reports::{
        SaleFilter,
        ports::{
            AwaitedDispute, FailedRefund, HeldPayment, PendingPayment, UnfinishedPayment,
            UnmatchedPayment,
        },
    },
    store::Stores,
    visitor_auth::Visitor,
};

/// These are payments of this handle that are on their way, failed or do not match. Each part of a filter is tried.
pub async fn unfinished_payments_are_listed_newest_first(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let page = fixture.page(a_page().paid(500, "usd").published()).await;
    let order = |visitor: &Visitor, page, second, status| {
        an_order(visitor, page).open().created_at(at(second)).status(status).build()
    };
    let own = &fixture.visitor;
    let orders = [
        order(own, &page, 3, OrderStatus::Quarantined),
        order(&other, &fixture.page, 2, OrderStatus::Failed),
        order(own, &fixture.page, 1, OrderStatus::Pending),
        order(own, &fixture.page, 4, OrderStatus::Expired),
        order(own, &fixture.page, 5, OrderStatus::Paid),
        an_order(own, &fixture.page).status(OrderStatus::Failed).build(),
    ];
    for order in &orders {
        assert!(fixture.keep_order(order).await);
    }
    let told = |order: &CheckoutOrder, status| {
        let visitor = if order.visitor_id == own.id { own } else { &other };
        let page = if order.page_id == page.id { &page } else { &fixture.page };
        UnfinishedPayment {
            payment: PendingPayment::of(order),
            status,
            email: visitor.email.clone(),
            slug: page.slug.clone(),
            title: page.title.clone(),
        }
    };
    let [quarantined, failed, pending, ..] = &orders;
    let quarantined = told(quarantined, ReportedStatus::Quarantined);
    let failed = told(failed, ReportedStatus::Failed);
    let pending = told(pending, ReportedStatus::Pending);
    let any = SaleFilter::default;
    for (filter, expected) in [
        (any(), vec![&quarantined, &failed, &pending]),
        (SaleFilter { page: Some(page.id), ..any() }, vec![&quarantined]),
        (SaleFilter { visitor: Some(other.id), ..any() }, vec![&failed]),
        (SaleFilter { email: Some(own.email.clone()), ..any() }, vec![&quarantined, &pending]),
    ] {
        let expected: Vec<_> = expected.into_iter().cloned().collect();
        let found = fixture.on.reports.unfinished_payments(fixture.handle.id, &filter).await;
        assert_eq!(found.unwrap(), expected, "{filter:?}");
    }
    let elsewhere = fixture.another_handle().await;
    let found = fixture.on.reports.unfinished_payments(elsewhere.id, &any()).await.unwrap();
    assert_eq!(found, vec![]);
}

/// Records a fact about a payment for an order that made no purchase.
async fn note(fixture: &Fixture, order: &CheckoutOrder, kind: FactKind, dispute: Option<&str>) {
    let purchase = fixture.bought(|it| it).await;
    let session = &order.opened.as_ref().unwrap().session;
    let of_dispute = |dispute: &str| Fact::dispute_of(session, &DisputeId::new(dispute));
    let reference = dispute.map_or_else(|| session.to_string(), of_dispute);
    let fact = a_fact(&purchase, kind, at(50)).reference(&reference).build();
    let subject =
        Subject { visitor_id: Some(order.visitor_id), purchase_id: None, ..purchase.subject() };
    assert!(fixture.keep_fact(&Fact { subject, ..fact }).await);
}

/// Each is told with its own dispute, also of two payments by one buyer for one page, until that payment was refunded.
pub async fn payments_that_do_not_match_are_listed_each_with_its_own_dispute(on: Stores) {
    let fixture = Fixture::new(on).await;
    let quarantined = |second| {
        let order = an_order(&fixture.visitor, &fixture.page).open().created_at(at(second));
        order.status(OrderStatus::Quarantined).build()
    };
    let [unnoted, newer, older] = [3, 2, 1].map(quarantined);
    for order in [&unnoted, &newer, &older] {
        assert!(fixture.keep_order(order).await);
    }
    for order in [&newer, &older] {
        note(&fixture, order, FactKind::PaymentQuarantined, None).await;
    }
    let listed = async |limit| {
        let handle = fixture.handle.id;
        let found = fixture.on.reports.quarantined_payments(handle, limit).await.unwrap();
        let told = found.into_iter().map(|it| (it.payment.payment.checkout_id, it.is_disputed));
        told.collect::<Vec<_>>()
    };
    assert_eq!(listed(9).await, [(newer.id, false), (older.id, false)]);
    assert_eq!(listed(1).await, [(newer.id, false)]);
    note(&fixture, &older, FactKind::Disputed, Some("du_1")).await;
    assert_eq!(listed(9).await, [(newer.id, false), (older.id, true)]);
    note(&fixture, &older, FactKind::Disputed, Some("du_2")).await;
    note(&fixture, &older, FactKind::DisputeWon, Some("du_1")).await;
    assert_eq!(listed(9).await, [(newer.id, false), (older.id, true)], "du_2 is not decided");
    note(&fixture, &older, FactKind::DisputeLost, Some("du_2")).await;
    assert_eq!(listed(9).await, [(newer.id, false), (older.id, false)]);
    note(&fixture, &newer, FactKind::QuarantineRefunded, None).await;
    assert_eq!(listed(9).await, [(older.id, false)]);
    let elsewhere = fixture.another_handle().await;
    assert_eq!(fixture.on.reports.quarantined_payments(elsewhere.id, 9).await, Ok(vec![]));
}

/// However many payments failed since.
pub async fn a_payment_that_does_not_match_is_listed_behind_newer_orders(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = |second, status| {
        let order = an_order(&fixture.visitor, &fixture.page).open().created_at(at(second));
        order.status(status).build()
    };
    let unmatched = order(1, OrderStatus::Quarantined);
    assert!(fixture.keep_order(&unmatched).await);
    note(&fixture, &unmatched, FactKind::PaymentQuarantined, None).await;
    for second in 2..53 {
        assert!(fixture.keep_order(&order(second, OrderStatus::Failed)).await);
    }
    let expected = UnmatchedPayment {
        payment: UnfinishedPayment {
            payment: PendingPayment::of(&unmatched),
            status: ReportedStatus::Quarantined,
            email: fixture.visitor.email.clone(),
            slug: fixture.page.slug.clone(),
            title: fixture.page.title.clone(),
        },
        is_disputed: false,
    };
    let found = fixture.on.reports.quarantined_payments(fixture.handle.id, 50).await;
    assert_eq!(found, Ok(vec![expected]));
}

/// They are of this handle, as long as there is time to answer. The one whose time ends first comes first.
pub async fn disputes_that_wait_for_an_answer_are_listed(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let (carol, _) = fixture.another_visitor().await;
    let second = fixture.page(a_page().paid(500, "usd").published()).await;
    let other = fixture.bought_by(&carol, &second, |it| it).await;
    let dispute = |purchase: &Purchase, id: &str, stage, respond_by: Option<i64>| Dispute {
        stage,
        respond_by: respond_by.map(at),
        ..a_dispute(purchase, id, at(1))
    };
    let awaited = DisputeStage::NeedsResponse;
    let disputes = [
        dispute(&purchase, "du_1", awaited, None),
        dispute(&purchase, "du_2", awaited, Some(900)),
        dispute(&other, "du_3", awaited, Some(800)),
        dispute(&other, "du_4", awaited, Some(700)),
        dispute(&other, "du_5", DisputeStage::UnderReview, Some(800)),
        dispute(&other, "du_6", DisputeStage::Closed, None),
    ];
    let mut unit = fixture.begin().await;
    for dispute in &disputes {
        unit.disputes().put(dispute).await.unwrap();
    }
    unit.commit().await.unwrap();
    let listed = async |handle, now| {
        let found = fixture.on.reports.awaited_disputes(handle, at(now)).await.unwrap();
        found.into_iter().map(|it| it.dispute.id.to_string()).collect::<Vec<_>>()
    };
    let own = fixture.handle.id;
    let found = fixture.on.reports.awaited_disputes(own, at(700)).await.unwrap();
    let about: Vec<_> = found.into_iter().map(|it| (it.email, it.title)).collect();
    let [hers, his] = [(&carol, &second), (&fixture.visitor, &fixture.page)]
        .map(|(visitor, page)| (visitor.email.clone(), page.title.clone()));
    assert_eq!(about, [hers, his.clone(), his]);
    assert_eq!(listed(own, 699).await, ["du_4", "du_3", "du_2", "du_1"]);
    assert_eq!(listed(own, 700).await, ["du_3", "du_2", "du_1"]);
    let [without_end, ..] = disputes;
    let last = async |is_connected| {
        let found = fixture.on.reports.awaited_disputes(own, at(900)).await;
        let (dispute, email) = (without_end.clone(), fixture.visitor.email.clone());
        let title = fixture.page.title.clone();
        assert_eq!(found, Ok(vec![AwaitedDispute { dispute, email, title, is_connected }]));
    };
    last(true).await;
    let mut unit = fixture.begin().await;
    let account = account_of(&fixture.handle).account;
    unit.connected_accounts().disconnect(&account, at(8)).await.unwrap();
    unit.commit().await.unwrap();
    last(false).await;
    let elsewhere = fixture.another_handle().await;
    assert_eq!(listed(elsewhere.id, 1).await, Vec::<String>::new());
}

/// A dispute is one still, whatever became of the payment.
pub async fn questions_about_payments_that_are_refunded_wait_for_no_answer(on: Stores) {
    let fixture = Fixture::new(on).await;
    let refunded = fixture.bought(|it| it.refunded(at(9))).await;
    let kept = fixture.bought(|it| it).await;
    let mut unit = fixture.begin().await;
    for (purchase, id, progress) in [
        (&refunded, "du_1", DisputeProgress::Inquiry),
        (&refunded, "du_2", DisputeProgress::Open),
        (&kept, "du_3", DisputeProgress::Inquiry),
    ] {
        let dispute = Dispute { progress, ..a_dispute(purchase, id, at(1)) };
        unit.disputes().put(&dispute).await.unwrap();
    }
    unit.commit().await.unwrap();
    let found = fixture.on.reports.awaited_disputes(fixture.handle.id, at(2)).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|it| it.dispute.id.to_string()).collect();
    assert_eq!(found, ["du_2", "du_3"]);
}

/// They are dealt with when another refund is made or asked for, or the access has ended otherwise.
pub async fn refunds_that_failed_are_listed_until_they_are_dealt_with(on: Stores) {
    let fixture = Fixture::new(on).await;
    let failed = async |purchase: &Purchase, name: &str, second: i64| {
        let of_refund = |kind, second| {
            let fact = a_fact(purchase, kind, at(second)).amount(money(500, "usd"));
            Fact { reference: format!("re_{name}"), ..fact.build() }
        };
        assert!(fixture.keep_fact(&of_refund(FactKind::RefundAccepted, second)).await);
        assert!(fixture.keep_fact(&of_refund(FactKind::RefundFailed, second + 1)).await);
    };
    let older = fixture.bought(|it| it).await;
    let newer = fixture.bought(|it| it).await;
    let again = fixture.bought(|it| it).await;
    let ended = [
        fixture.bought(|it| it.refunded(at(9))).await,
        fixture.bought(|it| it.revoked(at(9))).await,
        fixture.bought(|it| it.suspended(at(9))).await,
    ];
    fixture.bought(|it| it).await;
    failed(&older, "older", 10).await;
    failed(&older, "older_too", 10).await;
    failed(&newer, "newer", 20).await;
    failed(&again, "again", 30).await;
    for (purchase, name) in ended.iter().zip(["refunded", "revoked", "suspended"]) {
        failed(purchase, name, 40).await;
    }
    let accepted = a_fact(&again, FactKind::RefundAccepted, at(50)).amount(money(500, "usd"));
    assert!(fixture.keep_fact(&accepted.build()).await);
    let email = fixture.visitor.email.clone();
    let expected = [&newer, &older]
        .map(|purchase| FailedRefund { purchase_id: purchase.id, email: email.clone() });
    let reports = &fixture.on.reports;
    assert_eq!(reports.failed_refunds(fixture.handle.id).await.unwrap(), expected);
    let elsewhere = fixture.another_handle().await;
    assert_eq!(reports.failed_refunds(elsewhere.id).await, Ok(vec![]));
    // The list marks the same ones, as long as money of them is left.
    let sales = reports.sales(fixture.handle.id, &SaleFilter::default(), &first(99)).await.unwrap();
    let marked = sales.items.iter().filter(|sale| sale.last_refund_failed);
    let mut marked: Vec<_> = marked.map(|sale| sale.purchase.id).collect();
    let mut failed: Vec<_> = ended.iter().chain([&older, &newer]).map(|it| it.id).collect();
    marked.sort_unstable();
    failed.sort_unstable();
    assert_eq!(marked, failed);
}

/// They are dealt with when one of the two purchases has ended.
pub async fn second_payments_that_are_held_are_listed_until_they_are_dealt_with(on: Stores) {
    type Build = fn(PurchaseBuilder) -> PurchaseBuilder;
    let fixture = Fixture::new(on).await;
    let held = async |first: Build, second: Build, instant: i64| {
        let (visitor, _) = fixture.another_visitor().await;
        fixture.bought_by(&visitor, &fixture.page, first).await;
        let second = fixture.bought_by(&visitor, &fixture.page, second).await;
        let fact = a_fact(&second, FactKind::SecondPaymentHeld, at(instant));
        assert!(fixture.keep_fact(&fact.build()).await);
        HeldPayment { purchase_id: second.id, email: visitor.email }
    };
    let same: Build = |it| it;
    let older = held(same, same, 10).await;
    let newer = held(same, same, 20).await;
    let ends: [Build; 3] =
        [|it| it.refunded(at(9)), |it| it.revoked(at(9)), |it| it.suspended(at(9))];
    for end in ends {
        held(end, same, 30).await;
        held(same, end, 40).await;
    }
    // These are two payments for a page, of which nothing is held.
    fixture.bought(|it| it).await;
    fixture.bought(|it| it).await;
    let reports = &fixture.on.reports;
    assert_eq!(reports.held_payments(fixture.handle.id).await, Ok(vec![newer, older]));
    let elsewhere = fixture.another_handle().await;
    assert_eq!(reports.held_payments(elsewhere.id).await, Ok(vec![]));
}

/// As long as another purchase opens the page, and no other refund was made. That is noted under a key of its own: a request that was
/// closed since it was not needed any more is not a refusal, and neither is another note.
pub async fn second_payments_whose_refund_was_refused_are_marked(on: Stores) {
    type Build = fn(PurchaseBuilder) -> PurchaseBuilder;
    let fixture = Fixture::new(on).await;
    let (same, ended): (Build, Build) = (|it| it, |it| it.refunded(at(9)));
    for (first_one, key, is_sent, expected) in [
        (same, Some(REFUSED_KEY), false, true),
        (same, Some("tollgate-second-payment"), true, false),
        (same, Some("tollgate-second-payment-kept"), false, false),
        (same, None, true, false),
        (ended, Some(REFUSED_KEY), false, false),
    ] {
        let (visitor, _) = fixture.another_visitor().await;
        fixture.bought_by(&visitor, &fixture.page, first_one).await;
        let second = fixture.bought_by(&visitor, &fixture.page, same).await;
        let request = RefundRequest {
            idempotency_key: key.map(str::to_owned),
            ..a_refund_request(&second, 1_200, at(5))
        };
        let mut unit = fixture.begin().await;
        unit.refund_requests().insert(&request).await.unwrap();
        if is_sent {
            unit.refund_requests().sent(request.id, at(6)).await.unwrap();
        }
        unit.refund_requests().answer(request.id, false, None, at(10)).await.unwrap();
        unit.commit().await.unwrap();
        let marked = async || {
            let filter = SaleFilter { visitor: Some(visitor.id), ..SaleFilter::default() };
            let sales = fixture.on.reports.sales(fixture.handle.id, &filter, &first(9)).await;
            let marked = sales.unwrap().items.into_iter().filter(|sale| sale.refund_was_refused);
            marked.map(|sale| sale.purchase.id).collect::<Vec<_>>()
        };
        assert_eq!(marked().await, [], "it is not held");
        let held = a_fact(&second, FactKind::SecondPaymentHeld, at(20)).build();
        assert!(fixture.keep_fact(&held).await);
        let expected: Vec<_> = expected.then_some(second.id).into_iter().collect();
        assert_eq!(marked().await, expected, "{key:?} {is_sent}");
        let made = a_fact(&second, FactKind::RefundAccepted, at(30)).build();
        assert!(fixture.keep_fact(&made).await);
        assert_eq!(marked().await, []);
    }
}

/// Only those of this handle that are not sent and not tried again, however many others are newer.
pub async fn mails_that_were_given_up_are_listed_newest_first(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (here, elsewhere) = (fixture.handle.id, fixture.another_handle().await.id);
    let mut unit = fixture.begin().await;
    for (second, handle, is_dead) in [
        (1, Some(here), true),
        (3, Some(here), true),
        (2, Some(here), true),
        (4, Some(here), false),
        (5, Some(elsewhere), true),
        (6, None, true),
    ] {
        let mail = QueuedMail { handle_id: handle, ..a_mail(at(second)) };
        unit.outbox().insert(&mail).await.unwrap();
        unit.outbox().failed(mail.id, 1, "no such mailbox", is_dead).await.unwrap();
    }
    unit.commit().await.unwrap();
    let dead = async |since, most| {
        let found = fixture.on.reports.dead_mails(here, at(since), most).await.unwrap();
        assert!(found.iter().all(|mail| mail.status == MailStatus::Dead), "{found:?}");
        found.into_iter().map(|mail| mail.queued_at).collect::<Vec<_>>()
    };
    assert_eq!(dead(0, 9).await, [3, 2, 1].map(at));
    assert_eq!(dead(1, 9).await, [3, 2].map(at));
    assert_eq!(dead(0, 1).await, [at(3)]);
}
