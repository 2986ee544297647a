//! The configuration, read from environment variables or a TOML file with the same names in lower case. An
//! invalid value stops the program with one line that names it. `docs/decisions/0007-settings.md` explains why no library
//! does this.

mod settings;
mod values;

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::{Context, bail};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use secrecy::SecretString;
use tollgate_domain::{creators::Quotas, installation::Installation, mail::MailQuota};
use tollgate_file_store::FilesUrl;
use tollgate_http::{Network, TrustedProxies};
use tollgate_mailer::{MailUrl, ReportSecret, Sender};
use tollgate_persistence::DatabaseUrl;
use url::Url;

use self::values::Values;

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
    /// Anyone who knows one of these may report bounces and complaints.
    pub(crate) mail_report_secrets: Vec<ReportSecret>,
    /// `None` selects the sandbox.
    pub(crate) stripe: Option<StripeSettings>,
    pub(crate) platform_fee_bps: u32,
    pub(crate) magic_link_seconds: i64,
    pub(crate) client_requests_per_minute: i64,
    pub(crate) client_codes_per_minute: i64,
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

/// A Stripe account, or a server that is compatible with Stripe.
#[derive(Debug)]
pub(crate) struct StripeSettings {
    pub(crate) secret_key: SecretString,
    pub(crate) webhook_secrets: Vec<SecretString>,
    pub(crate) api_url: Option<Url>,
}

/// Whether `TOLLGATE_JWT_SECRET` has to be set outside the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JwtSecret {
    Required,
    /// The command signs and seals nothing.
    Optional,
}

impl Config {
    /// Reads the environment and the file that `TOLLGATE_CONFIG` names, and warns of names that are no
    /// settings.
    pub(crate) fn load(jwt_secret: JwtSecret) -> anyhow::Result<Self> {
        let values = Values::new(environment()?)?;
        let config = Self::from_values(&values, jwt_secret)?;
        for warning in values.warnings() {
            eprintln!("tollgate: {warning}");
        }
        Ok(config)
    }

    /// Returns the settings in effect as a TOML file, without secrets.
    pub(crate) fn shown() -> anyhow::Result<String> {
        let values = Values::new(environment()?)?;
        let config = Self::from_values(&values, JwtSecret::Required)?;
        for warning in values.warnings() {
            eprintln!("tollgate: {warning}");
        }
        Ok(values.shown(&default_sender(&config.installation)))
    }

    /// Returns a JSON schema of the file that `TOLLGATE_CONFIG` names.
    pub(crate) fn schema() -> serde_json::Value {
        settings::schema()
    }

    fn from_values(values: &Values, jwt_secret: JwtSecret) -> anyhow::Result<Self> {
        let installation = values.parsed("PUBLIC_DOMAIN", Installation::new)?;
        let stripe = stripe(values)?;
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
            magic_link_seconds: values.whole("MAGIC_LINK_SECONDS")?,
            client_requests_per_minute: values.whole("CLIENT_REQUESTS_PER_MINUTE")?,
            client_codes_per_minute: values.whole("CLIENT_CODES_PER_MINUTE")?,
            jwt_secrets,
            secret_files: values.secret_files().collect(),
            trusted_proxies: trusted_proxies(values)?,
            authorities: values.parsed_if_set("CA_FILE", certificates)?.unwrap_or_default(),
            metrics_listen: values.parsed_if_set("METRICS_LISTEN", address)?,
            log: values.parsed("LOG", log_filter)?,
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

/// Returns the variables of the environment that start with `TOLLGATE_`, without that start.
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
        let Some(name) = name.strip_prefix("TOLLGATE_") else { continue };
        let is_setting = name == "CONFIG" || settings::setting(name).is_some();
        let value = match value.into_string() {
            Ok(value) => value,
            Err(_) if is_setting => bail!("TOLLGATE_{name} is not text in UTF-8"),
            Err(value) => value.to_string_lossy().into_owned(),
        };
        ours.insert(name.to_owned(), value);
    }
    Ok(ours)
}

fn default_sender(installation: &Installation) -> String {
    format!("Tollgate <no-reply@{}>", installation.host())
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "must be an address and a port, such as 127.0.0.1:8080")
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
    let beginnings = ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_", "rk_"];
    let beginning = beginnings.into_iter().find(|start| secret_key.starts_with(start));
    if !beginning.is_some_and(|start| is_more_than(start, secret_key)) {
        bail!(
            "TOLLGATE_STRIPE_SECRET_KEY must be a secret key (sk_…) or a restricted one (rk_…), as \
             Stripe's dashboard shows it"
        );
    }
    if values.list("STRIPE_WEBHOOK_SECRETS").any(|secret| !is_more_than("whsec_", secret)) {
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
    let has_more = |url: &Url| {
        !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some()
    };
    if api_url.as_ref().is_some_and(has_more) {
        bail!("TOLLGATE_STRIPE_API_URL must be a host without a path or query; /v1 is added to it");
    }
    Ok(Some(StripeSettings { secret_key: secret_key.into(), webhook_secrets, api_url }))
}

/// Returns whether a secret is more than its beginning, as a template for it would have.
fn is_more_than(beginning: &str, secret: &str) -> bool {
    let rest = secret.strip_prefix(beginning).unwrap_or_default();
    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic())
}

fn jwt_secrets(values: &Values) -> anyhow::Result<Vec<SecretString>> {
    let mut secrets: Vec<String> = values.list("JWT_SECRET").map(str::to_owned).collect();
    for path in values.list("JWT_SECRET_FILES") {
        let text = fs::read_to_string(path)
            .with_context(|| format!("TOLLGATE_JWT_SECRET_FILES: cannot read {path}"))?;
        if text.trim().len() < 32 {
            bail!(
                "TOLLGATE_JWT_SECRET_FILES: the secret in {path} must have at least 32 characters"
            );
        }
        secrets.push(text.trim().to_owned());
    }
    if secrets.iter().any(|secret| secret.len() < 32) {
        bail!(
            "TOLLGATE_JWT_SECRET must have at least 32 characters (several are separated by commas)"
        );
    }
    Ok(secrets.into_iter().map(Into::into).collect())
}

fn mail_report_secrets(values: &Values) -> anyhow::Result<Vec<ReportSecret>> {
    let secrets = values.list("MAIL_WEBHOOK_SECRETS").map(ReportSecret::parse);
    secrets.collect::<Result<_, _>>().context("TOLLGATE_MAIL_WEBHOOK_SECRETS")
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

/// Checks a log filter. `EnvFilter` takes any word for the name of a module, and would log nothing.
fn log_filter(text: &str) -> Result<String, &'static str> {
    let is_level = |word: &str| {
        ["off", "error", "warn", "info", "debug", "trace"]
            .iter()
            .any(|level| word.eq_ignore_ascii_case(level))
    };
    let is_target = |name: &str| {
        let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':');
        !name.is_empty() && name.bytes().all(is_part)
    };
    let is_directive = |part: &str| match part.split_once('=') {
        Some((target, level)) => is_target(target) && is_level(level),
        None => is_level(part),
    };
    if text.split(',').all(|part| is_directive(part.trim())) {
        Ok(text.to_owned())
    } else {
        Err("must be off, error, warn, info, debug or trace, or a list such as \
             info,tollgate_domain=debug")
    }
}

/// Reads the certificates of a PEM file.
fn certificates(path: &str) -> Result<Vec<Vec<u8>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match found {
        Ok(found) if found.is_empty() => Err(format!("names {path}, which has no certificate")),
        Ok(found) => Ok(found.into_iter().map(|found| found.to_vec()).collect()),
        Err(error) => {
            Err(format!("names {path}, which is not a PEM file that can be read: {error}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

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
        for template in [("STRIPE_SECRET_KEY", "sk_"), ("STRIPE_WEBHOOK_SECRETS", "whsec_")] {
            let other = if template.0 == key.0 { webhook } else { key };
            let refusal = refusal(&[template, other]);
            assert!(refusal.starts_with(&format!("TOLLGATE_{} must be", template.0)), "{refusal}");
        }
        let plain = ("STRIPE_WEBHOOK_SECRETS", "whsec_1, hello");
        assert!(refusal(&[key, plain]).contains("TOLLGATE_STRIPE_WEBHOOK_SECRETS must be"));
        let path = ("STRIPE_API_URL", "https://stripe.example/v1");
        assert!(refusal(&[key, webhook, path]).contains("TOLLGATE_STRIPE_API_URL must be"));
        assert!(refusal(&[key, webhook]).contains("TOLLGATE_JWT_SECRET"));
        let pairs = [key, webhook].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let values = Values::new(pairs.into()).unwrap();
        assert!(Config::from_values(&values, JwtSecret::Optional).is_ok());
        let jwt = ("JWT_SECRET", "0123456789abcdef0123456789abcdef");
        let config = load(&[key, webhook, jwt]).unwrap();
        assert_eq!(config.stripe.unwrap().webhook_secrets.len(), 2);
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
    }

    #[test]
    fn secrets_are_not_printed() {
        let jwt = ("JWT_SECRET", "0123456789abcdef0123456789abcdef");
        let printed = format!("{:?}", load(&[jwt]).unwrap());
        assert!(!printed.contains("0123456789abcdef"), "{printed}");
    }
}
