//! Earlier versions, and what they stored.

use std::{collections::BTreeSet, fmt::Write, fs, ops::Range};

/// An earlier version.
pub(crate) struct Earlier {
    /// The number of its migrations.
    pub(crate) migrations: usize,
    /// Rows that it stored besides [`ROWS`].
    rows: &'static str,
}

/// The first version of which databases are brought up to date.
pub(crate) const FIRST: Earlier = Earlier { migrations: 4, rows: "" };

pub(crate) const ID: &str = "01arz3ndektsv4rrffq69g5fav";

/// One row of everything that the migrations touch, as the first version stored it.
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

/// The version that counted no lost disputes. It stored one without its amount in the ledger, one that nothing else is stored of,
/// and one that was won on appeal.
pub(crate) const BEFORE_LOST_DISPUTES: Earlier = Earlier {
    migrations: 16,
    rows: "
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
                'vis_ID', 'pur_ID');",
};

/// The version that awaited no ends of sessions. It closed orders at an account that is connected and at one that is not, and the
/// payment of one failed.
pub(crate) const BEFORE_AWAITED_ENDS: Earlier = Earlier {
    migrations: 24,
    rows: "
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
                0, 'bob@example.com', 'FAILED', 'cs_3', '', 0, 0);",
};

/// The version that stored no sellers with purchases.
pub(crate) const BEFORE_SELLERS: Earlier = Earlier { migrations: 29, rows: "" };

/// The version that did not note since when lists open nothing. The list of a file on a page has an address that was put on it
/// before.
pub(crate) const BEFORE_UNLISTED: Earlier = Earlier {
    migrations: 31,
    rows: "
    INSERT INTO files (id, handle_id, slug, live_slug, name, content_type, size, sha256, access,
                       page_id, state, was_complete, due_at, created_at, updated_at)
        VALUES ('fil_01arz3ndektsv4rrffq69g5fax', 'hdl_ID', 'g', 'g', 'g', 'text/plain', 1, HASH,
                'PAGE', 'pag_ID', 'READY', TRUE, NULL, 0, 7);
    INSERT INTO file_allowlist (id, file_id, email, added_at)
        VALUES ('alw_01arz3ndektsv4rrffq69g5faz', 'fil_01arz3ndektsv4rrffq69g5fax',
                'bob@example.com', 4);",
};

/// The version that did not store with purchases what was lost: of the first ones a part, and the whole, once in an unknown
/// amount, and one loss was overturned. Of the next ones, one was lost in a known and an unknown amount and one in another
/// currency, and two were lost twice by one dispute, which was then won for one of them.
pub(crate) const BEFORE_LOST_AMOUNTS: Earlier = Earlier {
    migrations: 32,
    rows: "
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
                'vis_ID', 'pur_01arz3ndektsv4rrffq69g5fb8', NULL, NULL);",
};

/// The version that did not store where sweeps go on. It has swept an account.
pub(crate) const BEFORE_SWEEP_PLACES: Earlier = Earlier {
    migrations: 33,
    rows: "
    INSERT INTO connected_accounts (account, handle_id, live_handle_id, charges_enabled,
                                    payouts_enabled, details_submitted, created_at, updated_at,
                                    swept_at)
        VALUES ('acct_1', 'hdl_ID', 'hdl_ID', TRUE, TRUE, TRUE, 0, 0, 7);",
};

/// The version that did not store when buyers paid.
pub(crate) const BEFORE_PAID_AT: Earlier = Earlier { migrations: 34, rows: "" };

impl Earlier {
    /// Returns the statements that it ran on an empty database.
    pub(crate) fn statements(&self, database: &str, hash: &str) -> String {
        let table =
            "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
                         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);";
        let complete = |rows: &str| rows.replace("_ID", &format!("_{ID}")).replace("HASH", hash);
        let first = migrations(database, 0..FIRST.migrations) + &complete(ROWS);
        let later = migrations(database, FIRST.migrations..self.migrations) + &complete(self.rows);
        format!("{table}{first}{later}")
    }
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
