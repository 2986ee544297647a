//! The two migration folders define the same schema, with the indexes that the queries need.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{collections::BTreeSet, path::Path};

use diesel::{Connection, QueryableByName, SqliteConnection, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use tollgate_persistence::{DatabaseUrl, migrate, open};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Returns `table.column TYPE NULL|NOT NULL` of every column, with SQLite's names of types.
async fn sqlite_columns() -> BTreeSet<String> {
    let url = support::sqlite_url();
    migrate(&url.parse().unwrap()).await.unwrap();
    let path = url.strip_prefix("sqlite:").unwrap();
    let mut conn = SqliteConnection::establish(path).unwrap();
    let query = diesel::sql_query(
        "SELECT t.name || '.' || c.name || ' ' || c.type || \
                CASE WHEN c.\"notnull\" OR c.pk THEN ' NOT NULL' ELSE ' NULL' END AS line \
         FROM sqlite_master t JOIN pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite%'",
    );
    let lines: Vec<Line> = diesel::RunQueryDsl::load(query, &mut conn).unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

/// Returns the same for PostgreSQL, also with SQLite's names of types.
async fn postgres_columns() -> BTreeSet<String> {
    let url = support::postgres_url().await;
    migrate(&url.parse().unwrap()).await.unwrap();
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    let lines: Vec<Line> = diesel_async::RunQueryDsl::load(
        diesel::sql_query(
            "SELECT table_name || '.' || column_name || ' ' || upper(data_type) || \
                    CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE ' NULL' END AS line \
             FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'",
        ),
        &mut conn,
    )
    .await
    .unwrap();
    lines.into_iter().map(|line| line.line.replace("BYTEA", "BLOB")).collect()
}

#[tokio::test]
async fn both_databases_have_the_same_columns() {
    let (sqlite, postgres) = (sqlite_columns().await, postgres_columns().await);
    assert!(sqlite.contains("magic_links.token BLOB NOT NULL"), "{sqlite:?}");
    assert_eq!(sqlite, postgres);
}

/// Returns the columns, as `table.column`, whose paths end the texts in front of a `mark`.
fn columns_before(source: &str, mark: &str) -> BTreeSet<String> {
    let is_other = |letter: char| !letter.is_ascii_alphanumeric() && !"_:".contains(letter);
    let before = source.split(mark).map(|text| text.rsplit(is_other).next().unwrap_or_default());
    before.filter(|path| path.contains("::")).map(|path| path.replace("::", ".")).collect()
}

/// Returns the columns that the queries in a folder put in order or compare by `<` and its like.
fn compared_columns(folder: &Path) -> BTreeSet<String> {
    let mut columns = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            columns.append(&mut compared_columns(&path));
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let source: String = source.chars().filter(|letter| !letter.is_whitespace()).collect();
        for mark in [".lt(", ".le(", ".gt(", ".ge(", ".asc()", ".desc()"] {
            columns.append(&mut columns_before(&source, mark));
        }
        for mark in [".order(", "seek!("] {
            for ordered in source.split(mark).skip(1) {
                // The columns end where the next call of the query begins.
                let ordered = ordered.split(").").next().unwrap();
                for end in [",", ")"] {
                    columns.append(&mut columns_before(ordered, end));
                }
            }
        }
    }
    columns
}

#[tokio::test]
async fn texts_that_are_put_in_order_are_compared_byte_by_byte_in_every_locale() {
    let queries = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/queries");
    let compared = compared_columns(&queries);
    for known in ["people.email", "outbox.recipient", "visitors.email", "purchases.id"] {
        assert!(compared.contains(known), "{known} is not among {compared:?}");
    }
    let url = support::postgres_url().await;
    migrate(&url.parse().unwrap()).await.unwrap();
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    let query = "SELECT table_name || '.' || column_name AS line FROM information_schema.columns \
                 WHERE table_schema = 'public' AND data_type IN ('text', 'character varying') \
                 AND collation_name IS DISTINCT FROM 'C'";
    let lines: Vec<Line> =
        diesel_async::RunQueryDsl::load(diesel::sql_query(query), &mut conn).await.unwrap();
    let as_the_locale_says: BTreeSet<_> = lines.into_iter().map(|line| line.line).collect();
    assert!(as_the_locale_says.contains("checkout_orders.customer_email"));
    let wrong: Vec<_> = compared.intersection(&as_the_locale_says).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn store_is_ready_only_when_its_schema_is_current() {
    let empty: DatabaseUrl = support::sqlite_url().parse().unwrap();
    let stores = open(&empty).await.unwrap();
    assert!(stores.store.ready().await.is_err());
    migrate(&empty).await.unwrap();
    assert_eq!(stores.store.ready().await, Ok(()));

    let empty: DatabaseUrl = support::postgres_url().await.parse().unwrap();
    let stores = open(&empty).await.unwrap();
    assert!(stores.store.ready().await.is_err());
    migrate(&empty).await.unwrap();
    assert_eq!(stores.store.ready().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_replicas_migrate_and_open_an_empty_database_at_once() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/sqlite");
    let migrations = std::fs::read_dir(folder).unwrap().count();
    // Lock conflicts in SQLite are rare, so many files are tried.
    let files = (0..50).map(|_| support::sqlite_url());
    for url in files.chain([support::postgres_url().await]) {
        let mut replicas = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let url: DatabaseUrl = url.parse().unwrap();
            replicas.spawn(async move {
                let names = migrate(&url).await?;
                open(&url).await.map(|stores| (names.len(), stores))
            });
        }
        let mut ran = 0;
        while let Some(replica) = replicas.join_next().await {
            let (names, stores) = replica.unwrap().unwrap();
            assert_eq!(stores.store.ready().await, Ok(()));
            ran += names;
        }
        assert_eq!(ran, migrations, "{url}");
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// Returns SQLite's query plan, one step a line.
fn plan(conn: &mut SqliteConnection, query: &str) -> String {
    let query = diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}"));
    let steps: Vec<Step> = diesel::RunQueryDsl::load(query, conn).unwrap();
    steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("\n")
}

/// Returns the condition that the queries derive from a cursor.
fn after(table: &str, at: &str) -> String {
    format!("AND {table}.{at} <= 9 AND ({table}.{at} < 9 OR {table}.id < 'x')")
}

/// Queries of lists, and the index that each is read along.
const LISTS: &[(&str, &str)] = &[
    (
        "SELECT visitors.id FROM people JOIN visitors ON visitors.email = people.email \
         WHERE people.handle_id = 'h' AND people.email >= 'a' AND people.email < 'b' \
         AND people.email > 'ab' ORDER BY people.email LIMIT 51",
        "sqlite_autoindex_people_1 (handle_id=? AND email>? AND email<?)",
    ),
    (
        "SELECT * FROM purchases WHERE page_id = 'p' AND visitor_id = 'v' \
         ORDER BY created_at DESC, id DESC",
        "purchases_of_page (page_id=? AND visitor_id=?)",
    ),
    (
        "SELECT id FROM file_allowlist WHERE file_id = 'f' AND email = 'e' \
         ORDER BY added_at DESC, id DESC LIMIT 200",
        "file_allowlist_who (file_id=? AND email=?)",
    ),
    (
        "SELECT facts FROM ledger_days WHERE handle_id = 'h' AND day >= 1 AND day < 9",
        "sqlite_autoindex_ledger_days_1 (handle_id=? AND day>? AND day<?)",
    ),
    ("SELECT sold FROM page_sales WHERE handle_id = 'h'", "page_sales_of_handle"),
    (
        "SELECT page_id FROM visits WHERE visitor_id = 'v' AND at <= 9 \
         AND (at < 9 OR page_id < 'x') ORDER BY at DESC, page_id DESC LIMIT 51",
        "visits_history",
    ),
    (
        "SELECT id FROM ledger WHERE page_id = 'p' AND visitor_id = 'v' \
         ORDER BY at DESC, id DESC LIMIT 200",
        "ledger_of_page",
    ),
    (
        "SELECT disputes.id FROM disputes \
         JOIN purchases ON purchases.id = disputes.purchase_id \
         WHERE purchases.handle_id = 'h' AND disputes.stage = 'NEEDS_RESPONSE' LIMIT 50",
        "disputes_awaited (stage=?)",
    ),
    (
        "SELECT id FROM checkout_orders WHERE awaited_account = 'a' AND status = 'EXPIRED' \
         AND id > 'x' ORDER BY id LIMIT 200",
        "checkout_orders_awaited (awaited_account=? AND id>?)",
    ),
    // Few refunds fail, however many facts the handle has.
    (
        "SELECT purchases.id FROM ledger \
         JOIN purchases ON purchases.id = ledger.purchase_id \
         JOIN visitors ON visitors.id = purchases.visitor_id \
         WHERE ledger.kind = 'refund_failed' AND ledger.handle_id = 'h' LIMIT 50",
        "sqlite_autoindex_ledger_2 (kind=?)",
    ),
    (
        "SELECT purchases.id FROM ledger \
         JOIN purchases ON ledger.purchase_id = purchases.id \
         JOIN visitors ON visitors.id = purchases.visitor_id \
         WHERE ledger.kind = 'second_payment_held' AND ledger.handle_id = 'h' LIMIT 50",
        "ledger_held (handle_id=?)",
    ),
    (
        "SELECT queued_at FROM outbox WHERE kind = 'account_closed' AND handle_id = 'h' \
         AND queued_at > 0 ORDER BY queued_at DESC LIMIT 1",
        "outbox_account_closed (handle_id=? AND queued_at>?)",
    ),
    (
        "SELECT checkout_orders.id FROM checkout_orders \
         JOIN visitors ON visitors.id = checkout_orders.visitor_id \
         WHERE checkout_orders.handle_id = 'h' AND unread_at IS NOT NULL AND reread_at IS NULL \
         ORDER BY unread_at DESC, checkout_orders.id DESC LIMIT 50",
        "checkout_orders_unread (handle_id=?",
    ),
    (
        "SELECT id FROM checkout_orders WHERE handle_id = 'h' AND status = 'QUARANTINED' \
         ORDER BY created_at DESC, id DESC LIMIT 50",
        "checkout_orders_unmatched (handle_id=?",
    ),
    (
        "SELECT id FROM ledger WHERE handle_id = 'h' AND kind = 'disputed' \
         AND purchase_id IS NULL",
        "ledger_unmatched (handle_id=?",
    ),
    (
        "SELECT id FROM checkout_orders WHERE account = 'a' AND unread_at IS NOT NULL \
         AND reread_at IS NULL AND id > 'c' ORDER BY id LIMIT 50",
        "checkout_orders_unread_at (account=? AND id>?)",
    ),
    (
        "SELECT lane FROM jobs WHERE kind = 'k' AND lane > 'l' AND due_at IS NOT NULL \
         ORDER BY lane LIMIT 1",
        "jobs_of_lane (kind=? AND lane>?)",
    ),
    (
        "SELECT dead_at FROM jobs WHERE dead_at < 9 ORDER BY dead_at LIMIT 1 OFFSET 499",
        "jobs_dead (dead_at<?)",
    ),
    ("DELETE FROM jobs WHERE dead_at < 9 AND dead_at <= 8", "jobs_dead (dead_at<?)"),
    (
        "SELECT done_at FROM provider_events WHERE done_at < 9 ORDER BY done_at \
         LIMIT 1 OFFSET 499",
        "provider_events_done (done_at<?)",
    ),
    (
        "SELECT id FROM outbox WHERE handle_id = 'h' AND status = 'DEAD' AND queued_at > 9 \
         ORDER BY queued_at DESC, id DESC LIMIT 100",
        "outbox_dead (handle_id=? AND queued_at>?)",
    ),
    (
        "SELECT slug FROM pages WHERE handle_id = 'h' AND mode = 'PAID' AND status > 'ARCHIVED' \
         ORDER BY status DESC, created_at DESC, id DESC LIMIT 1",
        "pages_paid (handle_id=? AND status>?)",
    ),
    (
        "SELECT COUNT(*) FROM pages WHERE handle_id = 'h' AND status = 'PUBLISHED'",
        "COVERING INDEX pages_with (handle_id=? AND status=?)",
    ),
    (
        "SELECT id FROM files WHERE handle_id = 'h' AND state = 'READY' AND access = 'PUBLIC' \
         AND media IS NOT NULL AND media LIKE 'image/%' \
         ORDER BY created_at DESC, id DESC LIMIT 501",
        "files_shown (handle_id=?)",
    ),
    (
        "SELECT frontend_origins.origin FROM frontend_origins \
         JOIN handles ON handles.id = frontend_origins.handle_id \
         WHERE frontend_origins.origin = 'o' AND handles.name = 'h' LIMIT 1",
        "frontend_origins",
    ),
];

#[tokio::test]
async fn lists_are_read_along_their_index_and_never_sorted() {
    let url = support::sqlite_url();
    migrate(&url.parse().unwrap()).await.unwrap();
    let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    let sales = |filter: &str| {
        format!(
            "SELECT purchases.*, visitors.email, pages.slug FROM purchases \
             JOIN visitors ON visitors.id = purchases.visitor_id \
             JOIN pages ON pages.id = purchases.page_id \
             WHERE purchases.handle_id = 'h' {filter} {} \
             ORDER BY purchases.created_at DESC, purchases.id DESC LIMIT 51",
            after("purchases", "created_at")
        )
    };
    let related = |table: &str| {
        format!("SELECT visitor_id FROM {table} WHERE handle_id = 'h' AND visitor_id IN ('v', 'w')")
    };
    let first_in = |lane: &str| {
        format!(
            "SELECT priority, due_at, job_key FROM jobs \
             WHERE kind = 'k' AND due_at <= 9 AND lane {lane} \
             ORDER BY lane, priority, due_at, job_key LIMIT 1"
        )
    };
    let written = [
        (sales(""), "purchases_of_handle"),
        (sales("AND purchases.page_id = 'p'"), "purchases_sold"),
        (sales("AND purchases.visitor_id = 'v'"), "purchases_people"),
        (related("purchases"), "purchases_people"),
        (related("visits"), "visits_people"),
        (
            format!(
                "SELECT id FROM outbox WHERE handle_id = 'h' {} \
                 ORDER BY queued_at DESC, id DESC LIMIT 51",
                after("outbox", "queued_at")
            ),
            "outbox_of_handle",
        ),
        (
            format!(
                "SELECT purchases.id FROM purchases JOIN pages ON pages.id = purchases.page_id \
                 WHERE purchases.visitor_id = 'v' {} \
                 ORDER BY purchases.created_at DESC, purchases.id DESC LIMIT 51",
                after("purchases", "created_at")
            ),
            "purchases_history",
        ),
        (first_in("IS NULL"), "jobs_of_lane (kind=? AND lane=?"),
        (first_in("= 'l'"), "jobs_of_lane (kind=? AND lane=?"),
        (
            format!(
                "SELECT * FROM pages WHERE handle_id = 'h' AND status = 'PUBLISHED' {} \
                 ORDER BY created_at DESC, id DESC LIMIT 51",
                after("pages", "created_at")
            ),
            "pages_with (handle_id=? AND status=? AND created_at<?)",
        ),
    ];
    let fixed = LISTS.iter().map(|(query, index)| ((*query).to_owned(), *index));
    for (query, index) in fixed.chain(written) {
        let plan = plan(&mut conn, &query);
        assert!(plan.contains(index), "{query}\n{plan}");
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{query}\n{plan}");
    }
    // Only the mails that are found are sorted.
    let mails = "SELECT id FROM outbox WHERE handle_id = 'h' AND recipient < 'b' AND recipient >= 'a' \
                 ORDER BY queued_at DESC, id DESC LIMIT 51";
    let steps = plan(&mut conn, mails);
    let index = "INDEX outbox_of_recipient (handle_id=? AND recipient>? AND recipient<?)";
    assert!(steps.contains(index), "{steps}");
    // Few purchases are suspended, however many disputes there ever were. Only the facts about these are sorted.
    let open = "SELECT ledger.reference FROM purchases \
                JOIN ledger ON ledger.purchase_id = purchases.id \
                WHERE purchases.account = 'a' AND purchases.suspended_at IS NOT NULL \
                AND ledger.kind || '' = 'disputed' AND ledger.id > 'x' \
                AND ledger.reference NOT LIKE '%@%' ORDER BY ledger.id LIMIT 200";
    let steps = plan(&mut conn, open);
    for index in ["purchases_suspended (account=?)", "ledger_of_purchase (purchase_id=?)"] {
        assert!(steps.contains(index), "{steps}");
    }
    // The first job of a kind that is due is found in the order of the index, whatever else waits.
    let first = "SELECT job_key, due_at FROM jobs WHERE due_at <= 9 AND kind = 'k' \
                 ORDER BY priority, due_at, job_key LIMIT 1";
    let steps = plan(&mut conn, first);
    assert!(steps.contains("INDEX jobs_of_kind") && !steps.contains("TEMP B-TREE"), "{steps}");
}
