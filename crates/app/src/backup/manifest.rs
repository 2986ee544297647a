//! What is in an archive.

use std::io::{self, Read};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::CHUNK;

/// The version of the archive's form.
const FORM: u64 = 1;

/// An entry of the archive with its size and the SHA-256 hash of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) sha256: String,
}

/// Returns the manifest of these entries as JSON.
pub(super) fn write(entries: &[Entry], missing: &[String], at: &str) -> String {
    let entries: Vec<_> = entries
        .iter()
        .map(|Entry { name, size, sha256 }| json!({"name": name, "size": size, "sha256": sha256}))
        .collect();
    let manifest = json!({
        "form": FORM,
        "version": env!("CARGO_PKG_VERSION"),
        "createdAt": at,
        "entries": entries,
        "missing": missing,
    });
    format!("{manifest:#}\n")
}

/// Reads the entries of a manifest.
pub(super) fn read(text: &str) -> anyhow::Result<Vec<Entry>> {
    let manifest: Value = serde_json::from_str(text).context("its manifest is not JSON")?;
    if manifest.get("form") != Some(&json!(FORM)) {
        bail!("it was made by another version of Tollgate; restore it with that version");
    }
    let entries = manifest.get("entries").and_then(Value::as_array);
    let entries = entries.context("its manifest has no entries")?;
    let entry = |entry: &Value| {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let size = entry.get("size").and_then(Value::as_u64)?;
        Some(Entry { name: text("name")?, size, sha256: text("sha256")? })
    };
    let entries: Option<_> = entries.iter().map(entry).collect();
    entries.context("its manifest has an entry that cannot be read")
}

/// Reads to the end, hands every part to `each`, and returns the size and the hash.
pub(super) fn hash(
    mut from: impl Read,
    mut each: impl FnMut(&[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<(u64, String)> {
    let mut buffer = vec![0; CHUNK];
    let (mut size, mut hash) = (0, Sha256::new());
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok((size, hex::encode(hash.finalize()))),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        let part = buffer.get(..read).unwrap_or_default();
        hash.update(part);
        size += u64::try_from(read)?;
        each(part)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifest_is_read_as_it_was_written() {
        let entries = [Entry { name: "files/x".to_owned(), size: 7, sha256: "ab".to_owned() }];
        let text = write(&entries, &["fil_1".to_owned()], "2026-11-27T00:00:00Z");
        assert_eq!(read(&text).unwrap(), entries);
        let other = text.replace("\"form\": 1", "\"form\": 2");
        assert!(read(&other).unwrap_err().to_string().contains("another version"));
    }

    #[test]
    fn content_is_hashed_in_parts() {
        let content = vec![7; CHUNK + 1];
        let mut parts = 0;
        let (size, sha256) = hash(&*content, |_| {
            parts += 1;
            Ok(())
        })
        .unwrap();
        assert_eq!((size, parts), (u64::try_from(content.len()).unwrap(), 2));
        assert_eq!(sha256, hex::encode(Sha256::digest(&content)));
    }
}
