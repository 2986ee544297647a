//! The creators' reports.

use super::{
    evidence::a_dispute,
    fixture::{Fixture, walk},
    group_buys::{express, of_scene},
};
use crate::{
    PurchaseBuilder, a_fact, a_file, a_file_fact, a_gift, a_mail, a_page, a_place, a_visitor,
    an_email, an_order, at, email, money,
};
use jiff::Timestamp;
use tollgate_domain::{
    access::{Fact, FactKind, GrantType, Purchase, Resource},
    checkout::{CheckoutOrder, OrderStatus, ReportedStatus},
    creators::{FrontendOrigin, HandleChange},
    disputes::Dispute,
    email::Email,
    group_buys::Expressed,
    id::VisitorId,
    mail::{LoggedMail, MailStatus, QueuedMail},
    paging::{Cursor, Listing, PageRequest},
    payments::DisputeStage,
    reports::{
        Person, Relation, Sale, SaleFilter,
        ports::{
            DaySum, FailedRefund, HeldPayment, MAX_FACTS, PendingPayment, ResourceCase,
            UnfinishedPayment, UnpaidOrder,
        },
    },
    store::Stores,
    visitor_auth::Visitor,
};

fn first(limit: u32) -> PageRequest {
    PageRequest { limit, after: None }
}

async fn sales(fixture: &Fixture, filter: &SaleFilter) -> Vec<Purchase> {
    let reports = &fixture.on.reports;
    let sales = reports.sales(fixture.handle.id, filter, &first(100)).await.unwrap();
    sales.items.into_iter().map(|sale| sale.purchase).collect()
}

async fn people(fixture: &Fixture, prefix: Option<&str>) -> Vec<Person> {
    fixture
        .on
        .reports
        .people(fixture.handle.id, prefix.map(ToOwned::to_owned), &first(100))
        .await
        .unwrap()
        .items
}

async fn visitor_called(fixture: &Fixture, address: Email) -> Visitor {
    let visitor = a_visitor().email(address).build();
    let mut unit = fixture.begin().await;
    unit.visitors().ensure(&visitor).await.unwrap();
    unit.commit().await.unwrap();
    visitor
}

/// Nothing was sold, nobody came, nothing was mailed.
pub async fn the_reports_of_a_new_handle_are_empty(on: Stores) {
    let fixture = Fixture::new(on).await;
    assert_eq!(sales(&fixture, &SaleFilter::default()).await, vec![]);
    assert_eq!(people(&fixture, None).await, vec![]);
    let reports = &fixture.on.reports;
    assert_eq!(reports.mails(fixture.handle.id, None, &first(100)).await.unwrap().items, vec![]);
    assert_eq!(reports.day_sums(fixture.handle.id, 0..99_999).await.unwrap(), vec![]);
}

/// Every field comes back, of what was paid and of what was given.
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
        has_failed_refund: has_trouble,
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
        let visitor = visitor_called(&fixture, email(address)).await;
        let second = i64::try_from(second).unwrap();
        sold.push(fixture.bought_by(&visitor, &fixture.page, |it| it.created_at(at(second))).await);
        let failed = an_order(&visitor, &fixture.page).open().created_at(at(100 + second));
        assert!(fixture.keep_order(&failed.status(OrderStatus::Failed).build()).await);
    }
    visitor_called(&fixture, email("boba@example.com")).await;
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
    let group_buy = of_scene(&fixture, |it| it).await;
    let joined = express(&fixture.on, group_buy.id, joiner.id, 2, at(4)).await;
    assert!(matches!(joined, Expressed::Joined(_)));
    let (reader, _) = fixture.another_visitor().await;
    let (removed, _) = fixture.another_visitor().await;
    let file = fixture.file(a_file().by_list()).await;
    for who in [&reader, &removed] {
        assert!(fixture.place(&a_place(&file, &who.email, at(5))).await);
    }
    assert!(fixture.unplace(&file, &removed.email, at(6)).await.is_some());
    let mut expected = [
        (&fixture.visitor, vec![Relation::Purchase, Relation::FreeLogin]),
        (&guest, vec![Relation::FreeLogin]),
        (&given, vec![Relation::Purchase]),
        (&joiner, vec![Relation::GroupBuy]),
        (&reader, vec![Relation::Allowlist]),
    ]
    .map(|(visitor, relations)| Person {
        id: visitor.id,
        email: visitor.email.clone(),
        relations: relations.into_iter().collect(),
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
        let mut unit = fixture.begin().await;
        unit.handles().change(handle.id, &change).await.unwrap();
        unit.commit().await.unwrap();
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
    let group_buy = of_scene(&fixture, |it| it).await;
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

/// Another handle, even of the same creator, has reports of its own.
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

/// What stands for anything in a pattern stands for itself in an address.
pub async fn people_are_found_by_how_their_address_starts(on: Stores) {
    let fixture = Fixture::new(on).await;
    for address in ["anna@example.com", "a_b@example.com", "axb@example.com", "a%b@example.com"] {
        let visitor = visitor_called(&fixture, email(address)).await;
        fixture.bought_by(&visitor, &fixture.page, |it| it).await;
    }
    // Somebody else's buyer, or nobody's.
    visitor_called(&fixture, email("anton@example.com")).await;
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
    const DAY: i64 = 24 * 3600;
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let midnight = (at(0).as_second() / DAY + 1) * DAY - at(0).as_second();
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
        bought(midnight + DAY, 50, "usd"),
    ] {
        assert!(fixture.keep_fact(&fact).await);
    }
    let day = at(midnight).as_second() / DAY;
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

/// It has nothing of other people or pages. A person without anything is like one who was never here.
pub async fn a_case_holds_what_is_known_of_one_person_and_page(on: Stores) {
    let fixture = Fixture::new(on).await;
    let page = fixture.page(a_page().paid(500, "usd").published()).await;
    let (other, _) = fixture.another_visitor().await;
    let old = fixture.bought(|it| it.created_at(at(1)).refunded(at(3))).await;
    let new = fixture.bought(|it| it.created_at(at(2))).await;
    let elsewhere = fixture.bought_by(&fixture.visitor, &page, |it| it).await;
    let bought = a_fact(&old, FactKind::Purchased, at(1)).amount(money(1_200, "usd")).build();
    let refunded = a_fact(&old, FactKind::RefundAccepted, at(3)).build();
    let mut quarantined = a_fact(&new, FactKind::PaymentQuarantined, at(2)).build();
    quarantined.subject.purchase_id = None;
    let not_this_page = a_fact(&elsewhere, FactKind::Purchased, at(1)).build();
    for fact in [&refunded, &quarantined, &bought, &not_this_page] {
        assert!(fixture.keep_fact(fact).await);
    }
    let case = async |page: &tollgate_domain::creators::Page, email: &Email| {
        fixture.on.reports.case(Resource::Page(page.id), email).await.unwrap()
    };
    assert_eq!(
        case(&fixture.page, &fixture.visitor.email).await,
        ResourceCase {
            purchases: vec![new, old],
            listed: false,
            facts: vec![bought, quarantined, refunded],
            pending: None,
            failed: vec![],
            quarantined: None,
            unpaid: vec![],
        }
    );
    assert_eq!(case(&fixture.page, &other.email).await, ResourceCase::default());
    assert_eq!(case(&fixture.page, &an_email()).await, ResourceCase::default());
}

/// It is of this person and this page only, and only until it is refunded.
pub async fn a_case_holds_the_payment_that_does_not_match_its_order(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let order = an_order(&fixture.visitor, &fixture.page).open();
    let order = order.status(OrderStatus::Quarantined).build();
    assert!(fixture.keep_order(&order).await);
    let purchase = fixture.bought_by(&other, &fixture.page, |it| it).await;
    let session = order.opened.clone().unwrap().session.to_string();
    let told = async |email: &Email| {
        let page = Resource::Page(fixture.page.id);
        fixture.on.reports.case(page, email).await.unwrap().quarantined
    };
    for (kind, instant, expected) in
        [(FactKind::PaymentQuarantined, at(5), true), (FactKind::QuarantineRefunded, at(6), false)]
    {
        let fact = a_fact(&purchase, kind, instant).reference(&session).build();
        assert!(fixture.keep_fact(&fact).await);
        let found = PendingPayment { since: at(5), ..PendingPayment::of(&order) };
        assert_eq!(told(&fixture.visitor.email).await, expected.then_some(found));
        assert_eq!(told(&other.email).await, None);
    }
}

/// It is of this person and this page only, and only while it is under way.
pub async fn a_case_holds_the_payment_that_is_on_its_way(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let order = an_order(&fixture.visitor, &fixture.page).open().status(OrderStatus::Pending);
    let (order, open) = (order.build(), an_order(&other, &fixture.page).open().build());
    for order in [&order, &open] {
        assert!(fixture.keep_order(order).await);
    }
    let pending = async |email: &Email| {
        let page = Resource::Page(fixture.page.id);
        fixture.on.reports.case(page, email).await.unwrap().pending
    };
    let about = async |email: &Email| {
        fixture.on.reports.pages_about(fixture.handle.id, email, 20).await.unwrap()
    };
    assert_eq!(pending(&fixture.visitor.email).await, Some(PendingPayment::of(&order)));
    assert_eq!(about(&fixture.visitor.email).await, vec![fixture.page.slug.clone()]);
    assert_eq!(pending(&other.email).await, None);
    assert_eq!(about(&other.email).await, vec![fixture.page.slug.clone()]);
    let mut unit = fixture.begin().await;
    let from = [OrderStatus::Pending];
    assert!(unit.checkout_orders().advance(order.id, &from, OrderStatus::Paid).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(pending(&fixture.visitor.email).await, None);
    assert!(about(&an_email()).await.is_empty());
}

/// They are of this person and this page only. An order without a session asked nobody to pay.
pub async fn a_case_holds_the_pay_pages_that_were_not_paid(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let page = fixture.page(a_page().paid(500, "usd").published()).await;
    let order = |page, second, status| {
        let order = an_order(&fixture.visitor, page).open().created_at(at(second));
        order.status(status).build()
    };
    let expired = order(&fixture.page, 1, OrderStatus::Expired);
    let open = order(&fixture.page, 3, OrderStatus::Open);
    let paid = order(&fixture.page, 2, OrderStatus::Paid);
    let elsewhere = order(&page, 4, OrderStatus::Closing);
    let without = an_order(&other, &fixture.page).status(OrderStatus::Expired).build();
    for order in [&open, &expired, &paid, &elsewhere, &without] {
        assert!(fixture.keep_order(order).await);
    }
    let unpaid = async |page: &tollgate_domain::creators::Page, email: &Email| {
        fixture.on.reports.case(Resource::Page(page.id), email).await.unwrap().unpaid
    };
    let told = |order, is_over| UnpaidOrder { payment: PendingPayment::of(order), is_over };
    let own = &fixture.visitor.email;
    let expected = vec![told(&expired, true), told(&open, false)];
    assert_eq!(unpaid(&fixture.page, own).await, expected);
    assert_eq!(unpaid(&page, own).await, vec![told(&elsewhere, true)]);
    assert_eq!(unpaid(&fixture.page, &other.email).await, vec![]);
    let about = fixture.on.reports.pages_about(fixture.handle.id, &other.email, 20).await;
    assert_eq!(about, Ok(vec![]));
}

/// They are of this person and this page only. An order without a session asked nobody to pay.
pub async fn a_case_holds_the_payments_that_failed(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let failed = |second| {
        let order = an_order(&fixture.visitor, &fixture.page).open().created_at(at(second));
        order.status(OrderStatus::Failed).build()
    };
    let refused = an_order(&other, &fixture.page).status(OrderStatus::Failed).build();
    let (first, second) = (failed(1), failed(2));
    for order in [&second, &first, &refused] {
        assert!(fixture.keep_order(order).await);
    }
    let known = async |email: &Email| {
        let case = fixture.on.reports.case(Resource::Page(fixture.page.id), email).await.unwrap();
        let about = fixture.on.reports.pages_about(fixture.handle.id, email, 20).await.unwrap();
        (case.failed, about)
    };
    let expected = vec![PendingPayment::of(&first), PendingPayment::of(&second)];
    assert_eq!(known(&fixture.visitor.email).await, (expected, vec![fixture.page.slug.clone()]));
    assert_eq!(known(&other.email).await, (vec![], vec![]));
}

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

/// They are of this handle, as long as there is time to answer. The one whose time ends first comes first.
pub async fn disputes_that_wait_for_an_answer_are_listed(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let other = fixture.bought(|it| it).await;
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
        found.into_iter().map(|it| it.id.to_string()).collect::<Vec<_>>()
    };
    let own = fixture.handle.id;
    assert_eq!(listed(own, 699).await, ["du_4", "du_3", "du_2", "du_1"]);
    assert_eq!(listed(own, 700).await, ["du_3", "du_2", "du_1"]);
    let [without_end, ..] = disputes;
    let found = fixture.on.reports.awaited_disputes(own, at(900)).await;
    assert_eq!(found, Ok(vec![without_end]));
    let elsewhere = fixture.another_handle().await;
    assert_eq!(listed(elsewhere.id, 1).await, Vec::<String>::new());
}

/// They are settled when another refund is made or asked for, or the access has ended otherwise.
pub async fn refunds_that_failed_are_listed_until_they_are_settled(on: Stores) {
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
}

/// They are settled when one of the two purchases has ended.
pub async fn second_payments_that_are_held_are_listed_until_they_are_settled(on: Stores) {
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

/// What happened to a purchase can be read under the address that it was bought with and the one it moved to.
pub async fn a_case_of_a_moved_purchase_is_told_under_both_addresses(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let purchase = fixture.bought(|it| it.created_at(at(1))).await;
    let bought = a_fact(&purchase, FactKind::Purchased, at(1)).amount(money(1_200, "usd")).build();
    assert!(fixture.keep_fact(&bought).await);
    let mut unit = fixture.begin().await;
    let moved =
        unit.purchases().move_to(fixture.handle.id, fixture.visitor.id, other.id).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(moved.moved.iter().map(|moved| moved.id).collect::<Vec<_>>(), [purchase.id]);
    let purchase = Purchase { visitor_id: other.id, ..purchase };
    let moved = a_fact(&purchase, FactKind::Moved, at(2)).build();
    let refunded = a_fact(&purchase, FactKind::RefundAccepted, at(3)).build();
    for fact in [&moved, &refunded] {
        assert!(fixture.keep_fact(fact).await);
    }
    let case = async |email: &Email| {
        fixture.on.reports.case(Resource::Page(fixture.page.id), email).await.unwrap()
    };
    let facts = vec![bought, moved, refunded];
    let of_new = case(&other.email).await;
    assert_eq!((&of_new.facts, of_new.purchases), (&facts, vec![purchase]));
    let of_old = case(&fixture.visitor.email).await;
    assert_eq!((of_old.facts, of_old.purchases), (facts, vec![]));
    for email in [&fixture.visitor.email, &other.email] {
        let about = fixture.on.reports.pages_about(fixture.handle.id, email, 20).await.unwrap();
        assert_eq!(about, vec![fixture.page.slug.clone()], "{email}");
    }
}

/// It has every place that the address had, and no other address's.
pub async fn a_case_of_a_file_holds_the_places_of_one_address(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().by_list()).await;
    let other = fixture.file(a_file().by_list()).await;
    let reader = an_email();
    let mine = a_place(&file, &reader, at(1));
    let (mine_id, theirs, elsewhere) = (
        mine.id.to_string(),
        a_place(&file, &fixture.visitor.email, at(2)),
        a_place(&other, &reader, at(3)),
    );
    for place in [&mine, &theirs, &elsewhere] {
        assert!(fixture.place(place).await);
    }
    let fact = |file, kind, reference: &str, second| {
        a_file_fact(file, kind, at(second)).reference(reference).build()
    };
    let added = fact(&file, FactKind::Allowlisted, &mine_id, 1);
    let removed = fact(&file, FactKind::AllowlistRemoved, &mine_id, 4);
    let not_mine = fact(&file, FactKind::Allowlisted, &theirs.id.to_string(), 2);
    let not_here = fact(&other, FactKind::Allowlisted, &elsewhere.id.to_string(), 3);
    let mut unit = fixture.begin().await;
    for fact in [&removed, &not_mine, &not_here, &added] {
        assert!(unit.ledger().record(fact).await.unwrap());
    }
    unit.commit().await.unwrap();
    let case =
        async |who: &Email| fixture.on.reports.case(Resource::File(file.id), who).await.unwrap();
    let facts = vec![added, removed];
    let expected = ResourceCase { listed: true, facts, ..ResourceCase::default() };
    assert_eq!(case(&reader).await, expected);
    assert!(fixture.unplace(&file, &reader, at(4)).await.is_some());
    assert_eq!(case(&reader).await, ResourceCase { listed: false, ..expected });
    assert_eq!(case(&email("nobody@example.com")).await, ResourceCase::default());
}

/// It has the newest of very many facts.
pub async fn a_case_holds_no_more_facts_than_can_be_read(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let most = i64::from(MAX_FACTS);
    let mut unit = fixture.begin().await;
    for second in 0..=most {
        let fact = a_fact(&purchase, FactKind::RefundAccepted, at(second)).build();
        assert!(unit.ledger().record(&fact).await.unwrap());
    }
    unit.commit().await.unwrap();
    let case = {
        let page = Resource::Page(fixture.page.id);
        fixture.on.reports.case(page, &fixture.visitor.email).await.unwrap()
    };
    let times: Vec<_> = case.facts.iter().map(|fact| fact.at).collect();
    assert_eq!(times, (1..=most).map(at).collect::<Vec<_>>());
    assert!(case.purchases.iter().all(|held| held.grant_type == GrantType::Purchase));
}
