//! The accounts of shops: their balance, what they can do, and who has access to them.

use tollgate_domain::{
    checkout::{ConnectError, NoPayments},
    payments::{AccountId, AccountState, PaymentsError},
};

use crate::{
    machine::ReplicaId,
    operations::{choose, note},
    simulation::Simulation,
    violation::{Rule, Violation},
};

/// Where the creator is led from the provider's onboarding.
const CONSOLE: &str = "https://app.example/connect";

impl Simulation {
    /// The account that a shop is connected to, as it is stored.
    pub(crate) fn connected(&self, shop: usize) -> Result<Option<AccountId>, Violation> {
        let Some(it) = self.shops.get(shop) else { return Ok(None) };
        let connected = self.learn(self.stores.checkout.connected_account(it.handle.id))?;
        Ok(connected.map(|connected| connected.account))
    }

    /// The accounts that a shop has or had, oldest first.
    pub(crate) fn accounts_of(&self, shop: usize) -> Vec<AccountId> {
        let it = self.shops.get(shop);
        it.map(|it| self.payments.accounts_of(it.handle.id)).unwrap_or_default()
    }

    /// Whether the platform had no access to one of the accounts of a shop for a while.
    fn was_disconnected(&self, shop: usize) -> bool {
        let accounts = self.accounts_of(shop);
        accounts.iter().any(|account| self.model.was_out_of_reach.contains(account))
    }

    /// Whether a shop may take no payments for this reason.
    pub(super) fn may_lack_payments(&self, shop: usize, why: NoPayments) -> bool {
        match why {
            NoPayments::AccountRestricted => self.model.restricted.contains(&shop),
            // One that was connected after another one may not have come through onboarding.
            NoPayments::AccountDisconnected | NoPayments::NotConnected => {
                self.was_disconnected(shop) || self.model.restricted.contains(&shop)
            }
        }
    }

    /// What the accounts of a shop can do.
    fn account_state(&self, shop: usize) -> AccountState {
        AccountState {
            charges_enabled: !self.model.restricted.contains(&shop),
            payouts_enabled: true,
            details_submitted: true,
        }
    }

    pub(super) fn balance(&mut self, shop: u8, is_sufficient: bool) {
        let shop = usize::from(shop);
        for account in self.accounts_of(shop) {
            self.payments.set_balance(&account, is_sufficient);
        }
        if is_sufficient {
            self.model.without_balance.remove(&shop);
        } else {
            self.model.without_balance.insert(shop);
        }
    }

    pub(super) fn restrict(&mut self, shop: u8, is_restricted: bool) {
        let shop = usize::from(shop);
        if is_restricted {
            self.model.restricted.insert(shop);
        } else {
            self.model.restricted.remove(&shop);
        }
        let state = self.account_state(shop);
        for account in self.accounts_of(shop) {
            if self.payments.is_within_reach(&account) {
                self.payments.set_account(&account, state);
            }
        }
    }

    /// The owner of the account that a shop is connected to takes the platform's access away.
    pub(super) fn disconnect(&mut self, shop: u8) {
        let shop = usize::from(shop);
        let Ok(Some(account)) = self.connected(shop) else { return };
        if self.payments.is_within_reach(&account) {
            self.model.kept_accounts.remove(&shop);
            self.model.was_out_of_reach.insert(account.clone());
            self.payments.deauthorize(&account);
        }
    }

    /// The owner of an account gives the platform access to it again.
    pub(super) fn give_access(&self, shop: u8, nth: u8) {
        let shop = usize::from(shop);
        let mut lost = self.accounts_of(shop);
        lost.retain(|account| !self.payments.is_within_reach(account));
        if let Some(account) = choose(nth, lost.len()).and_then(|nth| lost.get(nth)) {
            self.payments.set_account(account, self.account_state(shop));
        }
    }

    /// The balance of a shop covers everything, and all of its accounts can be reached and take payments.
    pub(crate) fn mend(&mut self, shop: u8) {
        self.balance(shop, true);
        let shop = usize::from(shop);
        self.model.restricted.remove(&shop);
        for account in self.accounts_of(shop) {
            self.payments.set_account(&account, self.account_state(shop));
        }
    }

    /// The creator connects an account, and comes through the provider's onboarding if the answer arrives.
    pub(super) fn connect(&mut self, replica: ReplicaId, shop: u8) {
        let (app, number) = (self.app(replica), usize::from(shop));
        let Some(shop) = self.shops.get(number).cloned() else { return };
        self.begin(replica, async move {
            let name = &shop.handle.name;
            let result = app.connect.begin(&shop.creator, name, CONSOLE, CONSOLE).await;
            note(move |simulation, is_undisturbed| match result {
                Ok(_) => simulation.onboarded(number),
                Err(
                    ConnectError::Limited { .. }
                    | ConnectError::Payments(PaymentsError::Unavailable(_)),
                ) => Ok(()),
                Err(error) => Rule::UndisturbedSucceeds
                    .check(!is_undisturbed, || format!("connecting an account: {error}")),
            })
        });
    }

    fn onboarded(&self, shop: usize) -> Result<(), Violation> {
        if let Some(account) = self.connected(shop)?
            && self.payments.is_within_reach(&account)
        {
            self.payments.set_account(&account, self.account_state(shop));
        }
        Ok(())
    }
}
