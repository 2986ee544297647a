//! The configuration, read from environment variables or a TOML file with the same names in lower case. An
//! invalid value stops the program with one line that names it. `docs/decisions/0007-settings.md` explains why no library
//! does this.

mod file;
mod names;
mod parsers;
mod settings;
mod stripe;
mod values;

use std::{collections::BTreeMap, env, ffi::OsString, net::SocketAddr, path::PathBuf};

use anyhow::{Context, bail};
use secrecy::SecretString;
use tollgate_domain::{
    creators::Quotas, installation::Installation, mail::MailQuota, visitor_auth::SignInConfig,
};
use tollgate_file_store::FilesUrl;
use tollgate_http::TrustedProxies;
use tollgate_mailer::{MailUrl, ReportSecret, Sender};
use tollgate_persistence::DatabaseUrl;

pub(crate) use self::stripe::StripeSettings;
use self::{
    parsers::{
        address, certificates, jwt_secrets, log_filter, mail_quota, mail_report_secrets,
        trusted_proxies,
    },
    values::Values,
};

/// What the names of variables begin with.
const PREFIX: &str = "TOLLGATE_";

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
    /// Anyone who knows one of these may report bounces and complaints.
    pub(crate) mail_report_secrets: Vec<ReportSecret>,
    /// `None` selects the sandbox.
    pub(crate) stripe: Option<StripeSettings>,
    pub(crate) platform_fee_bps: u32,
    pub(crate) sign_in: SignInConfig,
    /// If empty, secrets are generated. Only the sandbox allows that.
    pub(crate) jwt_secrets: Vec<SecretString>,
    /// The files that secrets were read from.
    pub(crate) secret_files: Vec<PathBuf>,
    pub(crate) trusted_proxies: TrustedProxies,
    /// Certificates to trust besides the system's, in DER.
    pub(crate) authorities: Vec<Vec<u8>>,
    /// Serves `/metrics` alone, if it is set.
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) log: String,
}

/// Whether `TOLLGATE_JWT_SECRET` has to be set outside the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JwtSecret {
    Required,
    /// The command signs and seals nothing.
    Optional,
}

impl Config {
    /// Reads the environment and the file that `TOLLGATE_CONFIG` names, and warns of names that are not
    /// settings.
    pub(crate) fn load(jwt_secret: JwtSecret) -> anyhow::Result<Self> {
        let (values, config) = Self::read(jwt_secret)?;
        warn_of(&values);
        Ok(config)
    }

    /// Returns the settings in effect as a TOML file, without secrets.
    pub(crate) fn shown() -> anyhow::Result<String> {
        let (values, config) = Self::read(JwtSecret::Required)?;
        warn_of(&values);
        Ok(values.shown(&default_sender(&config.installation)))
    }

    /// Returns the settings in effect as [`shown`](Self::shown) does, for a command that has loaded them.
    pub(crate) fn settings() -> anyhow::Result<String> {
        let (values, config) = Self::read(JwtSecret::Optional)?;
        Ok(values.shown(&default_sender(&config.installation)))
    }

    /// Returns a JSON schema of the file that `TOLLGATE_CONFIG` names.
    pub(crate) fn schema() -> serde_json::Value {
        settings::schema()
    }

    fn read(jwt_secret: JwtSecret) -> anyhow::Result<(Values, Self)> {
        let values = Values::new(environment()?)?;
        let config = Self::from_values(&values, jwt_secret)?;
        Ok((values, config))
    }

    fn from_values(values: &Values, jwt_secret: JwtSecret) -> anyhow::Result<Self> {
        let installation = values.parsed("PUBLIC_DOMAIN", Installation::new)?;
        let stripe = StripeSettings::read(values)?;
        if stripe.is_none() && !installation.is_local() {
            bail!(
                "TOLLGATE_STRIPE_SECRET_KEY is required: the sandbox is only for domains that end \
                 in .localhost, and TOLLGATE_PUBLIC_DOMAIN is {}",
                installation.public_domain()
            );
        }
        let jwt_secrets = jwt_secrets(values)?;
        let is_required = jwt_secret == JwtSecret::Required && stripe.is_some();
        if jwt_secrets.is_empty() && is_required {
            bail!(
                "TOLLGATE_JWT_SECRET is required outside the sandbox: at least 32 random \
                 characters, such as `openssl rand -base64 32` gives"
            );
        }
        let mail_from = values.parsed_if_set("MAIL_FROM", Sender::parse)?;
        let mail_from = match mail_from {
            Some(sender) => sender,
            None => Sender::parse(&default_sender(&installation)).context("TOLLGATE_MAIL_FROM")?,
        };
        Ok(Self {
            listen: values.parsed("LISTEN", address)?,
            database: values.parsed("DATABASE_URL", str::parse)?,
            files: values.parsed("FILES_URL", str::parse)?,
            max_file_bytes: values.whole("MAX_FILE_BYTES")?,
            quotas: Quotas {
                max_handles: values.whole("MAX_HANDLES")?,
                max_stored_bytes: values.whole("MAX_STORED_BYTES")?,
                ..Quotas::default()
            },
            mail_quota: values.parsed("MAILS_PER_DAY", mail_quota)?,
            mail: values.parsed("MAIL_URL", MailUrl::parse)?,
            mail_from,
            mail_report_secrets: mail_report_secrets(values)?,
            stripe,
            platform_fee_bps: values.whole("PLATFORM_FEE_BPS")?,
            sign_in: SignInConfig {
                link_seconds: values.whole("MAGIC_LINK_SECONDS")?,
                client_requests_per_minute: values.whole("CLIENT_REQUESTS_PER_MINUTE")?,
                client_codes_per_minute: values.whole("CLIENT_CODES_PER_MINUTE")?,
            },
            jwt_secrets,
            secret_files: values.secret_files().collect(),
            trusted_proxies: trusted_proxies(values)?,
            authorities: values.parsed_if_set("CA_FILE", certificates)?.unwrap_or_default(),
            metrics_listen: values.parsed_if_set("METRICS_LISTEN", address)?,
            log: values.parsed("LOG", log_filter)?,
            installation,
        })
    }
}

/// Warns of names that are not settings.
fn warn_of(values: &Values) {
    for warning in values.warnings() {
        note!("tollgate: {warning}");
    }
}

/// Returns the variables of the environment that start with `TOLLGATE_`, without that start, and those that start so in
/// other letters, which are not settings, as they are.
fn environment() -> anyhow::Result<BTreeMap<String, String>> {
    own_variables(env::vars_os())
}

/// Refuses a setting whose value is not UTF-8. A name that is not a setting is reported later, whatever its value.
fn own_variables(
    all: impl Iterator<Item = (OsString, OsString)>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut ours = BTreeMap::new();
    for (name, value) in all {
        let name = name.to_string_lossy();
        let start = name.get(..PREFIX.len()).unwrap_or_default();
        if !start.eq_ignore_ascii_case(PREFIX) {
            continue;
        }
        let name = name.strip_prefix(PREFIX).unwrap_or(&name);
        let is_setting = name == "CONFIG" || settings::setting(name).is_some();
        let value = match value.into_string() {
            Ok(value) => value,
            Err(_) if is_setting => bail!("{PREFIX}{name} is not text in UTF-8"),
            Err(value) => value.to_string_lossy().into_owned(),
        };
        ours.insert(name.to_owned(), value);
    }
    Ok(ours)
}

fn default_sender(installation: &Installation) -> String {
    format!("Tollgate <no-reply@{}>", installation.host())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::ffi::OsStringExt};

    use tollgate_domain::{seal::Seal, use_cases::Settings};

    use super::*;

    fn load(pairs: &[(&str, &str)]) -> anyhow::Result<Config> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_values(&Values::new(pairs.collect())?, JwtSecret::Required)
    }

    fn refusal(pairs: &[(&str, &str)]) -> String {
        format!("{:#}", load(pairs).unwrap_err())
    }

    #[test]
    fn defaults_are_the_sandbox_on_localhost() {
        let config = load(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.installation.origin(), "http://tollgate.localhost:8080");
        assert_eq!(config.sign_in.link_seconds, 900);
        assert!(config.stripe.is_none());
    }

    #[test]
    fn defaults_are_those_of_programs_that_embed_the_domain() {
        let config = load(&[]).unwrap();
        let embedded = Settings::new(config.installation, Seal::new([b"a secret".as_slice()]));
        assert_eq!(config.sign_in, embedded.sign_in);
        assert_eq!(config.platform_fee_bps, embedded.fee_basis_points);
        assert_eq!(config.max_file_bytes, embedded.max_file_bytes);
        assert_eq!(config.quotas, embedded.quotas);
        assert_eq!(config.mail_quota, embedded.mail_quota);
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
            ("PUBLIC_DOMAIN", ".localhost"),
            ("PUBLIC_DOMAIN", "-x.localhost"),
            ("PUBLIC_DOMAIN", "a,b.localhost"),
            ("PUBLIC_DOMAIN", "*.localhost"),
            ("PUBLIC_DOMAIN", "a..localhost"),
            ("PUBLIC_DOMAIN", "foo_bar.localhost"),
            ("PUBLIC_DOMAIN", "tollgate.localhost:0"),
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
            ("CA_FILE", "none.pem"),
            ("METRICS_LISTEN", "9090"),
            ("LOG", "verbose"),
            ("LOG", "=loud="),
            ("LOG", "tollgate=noisy"),
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
        let (keys, secrets) = (
            [
                "sk_",
                "sk_live",
                "sk_live_",
                "rk_test_",
                "sk_test_...",
                "sk_live_…",
                "sk_test_a b",
                "sk_1a2b",
            ],
            ["whsec", "whsec_", "whsec_...", "whsec_…", "whsec_1, whsec_..."],
        );
        let keys = keys.map(|value| ("STRIPE_SECRET_KEY", value));
        let secrets = secrets.map(|value| ("STRIPE_WEBHOOK_SECRETS", value));
        for template in keys.into_iter().chain(secrets) {
            let other = if template.0 == key.0 { webhook } else { key };
            let refusal = refusal(&[template, other]);
            assert!(refusal.starts_with(&format!("TOLLGATE_{} must be", template.0)), "{refusal}");
        }
        for whole in ["sk_live_1a", "sk_test_1a", "rk_live_1a", "rk_test_1a", "sk_test_-a_1"] {
            let refusal = refusal(&[("STRIPE_SECRET_KEY", whole), webhook]);
            assert!(refusal.starts_with("TOLLGATE_JWT_SECRET"), "{whole}: {refusal}");
        }
        let plain = ("STRIPE_WEBHOOK_SECRETS", "whsec_1, hello");
        assert!(refusal(&[key, plain]).contains("TOLLGATE_STRIPE_WEBHOOK_SECRETS must be"));
        assert!(refusal(&[key, webhook]).contains("TOLLGATE_JWT_SECRET"));
        let pairs = [key, webhook].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let values = Values::new(pairs.into()).unwrap();
        assert!(Config::from_values(&values, JwtSecret::Optional).is_ok());
        let jwt = ("JWT_SECRET", "0123456789abcdef0123456789abcdef");
        let config = load(&[key, webhook, jwt]).unwrap();
        assert_eq!(config.stripe.unwrap().webhook_secrets.len(), 2);
    }

    #[test]
    fn address_of_stripe_is_encrypted_or_of_this_machine() {
        let key = ("STRIPE_SECRET_KEY", "sk_test_1");
        let webhook = ("STRIPE_WEBHOOK_SECRETS", "whsec_1");
        let path = ("STRIPE_API_URL", "https://stripe.example/v1");
        assert!(refusal(&[key, webhook, path]).contains("TOLLGATE_STRIPE_API_URL must be"));
        for (key, url) in [
            ("sk_test_1", "ftp://127.0.0.1"),
            ("sk_test_1", "https://user:word@stripe.example"),
            ("sk_test_1", "unix:/run/stripe"),
            ("sk_live_1", "http://stripe.example"),
            ("sk_test_1", "http://stripe.example"),
            ("rk_test_1", "http://192.0.2.1:8081"),
            ("sk_test_1", "http://sandbox:8081"),
        ] {
            let (key, url) = (("STRIPE_SECRET_KEY", key), ("STRIPE_API_URL", url));
            let refusal = refusal(&[key, webhook, url]);
            assert!(refusal.starts_with("TOLLGATE_STRIPE_API_URL must"), "{refusal}");
            assert!(!refusal.contains('\n'), "{refusal:?}");
        }
        for url in [
            "https://stripe.example",
            "http://127.0.0.1:8081",
            "http://[::1]:1",
            "http://localhost",
        ] {
            let refusal = refusal(&[key, webhook, ("STRIPE_API_URL", url)]);
            assert!(refusal.starts_with("TOLLGATE_JWT_SECRET"), "{url}: {refusal}");
        }
    }

    #[test]
    fn certificates_of_a_file_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let one = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        fs::write(&path, one.repeat(2)).unwrap();
        let name = path.to_str().unwrap();
        assert_eq!(load(&[("CA_FILE", name)]).unwrap().authorities, [b"hello", b"hello"]);
        fs::write(&path, "hello").unwrap();
        assert!(refusal(&[("CA_FILE", name)]).contains("has no certificate"));
    }

    #[test]
    fn value_that_is_not_utf8_is_refused_by_its_name_if_it_is_a_setting() {
        let variables = |name: &str| {
            let value = OsString::from_vec(b"caf\xe9".to_vec());
            own_variables([(OsString::from(name), value)].into_iter())
        };
        for name in ["TOLLGATE_MAIL_FROM", "TOLLGATE_CONFIG"] {
            let error = variables(name).unwrap_err().to_string();
            assert_eq!(error, format!("{name} is not text in UTF-8"));
        }
        assert_eq!(variables("TOLLGATE_PORT").unwrap().len(), 1, "it is only warned of");
        assert!(variables("HOME").unwrap().is_empty());
        assert!(variables("tollgate_listen").unwrap().contains_key("tollgate_listen"));
    }

    #[test]
    fn secrets_are_not_printed() {
        let jwt = ("JWT_SECRET", "0123456789abcdef0123456789abcdef");
        let printed = format!("{:?}", load(&[jwt]).unwrap());
        assert!(!printed.contains("0123456789abcdef"), "{printed}");
    }
}
