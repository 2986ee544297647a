//! Events that the payment provider's webhooks brought.

use tollgate_domain::payments::{AccountId, EventSubject, ProviderEvent};

use super::prelude::*;
use crate::schema::provider_events;

row! {
    EventRow in provider_events {
        id: String,
        kind: String,
        account: Option<AsText<AccountId>>,
        object_id: String,
        received_at: AsInt<Timestamp>,
        subject: AsText<EventSubject>,
    }
    is ProviderEvent { id, kind, subject, account, object_id, received_at }
}
