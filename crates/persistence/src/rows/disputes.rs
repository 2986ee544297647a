//! Disputes.

use tollgate_domain::{
    disputes::Dispute,
    id::PurchaseId,
    money::{Currency, Money},
    payments::{DisputeId, DisputeProgress, DisputeStage},
};

use super::prelude::*;
use crate::schema::disputes;

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
        read_at: AsInt<Timestamp>,
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
        read_at,
    }
}
