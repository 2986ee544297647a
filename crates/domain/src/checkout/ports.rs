//! The ports through which checkout uses the store.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    AccountTurn, CheckoutOrder, ConnectedAccount, OrderStatus, QuarantinedPayment, ReportedStatus,
};
use crate::{
    email::Email,
    id::{CheckoutId, GroupBuyId, HandleId, PageId, VisitorId},
    money::Money,
    names::{HandleName, Slug},
    payments::{AccountId, AccountState, CheckoutSessionId, OpenedSession},
    store_error::StoreError,
    visitor_auth::Visitor,
};

/// What became of a visitor's orders when they were to be another visitor's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MovedOrders {
    /// How many of those that are the other visitor's now have a payment: one that is being processed, or one that does not
    /// match the order.
    pub payments: usize,
    /// The orders that can still be paid and have to be closed.
    pub closing: Vec<CheckoutId>,
}

/// Stores checkout orders, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait CheckoutOrders: Send {
    /// Stores a new order. Returns `false` and stores nothing if the visitor has an order for this page
    /// that is not closed and has its place there; others are [beside](Self::beside) it.
    async fn insert(&mut self, order: &CheckoutOrder) -> Result<bool, StoreError>;

    /// Returns the visitor's order for this page that is not closed.
    async fn open_of(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError>;

    /// Returns the other orders of an order's visitor for its page whose payment is being processed or whose session is about to
    /// be closed, also those that have no place of their own: a change of address or a payment that is learnt of late can
    /// leave several, of which [`open_of`](Self::open_of) returns one.
    async fn beside(&mut self, order: &CheckoutOrder) -> Result<Vec<CheckoutOrder>, StoreError>;

    /// Returns the order with this id.
    async fn find(&mut self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError>;

    /// Returns the order with this id and locks it. Until the unit ends, other units that lock, change or move it MUST
    /// wait.
    async fn lock(&mut self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError>;

    /// Returns the name of a group buy, if its offer can be paid at `now`.
    async fn offer_slug(
        &mut self,
        group_buy: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<Slug>, StoreError>;

    /// Returns whether a group buy is one of this page at this price, in whatever state it is.
    async fn is_group_price(
        &mut self,
        group_buy: GroupBuyId,
        page: PageId,
        price: Money,
    ) -> Result<bool, StoreError>;

    /// Returns the order that this session was opened for.
    async fn by_session(
        &mut self,
        session: &CheckoutSessionId,
    ) -> Result<Option<CheckoutOrder>, StoreError>;

    /// Records the opened session, if the order is new or already has this session. Returns `false` if
    /// the order was closed in the meantime. MUST be one conditional statement.
    async fn opened(&mut self, id: CheckoutId, session: &OpenedSession)
    -> Result<bool, StoreError>;

    /// Changes where the visitor is led after paying; `None` is the page.
    async fn lead_on_to(
        &mut self,
        id: CheckoutId,
        success_url: Option<String>,
    ) -> Result<(), StoreError>;

    /// Moves the order from one of the states `from` to `to`. Returns `false` if it is in none of them.
    /// Once `to` is a closed state, the visitor may have a new order. MUST be one conditional statement.
    async fn advance(
        &mut self,
        id: CheckoutId,
        from: &[OrderStatus],
        to: OrderStatus,
    ) -> Result<bool, StoreError>;

    /// Makes an order [`OrderStatus::Pending`] that was closed as [`OrderStatus::Expired`] or [`OrderStatus::Failed`], since its
    /// payment is being processed after all. Returns `false` if it is in neither status.
    ///
    /// It takes the place of an order of its visitor for the page that can still be paid, which has to be marked as one that
    /// must be closed before. If the payment of another order is being processed, that one keeps its place: then this one is
    /// not returned by [`open_of`](Self::open_of). The end of its session is no longer awaited; see
    /// [`await_end`](Self::await_end).
    async fn bring_back(&mut self, order: &CheckoutOrder) -> Result<bool, StoreError>;

    /// Notes whether the end of an order's session has to be learnt although the order is closed, so that sweeps read it
    /// however long ago it began.
    async fn await_end(&mut self, id: CheckoutId, is_awaited: bool) -> Result<(), StoreError>;

    /// Notes that the provider told of the session of an order and does not show it, so that nobody knows whether it was paid.
    /// Returns `false` if that was noted before, or if the order is neither [live](OrderStatus::LIVE) nor closed as
    /// [`OrderStatus::Expired`] while the end of its session is [awaited](Self::await_end): what became of any other is known.
    /// MUST be one conditional statement.
    async fn unread(&mut self, id: CheckoutId, now: Timestamp) -> Result<bool, StoreError>;

    /// Notes that the session of such an order was read after all. It is not noted as [`unread`](Self::unread) again.
    async fn read_again(&mut self, id: CheckoutId, now: Timestamp) -> Result<(), StoreError>;

    /// Makes a visitor's orders at a handle those of another visitor, so that what is or was paid for them opens the page
    /// for the other one: all that did not lead to a purchase ([`OrderStatus::NOT_PAID`]), since a payment may be learnt of
    /// after an order was closed. Orders that can still be paid are marked as ones that have to be closed. An order through a
    /// group buy takes the visitor's interest along, unless the visitor has paid through the group buy or the other visitor
    /// is interested as well.
    ///
    /// An order whose payment is being processed takes the place of an order of the other visitor for the page that can
    /// still be paid, which has to be closed, too. Otherwise an order of the other visitor keeps its place: then the
    /// moved one is theirs without being returned by [`open_of`](Self::open_of).
    ///
    /// MUST wait for units that have locked such an order, and leave it if it was paid or closed in the meantime.
    async fn move_unpaid(
        &mut self,
        handle: HandleId,
        from: VisitorId,
        to: &Visitor,
    ) -> Result<MovedOrders, StoreError>;
}

/// Stores connected accounts, inside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ConnectedAccounts: Send {
    /// Connects an account. Returns `false` and stores nothing if the handle already has one.
    async fn insert(&mut self, account: &ConnectedAccount) -> Result<bool, StoreError>;

    /// Stores the account's capabilities, for which the provider was asked at `read_at`. Returns the turn if the account is
    /// connected, and it changes whether the account can take payments: of any number of calls, one does. MUST change nothing
    /// and return `None` if what is stored was read more than [`CLOCKS_APART_SECONDS`](super::CLOCKS_APART_SECONDS) later
    /// ([`ConnectedAccount::updated_at`]), unless that is more than [`MAX_READ_SECONDS`](super::MAX_READ_SECONDS) later.
    async fn set_state(
        &mut self,
        account: &AccountId,
        state: AccountState,
        read_at: Timestamp,
    ) -> Result<Option<AccountTurn>, StoreError>;

    /// Notes that the provider refused a payment because of the account, although it reads as able to take some.
    async fn note_refusal(&mut self, account: &AccountId, now: Timestamp)
    -> Result<(), StoreError>;

    /// Forgets such refusals up to an instant, since the provider has opened a session that was asked for then.
    async fn forget_refusal(
        &mut self,
        account: &AccountId,
        until: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns whether the last such refusal was after an instant.
    async fn was_refused_since(
        &mut self,
        account: &AccountId,
        since: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Disconnects the account from its handle. Returns the handle, unless that was done before.
    async fn disconnect(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<HandleId>, StoreError>;

    /// Connects the account again that its handle was connected to last. Returns `false` and changes nothing if the
    /// handle has an account, or was connected to another one after this. MUST be one conditional statement.
    async fn reconnect(&mut self, account: &AccountId) -> Result<bool, StoreError>;
}

/// Reads orders and connected accounts, outside a unit of work.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait CheckoutReads: Send + Sync {
    /// Returns the order with this id.
    async fn order(&self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError>;

    /// Returns the order that a session was opened for.
    async fn order_of_session(
        &self,
        session: &CheckoutSessionId,
    ) -> Result<Option<CheckoutOrder>, StoreError>;

    /// Returns the same as [`CheckoutOrders::open_of`].
    async fn live_order(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError>;

    /// Returns an order with the names of its handle and page. MUST be one statement.
    async fn order_with_page(
        &self,
        id: CheckoutId,
    ) -> Result<Option<(CheckoutOrder, HandleName, Slug)>, StoreError>;

    /// Returns the visitor's newest order for this page that is in a state that visitors are told of, if there is
    /// one.
    async fn told_order(
        &self,
        visitor: VisitorId,
        page: PageId,
        status: ReportedStatus,
    ) -> Result<Option<CheckoutOrder>, StoreError>;

    /// Returns the visitor's newest order for this page that got a pay page, if there is one.
    async fn last_order(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError>;

    /// Returns the visitor's payment for this page that was quarantined last, unless it was refunded in whole: the order is
    /// [`OrderStatus::Quarantined`], and the instant is that of the fact about its session. MUST be one statement.
    async fn quarantined_payment(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<QuarantinedPayment>, StoreError>;

    /// Returns the visitor's orders whose payment is being processed, with the names of their handles and pages,
    /// newest first, at most 50.
    async fn pending_orders_of(
        &self,
        visitor: VisitorId,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError>;

    /// Returns the visitor's orders from `since` on whose payment failed, with the names of their handles and pages,
    /// newest first, at most 50. Left out are orders for a page that is not for sale now, that the visitor has
    /// a purchase of that was neither refunded nor revoked, or that the visitor began to pay for later.
    /// MUST be one statement.
    async fn failed_orders_of(
        &self,
        visitor: VisitorId,
        since: Timestamp,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError>;

    /// Returns the visitor's orders whose payment does not match them, with the names of their handles and pages, newest
    /// first, at most 50. Left out are orders whose payment was refunded in whole, and those for a page that the visitor was
    /// given and still has. MUST be one statement.
    async fn quarantined_orders_of(
        &self,
        visitor: VisitorId,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError>;

    /// Returns the visitor with this address, if one is stored.
    async fn visitor(&self, email: &Email) -> Result<Option<VisitorId>, StoreError>;

    /// Returns the account that a handle is connected to now.
    async fn connected_account(
        &self,
        handle: HandleId,
    ) -> Result<Option<ConnectedAccount>, StoreError>;

    /// Returns the account that a handle is connected to now, unless its creator is suspended. MUST be one
    /// statement.
    async fn selling_account(
        &self,
        handle: HandleId,
    ) -> Result<Option<ConnectedAccount>, StoreError>;

    /// Returns whether the provider refused a payment because of an account after an instant, as
    /// [`ConnectedAccounts::note_refusal`] noted it.
    async fn account_was_refused_since(
        &self,
        account: &AccountId,
        since: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Returns the handle that an account is or was connected to, with its name. MUST be one statement.
    async fn handle_of_account(
        &self,
        account: &AccountId,
    ) -> Result<Option<(HandleId, HandleName)>, StoreError>;

    /// Returns how many accounts a handle was ever connected to.
    async fn count_of_accounts(&self, handle: HandleId) -> Result<u64, StoreError>;
}
