//! Disk space, and who can read what the program writes.

use std::{
    collections::BTreeSet,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::{Access, access, statvfs};
use tollgate_file_store::FilesUrl;
use tollgate_mailer::MailUrl;
use tollgate_persistence::DatabaseUrl;

use super::Finding;
use crate::{config::Config, payments::VAR};

const MIB: u64 = 1 << 20;
/// Below this the database may soon be unable to write.
const TOO_LITTLE: u64 = 100 * MIB;
const LITTLE: u64 = 1024 * MIB;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let places = places(config);
    let (places, wrong): (Vec<_>, Vec<_>) = places.into_iter().partition(Place::is_of_its_kind);
    let places: Vec<_> = places.into_iter().map(|place| place.path).collect();
    let wrong = wrong.iter().map(Place::wrong);
    let folders: BTreeSet<_> = places.iter().filter_map(|path| existing(path)).collect();
    let can = |path: &Path, how: Access| access(path, how).is_ok();
    let others = [writable(&places, can), permissions(&places, &config.secret_files)];
    wrong.chain(folders.iter().map(|folder| space(folder))).chain(others).collect()
}

/// Something that is written on this machine.
struct Place {
    path: PathBuf,
    is_directory: bool,
    setting: &'static str,
}

impl Place {
    fn directory(path: impl Into<PathBuf>, setting: &'static str) -> Self {
        Self { path: path.into(), is_directory: true, setting }
    }

    fn file(path: impl Into<PathBuf>, setting: &'static str) -> Self {
        Self { path: path.into(), is_directory: false, setting }
    }

    /// Returns whether there is nothing in its place, or what the server makes there.
    fn is_of_its_kind(&self) -> bool {
        !self.path.exists()
            || if self.is_directory { self.path.is_dir() } else { self.path.is_file() }
    }

    fn wrong(&self) -> Finding {
        let (path, setting) = (self.path.display(), self.setting);
        let kind = if self.is_directory { "directory" } else { "file" };
        Finding::problem(
            "files",
            format!("{path} is not a {kind}"),
            format!("set {setting} to another place, or move what is there away"),
        )
    }
}

/// Returns everything that is written on this machine.
fn places(config: &Config) -> Vec<Place> {
    let here = "the working directory";
    let mut places =
        vec![Place::directory(VAR, here), Place::file(Path::new(VAR).join("jwt-secret"), here)];
    if let DatabaseUrl::Sqlite(path) = &config.database {
        let setting = "TOLLGATE_DATABASE_URL";
        places.push(Place::file(path, setting));
        places.push(Place::file(format!("{}-wal", path.display()), setting));
    }
    if let FilesUrl::Directory(path) = &config.files {
        places.push(Place::directory(path, "TOLLGATE_FILES_URL"));
    }
    if let MailUrl::Directory(path) = &config.mail {
        places.push(Place::directory(path, "TOLLGATE_MAIL_URL"));
    }
    places
}

/// Returns the nearest directory above a path that exists.
fn existing(path: &Path) -> Option<PathBuf> {
    let above = path.ancestors().skip(1).find(|path| path.as_os_str().is_empty() || path.is_dir());
    let above = if path.is_dir() { path } else { above? };
    let here = if above.as_os_str().is_empty() { Path::new(".") } else { above };
    std::path::absolute(here).ok()
}

fn space(folder: &Path) -> Finding {
    let shown = folder.display();
    let free = match statvfs(folder) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => {
            return Finding::warning(
                "disk",
                format!("cannot tell how much is free at {shown}: {error}"),
                "let this user read the directory",
            );
        }
    };
    let mend = "make room, or move the data to a larger disk; a full disk stops sign-ins and sales";
    let message = format!("{} MiB are free at {shown}", free / MIB);
    if free < TOO_LITTLE {
        Finding::problem("disk", message, mend)
    } else if free < LITTLE {
        Finding::warning("disk", message, mend)
    } else {
        Finding::ok("disk", message)
    }
}

/// Looks whether this user can write what the server writes: what is there, and the directories where the rest is made.
fn writable(places: &[PathBuf], can: impl Fn(&Path, Access) -> bool) -> Finding {
    let is_closed = |path: &PathBuf| {
        let (place, how) = if path.is_file() {
            (path.clone(), Access::READ_OK | Access::WRITE_OK)
        } else {
            (existing(path)?, Access::WRITE_OK | Access::EXEC_OK)
        };
        (!can(&place, how)).then_some(place)
    };
    let closed: BTreeSet<_> = places.iter().filter_map(is_closed).collect();
    if closed.is_empty() {
        return Finding::ok("files", "this user can write what the server writes");
    }
    let names: Vec<_> = closed.iter().map(|path| path.display().to_string()).collect();
    Finding::problem(
        "files",
        format!("this user cannot read and write {}", names.join(", ")),
        format!("run this as the server's user; if that is done, chown it: {}", names.join(" ")),
    )
}

/// Looks who can read what the server writes, which is for its user alone, and the files with secrets, which a group
/// may have been given.
fn permissions(places: &[PathBuf], secrets: &[PathBuf]) -> Finding {
    let open = |paths: &[PathBuf], bits: u32| {
        let is_open = |path: &&PathBuf| {
            let mode = path.metadata().map(|metadata| metadata.permissions().mode());
            mode.is_ok_and(|mode| mode & bits != 0)
        };
        let open = paths.iter().filter(is_open).map(|path| path.display().to_string());
        open.collect::<Vec<_>>()
    };
    let (places, secrets) = (open(places, 0o077), open(secrets, 0o007));
    let commands = [("chmod -R go=", &places), ("chmod o=", &secrets)].map(|(command, paths)| {
        (!paths.is_empty()).then(|| format!("{command} {}", paths.join(" ")))
    });
    let commands: Vec<_> = commands.into_iter().flatten().collect();
    if commands.is_empty() {
        return Finding::ok("permissions", "what is written, and secrets, are for this user alone");
    }
    Finding::warning(
        "permissions",
        format!("other users of this machine can read {}", [places, secrets].concat().join(", ")),
        commands.join("; "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_can_read_is_named_with_its_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "x").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        let found = permissions(std::slice::from_ref(&path), &[]);
        assert!(found.mend.unwrap().starts_with("chmod -R go= "), "{}", found.message);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        assert_eq!(permissions(&[path], &[]).mend, None);
    }

    #[test]
    fn secrets_are_for_the_servers_user_and_group() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tollgate.toml");
        std::fs::write(&path, "x").unwrap();
        for (mode, is_open) in [(0o644, true), (0o640, false), (0o600, false)] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            let found = permissions(&[], std::slice::from_ref(&path));
            let mend = is_open.then(|| format!("chmod o= {}", path.display()));
            assert_eq!(found.mend, mend, "{mode:o}");
        }
    }

    #[test]
    fn what_is_of_another_kind_is_named_and_not_changed() {
        let place = Place::directory("/dev/null", "TOLLGATE_FILES_URL");
        assert!(!place.is_of_its_kind());
        assert_eq!(place.wrong().message, "/dev/null is not a directory");
        assert!(place.wrong().mend.unwrap().contains("TOLLGATE_FILES_URL"));
        assert!(!Place::file("/", "TOLLGATE_DATABASE_URL").is_of_its_kind());
        assert!(Place::directory("/", "TOLLGATE_FILES_URL").is_of_its_kind());
    }

    #[test]
    fn what_is_not_writable_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("jwt-secret");
        std::fs::write(&there, "x").unwrap();
        let places = [folder.path().join("var/tollgate.db"), there.clone()];
        assert_eq!(writable(&places, |_, _| true).mend, None);
        let found = writable(&places, |path, _| path != there);
        assert!(found.message.ends_with("jwt-secret"), "{}", found.message);
        // What is not there yet is made in the nearest directory.
        let found = writable(&places, |path, how| path == there || how == Access::READ_OK);
        assert!(found.message.ends_with(&folder.path().display().to_string()), "{}", found.message);
    }

    #[test]
    fn relative_place_is_made_where_the_program_runs() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(existing(Path::new("not-there-yet")), Some(here));
    }

    #[test]
    fn space_is_looked_at_where_a_directory_will_be_made() {
        let folder = tempfile::tempdir().unwrap();
        let later = folder.path().join("var/files");
        assert_eq!(existing(&later).as_deref(), Some(folder.path()));
    }
}
