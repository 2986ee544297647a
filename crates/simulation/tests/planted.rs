//! Whether the planted bugs can still be planted, and the histories are kept that find them.

use std::{fs, path::Path, process::Command};

/// A patch whose surroundings have changed would otherwise be noticed only in the long run.
#[test]
fn every_planted_bug_fits_the_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut patches = 0;
    for entry in fs::read_dir(root.join("crates/simulation/planted")).unwrap() {
        let patch = entry.unwrap().path();
        let mut check = Command::new("git");
        check.args(["apply", "--check"]).arg(&patch).current_dir(&root);
        let checked = check.output().unwrap();
        let told = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{}: {told}", patch.display());
        patches += 1;
    }
    assert!(patches >= 30, "only {patches} are there");
}

/// `scripts/simulate --planted` runs the history that a patch names, instead of looking for one.
#[test]
fn every_kept_history_that_a_patch_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let kept = fs::read_to_string(root.join("tests/regressions.rs")).unwrap();
    let mut named = 0;
    for entry in fs::read_dir(root.join("planted")).unwrap() {
        let patch = fs::read_to_string(entry.unwrap().path()).unwrap();
        let Some(test) = patch.lines().find_map(|line| line.strip_prefix("Kept history: ")) else {
            continue;
        };
        assert!(kept.contains(&format!("fn {test}()")), "{test}");
        named += 1;
    }
    assert!(named > 0, "no patch names one");
}
