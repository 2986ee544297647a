//! Disputes.

use tollgate_domain::{
    disputes::{
        Dispute,
        ports::{DisputeReads, DisputeRepository},
    },
    id::PurchaseId,
};

use super::prelude::*;
use crate::{rows::DisputeRow, schema::disputes};

/// Returns the query of a purchase's disputes, newest first.
macro_rules! of_purchase {
    ($purchase:ident) => {
        disputes::table
            .filter(disputes::purchase_id.eq(AsText($purchase)))
            .order((disputes::opened_at.desc(), disputes::id.desc()))
    };
}

#[async_trait]
impl DisputeRepository for Unit {
    async fn put(&mut self, dispute: &Dispute) -> Result<bool, StoreError> {
        let older = disputes::table
            .find(AsText(dispute.id.clone()))
            .filter(disputes::read_at.le(AsInt(dispute.read_at)));
        if changes!(self, diesel::update(older).set(DisputeRow::from(dispute)))? {
            return Ok(true);
        }
        insert!(self, disputes, DisputeRow::from(dispute))
    }

    async fn of_purchase(&mut self, purchase: PurchaseId) -> Result<Vec<Dispute>, StoreError> {
        find_all!(self, DisputeRow, of_purchase!(purchase))
    }
}

#[async_trait]
impl DisputeReads for Database {
    async fn disputes_of(&self, purchase: PurchaseId) -> Result<Vec<Dispute>, StoreError> {
        let query = of_purchase!(purchase).select(DisputeRow::as_select());
        let rows: Vec<DisputeRow> = read_all!(self, query)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
