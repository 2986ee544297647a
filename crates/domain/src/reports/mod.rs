//! Reports for creators: purchases, people, mails, which can be sent once more, revenue, and explanations of access.
//! Source: `docs/reports.md`.

mod attention;
pub mod error;
mod explain;
mod frontends;
mod listed;
mod lists;
pub mod ports;
mod resends;
mod revenue;

pub use attention::Attention;
pub use error::ReportsError;
pub use explain::{Change, Explained, Explanation, Ruling, Target, WouldChange};
pub use frontends::Frontends;
pub use listed::{PagesGot, Person, Relation, Sale, SaleFilter};
pub use lists::{Reports, SaleQuery};
pub use resends::{ResendError, Resends, ResendsPorts};
pub use revenue::{DayTakings, Period, Revenue, Takings};
