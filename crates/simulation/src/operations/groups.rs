//! Group buys.

use std::collections::BTreeMap;

use tollgate_domain::{
    checkout::ReturnUrls,
    group_buys::{GroupBuyError, GroupBuyState, OfferError, Quantity},
    id::VisitorId,
    paging::PageRequest,
    version::BasedOn,
};

use crate::{
    history::Who,
    machine::ReplicaId,
    model::{GroupModel, Known},
    operations::note,
    simulation::Simulation,
    violation::{Rule, Violation},
};

/// How many group buys a history has at most.
const MAX_GROUP_BUYS: usize = 3;

impl Simulation {
    /// The number and the model of the newest group buy.
    fn newest_group_buy(&self) -> Result<(usize, GroupModel), Violation> {
        let newest = self.model.groups.iter().cloned().enumerate().next_back();
        newest.ok_or_else(|| Rule::UndisturbedSucceeds.broken("no group buy"))
    }

    pub(super) fn express(
        &mut self,
        replica: ReplicaId,
        who: Who,
        quantity: u8,
    ) -> Result<(), Violation> {
        let (app, (shop, _), visitor) = (self.app(replica), self.place(0)?, self.visitor(who)?);
        let (number, group) = self.newest_group_buy()?;
        let Ok(quantity) = Quantity::new(i64::from(quantity)) else { return Ok(()) };
        let attempt = self.model.interest(number, who).map(Known::begin);
        self.begin(replica, async move {
            let (name, slug) = (&shop.handle.name, &group.slug);
            let result = app.offers.express(name, slug, visitor.id, quantity).await;
            note(move |simulation, is_undisturbed| {
                let interest = simulation.model.interest(number, who);
                let (Some(interest), Some(attempt)) = (interest, attempt) else { return Ok(()) };
                match result {
                    Ok(_) => interest.end(attempt, Some(quantity.get())),
                    Err(OfferError::Store(error)) => Rule::UndisturbedSucceeds
                        .check(!is_undisturbed, || format!("joining: {error}"))?,
                    Err(_) => interest.end_unchanged(attempt),
                }
                simulation.check_group_buy(number)
            })
        });
        Ok(())
    }

    pub(super) fn withdraw(&mut self, replica: ReplicaId, who: Who) -> Result<(), Violation> {
        let (app, (shop, _), visitor) = (self.app(replica), self.place(0)?, self.visitor(who)?);
        let (number, group) = self.newest_group_buy()?;
        let attempt = self.model.interest(number, who).map(Known::begin);
        self.begin(replica, async move {
            let (name, slug) = (&shop.handle.name, &group.slug);
            let result = app.offers.withdraw(name, slug, visitor.id).await;
            note(move |simulation, is_undisturbed| {
                let interest = simulation.model.interest(number, who);
                let (Some(interest), Some(attempt)) = (interest, attempt) else { return Ok(()) };
                match result {
                    Ok(()) => interest.end(attempt, None),
                    Err(OfferError::Store(error)) => Rule::UndisturbedSucceeds
                        .check(!is_undisturbed, || format!("leaving: {error}"))?,
                    Err(_) => interest.end_unchanged(attempt),
                }
                simulation.check_group_buy(number)
            })
        });
        Ok(())
    }

    pub(super) fn activate(&mut self, replica: ReplicaId) -> Result<(), Violation> {
        let (app, (shop, _)) = (self.app(replica), self.place(0)?);
        let (number, group) = self.newest_group_buy()?;
        self.begin(replica, async move {
            let (creator, name) = (&shop.creator, &shop.handle.name);
            let result = app.group_buys.activate(creator, name, &group.slug, &BasedOn::Any).await;
            note(move |simulation, is_undisturbed| match result {
                Ok(active) => {
                    let view = &active.details.view.group_buy;
                    let is_reached = view.current_quantity >= view.target_quantity;
                    Rule::GroupBuysAddUp.check(is_reached, || "activated below target".into())?;
                    let committed = simulation.interests(number)?;
                    let Some(model) = simulation.model.groups.get_mut(number) else {
                        return Ok(());
                    };
                    let is_first = model.committed.is_none();
                    model.committed = Some(committed);
                    Rule::GroupBuysAddUp.check(is_first, || "activated twice".into())
                }
                Err(GroupBuyError::Store(error)) => Rule::UndisturbedSucceeds
                    .check(!is_undisturbed, || format!("activating: {error}")),
                Err(_) => Ok(()),
            })
        });
        Ok(())
    }

    pub(super) fn cancel(&mut self, replica: ReplicaId) -> Result<(), Violation> {
        let (app, (shop, _)) = (self.app(replica), self.place(0)?);
        let (_, group) = self.newest_group_buy()?;
        self.begin(replica, async move {
            let (creator, name) = (&shop.creator, &shop.handle.name);
            let result = app.group_buys.cancel(creator, name, &group.slug, &BasedOn::Any).await;
            note(move |_, is_undisturbed| match result {
                Err(GroupBuyError::Store(error)) => Rule::UndisturbedSucceeds
                    .check(!is_undisturbed, || format!("cancelling: {error}")),
                _ => Ok(()),
            })
        });
        Ok(())
    }

    pub(super) fn another_group_buy(
        &mut self,
        replica: ReplicaId,
        target: u8,
    ) -> Result<(), Violation> {
        if self.model.groups.len() >= MAX_GROUP_BUYS {
            return Ok(());
        }
        let (app, (shop, _)) = (self.app(replica), self.place(0)?);
        let new = self.new_group_buy(i64::from(target))?;
        self.begin(replica, async move {
            let slug = new.slug.clone();
            let result = app.group_buys.create(&shop.creator, &shop.handle.name, new).await;
            note(move |simulation, _| {
                let is_known = simulation.model.groups.iter().any(|group| group.slug == slug);
                if !is_known && (result.is_ok() || matches!(result, Err(GroupBuyError::SlugTaken)))
                {
                    simulation.model.groups.push(GroupModel::new(slug));
                }
                Ok(())
            })
        });
        Ok(())
    }

    pub(super) fn start_in_group(&mut self, replica: ReplicaId, who: Who) -> Result<(), Violation> {
        let (app, (shop, _), visitor) = (self.app(replica), self.place(0)?, self.visitor(who)?);
        let (_, group) = self.newest_group_buy()?;
        let Some(session) = self.cookie(who).map(|token| token.hash()) else { return Ok(()) };
        self.begin(replica, async move {
            let (name, urls) = (shop.handle.name, ReturnUrls::default());
            let result = app.offers.checkout(name, &group.slug, visitor.id, session, urls).await;
            note(move |simulation, is_undisturbed| match result {
                Ok(started) => simulation.started(who, 0, Ok(started), is_undisturbed, true),
                Err(_) => Ok(()),
            })
        });
        Ok(())
    }

    /// The visitors who are interested in a group buy, with their quantities.
    pub(crate) fn interests(&self, number: usize) -> Result<BTreeMap<VisitorId, i64>, Violation> {
        let (shop, _) = self.place(0)?;
        let Some(group) = self.model.groups.get(number) else { return Ok(BTreeMap::new()) };
        let (creator, name) = (&shop.creator, &shop.handle.name);
        let all = PageRequest { limit: 100, after: None };
        let interests = self.witness.group_buys.interests(creator, name, &group.slug, &all);
        let interests = self.learn(interests)?.items;
        // The interest moves with what was ordered at the group price.
        let before = |id: VisitorId| {
            let mut moved = self.new_addresses.iter().filter(|(_, address)| address.id == id);
            let who = moved.next().map(|((who, _), _)| *who);
            who.and_then(|who| self.visitors.get(who)).map_or(id, |visitor| visitor.id)
        };
        Ok(interests.iter().map(|it| (before(it.visitor_id), it.quantity.get())).collect())
    }

    /// The sum of a group buy is that of its interests, and what was answered is in it.
    pub(crate) fn check_group_buy(&self, number: usize) -> Result<(), Violation> {
        let (shop, _) = self.place(0)?;
        let Some(group) = self.model.groups.get(number) else { return Ok(()) };
        let (creator, name) = (&shop.creator, &shop.handle.name);
        let owned = self.learn(self.witness.group_buys.owned(creator, name, &group.slug))?;
        let view = &owned.details.view.group_buy;
        let interests = self.interests(number)?;
        let (sum, shown) = (interests.values().sum::<i64>(), view.current_quantity);
        Rule::GroupBuysAddUp.check(sum == shown, || format!("{sum} are wanted, {shown} shown"))?;
        let most = view.max_quantity.unwrap_or(i64::MAX);
        Rule::GroupBuysAddUp.check(sum <= most, || format!("{sum} of at most {most}"))?;
        for (visitor, interest) in self.visitors.iter().zip(&group.interests) {
            let Some(expected) = interest.get() else { continue };
            let stored = interests.get(&visitor.id).copied();
            Rule::GroupBuysAddUp.check(*expected == stored, || {
                format!("{expected:?} was answered and {stored:?} is stored")
            })?;
        }
        let Some(committed) = &group.committed else { return Ok(()) };
        let is_frozen = *committed == interests && view.state != GroupBuyState::Open;
        Rule::GroupBuysAddUp.check(is_frozen, || "what was committed has changed".into())
    }
}
