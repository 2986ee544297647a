//! Tests of backups.

use std::{collections::BTreeSet, fs, io::Read, path::Path, sync::Arc, time::SystemTime};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use serde_json::json;
use tokio::{sync::oneshot, task::spawn_blocking};

use crate::support::{Backend, Buyer, Place, Server, Upload, sha256, until_so};

/// Runs a command, and returns whether it succeeded and what it printed.
async fn run(place: &Arc<Place>, arguments: &[&str]) -> (bool, String) {
    let place = place.clone();
    let arguments: Vec<_> = arguments.iter().map(|text| (*text).to_owned()).collect();
    let output = spawn_blocking(move || {
        place.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let output = output.await.unwrap();
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.success(), printed.concat())
}

/// Signs in one visitor after the other until told to stop, and returns those who were signed in.
async fn load(server: &Server, mut stop: oneshot::Receiver<()>) -> Vec<Buyer> {
    let mut known = Vec::new();
    while stop.try_recv().is_err() {
        known.push(server.sign_in(&format!("visitor{}@example.com", known.len())).await);
    }
    known
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_under_load_is_restored_elsewhere_and_the_gate_works() {
    let server = Server::fresh(Backend::Sqlite).await;
    let ada = server.ada().await;
    let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    server.upload(&ada, &Upload::public("numbers", &content)).await;
    server.upload(&ada, &Upload::on("guide", "extra", b"for buyers")).await;
    let (bob, _) = server.bought(&server.place.sandbox(), "bob@example.com").await;

    let (stop, stopped) = oneshot::channel();
    let archive = server.place.path("saved.tar").display().to_string();
    let place = server.place.clone();
    let backup = async {
        let saved = run(&place, &["backup", &archive]).await;
        stop.send(()).unwrap();
        saved
    };
    let ((is_saved, told), busy) = tokio::join!(backup, load(&server, stopped));
    assert!(is_saved, "{told}");
    assert!(told.contains("2 files"), "{told}");
    assert!(!busy.is_empty());
    let again = run(&server.place, &["backup", &archive]).await;
    assert!(!again.0 && again.1.contains("choose another name"), "{again:?}");
    let settings = entry(&server.place.path("saved.tar"), "settings.toml").unwrap();
    assert!(settings.contains(&format!("\"{}\"", server.place.domain())), "{settings}");
    // Nothing else is left beside it.
    assert_eq!(drafts(&server.place), BTreeSet::new());

    let elsewhere = Arc::new(Place::new(Backend::Sqlite).await);
    let (is_restored, told) = run(&elsewhere, &["restore", &archive]).await;
    assert!(is_restored, "{told}");
    assert!(told.contains(&format!("tar -xOf {archive} settings.toml")), "{told}");
    let refused = run(&elsewhere, &["restore", &archive]).await;
    assert!(!refused.0 && refused.1.contains("exists"), "{refused:?}");
    let elsewhere = Arc::try_unwrap(elsewhere).unwrap();
    let restored = elsewhere.serve().await;
    assert_eq!(restored.access(&bob.cookie, "guide").await, "entitled");
    let extra = restored.file("extra").cookie(&bob.cookie).bytes().await;
    assert_eq!((extra.0.status, extra.1.as_slice()), (200, b"for buyers".as_slice()));
    assert_eq!(restored.file("numbers").bytes().await.1, content);
    assert_eq!(restored.file("extra").send().await.status, 401);
    let eve = restored.sign_in("eve@example.com").await;
    assert_eq!(restored.access(&eve.cookie, "letters").await, "entitled");
    assert_eq!(restored.access(&eve.cookie, "guide").await, "purchase_required");
    restored.ada().await;
}

/// Returns the names of what backups have not completed.
fn drafts(place: &Place) -> BTreeSet<String> {
    let entries = fs::read_dir(place.path("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".tollgate-backup-")).collect()
}

#[tokio::test]
async fn backup_that_a_signal_ends_leaves_nothing() {
    let place = Arc::new(Place::new(Backend::Sqlite).await);
    let (is_made, told) = run(&place, &["demo"]).await;
    assert!(is_made, "{told}");
    let database = place.path("var/tollgate.db");
    // The backup waits for it.
    let mut holder = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    holder.batch_execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let mut backup = Server::beside(&place, &["backup", "saved.tar"], "backup");
    until_so("the backup begins", async || !drafts(&place).is_empty()).await;
    let (status, _) = backup.terminate().await;
    let told = place.read("backup.err");
    assert_eq!(status.code(), Some(1), "{told}");
    assert!(told.contains("a signal ended it"), "{told}");
    assert_eq!(drafts(&place), BTreeSet::new());
    assert!(!place.path("saved.tar").exists());
}

#[tokio::test]
async fn what_an_ended_backup_left_is_removed_by_the_next() {
    let place = Arc::new(Place::new(Backend::Sqlite).await);
    assert!(run(&place, &["demo"]).await.0);
    let named = |end: &str| place.path(&format!(".tollgate-backup-{end}"));
    for end in ["ended", "running", "new"] {
        fs::create_dir(named(end)).unwrap();
        fs::write(named(end).join("database.sqlite"), "half a database").unwrap();
    }
    fs::write(named("file"), "half an archive").unwrap();
    for end in ["ended", "running", "file"] {
        fs::File::open(named(end)).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }
    let running = fs::File::open(named("running")).unwrap();
    running.try_lock().unwrap();
    let (is_saved, told) = run(&place, &["backup", "saved.tar"]).await;
    assert!(is_saved, "{told}");
    let left = [".tollgate-backup-new", ".tollgate-backup-running"].map(str::to_owned);
    assert_eq!(drafts(&place), BTreeSet::from(left));
}

#[tokio::test]
async fn half_or_altered_archive_is_refused_and_leaves_nothing() {
    let server = Server::fresh(Backend::Sqlite).await;
    let ada = server.ada().await;
    server.upload(&ada, &Upload::public("notes", b"some notes")).await;
    let archive = server.place.path("saved.tar");
    let shown = archive.display().to_string();
    assert!(run(&server.place, &["backup", &shown]).await.0);
    let whole = fs::read(&archive).unwrap();

    let elsewhere = Arc::new(Place::new(Backend::Sqlite).await);
    let damaged = elsewhere.path("damaged.tar");
    let name = damaged.display().to_string();
    let find = |text: &[u8]| whole.windows(text.len()).position(|part| part == text).unwrap();
    for (what, bytes) in [
        ("half", whole[..whole.len() / 2].to_vec()),
        ("without its end", whole[..whole.len() - 3_000].to_vec()),
        ("without the blocks that end it", whole[..whole.len() - 1_024].to_vec()),
        ("without its last byte", whole[..whole.len() - 1].to_vec()),
        ("with something behind its end", [&whole[..], b"more"].concat()),
        ("an altered file", altered(&whole, find(b"some notes"))),
        ("an altered database", altered(&whole, 5_000)),
        ("an altered manifest", altered(&whole, find(b"createdAt"))),
        ("nothing", Vec::new()),
        ("something else", b"hello".repeat(1_000)),
    ] {
        fs::write(&damaged, bytes).unwrap();
        let (is_restored, told) = run(&elsewhere, &["restore", &name]).await;
        assert!(!is_restored, "{what}: {told}");
        assert!(told.contains("incomplete or damaged"), "{what}: {told}");
        assert!(!elsewhere.path("var/tollgate.db").exists(), "{what}");
    }
    assert!(run(&elsewhere, &["restore", &shown]).await.0);
}

/// Returns the text of an entry of an archive.
fn entry(archive: &Path, name: &str) -> Option<String> {
    let mut archive = tar::Archive::new(fs::File::open(archive).unwrap());
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    let mut found = entries.find(|entry| entry.path().unwrap().to_str() == Some(name))?;
    let mut text = String::new();
    found.read_to_string(&mut text).unwrap();
    Some(text)
}

#[tokio::test]
async fn archive_without_settings_is_restored_and_one_with_secrets_has_none_in_it() {
    let secret = "a secret of thirty-two characters or more";
    let place = Place::new(Backend::Sqlite).await.with("TOLLGATE_JWT_SECRET", secret);
    let server = place.serve().await;
    let saved = server.place.path("saved.tar");
    assert!(run(&server.place, &["backup", "saved.tar"]).await.0);
    let settings = entry(&saved, "settings.toml").unwrap();
    assert!(settings.contains("jwt_secret") && !settings.contains(secret), "{settings}");

    // As earlier versions wrote it.
    let mut database = Vec::new();
    let mut archive = tar::Archive::new(fs::File::open(&saved).unwrap());
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    entries.next().unwrap().read_to_end(&mut database).unwrap();
    let elsewhere = Arc::new(Place::new(Backend::Sqlite).await);
    write_archive(&elsewhere.path("before.tar"), &[("database.sqlite", database.as_slice())]);
    let (is_restored, told) = run(&elsewhere, &["restore", "before.tar"]).await;
    assert!(is_restored && !told.contains("settings"), "{told}");
}

/// Writes an archive with these entries, and a manifest that fits them.
fn write_archive(path: &Path, entries: &[(&str, &[u8])]) {
    let listed: Vec<_> = entries
        .iter()
        .map(|(name, content)| {
            json!({"name": name, "size": content.len(), "sha256": sha256(content)})
        })
        .collect();
    let manifest = json!({"form": 1, "entries": listed}).to_string();
    let hash = sha256(manifest.as_bytes());
    let ends = [("manifest.json", manifest.as_bytes()), ("manifest.sha256", hash.as_bytes())];
    let mut archive = tar::Builder::new(fs::File::create(path).unwrap());
    for (name, content) in entries.iter().copied().chain(ends) {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(content.len()).unwrap());
        header.set_mode(0o600);
        archive.append_data(&mut header, name, content).unwrap();
    }
    archive.finish().unwrap();
}

#[tokio::test]
async fn restore_that_fails_leaves_nothing_in_the_way_of_the_next() {
    let place = Arc::new(Place::new(Backend::Sqlite).await);
    let file = ("files/fil_01arz3ndektsv4rrffq69g5fav", b"some notes".as_slice());
    let database = ("database.sqlite", b"no database at all".as_slice());
    write_archive(&place.path("saved.tar"), &[database, file]);
    for _ in 0..2 {
        let (is_restored, told) = run(&place, &["restore", "saved.tar"]).await;
        assert!(!is_restored && told.contains("its database is damaged"), "{told}");
        assert_eq!(fs::read_dir(place.path("var/files")).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn what_an_ended_restore_left_is_named_and_then_removed() {
    let server = Server::fresh(Backend::Sqlite).await;
    let archive = server.place.path("saved.tar").display().to_string();
    assert!(run(&server.place, &["backup", &archive]).await.0);
    let elsewhere = Arc::new(Place::new(Backend::Sqlite).await);
    let (draft, file) = (
        elsewhere.path("var/.tollgate-restore-Xq9"),
        elsewhere.path("var/files/fil_01arz3ndektsv4rrffq69g5fav"),
    );
    fs::create_dir_all(elsewhere.path("var/files")).unwrap();
    fs::write(&draft, "half a database").unwrap();
    fs::write(&file, "some notes").unwrap();
    let (is_restored, told) = run(&elsewhere, &["restore", &archive]).await;
    assert!(!is_restored && told.contains("did not come to its end"), "{told}");
    assert!(file.exists(), "it may be of another installation");
    assert!(!draft.exists(), "nobody needs half a database");
    fs::remove_file(&file).unwrap();
    let (is_restored, told) = run(&elsewhere, &["restore", &archive]).await;
    assert!(is_restored && !draft.exists(), "{told}");
}

#[tokio::test]
async fn entry_that_a_backup_does_not_have_is_refused_by_its_name() {
    let place = Arc::new(Place::new(Backend::Sqlite).await);
    let database = ("database.sqlite", b"no database at all".as_slice());
    for name in ["etc/passwd", "files/notes.txt", "files/fil_01arz3ndektsv4rrffq69g5fav/x"] {
        write_archive(&place.path("saved.tar"), &[database, (name, b"x")]);
        let (is_restored, told) = run(&place, &["restore", "saved.tar"]).await;
        assert!(!is_restored && told.contains(&format!("{name:?} is not part")), "{told}");
    }
    let mut archive = tar::Builder::new(fs::File::create(place.path("saved.tar")).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    let file = "files/fil_01arz3ndektsv4rrffq69g5fav";
    archive.append_link(&mut header, file, "/etc/passwd").unwrap();
    archive.finish().unwrap();
    drop(archive);
    let (is_restored, told) = run(&place, &["restore", "saved.tar"]).await;
    assert!(!is_restored && told.contains(&format!("{file:?} is a link")), "{told}");
    assert!(!place.path("var/tollgate.db").exists());
}

#[tokio::test]
async fn second_restore_at_once_is_refused() {
    let server = Server::fresh(Backend::Sqlite).await;
    let archive = server.place.path("saved.tar").display().to_string();
    assert!(run(&server.place, &["backup", &archive]).await.0);
    let elsewhere = Arc::new(Place::new(Backend::Sqlite).await);
    fs::create_dir(elsewhere.path("var")).unwrap();
    let other = fs::File::open(elsewhere.path("var")).unwrap();
    other.try_lock().unwrap();
    let (is_restored, told) = run(&elsewhere, &["restore", &archive]).await;
    assert!(!is_restored && told.contains("another restore writes to var now"), "{told}");
    assert!(!elsewhere.path("var/tollgate.db").exists());
    drop(other);
    assert!(run(&elsewhere, &["restore", &archive]).await.0);
}

#[tokio::test]
async fn archive_that_lacks_files_is_saved_and_called_that() {
    let server = Server::fresh(Backend::Sqlite).await;
    let ada = server.ada().await;
    server.upload(&ada, &Upload::public("notes", b"some notes")).await;
    let archive = server.place.path("saved.tar").display().to_string();
    fs::rename(server.place.path("var/files"), server.place.path("var/elsewhere")).unwrap();
    let (is_saved, told) = run(&server.place, &["backup", &archive]).await;
    assert!(!is_saved && told.contains("lacks 1 file that") && told.contains("console"), "{told}");
    let lost = told.lines().find(|line| line.starts_with("Lost: fil_"));
    assert!(lost.is_some_and(|line| line.ends_with("  ada/notes")), "{told}");
    let elsewhere = Arc::new(Place::new(Backend::Sqlite).await);
    let (is_restored, told) = run(&elsewhere, &["restore", &archive]).await;
    assert!(is_restored, "{told}");
}

fn altered(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

#[tokio::test]
async fn dash_is_not_taken_for_the_name_of_a_file() {
    let server = Server::fresh(Backend::Sqlite).await;
    for (command, stream) in [("backup", "standard output"), ("restore", "standard input")] {
        let (is_done, told) = run(&server.place, &[command, "-"]).await;
        assert!(!is_done && told.contains(stream), "{told}");
        assert!(!server.place.path("-").exists());
    }
}

#[tokio::test]
async fn what_is_missing_is_named_and_nothing_is_made() {
    let place = Arc::new(Place::new(Backend::Sqlite).await);
    for (command, missing) in
        [("backup", "no database at var/tollgate.db"), ("restore", "cannot read saved.tar")]
    {
        let (is_done, told) = run(&place, &[command, "saved.tar"]).await;
        assert!(!is_done && told.contains(missing), "{told}");
        assert!(!place.path("var").exists(), "{command}");
    }
}

#[tokio::test]
async fn postgresql_is_left_to_its_own_tools() {
    let place = Arc::new(Place::new(Backend::Postgres).await);
    for command in ["backup", "restore"] {
        let (is_done, told) = run(&place, &[command, "saved.tar"]).await;
        assert!(!is_done && told.contains("pg_dump"), "{told}");
    }
}
