//! Types of columns: wrappers through which diesel reads and writes values of the domain.

use std::{any::type_name, borrow::Cow, fmt::Debug, io::Write};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{BigInt, Binary, Integer, Text},
    sqlite::{Sqlite, SqliteValue},
};
use tollgate_domain::{
    Timestamp,
    access::{FactKind, GrantType},
    activity::ActivityKind,
    checkout::{Applied, OrderStatus},
    creators::{AccessMode, FrontendOrigin, PageStatus, SecondPayments, TokenPurpose},
    device::Device,
    email::Email,
    files::{FileAccess, Media},
    group_buys::{GroupBuyState, Quantity},
    id::{
        AllowlistId, CheckoutId, CreatorId, CreatorSessionId, FactId, FileId, GroupBuyId, HandleId,
        MagicLinkId, MailId, MoveId, PageId, PurchaseId, RefundId, VisitorId, VisitorSessionId,
    },
    jobs::{Job, JobKind},
    language::Language,
    mail::{MailKind, MailStatus},
    money::Currency,
    names::{HandleName, Slug},
    payments::{
        AccountId, CheckoutSessionId, DisputeId, DisputeProgress, DisputeStage, EventSubject,
        PaymentIntentId, ProviderRefundId,
    },
    seal::Sealed,
    token::TokenHash,
    visitor_auth::ReturnTo,
};

/// A stored value that is not of the type that its column has here. The message names the type, never
/// the value: it may end in a log.
#[derive(Debug, thiserror::Error)]
#[error("not a {0}")]
pub(crate) struct Unreadable(pub(crate) &'static str);

impl Unreadable {
    /// Creates the error for a column of type `T`.
    pub(crate) fn of<T>() -> Self {
        Self(type_name::<T>().rsplit("::").next().unwrap_or_default())
    }
}

/// The type of a column, or of several, in a row; converts to and from the domain's type.
pub(crate) trait Stored {
    type Value;

    fn store(value: Self::Value) -> Self;
    fn into_value(self) -> Self::Value;
}

impl<C: Stored> Stored for Option<C> {
    type Value = Option<C::Value>;

    fn store(value: Self::Value) -> Self {
        value.map(C::store)
    }

    fn into_value(self) -> Self::Value {
        self.map(C::into_value)
    }
}

/// Types that are the same in a row and in the domain.
macro_rules! stored_as_it_is {
    ($($name:ty)*) => {$(
        impl Stored for $name {
            type Value = Self;

            fn store(value: Self) -> Self {
                value
            }

            fn into_value(self) -> Self {
                self
            }
        }
    )*};
}

stored_as_it_is! { String i64 bool }

/// Declares types that hold a value of the domain as a column of the given SQL type.
macro_rules! wrappers {
    ($($(#[$meta:meta])* $name:ident)*) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
        $(#[$meta])*
        pub(crate) struct $name<T>(pub(crate) T);

        impl<T> Stored for $name<T> {
            type Value = T;

            fn store(value: T) -> Self {
                Self(value)
            }

            fn into_value(self) -> T {
                self.0
            }
        }
    )*};
}

wrappers! {
    /// A value in a `TEXT` column.
    #[diesel(sql_type = Text)]
    AsText
    /// A value in a `BYTEA` or `BLOB` column.
    #[diesel(sql_type = Binary)]
    AsBytes
    /// A value in a `BIGINT` or `INTEGER` column.
    #[diesel(sql_type = BigInt)]
    #[diesel(sql_type = Integer)]
    AsInt
}

/// A type that can be kept as text.
pub(crate) trait TextValue: Debug + Sized {
    fn text(&self) -> Cow<'_, str>;
    /// Reads what [`TextValue::text`] returned.
    fn read(text: &str) -> Option<Self>;
}

/// Implements [`TextValue`] for types that are written and read alike, with the two expressions.
macro_rules! text_values {
    (|$value:ident| $write:expr, |$text:ident| $read:expr, $($name:ty)*) => {$(
        impl TextValue for $name {
            fn text(&self) -> Cow<'_, str> {
                let $value = self;
                $write.into()
            }

            fn read($text: &str) -> Option<Self> {
                $read
            }
        }
    )*};
}

text_values! { |id| id.to_string(), |text| text.parse().ok(),
    AllowlistId CheckoutId CreatorId CreatorSessionId FactId FileId GroupBuyId HandleId MagicLinkId
    MailId MoveId PageId PurchaseId RefundId VisitorId VisitorSessionId
}
text_values! { |value| value.as_str(), |text| text.parse().ok(),
    AccessMode ActivityKind Applied DisputeProgress DisputeStage Email EventSubject FactKind FileAccess FrontendOrigin GrantType Language
    GroupBuyState HandleName JobKind MailKind MailStatus OrderStatus PageStatus SecondPayments Slug TokenPurpose
}
text_values! { |device| device.to_string(), |text| Some(Self::stored(text)), Device }
text_values! { |media| media.to_string(), |text| text.parse().ok(), Media }
text_values! { |id| id.as_str(), |text| Some(Self::new(text)),
    AccountId CheckoutSessionId DisputeId PaymentIntentId ProviderRefundId
}
text_values! { |job| job.payload(), |payload| Self::from_payload(payload), Job }
text_values! { |currency| currency.code(), |code| code.parse().ok(), Currency }
text_values! { |place| place.as_str(), |text| Some(Self::stored(text.to_owned())), ReturnTo }

/// A type that can be kept as bytes.
pub(crate) trait BytesValue: Debug + Sized {
    fn bytes(&self) -> &[u8];
    /// Reads what [`BytesValue::bytes`] returned.
    fn read(bytes: &[u8]) -> Option<Self>;
}

impl BytesValue for [u8; 32] {
    fn bytes(&self) -> &[u8] {
        self
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok()
    }
}

impl BytesValue for TokenHash {
    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_bytes)
    }
}

impl BytesValue for Sealed {
    fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.to_owned()))
    }
}

/// A type that can be kept as an integer.
pub(crate) trait IntValue: Debug + Sized {
    fn int(&self) -> i64;
    /// Reads what [`IntValue::int`] returned.
    fn read(int: i64) -> Option<Self>;
}

/// Implements [`IntValue`] for types. Each has an expression that writes the integer and one that reads it.
macro_rules! int_values {
    ($($name:ty: |$value:ident| $write:expr, |$int:ident| $read:expr;)*) => {$(
        impl IntValue for $name {
            fn int(&self) -> i64 {
                let $value = *self;
                $write
            }

            fn read($int: i64) -> Option<Self> {
                $read.ok()
            }
        }
    )*};
}

int_values! {
    // Microseconds since 1970.
    Timestamp: |at| at.as_microsecond(), |micros| Self::from_microsecond(micros);
    Quantity: |quantity| quantity.get(), |number| Self::new(number);
    u16: |number| number.into(), |int| int.try_into();
    u32: |number| number.into(), |int| int.try_into();
    u64: |number| number.try_into().unwrap_or(i64::MAX), |int| int.try_into();
}

/// A database whose values are read where they are, and written without being copied first.
pub(crate) trait InPlace: Backend {
    fn text<'a>(value: &'a mut Self::RawValue<'_>) -> deserialize::Result<&'a str>;
    fn bytes<'a>(value: &'a mut Self::RawValue<'_>) -> &'a [u8];
    fn write_text<'b>(text: Cow<'b, str>, out: &mut Output<'b, '_, Self>) -> serialize::Result;
    fn write_bigint(int: i64, out: &mut Output<'_, '_, Self>) -> serialize::Result;
    fn write_integer(int: i32, out: &mut Output<'_, '_, Self>) -> serialize::Result;
}

impl InPlace for Pg {
    fn text<'a>(value: &'a mut PgValue<'_>) -> deserialize::Result<&'a str> {
        Ok(std::str::from_utf8(value.as_bytes())?)
    }

    fn bytes<'a>(value: &'a mut PgValue<'_>) -> &'a [u8] {
        value.as_bytes()
    }

    fn write_text<'b>(text: Cow<'b, str>, out: &mut Output<'b, '_, Self>) -> serialize::Result {
        out.write_all(text.as_bytes())?;
        Ok(IsNull::No)
    }

    fn write_bigint(int: i64, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        ToSql::<BigInt, Self>::to_sql(&int, &mut out.reborrow())
    }

    fn write_integer(int: i32, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        ToSql::<Integer, Self>::to_sql(&int, &mut out.reborrow())
    }
}

impl InPlace for Sqlite {
    fn text<'a>(value: &'a mut SqliteValue<'_, '_, '_>) -> deserialize::Result<&'a str> {
        Ok(value.read_text())
    }

    fn bytes<'a>(value: &'a mut SqliteValue<'_, '_, '_>) -> &'a [u8] {
        value.read_blob()
    }

    fn write_text<'b>(text: Cow<'b, str>, out: &mut Output<'b, '_, Self>) -> serialize::Result {
        match text {
            Cow::Borrowed(text) => out.set_value(text),
            Cow::Owned(text) => out.set_value(text),
        }
        Ok(IsNull::No)
    }

    fn write_bigint(int: i64, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        out.set_value(int);
        Ok(IsNull::No)
    }

    fn write_integer(int: i32, out: &mut Output<'_, '_, Self>) -> serialize::Result {
        out.set_value(int);
        Ok(IsNull::No)
    }
}

impl<T: TextValue, DB: InPlace> FromSql<Text, DB> for AsText<T> {
    fn from_sql(mut value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let value = T::read(DB::text(&mut value)?).ok_or_else(Unreadable::of::<T>)?;
        Ok(Self(value))
    }
}

impl<T: TextValue, DB: InPlace> ToSql<Text, DB> for AsText<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_text(self.0.text(), out)
    }
}

impl<T: BytesValue, DB: InPlace> FromSql<Binary, DB> for AsBytes<T> {
    fn from_sql(mut value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let value = T::read(DB::bytes(&mut value)).ok_or_else(Unreadable::of::<T>)?;
        Ok(Self(value))
    }
}

impl<T: BytesValue, DB: Backend> ToSql<Binary, DB> for AsBytes<T>
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.bytes().to_sql(out)
    }
}

impl<T: IntValue, DB: Backend> FromSql<BigInt, DB> for AsInt<T>
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let value = T::read(i64::from_sql(value)?).ok_or_else(Unreadable::of::<T>)?;
        Ok(Self(value))
    }
}

impl<T: IntValue, DB: InPlace> ToSql<BigInt, DB> for AsInt<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_bigint(self.0.int(), out)
    }
}

impl<T: IntValue, DB: Backend> FromSql<Integer, DB> for AsInt<T>
where
    i32: FromSql<Integer, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let value = T::read(i32::from_sql(value)?.into()).ok_or_else(Unreadable::of::<T>)?;
        Ok(Self(value))
    }
}

impl<T: IntValue, DB: InPlace> ToSql<Integer, DB> for AsInt<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        DB::write_integer(self.0.int().try_into().unwrap_or(i32::MAX), out)
    }
}
