//! The parts of a payment that the platform and the creator get.

use super::Checkouts;
use crate::money::Money;

impl Checkouts {
    /// Returns the part of a payment that the platform keeps.
    pub fn fee(&self, price: Money) -> Money {
        price.share(self.fee_basis_points)
    }

    /// Returns about what arrives at the creator's account: the rest of a payment, before the fees of Stripe, which are not
    /// known in advance.
    pub fn net(&self, price: Money) -> Money {
        Money::new(price.amount - self.fee(price).amount, price.currency)
    }
}
