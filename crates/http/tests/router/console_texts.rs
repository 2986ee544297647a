//! The console: its texts in each language.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The ids that a catalogue defines.
fn defined(locale: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(locale);
    let mut ids = BTreeSet::new();
    for file in files(&folder).into_iter().filter(|file| is_of_console(file)) {
        for line in fs::read_to_string(file).unwrap().lines() {
            let id = line.split(" =").next().unwrap();
            let is_new = !id.starts_with("console-") || ids.insert(id.to_owned());
            assert!(is_new, "{locale} defines {id} twice");
        }
    }
    ids
}

fn is_of_console(file: &Path) -> bool {
    file.file_name().unwrap().to_str().unwrap().starts_with("console")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn every_text_of_the_console_is_there_in_each_language_and_used() {
    let (english, german) = (defined("en"), defined("de"));
    assert_eq!(english, german);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut used = BTreeSet::new();
    for file in
        [root.join("src/console"), root.join("templates/console")].iter().flat_map(|f| files(f))
    {
        let text = fs::read_to_string(&file).unwrap();
        for rest in text.split("\"console-").skip(1) {
            let id = rest.split('"').next().unwrap();
            let is_id =
                id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if is_id && !id.is_empty() && file.extension().is_some_and(|ext| ext != "css") {
                used.insert(format!("console-{id}"));
            }
        }
    }
    // Texts of the frame's own tests, which no catalogue has.
    let used: BTreeSet<_> = used.into_iter().filter(|id| id != "console-x").collect();
    let missing: Vec<_> = used.difference(&english).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    let unused: Vec<_> = english.difference(&used).collect();
    assert!(unused.is_empty(), "unused: {unused:?}");
}
