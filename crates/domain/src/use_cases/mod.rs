//! All use cases, built from the ports in one place.
//!
//! A program that needs only some of them builds just those with their own constructors.

mod build;
mod destinations;
mod housekeeping;
mod jobs;

use std::sync::Arc;

pub use destinations::StoredDestinations;
pub use housekeeping::Housekeeping;

use crate::{
    access::{Gate, Grants},
    checkout::{Checkouts, Connect, Fulfilment, Receipts},
    clock::Clock,
    creators::{Accounts, Administration, Handles, Pages, Quotas, ports::Passwords},
    disputes::DisputeCases,
    files::{Downloads, FileSweep, Files, ports::FileStore},
    group_buys::{GroupBuys, GroupOffers},
    installation::Installation,
    links::Links,
    mail::{Delivery, MailQuota, MailReports, StopMails, ports::Mailer},
    moves::Moves,
    opaque_debug::opaque_debug,
    payments::{AccountLanes, Payments},
    random::Random,
    reconcile::{ProviderEvents, ProviderUpdates, Reconciler},
    refunds::Refunds,
    reports::{Frontends, Reports, Resends},
    seal::Seal,
    store::{Runtime, Stores},
    visitor_auth::{Sessions, SignIn, SignInConfig},
};

/// The adapters that the use cases are built from.
#[derive(Clone)]
pub struct Ports {
    /// The database.
    pub stores: Stores,
    /// The payment provider.
    pub payments: Arc<dyn Payments>,
    /// The mail server.
    pub mailer: Arc<dyn Mailer>,
    /// The store of the contents of files.
    pub objects: Arc<dyn FileStore>,
    /// The password hasher.
    pub passwords: Arc<dyn Passwords>,
    /// The addresses of pages.
    pub links: Arc<dyn Links>,
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub random: Arc<dyn Random>,
}

/// What an operator can set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The hosts of the installation.
    pub installation: Installation,
    /// Seals secrets that are stored.
    pub seal: Seal,
    /// Signing visitors in. Its number of links that one client address may request is also that of sign-ins of creators.
    pub sign_in: SignInConfig,
    /// The platform fee of each payment, in basis points (hundredths of a percent).
    pub fee_basis_points: u32,
    /// The largest file, in bytes.
    pub max_file_bytes: u64,
    /// What one creator may use.
    pub quotas: Quotas,
    /// How many mails one creator may cause.
    pub mail_quota: MailQuota,
}

impl Settings {
    /// Creates the settings of an installation with the defaults of everything else: no fee, and files of at most 1 GiB.
    pub fn new(installation: Installation, seal: Seal) -> Self {
        Self {
            installation,
            seal,
            sign_in: SignInConfig::default(),
            fee_basis_points: 0,
            max_file_bytes: 1 << 30,
            quotas: Quotas::default(),
            mail_quota: MailQuota::default(),
        }
    }
}

/// All use cases over one set of ports.
#[derive(Debug, Clone)]
pub struct UseCases {
    /// Requesting and redeeming sign-in links and codes of visitors.
    pub sign_in: SignIn,
    /// Reading and ending the sessions of visitors.
    pub sessions: Sessions,
    /// Deciding whether a page or file is open to a viewer.
    pub gate: Gate,
    /// Granting and revoking complimentary access.
    pub grants: Grants,
    /// Signing creators up and in, and changing their accounts.
    pub accounts: Accounts,
    /// What the operator does with accounts.
    pub administration: Administration,
    /// Creating handles, and reading and changing their settings.
    pub handles: Handles,
    /// Creating, editing and deleting pages.
    pub pages: Pages,
    /// Files, for creators.
    pub files: Files,
    /// Files, for visitors.
    pub downloads: Downloads,
    /// Connecting payment accounts.
    pub connect: Connect,
    /// Starting checkouts.
    pub checkouts: Checkouts,
    /// Applying checkout sessions.
    pub fulfilment: Fulfilment,
    /// Refunding payments, for creators and by jobs.
    pub refunds: Refunds,
    /// Storing and applying webhook events of the provider.
    pub events: ProviderEvents,
    /// Applying the provider's reports.
    pub updates: ProviderUpdates,
    /// Sweeps of connected accounts.
    pub reconciler: Reconciler,
    /// Stopping mails from a handle.
    pub stop_mails: StopMails,
    /// Recording the reports of a mail service.
    pub mail_reports: MailReports,
    /// Group buys, for creators.
    pub group_buys: GroupBuys,
    /// Group buys, for visitors.
    pub offers: GroupOffers,
    /// Reports for creators.
    pub reports: Reports,
    /// Visitors as creators' frontends may see them.
    pub frontends: Frontends,
    /// Reading receipts and mailing them again.
    pub receipts: Receipts,
    /// Disputes with their evidence, for creators.
    pub dispute_cases: DisputeCases,
    /// Moving purchases from one address to another.
    pub moves: Moves,
    /// Sending mails of a handle once more.
    pub resends: Resends,
    /// Sending mails.
    pub delivery: Delivery,
    /// Deleting objects that are no longer needed.
    pub sweep: FileSweep,
    /// Deleting rows that are no longer needed.
    pub housekeeping: Housekeeping,
    /// The jobs that call the payment provider now, by account.
    pub lanes: AccountLanes,
    /// For the runner of jobs.
    runtime: Runtime,
    /// Where jobs, and what they are about, are stored.
    stores: Stores,
}

opaque_debug!(Ports);
