//! What browsers show inside a page, decided from a file's content.

use std::{fmt, str::FromStr};

use super::orientation;

/// The types that browsers show without running anything in them. Everything else is an attachment.
/// Source: `docs/files.md`.
pub(super) const TYPES: [&str; 13] = [
    "audio/aac",
    "audio/flac",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/x-wav",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "video/mp4",
    "video/webm",
];

/// How many bytes at the start of a file decide its type.
pub(super) const HEAD_BYTES: usize = 64 * 1024;

/// How a file is shown inside a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
}

/// The type of a picture, sound or video, and the size of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Media {
    content_type: &'static str,
    size: Option<(u32, u32)>,
}

/// The text is not that of a [`Media`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a type that is shown inside pages")]
pub struct MediaError;

impl Media {
    /// Returns the type of the content that begins with `head`, if browsers show it.
    pub fn of(head: &[u8]) -> Option<Self> {
        let content_type = content_type(head)?;
        let size = imagesize::blob_size(head).ok();
        let size = size.filter(|_| content_type.starts_with("image/"));
        let size = size.and_then(|size| {
            Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))
        });
        let is_turned = content_type == "image/jpeg" && orientation::is_turned(head);
        let size =
            size.map(|(width, height)| if is_turned { (height, width) } else { (width, height) });
        Some(Self { content_type, size })
    }

    /// Returns the media type.
    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// Returns the width and height of a picture in pixels, as browsers show it, if they are known.
    pub fn size(&self) -> Option<(u32, u32)> {
        self.size
    }

    /// Returns how it is shown.
    pub fn kind(&self) -> MediaKind {
        match self.content_type.split('/').next() {
            Some("audio") => MediaKind::Audio,
            Some("video") => MediaKind::Video,
            _ => MediaKind::Image,
        }
    }
}

/// Returns the type of the content that begins with `head`, if browsers show it.
fn content_type(head: &[u8]) -> Option<&'static str> {
    match infer::get(head).map(|found| registered(found.mime_type())) {
        // Browsers no longer show this video.
        Some("audio/ogg") if has_theora(head) => None,
        Some(found) => TYPES.into_iter().find(|known| *known == found),
        None => sound_without_tags(head),
    }
}

/// Returns the name under which browsers know a type.
/// Source: the media types at IANA.
fn registered(name: &str) -> &str {
    match name {
        "audio/m4a" => "audio/mp4",
        // The container, as RFC 7845 says.
        "audio/opus" => "audio/ogg",
        "audio/x-flac" => "audio/flac",
        "video/x-m4v" => "video/mp4",
        other => other,
    }
}

/// Returns whether one of the streams that an Ogg file begins with is a video.
/// Source: the Theora specification, 6.1.
fn has_theora(ogg: &[u8]) -> bool {
    const BEGINNINGS: usize = 4 * 1024;
    let start = ogg.get(..BEGINNINGS).unwrap_or(ogg);
    start.windows(7).any(|window| window == b"\x80theora")
}

/// Returns the type of sound that begins with its first frame.
/// Source: ISO/IEC 11172-3 and 13818-3 (MPEG audio), 13818-7 (AAC).
fn sound_without_tags(head: &[u8]) -> Option<&'static str> {
    let [0xff, second, third, ..] = head else { return None };
    let (version, layer) = ((second >> 3) & 0b11, (second >> 1) & 0b11);
    let (bitrate, sampling) = (third >> 4, (third >> 2) & 0b11);
    if (second & 0xf6) == 0xf0 {
        return Some("audio/aac");
    }
    // The third layer of a version that there is, with a rate of bits and of samples that there is.
    let is_frame = (second & 0xe0) == 0xe0 && version != 0b01 && layer == 0b01;
    (is_frame && (1..=14).contains(&bitrate) && sampling != 0b11).then_some("audio/mpeg")
}

/// Writes the type, and the size if it is known: `image/png 640x480`.
impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.content_type)?;
        match self.size {
            Some((width, height)) => write!(f, " {width}x{height}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Media {
    type Err = MediaError;

    fn from_str(text: &str) -> Result<Self, MediaError> {
        let (name, size) = text.split_once(' ').unwrap_or((text, ""));
        // Files were stored with other names of their types.
        let name = registered(name);
        let content_type = TYPES.into_iter().find(|known| *known == name).ok_or(MediaError)?;
        let size = size.split_once('x');
        let size =
            size.and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        Ok(Self { content_type, size })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::orientation::tests::photo, *};

    /// The smallest picture: one transparent pixel.
    const GIF: &[u8] =
        b"GIF89a\x01\x00\x02\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,";

    #[test]
    fn a_picture_is_known_by_its_content_and_has_a_size() {
        let media = Media::of(GIF).unwrap();
        assert_eq!((media.content_type(), media.size()), ("image/gif", Some((1, 2))));
        assert_eq!(media.kind(), MediaKind::Image);
        assert_eq!(media.to_string().parse(), Ok(media));
    }

    #[test]
    fn what_could_run_scripts_is_not_media() {
        for text in ["<svg xmlns='http://www.w3.org/2000/svg'/>", "<html>", "%PDF-1.7", "", "GI"] {
            assert_eq!(Media::of(text.as_bytes()), None, "{text}");
        }
        assert_eq!("image/svg+xml".parse::<Media>(), Err(MediaError));
    }

    #[test]
    fn photo_has_the_size_that_is_shown() {
        for (orientation, size) in [(1, (4, 3)), (3, (4, 3)), (6, (3, 4)), (8, (3, 4))] {
            let media = Media::of(&photo(orientation, true)).unwrap();
            assert_eq!((media.content_type(), media.size()), ("image/jpeg", Some(size)));
        }
    }

    #[test]
    fn sound_and_video_are_known_by_their_content() {
        let ogg = |codec: &[u8]| [b"OggS\0\x02".as_slice(), &[0; 22], codec].concat();
        let mp4 = |brand: &[u8]| [b"\0\0\0\x18ftyp".as_slice(), brand, &[0; 12]].concat();
        for (head, content_type) in [
            (b"fLaC\0\0\0\x22".to_vec(), "audio/flac"),
            (ogg(b"OpusHead\x01\x02"), "audio/ogg"),
            (ogg(b"\x01vorbis"), "audio/ogg"),
            (mp4(b"M4A "), "audio/mp4"),
            (mp4(b"M4V "), "video/mp4"),
            (mp4(b"isom"), "video/mp4"),
            (b"ID3\x04\0\0".to_vec(), "audio/mpeg"),
            (b"\xff\xf1\x50\x80".to_vec(), "audio/aac"),
            (b"\xff\xf0\x50\x80".to_vec(), "audio/aac"),
            (b"\xff\xf8\x50\x80".to_vec(), "audio/aac"),
        ] {
            let found = Media::of(&head).map(|media| media.content_type());
            assert_eq!(found, Some(content_type), "{head:?}");
        }
        // MPEG 1, 2 and 2.5, with and without a checksum.
        for second in [0xfb, 0xfa, 0xf3, 0xf2, 0xe3, 0xe2] {
            let media = Media::of(&[0xff, second, 0x90, 0x64]).unwrap();
            assert_eq!(media.content_type(), "audio/mpeg", "{second:x}");
        }
        for head in [
            &ogg(b"\x80theora\x03\x02")[..],
            b"\xff\xfeh\0i\0",
            b"\xff\xeb\x90\x64",
            b"\xff\xfd\x90\x64",
            b"\xff\xf3\xf0\x64",
            b"\xff\xf3\x9c\x64",
            b"\xff\xf3",
        ] {
            assert_eq!(Media::of(head), None, "{head:?}");
        }
    }

    #[test]
    fn stored_types_are_called_by_their_registered_names() {
        let media: Media = "audio/m4a".parse().unwrap();
        assert_eq!((media.content_type(), &*media.to_string()), ("audio/mp4", "audio/mp4"));
    }

    #[test]
    fn sound_has_no_size() {
        let media: Media = "audio/mpeg".parse().unwrap();
        assert_eq!((media.kind(), media.size()), (MediaKind::Audio, None));
    }
}
