//! Puts the adapters and the use cases together.

use std::sync::Arc;

use secrecy::ExposeSecret;
use tollgate_domain::{
    access::{Gate, Grants},
    checkout::{Checkouts, Connect, Fulfilment, ProviderEvents},
    clock::Clock,
    creators::{Accounts, Handles, Pages},
    files::{Downloads, FileSweep, Files, ports::FileStore},
    group_buys::{GroupBuys, GroupOffers},
    outbox::{Delivery, Mailer},
    random::Random,
    refunds::Refunds,
    reports::Reports,
    seal::Seal,
    store::Stores,
    visitor_auth::{Sessions, SignIn, SignInConfig},
};
use tollgate_http::AccessTokens;

use crate::{
    config::Config,
    passwords::Argon2Passwords,
    payments::{self, Provider},
    system::{OsRandom, SystemClock},
};

/// All use cases over one set of adapters.
#[derive(Clone)]
pub(crate) struct UseCases {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) sign_in: SignIn,
    pub(crate) sessions: Sessions,
    pub(crate) gate: Gate,
    pub(crate) checkouts: Checkouts,
    pub(crate) connect: Connect,
    pub(crate) events: ProviderEvents,
    pub(crate) refunds: Refunds,
    pub(crate) grants: Grants,
    pub(crate) reports: Reports,
    pub(crate) accounts: Accounts,
    pub(crate) handles: Handles,
    pub(crate) pages: Pages,
    pub(crate) group_buys: GroupBuys,
    pub(crate) offers: GroupOffers,
    pub(crate) files: Files,
    pub(crate) downloads: Downloads,
    pub(crate) file_sweep: FileSweep,
    pub(crate) delivery: Delivery,
    pub(crate) access_tokens: AccessTokens,
}

impl UseCases {
    pub(crate) fn new(
        config: &Config,
        stores: &Stores,
        provider: &Provider,
        mailer: Arc<dyn Mailer>,
        objects: &Arc<dyn FileStore>,
    ) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let random: Arc<dyn Random> = Arc::new(OsRandom);
        let secrets = payments::jwt_secrets(config, &*random)?;
        let secrets = || secrets.iter().map(|secret| secret.expose_secret().as_bytes());
        let seal = Seal::new(secrets());
        let access_tokens = AccessTokens::new(secrets(), &config.installation, clock.clone())?;
        let Stores { store, .. } = stores;
        let installation = &config.installation;
        let payments = &provider.payments;

        let fulfilment = Fulfilment::new(
            store.clone(),
            payments.clone(),
            clock.clone(),
            random.clone(),
            seal.clone(),
            installation.clone(),
        );
        let handles =
            Handles::new(store.clone(), stores.creators.clone(), clock.clone(), random.clone());
        let pages = Pages::new(
            store.clone(),
            stores.creators.clone(),
            handles.clone(),
            fulfilment.clone(),
            clock.clone(),
            random.clone(),
        );
        let connect = Connect::new(store.clone(), handles.clone(), payments.clone(), clock.clone());
        let checkouts = Checkouts::new(
            store.clone(),
            stores.access.clone(),
            payments.clone(),
            connect.clone(),
            fulfilment.clone(),
            clock.clone(),
            random.clone(),
            installation.clone(),
            config.platform_fee_bps,
        );
        Ok(Self {
            sign_in: SignIn::new(
                store.clone(),
                stores.visitor_auth.clone(),
                stores.creators.clone(),
                stores.limits.clone(),
                clock.clone(),
                random.clone(),
                seal.clone(),
                installation.clone(),
                SignInConfig {
                    link_seconds: config.magic_link_seconds,
                    client_requests_per_minute: config.client_requests_per_minute,
                },
            ),
            sessions: Sessions::new(store.clone(), stores.visitor_auth.clone(), clock.clone()),
            gate: Gate::new(
                stores.access.clone(),
                stores.creators.clone(),
                store.clone(),
                clock.clone(),
            ),
            group_buys: GroupBuys::new(
                store.clone(),
                stores.group_buys.clone(),
                handles.clone(),
                pages.clone(),
                clock.clone(),
                random.clone(),
                seal.clone(),
                installation.clone(),
            ),
            offers: GroupOffers::new(
                store.clone(),
                stores.group_buys.clone(),
                checkouts.clone(),
                clock.clone(),
                installation.clone(),
            ),
            checkouts,
            events: ProviderEvents::new(
                store.clone(),
                stores.events.clone(),
                payments.clone(),
                fulfilment.clone(),
                clock.clone(),
            ),
            refunds: Refunds::new(
                store.clone(),
                pages.clone(),
                payments.clone(),
                fulfilment,
                clock.clone(),
                random.clone(),
            ),
            grants: Grants::new(
                store.clone(),
                pages.clone(),
                clock.clone(),
                random.clone(),
                seal.clone(),
                installation.clone(),
            ),
            reports: Reports::new(
                handles.clone(),
                pages.clone(),
                stores.files.clone(),
                stores.reports.clone(),
                clock.clone(),
            ),
            accounts: Accounts::new(
                store.clone(),
                stores.creators.clone(),
                stores.limits.clone(),
                Arc::new(Argon2Passwords::new(random.clone())?),
                clock.clone(),
                random.clone(),
                config.client_requests_per_minute,
            ),
            files: Files::new(
                store.clone(),
                stores.files.clone(),
                objects.clone(),
                stores.creators.clone(),
                handles.clone(),
                clock.clone(),
                random.clone(),
                config.max_file_bytes,
            ),
            downloads: Downloads::new(
                stores.files.clone(),
                objects.clone(),
                store.clone(),
                clock.clone(),
            ),
            file_sweep: FileSweep::new(
                stores.file_queue.clone(),
                stores.files.clone(),
                objects.clone(),
                store.clone(),
                clock.clone(),
            ),
            delivery: Delivery::new(stores.mails.clone(), mailer, seal, clock.clone()),
            connect,
            handles,
            pages,
            access_tokens,
            clock,
            random,
        })
    }
}
