//! The file that `TOLLGATE_CONFIG` names.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, anyhow, bail};

use super::{names::nearest_key, settings::setting};

/// Removes what is quoted from a message, since it may be a secret.
fn without_values(message: &str) -> String {
    let parts = message.split('`').enumerate();
    parts.map(|(number, part)| if number % 2 == 0 { part } else { "…" }).collect()
}

/// Reads the settings of a file. What is wrong is told without the values, which may be secrets.
pub(super) fn read_file(path: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let path = PathBuf::from(path);
    let shown = path.display();
    let text = fs::read_to_string(&path)
        .with_context(|| format!("TOLLGATE_CONFIG: cannot read {shown}"))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let words = text.lines().nth(line - 1).unwrap_or_default().trim();
        // The rest of the line may be a secret.
        let name = words.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
        let name = name.filter(|name| setting(&name.to_uppercase()).is_some());
        let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
        let message = without_values(error.message());
        let is_told = message.contains("quoted");
        let hint = if lacks_quotes(words) && !is_told { "; texts are in quotes" } else { "" };
        anyhow!("{shown}, line {line}{name}: {message}{hint}")
    })?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        let name = key.to_uppercase();
        if key != key.to_lowercase() || setting(&name).is_none() {
            bail!("{shown}: {key} is not a setting; {}", meant(&key));
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

/// Returns whether the value of a line begins as neither a text nor anything else that TOML has.
fn lacks_quotes(line: &str) -> bool {
    let Some((_, value)) = line.split_once('=') else { return false };
    let value = value.trim_start();
    !value.starts_with(['"', '\'', '[', '{', '#'])
        && value.split(['#', ' ']).next().is_some_and(|word| {
            !matches!(word, "" | "true" | "false") && word.replace('_', "").parse::<f64>().is_err()
        })
}

/// Returns what a name in the file may stand for.
fn meant(key: &str) -> String {
    let variable = key.to_uppercase();
    if variable.strip_prefix("TOLLGATE_").unwrap_or(&variable) == "CONFIG" {
        return "TOLLGATE_CONFIG names the file in the environment".to_owned();
    }
    nearest_key(key).map_or_else(
        || "see docs/configuration.md".to_owned(),
        |nearest| format!("did you mean {nearest}?"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_file_are_suggested_as_they_are_written_there() {
        for (wrong, right) in [
            ("TOLLGATE_LISTEN", "did you mean listen?"),
            ("LISTEN", "did you mean listen?"),
            ("lsiten", "did you mean listen?"),
            ("db_url", "did you mean database_url?"),
            ("workers", "see docs/configuration.md"),
            ("config", "TOLLGATE_CONFIG names the file in the environment"),
            ("TOLLGATE_CONFIG", "TOLLGATE_CONFIG names the file in the environment"),
        ] {
            assert_eq!(meant(wrong), right, "{wrong}");
        }
        assert_eq!(meant("confg"), "see docs/configuration.md");
    }

    #[test]
    fn error_of_a_file_names_line_and_setting_and_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tollgate.toml");
        for (text, expected) in [
            ("\nlog = info", ", line 2 (log): "),
            ("log = \"info\"\nlog = \"debug\"", ", line 2 (log): "),
            ("stripe_secret_key \"sk_live_abc\"", ", line 1 (stripe_secret_key): "),
            ("jwt_secret = [\n  sk_live_abc\n]", ", line 2: "),
        ] {
            fs::write(&path, text).unwrap();
            let error = read_file(path.to_str().unwrap()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("sk_live") && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn text_without_quotes_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tollgate.toml");
        for line in
            ["log = info", "listen = 127.0.0.1:8080", "mail_from = Ada <a@x.example>", "log=a-b"]
        {
            fs::write(&path, line).unwrap();
            let error = read_file(path.to_str().unwrap()).unwrap_err().to_string();
            assert!(error.contains("in quotes") || error.contains("quoted"), "{line}: {error}");
        }
        for line in ["log = \"info\"x", "max_handles = 1 2", "log = [", "log =", "log = true x"] {
            assert!(!lacks_quotes(line), "{line}");
        }
    }
}
