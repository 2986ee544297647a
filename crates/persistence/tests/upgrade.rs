//! A database that an earlier version made, with work under way, is brought up to date.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "upgrade/earlier.rs"]
mod earlier;
mod support;

use std::fs;

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use tollgate_domain::{
    Timestamp,
    access::{AccessType, FactKind, Resource},
    creators::SecondPayments,
    email::Email,
    jobs::{Job, JobKind, ports::QueueDepth},
    paging::PageRequest,
    payments::{AccountId, EventSubject, PaymentExtras},
    store::Stores,
};
use tollgate_persistence::{migrate, open};

use earlier::{
    BEFORE_AWAITED_ENDS, BEFORE_LOST_AMOUNTS, BEFORE_LOST_DISPUTES, BEFORE_PAID_AT, BEFORE_SELLERS,
    BEFORE_SWEEP_PLACES, BEFORE_UNLISTED, Earlier, FIRST, ID,
};

/// Has `check` look at a database of each kind that an earlier version made, once it is up to date.
async fn upgraded(earlier: &Earlier, check: impl AsyncFn(Stores)) {
    let sqlite = support::sqlite_url();
    let mut conn = SqliteConnection::establish(sqlite.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute(&earlier.statements("sqlite", "zeroblob(32)")).unwrap();
    drop(conn);
    let postgres = support::postgres_url().await;
    let mut conn = AsyncPgConnection::establish(&postgres).await.unwrap();
    let hash = "decode(repeat('00', 32), 'hex')";
    conn.batch_execute(&earlier.statements("postgres", hash)).await.unwrap();
    drop(conn);
    let all = fs::read_dir(format!("{}/../../migrations/sqlite", env!("CARGO_MANIFEST_DIR")));
    let missing = all.unwrap().count() - earlier.migrations;
    for url in [sqlite, postgres] {
        println!("{url}");
        let url = url.parse().unwrap();
        assert_eq!(migrate(&url).await.unwrap().len(), missing);
        check(open(&url).await.unwrap()).await;
    }
}

#[tokio::test]
async fn a_database_of_the_first_version_is_carried_over() {
    upgraded(&FIRST, assert_carried_over).await;
}

async fn assert_carried_over(stores: Stores) {
    assert_eq!(stores.store.ready().await, Ok(()));

    let now = Timestamp::from_second(1_000).unwrap();
    let depth = QueueDepth::of(&stores.jobs.depth().await.unwrap());
    assert_eq!(depth, QueueDepth { waiting: 5, dead: 0 });
    let mut claimed = Vec::new();
    for kind in JobKind::ALL {
        while let Some(job) = stores.jobs.claim(kind, &[], now).await.unwrap() {
            claimed.push((job.job, job.attempts));
        }
    }
    let id = |prefix: &str| format!("{prefix}{ID}");
    assert_eq!(
        claimed,
        [
            (Job::ApplyEvent("evt_1".to_owned()), 2),
            (Job::SendMail(id("mal_").parse().unwrap()), 3),
            (Job::ResumeRefund(id("rfd_").parse().unwrap()), 1),
            (Job::EndGroupBuy(id("gb_").parse().unwrap()), 1),
            (Job::ClearFile(id("fil_").parse().unwrap()), 1),
        ]
    );
    let all = PageRequest::default();
    let visitor = id("vis_").parse().unwrap();
    let sessions = stores.visitor_auth.sessions_of(visitor, None, now, &all).await.unwrap().items;
    let devices: Vec<_> = sessions.into_iter().map(|session| session.device).collect();
    assert_eq!(devices, [None], "a session goes on, and nobody knows where it began");
    let creator = id("cre_").parse().unwrap();
    let sessions = stores.creators.creator_sessions_of(creator, now, &all).await.unwrap().items;
    let devices: Vec<_> = sessions.into_iter().map(|session| session.device).collect();
    assert_eq!(devices, [None]);
    let ada = stores.creators.creator(id("cre_").parse().unwrap()).await.unwrap().unwrap();
    assert!(ada.require_verified().is_ok(), "who sells already keeps selling");
    let handle = stores.creators.handle(&"ada".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(handle.extras, PaymentExtras::default());
    assert_eq!(handle.second_payments, SecondPayments::Refund);
    let pages = stores.creators.page_overview(handle.id).await.unwrap();
    assert_eq!((pages.total, pages.published, pages.priced), (1, 0, None));
    assert_eq!(stores.reports.unread_orders(handle.id).await, Ok(vec![]));
    let bought = stores.purchases.purchase(id("pur_").parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((bought.tax, bought.payment), (None, None));
    let file = stores.files.files_named(id("hdl_").parse().unwrap(), &["f".to_owned()]).await;
    assert_eq!(file, Ok(vec![]), "a retired file is not shown");

    let (handle, all) = (id("hdl_").parse().unwrap(), PageRequest::default());
    let people = stores.reports.people(handle, None, &all).await.unwrap().items;
    let mut people: Vec<_> = people.into_iter().map(|person| person.email).collect();
    people.sort();
    let people: Vec<_> = people.iter().map(Email::as_str).collect();
    assert_eq!(people, ["bob@example.com", "later@example.com"], "all of an allowlist");

    let sums = stores.reports.day_sums(handle, 0..1).await.unwrap();
    let [sum] = sums.as_slice() else { unreachable!("one sum: {sums:?}") };
    assert_eq!((sum.kind, sum.count, sum.amount.amount), (FactKind::Purchased, 1, 1_200));
    let sales = stores.reports.sales_by_page(handle).await.unwrap();
    let [sales] = sales.as_slice() else { unreachable!("one page: {sales:?}") };
    assert_eq!((sales.sold, sales.given), (0, 1));

    let event = stores.events.pending_event("evt_1").await.unwrap().unwrap();
    assert_eq!(event.subject, EventSubject::Dispute);
    assert_eq!(stores.events.pending_event("evt_2").await, Ok(None));
    assert!(stores.outbox.queued_mail(id("mal_").parse().unwrap()).await.unwrap().is_some());

    let mut unit = stores.store.begin().await.unwrap();
    let page = Resource::Page(id("pag_").parse().unwrap());
    let of_page = unit.ledger().of_resource(page).await.unwrap();
    let bought = unit.ledger().of_purchase(id("pur_").parse().unwrap()).await.unwrap();
    assert_eq!(of_page, bought);
    let [fact] = of_page.as_slice() else { unreachable!("one fact: {of_page:?}") };
    assert_eq!((fact.kind, fact.reference.as_str()), (FactKind::Purchased, "cs_1"));
    assert_eq!(fact.amount.map(|money| money.amount), Some(1_200));
    assert_eq!(fact.subject.visitor_id, Some(id("vis_").parse().unwrap()));
    let file = Resource::File(id("fil_").parse().unwrap());
    let of_file = unit.ledger().of_resource(file).await.unwrap();
    let [fact] = of_file.as_slice() else { unreachable!("one fact: {of_file:?}") };
    assert_eq!((fact.kind, fact.subject.visitor_id), (FactKind::FileDeleted, None));
}

#[tokio::test]
async fn lost_disputes_of_the_version_before_are_counted() {
    upgraded(&BEFORE_LOST_DISPUTES, async |stores| {
        let id = |prefix: &str| format!("{prefix}{ID}");
        let sums = stores.reports.day_sums(id("hdl_").parse().unwrap(), 0..1).await.unwrap();
        let sums: Vec<_> =
            sums.iter().map(|sum| (sum.kind, sum.count, sum.amount.amount)).collect();
        assert!(sums.contains(&(FactKind::DisputeLost, 1, 1_100)), "{sums:?}");
        assert_eq!(sums.len(), 2, "{sums:?}");
        let mut unit = stores.store.begin().await.unwrap();
        let facts = unit.ledger().of_purchase(id("pur_").parse().unwrap()).await.unwrap();
        let lost = facts.iter().filter(|fact| fact.kind == FactKind::DisputeLost);
        let mut amounts: Vec<_> = lost.map(|fact| fact.amount.map(|money| money.amount)).collect();
        amounts.sort_unstable();
        assert_eq!(amounts, [None, None, Some(1_100)]);
        // Nobody knows when these were read, so that what is read next replaces them.
        let disputes = unit.disputes().of_purchase(id("pur_").parse().unwrap()).await.unwrap();
        let read_at: Vec<_> = disputes.iter().map(|dispute| dispute.read_at).collect();
        assert_eq!(read_at, [Timestamp::UNIX_EPOCH; 2]);
    })
    .await;
}

/// Nobody knows whether those at an account that cannot be read were paid.
#[tokio::test]
async fn ends_of_sessions_of_the_version_before_are_awaited() {
    upgraded(&BEFORE_AWAITED_ENDS, async |stores| {
        for (account, expected) in [("acct_1", vec![]), ("acct_2", vec![format!("chk_{ID}")])] {
            let awaited = stores.sweeps.awaited_orders_at(&AccountId::new(account), None, 9).await;
            let ids: Vec<_> = awaited.unwrap().iter().map(|order| order.id.to_string()).collect();
            assert_eq!(ids, expected, "{account}");
        }
    })
    .await;
}

/// Their receipts show what the handle is now.
#[tokio::test]
async fn purchases_of_the_version_before_have_no_seller() {
    upgraded(&BEFORE_SELLERS, async |stores| {
        let id = format!("pur_{ID}").parse().unwrap();
        let sold = stores.purchases.sold(id).await.unwrap().unwrap();
        assert_eq!((sold.purchase.id, sold.seller), (id, None));
    })
    .await;
}

/// A list that opens nothing has done so since the last change of its file; others are as before.
#[tokio::test]
async fn places_of_the_version_before_have_their_end() {
    upgraded(&BEFORE_UNLISTED, async |stores| {
        let visitor = format!("vis_{ID}").parse().unwrap();
        let rows =
            stores.access.history(visitor, None, &PageRequest::default()).await.unwrap().items;
        let of_lists = rows.iter().filter(|row| row.access_type == AccessType::Allowlist);
        let ends: Vec<_> = of_lists.map(|row| (row.slug.to_string(), row.ended_at)).collect();
        let changed_at = Timestamp::from_microsecond(7).unwrap();
        assert_eq!(ends, [("g".to_owned(), Some(changed_at)), ("f".to_owned(), None)]);
    })
    .await;
}

/// None of it is refunded again.
#[tokio::test]
async fn lost_amounts_of_the_version_before_are_stored() {
    upgraded(&BEFORE_LOST_AMOUNTS, async |stores| {
        let amounts = [500, 1_200, 1_200, 0, 1_200, 1_200, 500, 0];
        for (last, expected) in (1..).zip(amounts) {
            let id = format!("pur_01arz3ndektsv4rrffq69g5fb{last}").parse().unwrap();
            let purchase = stores.purchases.purchase(id).await.unwrap().unwrap();
            assert_eq!((purchase.lost, purchase.left()), (expected, 1_200 - expected), "{last}");
        }
    })
    .await;
}

/// What is stored of the next ones comes back.
#[tokio::test]
async fn sweeps_of_the_version_before_begin_from_the_start() {
    upgraded(&BEFORE_SWEEP_PLACES, async |stores| {
        let account = AccountId::new("acct_1");
        let found = stores.sweeps.account_to_sweep(&account).await.unwrap().unwrap();
        let swept_at = Timestamp::from_microsecond(7).unwrap();
        assert_eq!((found.place, found.swept_at), (None, Some(swept_at)));
        let mut unit = stores.store.begin().await.unwrap();
        unit.sweeps().keep_place(&account, Some("{}".to_owned())).await.unwrap();
        unit.commit().await.unwrap();
        let found = stores.sweeps.account_to_sweep(&account).await.unwrap().unwrap();
        assert_eq!((found.place.as_deref(), found.swept_at), (Some("{}"), Some(swept_at)));
    })
    .await;
}

#[tokio::test]
async fn purchases_of_the_version_before_were_paid_when_recorded() {
    upgraded(&BEFORE_PAID_AT, async |stores| {
        let id = format!("pur_{ID}").parse().unwrap();
        let purchase = stores.purchases.purchase(id).await.unwrap().unwrap();
        assert_eq!(purchase.paid_at, None);
        assert_eq!(purchase.paid_or_recorded_at(), purchase.created_at);
    })
    .await;
}
