//! What browsers show inside a page, decided from a file's content.

use std::{fmt, str::FromStr};

/// The types that browsers show without running anything in them. Everything else is an attachment.
/// Source: `docs/files.md`.
const TYPES: [&str; 12] = [
    "audio/flac",
    "audio/m4a",
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        let found = infer::get(head)?.mime_type();
        let content_type = TYPES.into_iter().find(|known| *known == found)?;
        let size = imagesize::blob_size(head).ok();
        let size = size.filter(|_| content_type.starts_with("image/"));
        let size = size.and_then(|size| {
            Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))
        });
        Some(Self { content_type, size })
    }

    /// Returns the media type.
    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// Returns the width and height of a picture in pixels, if they are known.
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
        let content_type = TYPES.into_iter().find(|known| *known == name).ok_or(MediaError)?;
        let size = size.split_once('x');
        let size =
            size.and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        Ok(Self { content_type, size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn what_could_run_scripts_is_no_media() {
        for text in ["<svg xmlns='http://www.w3.org/2000/svg'/>", "<html>", "%PDF-1.7", "", "GI"] {
            assert_eq!(Media::of(text.as_bytes()), None, "{text}");
        }
        assert_eq!("image/svg+xml".parse::<Media>(), Err(MediaError));
    }

    #[test]
    fn sound_has_no_size() {
        let media: Media = "audio/mpeg".parse().unwrap();
        assert_eq!((media.kind(), media.size()), (MediaKind::Audio, None));
    }
}
