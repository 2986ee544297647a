//! Having the account of a purchase swept.

use jiff::Timestamp;

use crate::{
    access::Purchase,
    jobs::{Job, NewJob},
    store::UnitOfWork,
    store_error::StoreError,
};

/// Has the account swept that a purchase was paid to, since something about the payment may not be known here.
pub(crate) async fn sweep_account_of(
    unit: &mut dyn UnitOfWork,
    purchase: &Purchase,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(payment) = &purchase.payment else { return Ok(()) };
    let sweep = Job::SweepAccount(payment.account.to_string());
    unit.jobs().enqueue(&NewJob::new(sweep, now)).await
}
