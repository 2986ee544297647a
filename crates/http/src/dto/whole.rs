//! Whole numbers: `1200` and `1200.0` are the same number in JSON.

use serde::{Deserialize, Deserializer, de};

/// The largest whole number up to which a double represents every whole number exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a number without a fraction, for `#[serde(deserialize_with = "whole")]`.
pub(crate) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    struct WholeNumber;

    impl de::Visitor<'_> for WholeNumber {
        type Value = i64;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<i64, E> {
            Ok(number)
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<i64, E> {
            number.try_into().map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
        }

        fn visit_f64<E: de::Error>(self, number: f64) -> Result<i64, E> {
            let is_whole = number.fract() == 0.0 && number.abs() <= EXACT;
            let read = is_whole.then(|| format!("{number:.0}").parse().ok()).flatten();
            read.ok_or_else(|| E::invalid_value(de::Unexpected::Float(number), &self))
        }
    }

    from.deserialize_i64(WholeNumber)
}

/// A whole number in a body, for fields that may be null or missing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole(pub(crate) i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        whole(from).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<i64> {
        whole(&mut serde_json::Deserializer::from_str(text)).ok()
    }

    #[test]
    fn number_without_a_fraction_is_whole_however_it_is_written() {
        for (text, number) in
            [("1200", 1200), ("1200.0", 1200), ("1.2e3", 1200), ("-5.0", -5), ("0", 0), ("-0.0", 0)]
        {
            assert_eq!(read(text), Some(number), "{text}");
        }
        assert_eq!(read("9223372036854775807"), Some(i64::MAX));
    }

    #[test]
    fn everything_else_is_not() {
        for text in
            ["1.5", "9223372036854775808", "1e300", "-1e300", "\"1\"", "null", "true", "[1]"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
