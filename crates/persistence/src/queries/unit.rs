//! The unit of work gives itself as each of its repositories.

use futures_util::future::BoxFuture;
use tollgate_domain::{
    access::ports::{Ledger, Purchases, Visits},
    checkout::ports::{CheckoutOrders, ConnectedAccounts, ProviderEvents},
    creators::ports::{CreatorSessions, Creators, HandleRepository, PageRepository},
    files::ports::{Allowlists, FileLedger, FileRepository},
    group_buys::ports::{GroupBuyRepository, Interests},
    outbox::Outbox,
    refunds::ports::RefundRequests,
    store::UnitOfWork,
    visitor_auth::ports::{MagicLinks, VisitorSessions, Visitors},
};

use super::{super::Conn, prelude::*};

macro_rules! repositories {
    ($($name:ident: $port:ident),+ $(,)?) => {
        #[async_trait]
        impl UnitOfWork for Unit {
            $(fn $name(&mut self) -> &mut dyn $port {
                self
            })+

            async fn commit(self: Box<Self>) -> Result<(), StoreError> {
                self.finish().await
            }
        }
    };
}

repositories! {
    visitors: Visitors,
    magic_links: MagicLinks,
    visitor_sessions: VisitorSessions,
    visits: Visits,
    ledger: Ledger,
    creators: Creators,
    creator_sessions: CreatorSessions,
    handles: HandleRepository,
    pages: PageRepository,
    connected_accounts: ConnectedAccounts,
    checkout_orders: CheckoutOrders,
    purchases: Purchases,
    refund_requests: RefundRequests,
    provider_events: ProviderEvents,
    group_buys: GroupBuyRepository,
    interests: Interests,
    outbox: Outbox,
    files: FileRepository,
    allowlists: Allowlists,
    file_ledger: FileLedger,
}

impl Database {
    /// Runs what changes one thing in a unit of work of its own.
    pub(super) async fn write<T, F>(&self, statement: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        let mut unit = self.unit().await?;
        let result = unit.run(statement).await?;
        unit.finish().await?;
        Ok(result)
    }
}
