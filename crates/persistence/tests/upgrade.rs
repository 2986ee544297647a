//! A database that the version before made, with work under way, is brought up to date.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{collections::BTreeSet, fmt::Write, fs, ops::Range};

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
};
use tollgate_persistence::{DatabaseUrl, migrate, open};

/// The number of migrations that the version before had.
const BEFORE: usize = 4;

const ID: &str = "01arz3ndektsv4rrffq69g5fav";

/// One row of everything that the migration touches.
const ROWS: &str = "
    INSERT INTO visitors VALUES ('vis_ID', 'bob@example.com', 0);
    INSERT INTO creators VALUES ('cre_ID', 'ada@example.com', '', '', 0);
    INSERT INTO visitor_sessions (id, token, visitor_id, created_at, expires_at)
        VALUES ('vse_ID', HASH, 'vis_ID', 0, 2000000000);
    INSERT INTO creator_sessions (id, token, creator_id, created_at, expires_at)
        VALUES ('cse_ID', HASH, 'cre_ID', 0, 2000000000);
    INSERT INTO handles (id, creator_id, name, title, created_at)
        VALUES ('hdl_ID', 'cre_ID', 'ada', '', 0);
    INSERT INTO pages (id, handle_id, slug, title, teaser, body, mode, status, created_at, updated_at)
        VALUES ('pag_ID', 'hdl_ID', 'a', '', '', '', 'PUBLIC', 'DRAFT', 0, 0);
    INSERT INTO purchases (id, visitor_id, handle_id, page_id, created_at, granted_as, grant_type,
                           refunded, refund_reserved)
        VALUES ('pur_ID', 'vis_ID', 'hdl_ID', 'pag_ID', 0, 'COMPLIMENTARY', 'COMPLIMENTARY', 0, 0);
    INSERT INTO ledger_facts (id, at, kind, reference, purchase_id, handle_id, page_id, visitor_id,
                              amount, currency)
        VALUES ('fct_ID', 7, 'purchased', 'cs_1', 'pur_ID', 'hdl_ID', 'pag_ID', 'vis_ID', 1200, 'usd');
    INSERT INTO files (id, handle_id, slug, live_slug, name, content_type, size, sha256, access,
                       state, was_complete, due_at, created_at, updated_at)
        VALUES ('fil_ID', 'hdl_ID', 'f', NULL, 'f', 'text/plain', 1, HASH, 'ALLOWLIST', 'RETIRED',
                TRUE, 5, 0, 0);
    INSERT INTO file_facts VALUES ('fct_01arz3ndektsv4rrffq69g5fax', 8, 'file_deleted', 'fil_ID',
                                   'hdl_ID', 'fil_ID');
    INSERT INTO file_allowlist (id, file_id, email, added_at)
        VALUES ('alw_ID', 'fil_ID', 'later@example.com', 3),
               ('alw_01arz3ndektsv4rrffq69g5fax', 'fil_ID', 'bob@example.com', 3);
    INSERT INTO refund_requests (id, purchase_id, amount, currency, requested_at)
        VALUES ('rfd_ID', 'pur_ID', 1, 'usd', 0);
    INSERT INTO group_buys VALUES ('gb_ID', 'hdl_ID', 'pag_ID', 'g', '', '', 1, 'usd', 1, NULL, 4, 7,
                                   'OPEN', 0, NULL, NULL, 0, 0);
    INSERT INTO outbox (id, kind, recipient, sealed, status, attempts, due_at, queued_at)
        VALUES ('mal_ID', 'magic_link', 'bob@example.com', HASH, 'QUEUED', 2, 3, 1),
               ('mal_01arz3ndektsv4rrffq69g5fax', 'receipt', 'bob@example.com', HASH, 'SENT', 1, 3, 1);
    INSERT INTO provider_events (id, kind, account, object_id, received_at, attempts, due_at, done_at)
        VALUES ('evt_1', 'charge.dispute.created', 'acct_1', 'du_1', 1, 1, 2, NULL),
               ('evt_2', 'account.updated', 'acct_1', 'acct_1', 1, 1, NULL, 2);";

/// The number of migrations before the one that counts lost disputes.
const BEFORE_LOST_DISPUTES: usize = 16;

/// A dispute that was lost, as it was stored without its amount in the ledger, one that nothing else is stored of, and
/// one that was won on appeal.
const LOST_DISPUTES: &str = "
    INSERT INTO disputes
        VALUES ('du_1', 'pur_ID', 'LOST', 'CLOSED', 'fraudulent', 1100, 'usd', 8, NULL),
               ('du_3', 'pur_ID', 'WON', 'CLOSED', 'fraudulent', 1200, 'usd', 8, NULL);
    INSERT INTO ledger (id, at, kind, reference, handle_id, page_id, visitor_id, purchase_id)
        VALUES ('fct_01arz3ndektsv4rrffq69g5faz', 9, 'dispute_lost', 'du_1', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_ID'),
               ('fct_01arz3ndektsv4rrffq69g5fb0', 10, 'dispute_lost', 'du_2', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_ID'),
               ('fct_01arz3ndektsv4rrffq69g5fb1', 11, 'dispute_lost', 'du_3', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_ID'),
               ('fct_01arz3ndektsv4rrffq69g5fb2', 12, 'dispute_won', 'du_3', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_ID');";

/// The number of migrations before the one that notes which sessions' ends are awaited.
const BEFORE_AWAITED_ENDS: usize = 24;

/// Closed orders at an account that is connected and at one that is not, and one whose payment failed.
const CLOSED_ORDERS: &str = "
    INSERT INTO connected_accounts (account, handle_id, live_handle_id, charges_enabled,
                                    payouts_enabled, details_submitted, created_at, updated_at)
        VALUES ('acct_1', 'hdl_ID', 'hdl_ID', TRUE, TRUE, TRUE, 0, 0),
               ('acct_2', 'hdl_ID', NULL, FALSE, FALSE, TRUE, 0, 0);
    INSERT INTO checkout_orders (id, visitor_id, handle_id, page_id, account, title, amount, currency,
                                 fee, customer_email, status, session, url, created_at, expires_at)
        VALUES ('chk_01arz3ndektsv4rrffq69g5faz', 'vis_ID', 'hdl_ID', 'pag_ID', 'acct_1', '', 1, 'usd',
                0, 'bob@example.com', 'EXPIRED', 'cs_1', '', 0, 0),
               ('chk_ID', 'vis_ID', 'hdl_ID', 'pag_ID', 'acct_2', '', 1, 'usd',
                0, 'bob@example.com', 'EXPIRED', 'cs_2', '', 0, 0),
               ('chk_01arz3ndektsv4rrffq69g5fax', 'vis_ID', 'hdl_ID', 'pag_ID', 'acct_2', '', 1, 'usd',
                0, 'bob@example.com', 'FAILED', 'cs_3', '', 0, 0);";

/// The number of migrations before the one that stores sellers with purchases.
const BEFORE_SELLERS: usize = 29;

/// The number of migrations before the one that notes since when lists open nothing.
const BEFORE_UNLISTED: usize = 31;

/// A file on a page, whose list has an address that was put on it before.
const UNLISTED: &str = "
    INSERT INTO files (id, handle_id, slug, live_slug, name, content_type, size, sha256, access,
                       page_id, state, was_complete, due_at, created_at, updated_at)
        VALUES ('fil_01arz3ndektsv4rrffq69g5fax', 'hdl_ID', 'g', 'g', 'g', 'text/plain', 1, HASH,
                'PAGE', 'pag_ID', 'READY', TRUE, NULL, 0, 7);
    INSERT INTO file_allowlist (id, file_id, email, added_at)
        VALUES ('alw_01arz3ndektsv4rrffq69g5faz', 'fil_01arz3ndektsv4rrffq69g5fax',
                'bob@example.com', 4);";

/// The number of migrations before the one that stores with purchases what was lost.
const BEFORE_LOST_AMOUNTS: usize = 32;

/// Purchases of which a part was lost, and the whole, once in an unknown amount, and one whose loss was overturned. Of the next
/// ones, one was lost in a known and an unknown amount and one in another currency, and two were lost twice by one dispute, which
/// was then won for one of them.
const LOST_PURCHASES: &str = "
    INSERT INTO checkout_orders (id, visitor_id, handle_id, page_id, account, title, amount, currency,
                                 fee, customer_email, status, session, url, created_at, expires_at)
        VALUES ('chk_01arz3ndektsv4rrffq69g5fb1', 'vis_ID', 'hdl_ID', 'pag_ID', 'acct_1', '', 1200,
                'usd', 0, 'bob@example.com', 'PAID', 'cs_b1', '', 0, 0),
               ('chk_01arz3ndektsv4rrffq69g5fb2', 'vis_ID', 'hdl_ID', 'pag_ID', 'acct_1', '', 1200,
                'usd', 0, 'bob@example.com', 'PAID', 'cs_b2', '', 0, 0),
               ('chk_01arz3ndektsv4rrffq69g5fb3', 'vis_ID', 'hdl_ID', 'pag_ID', 'acct_1', '', 1200,
                'usd', 0, 'bob@example.com', 'PAID', 'cs_b3', '', 0, 0),
               ('chk_01arz3ndektsv4rrffq69g5fb4', 'vis_ID', 'hdl_ID', 'pag_ID', 'acct_1', '', 1200,
                'usd', 0, 'bob@example.com', 'PAID', 'cs_b4', '', 0, 0),
               ('chk_01arz3ndektsv4rrffq69g5fb5', 'vis_ID', 'hdl_ID', 'pag_ID', 'acct_1', '', 1200,
                'usd', 0, 'bob@example.com', 'PAID', 'cs_b5', '', 0, 0),
               ('chk_01arz3ndektsv4rrffq69g5fb6', 'vis_ID', 'hdl_ID', 'pag_ID', 'acct_1', '', 1200,
                'usd', 0, 'bob@example.com', 'PAID', 'cs_b6', '', 0, 0),
               ('chk_01arz3ndektsv4rrffq69g5fb7', 'vis_ID', 'hdl_ID', 'pag_ID', 'acct_1', '', 1200,
                'usd', 0, 'bob@example.com', 'PAID', 'cs_b7', '', 0, 0),
               ('chk_01arz3ndektsv4rrffq69g5fb8', 'vis_ID', 'hdl_ID', 'pag_ID', 'acct_1', '', 1200,
                'usd', 0, 'bob@example.com', 'PAID', 'cs_b8', '', 0, 0);
    INSERT INTO purchases (id, visitor_id, handle_id, page_id, created_at, checkout_id, amount, currency,
                           account, session, payment_intent, granted_as, grant_type, refunded,
                           refund_reserved, revoked_at)
        SELECT 'pur' || substr(id, 4), visitor_id, handle_id, page_id, 0, id, amount, currency, account,
               session, session, 'PURCHASE', 'PURCHASE', 0, 0,
               CASE WHEN session IN ('cs_b4', 'cs_b8') THEN NULL ELSE 9 END
        FROM checkout_orders WHERE session LIKE 'cs_b%';
    INSERT INTO ledger (id, at, kind, reference, handle_id, page_id, visitor_id, purchase_id, amount,
                        currency)
        VALUES ('fct_01arz3ndektsv4rrffq69g5fb3', 9, 'dispute_lost', 'du_b1', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb1', 500, 'usd'),
               ('fct_01arz3ndektsv4rrffq69g5fb4', 9, 'dispute_lost', 'du_b2', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb2', 1300, 'usd'),
               ('fct_01arz3ndektsv4rrffq69g5fb5', 9, 'dispute_lost', 'du_b3', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb3', NULL, NULL),
               ('fct_01arz3ndektsv4rrffq69g5fb6', 9, 'dispute_lost', 'du_b4', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb4', 1200, 'usd'),
               ('fct_01arz3ndektsv4rrffq69g5fb7', 10, 'dispute_won', 'du_b4', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb4', 1200, 'usd'),
               ('fct_01arz3ndektsv4rrffq69g5fb8', 9, 'dispute_lost', 'du_b5', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb5', NULL, NULL),
               ('fct_01arz3ndektsv4rrffq69g5fb9', 9, 'dispute_lost', 'du_b5_2', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb5', 500, 'usd'),
               ('fct_01arz3ndektsv4rrffq69g5fba', 9, 'dispute_lost', 'du_b6', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb6', 500, 'eur'),
               ('fct_01arz3ndektsv4rrffq69g5fbb', 9, 'dispute_lost', 'du_b7', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb7', 500, 'usd'),
               ('fct_01arz3ndektsv4rrffq69g5fbc', 11, 'dispute_lost', 'du_b7@11', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb7', NULL, NULL),
               ('fct_01arz3ndektsv4rrffq69g5fbd', 9, 'dispute_lost', 'du_b8', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb8', 1200, 'usd'),
               ('fct_01arz3ndektsv4rrffq69g5fbe', 11, 'dispute_lost', 'du_b8@11', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb8', NULL, NULL),
               ('fct_01arz3ndektsv4rrffq69g5fbf', 12, 'dispute_won', 'du_b8', 'hdl_ID', 'pag_ID',
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb8', NULL, NULL);";

/// The number of migrations before the one that stores where sweeps go on.
const BEFORE_SWEEP_PLACES: usize = 33;

/// An account that was swept.
const SWEPT: &str = "
    INSERT INTO connected_accounts (account, handle_id, live_handle_id, charges_enabled,
                                    payouts_enabled, details_submitted, created_at, updated_at,
                                    swept_at)
        VALUES ('acct_1', 'hdl_ID', 'hdl_ID', TRUE, TRUE, TRUE, 0, 0, 7);";

/// The number of migrations before the one that stores when buyers paid.
const BEFORE_PAID_AT: usize = 34;

/// The statements that the version before ran on an empty database, and rows that it stored.
fn version_before(database: &str, hash: &str) -> String {
    let table = "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
                     run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);";
    let rows = ROWS.replace("_ID", &format!("_{ID}")).replace("HASH", hash);
    format!("{table}{}{rows}", migrations(database, 0..BEFORE))
}

/// What the version that counted no lost disputes made of it, with lost disputes.
fn before_lost_disputes(database: &str, hash: &str) -> String {
    let rows = LOST_DISPUTES.replace("_ID", &format!("_{ID}"));
    let later = migrations(database, BEFORE..BEFORE_LOST_DISPUTES);
    version_before(database, hash) + &later + &rows
}

/// What the version that awaited no ends of sessions made of it, with closed orders.
fn before_awaited_ends(database: &str, hash: &str) -> String {
    let rows = CLOSED_ORDERS.replace("_ID", &format!("_{ID}"));
    let later = migrations(database, BEFORE..BEFORE_AWAITED_ENDS);
    version_before(database, hash) + &later + &rows
}

/// What the version that stored no sellers made of it.
fn before_sellers(database: &str, hash: &str) -> String {
    version_before(database, hash) + &migrations(database, BEFORE..BEFORE_SELLERS)
}

/// What the version that did not note since when lists open nothing made of it, with a file on a page.
fn before_unlisted(database: &str, hash: &str) -> String {
    let rows = UNLISTED.replace("_ID", &format!("_{ID}")).replace("HASH", hash);
    let later = migrations(database, BEFORE..BEFORE_UNLISTED);
    version_before(database, hash) + &later + &rows
}

/// What the version that did not store what was lost made of it, with lost disputes.
fn before_lost_amounts(database: &str, hash: &str) -> String {
    let rows = LOST_PURCHASES.replace("_ID", &format!("_{ID}"));
    let later = migrations(database, BEFORE..BEFORE_LOST_AMOUNTS);
    version_before(database, hash) + &later + &rows
}

/// What the version that did not store where sweeps go on made of it, with an account.
fn before_sweep_places(database: &str, hash: &str) -> String {
    let rows = SWEPT.replace("_ID", &format!("_{ID}"));
    let later = migrations(database, BEFORE..BEFORE_SWEEP_PLACES);
    version_before(database, hash) + &later + &rows
}

/// What the version that did not store when buyers paid made of it.
fn before_paid_at(database: &str, hash: &str) -> String {
    version_before(database, hash) + &migrations(database, BEFORE..BEFORE_PAID_AT)
}

/// The statements of some migrations.
fn migrations(database: &str, range: Range<usize>) -> String {
    let folder = format!("{}/../../migrations/{database}", env!("CARGO_MANIFEST_DIR"));
    let mut statements = String::new();
    let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names: BTreeSet<_> = names.map(|name| name.into_string().unwrap()).collect();
    for name in names.into_iter().take(range.end).skip(range.start) {
        statements += &fs::read_to_string(format!("{folder}/{name}/up.sql")).unwrap();
        let version = name.split('_').next().unwrap().replace('-', "");
        let known = "INSERT INTO __diesel_schema_migrations (version)";
        writeln!(statements, "{known} VALUES ('{version}');").unwrap();
    }
    statements
}

async fn assert_carried_over(url: &DatabaseUrl) {
    let all = fs::read_dir(format!("{}/../../migrations/sqlite", env!("CARGO_MANIFEST_DIR")));
    assert_eq!(migrate(url).await.unwrap().len(), all.unwrap().count() - BEFORE);
    let stores = open(url).await.unwrap();
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

async fn assert_lost_disputes_are_counted(url: &DatabaseUrl) {
    migrate(url).await.unwrap();
    let stores = open(url).await.unwrap();
    let id = |prefix: &str| format!("{prefix}{ID}");
    let sums = stores.reports.day_sums(id("hdl_").parse().unwrap(), 0..1).await.unwrap();
    let sums: Vec<_> = sums.iter().map(|sum| (sum.kind, sum.count, sum.amount.amount)).collect();
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
}

/// Nobody knows whether those at an account that cannot be read were paid.
async fn assert_ends_are_awaited(url: &DatabaseUrl) {
    migrate(url).await.unwrap();
    let stores = open(url).await.unwrap();
    for (account, expected) in [("acct_1", vec![]), ("acct_2", vec![format!("chk_{ID}")])] {
        let awaited = stores.sweeps.awaited_orders_at(&AccountId::new(account), None, 9).await;
        let ids: Vec<_> = awaited.unwrap().iter().map(|order| order.id.to_string()).collect();
        assert_eq!(ids, expected, "{account}");
    }
}

/// Its receipt shows what the handle is now.
async fn assert_earlier_purchase_has_no_seller(url: &DatabaseUrl) {
    migrate(url).await.unwrap();
    let stores = open(url).await.unwrap();
    let id = format!("pur_{ID}").parse().unwrap();
    let sold = stores.purchases.sold(id).await.unwrap().unwrap();
    assert_eq!((sold.purchase.id, sold.seller), (id, None));
}

/// A list that opens nothing has done so since the last change of its file; others are as before.
async fn assert_places_have_ended(url: &DatabaseUrl) {
    migrate(url).await.unwrap();
    let stores = open(url).await.unwrap();
    let visitor = format!("vis_{ID}").parse().unwrap();
    let rows = stores.access.history(visitor, None, &PageRequest::default()).await.unwrap().items;
    let of_lists = rows.iter().filter(|row| row.access_type == AccessType::Allowlist);
    let ends: Vec<_> = of_lists.map(|row| (row.slug.to_string(), row.ended_at)).collect();
    let changed_at = Timestamp::from_microsecond(7).unwrap();
    assert_eq!(ends, [("g".to_owned(), Some(changed_at)), ("f".to_owned(), None)]);
}

#[tokio::test]
async fn places_of_the_version_before_have_their_end_in_sqlite() {
    let url = support::sqlite_url();
    let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute(&before_unlisted("sqlite", "zeroblob(32)")).unwrap();
    drop(conn);
    assert_places_have_ended(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn places_of_the_version_before_have_their_end_in_postgresql() {
    let url = support::postgres_url().await;
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    let hash = "decode(repeat('00', 32), 'hex')";
    conn.batch_execute(&before_unlisted("postgres", hash)).await.unwrap();
    assert_places_have_ended(&url.parse().unwrap()).await;
}

/// None of it is refunded again.
async fn assert_lost_amounts_are_stored(url: &DatabaseUrl) {
    migrate(url).await.unwrap();
    let stores = open(url).await.unwrap();
    let amounts = [500, 1_200, 1_200, 0, 1_200, 1_200, 500, 0];
    for (last, expected) in (1..).zip(amounts) {
        let id = format!("pur_01arz3ndektsv4rrffq69g5fb{last}").parse().unwrap();
        let purchase = stores.purchases.purchase(id).await.unwrap().unwrap();
        assert_eq!((purchase.lost, purchase.left()), (expected, 1_200 - expected), "{last}");
    }
}

#[tokio::test]
async fn lost_amounts_of_the_version_before_are_stored_in_sqlite() {
    let url = support::sqlite_url();
    let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute(&before_lost_amounts("sqlite", "zeroblob(32)")).unwrap();
    drop(conn);
    assert_lost_amounts_are_stored(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn lost_amounts_of_the_version_before_are_stored_in_postgresql() {
    let url = support::postgres_url().await;
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    let hash = "decode(repeat('00', 32), 'hex')";
    conn.batch_execute(&before_lost_amounts("postgres", hash)).await.unwrap();
    assert_lost_amounts_are_stored(&url.parse().unwrap()).await;
}

/// Its sweeps begin from the start, and what is stored of the next ones comes back.
async fn assert_sweeps_begin_from_the_start(url: &DatabaseUrl) {
    migrate(url).await.unwrap();
    let stores = open(url).await.unwrap();
    let account = AccountId::new("acct_1");
    let found = stores.sweeps.account_to_sweep(&account).await.unwrap().unwrap();
    let swept_at = Timestamp::from_microsecond(7).unwrap();
    assert_eq!((found.place, found.swept_at), (None, Some(swept_at)));
    let mut unit = stores.store.begin().await.unwrap();
    unit.sweeps().keep_place(&account, Some("{}".to_owned())).await.unwrap();
    unit.commit().await.unwrap();
    let found = stores.sweeps.account_to_sweep(&account).await.unwrap().unwrap();
    assert_eq!((found.place.as_deref(), found.swept_at), (Some("{}"), Some(swept_at)));
}

#[tokio::test]
async fn sweeps_of_the_version_before_begin_from_the_start_in_sqlite() {
    let url = support::sqlite_url();
    let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute(&before_sweep_places("sqlite", "zeroblob(32)")).unwrap();
    drop(conn);
    assert_sweeps_begin_from_the_start(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn sweeps_of_the_version_before_begin_from_the_start_in_postgresql() {
    let url = support::postgres_url().await;
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    let hash = "decode(repeat('00', 32), 'hex')";
    conn.batch_execute(&before_sweep_places("postgres", hash)).await.unwrap();
    assert_sweeps_begin_from_the_start(&url.parse().unwrap()).await;
}

/// It counts as paid when it was recorded.
async fn assert_earlier_purchase_was_paid_when_recorded(url: &DatabaseUrl) {
    migrate(url).await.unwrap();
    let stores = open(url).await.unwrap();
    let id = format!("pur_{ID}").parse().unwrap();
    let purchase = stores.purchases.purchase(id).await.unwrap().unwrap();
    assert_eq!(purchase.paid_at, None);
    assert_eq!(purchase.paid_or_recorded_at(), purchase.created_at);
}

#[tokio::test]
async fn purchases_of_the_version_before_were_paid_when_recorded_in_sqlite() {
    let url = support::sqlite_url();
    let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute(&before_paid_at("sqlite", "zeroblob(32)")).unwrap();
    drop(conn);
    assert_earlier_purchase_was_paid_when_recorded(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn purchases_of_the_version_before_were_paid_when_recorded_in_postgresql() {
    let url = support::postgres_url().await;
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    let hash = "decode(repeat('00', 32), 'hex')";
    conn.batch_execute(&before_paid_at("postgres", hash)).await.unwrap();
    assert_earlier_purchase_was_paid_when_recorded(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn purchases_of_the_version_before_have_no_seller_in_sqlite() {
    let url = support::sqlite_url();
    let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute(&before_sellers("sqlite", "zeroblob(32)")).unwrap();
    drop(conn);
    assert_earlier_purchase_has_no_seller(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn purchases_of_the_version_before_have_no_seller_in_postgresql() {
    let url = support::postgres_url().await;
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    let hash = "decode(repeat('00', 32), 'hex')";
    conn.batch_execute(&before_sellers("postgres", hash)).await.unwrap();
    assert_earlier_purchase_has_no_seller(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn ends_of_sessions_of_the_version_before_are_awaited_in_sqlite() {
    let url = support::sqlite_url();
    let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute(&before_awaited_ends("sqlite", "zeroblob(32)")).unwrap();
    drop(conn);
    assert_ends_are_awaited(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn ends_of_sessions_of_the_version_before_are_awaited_in_postgresql() {
    let url = support::postgres_url().await;
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    let hash = "decode(repeat('00', 32), 'hex')";
    conn.batch_execute(&before_awaited_ends("postgres", hash)).await.unwrap();
    assert_ends_are_awaited(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn lost_disputes_of_the_version_before_are_counted_in_sqlite() {
    let url = support::sqlite_url();
    let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute(&before_lost_disputes("sqlite", "zeroblob(32)")).unwrap();
    drop(conn);
    assert_lost_disputes_are_counted(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn lost_disputes_of_the_version_before_are_counted_in_postgresql() {
    let url = support::postgres_url().await;
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    let hash = "decode(repeat('00', 32), 'hex')";
    conn.batch_execute(&before_lost_disputes("postgres", hash)).await.unwrap();
    assert_lost_disputes_are_counted(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn a_database_of_the_version_before_is_carried_over_in_sqlite() {
    let url = support::sqlite_url();
    let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute(&version_before("sqlite", "zeroblob(32)")).unwrap();
    drop(conn);
    assert_carried_over(&url.parse().unwrap()).await;
}

#[tokio::test]
async fn a_database_of_the_version_before_is_carried_over_in_postgresql() {
    let url = support::postgres_url().await;
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    let hash = "decode(repeat('00', 32), 'hex')";
    conn.batch_execute(&version_before("postgres", hash)).await.unwrap();
    assert_carried_over(&url.parse().unwrap()).await;
}
