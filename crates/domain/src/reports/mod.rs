//! Reports for creators: purchases, people, mails, which can be sent once more, revenue, and explanations of access. Source:
//! product contract, "Creator" (purchases, visitors, emails, revenue, explain).

pub mod error;
mod explain;
mod frontends;
mod lists;
pub mod ports;
mod resends;
mod revenue;

pub use error::ReportsError;
pub use explain::{Change, Explained, Explanation, Ruling, Target, WouldChange};
pub use frontends::Frontends;
pub use lists::{Person, Relation, Reports, Sale, SaleFilter, SaleQuery};
pub use resends::{ResendError, Resends, ResendsParts, ResendsPorts};
pub use revenue::{DayTakings, Period, Revenue, Takings};
