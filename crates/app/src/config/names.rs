//! Names that are not settings, and the settings that may be meant by them.

use super::settings::SETTINGS;

/// What people call a setting, as a whole name or as a word of one.
const CALLED: &[(&str, &str)] = &[
    ("BASE_URL", "PUBLIC_DOMAIN"),
    ("MAIL_PORT", "MAIL_URL"),
    ("WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRETS"),
    ("WEBHOOK_SECRETS", "STRIPE_WEBHOOK_SECRETS"),
    ("DATABASE", "DATABASE_URL"),
    ("DB", "DATABASE_URL"),
    ("DSN", "DATABASE_URL"),
    ("POSTGRES", "DATABASE_URL"),
    ("SQLITE", "DATABASE_URL"),
    ("BUCKET", "FILES_URL"),
    ("FILES", "FILES_URL"),
    ("S3", "FILES_URL"),
    ("STORAGE", "FILES_URL"),
    ("UPLOADS", "FILES_URL"),
    ("EMAIL", "MAIL_URL"),
    ("MAIL", "MAIL_URL"),
    ("SENDER", "MAIL_FROM"),
    ("SMTP", "MAIL_URL"),
    ("STRIPE", "STRIPE_SECRET_KEY"),
    ("FEE", "PLATFORM_FEE_BPS"),
    ("JWT", "JWT_SECRET"),
    ("SECRET", "JWT_SECRET"),
    ("PROXY", "TRUSTED_PROXIES"),
    ("CERTIFICATES", "CA_FILE"),
    ("METRICS", "METRICS_LISTEN"),
    ("DEBUG", "LOG"),
    ("LOGGING", "LOG"),
    ("LOGLEVEL", "LOG"),
    ("ADDR", "LISTEN"),
    ("ADDRESS", "LISTEN"),
    ("BIND", "LISTEN"),
    ("HOST", "LISTEN"),
    ("PORT", "LISTEN"),
    ("DOMAIN", "PUBLIC_DOMAIN"),
    ("HOSTNAME", "PUBLIC_DOMAIN"),
    ("ORIGIN", "PUBLIC_DOMAIN"),
    ("SITE", "PUBLIC_DOMAIN"),
    ("URL", "PUBLIC_DOMAIN"),
];

/// Returns the variable that `name` may stand for, both without `TOLLGATE_`.
pub(super) fn nearest_variable(name: &str) -> Option<&'static str> {
    most_like(name, SETTINGS.iter().map(|setting| setting.name).chain(["CONFIG"]))
}

/// Returns the setting that `name` may stand for, as it is written in a file. A file names no other file.
pub(super) fn nearest_key(name: &str) -> Option<String> {
    most_like(name, SETTINGS.iter().map(|setting| setting.name)).map(str::to_lowercase)
}

/// Returns the name that is spelt like `name`, has all of its words or only such, or is called so.
fn most_like(
    name: &str,
    names: impl Iterator<Item = &'static str> + Clone,
) -> Option<&'static str> {
    let name = name.to_uppercase();
    let name = name.strip_prefix("TOLLGATE_").unwrap_or(&name);
    let called =
        |name: &str| CALLED.iter().find(|(written, _)| *written == name).map(|(_, meant)| *meant);
    let distance = |known: &&str| strsim::damerau_levenshtein(known, name);
    let is_spelt_alike = |known: &&str| distance(known) <= known.len().max(name.len()) / 3;
    let has_the_words = |known: &&str| {
        let has_all = |all: &str, part: &str| {
            part.split('_').all(|word| all.split('_').any(|other| other == word))
        };
        has_all(known, name) || has_all(name, known)
    };
    called(name)
        .or_else(|| names.clone().filter(is_spelt_alike).min_by_key(distance))
        .or_else(|| names.filter(has_the_words).min_by_key(distance))
        .or_else(|| name.split('_').find_map(called))
}

/// Returns whether Kubernetes sets a variable of this name, without `TOLLGATE_`, for a service whose name begins with
/// `tollgate`. Source: <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>.
pub(super) fn is_of_kubernetes(name: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|it| value.starts_with(it));
    let words: Vec<_> = name.split('_').collect();
    let has_port = words.windows(3).any(|words| {
        matches!(words, ["PORT", number, "TCP" | "UDP" | "SCTP"] if number.parse::<u16>().is_ok())
    });
    name.ends_with("SERVICE_HOST")
        || name.contains("SERVICE_PORT")
        || has_port
        || (words.last() == Some(&"PORT") && is_address)
}

#[cfg(test)]
mod tests {
    use super::{super::settings::setting, *};

    #[test]
    fn misspelt_name_is_told_from_the_others() {
        for (wrong, right) in [
            ("DATABSE_URL", "DATABASE_URL"),
            ("LISTNE", "LISTEN"),
            ("DOMAIN", "PUBLIC_DOMAIN"),
            ("log_level", "LOG"),
            ("STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRETS"),
            ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
            ("STRIPE_KEY", "STRIPE_SECRET_KEY"),
            ("MAX_FILE_SIZE", "MAX_FILE_BYTES"),
        ] {
            assert_eq!(nearest_variable(wrong), Some(right), "{wrong}");
            assert_eq!(nearest_key(wrong), Some(right.to_lowercase()), "{wrong}");
        }
    }

    #[test]
    fn setting_is_known_by_what_people_call_it() {
        for (called, right) in [
            ("DB_URL", "DATABASE_URL"),
            ("TOLLGATE_DB_URL", "DATABASE_URL"),
            ("DB_HOST", "DATABASE_URL"),
            ("PORT", "LISTEN"),
            ("HTTP_PORT", "LISTEN"),
            ("BIND_ADDRESS", "LISTEN"),
            ("URL", "PUBLIC_DOMAIN"),
            ("base_url", "PUBLIC_DOMAIN"),
            ("HOSTNAME", "PUBLIC_DOMAIN"),
            ("SMTP_HOST", "MAIL_URL"),
            ("MAIL_HOST", "MAIL_URL"),
            ("S3_BUCKET", "FILES_URL"),
            ("METRICS_PORT", "METRICS_LISTEN"),
            ("SECRET", "JWT_SECRET"),
        ] {
            assert_eq!(nearest_variable(called), Some(right), "{called}");
        }
        for (_, meant) in CALLED {
            assert!(setting(meant).is_some(), "{meant}");
        }
    }

    #[test]
    fn name_that_is_like_no_other_is_given_none() {
        for name in ["ENV", "WORKERS", "TIMEZONE", "X", ""] {
            assert_eq!(nearest_variable(name), None, "{name}");
        }
        assert_eq!(nearest_variable("CONFIG_FILE"), Some("CONFIG"));
    }

    #[test]
    fn variables_of_kubernetes_are_told_from_those_of_people() {
        for (name, value) in [
            ("SERVICE_HOST", "10.0.0.1"),
            ("SERVICE_PORT", "80"),
            ("SERVICE_PORT_HTTP", "80"),
            ("PORT", "tcp://10.0.0.1:80"),
            ("PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            ("PORT_8080_TCP_ADDR", "10.0.0.1"),
            ("METRICS_PORT_9090_TCP_PROTO", "tcp"),
        ] {
            assert!(is_of_kubernetes(name, value), "{name}");
        }
        for (name, value) in [("PORT", "8080"), ("HOST", "0.0.0.0"), ("LISTNE", "127.0.0.1:80")] {
            assert!(!is_of_kubernetes(name, value), "{name}");
        }
    }
}
