//! Files that a form does not take.

use std::{fs, path::PathBuf};

use super::shop;
use crate::support::{Backend, Place};

on_the_embedded_database!(wrong_files_are_named_and_the_rest_is_kept);

/// Writes a file that a person has on the own disk.
fn file(place: &Place, name: &str, content: &[u8]) -> [PathBuf; 1] {
    let path = place.path(name);
    fs::write(&path, content).unwrap();
    [path]
}

async fn wrong_files_are_named_and_the_rest_is_kept(backend: Backend) {
    let (server, ada) = shop(backend).await;
    let place = &server.place;
    ada.open(&place.console("/ada/pictures")).await;
    ada.fill("What it shows (optional)", "Pots").await;
    ada.attach("File", &file(place, "notes.txt", b"Only words.")).await;
    ada.press("Upload").await;
    let kinds = "Browsers do not show this kind of file inside a page. Choose a picture (JPEG, PNG, \
                 GIF, WebP, AVIF), a sound or a video, or upload it under Files.";
    ada.refuses(&[("File", kinds)]).await;
    assert_eq!(ada.value("What it shows (optional)").await, "Pots");
    ada.open(&place.console("/ada/files/plans/allowlist/many")).await;
    ada.attach("Or a table (CSV)", &file(place, "list.xlsx", b"PK\x03\x04\x00\x00\xff\xfe\x00"))
        .await;
    ada.press("Check them").await;
    let table =
        "This file is not a text. In your spreadsheet, save it as CSV, then choose that file.";
    ada.refuses(&[("Or a table (CSV)", table)]).await;
    ada.paste("Addresses", "bob@example.com").await;
    ada.attach("Or a table (CSV)", &file(place, "list.csv", b"eve@example.com\n")).await;
    ada.press("Check them").await;
    let both = "Please paste addresses or choose a file, not both.";
    ada.refuses(&[("Or a table (CSV)", both)]).await;
    assert_eq!(ada.value("Addresses").await, "bob@example.com");
}
