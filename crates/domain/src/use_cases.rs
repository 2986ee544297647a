//! All use cases, built from the ports in one place.
//!
//! A program that needs only some of them builds just those with their own constructors.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    access::{Gate, Grants},
    activity::Activity,
    checkout::{
        CheckoutConfig, Checkouts, CheckoutsPorts, Connect, Fulfilment, FulfilmentPorts, Receipts,
    },
    clock::{Clock, plus_seconds},
    creators::{
        Accounts, AccountsPorts, Administration, Handles, Ownership, Pages, Quotas,
        ports::Passwords,
    },
    disputes::{DisputeCases, Disputes},
    files::{Downloads, FileSweep, Files, ports::FileStore},
    group_buys::{GroupBuys, GroupOffers},
    installation::Installation,
    jobs::{ClaimedJob, Finish, HandlerError, Job, JobHandler, Outcome, Runner, ports::KindDepth},
    links::Links,
    mail::{Delivery, MailQuota, MailReports, MailWriter, StopMails, ports::Mailer},
    moves::{Moves, MovesPorts},
    opaque_debug::opaque_debug,
    payments::{AccountId, AccountLanes, Payments},
    random::Random,
    reconcile::{ProviderEvents, ProviderUpdates, Reconciler},
    refunds::Refunds,
    reports::{Frontends, Reports},
    seal::Seal,
    store::{Runtime, Stores},
    store_error::StoreError,
    visitor_auth::{Resends, Sessions, SignIn, SignInConfig, SignInPorts},
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
    /// The file store.
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
    /// See [`SignInConfig::link_seconds`].
    pub link_seconds: i64,
    /// See [`SignInConfig::client_requests_per_minute`]; the same number of sign-ins of creators.
    pub client_requests_per_minute: i64,
    /// See [`SignInConfig::client_codes_per_minute`].
    pub client_codes_per_minute: i64,
    /// See [`CheckoutConfig::fee_basis_points`].
    pub fee_basis_points: u32,
    /// The largest file, in bytes.
    pub max_file_bytes: u64,
    /// What one creator may use.
    pub quotas: Quotas,
    /// How many mails one creator may cause.
    pub mail_quota: MailQuota,
}

macro_rules! use_cases {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        /// All use cases over one set of ports.
        #[derive(Debug, Clone)]
        pub struct UseCases {
            $($(#[$doc])* pub $name: $type,)*
        }
    };
}

use_cases! {
    /// Signing visitors in.
    sign_in: SignIn,
    /// Sessions of visitors.
    sessions: Sessions,
    /// The gate of pages and files.
    gate: Gate,
    /// Complimentary access.
    grants: Grants,
    /// Accounts of creators.
    accounts: Accounts,
    /// What the operator does with accounts.
    administration: Administration,
    /// Handles.
    handles: Handles,
    /// Pages.
    pages: Pages,
    /// Files, for creators.
    files: Files,
    /// Files, for visitors.
    downloads: Downloads,
    /// Connecting payment accounts.
    connect: Connect,
    /// Starting checkouts.
    checkouts: Checkouts,
    /// Applying checkout sessions.
    fulfilment: Fulfilment,
    /// Refunds.
    refunds: Refunds,
    /// Webhook events.
    events: ProviderEvents,
    /// Everything that the provider says.
    updates: ProviderUpdates,
    /// Sweeps of connected accounts.
    reconciler: Reconciler,
    /// Stopping mails from a handle.
    stop_mails: StopMails,
    /// Taking what a mail service reports.
    mail_reports: MailReports,
    /// Group buys, for creators.
    group_buys: GroupBuys,
    /// Group buys, for visitors.
    offers: GroupOffers,
    /// Reports for creators.
    reports: Reports,
    /// What creators' frontends may know of visitors.
    frontends: Frontends,
    /// Receipts.
    receipts: Receipts,
    /// Disputes with their evidence, for creators.
    dispute_cases: DisputeCases,
    /// Changes of address.
    moves: Moves,
    /// Sending mails of a handle once more.
    resends: Resends,
    /// Sending mails.
    delivery: Delivery,
    /// Deleting objects that are no longer needed.
    sweep: FileSweep,
    /// Deleting rows that are no longer needed.
    housekeeping: Housekeeping,
    /// The jobs that call the payment provider now, by account.
    lanes: AccountLanes,
}

impl UseCases {
    /// Builds all use cases.
    pub fn new(ports: &Ports, settings: &Settings) -> Self {
        let Ports { stores, payments, mailer, objects, passwords, links, clock, random } =
            ports.clone();
        let runtime = Runtime { store: stores.store.clone(), clock: clock.clone(), random };
        let run = || runtime.clone();
        let installation = settings.installation.clone();
        let mails = MailWriter::new(run(), settings.seal.clone()).with_quota(settings.mail_quota);
        let ownership = Ownership::new(stores.creators.clone());

        let sign_in_ports = SignInPorts {
            reads: stores.visitor_auth.clone(),
            creators: stores.creators.clone(),
            limits: stores.limits.clone(),
            links: links.clone(),
        };
        let sign_in_config = SignInConfig {
            link_seconds: settings.link_seconds,
            client_requests_per_minute: settings.client_requests_per_minute,
            client_codes_per_minute: settings.client_codes_per_minute,
        };
        let sign_in =
            SignIn::new(run(), sign_in_ports, mails.clone(), installation.clone(), sign_in_config);
        let gate = Gate::new(run(), stores.access.clone(), stores.creators.clone());

        let fulfilment_ports = FulfilmentPorts {
            checkout: stores.checkout.clone(),
            purchases: stores.purchases.clone(),
            payments: payments.clone(),
            links: links.clone(),
        };
        let fulfilment = Fulfilment::new(run(), fulfilment_ports, mails.clone());
        let connect = Connect::new(
            run(),
            stores.checkout.clone(),
            stores.creators.clone(),
            payments.clone(),
            mails.clone(),
        );
        let checkout_config =
            CheckoutConfig { installation, fee_basis_points: settings.fee_basis_points };
        let checkouts = Checkouts::new(
            CheckoutsPorts {
                reads: stores.access.clone(),
                purchases: stores.purchases.clone(),
                sessions: stores.visitor_auth.clone(),
                limits: stores.limits.clone(),
            },
            connect.clone(),
            fulfilment.clone(),
            checkout_config,
        );
        let refunds = Refunds::new(fulfilment.clone(), stores.refunds.clone(), ownership.clone());
        let updates = ProviderUpdates::new(
            fulfilment.clone(),
            refunds.clone(),
            Disputes::new(fulfilment.clone()),
            connect.clone(),
        );
        let reconciler = Reconciler::new(
            run(),
            stores.sweeps.clone(),
            payments.clone(),
            updates.clone(),
            fulfilment.clone(),
        );
        let events = ProviderEvents::new(
            run(),
            stores.events.clone(),
            stores.checkout.clone(),
            payments,
            updates.clone(),
        );
        Self {
            sessions: Sessions::new(run(), stores.visitor_auth.clone()),
            grants: Grants::new(run(), ownership.clone(), mails.clone(), links.clone()),
            accounts: Accounts::new(
                run(),
                AccountsPorts {
                    reads: stores.creators.clone(),
                    limits: stores.limits.clone(),
                    passwords,
                    links: links.clone(),
                },
                mails.clone(),
                settings.client_requests_per_minute,
            ),
            administration: Administration::new(run(), stores.creators.clone(), links.clone()),
            handles: Handles::new(run(), stores.creators.clone(), settings.quotas),
            pages: Pages::new(run(), stores.creators.clone()),
            files: Files::new(
                run(),
                ownership.clone(),
                stores.files.clone(),
                objects.clone(),
                settings.max_file_bytes,
                settings.quotas,
            ),
            downloads: Downloads::new(gate.clone(), stores.files.clone(), objects.clone()),
            group_buys: GroupBuys::new(
                run(),
                stores.group_buys.clone(),
                ownership.clone(),
                mails.clone(),
                links.clone(),
            ),
            offers: GroupOffers::new(
                run(),
                stores.group_buys.clone(),
                stores.purchases.clone(),
                checkouts.clone(),
                links.clone(),
            ),
            frontends: Frontends::new(stores.creators.clone(), stores.reports.clone()),
            stop_mails: StopMails::new(run(), mails.clone()),
            mail_reports: MailReports::new(run(), stores.outbox.clone()),
            reports: Reports::new(
                clock,
                ownership.clone(),
                stores.files.clone(),
                stores.reports.clone(),
            ),
            receipts: Receipts::new(
                run(),
                stores.purchases.clone(),
                ownership.clone(),
                mails.clone(),
                stores.limits.clone(),
                links.clone(),
            ),
            dispute_cases: DisputeCases::new(
                ownership.clone(),
                stores.purchases.clone(),
                stores.checkout.clone(),
                stores.disputes.clone(),
                stores.activity.clone(),
            ),
            moves: Moves::new(
                run(),
                ownership.clone(),
                MovesPorts { reads: stores.moves.clone(), limits: stores.limits.clone(), links },
                mails.clone(),
            ),
            resends: Resends::new(
                run(),
                ownership,
                stores.outbox.clone(),
                mails.clone(),
                stores.limits.clone(),
                sign_in.clone(),
            ),
            delivery: Delivery::new(run(), stores.outbox.clone(), mails, mailer),
            sweep: FileSweep::new(run(), stores.files.clone(), objects),
            housekeeping: Housekeeping { runtime, stores },
            lanes: AccountLanes::default(),
            sign_in,
            gate,
            connect,
            checkouts,
            fulfilment,
            refunds,
            events,
            updates,
            reconciler,
        }
    }

    /// Returns how many jobs of each kind are stored.
    pub async fn queue_depths(&self) -> Result<Vec<KindDepth>, StoreError> {
        self.housekeeping.stores.jobs.depth().await
    }

    /// Returns a runner of the jobs of these use cases.
    pub fn runner(&self) -> Runner {
        let Housekeeping { runtime, stores } = self.housekeeping.clone();
        Runner::new(runtime, stores.jobs, Arc::new(self.clone()))
    }
}

#[async_trait]
impl JobHandler for UseCases {
    fn full_lanes(&self) -> Vec<String> {
        self.lanes.full().iter().map(ToString::to_string).collect()
    }

    async fn handle(&self, claimed: &ClaimedJob) -> Result<Finish, HandlerError> {
        let lane = match self.account_of(&claimed.job).await? {
            Some(account) => match self.lanes.enter(&account) {
                Some(lane) => Some(lane),
                None => return Ok(Finish::of(Outcome::InLane(account.to_string()))),
            },
            None => None,
        };
        let finish = self.work(claimed).await;
        drop(lane);
        finish
    }
}

impl UseCases {
    async fn work(&self, claimed: &ClaimedJob) -> Result<Finish, HandlerError> {
        match &claimed.job {
            Job::SendUrgentMail(id) | Job::SendMail(id) => {
                return Ok(self.delivery.send(*id, claimed).await?);
            }
            Job::ApplyEvent(id) => return Ok(self.events.apply(id).await?),
            Job::EndGroupBuy(id) => return Ok(self.group_buys.end(*id).await?),
            Job::ClearFile(id) => return Ok(self.sweep.clear(*id).await?),
            Job::CloseCheckout(id) => self.fulfilment.close_order(*id).await?,
            Job::ResumeRefund(id) => self.refunds.resume(*id).await?,
            Job::RefundSecondPayment(id) => self.refunds.refund_second(*id).await?,
            Job::SweepAccounts => self.reconciler.sweep_all().await?,
            Job::DeleteStrayObjects => drop(self.sweep.delete_strays().await?),
            Job::ForgetExpired => self.housekeeping.run().await?,
        }
        Ok(Finish::done())
    }

    /// Returns the account for which a job calls the payment provider, if it is one account.
    async fn account_of(&self, job: &Job) -> Result<Option<AccountId>, StoreError> {
        let stores = &self.housekeeping.stores;
        let purchase = match job {
            Job::ApplyEvent(id) => {
                let event = stores.events.pending_event(id).await?;
                return Ok(event.and_then(|event| event.account));
            }
            Job::CloseCheckout(id) => {
                return Ok(stores.checkout.order(*id).await?.map(|order| order.account));
            }
            Job::ResumeRefund(id) => {
                stores.refunds.unanswered_refund(*id).await?.map(|request| request.purchase_id)
            }
            Job::RefundSecondPayment(id) => Some(*id),
            Job::SendUrgentMail(_)
            | Job::SendMail(_)
            | Job::EndGroupBuy(_)
            | Job::ClearFile(_)
            | Job::DeleteStrayObjects
            | Job::ForgetExpired
            | Job::SweepAccounts => None,
        };
        let Some(purchase) = purchase else { return Ok(None) };
        let purchase = stores.purchases.purchase(purchase).await?;
        Ok(purchase.and_then(|purchase| purchase.payment).map(|payment| payment.account))
    }
}

/// How long rows that nobody can use any more are kept, so that errors can still say why.
const LINKS_KEPT_SECONDS: i64 = 24 * 3600;
const SESSIONS_KEPT_SECONDS: i64 = 30 * 24 * 3600;
const MAILS_KEPT_SECONDS: i64 = 30 * 24 * 3600;
const ANSWERS_KEPT_SECONDS: i64 = 24 * 3600;

/// Deletes rows that no longer serve a purpose.
#[derive(Debug, Clone)]
pub struct Housekeeping {
    runtime: Runtime,
    stores: Stores,
}

impl Housekeeping {
    async fn run(&self) -> Result<(), StoreError> {
        let now = self.runtime.now();
        let mut unit = self.runtime.begin().await?;
        unit.magic_links().forget_expired(plus_seconds(now, -LINKS_KEPT_SECONDS)).await?;
        unit.visitor_sessions().forget_ended(plus_seconds(now, -SESSIONS_KEPT_SECONDS)).await?;
        unit.account_tokens().forget_expired(plus_seconds(now, -LINKS_KEPT_SECONDS)).await?;
        unit.creator_sessions().forget_expired(plus_seconds(now, -SESSIONS_KEPT_SECONDS)).await?;
        unit.address_moves().forget_expired(plus_seconds(now, -SESSIONS_KEPT_SECONDS)).await?;
        unit.activity().forget_before(plus_seconds(now, -Activity::KEPT_SECONDS)).await?;
        unit.outbox().forget_contents(plus_seconds(now, -MAILS_KEPT_SECONDS)).await?;
        unit.commit().await?;
        self.stores.limits.forget_idle(now).await?;
        self.stores.idempotency.forget_before(plus_seconds(now, -ANSWERS_KEPT_SECONDS)).await
    }
}

opaque_debug!(Ports);
