//! The ledger.

use std::collections::BTreeSet;

use tollgate_domain::{
    access::{Fact, FactKind, Resource, ports::Ledger},
    id::PurchaseId,
    money::Money,
};

use super::prelude::*;
use crate::{
    many::{Place, Value},
    rows::{FactRow, resource_columns},
    schema::{ledger, ledger_days},
};

/// What [`fact_values`] has the values of.
const LEDGER: Place = Place {
    table: "ledger",
    columns: &[
        "id",
        "at",
        "kind",
        "reference",
        "handle_id",
        "page_id",
        "file_id",
        "visitor_id",
        "purchase_id",
        "amount",
        "currency",
    ],
};

fn fact_values(fact: &Fact) -> Vec<Value> {
    let subject = &fact.subject;
    vec![
        Value::text(&fact.id),
        Value::int(&fact.at),
        Value::text(&fact.kind),
        Value::Text(fact.reference.clone()),
        Value::text(&subject.handle_id),
        Value::text_or_null(subject.resource.page().as_ref()),
        Value::text_or_null(subject.resource.file().as_ref()),
        Value::text_or_null(subject.visitor_id.as_ref()),
        Value::text_or_null(subject.purchase_id.as_ref()),
        fact.amount.map_or(Value::Null, |money| Value::Int(money.amount)),
        Value::text_or_null(fact.amount.map(|money| money.currency).as_ref()),
    ]
}

impl Unit {
    /// Adds the amount of a fact to the sum of its day.
    fn add_to_day(&mut self, fact: &Fact, amount: Money) {
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
}

#[async_trait]
impl Ledger for Unit {
    async fn record(&mut self, fact: &Fact) -> Result<bool, StoreError> {
        let (page, file) = resource_columns(fact.subject.resource);
        let row = (FactRow::from(fact), ledger::page_id.eq(page), ledger::file_id.eq(file));
        if !insert!(self, ledger, row)? {
            return Ok(false);
        }
        if let Some(amount) = fact.amount {
            self.add_to_day(fact, amount);
        }
        Ok(true)
    }

    async fn record_all(&mut self, facts: &[Fact]) -> Result<(), StoreError> {
        let new = self.insert_new(LEDGER, facts.iter().map(fact_values).collect()).await?;
        let new: BTreeSet<_> = new.into_iter().collect();
        for fact in facts.iter().filter(|fact| new.contains(&fact.id.to_string())) {
            if let Some(amount) = fact.amount {
                self.add_to_day(fact, amount);
            }
        }
        Ok(())
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
