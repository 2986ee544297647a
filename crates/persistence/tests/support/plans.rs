//! Looks at how SQLite answers the statements of a test: none may walk a whole table that grows, and those that read stay
//! prepared.

use std::{
    collections::HashSet,
    path::Path,
    sync::{LazyLock, Mutex, PoisonError},
};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::{Instrumentation, InstrumentationEvent, SimpleConnection},
    sql_types::Text,
};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// A database of the current schema without rows, and the statements that were looked at.
struct Planner {
    conn: SqliteConnection,
    known: HashSet<String>,
}

static PLANNER: LazyLock<Mutex<Planner>> = LazyLock::new(|| {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    conn.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite");
    let mut migrations: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    migrations.sort();
    for migration in migrations {
        let sql = std::fs::read_to_string(migration.join("up.sql")).unwrap();
        conn.batch_execute(&sql).unwrap();
    }
    Mutex::new(Planner { conn, known: HashSet::new() })
});

/// What may be walked as a whole: jobs are only what is to be done, all accounts are swept, creators are listed
/// along an index, and a payment that does not match its order has few turns.
const WALKED: [&str; 4] =
    ["SCAN jobs", "SCAN connected_accounts", "SCAN creators USING", "SCAN turns"];

/// What marks the statements that do not stay prepared, most of them by a list that they compare with: they belong to units of
/// work, which wait until they are durable in any case, to sweeps, or to what is asked about one person.
const PREPARED_ANEW: [&str; 13] = [
    "`checkout_orders`.`id` IN (?",
    "`checkout_orders`.`status` IN (?",
    "`disputes`.`id` IN (?",
    "`file_allowlist`.`live_key` IN (?",
    "`files`.`id` IN (?",
    "`handles`.`name` IN (?",
    "`ledger`.`purchase_id` IN (?",
    "`ledger`.`reference` IN (?",
    "`outbox`.`kind` IN (?",
    "`purchases`.`payment_intent` IN (?",
    "`refund_requests`.`purchase_id` IN (?",
    "refunded.at >= ?",
    "`visitors`.`email` IN (?",
];

impl Planner {
    fn look_at(&mut self, statement: &str) {
        let sql = statement.split(" -- binds: ").next().unwrap_or(statement);
        let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
        // For rows that are inserted and returned, a walk over the tables that refer to theirs is planned, which SQLite leaves out
        // unless a reference is broken within the transaction.
        let returns_inserted =
            sql.starts_with("INSERT") && sql.contains(" RETURNING ") && !sql.contains("SELECT");
        // A list without members makes a condition that no row is read for.
        let is_planned = verbs.iter().any(|verb| sql.starts_with(verb))
            && !sql.contains("(1=0)")
            && !returns_inserted
            && !sql.contains("`__diesel_schema_migrations`");
        if !is_planned || !self.known.insert(sql.to_owned()) {
            return;
        }
        let explain = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"));
        let steps: Vec<Step> = explain.load(&mut self.conn).unwrap();
        for Step { detail } in steps {
            let walks = detail.starts_with("SCAN ") && detail != "SCAN CONSTANT ROW";
            let may = WALKED.iter().any(|walked| detail.starts_with(walked));
            assert!(!walks || may, "a statement walks a whole table: {detail}\n{sql}");
            // There may be as many of them as there are orders, for each of which the condition is looked at.
            let walks = detail.starts_with("SEARCH refunded ") && !detail.contains("reference=?");
            assert!(!walks, "a statement walks all facts of a kind: {detail}\n{sql}");
        }
    }
}

/// Looks at the statements of a connection.
#[derive(Default)]
struct Watcher {
    /// Those that stay prepared.
    kept: HashSet<String>,
}

impl Instrumentation for Watcher {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                PLANNER.lock().unwrap_or_else(PoisonError::into_inner).look_at(&query.to_string());
            }
            InstrumentationEvent::CacheQuery { sql, .. } => {
                self.kept.insert(sql.to_owned());
            }
            InstrumentationEvent::FinishQuery { query, .. } => {
                let query = query.to_string();
                let sql = query.split(" -- binds: ").next().unwrap_or(&query);
                let is_kept = !sql.starts_with("SELECT ") || self.kept.contains(sql);
                let may = PREPARED_ANEW.iter().any(|list| sql.contains(list));
                assert!(
                    is_kept || may,
                    "a statement is prepared at each run: a `CachedStatement` with `padded` lists is not\n{sql}"
                );
            }
            _ => {}
        }
    }
}

/// Looks at every statement of connections that are opened from now on, and panics at one that walks a whole table, or that is
/// read with and does not stay prepared.
pub(crate) fn watch_plans() {
    diesel::connection::set_default_instrumentation(|| Some(Box::<Watcher>::default())).unwrap();
}
