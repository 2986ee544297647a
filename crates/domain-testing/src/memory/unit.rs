//! A unit of work in memory: a copy of everything that takes the place of the original at commit.

use async_lock::MutexGuardArc;
use async_trait::async_trait;

use super::{MemoryStore, state::State};
use crate::locked;
use tollgate_domain::{
    access::ports::{Ledger, Purchases, Visits},
    checkout::ports::{CheckoutOrders, ConnectedAccounts, ProviderEvents},
    creators::ports::{CreatorSessions, Creators, HandleRepository, PageRepository},
    files::ports::{Allowlists, FileLedger, FileRepository},
    group_buys::ports::{GroupBuyRepository, Interests},
    outbox::Outbox,
    refunds::ports::RefundRequests,
    store::{StoreError, UnitOfWork},
    visitor_auth::ports::{MagicLinks, VisitorSessions, Visitors},
};

pub(super) struct MemoryUnit {
    store: MemoryStore,
    state: State,
    /// Given back when the unit is dropped.
    _turn: MutexGuardArc<()>,
}

impl MemoryUnit {
    pub(super) fn new(store: MemoryStore, state: State, turn: MutexGuardArc<()>) -> Self {
        Self { store, state, _turn: turn }
    }

    /// The unit's own copy, unless the store fails just now.
    pub(super) async fn state(&mut self) -> Result<&mut State, StoreError> {
        self.store.inner.faults.pass().await?;
        Ok(&mut self.state)
    }
}

#[async_trait]
impl UnitOfWork for MemoryUnit {
    fn visitors(&mut self) -> &mut dyn Visitors {
        self
    }
    fn magic_links(&mut self) -> &mut dyn MagicLinks {
        self
    }
    fn visitor_sessions(&mut self) -> &mut dyn VisitorSessions {
        self
    }
    fn visits(&mut self) -> &mut dyn Visits {
        self
    }
    fn ledger(&mut self) -> &mut dyn Ledger {
        self
    }
    fn creators(&mut self) -> &mut dyn Creators {
        self
    }
    fn creator_sessions(&mut self) -> &mut dyn CreatorSessions {
        self
    }
    fn handles(&mut self) -> &mut dyn HandleRepository {
        self
    }
    fn pages(&mut self) -> &mut dyn PageRepository {
        self
    }
    fn connected_accounts(&mut self) -> &mut dyn ConnectedAccounts {
        self
    }
    fn checkout_orders(&mut self) -> &mut dyn CheckoutOrders {
        self
    }
    fn purchases(&mut self) -> &mut dyn Purchases {
        self
    }
    fn refund_requests(&mut self) -> &mut dyn RefundRequests {
        self
    }
    fn provider_events(&mut self) -> &mut dyn ProviderEvents {
        self
    }
    fn group_buys(&mut self) -> &mut dyn GroupBuyRepository {
        self
    }
    fn interests(&mut self) -> &mut dyn Interests {
        self
    }
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
    fn files(&mut self) -> &mut dyn FileRepository {
        self
    }
    fn allowlists(&mut self) -> &mut dyn Allowlists {
        self
    }
    fn file_ledger(&mut self) -> &mut dyn FileLedger {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let inner = &self.store.inner;
        inner.faults.pass().await?;
        *locked(&inner.committed) = self.state.clone();
        inner.faults.answer()
    }
}
