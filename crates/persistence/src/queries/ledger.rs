//! The ledger.

use tollgate_domain::{
    access::{Fact, Resource, ports::Ledger},
    id::PurchaseId,
};

use super::prelude::*;
use crate::{
    rows::{FactRow, resource_columns},
    schema::ledger,
};

#[async_trait]
impl Ledger for Unit {
    async fn record(&mut self, fact: &Fact) -> Result<bool, StoreError> {
        let (page, file) = resource_columns(fact.subject.resource);
        let row = (FactRow::from(fact), ledger::page_id.eq(page), ledger::file_id.eq(file));
        insert!(self, ledger, row)
    }

    async fn of_purchase(&mut self, purchase: PurchaseId) -> Result<Vec<Fact>, StoreError> {
        let facts = ledger::table
            .filter(ledger::purchase_id.eq(AsText(purchase)))
            .order((ledger::at, ledger::id));
        find_all!(self, FactRow, facts)
    }

    async fn of_resource(&mut self, resource: Resource) -> Result<Vec<Fact>, StoreError> {
        let order = (ledger::at, ledger::id);
        match resource {
            Resource::Page(id) => {
                let facts = ledger::table.filter(ledger::page_id.eq(AsText(id))).order(order);
                find_all!(self, FactRow, facts)
            }
            Resource::File(id) => {
                let facts = ledger::table.filter(ledger::file_id.eq(AsText(id))).order(order);
                find_all!(self, FactRow, facts)
            }
        }
    }
}
