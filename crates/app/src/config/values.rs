//! The values of settings, from the environment and the file that `TOLLGATE_CONFIG` names.

use std::{collections::BTreeMap, fmt::Write, path::PathBuf, str::FromStr};

use anyhow::{anyhow, bail};
use url::Url;

use super::{
    PREFIX,
    file::read_file,
    names::{is_of_kubernetes, nearest_variable},
    settings::{Kind, SETTINGS, Setting, setting},
};

/// The text that stands for a secret.
const HIDDEN: &str = "(hidden)";

/// The values by name. The environment takes precedence over the file.
pub(super) struct Values {
    environment: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
}

impl Values {
    /// Reads the file that the environment names. A name in the file that is not a setting is an error, and so is the text that
    /// stands for a secret where settings are shown.
    pub(super) fn new(environment: BTreeMap<String, String>) -> anyhow::Result<Self> {
        let file = match environment.get("CONFIG") {
            Some(path) if !path.is_empty() => read_file(path)?,
            _ => BTreeMap::new(),
        };
        let values = Self { environment, file };
        values.refuse_hidden()?;
        Ok(values)
    }

    /// Refuses what [`shown`](Self::shown) prints in place of a secret. Without the setting the program would start with
    /// another database than the one that is meant, for example.
    fn refuse_hidden(&self) -> anyhow::Result<()> {
        let secrets = SETTINGS
            .iter()
            .filter(|setting| matches!(setting.kind, Kind::Secret | Kind::Secrets | Kind::Address));
        for Setting { name, .. } in secrets {
            if let Some((text, source)) = self.found(name)
                && text.contains(HIDDEN)
            {
                bail!(
                    "TOLLGATE_{name} is {HIDDEN} in the {source}, which `tollgate config` prints instead of a \
                     secret: put the value in its place"
                );
            }
        }
        Ok(())
    }

    /// Returns a warning for each name in the environment that is not a setting. These do not stop the start,
    /// since container platforms add variables of their own. Those of Kubernetes are known, and passed over.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        let unknown = |(name, value): &(&String, &String)| {
            name.as_str() != "CONFIG" && setting(name).is_none() && !is_of_kubernetes(name, value)
        };
        self.environment.iter().filter(unknown).map(|(name, _)| {
            // A name whose prefix is not in upper case has kept it.
            let has_prefix = |start: &str| start != PREFIX && start.eq_ignore_ascii_case(PREFIX);
            let prefix = if name.get(..PREFIX.len()).is_some_and(has_prefix) { "" } else { PREFIX };
            let meant = nearest_variable(name);
            let meant = meant.map(|meant| format!("; did you mean {PREFIX}{meant}?"));
            format!("{prefix}{name} is not a setting and is ignored{}", meant.unwrap_or_default())
        })
    }

    /// Returns the value. An empty value counts as unset.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.found(name).map(|(text, _)| text)
    }

    /// Returns the value and where it comes from.
    fn found(&self, name: &str) -> Option<(&str, &'static str)> {
        let sources = [(&self.environment, "environment"), (&self.file, "file")];
        let values =
            sources.iter().filter_map(|(values, source)| Some((values.get(name)?, *source)));
        let mut values = values.map(|(text, source)| (text.trim(), source));
        values.find(|(text, _)| !text.is_empty())
    }

    pub(super) fn list<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let text = self.get(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|part| !part.is_empty())
    }

    /// Returns the files that secrets are read from.
    pub(super) fn secret_files(&self) -> impl Iterator<Item = PathBuf> {
        let is_secret = |name: &String| {
            let kind = setting(name).map(|setting| &setting.kind);
            matches!(kind, Some(Kind::Secret | Kind::Secrets | Kind::Address))
        };
        let has_secrets = self.file.keys().any(is_secret);
        let settings = self.environment.get("CONFIG").filter(|_| has_secrets);
        // What a mail service is sent, with its key.
        let template = self.get("MAIL_URL").and_then(|url| url.strip_prefix("json:"));
        settings
            .map(String::as_str)
            .into_iter()
            .chain(self.list("JWT_SECRET_FILES"))
            .chain(template)
            .map(Into::into)
    }

    /// Parses the value, or the default.
    pub(super) fn parsed<T, E: std::fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> anyhow::Result<T> {
        let default = setting(name).map(|setting| setting.default).unwrap_or_default();
        parse(self.get(name).unwrap_or(default)).map_err(|error| anyhow!("TOLLGATE_{name} {error}"))
    }

    /// Parses the value, if there is one.
    pub(super) fn parsed_if_set<T, E: std::fmt::Display>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> anyhow::Result<Option<T>> {
        self.get(name).is_some().then(|| self.parsed(name, parse)).transpose()
    }

    /// Parses a whole number within the bounds of the setting.
    pub(super) fn whole<T: FromStr>(&self, name: &str) -> anyhow::Result<T> {
        let (least, most) = match setting(name).map(|setting| setting.kind) {
            Some(Kind::Integer(least, most)) => (least, most),
            _ => (0, u64::MAX),
        };
        self.parsed(name, |text| {
            let within = text.parse::<u64>().is_ok_and(|number| (least..=most).contains(&number));
            let number = text.parse().ok().filter(|_| within);
            number.ok_or_else(|| format!("must be a whole number from {least} to {most}"))
        })
    }

    /// Returns the settings in effect as a TOML file that can be read again, once secrets are put in the place of the text
    /// that stands for them.
    /// `sender` is the default sender.
    pub(super) fn shown(&self, sender: &str) -> String {
        let mut text = "# The settings in effect. As a file of settings it needs the secrets that are hidden.\n".to_owned();
        for setting in SETTINGS {
            let name = setting.name.to_lowercase();
            let default = if setting.name == "MAIL_FROM" { sender } else { setting.default };
            let default = (!default.is_empty()).then_some((default, "default"));
            // Writing to a string never fails.
            let _ = match self.found(setting.name).or(default) {
                Some((value, source)) => match hidden(setting.kind, value) {
                    None => writeln!(text, "{name} = {}  # {source}", literal(setting.kind, value)),
                    Some(shown) => writeln!(text, "{name} = \"{HIDDEN}\"  # {source}{shown}"),
                },
                None => writeln!(text, "# {name} is not set"),
            };
        }
        text
    }
}

/// Returns a value as TOML.
fn literal(kind: Kind, value: &str) -> String {
    match kind {
        // TOML has no zeros or signs before a number, and no numbers that are larger.
        Kind::Integer(..)
            if value.parse::<u64>().is_ok_and(|number| i64::try_from(number).is_ok()) =>
        {
            let digits = value.trim_start_matches(['+', '0']);
            if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
        }
        _ => serde_json::Value::from(value).to_string(),
    }
}

/// Returns what a comment says of a value that has a secret: nothing, or the parts of an address that are not secret; `None`
/// if it has none.
fn hidden(kind: Kind, value: &str) -> Option<String> {
    match kind {
        Kind::Secret | Kind::Secrets => Some(String::new()),
        Kind::Address => {
            let shown = without_password(value)?;
            Some(if shown == HIDDEN { String::new() } else { format!(": {shown}") })
        }
        Kind::Integer(..) | Kind::Numbers | Kind::Text | Kind::List => None,
    }
}

/// Returns an address with its password hidden; `None` if it has none. Addresses that are not understood are hidden as a
/// whole.
fn without_password(address: &str) -> Option<String> {
    // The services that send mail have their keys here.
    if let Some((service @ ("postmark" | "resend" | "ses"), _)) = address.split_once(':') {
        return Some(format!("{service}:{HIDDEN}"));
    }
    if !address.contains("://") {
        return None;
    }
    let Ok(mut url) = Url::parse(address) else { return Some(HIDDEN.to_owned()) };
    let has_password = url.password().is_some();
    let is_left = has_password && url.set_password(Some("hidden")).is_err();
    if is_left || url.query_pairs().any(|(name, _)| name.contains("password")) {
        return Some(HIDDEN.to_owned());
    }
    has_password.then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_suggested_as_they_are_written_in_the_environment() {
        let environment =
            ["lsiten", "CONFG", "WORKERS", "tollgate_log", "SERVICE_HOST"].map(str::to_owned);
        let environment = environment.map(|name| (name, "x".to_owned()));
        let values = Values::new(environment.into()).unwrap();
        let ignored = "is not a setting and is ignored";
        assert_eq!(
            values.warnings().collect::<Vec<_>>(),
            [
                format!("TOLLGATE_CONFG {ignored}; did you mean TOLLGATE_CONFIG?"),
                format!("TOLLGATE_WORKERS {ignored}"),
                format!("TOLLGATE_lsiten {ignored}; did you mean TOLLGATE_LISTEN?"),
                format!("tollgate_log {ignored}; did you mean TOLLGATE_LOG?"),
            ]
        );
    }

    #[test]
    fn passwords_in_addresses_are_hidden() {
        for (address, shown) in [
            ("sqlite:var/tollgate.db", None),
            ("postgres://ada@db/x", None),
            ("postgres://ada:secret@db/x", Some("postgres://ada:hidden@db/x")),
            ("postgres://ada@db/x?password=secret", Some(HIDDEN)),
            ("postgres://ada:secret@one:1,two:2/x", Some(HIDDEN)),
            ("postmark:secret", Some("postmark:(hidden)")),
            ("resend:re_secret", Some("resend:(hidden)")),
            ("ses:AKIA:secret@eu-west-1", Some("ses:(hidden)")),
            ("postmark:secret@https://mail.example", Some("postmark:(hidden)")),
            ("json:mail.toml", None),
            ("smtp://ada:secret@mail.example:587", Some("smtp://ada:hidden@mail.example:587")),
        ] {
            assert_eq!(without_password(address).as_deref(), shown);
        }
    }

    #[test]
    fn empty_value_leaves_that_of_the_file() {
        let pair = |text: &str| BTreeMap::from([("LOG".to_owned(), text.to_owned())]);
        let values = Values { environment: pair(" "), file: pair("debug") };
        assert_eq!(values.get("LOG"), Some("debug"));
    }

    #[test]
    fn hidden_secret_is_refused_by_the_name_of_its_setting() {
        for (name, value) in [
            ("DATABASE_URL", "(hidden)"),
            ("MAIL_URL", "postmark:(hidden)"),
            ("JWT_SECRET", " (hidden) "),
        ] {
            let pair = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            let error = Values::new(pair).err().unwrap().to_string();
            assert!(error.contains(&format!("TOLLGATE_{name} is (hidden)")), "{error}");
        }
    }

    #[test]
    fn numbers_are_shown_so_that_they_are_read_as_the_same() {
        let kind = Kind::Integer(0, u64::MAX);
        for (value, shown) in [
            ("0500", "500"),
            ("+5", "5"),
            ("000", "0"),
            ("1073741824", "1073741824"),
            ("18446744073709551615", "\"18446744073709551615\""),
        ] {
            let text = literal(kind, value);
            assert_eq!(text, shown);
            assert!(format!("number = {text}").parse::<toml::Table>().is_ok(), "{text}");
        }
    }

    #[test]
    fn settings_in_effect_name_their_source() {
        let mail = ("MAIL_URL", "smtp://ada:secret@mail.example");
        let pairs = [("JWT_SECRET", "secret"), mail, ("LOG", "debug")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let shown = Values::new(pairs.into()).unwrap().shown("Tollgate <no-reply@x.example>");
        assert!(shown.contains("log = \"debug\"  # environment\n"), "{shown}");
        assert!(shown.contains("max_file_bytes = 1073741824  # default\n"), "{shown}");
        assert!(shown.contains("jwt_secret = \"(hidden)\"  # environment\n"), "{shown}");
        let mail = "mail_url = \"(hidden)\"  # environment: smtp://ada:hidden@mail.example\n";
        assert!(shown.contains(mail), "{shown}");
        assert!(shown.contains("mail_from = \"Tollgate <no-reply@x.example>\"  # default\n"));
        assert!(shown.contains("# stripe_secret_key is not set\n"), "{shown}");
        shown.parse::<toml::Table>().unwrap();
    }
}
