//! Changes of address.

use tollgate_domain::visitor_auth::Visitor;

use crate::{
    history::{PAGES, PageNo, Who},
    simulation::Simulation,
    violation::{Rule, Violation},
};

impl Simulation {
    /// What a visitor had at a shop when a change of address was confirmed is under the new address, where it opens what was
    /// paid. Nothing is there before.
    pub(super) fn check_move(&self, (who, shop): (Who, usize)) -> Result<(), Violation> {
        let Some(address) = self.new_addresses.get(&(who, shop)) else { return Ok(()) };
        let is_here = |page: &PageNo| self.pages.get(*page).is_some_and(|it| it.shop == shop);
        let pages: Vec<_> = (0..PAGES).filter(is_here).collect();
        for page in &pages {
            self.check_moved(address, (who, shop), *page)?;
        }
        if self.new_address(who, shop).is_none() {
            return Ok(());
        }
        let (_, token) = self.signed_in(&address.email)?;
        pages.iter().try_for_each(|page| self.check_access((address, &token), who, *page))
    }

    fn check_moved(
        &self,
        address: &Visitor,
        (who, shop): (Who, usize),
        page: PageNo,
    ) -> Result<(), Violation> {
        let asked = self.model.moves.get(&(who, shop));
        if asked.is_none_or(|asked| !asked.is_begun) {
            let moved = self.purchases_of(address.id, page)?.len();
            return Rule::AccessEqualsPayments.check(moved == 0, || {
                format!("{moved} moved to an address that nobody confirmed")
            });
        }
        let Some(asked) = asked.filter(|asked| asked.is_done) else { return Ok(()) };
        for purchase in self.own_purchases(who, page)? {
            let order = purchase.payment.as_ref().map(|payment| payment.checkout_id);
            let stayed = order.filter(|order| asked.orders.contains(order));
            Rule::AccessEqualsPayments.check(stayed.is_none(), || {
                format!("{stayed:?} stays under an address that was changed")
            })?;
        }
        Ok(())
    }
}
