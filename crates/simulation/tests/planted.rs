//! Whether the planted bugs can still be planted.

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
