//! Gifts, prices, the visibility of pages, and what becomes of second payments.

use tollgate_domain::{
    access::{GrantError, GrantOutcome},
    creators::{AccessMode, HandleChange, PageChange, PageStatus, SecondPayments},
    id::PurchaseId,
    version::BasedOn,
};
use tollgate_domain_testing::money;

use crate::{
    history::{PageNo, Showing, Who},
    machine::ReplicaId,
    model::Attempt,
    operations::note,
    simulation::Simulation,
    violation::{Rule, Violation},
};

impl Simulation {
    pub(super) fn give(
        &mut self,
        replica: ReplicaId,
        who: Who,
        page: PageNo,
    ) -> Result<(), Violation> {
        let (app, (shop, facts)) = (self.app(replica), self.place(page)?);
        let email = self.visitor(who)?.email;
        let attempt = self.model.gift(who, page).begin();
        self.begin(replica, async move {
            let result =
                app.grants.give(&shop.creator, &shop.handle.name, &facts.slug, email).await;
            note(move |simulation, is_undisturbed| {
                simulation.given(who, page, attempt, result, is_undisturbed)
            })
        });
        Ok(())
    }

    fn given(
        &mut self,
        who: Who,
        page: PageNo,
        attempt: Attempt<Option<PurchaseId>>,
        result: Result<GrantOutcome, GrantError>,
        is_undisturbed: bool,
    ) -> Result<(), Violation> {
        let id = match result {
            Ok(outcome) => outcome.grant.id,
            Err(error) => {
                return Rule::UndisturbedSucceeds
                    .check(!is_undisturbed, || format!("giving a page: {error}"));
            }
        };
        self.model.gift(who, page).end(attempt, Some(id));
        if self.model.gift(who, page).get().is_some() {
            let purchases = self.purchases(who, page)?;
            let gift = purchases.iter().find(|purchase| purchase.id == id);
            let is_active = gift.is_some_and(|gift| gift.holding().is_active());
            Rule::AnsweredIsSeen.check(is_active, || "a gift gives no access".into())?;
        }
        Ok(())
    }

    pub(super) fn take_back(
        &mut self,
        replica: ReplicaId,
        who: Who,
        page: PageNo,
    ) -> Result<(), Violation> {
        let (app, (shop, facts)) = (self.app(replica), self.place(page)?);
        let purchases = self.purchases(who, page)?;
        let gift = purchases.iter().find(|it| it.payment.is_none() && it.revoked_at.is_none());
        let Some(gift) = gift.map(|gift| gift.id) else { return Ok(()) };
        let attempt = self.model.gift(who, page).begin();
        self.begin(replica, async move {
            let result =
                app.grants.revoke(&shop.creator, &shop.handle.name, &facts.slug, gift).await;
            note(move |simulation, is_undisturbed| {
                if let Err(error) = result {
                    return Rule::UndisturbedSucceeds
                        .check(!is_undisturbed, || format!("taking a gift back: {error}"));
                }
                simulation.model.gift(who, page).end(attempt, None);
                let purchases = simulation.purchases(who, page)?;
                let is_active =
                    purchases.iter().any(|it| it.id == gift && it.holding().is_active());
                Rule::AnsweredIsSeen
                    .check(!is_active, || "a gift was taken back, and access goes on".into())
            })
        });
        Ok(())
    }

    pub(super) fn price(
        &mut self,
        replica: ReplicaId,
        page: PageNo,
        amount: u16,
    ) -> Result<(), Violation> {
        let price = Some(Some(money(i64::from(amount), "usd")));
        self.edit(replica, page, PageChange { price, ..PageChange::default() })
    }

    pub(super) fn show(
        &mut self,
        replica: ReplicaId,
        page: PageNo,
        showing: Showing,
    ) -> Result<(), Violation> {
        let (mode, status) = match showing {
            Showing::OnSale => (AccessMode::Paid, PageStatus::Published),
            Showing::Archived => (AccessMode::Paid, PageStatus::Archived),
            Showing::Public => (AccessMode::Public, PageStatus::Published),
            Showing::FreeWithLogin => (AccessMode::FreeWithLogin, PageStatus::Published),
        };
        if showing == Showing::FreeWithLogin {
            self.model.was_free.insert(page);
        }
        let (mode, status) = (Some(mode), Some(status));
        self.edit(replica, page, PageChange { mode, status, ..PageChange::default() })
    }

    /// The creator has second payments held, or refunded by themselves.
    pub(super) fn hold(&mut self, replica: ReplicaId, shop: u8, is_held: bool) {
        let (app, number) = (self.app(replica), usize::from(shop));
        let Some(shop) = self.shops.get(number).cloned() else { return };
        self.model.held_since.remove(&number);
        let attempt = self.model.holds(number).begin();
        self.begin(replica, async move {
            let second = if is_held { SecondPayments::Hold } else { SecondPayments::Refund };
            let change = HandleChange { second_payments: Some(second), ..HandleChange::default() };
            let result =
                app.handles.change(&shop.creator, &shop.handle.name, change, &BasedOn::Any).await;
            note(move |simulation, is_undisturbed| {
                if let Err(error) = result {
                    return Rule::UndisturbedSucceeds
                        .check(!is_undisturbed, || format!("changing a shop: {error:?}"));
                }
                simulation.model.holds(number).end(attempt, is_held);
                if simulation.model.holds(number).get() == Some(&true) {
                    let now = simulation.now();
                    simulation.model.held_since.insert(number, now);
                }
                Ok(())
            })
        });
    }

    fn edit(
        &mut self,
        replica: ReplicaId,
        page: PageNo,
        change: PageChange,
    ) -> Result<(), Violation> {
        let (app, (shop, facts)) = (self.app(replica), self.place(page)?);
        self.begin(replica, async move {
            let (creator, name) = (&shop.creator, &shop.handle.name);
            let result =
                app.pages.change(creator, name, &facts.slug, change.clone(), &BasedOn::Any).await;
            note(move |simulation, is_undisturbed| {
                let after = match result {
                    Ok(after) => after,
                    Err(error) => {
                        return Rule::UndisturbedSucceeds
                            .check(!is_undisturbed, || format!("editing a page: {error:?}"));
                    }
                };
                let now = simulation.page_now(page)?;
                let is_seen = now == after || now.updated_at > after.updated_at;
                Rule::AnsweredIsSeen.check(is_seen, || "an edit is not stored".into())
            })
        });
        Ok(())
    }
}
