//! How a camera was held, which browsers make up for when they show a photo.

/// Returns whether the width of a JPEG is shown as its height.
/// Source: CIPA DC-008 (Exif), 4.6.4, the tag `Orientation`.
pub(super) fn is_turned(jpeg: &[u8]) -> bool {
    exif(jpeg).and_then(orientation).is_some_and(|value| (5..=8).contains(&value))
}

/// Returns the Exif data of a JPEG, of which the end may be missing.
fn exif(jpeg: &[u8]) -> Option<&[u8]> {
    let mut rest = jpeg.strip_prefix(&[0xff, 0xd8])?;
    while let [0xff, kind, high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?;
        let segment = after.get(..length).unwrap_or(after);
        let data = segment.strip_prefix(b"Exif\0\0").filter(|_| *kind == 0xe1);
        // The picture itself begins with DA.
        if data.is_some() || *kind == 0xda {
            return data;
        }
        rest = after.get(length..)?;
    }
    None
}

/// Returns the orientation that Exif data name.
fn orientation(data: &[u8]) -> Option<u16> {
    const TAG: u16 = 0x0112;
    const ENTRY_BYTES: usize = 12;
    let is_big_endian = match data.get(..2)? {
        b"MM" => true,
        b"II" => false,
        _ => return None,
    };
    let read = |at: usize| -> Option<u16> {
        let bytes = data.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    // Nothing that is read lies behind the first 64 KiB, so that half of the offset is enough.
    let (high, low) = if is_big_endian { (4, 6) } else { (6, 4) };
    let start = read(low).filter(|_| read(high) == Some(0)).map(usize::from)?;
    let count = usize::from(read(start)?);
    let mut entries = (0..count).map(|index| start + 2 + index * ENTRY_BYTES);
    let found = entries.find(|at| read(*at) == Some(TAG))?;
    read(found + 8)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The start of a JPEG that is stored 4 pixels wide and 3 high.
    pub(crate) fn photo(orientation: u8, is_big_endian: bool) -> Vec<u8> {
        let parts: [&[u8]; 3] = if is_big_endian {
            [
                b"MM\0\x2a\0\0\0\x08\0\x02",
                &[0x01, 0x0f, 0, 2, 0, 0, 0, 4, b'c', b'a', b'm', 0],
                &[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0],
            ]
        } else {
            [
                b"II\x2a\0\x08\0\0\0\x02\0",
                &[0x0f, 0x01, 2, 0, 4, 0, 0, 0, b'c', b'a', b'm', 0],
                &[0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0],
            ]
        };
        let exif = parts.concat();
        let length = u8::try_from(2 + 6 + exif.len()).unwrap();
        let parts: [&[u8]; 5] = [
            b"\xff\xd8\xff\xe0\0\x04ab\xff\xe1\0",
            &[length],
            b"Exif\0\0",
            &exif,
            b"\xff\xc0\0\x0b\x08\0\x03\0\x04\x01\x01\x11\0\xff\xda",
        ];
        parts.concat()
    }

    #[test]
    fn photo_is_turned_as_the_camera_was() {
        for is_big_endian in [true, false] {
            for value in 0..=9 {
                let turned = is_turned(&photo(value, is_big_endian));
                assert_eq!(turned, (5..=8).contains(&value), "{value}");
            }
        }
    }

    #[test]
    fn what_is_cut_off_or_wrong_is_not_turned() {
        let photo = photo(6, false);
        for end in 0..40 {
            assert!(!is_turned(&photo[..end]), "{end}");
        }
        for at in [0, 3, 9, 12, 18, 22, 24] {
            let mut wrong = photo.clone();
            wrong[at] = 0xff;
            let _ = is_turned(&wrong);
        }
        assert!(!is_turned(b"\xff\xd8\xff\xe1\0\0Exif\0\0"));
        assert!(!is_turned(b"\xff\xd8\xff\xda\0\x02"));
    }
}
