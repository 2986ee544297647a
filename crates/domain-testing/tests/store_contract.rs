//! The memory store keeps to the contract that every store has to keep to.

use std::{
    fs,
    future::{Ready, ready},
    path::PathBuf,
};

use tollgate_domain::store::Stores;
use tollgate_domain_testing::MemoryStore;

fn make_store() -> Ready<Stores> {
    ready(Stores::of(MemoryStore::new()))
}

tollgate_domain_testing::store_contract!(
    #[pollster::test]
    make_store
);

/// A case that no macro lists would never run anywhere.
#[test]
fn every_case_is_listed() {
    let lists =
        [include_str!("../src/contract/list.rs"), include_str!("../src/contract/payments/list.rs")];
    let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/contract"))];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(path).unwrap();
            for line in text.lines().filter_map(function) {
                let case = line.split('(').next().unwrap();
                let listed = format!("  {case},\n");
                // The contracts of small ports have their list in the same file.
                let is_listed = lists.iter().any(|list| list.contains(&listed));
                assert!(is_listed || text.contains(&listed), "{case} is not listed");
                count += 1;
            }
        }
    }
    assert!(count > 300, "{count} cases");
}

/// Returns what follows `fn` in a line that begins a public function of a module.
fn function(line: &str) -> Option<&str> {
    line.strip_prefix("pub ")?.trim_start_matches("async ").strip_prefix("fn ")
}
