//! The texts of all pages, in each language.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The ids of a language with the names of the arguments that their texts take.
type Catalogue = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn catalogue(locale: &str) -> Catalogue {
    let mut catalogue = Catalogue::new();
    for file in files(&root().join("locales").join(locale)) {
        let mut current = None;
        for line in fs::read_to_string(&file).unwrap().lines() {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                let id = line.split(" =").next().unwrap().to_owned();
                assert!(
                    catalogue.insert(id.clone(), BTreeSet::new()).is_none(),
                    "{locale}: {id} is there twice"
                );
                assert!(!line.ends_with('='), "{locale}: {id} is empty");
                current = Some(id);
            }
            let Some(id) = &current else { continue };
            for rest in line.split('$').skip(1) {
                let is_name = |c: char| c.is_ascii_alphanumeric();
                let name: String = rest.chars().take_while(|c| is_name(*c)).collect();
                if !name.is_empty() {
                    catalogue.get_mut(id).unwrap().insert(name);
                }
            }
        }
    }
    catalogue
}

/// The sources that may use a text.
fn sources() -> Vec<String> {
    let mut sources = files(&root().join("src"));
    sources.extend(files(&root().join("templates")));
    sources.retain(|file| file.extension().is_some_and(|end| end == "rs" || end == "html"));
    sources.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// The texts between double quotes that could be ids.
fn quoted(source: &str) -> impl Iterator<Item = &str> {
    let is_id = |text: &&str| {
        text.contains('-')
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    source.split('"').filter(is_id)
}

/// The ids that a source asks for: `t.get("id")` and the other methods of `Texts`.
fn asked(source: &str) -> Vec<String> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let squeezed: String = code.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    let mut asked = Vec::new();
    for method in ["get", "with", "with2", "count", "count_with", "dated"] {
        let call = format!("t.{method}(\"");
        for (at, _) in squeezed.match_indices(&call) {
            let before = squeezed[..at].chars().next_back();
            if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                continue;
            }
            asked.push(squeezed[at + call.len()..].split('"').next().unwrap().to_owned());
        }
    }
    asked
}

#[test]
fn languages_have_the_same_texts_with_the_same_arguments() {
    let (english, german) = (catalogue("en"), catalogue("de"));
    let missing: Vec<_> = english.keys().filter(|id| !german.contains_key(*id)).collect();
    assert!(missing.is_empty(), "not in German: {missing:?}");
    let missing: Vec<_> = german.keys().filter(|id| !english.contains_key(*id)).collect();
    assert!(missing.is_empty(), "not in English: {missing:?}");
    for (id, arguments) in &english {
        assert_eq!(arguments, &german[id], "{id}");
    }
    assert!(english.len() > 100);
}

#[test]
fn every_text_that_is_asked_for_exists() {
    let english = catalogue("en");
    for source in sources() {
        for id in asked(&source) {
            assert!(english.contains_key(&id), "no catalogue has {id}");
        }
    }
}

#[test]
fn every_text_is_used() {
    let sources = sources();
    let used: BTreeSet<_> = sources.iter().flat_map(|source| quoted(source)).collect();
    let english = catalogue("en");
    let unused: Vec<_> = english.keys().filter(|id| !used.contains(id.as_str())).collect();
    assert!(unused.is_empty(), "nobody uses {unused:?}");
}
