//! Rows of both databases.

/// Defines a row by its columns, and how they make up a value of the domain: the braces after `is` are
/// both the pattern that takes the value apart and the expression that puts it together.
macro_rules! row {
    (
        $(#[$meta:meta])*
        $row:ident in $table:ident { $($(#[$attribute:meta])* $column:ident: $stored:ty,)* }
        is $domain:ident { $($shape:tt)* }
    ) => {
        $(#[$meta])*
        #[derive(Queryable, Selectable, Insertable)]
        #[diesel(table_name = $table)]
        pub(crate) struct $row {
            $($(#[$attribute])* pub(crate) $column: $stored,)*
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

        impl<ST, DB> Queryable<ST, DB> for $part
        where
            DB: Backend,
            ($(Option<$stored>,)*): FromStaticSqlRow<ST, DB>,
        {
            type Row = ($(Option<$stored>,)*);

            fn build(($($column,)*): Self::Row) -> deserialize::Result<Self> {
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

mod checkout;
mod creators;
mod files;
mod group_buys;
mod logs;
mod purchases;

mod visitors;

pub(crate) use checkout::{ConnectedAccountRow, OrderRow, RefundRequestRow, live_key};
pub(crate) use creators::{
    AccountTokenRow, AddressMoveRow, CreatorRow, CreatorSessionRow, HandleRow, PageRow,
};
pub(crate) use files::{AllowlistRow, FileRow, FileState, PlacedFile, place_key};
pub(crate) use group_buys::{GroupBuyRow, InterestRow, OfferedPageRow};
pub(crate) use logs::{EventRow, LoggedMailRow, MailRow};
pub(crate) use purchases::{
    FactRow, HoldingColumns, PaidAmount, PurchaseRow, holding, resource_columns,
};
pub(crate) use visitors::{MagicLinkRow, VisitorRow, VisitorSessionRow};

/// What the files here need.
mod prelude {
    pub(super) use diesel::{
        backend::Backend,
        deserialize::{self, FromStaticSqlRow},
        prelude::*,
    };
    pub(super) use tollgate_domain::Timestamp;

    pub(super) use crate::columns::{AsBytes, AsInt, AsText, Stored, Unreadable};
}
