//! Disputes, and what visitors did.

use tollgate_domain::{
    activity::{Activity, ActivityKind},
    disputes::Dispute,
    id::{HandleId, PurchaseId, VisitorId},
    money::{Currency, Money},
    payments::{DisputeId, DisputeProgress, DisputeStage},
};

use super::prelude::*;
use crate::schema::{activity, disputes};

row! {
    #[derive(AsChangeset)]
    #[diesel(treat_none_as_null = true)]
    DisputeRow in disputes {
        id: AsText<DisputeId>,
        purchase_id: AsText<PurchaseId>,
        progress: AsText<DisputeProgress>,
        stage: AsText<DisputeStage>,
        reason: String,
        amount: i64,
        currency: AsText<Currency>,
        opened_at: AsInt<Timestamp>,
        respond_by: Option<AsInt<Timestamp>>,
    }
    is Dispute {
        id,
        purchase_id,
        progress,
        stage,
        reason,
        amount: Money { amount, currency },
        opened_at,
        respond_by,
    }
}

row! {
    ActivityRow in activity {
        visitor_id: AsText<VisitorId>,
        handle_id: AsText<HandleId>,
        kind: AsText<ActivityKind>,
        subject: String,
        day: i64,
        first_at: AsInt<Timestamp>,
        last_at: AsInt<Timestamp>,
        count: i64,
    }
    is Activity { visitor_id, handle_id, kind, subject, day, first_at, last_at, count }
}
