//! The texts of statements, and what becomes of their errors.

#![cfg(feature = "testing")]
#![expect(clippy::unwrap_used, reason = "tests")]

use diesel::{
    ExpressionMethods, QueryDsl,
    backend::Backend,
    pg::Pg,
    query_builder::{QueryBuilder, QueryFragment},
    result::{DatabaseErrorInformation, DatabaseErrorKind, Error},
};
use tollgate_domain::store_error::StoreError;
use tollgate_persistence::testing::{store_error, written};

diesel::table! {
    handles (id) {
        id -> Text,
        name -> Text,
    }
}

/// An error of PostgreSQL that diesel has no kind for.
struct Told {
    message: &'static str,
    details: Option<&'static str>,
}

impl DatabaseErrorInformation for Told {
    fn message(&self) -> &str {
        self.message
    }

    fn details(&self) -> Option<&str> {
        self.details
    }

    fn hint(&self) -> Option<&str> {
        None
    }

    fn table_name(&self) -> Option<&str> {
        None
    }

    fn column_name(&self) -> Option<&str> {
        None
    }

    fn constraint_name(&self) -> Option<&str> {
        None
    }

    fn statement_position(&self) -> Option<i32> {
        None
    }
}

#[test]
fn deadlocks_are_known_in_every_language() {
    let of = |message, details| {
        let told = Box::new(Told { message, details });
        store_error(Error::DatabaseError(DatabaseErrorKind::Unknown, told))
    };
    for (message, detail) in [
        (
            "Verklemmung (Deadlock) entdeckt",
            "Prozess 71 wartet auf ShareLock-Sperre auf Transaktion 9; blockiert von Prozess 72.\n\
             Prozess 72 wartet auf ShareLock-Sperre auf Transaktion 8; blockiert von Prozess 71.",
        ),
        (
            "检测到死锁",
            "进程71等待在关系 5 的数据库 1 的(0,1)元组上的AccessExclusiveLock; 由进程72阻塞.\n\
             进程72等待在事务 8上的ShareLock; 由进程71阻塞.",
        ),
    ] {
        assert_eq!(of(message, Some(detail)), StoreError::Conflict, "{message}");
    }
    for details in [None, Some("Es ist kein Platz mehr.\nAuf keinem Gerät.")] {
        let full = of("konnte Datei nicht erweitern", details);
        assert_eq!(full, StoreError::Unavailable("konnte Datei nicht erweitern".into()));
    }
}

/// PostgreSQL ends one of two units that wait for each other. Nothing was stored.
#[test]
fn what_a_concurrent_unit_prevents_may_be_repeated() {
    let of =
        |kind, message: &str| store_error(Error::DatabaseError(kind, Box::new(message.to_owned())));
    let failed = of(DatabaseErrorKind::SerializationFailure, "could not serialize access");
    assert_eq!(failed, StoreError::Conflict);
    let deadlock = of(DatabaseErrorKind::Unknown, "deadlock detected");
    assert_eq!(deadlock, StoreError::Conflict);
    let full = of(DatabaseErrorKind::Unknown, "could not extend file");
    assert_eq!(full, StoreError::Unavailable("could not extend file".into()));
}

fn text(query: &impl QueryFragment<Pg>) -> String {
    let mut builder = <Pg as Backend>::QueryBuilder::default();
    query.to_sql(&mut builder, &Pg).unwrap();
    builder.finish()
}

#[test]
fn text_is_that_of_the_query_whatever_its_values() {
    let by_name = |name| handles::table.select(handles::id).filter(handles::name.eq(name));
    let by_id = |id| handles::table.select(handles::id).filter(handles::id.eq(id));
    for name in ["ada", "bob"] {
        assert_eq!(text(&written(by_name(name))), text(&by_name(name)));
        assert_eq!(text(&written(by_id(name))), text(&by_id(name)));
        assert!(written(by_name(name)).is_safe_to_cache_prepared(&Pg).unwrap());
    }
}

#[test]
fn text_that_depends_on_values_is_written_anew() {
    let among =
        |ids: Vec<&'static str>| handles::table.select(handles::id).filter(handles::id.eq_any(ids));
    let other = |is_first| {
        let column = if is_first { "id" } else { "name" };
        handles::table.select(diesel::dsl::sql::<diesel::sql_types::Text>(column))
    };
    assert_eq!(text(&written(among(vec!["a"]))), text(&among(vec!["a"])));
    assert_ne!(text(&written(other(true))), text(&written(other(false))));
}
