//! The representation of money in JSON.

use serde::{Deserialize, Serialize};
use tollgate_domain::money::{CurrencyError, Money};

use crate::openapi::schemas;

/// Money on the wire.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Money)]
pub(crate) struct MoneyBody {
    /// Whole minor units: cents for usd, yen for jpy.
    #[schema(example = 1200)]
    #[serde(deserialize_with = "crate::dto::whole")]
    amount: i64,
    #[schema(value_type = schemas::CurrencyCode)]
    currency: String,
}

impl MoneyBody {
    pub(crate) fn of(money: Money) -> Self {
        Self { amount: money.amount, currency: money.currency.code().to_owned() }
    }

    pub(crate) fn read(&self) -> Result<Money, CurrencyError> {
        Ok(Money::new(self.amount, self.currency.parse()?))
    }
}
