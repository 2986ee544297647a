//! Creators who try to act on the handles of others.

use tollgate_domain::{
    access::GrantError,
    creators::{PageChange, PageError},
    group_buys::GroupBuyError,
    refunds::{RefundError, RefundWish},
    reports::{ReportsError, Target},
    version::BasedOn,
};

use crate::{
    history::{PageNo, Who},
    machine::ReplicaId,
    operations::note,
    simulation::Simulation,
    violation::{Rule, Violation},
};

impl Simulation {
    /// The creator of another shop tries to refund, give, edit, explain and activate.
    pub(super) fn trespass(
        &mut self,
        replica: ReplicaId,
        who: Who,
        page: PageNo,
    ) -> Result<(), Violation> {
        let (app, (shop, facts), visitor) =
            (self.app(replica), self.place(page)?, self.visitor(who)?);
        let other = self.shops.iter().find(|other| other.creator.id != shop.creator.id);
        let Some(creator) = other.map(|other| other.creator.clone()) else { return Ok(()) };
        let Some(group) = self.model.groups.first().map(|group| group.slug.clone()) else {
            return Ok(());
        };
        let arrived_at = self.now_at(replica);
        self.begin(replica, async move {
            let (name, slug) = (&shop.handle.name, &facts.slug);
            let wish = RefundWish {
                visitor_id: visitor.id,
                purchase_id: None,
                reason: None,
                idempotency_key: None,
                arrived_at,
                at_most: None,
            };
            let archive = PageChange { title: Some("Mine".into()), ..PageChange::default() };
            let target = Target::Page(slug.clone());
            let mut done = Vec::new();
            let refunded = app.refunds.refund(&creator, name, slug, wish).await;
            if !matches!(refunded, Err(RefundError::HandleNotFound | RefundError::Store(_))) {
                done.push("refund");
            }
            let given = app.grants.give(&creator, name, slug, visitor.email.clone()).await;
            if !matches!(given, Err(GrantError::HandleNotFound | GrantError::Store(_))) {
                done.push("give");
            }
            let edited = app.pages.change(&creator, name, slug, archive, &BasedOn::Any).await;
            if !matches!(edited, Err(PageError::HandleNotFound | PageError::Store(_))) {
                done.push("edit");
            }
            let explained = app.reports.explain(&creator, name, target, visitor.email).await;
            if !matches!(explained, Err(ReportsError::HandleNotFound | ReportsError::Store(_))) {
                done.push("explain");
            }
            let activated = app.group_buys.activate(&creator, name, &group, &BasedOn::Any).await;
            if !matches!(activated, Err(GroupBuyError::HandleNotFound | GroupBuyError::Store(_))) {
                done.push("activate");
            }
            note(move |_, _| {
                Rule::HandlesAreSeparate
                    .check(done.is_empty(), || format!("another creator could {done:?}"))
            })
        });
        Ok(())
    }
}
