//! What is learnt of a payment before its purchase is stored.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{access::Purchase, checkout::FulfilmentError, store::UnitOfWork};

/// What was given back of a payment that is not recorded yet, as far as that is known.
#[async_trait]
pub(crate) trait Learnt: Send + Sync {
    /// Notes it of the purchase that this unit of work stores, and returns what people are to be told of it: what was given back
    /// before is never seen to open its page, not even after a crash. MUST call no remote service.
    async fn note<'a>(
        &'a self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
    ) -> Result<ToTell<'a>, FulfilmentError>;
}

/// Something that was noted of a purchase, and of which people are not told yet: its buyer reads the receipt first.
#[async_trait]
pub(crate) trait Untold: Send + Sync {
    /// Tells people of it, in the unit of work that has noted it. MUST call no remote service.
    async fn tell(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
    ) -> Result<(), FulfilmentError>;
}

/// What people are to be told, in this order.
pub(crate) type ToTell<'a> = Vec<Box<dyn Untold + 'a>>;

/// What is known of a payment before its session is applied.
#[derive(Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// What was given back of it, and when the provider was asked for that: nothing of the payment was learnt before the purchase.
    pub(super) learnt: Option<(&'a dyn Learnt, Timestamp)>,
}

impl<'a> Known<'a> {
    /// Returns that this was learnt when the provider was asked at `at`.
    pub(super) fn of(learnt: &'a dyn Learnt, at: Timestamp) -> Self {
        Self { learnt: Some((learnt, at)) }
    }
}
