//! What is learnt of a payment before its purchase is stored.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{access::Purchase, checkout::FulfilmentError, store::UnitOfWork};

/// The refunds and losses of a payment that are known before the payment itself is recorded.
#[async_trait]
pub(crate) trait Learnt: Send + Sync {
    /// Records them on the purchase that this unit of work stores, and returns what people are to be told. They are in the same unit so
    /// that a payment that has gone back never opens its page, not even after a crash. MUST call no remote service.
    async fn note<'a>(
        &'a self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
    ) -> Result<ToTell<'a>, FulfilmentError>;
}

/// Something that was recorded on a purchase and that people have not been told yet. It is told after the receipt, which the buyer is to
/// read first.
#[async_trait]
pub(crate) trait Untold: Send + Sync {
    /// Tells people, in the unit of work that recorded it. MUST call no remote service.
    async fn tell(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
    ) -> Result<(), FulfilmentError>;
}

/// What people are to be told, in the order of the list.
pub(crate) type ToTell<'a> = Vec<Box<dyn Untold + 'a>>;

/// What is known of a payment before its session is applied.
#[derive(Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// The refunds and losses of the payment, and when the provider was asked for them. `None` if nothing was learnt before the purchase.
    pub(super) learnt: Option<(&'a dyn Learnt, Timestamp)>,
}

impl<'a> Known<'a> {
    /// Returns what was learnt when the provider was asked at `at`.
    pub(super) fn of(learnt: &'a dyn Learnt, at: Timestamp) -> Self {
        Self { learnt: Some((learnt, at)) }
    }
}
