//! The statement that counts a request against a limit. PostgreSQL counts against several limits in one statement.
//!
//! A bucket is stored as the instant at which it will be full again (the generic cell rate algorithm), a window as its
//! start and the number of requests in it.

use diesel::{
    QueryResult,
    backend::Backend,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType, Text},
};
use tollgate_domain::limits::{Limit, LimitRule};

/// How far the clocks of two replicas may differ, in microseconds.
const CLOCKS_DIFFER: i64 = 60_000_000;

/// Counts a request against a limit, unless the request exceeds it. It changes one row or none.
#[derive(Debug, Clone)]
pub(crate) struct Count {
    subject: String,
    rule: LimitRule,
    /// The row of a first request.
    at: i64,
    used: i64,
    idle_at: i64,
    /// The greatest stored instant with which a bucket admits the request, or with which a window has ended.
    latest: i64,
    /// The greatest instant that a clock that is right can have stored. A later one counts as none.
    possible: i64,
}

impl Count {
    /// Creates the statement for a request at `now`, in microseconds since 1970.
    pub(crate) fn new(limit: Limit, subject: &str, now: i64) -> Self {
        let subject = format!("{}:{subject}", limit.name);
        let rule = limit.rule;
        match rule {
            LimitRule::Bucket { burst, refill } => {
                let full_at = now + refill;
                let latest = now + (burst - 1) * refill;
                let possible = now + burst * refill + CLOCKS_DIFFER;
                Self { subject, rule, at: full_at, used: 0, idle_at: full_at, latest, possible }
            }
            LimitRule::Window { length, .. } => Self {
                subject,
                rule,
                at: now,
                used: 1,
                idle_at: now + length,
                latest: now - length,
                possible: now + CLOCKS_DIFFER,
            },
        }
    }

    /// Returns the key of the row.
    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the instant from which a request that exceeds the limit would be admitted, if this is the stored one.
    pub(crate) fn free_at(&self, stored: i64) -> i64 {
        match self.rule {
            LimitRule::Bucket { burst, refill } => stored - (burst - 1) * refill,
            LimitRule::Window { length, .. } => stored + length,
        }
    }

    /// Writes the statement. With a `condition` it changes nothing unless that holds.
    fn write<'b, DB>(&'b self, mut pass: AstPass<'_, 'b, DB>, condition: &str) -> QueryResult<()>
    where
        DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
        i64: ToSql<BigInt, DB>,
        String: ToSql<Text, DB>,
    {
        pass.push_sql("INSERT INTO rate_limits (subject, at, used, idle_at) SELECT ");
        pass.push_bind_param::<Text, _>(&self.subject)?;
        for value in [&self.at, &self.used, &self.idle_at] {
            pass.push_sql(", ");
            pass.push_bind_param::<BigInt, _>(value)?;
        }
        pass.push_sql(" WHERE ");
        pass.push_sql(condition);
        pass.push_sql(" ON CONFLICT (subject) DO UPDATE SET ");
        match &self.rule {
            LimitRule::Bucket { refill, .. } => {
                // The new row has the same refill added to the present instant.
                for column in ["at", "idle_at"] {
                    pass.push_sql(column);
                    pass.push_sql(" = CASE WHEN rate_limits.at + ");
                    pass.push_bind_param::<BigInt, _>(refill)?;
                    pass.push_sql(" > excluded.at AND rate_limits.at <= ");
                    pass.push_bind_param::<BigInt, _>(&self.possible)?;
                    pass.push_sql(" THEN rate_limits.at + ");
                    pass.push_bind_param::<BigInt, _>(refill)?;
                    pass.push_sql(" ELSE excluded.at END");
                    pass.push_sql(if column == "at" { ", " } else { " WHERE " });
                }
            }
            LimitRule::Window { most, .. } => {
                for (column, running) in [
                    ("at", "rate_limits.at"),
                    ("used", "rate_limits.used + 1"),
                    ("idle_at", "rate_limits.idle_at"),
                ] {
                    pass.push_sql(column);
                    pass.push_sql(" = CASE WHEN rate_limits.at > ");
                    pass.push_bind_param::<BigInt, _>(&self.latest)?;
                    pass.push_sql(" AND rate_limits.at <= ");
                    pass.push_bind_param::<BigInt, _>(&self.possible)?;
                    pass.push_sql(" THEN ");
                    pass.push_sql(running);
                    pass.push_sql(" ELSE excluded.");
                    pass.push_sql(column);
                    pass.push_sql(" END");
                    pass.push_sql(if column == "idle_at" { " WHERE " } else { ", " });
                }
                pass.push_sql("rate_limits.used < ");
                pass.push_bind_param::<BigInt, _>(most)?;
                pass.push_sql(" OR ");
            }
        }
        pass.push_sql("rate_limits.at <= ");
        pass.push_bind_param::<BigInt, _>(&self.latest)?;
        pass.push_sql(" OR rate_limits.at > ");
        pass.push_bind_param::<BigInt, _>(&self.possible)
    }
}

impl<DB> QueryFragment<DB> for Count
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // An upsert of a SELECT needs a condition in SQLite, whose parser would take ON for a part of a join.
        self.write(pass, "true")
    }
}

impl QueryId for Count {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Counts a request against several limits, each on another row, until it exceeds one. It selects one row for each
/// limit that it does not exceed.
#[derive(Debug)]
pub(crate) struct CountAll(pub(crate) Vec<Count>);

impl<DB> QueryFragment<DB> for CountAll
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut condition = "true".to_owned();
        for (number, count) in self.0.iter().enumerate() {
            pass.push_sql(if number == 0 { "WITH " } else { ", " });
            pass.push_sql(&format!("counted_{number} AS ("));
            count.write(pass.reborrow(), &condition)?;
            pass.push_sql(" RETURNING 1)");
            condition = format!("EXISTS (SELECT FROM counted_{number})");
        }
        for number in 0..self.0.len() {
            pass.push_sql(if number == 0 { " " } else { " UNION ALL " });
            pass.push_sql(&format!("SELECT 1 FROM counted_{number}"));
        }
        Ok(())
    }
}

impl QueryId for CountAll {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
