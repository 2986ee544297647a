//! Purchases and the ledger.

use diesel::backend::Backend;
use tollgate_domain::{
    access::{Fact, FactKind, GrantType, Holding, Payment, Purchase, Resource, Subject},
    id::{CheckoutId, FactId, FileId, HandleId, PageId, PurchaseId, VisitorId},
    money::{Currency, Money},
    payments::{AccountId, CheckoutSessionId, PaymentIntentId},
};

use super::prelude::*;
use crate::schema::{ledger, purchases};

optional_part! {
    PaymentColumns in purchases {
        checkout_id: AsText<CheckoutId>,
        amount: i64,
        currency: AsText<Currency>,
        account: AsText<AccountId>,
        session: AsText<CheckoutSessionId>,
        payment_intent: AsText<PaymentIntentId>,
    }
    is Payment { checkout_id, paid: Money { amount, currency }, account, session, payment_intent }
}

optional_part! {
    PaidAmount in purchases { amount: i64, currency: AsText<Currency>, }
    is Money { amount, currency }
}

row! {
    PurchaseRow in purchases {
        id: AsText<PurchaseId>,
        visitor_id: AsText<VisitorId>,
        handle_id: AsText<HandleId>,
        page_id: AsText<PageId>,
        created_at: AsInt<Timestamp>,
        paid_at: Option<AsInt<Timestamp>>,
        #[diesel(embed)]
        payment: PaymentColumns,
        tax: Option<i64>,
        granted_as: AsText<GrantType>,
        grant_type: AsText<GrantType>,
        refunded: i64,
        refund_reserved: i64,
        lost: i64,
        suspended_at: Option<AsInt<Timestamp>>,
        revoked_at: Option<AsInt<Timestamp>>,
    }
    is Purchase {
        id,
        visitor_id,
        handle_id,
        page_id,
        created_at,
        paid_at,
        payment,
        tax,
        granted_as,
        grant_type,
        refunded,
        refund_reserved,
        lost,
        suspended_at,
        revoked_at,
    }
}

/// `grant_type`, `revoked_at` and `suspended_at` of a purchase that an outer join may have found.
pub(crate) type HoldingColumns = (Option<AsText<GrantType>>, Option<i64>, Option<i64>);

pub(crate) fn holding((grant_type, revoked_at, suspended_at): &HoldingColumns) -> Option<Holding> {
    grant_type.map(|grant_type| Holding {
        grant_type: grant_type.0,
        revoked: revoked_at.is_some(),
        suspended: suspended_at.is_some(),
    })
}

optional_part! {
    FactAmount in ledger { amount: i64, currency: AsText<Currency>, }
    is Money { amount, currency }
}

/// The page or the file that a fact is about. Inserted as [`resource_columns`].
pub(crate) struct ResourceColumns(Resource);

impl<DB: Backend> Selectable<DB> for ResourceColumns {
    type SelectExpression = (ledger::page_id, ledger::file_id);

    fn construct_selection() -> Self::SelectExpression {
        (ledger::page_id, ledger::file_id)
    }
}

type PageOrFile = (Option<AsText<PageId>>, Option<AsText<FileId>>);

readable! {
    ResourceColumns,
    (SqlTypeOf<ledger::page_id>, SqlTypeOf<ledger::file_id>),
    PageOrFile,
    |page_or_file| match page_or_file {
        (Some(page), None) => Ok(Self(Resource::Page(page.0))),
        (None, Some(file)) => Ok(Self(Resource::File(file.0))),
        _ => Err(Unreadable::of::<Resource>().into()),
    }
}

impl Stored for ResourceColumns {
    type Value = Resource;

    fn store(value: Resource) -> Self {
        Self(value)
    }

    fn into_value(self) -> Resource {
        self.0
    }
}

/// Returns the columns that [`ResourceColumns`] is read from.
pub(crate) fn resource_columns(resource: Resource) -> PageOrFile {
    (resource.page().map(AsText), resource.file().map(AsText))
}

row! {
    FactRow in ledger {
        id: AsText<FactId>,
        at: AsInt<Timestamp>,
        kind: AsText<FactKind>,
        reference: String,
        handle_id: AsText<HandleId>,
        #[diesel(embed, skip_insertion)]
        resource: ResourceColumns,
        visitor_id: Option<AsText<VisitorId>>,
        purchase_id: Option<AsText<PurchaseId>>,
        #[diesel(embed)]
        amount: FactAmount,
    }
    is Fact {
        id,
        at,
        kind,
        reference,
        subject: Subject { handle_id, resource, visitor_id, purchase_id },
        amount,
    }
}
