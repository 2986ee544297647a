//! The configuration, read from environment variables or a TOML file with the same names in lower case. An
//! invalid value stops the program with one line that names it.

use std::{
    collections::BTreeMap,
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use anyhow::{Context, bail};
use secrecy::SecretString;
use tollgate_domain::{creators::Quotas, installation::Installation, mail::MailQuota};
use tollgate_file_store::FilesUrl;
use tollgate_http::{Network, TrustedProxies};
use tollgate_mailer::{MailUrl, Sender};
use tollgate_persistence::DatabaseUrl;
use url::Url;

/// The settings of an operator.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) installation: Installation,
    pub(crate) database: DatabaseUrl,
    pub(crate) files: FilesUrl,
    pub(crate) max_file_bytes: u64,
    pub(crate) quotas: Quotas,
    pub(crate) mail_quota: MailQuota,
    pub(crate) mail: MailUrl,
    pub(crate) mail_from: Sender,
    /// `None` selects the sandbox.
    pub(crate) stripe: Option<StripeSettings>,
    pub(crate) platform_fee_bps: u32,
    pub(crate) magic_link_seconds: i64,
    pub(crate) client_requests_per_minute: i64,
    pub(crate) client_codes_per_minute: i64,
    /// If empty, secrets are generated. Only the sandbox allows that.
    pub(crate) jwt_secrets: Vec<SecretString>,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) log: String,
}

/// A Stripe account, or a server that is compatible with Stripe.
#[derive(Debug)]
pub(crate) struct StripeSettings {
    pub(crate) secret_key: SecretString,
    pub(crate) webhook_secrets: Vec<SecretString>,
    pub(crate) api_url: Option<Url>,
}

/// The largest size of a file, in bytes. A bucket upload has at most 10,000 parts.
const LARGEST_FILE: u64 = 40 << 30;

const NAMES: &[&str] = &[
    "CONFIG",
    "LISTEN",
    "PUBLIC_DOMAIN",
    "DATABASE_URL",
    "FILES_URL",
    "MAX_FILE_BYTES",
    "MAX_HANDLES",
    "MAX_STORED_BYTES",
    "MAILS_PER_DAY",
    "MAIL_URL",
    "MAIL_FROM",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRETS",
    "STRIPE_API_URL",
    "PLATFORM_FEE_BPS",
    "MAGIC_LINK_SECONDS",
    "CLIENT_REQUESTS_PER_MINUTE",
    "CLIENT_CODES_PER_MINUTE",
    "JWT_SECRET",
    "JWT_SECRET_FILES",
    "TRUSTED_PROXIES",
    "LOG",
];

impl Config {
    /// Reads the environment and the file that `TOLLGATE_CONFIG` names.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let environment = env::vars_os().filter_map(|(name, value)| {
            let name = name.to_str()?.strip_prefix("TOLLGATE_")?.to_owned();
            Some((name, value.to_string_lossy().into_owned()))
        });
        Self::from_values(environment.collect())
    }

    fn from_values(environment: BTreeMap<String, String>) -> anyhow::Result<Self> {
        let values = Values::new(environment)?;
        let installation: Installation =
            values.parse_or("PUBLIC_DOMAIN", "tollgate.localhost:8080", Installation::new)?;
        let stripe = stripe(&values)?;
        if stripe.is_none() && !installation.is_local() {
            bail!(
                "TOLLGATE_STRIPE_SECRET_KEY is required: the sandbox is only for domains that end \
                 in .localhost, and TOLLGATE_PUBLIC_DOMAIN is {}",
                installation.public_domain()
            );
        }
        let jwt_secrets = jwt_secrets(&values)?;
        if jwt_secrets.is_empty() && stripe.is_some() {
            bail!(
                "TOLLGATE_JWT_SECRET is required outside the sandbox: at least 32 random \
                 characters, such as `openssl rand -base64 32` gives"
            );
        }
        let sender = format!("Tollgate <no-reply@{}>", installation.host());
        Ok(Self {
            listen: values.parse_or("LISTEN", "127.0.0.1:8080", |text| {
                text.parse().map_err(|_| "must be an address and a port, such as 127.0.0.1:8080")
            })?,
            database: values.parse_or("DATABASE_URL", "sqlite:var/tollgate.db", str::parse)?,
            files: values.parse_or("FILES_URL", "dir:var/files", str::parse)?,
            max_file_bytes: values.number_or("MAX_FILE_BYTES", 1 << 30, 1, LARGEST_FILE)?,
            quotas: quotas(&values)?,
            mail_quota: values.parse_or("MAILS_PER_DAY", "50,2000", mail_quota)?,
            mail: values.parse_or("MAIL_URL", "dir:var/mail", MailUrl::parse)?,
            mail_from: values.parse_or("MAIL_FROM", &sender, Sender::parse)?,
            stripe,
            platform_fee_bps: values.number_or("PLATFORM_FEE_BPS", 0, 0, 10_000)?,
            magic_link_seconds: values.number_or("MAGIC_LINK_SECONDS", 900, 1, 900)?,
            client_requests_per_minute: values.number_or(
                "CLIENT_REQUESTS_PER_MINUTE",
                300,
                1,
                1_000_000,
            )?,
            client_codes_per_minute: values.number_or(
                "CLIENT_CODES_PER_MINUTE",
                30,
                1,
                1_000_000,
            )?,
            jwt_secrets,
            trusted_proxies: trusted_proxies(&values)?,
            log: values.get("LOG").unwrap_or("info").to_owned(),
            installation,
        })
    }

    /// Returns the address of the server on this machine.
    pub(crate) fn local_address(bound: SocketAddr) -> SocketAddr {
        if bound.ip().is_unspecified() {
            SocketAddr::from((Ipv4Addr::LOCALHOST, bound.port()))
        } else {
            bound
        }
    }
}

fn quotas(values: &Values) -> anyhow::Result<Quotas> {
    let Quotas { max_handles, max_stored_bytes } = Quotas::default();
    let most = i64::MAX.unsigned_abs();
    Ok(Quotas {
        max_handles: values.number_or("MAX_HANDLES", max_handles, 1, most)?,
        max_stored_bytes: values.number_or("MAX_STORED_BYTES", max_stored_bytes, 1, most)?,
    })
}

fn mail_quota(text: &str) -> Result<MailQuota, &'static str> {
    let quota = |starting, selling| MailQuota { starting, selling, ..MailQuota::default() };
    let mut numbers = text.split(',').map(|number| number.trim().parse::<u32>().ok());
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Some(number)), None, None) => Ok(quota(number, number)),
        (Some(Some(starting)), Some(Some(selling)), None) => Ok(quota(starting, selling)),
        _ => Err(
            "must be a whole number, or two: before the first sale and after it, such as 50,2000",
        ),
    }
}

fn stripe(values: &Values) -> anyhow::Result<Option<StripeSettings>> {
    let Some(secret_key) = values.get("STRIPE_SECRET_KEY") else {
        for name in ["STRIPE_WEBHOOK_SECRETS", "STRIPE_API_URL"] {
            if values.get(name).is_some() {
                bail!("TOLLGATE_STRIPE_SECRET_KEY is required when TOLLGATE_{name} is set");
            }
        }
        return Ok(None);
    };
    if !["sk_", "rk_"].iter().any(|start| secret_key.starts_with(start)) {
        bail!(
            "TOLLGATE_STRIPE_SECRET_KEY must be a secret key (sk_…) or a restricted one (rk_…), as \
             Stripe's dashboard shows it"
        );
    }
    if values.list("STRIPE_WEBHOOK_SECRETS").any(|secret| !secret.starts_with("whsec_")) {
        bail!(
            "TOLLGATE_STRIPE_WEBHOOK_SECRETS must be signing secrets (whsec_…), as Stripe shows them \
             where the webhook endpoint is set up"
        );
    }
    let webhook_secrets: Vec<_> = values.list("STRIPE_WEBHOOK_SECRETS").map(Into::into).collect();
    if webhook_secrets.is_empty() {
        bail!(
            "TOLLGATE_STRIPE_WEBHOOK_SECRETS is required with TOLLGATE_STRIPE_SECRET_KEY: Stripe \
             shows it (whsec_…) where the webhook endpoint is set up"
        );
    }
    let api_url = values
        .get("STRIPE_API_URL")
        .map(|text| Url::parse(text).context("TOLLGATE_STRIPE_API_URL must be an address"))
        .transpose()?;
    if api_url.as_ref().is_some_and(|url: &Url| !matches!(url.path(), "" | "/")) {
        bail!("TOLLGATE_STRIPE_API_URL must be a host without a path; /v1 is added to it");
    }
    Ok(Some(StripeSettings { secret_key: secret_key.into(), webhook_secrets, api_url }))
}

fn jwt_secrets(values: &Values) -> anyhow::Result<Vec<SecretString>> {
    let mut secrets: Vec<String> = values.list("JWT_SECRET").map(str::to_owned).collect();
    for path in values.list("JWT_SECRET_FILES") {
        let text = fs::read_to_string(path)
            .with_context(|| format!("TOLLGATE_JWT_SECRET_FILES: cannot read {path}"))?;
        secrets.push(text.trim().to_owned());
    }
    if secrets.iter().any(|secret| secret.len() < 32) {
        bail!(
            "TOLLGATE_JWT_SECRET must have at least 32 characters (several are separated by commas)"
        );
    }
    Ok(secrets.into_iter().map(Into::into).collect())
}

fn trusted_proxies(values: &Values) -> anyhow::Result<TrustedProxies> {
    let networks = values
        .list("TRUSTED_PROXIES")
        .map(|text| {
            text.parse::<Network>()
                .map_err(|error| anyhow::anyhow!("TOLLGATE_TRUSTED_PROXIES: {text:?} {error}"))
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(TrustedProxies::new(networks))
}

/// The values by name. The environment takes precedence over the file.
struct Values {
    environment: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
}

impl Values {
    fn new(environment: BTreeMap<String, String>) -> anyhow::Result<Self> {
        let file = match environment.get("CONFIG") {
            Some(path) if !path.is_empty() => read_file(path)?,
            _ => BTreeMap::new(),
        };
        for name in environment.keys().filter(|name| !NAMES.contains(&name.as_str())) {
            eprintln!("tollgate: TOLLGATE_{name} is not a setting of this version and is ignored");
        }
        Ok(Self { environment, file })
    }

    /// Returns the value. An empty value counts as unset.
    fn get(&self, name: &str) -> Option<&str> {
        self.environment
            .get(name)
            .or_else(|| self.file.get(name))
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    }

    fn list<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let text = self.get(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|part| !part.is_empty())
    }

    fn parse_or<T, E: std::fmt::Display>(
        &self,
        name: &str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> anyhow::Result<T> {
        parse(self.get(name).unwrap_or(default))
            .map_err(|error| anyhow::anyhow!("TOLLGATE_{name} {error}"))
    }

    fn number_or<T>(&self, name: &str, default: T, least: T, most: T) -> anyhow::Result<T>
    where
        T: FromStr + PartialOrd + std::fmt::Display + Copy,
    {
        let Some(text) = self.get(name) else { return Ok(default) };
        match text.parse() {
            Ok(number) if number >= least && number <= most => Ok(number),
            _ => bail!("TOLLGATE_{name} must be a whole number from {least} to {most}"),
        }
    }
}

fn read_file(path: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let path = PathBuf::from(path);
    let shown = path.display();
    let text = fs::read_to_string(&path)
        .with_context(|| format!("TOLLGATE_CONFIG: cannot read {shown}"))?;
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| anyhow::anyhow!("{shown}: {}", error.message()))?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        let name = key.to_uppercase();
        if key != key.to_lowercase() || !NAMES.contains(&name.as_str()) || name == "CONFIG" {
            bail!("{shown}: {key} is not a setting");
        }
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Array(items) if items.iter().all(toml::Value::is_str) => {
                items.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")
            }
            _ => bail!("{shown}: {key} must be a text, a whole number or a list of texts"),
        };
        values.insert(name, text);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> anyhow::Result<Config> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_values(pairs.collect())
    }

    fn refusal(pairs: &[(&str, &str)]) -> String {
        format!("{:#}", load(pairs).unwrap_err())
    }

    #[test]
    fn defaults_are_the_sandbox_on_localhost() {
        let config = load(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.installation.origin(), "http://tollgate.localhost:8080");
        assert_eq!(config.magic_link_seconds, 900);
        assert!(config.stripe.is_none());
    }

    #[test]
    fn sandbox_is_refused_on_a_public_domain() {
        let error = refusal(&[("PUBLIC_DOMAIN", "example.com")]);
        assert!(error.starts_with("TOLLGATE_STRIPE_SECRET_KEY is required"), "{error}");
    }

    #[test]
    fn each_bad_value_is_named_on_one_line() {
        for (name, value) in [
            ("LISTEN", "8080"),
            ("PUBLIC_DOMAIN", "http://x"),
            ("DATABASE_URL", "mysql://x"),
            ("FILES_URL", "ftp://x"),
            ("MAX_FILE_BYTES", "1GB"),
            ("MAX_FILE_BYTES", "0"),
            ("MAX_HANDLES", "none"),
            ("MAILS_PER_DAY", "many"),
            ("MAILS_PER_DAY", "1,2,3"),
            ("MAX_STORED_BYTES", "20GiB"),
            ("MAIL_URL", "pigeon:"),
            ("MAIL_FROM", "nobody"),
            ("PLATFORM_FEE_BPS", "10001"),
            ("MAGIC_LINK_SECONDS", "901"),
            ("MAGIC_LINK_SECONDS", "0"),
            ("CLIENT_REQUESTS_PER_MINUTE", "many"),
            ("CLIENT_CODES_PER_MINUTE", "0"),
            ("JWT_SECRET", "short"),
            ("TRUSTED_PROXIES", "everyone"),
            ("STRIPE_API_URL", "http://127.0.0.1:1"),
        ] {
            let error = refusal(&[(name, value)]);
            assert!(error.contains(name), "{name}={value}: {error}");
            assert!(!error.contains('\n'), "{error:?}");
        }
    }

    #[test]
    fn real_payments_need_their_secrets() {
        let key = ("STRIPE_SECRET_KEY", "sk_test_1");
        let webhook = ("STRIPE_WEBHOOK_SECRETS", "whsec_1, whsec_2");
        assert!(refusal(&[key]).contains("TOLLGATE_STRIPE_WEBHOOK_SECRETS"));
        let public = ("STRIPE_SECRET_KEY", "pk_live_1");
        assert!(refusal(&[public, webhook]).contains("TOLLGATE_STRIPE_SECRET_KEY must be"));
        let plain = ("STRIPE_WEBHOOK_SECRETS", "whsec_1, hello");
        assert!(refusal(&[key, plain]).contains("TOLLGATE_STRIPE_WEBHOOK_SECRETS must be"));
        let path = ("STRIPE_API_URL", "https://stripe.example/v1");
        assert!(refusal(&[key, webhook, path]).contains("TOLLGATE_STRIPE_API_URL must be"));
        assert!(refusal(&[key, webhook]).contains("TOLLGATE_JWT_SECRET"));
        let jwt = ("JWT_SECRET", "0123456789abcdef0123456789abcdef");
        let config = load(&[key, webhook, jwt]).unwrap();
        assert_eq!(config.stripe.unwrap().webhook_secrets.len(), 2);
    }

    #[test]
    fn secrets_are_not_printed() {
        let jwt = ("JWT_SECRET", "0123456789abcdef0123456789abcdef");
        let printed = format!("{:?}", load(&[jwt]).unwrap());
        assert!(!printed.contains("0123456789abcdef"), "{printed}");
    }
}
