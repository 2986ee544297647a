//! Tests of what mails look like in Chromium, which draws like the mail programs that are browsers inside: they fit on a
//! phone, and axe-core finds nothing in light and in dark.

use std::{
    fs,
    path::{Path, PathBuf},
};

use url::Url;

use crate::support::{Chrome, PHONE, SCREEN};

/// Gives the document the colour that the browser paints anyway, since axe-core takes a document without one for white.
/// Returns that colour.
const PAINT: &str = "
    const root = document.documentElement;
    root.style.backgroundColor = 'Canvas';
    return getComputedStyle(root).backgroundColor;";

/// Returns the name and the HTML part of each kind of mail, as it was reviewed.
fn mails() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mailer/tests/snapshots");
    let mut mails = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        let Some(name) = file.strip_suffix(".html.snap") else { continue };
        let reviewed = fs::read_to_string(&path).unwrap();
        let (_, html) = reviewed.split_once("<!DOCTYPE html>").unwrap();
        let name = name.strip_prefix("rendering__").unwrap_or(name);
        mails.push((name.to_owned(), format!("<!DOCTYPE html>{html}")));
    }
    mails.sort_unstable();
    mails
}

fn is_german(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|language| language == "de")
}

/// Writes a mail to a file, as a mail program does that passes it to a browser, and returns its address.
fn written(folder: &Path, name: &str, html: &str) -> String {
    let path: PathBuf = folder.join(format!("{name}.html"));
    fs::write(&path, html).unwrap();
    Url::from_file_path(&path).unwrap().into()
}

async fn look_at(mails: Vec<(String, String)>) {
    assert!(mails.len() > 40, "{} mails", mails.len());
    let (folder, chrome) = (tempfile::tempdir().unwrap(), Chrome::new().await);
    for (name, html) in mails {
        chrome.open(&written(folder.path(), &name, &html)).await;
        for size in [SCREEN, PHONE] {
            chrome.resize(size).await;
            chrome.fits().await;
        }
        for (is_dark, shade) in [(false, "light"), (true, "dark")] {
            chrome.darken(is_dark).await;
            let painted = chrome.run(PAINT).await;
            assert_eq!(painted == "rgb(255, 255, 255)", !is_dark, "{name}: {painted}");
            chrome.is_accessible().await;
            chrome.screenshot(&format!("mail-{name}-{shade}")).await;
        }
    }
}

#[tokio::test]
async fn mails_fit_and_are_accessible() {
    look_at(mails().into_iter().filter(|(name, _)| !is_german(name)).collect()).await;
}

#[tokio::test]
async fn german_mails_fit_and_are_accessible() {
    look_at(mails().into_iter().filter(|(name, _)| is_german(name)).collect()).await;
}
