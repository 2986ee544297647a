//! The table of all settings: names, kinds, defaults and meanings.

use serde_json::{Value, json};

/// The largest size of a file, in bytes. A bucket upload has at most 10,000 parts.
const MAX_FILE_BYTES: u64 = 40 << 30;

/// What a setting may hold, and how it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A whole number within these bounds.
    Integer(u64, u64),
    /// One whole number, or two with a comma between.
    Numbers,
    /// Texts with commas between.
    List,
    /// An address that may contain a password.
    Address,
    Secret,
    /// Secrets with commas between.
    Secrets,
}

#[derive(Debug)]
pub(super) struct Setting {
    /// The name without `TOLLGATE_`.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The value that counts when nothing is set; empty if there is none.
    pub(super) default: &'static str,
    pub(super) meaning: &'static str,
}

/// All settings, in the order of docs/configuration.md.
pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "LISTEN",
        kind: Kind::Text,
        default: "127.0.0.1:8080",
        meaning: "The address and port to listen on",
    },
    Setting {
        name: "PUBLIC_DOMAIN",
        kind: Kind::Text,
        default: "tollgate.localhost:8080",
        meaning: "The domain that people see",
    },
    Setting {
        name: "DATABASE_URL",
        kind: Kind::Address,
        default: "sqlite:var/tollgate.db",
        meaning: "The database: sqlite:PATH or postgres://user:password@host/name",
    },
    Setting {
        name: "FILES_URL",
        kind: Kind::Address,
        default: "dir:var/files",
        meaning: "Where files are kept: dir:PATH or s3://bucket/prefix",
    },
    Setting {
        name: "MAX_FILE_BYTES",
        kind: Kind::Integer(1, MAX_FILE_BYTES),
        default: "1073741824",
        meaning: "The largest file that is taken",
    },
    Setting {
        name: "MAIL_URL",
        kind: Kind::Address,
        default: "dir:var/mail",
        meaning: "Where mails go: dir:PATH, smtp://user:password@host:587 or smtps://…",
    },
    Setting {
        name: "MAIL_FROM",
        kind: Kind::Text,
        default: "Tollgate <no-reply@{domain}>",
        meaning: "The sender of all mails",
    },
    Setting {
        name: "MAIL_WEBHOOK_SECRETS",
        kind: Kind::Secrets,
        default: "",
        meaning: "What the mail service proves itself by when it reports bounces and complaints",
    },
    Setting {
        name: "STRIPE_SECRET_KEY",
        kind: Kind::Secret,
        default: "",
        meaning: "The platform's secret key; unset is the sandbox",
    },
    Setting {
        name: "STRIPE_WEBHOOK_SECRETS",
        kind: Kind::Secrets,
        default: "",
        meaning: "The signing secrets of the webhook endpoint",
    },
    Setting {
        name: "STRIPE_API_URL",
        kind: Kind::Address,
        default: "",
        meaning: "Another server that behaves like Stripe",
    },
    Setting {
        name: "PLATFORM_FEE_BPS",
        kind: Kind::Integer(0, 10_000),
        default: "0",
        meaning: "The platform's part of each payment, in hundredths of a percent",
    },
    Setting {
        name: "MAGIC_LINK_SECONDS",
        kind: Kind::Integer(1, 900),
        default: "900",
        meaning: "How long a link is good for",
    },
    Setting {
        name: "CLIENT_REQUESTS_PER_MINUTE",
        kind: Kind::Integer(1, 1_000_000),
        default: "300",
        meaning: "Links, and logins, that one client address may ask for",
    },
    Setting {
        name: "CLIENT_CODES_PER_MINUTE",
        kind: Kind::Integer(1, 1_000_000),
        default: "30",
        meaning: "Codes that one client address may try",
    },
    Setting {
        name: "MAX_HANDLES",
        kind: Kind::Integer(1, i64::MAX.unsigned_abs()),
        default: "10",
        meaning: "Handles that one creator may have",
    },
    Setting {
        name: "MAX_STORED_BYTES",
        kind: Kind::Integer(1, i64::MAX.unsigned_abs()),
        default: "21474836480",
        meaning: "Bytes of files that one creator may store",
    },
    Setting {
        name: "MAILS_PER_DAY",
        kind: Kind::Numbers,
        default: "50,2000",
        meaning: "Mails to others that one creator may cause in a day: before the first sale, and after it",
    },
    Setting {
        name: "JWT_SECRET",
        kind: Kind::Secrets,
        default: "",
        meaning: "At least 32 characters; several with commas between. Made in var/ in the sandbox",
    },
    Setting {
        name: "JWT_SECRET_FILES",
        kind: Kind::List,
        default: "",
        meaning: "Files that hold such secrets",
    },
    Setting {
        name: "TRUSTED_PROXIES",
        kind: Kind::List,
        default: "",
        meaning: "Addresses or networks whose X-Forwarded-For is believed",
    },
    Setting {
        name: "CA_FILE",
        kind: Kind::Text,
        default: "",
        meaning: "A PEM file of certificates to trust besides the system's",
    },
    Setting {
        name: "METRICS_LISTEN",
        kind: Kind::Text,
        default: "",
        meaning: "An address and port for /metrics alone; unset serves it with everything else",
    },
    Setting {
        name: "LOG",
        kind: Kind::Text,
        default: "info",
        meaning: "What is logged, such as debug or info,tollgate_domain=debug",
    },
];

pub(super) fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// Returns a JSON schema of the TOML file.
pub(super) fn schema() -> Value {
    let properties: serde_json::Map<_, _> = SETTINGS
        .iter()
        .map(|Setting { name, kind, default, meaning }| {
            let mut schema = match kind {
                // The bounds are for a number, and the pattern is for a text.
                Kind::Integer(least, most) => json!({
                    "type": ["integer", "string"],
                    "minimum": least,
                    "maximum": most,
                    "pattern": r"^\s*[0-9]+\s*$"
                }),
                Kind::Numbers => json!({
                    "type": ["integer", "string"],
                    "minimum": 0,
                    "maximum": u32::MAX,
                    "pattern": r"^\s*[0-9]+\s*(,\s*[0-9]+\s*)?$"
                }),
                Kind::List | Kind::Secrets => {
                    let list = json!({"type": "array", "items": {"type": "string"}});
                    json!({"anyOf": [{"type": "string"}, list]})
                }
                Kind::Text | Kind::Address | Kind::Secret => json!({"type": "string"}),
            };
            if let Some(schema) = schema.as_object_mut() {
                schema.insert("description".to_owned(), json!(meaning));
                let number = matches!(kind, Kind::Integer(..)).then(|| default.parse::<u64>().ok());
                if let Some(number) = number.flatten() {
                    schema.insert("default".to_owned(), json!(number));
                } else if !default.is_empty() {
                    schema.insert("default".to_owned(), json!(default));
                }
                if matches!(kind, Kind::Secret | Kind::Secrets) {
                    schema.insert("writeOnly".to_owned(), json!(true));
                }
            }
            (name.to_lowercase(), schema)
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of Tollgate",
        "description": "The file that TOLLGATE_CONFIG names. As environment variables the names are \
            in upper case and start with TOLLGATE_.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_and_its_default_are_documented() {
        let page = include_str!("../../../../docs/configuration.md");
        for Setting { name, default, .. } in SETTINGS {
            let row = page.lines().find(|line| line.starts_with(&format!("| `TOLLGATE_{name}` |")));
            let row = row.unwrap_or_else(|| panic!("{name} is not in docs/configuration.md"));
            assert!(row.contains(default), "{row}");
        }
    }

    #[test]
    fn variables_in_packaging_and_documentation_are_settings() {
        for text in [
            include_str!("../../../../packaging/docker/Dockerfile"),
            include_str!("../../../../packaging/docker/compose.yaml"),
            include_str!("../../../../packaging/docker/env.example"),
            include_str!("../../../../packaging/monitoring/alerts.yaml"),
            include_str!("../../../../packaging/monitoring/prometheus.yaml"),
            include_str!("../../../../packaging/proxies/nginx.conf"),
            include_str!("../../../../packaging/systemd/env.example"),
            include_str!("../../../../docs/backup.md"),
            include_str!("../../../../docs/running.md"),
            include_str!("../../../../docs/upgrading.md"),
        ] {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            for name in words.filter_map(|word| word.strip_prefix("TOLLGATE_")) {
                assert!(name == "CONFIG" || setting(name).is_some(), "TOLLGATE_{name}");
            }
        }
    }

    #[test]
    fn schema_has_each_setting_and_nothing_else() {
        let schema = schema();
        assert_eq!(schema["properties"].as_object().unwrap().len(), SETTINGS.len());
        assert_eq!(schema["properties"]["max_file_bytes"]["maximum"], MAX_FILE_BYTES);
        assert_eq!(schema["additionalProperties"], false);
        for name in ["mails_per_day", "platform_fee_bps"] {
            assert_eq!(schema["properties"][name]["type"], json!(["integer", "string"]), "{name}");
        }
    }
}
