//! Secrets that are generated for the sandbox, so that it runs without configuration.

use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context;
use tollgate_domain::{random::Random, token::Token};

/// Returns the secret in the file at `path`, and creates the file if it does not exist. Programs that start
/// at the same time get the same secret.
pub(crate) fn kept(path: &Path, random: &dyn Random) -> anyhow::Result<String> {
    let shown = path.display();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    if !path.exists() {
        // The file is written under another name first, so that readers never see a part of it.
        let fresh = Token::new(random).reveal();
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
    Ok(text.trim().to_owned())
}
