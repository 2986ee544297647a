//! Rows of both databases.

/// Reads a type from columns of these SQL types, in both databases.
///
/// `derive(Queryable)` implements this for any database and any SQL types. Each query then has the
/// compiler prove many times over that each column can be read, which took most of the time to compile
/// this crate.
macro_rules! readable {
    ($name:ty, $sql:ty, $stored:ty, |$columns:pat_param| $build:expr) => {
        readable! { @in Pg, $name, $sql, $stored, |$columns| $build }
        readable! { @in Sqlite, $name, $sql, $stored, |$columns| $build }

        impl Readable for $name {
            type SqlTypes = $sql;
        }
    };
    (@in $db:ident, $name:ty, $sql:ty, $stored:ty, |$columns:pat_param| $build:expr) => {
        impl FromSqlRow<$sql, $db> for $name {
            fn build_from_row<'a>(row: &impl Row<'a, $db>) -> deserialize::Result<Self> {
                let $columns = <$stored as FromSqlRow<$sql, $db>>::build_from_row(row)?;
                $build
            }
        }

        impl StaticallySizedRow<$sql, $db> for $name {
            const FIELD_COUNT: usize = <$stored as StaticallySizedRow<$sql, $db>>::FIELD_COUNT;
        }
    };
}

/// A type that `readable!` implements reading for.
trait Readable {
    /// The types of its columns.
    type SqlTypes;
}

/// The SQL type of a column of a row, or of the columns that are embedded in its place.
macro_rules! sql_type {
    ([] $table:ident, $column:ident, $stored:ty) => { SqlTypeOf<$table::$column> };
    ([$($embed:tt)+] $table:ident, $column:ident, $stored:ty) => { <$stored as Readable>::SqlTypes };
}

/// Defines a row by its columns, and how they make up a value of the domain: the braces after `is` are
/// both the pattern that takes the value apart and the expression that puts it together.
macro_rules! row {
    (
        $(#[$meta:meta])*
        $row:ident in $table:ident { $($(#[$($embed:tt)*])? $column:ident: $stored:ty,)* }
        is $domain:ident { $($shape:tt)* }
    ) => {
        $(#[$meta])*
        #[derive(Selectable, Insertable)]
        #[diesel(table_name = $table)]
        pub(crate) struct $row {
            $($(#[$($embed)*])? pub(crate) $column: $stored,)*
        }

        readable! {
            $row,
            ($(sql_type!([$($($embed)*)?] $table, $column, $stored),)*),
            ($($stored,)*),
            |($($column,)*)| Ok(Self { $($column),* })
        }

        impl From<&$domain> for $row {
            fn from(value: &$domain) -> Self {
                let $domain { $($shape)* } = value.clone();
                Self { $($column: Stored::store($column),)* }
            }
        }

        impl From<$row> for $domain {
            fn from(row: $row) -> Self {
                $(let $column = row.$column.into_value();)*
                Self { $($shape)* }
            }
        }
    };
}

/// Defines nullable columns that are set together or not at all, as an embedded part of a row. Reading
/// fails if only some of them are set.
macro_rules! optional_part {
    (
        $part:ident in $table:ident { $($column:ident: $stored:ty,)* }
        is $domain:ident { $($shape:tt)* }
    ) => {
        #[derive(Selectable, Insertable, AsChangeset)]
        #[diesel(table_name = $table, treat_none_as_null = true)]
        pub(crate) struct $part {
            $($column: Option<$stored>,)*
        }

        readable! {
            $part,
            ($(SqlTypeOf<$table::$column>,)*),
            ($(Option<$stored>,)*),
            |($($column,)*)| {
                let set = [$($column.is_some()),*];
                if set.contains(&true) && set.contains(&false) {
                    let part = concat!(stringify!($domain), " in ", stringify!($table));
                    return Err(Unreadable(part).into());
                }
                Ok(Self { $($column),* })
            }
        }

        impl Stored for $part {
            type Value = Option<$domain>;

            fn store(value: Self::Value) -> Self {
                match value {
                    Some($domain { $($shape)* }) => {
                        Self { $($column: Some(Stored::store($column))),* }
                    }
                    None => Self { $($column: None),* },
                }
            }

            fn into_value(self) -> Self::Value {
                $(let $column = self.$column?.into_value();)*
                Some($domain { $($shape)* })
            }
        }
    };
}

mod activity;
mod checkout;
mod creators;
mod disputes;
mod events;
mod files;
mod group_buys;
mod mail;
mod purchases;

mod visitors;

pub(crate) use activity::ActivityRow;
pub(crate) use checkout::{ConnectedAccountRow, OrderRow, RefundRequestRow, live_key};
pub(crate) use creators::{
    AccountTokenRow, AddressMoveRow, CreatorRow, CreatorSessionRow, HandleRow, PageLabelRow,
    PageRow,
};
pub(crate) use disputes::DisputeRow;
pub(crate) use events::EventRow;
pub(crate) use files::{AllowlistRow, FileRow, FileState, PlacedFile, place_key};
pub(crate) use group_buys::{GroupBuyRow, InterestRow};
pub(crate) use mail::{LoggedMailRow, MailRow, ReturnedRow};
pub(crate) use purchases::{
    FactRow, HoldingColumns, PaidAmount, PurchaseRow, holding, resource_columns,
};
pub(crate) use visitors::{MagicLinkRow, VisitorRow, VisitorSessionRow};

/// What the files here need.
mod prelude {
    pub(super) use diesel::{
        deserialize::{self, FromSqlRow, StaticallySizedRow},
        dsl::SqlTypeOf,
        pg::Pg,
        prelude::*,
        row::Row,
        sqlite::Sqlite,
    };
    pub(super) use tollgate_domain::Timestamp;

    pub(super) use super::Readable;
    pub(super) use crate::columns::{AsBytes, AsInt, AsText, Stored, Unreadable};
}
