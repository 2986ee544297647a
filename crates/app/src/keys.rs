//! Secrets that are generated for the sandbox, so that it runs without configuration.

use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context;
use tollgate_domain::{random::Random, token::Token};

/// Returns the secret in the file at `path`, which begins with `prefix`, and creates the file if it does not exist. Programs
/// that start at the same time get the same secret.
pub(crate) fn kept(path: &Path, prefix: &str, random: &dyn Random) -> anyhow::Result<String> {
    let shown = path.display();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    if !path.exists() {
        // The file is written under another name first, so that readers never see a part of it.
        let fresh = format!("{prefix}{}", Token::new(random).reveal());
        let draft = path.with_extension(Token::new(random).reveal());
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .with_context(|| format!("cannot write {}", draft.display()))?;
        file.write_all(fresh.as_bytes())?;
        file.sync_all()?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| format!("cannot write {shown}"));
            }
            _ => {}
        }
    }
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    let text = text.trim();
    // Earlier versions left the prefix out of the file.
    let missing = if text.starts_with(prefix) { "" } else { prefix };
    Ok(format!("{missing}{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::OsRandom;

    #[test]
    fn secrets_are_in_their_files_as_they_are_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stripe-sandbox/secret-key");
        let kept = || kept(&path, "sk_test_", &OsRandom).unwrap();
        let secret = kept();
        assert!(secret.starts_with("sk_test_"));
        assert_eq!(fs::read_to_string(&path).unwrap(), secret);
        assert_eq!(kept(), secret);
        fs::write(&path, "as-earlier-versions-wrote-it").unwrap();
        assert_eq!(kept(), "sk_test_as-earlier-versions-wrote-it");
    }
}
