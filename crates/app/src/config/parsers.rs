//! The parsers of settings.

use std::{fs, net::SocketAddr};

use anyhow::{Context, bail};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use secrecy::SecretString;
use tollgate_domain::mail::MailQuota;
use tollgate_http::{Network, TrustedProxies};
use tollgate_mailer::ReportSecret;

use super::values::Values;

pub(super) fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "must be an address and a port, such as 127.0.0.1:8080")
}

pub(super) fn mail_quota(text: &str) -> Result<MailQuota, &'static str> {
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

pub(super) fn jwt_secrets(values: &Values) -> anyhow::Result<Vec<SecretString>> {
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

pub(super) fn mail_report_secrets(values: &Values) -> anyhow::Result<Vec<ReportSecret>> {
    let secrets = values.list("MAIL_WEBHOOK_SECRETS").map(ReportSecret::parse);
    secrets.collect::<Result<_, _>>().context("TOLLGATE_MAIL_WEBHOOK_SECRETS")
}

pub(super) fn trusted_proxies(values: &Values) -> anyhow::Result<TrustedProxies> {
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
pub(super) fn log_filter(text: &str) -> Result<String, &'static str> {
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
pub(super) fn certificates(path: &str) -> Result<Vec<Vec<u8>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match found {
        Ok(found) if found.is_empty() => Err(format!("names {path}, which has no certificate")),
        Ok(found) => Ok(found.into_iter().map(|found| found.to_vec()).collect()),
        Err(error) => {
            Err(format!("names {path}, which is not a PEM file that can be read: {error}"))
        }
    }
}
