//! The accounts that shops are connected to.

use crate::{
    simulation::Simulation,
    violation::{Rule, Violation},
};

impl Simulation {
    /// An account that was connected and within reach once, and that nobody has taken away since, is connected still, whatever
    /// late events say. While operations are under way, one may have read how it was before.
    pub(crate) fn check_accounts(&mut self) -> Result<(), Violation> {
        if !self.tasks.is_empty() {
            return Ok(());
        }
        for shop in 0..self.shops.len() {
            let connected = self.connected(shop)?;
            let kept = self.model.kept_accounts.get(&shop);
            let stays = kept.is_none() || kept == connected.as_ref();
            Rule::AccountsStayConnected.check(stays, || {
                format!("{kept:?} can be reached, and shop {shop} is connected to {connected:?}")
            })?;
            if let Some(account) = connected.filter(|it| self.payments.is_within_reach(it)) {
                self.model.kept_accounts.insert(shop, account);
            }
        }
        Ok(())
    }

    /// After a sweep, a shop is connected to an account that takes payments, since all of its accounts do.
    pub(super) fn check_connected(&self, shop: usize) -> Result<(), Violation> {
        let Some(it) = self.shops.get(shop) else { return Ok(()) };
        let connected = self.learn(self.stores.checkout.connected_account(it.handle.id))?;
        let is_ready = connected.as_ref().is_some_and(|it| it.state.charges_enabled);
        Rule::AccountsStayConnected
            .check(is_ready, || format!("shop {shop} is connected to {connected:?}"))
    }
}
