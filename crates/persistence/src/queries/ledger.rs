//! The ledger.

use tollgate_domain::{
    access::{Fact, FactKind, Resource, ports::Ledger},
    id::PurchaseId,
};

use super::prelude::*;
use crate::{
    rows::{FactRow, resource_columns},
    schema::{ledger, ledger_days},
};

#[async_trait]
impl Ledger for Unit {
    async fn record(&mut self, fact: &Fact) -> Result<bool, StoreError> {
        let (page, file) = resource_columns(fact.subject.resource);
        let row = (FactRow::from(fact), ledger::page_id.eq(page), ledger::file_id.eq(file));
        if !insert!(self, ledger, row)? {
            return Ok(false);
        }
        if let Some(amount) = fact.amount {
            let day = fact.at.as_microsecond().div_euclid(DAY_MICROS);
            let place = (fact.subject.handle_id, day, fact.kind, amount.currency.code());
            let sum = (
                ledger_days::handle_id.eq(AsText(fact.subject.handle_id)),
                ledger_days::day.eq(day),
                ledger_days::kind.eq(AsText(fact.kind)),
                ledger_days::currency.eq(AsText(amount.currency)),
                ledger_days::facts.eq(1),
                ledger_days::amount.eq(amount.amount),
            );
            let more = (
                ledger_days::facts.eq(ledger_days::facts + 1),
                ledger_days::amount.eq(ledger_days::amount + amount.amount),
            );
            let insert = diesel::insert_into(ledger_days::table).values(sum);
            let sum = insert.on_conflict(ledger_days::table.primary_key()).do_update().set(more);
            self.add_sum(place, sum);
        }
        Ok(true)
    }

    async fn has(&mut self, kind: FactKind, reference: &str) -> Result<bool, StoreError> {
        let fact = ledger::table
            .filter(ledger::kind.eq(AsText(kind)))
            .filter(ledger::reference.eq(reference.to_owned()))
            .select(ledger::id)
            .limit(1);
        Ok(self.first::<String, _>(fact).await?.is_some())
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
