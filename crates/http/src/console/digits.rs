//! Digits and whole numbers as people type them, with the keyboard of any script.

use std::num::{IntErrorKind, ParseIntError};

/// The zeros of the scripts, each followed by the other nine digits. Source: Unicode 15, the general category `Nd`.
const ZEROS: &str = "\
    \u{660}\u{6f0}\u{7c0}\u{966}\u{9e6}\u{a66}\u{ae6}\u{b66}\u{be6}\u{c66}\u{ce6}\u{d66}\u{de6}\
    \u{e50}\u{ed0}\u{f20}\u{1040}\u{1090}\u{17e0}\u{1810}\u{1946}\u{19d0}\u{1a80}\u{1a90}\
    \u{1b50}\u{1bb0}\u{1c40}\u{1c50}\u{a620}\u{a8d0}\u{a900}\u{a9d0}\u{a9f0}\u{aa50}\u{abf0}\
    \u{ff10}\u{104a0}\u{10d30}\u{11066}\u{110f0}\u{11136}\u{111d0}\u{112f0}\u{11450}\u{114d0}\
    \u{11650}\u{116c0}\u{11730}\u{118e0}\u{11950}\u{11c50}\u{11d50}\u{11da0}\u{11f50}\u{16a60}\
    \u{16ac0}\u{16b50}\u{1d7ce}\u{1d7d8}\u{1d7e2}\u{1d7ec}\u{1d7f6}\u{1e140}\u{1e2f0}\u{1e4f0}\
    \u{1e950}\u{1fbf0}";

/// Returns the usual digit for one of any script; every other character as it is.
pub(super) fn plain(c: char) -> char {
    let digit = |zero: char| char::from_digit(u32::from(c).checked_sub(u32::from(zero))?, 10);
    ZEROS.chars().find_map(digit).unwrap_or(c)
}

/// Reads a whole number. One that is beyond all numbers is read as the greatest or the least of them, so that it is refused for
/// its size.
pub(super) fn whole(text: &str) -> Result<i64, ParseIntError> {
    let text: String = text.trim().chars().map(plain).collect();
    text.parse::<i64>().or_else(|error| match error.kind() {
        IntErrorKind::PosOverflow => Ok(i64::MAX),
        IntErrorKind::NegOverflow => Ok(i64::MIN),
        _ => Err(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_are_read() {
        for text in ["12", " １２ ", "١٢", "۱۲", "१२", "১২", "๑๒", "+12", "𝟏𝟐"]
        {
            assert_eq!(whole(text), Ok(12), "{text}");
        }
        assert_eq!(whole("-٣"), Ok(-3));
        for text in ["", "ten", "1.5", "1 000", "1²", "Ⅻ", "十"] {
            assert!(whole(text).is_err(), "{text}");
        }
        assert!(ZEROS.chars().is_sorted());
    }

    #[test]
    fn number_beyond_all_numbers_is_the_greatest_or_the_least() {
        assert_eq!(whole(&"9".repeat(20)), Ok(i64::MAX));
        assert_eq!(whole(&format!("-{}", "9".repeat(20))), Ok(i64::MIN));
    }
}
