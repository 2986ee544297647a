//! Construction of the use cases from the adapters.

use std::sync::Arc;

use secrecy::ExposeSecret;
use tollgate_domain::{
    files::ports::FileStore,
    mail::ports::Mailer,
    random::Random,
    seal::Seal,
    store::Stores,
    use_cases::{Ports, Settings, UseCases},
};
use tollgate_http::{AccessTokens, SiteLinks};

use crate::{
    config::Config,
    passwords::Argon2Passwords,
    payments::{self, Provider},
    system::{OsRandom, SystemClock},
};

/// The use cases over one set of adapters, and the other parts that the HTTP adapter needs.
#[derive(Clone)]
pub(crate) struct Wired {
    pub(crate) ports: Ports,
    pub(crate) use_cases: UseCases,
    pub(crate) access_tokens: AccessTokens,
}

impl Wired {
    pub(crate) fn new(
        config: &Config,
        stores: Stores,
        provider: &Provider,
        mailer: Arc<dyn Mailer>,
        objects: Arc<dyn FileStore>,
    ) -> anyhow::Result<Self> {
        let random: Arc<dyn Random> = Arc::new(OsRandom);
        let secrets = payments::jwt_secrets(config, &*random)?;
        let secrets = || secrets.iter().map(|secret| secret.expose_secret().as_bytes());
        let ports = Ports {
            stores,
            payments: provider.payments.clone(),
            mailer,
            objects,
            passwords: Arc::new(Argon2Passwords::new(random.clone())?),
            links: Arc::new(SiteLinks::new(config.installation.clone())),
            clock: Arc::new(SystemClock),
            random,
        };
        let settings = Settings {
            installation: config.installation.clone(),
            seal: Seal::new(secrets()),
            sign_in: config.sign_in,
            fee_basis_points: config.platform_fee_bps,
            max_file_bytes: config.max_file_bytes,
            quotas: config.quotas,
            mail_quota: config.mail_quota,
        };
        let access_tokens =
            AccessTokens::new(secrets(), &config.installation, ports.clock.clone())?;
        Ok(Self { use_cases: UseCases::new(&ports, &settings), ports, access_tokens })
    }
}
