//! Files and the rules for their fields.

use icu_normalizer::DecomposingNormalizer;
use jiff::Timestamp;

use super::{Media, MediaKind};
use crate::{
    access::{PageTerms, Reason, Terms},
    creators::{Page, PageStatus},
    email::Email,
    id::{AllowlistId, FileId, HandleId, PageId},
    names::{Slug, composed},
    text_enum::text_enum,
    validation::{self, Field, FieldError, FieldErrors},
    version::Version,
};

/// The condition for downloading a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileAccess {
    /// The file is open to everyone.
    Public,
    /// The file is open to everyone who may see the page that it is attached to.
    Page,
    /// The file is open to the visitors on its allowlist.
    Allowlist,
}

text_enum!(FileAccess, Public = "PUBLIC", Page = "PAGE", Allowlist = "ALLOWLIST");

/// An entry on a file's allowlist. It applies to everyone who signs in with the address, before or after
/// it was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowlistEntry {
    /// The identifier of the entry. An address that is added again gets a new one.
    pub id: AllowlistId,
    /// The file that the entry belongs to.
    pub file_id: FileId,
    /// The address that has access.
    pub email: Email,
    /// When the address was added.
    pub added_at: Timestamp,
}

/// A file whose content is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The identifier of the file, which is also the name of its object.
    pub id: FileId,
    /// The handle that it belongs to.
    pub handle_id: HandleId,
    /// The name of the file in URLs.
    pub slug: Slug,
    /// The file name offered when downloading. Never a path.
    pub name: String,
    /// The media type of what is not shown inside a page: what the content tells, or else what the uploading client sent. Files
    /// that were uploaded before types were decided have what was sent.
    pub content_type: String,
    /// How browsers show the content inside a page, if they do. Decided from the content.
    pub media: Option<Media>,
    /// The size of the content in bytes.
    pub size: u64,
    /// The SHA-256 hash of the content.
    pub sha256: [u8; 32],
    /// The condition for downloading the file.
    pub access: FileAccess,
    /// The page that the file is attached to. With [`FileAccess::Page`] it is missing only after that
    /// page was deleted; then only the creator has access.
    pub page: Option<AttachedPage>,
    /// When the file was uploaded.
    pub created_at: Timestamp,
    /// When the file was last changed.
    pub updated_at: Timestamp,
    /// Since when the file has the gate of a page, so that its list opens nothing. It is missing unless the access is
    /// [`FileAccess::Page`].
    pub unlisted_at: Option<Timestamp>,
}

impl File {
    /// Returns the media type that is sent with the content.
    pub fn sent_type(&self) -> &str {
        self.media.map_or(&*self.content_type, |media| media.content_type())
    }

    /// Returns whether a file name that somebody typed is the one of this file. Systems write a letter with an accent as one
    /// character or as two, which nobody sees.
    pub fn is_named(&self, name: &str) -> bool {
        composed(&self.name) == composed(name)
    }

    /// Returns whether somebody about whom this was decided is told the file's name: that of a file for invited people is for them
    /// only.
    pub fn is_named_to(&self, reason: Reason) -> bool {
        reason.has_access() || self.access != FileAccess::Allowlist
    }

    /// Returns what identifies this version of the file.
    pub fn version(&self) -> Version {
        self.updated_at.into()
    }

    /// Returns whether everybody may know the name of the file, which is attached to `page` if it is to one.
    pub(crate) fn may_be_named(&self, page: Option<&Page>) -> bool {
        match self.access {
            FileAccess::Public => true,
            FileAccess::Page => page.is_some_and(|page| page.status == PageStatus::Published),
            FileAccess::Allowlist => false,
        }
    }

    /// Returns whether the file is a picture that everybody may open.
    pub fn is_public_picture(&self) -> bool {
        let is_picture = self.media.is_some_and(|media| media.kind() == MediaKind::Image);
        is_picture && self.access == FileAccess::Public
    }
}

/// The page that a file is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedPage {
    /// The identifier of the page.
    pub id: PageId,
    /// The slug of the page.
    pub slug: Slug,
    /// The title of the page.
    pub title: String,
}

impl From<&Page> for AttachedPage {
    fn from(page: &Page) -> Self {
        Self { id: page.id, slug: page.slug.clone(), title: page.title.clone() }
    }
}

/// The fields of a file that is to be uploaded.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// See [`File::slug`].
    pub slug: Slug,
    /// See [`File::access`].
    pub access: FileAccess,
    /// The slug of the page to attach the file to; allowed only with [`FileAccess::Page`].
    pub page_slug: Option<Slug>,
    /// The file name sent by the client, not checked yet.
    pub name: String,
    /// The media type sent by the client, not checked yet.
    pub content_type: Option<String>,
}

/// A change to a file; `None` leaves a field unchanged.
#[derive(Debug, Clone, Default)]
pub struct FileChange {
    /// See [`File::slug`].
    pub slug: Option<Slug>,
    /// See [`File::name`].
    pub name: Option<String>,
    /// See [`File::access`].
    pub access: Option<FileAccess>,
    /// See [`NewFile::page_slug`]; `Some(None)` detaches the file from its page.
    pub page_slug: Option<Option<Slug>>,
}

const MAX_NAME: usize = 200;
const MAX_EXTENSION: usize = 16;
const MAX_TYPE: usize = 200;
pub(super) const UNKNOWN_TYPE: &str = "application/octet-stream";

impl FileAccess {
    /// Returns the setting of the file's gate. `page` is the setting of the gate of the page that the
    /// file is attached to.
    pub fn terms(self, page: Option<PageTerms>) -> Terms {
        match self {
            Self::Public => Terms::PublicFile,
            Self::Page => Terms::PageFile(page),
            Self::Allowlist => Terms::AllowlistedFile,
        }
    }

    /// Returns [`File::unlisted_at`] of a file that gets this access at `now`, from what it was before.
    pub(super) fn unlisted_at(
        self,
        before: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        (self == Self::Page).then(|| before.unwrap_or(now))
    }

    /// Checks that a page is given if the file needs one, and only then.
    pub fn check_page(self, has_page: bool) -> Result<(), FieldErrors> {
        match (self, has_page) {
            (Self::Page, false) => {
                Err(FieldErrors::one(Field::PageOfFile, FieldError::PageMissing))
            }
            (Self::Public | Self::Allowlist, true) => {
                Err(FieldErrors::one(Field::PageOfFile, FieldError::PageUnexpected))
            }
            _ => Ok(()),
        }
    }
}

/// Returns when the access ended that a place on a file's list gives, if it has ended: when the address was removed from the
/// list, or when the list [stopped](File::unlisted_at) opening the file. A place that was added after that ended at once.
pub fn end_of_place(
    added_at: Timestamp,
    removed_at: Option<Timestamp>,
    unlisted_at: Option<Timestamp>,
) -> Option<Timestamp> {
    let ends = [removed_at, unlisted_at].into_iter().flatten();
    ends.min().map(|end| end.max(added_at))
}

impl FileChange {
    /// Checks the name, so that the errors of all fields can be told at once.
    pub fn check_name(name: &str) -> Result<(), FieldErrors> {
        checked_name(name).map(drop)
    }
}

/// Checks a file name that a creator entered.
pub(super) fn checked_name(name: &str) -> Result<String, FieldErrors> {
    let line = validation::line(name, 1, MAX_NAME);
    let line = line.and_then(|name| {
        if name == cleaned_name(&name) { Ok(name) } else { Err(FieldError::FileName) }
    });
    line.map_err(|error| FieldErrors::one(Field::FileName, error))
}

/// Returns the last part of a client's file name, without characters that have a special meaning in a
/// header or a directory.
pub(super) fn cleaned_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String =
        last.chars().filter(|c| validation::line(&c.to_string(), 0, 1).is_ok()).collect();
    let kept = shortened(plain.trim());
    // Dots, and characters that show nothing, do not make a name.
    let is_shown = validation::line(kept.trim_matches('.'), 1, MAX_NAME).is_ok();
    if is_shown { kept } else { "file".to_owned() }
}

/// Returns the ways in which systems write a file name, each once.
pub(super) fn spellings(name: &str) -> Vec<String> {
    let decomposed = DecomposingNormalizer::new_nfd().normalize(name);
    let mut all = vec![name.to_owned(), composed(name).into_owned(), decomposed.into_owned()];
    all.sort_unstable();
    all.dedup();
    all
}

/// Returns as much of a file name as is kept, with its extension, since that tells the type of the file.
fn shortened(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, end)) if end.chars().count() <= MAX_EXTENSION => (stem, format!(".{end}")),
        _ => (name, String::new()),
    };
    let room = MAX_NAME - extension.chars().count();
    stem.chars().take(room).chain(extension.chars()).collect()
}

/// Returns the media type if it is safe to send as a header, or else the type for unknown bytes.
pub(super) fn cleaned_type(text: Option<&str>) -> String {
    let text = text.unwrap_or_default().trim();
    let essence = text.split(';').next().unwrap_or_default().trim();
    let sound = text.len() <= MAX_TYPE
        && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
        && essence.split_once('/').is_some_and(|(kind, rest)| is_token(kind) && is_token(rest));
    if sound { text.to_owned() } else { UNKNOWN_TYPE.to_owned() }
}

/// Returns whether the text is a token as defined in RFC 9110 §5.6.2.
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
            ("\u{200b}", "file"),
            ("a/\u{200b}\u{ad}", "file"),
            ("..\u{200b}", "file"),
            (&*format!("{}a", "\u{200b}".repeat(200)), "file"),
            ("\u{200b}.txt", "\u{200b}.txt"),
        ] {
            assert_eq!(cleaned_name(said), kept, "{said:?}");
        }
    }

    #[test]
    fn a_place_ends_with_the_first_that_ends_it() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (removed, unlisted, ended) in [
            (None, None, None),
            (Some(5), None, Some(5)),
            (None, Some(6), Some(6)),
            (Some(5), Some(6), Some(5)),
            (Some(7), Some(6), Some(6)),
            (None, Some(1), Some(3)),
        ] {
            let found = end_of_place(at(3), removed.map(at), unlisted.map(at));
            assert_eq!(found, ended.map(at), "{removed:?} {unlisted:?}");
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
        for bad in ["", " ", "\u{200b}", "a/b", "a\\b", "a\nb", "..", " a", &"x".repeat(201)] {
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
