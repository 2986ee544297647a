//! The type of a file that is not shown inside pages: what its content tells, and what its sender claims where that tells
//! nothing.

use super::{MediaKind, file::UNKNOWN_TYPE, media::TYPES};

const EPUB: &str = "application/epub+zip";
const OLE: &str = "application/x-ole-storage";
const PDF: &str = "application/pdf";
const RTF: &str = "application/rtf";
const ZIP: &str = "application/zip";

/// The types that are told by the bytes with which files begin, if these are not text.
const MARKED: [&str; 29] = [
    "application/gzip",
    "application/msword",
    "application/vnd.microsoft.portable-executable",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.rar",
    "application/wasm",
    "application/x-7z-compressed",
    "application/x-bzip2",
    "application/x-mach-binary",
    "application/x-mobipocket-ebook",
    "application/x-tar",
    "application/x-xz",
    "application/zstd",
    "audio/midi",
    "audio/x-aiff",
    "image/heif",
    "image/tiff",
    "image/vnd.adobe.photoshop",
    "video/quicktime",
    EPUB,
    OLE,
    ZIP,
];

/// How the names of types begin whose files are zip archives, besides those that end with `+zip`.
const ZIPPED: [&str; 9] = [
    "application/java-archive",
    "application/vnd.android.package-archive",
    "application/vnd.apple.keynote",
    "application/vnd.apple.numbers",
    "application/vnd.apple.pages",
    "application/vnd.oasis.opendocument.",
    "application/vnd.openxmlformats-officedocument.",
    "application/x-zip",
    ZIP,
];

/// How far behind the beginning of a file readers look for the mark of a PDF.
const PDF_MARK_WITHIN: usize = 1024;

/// Returns the type of the content that begins with `head`, which is not shown inside pages. A claim stays unless the content
/// contradicts it.
pub(super) fn decided_type(claim: &str, head: &[u8]) -> String {
    let essence = claim.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if let Some(told) = told_type(head) {
        let decided = if agrees(&essence, told) { claim } else { told };
        return decided.to_owned();
    }
    let is_contradicted = if is_of_texts(&essence) {
        !is_text(head)
    } else if essence == PDF {
        !has_pdf_mark(head)
    } else {
        // Windows gives tables of plain text the type of its own tables.
        let has_mark = format(&essence).is_some_and(|format| format != OLE);
        has_mark || TYPES.contains(&&*essence)
    };
    let decided = if is_contradicted { UNKNOWN_TYPE } else { claim };
    decided.to_owned()
}

/// Returns the type that the content tells by itself. What is a text may be one of many types, which nothing tells apart, and
/// may begin with letters that are the mark of another type.
fn told_type(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"%PDF-") {
        return Some(PDF);
    }
    if head.starts_with(b"{\\rtf") {
        return Some(RTF);
    }
    if is_text(head) {
        return None;
    }
    let found = infer::get(head)?;
    MARKED.into_iter().find(|known| *known == found.mime_type())
}

/// Returns whether a claim is another name of the type that the content tells, or names more closely what it is.
fn agrees(claimed: &str, told: &str) -> bool {
    if claimed == told {
        return true;
    }
    // An archive may be anything that is made of one, except where the content tells what.
    let is_less = told == EPUB || (told != ZIP && is_plain_archive(claimed));
    let of_claim = format(claimed);
    let is_same = of_claim.is_some() && of_claim == format(told) && !is_less;
    let kind = kind_of_media(claimed);
    is_same || (kind.is_some() && kind == kind_of_media(told) && !TYPES.contains(&claimed))
}

fn is_plain_archive(essence: &str) -> bool {
    essence == ZIP || essence.starts_with("application/x-zip")
}

/// Returns the format in which files of a type are written, by its plainest name, if their content tells it.
fn format(essence: &str) -> Option<&'static str> {
    let is_zipped = essence.ends_with("+zip")
        || essence.contains(".macroenabled.")
        || ZIPPED.iter().any(|start| essence.starts_with(start));
    if is_zipped {
        return Some(ZIP);
    }
    if essence.starts_with("application/vnd.ms-") {
        return Some(OLE);
    }
    Some(match essence {
        PDF | "application/x-pdf" => PDF,
        RTF | "text/rtf" => RTF,
        OLE | "application/msword" | "application/vnd.visio" | "application/x-msi" => OLE,
        "application/gzip" | "application/x-gzip" | "application/x-tgz" => "application/gzip",
        "application/vnd.rar" | "application/x-rar" | "application/x-rar-compressed" => {
            "application/vnd.rar"
        }
        "application/x-7z-compressed" => "application/x-7z-compressed",
        "application/x-bzip" | "application/x-bzip2" => "application/x-bzip2",
        "application/x-xz" => "application/x-xz",
        "application/zstd" => "application/zstd",
        _ => return None,
    })
}

/// Returns whether it is the type of a picture or of a recording, if it is one. Sound and video are written in the same formats.
fn kind_of_media(essence: &str) -> Option<MediaKind> {
    match essence.split('/').next() {
        Some("image") => Some(MediaKind::Image),
        Some("audio" | "video") => Some(MediaKind::Video),
        _ => None,
    }
}

fn has_pdf_mark(head: &[u8]) -> bool {
    let start = head.get(..PDF_MARK_WITHIN).unwrap_or(head);
    start.windows(5).any(|window| window == b"%PDF-")
}

fn is_of_texts(essence: &str) -> bool {
    essence.starts_with("text/")
        || essence.ends_with("+xml")
        || essence.ends_with("+json")
        || matches!(essence, "application/json" | "application/xml" | "application/javascript")
}

/// Returns whether the content may be a text: UTF-8 without a NUL byte. Its last character may be cut off.
fn is_text(head: &[u8]) -> bool {
    let error = str::from_utf8(head).err();
    error.is_none_or(|error| error.error_len().is_none()) && !head.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0";
    const GZIP: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0";
    const SEVEN: &[u8] = b"7z\xbc\xaf\x27\x1c\0\x04";
    const ZIPPED: &[u8] = b"PK\x03\x04\x14\0\0\0\x08\0";
    const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

    fn epub() -> Vec<u8> {
        let head = [ZIPPED, &[0; 20]].concat();
        [&*head, b"mimetypeapplication/epub+zip"].concat()
    }

    #[test]
    fn the_content_tells_the_type() {
        for (head, told) in [
            (&b"%PDF-1.4"[..], PDF),
            (ZIPPED, ZIP),
            (GZIP, "application/gzip"),
            (SEVEN, "application/x-7z-compressed"),
            (&*epub(), EPUB),
            (EXE, "application/vnd.microsoft.portable-executable"),
            (&b"{\\rtf1 x}"[..], RTF),
            (&b"MM\0\x2a\0\0\0\x08\0\x0b"[..], "image/tiff"),
        ] {
            for claim in [UNKNOWN_TYPE, "text/plain", "application/x-unheard", "image/png", told] {
                assert_eq!(decided_type(claim, head), told, "{claim}");
            }
            let claim = if told == PDF { ZIP } else { PDF };
            assert_eq!(decided_type(claim, head), told);
        }
    }

    #[test]
    fn a_claim_that_the_content_contradicts_is_lost() {
        let cases: &[(&str, &[u8])] = &[
            (PDF, b"0123456789"),
            ("Application/PDF; x=y", b"<html>"),
            (PDF, b"MZ is how this text begins"),
            (ZIP, b"a text"),
            (WORD, b"a text"),
            (EPUB, b""),
            ("application/x-gzip", b"\x1f\x8b"),
            ("image/png", b"0123456789"),
            ("video/mp4", b"\x80\0"),
            ("text/plain", b"a\0b"),
            ("text/csv; charset=utf-8", b"caf\xe9;1"),
            ("application/json", b"{\0}"),
        ];
        for &(claim, head) in cases {
            assert_eq!(decided_type(claim, head), UNKNOWN_TYPE, "{claim}");
        }
    }

    #[test]
    fn a_claim_that_the_content_leaves_open_stays() {
        let cases: &[(&str, &[u8])] = &[
            ("text/csv; charset=utf-8", "Größe;1".as_bytes()),
            ("text/plain", b"BM, MZ and II*, as texts begin"),
            ("text/plain", b"gr\xc3"),
            ("text/plain", b""),
            ("image/svg+xml", b"<svg/>"),
            ("application/x-unheard", b"\x80\0"),
            (PDF, b"\n\n%PDF-1.4"),
            (WORD, ZIPPED),
            ("application/vnd.ms-word.document.macroEnabled.12", ZIPPED),
            ("application/vnd.oasis.opendocument.text", ZIPPED),
            (EPUB, ZIPPED),
            ("application/x-zip-compressed", ZIPPED),
            ("application/x-gzip", GZIP),
            ("text/rtf", b"{\\rtf1 x}"),
            ("application/vnd.ms-excel", b"a;b"),
            ("image/x-nikon-nef", b"MM\0\x2a\0\0\0\x08\0\x0b"),
        ];
        for &(claim, head) in cases {
            assert_eq!(decided_type(claim, head), claim);
        }
        assert_eq!(decided_type(ZIP, &epub()), EPUB);
        assert_eq!(decided_type(WORD, &epub()), EPUB);
    }
}
