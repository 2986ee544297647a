//! A file, and how it may be described.

use jiff::Timestamp;

use crate::{
    access::{PageTerms, Terms},
    id::{FileId, HandleId, PageId},
    names::Slug,
    text_enum::text_enum,
    validation::{self, FieldErrors},
};

/// Who may have a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileAccess {
    /// Everyone.
    Public,
    /// Whoever may see the page that it is attached to.
    Page,
    /// The visitors on its list.
    Allowlist,
}

text_enum!(
    FileAccess,
    "PUBLIC, PAGE, ALLOWLIST",
    Public = "PUBLIC",
    Page = "PAGE",
    Allowlist = "ALLOWLIST"
);

/// A file whose content is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id, which is also the name of its object.
    pub id: FileId,
    /// The handle that it belongs to.
    pub handle_id: HandleId,
    /// Its name in addresses.
    pub slug: Slug,
    /// The name that it is saved under, for people. Never a path.
    pub name: String,
    /// Its media type, as whoever uploaded it said.
    pub content_type: String,
    /// How many bytes it has.
    pub size: u64,
    /// The hash of its bytes.
    pub sha256: [u8; 32],
    /// Who may have it.
    pub access: FileAccess,
    /// The page that it is attached to. With [`FileAccess::Page`] it is missing only after that page was
    /// deleted: then nobody but the creator has access.
    pub page: Option<AttachedPage>,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// The page that a file is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedPage {
    /// The page.
    pub id: PageId,
    /// Its slug.
    pub slug: Slug,
}

/// What is said of a file before its content.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// See [`File::slug`].
    pub slug: Slug,
    /// See [`File::access`].
    pub access: FileAccess,
    /// The page to attach it to; goes with [`FileAccess::Page`] only.
    pub page_slug: Option<Slug>,
    /// The client's name for it, which may be anything.
    pub name: String,
    /// The client's media type for it, which may be anything.
    pub content_type: Option<String>,
}

/// Changes to a file; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct FileChange {
    /// See [`File::slug`].
    pub slug: Option<Slug>,
    /// See [`File::name`].
    pub name: Option<String>,
    /// See [`File::access`].
    pub access: Option<FileAccess>,
    /// See [`NewFile::page_slug`].
    pub page_slug: Option<Slug>,
}

const MAX_NAME: usize = 200;
const MAX_EXTENSION: usize = 16;
const MAX_TYPE: usize = 200;
const UNKNOWN_TYPE: &str = "application/octet-stream";

impl FileAccess {
    /// Returns how the gate of a file is set; `page` is how that of the page is set that it is attached
    /// to.
    pub fn terms(self, page: Option<PageTerms>) -> Terms {
        match self {
            Self::Public => Terms::PublicFile,
            Self::Page => Terms::PageFile(page),
            Self::Allowlist => Terms::AllowlistedFile,
        }
    }

    /// Whether the file needs a page, has one that it must not have, or neither.
    pub(super) fn check_page(self, has_page: bool) -> Result<(), FieldErrors> {
        match (self, has_page) {
            (Self::Page, false) => {
                Err(FieldErrors::one("page_slug", "is required when access is PAGE"))
            }
            (Self::Public | Self::Allowlist, true) => {
                Err(FieldErrors::one("page_slug", "goes with access PAGE only"))
            }
            _ => Ok(()),
        }
    }
}

/// A name that a creator typed.
pub(super) fn checked_name(name: &str) -> Result<String, FieldErrors> {
    let line = validation::line(name, 1, MAX_NAME);
    let line = line.and_then(|name| {
        if name == cleaned_name(&name) {
            Ok(name)
        } else {
            Err("must be a plain name without slashes".to_owned())
        }
    });
    line.map_err(|error| FieldErrors::one("name", error))
}

/// What is left of a client's file name: its last part, without what could turn it into something
/// else in a header or in a folder.
pub(super) fn cleaned_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String =
        last.chars().filter(|c| validation::line(&c.to_string(), 0, 1).is_ok()).collect();
    let plain = plain.trim();
    if plain.trim_matches('.').is_empty() {
        return "file".to_owned();
    }
    if plain.chars().count() <= MAX_NAME {
        return plain.to_owned();
    }
    // The end of a name says what it is.
    let (stem, extension) = match plain.rsplit_once('.') {
        Some((stem, end)) if end.chars().count() <= MAX_EXTENSION => (stem, format!(".{end}")),
        _ => (plain, String::new()),
    };
    let room = MAX_NAME - extension.chars().count();
    stem.chars().take(room).chain(extension.chars()).collect()
}

/// A media type that is safe to send as a header, or the one for unknown bytes.
pub(super) fn cleaned_type(text: Option<&str>) -> String {
    let text = text.unwrap_or_default().trim();
    let essence = text.split(';').next().unwrap_or_default().trim();
    let sound = text.len() <= MAX_TYPE
        && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
        && essence.split_once('/').is_some_and(|(kind, rest)| is_token(kind) && is_token(rest));
    if sound { text.to_owned() } else { UNKNOWN_TYPE.to_owned() }
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_last_part_of_what_the_client_said() {
        for (said, kept) in [
            ("guide.pdf", "guide.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ada\\guide.pdf", "guide.pdf"),
            ("a\r\nSet-Cookie: x=y\".pdf", "aSet-Cookie: x=y\".pdf"),
            ("  Größe ☃.txt ", "Größe ☃.txt"),
            ("evil\u{202e}fdp.exe", "evilfdp.exe"),
            ("", "file"),
            ("..", "file"),
            ("a/", "file"),
            ("\0", "file"),
        ] {
            assert_eq!(cleaned_name(said), kept, "{said:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        let kept = cleaned_name(&format!("{}.tar", "ä".repeat(500)));
        assert_eq!(kept.chars().count(), MAX_NAME);
        assert!(kept.ends_with("ä.tar"));
        assert_eq!(cleaned_name(&"x".repeat(500)).len(), MAX_NAME);
    }

    #[test]
    fn a_name_that_is_typed_is_refused_rather_than_changed() {
        assert_eq!(checked_name("a b.pdf"), Ok("a b.pdf".to_owned()));
        for bad in ["", " ", "a/b", "a\\b", "a\nb", "..", " a", &"x".repeat(201)] {
            assert!(checked_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_media_type_that_is_none_becomes_unknown_bytes() {
        for good in ["text/plain", "text/plain; charset=utf-8", "application/vnd.x+json"] {
            assert_eq!(cleaned_type(Some(good)), good);
        }
        for bad in
            ["", "text", "text/", "a b/c", "text/plain\r\nX: y", "text/plän", &"x/".repeat(101)]
        {
            assert_eq!(cleaned_type(Some(bad)), UNKNOWN_TYPE, "{bad:?}");
        }
        assert_eq!(cleaned_type(None), UNKNOWN_TYPE);
    }
}
