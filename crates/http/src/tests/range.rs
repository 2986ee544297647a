use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::*;

const TAG: &str = "\"abc\"";

fn wanted(headers: &[(&str, &str)], size: u64) -> RangeOutcome {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    RangeOutcome::of(&map, size, TAG)
}

#[test]
fn one_range_is_cut_to_the_file() {
    for (range, expected) in [
        ("bytes=0-0", RangeOutcome::Partial(0..1)),
        ("bytes=0-9", RangeOutcome::Partial(0..10)),
        ("bytes=3-5", RangeOutcome::Partial(3..6)),
        ("bytes=3-", RangeOutcome::Partial(3..10)),
        ("bytes=9-99", RangeOutcome::Partial(9..10)),
        ("bytes=-4", RangeOutcome::Partial(6..10)),
        ("bytes=-99", RangeOutcome::Partial(0..10)),
        ("BYTES = 2-3", RangeOutcome::Partial(2..4)),
        ("bytes=0-99999999999999999999999", RangeOutcome::Partial(0..10)),
        ("bytes=-99999999999999999999999", RangeOutcome::Partial(0..10)),
        ("bytes=10-", RangeOutcome::Unsatisfiable),
        ("bytes=10-20", RangeOutcome::Unsatisfiable),
        ("bytes=99999999999999999999999-", RangeOutcome::Unsatisfiable),
        ("bytes=-0", RangeOutcome::Unsatisfiable),
    ] {
        assert_eq!(wanted(&[("range", range)], 10), expected, "{range}");
    }
}

#[test]
fn an_empty_file_has_no_parts() {
    for range in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
        assert_eq!(wanted(&[("range", range)], 0), RangeOutcome::Unsatisfiable, "{range}");
    }
    assert_eq!(wanted(&[], 0), RangeOutcome::Whole);
}

#[test]
fn a_range_that_is_not_understood_is_none() {
    for range in [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-3",
        "bytes=+1-2",
        "bytes=1--2",
        "bytes=0-1,3-4",
        "bytes=0-1,",
        "lines=0-1",
        "bytes=0x1-2",
        "bytes=1 - 2",
    ] {
        assert_eq!(wanted(&[("range", range)], 10), RangeOutcome::Whole, "{range}");
    }
    assert_eq!(wanted(&[("range", "bytes=0-1"), ("range", "bytes=2-3")], 10), RangeOutcome::Whole);
}

#[test]
fn a_part_is_sent_only_of_the_same_file() {
    let range = ("range", "bytes=0-1");
    assert_eq!(wanted(&[range, ("if-range", TAG)], 10), RangeOutcome::Partial(0..2));
    for other in ["\"other\"", "W/\"abc\"", "abc", "Sun, 06 Nov 1994 08:49:37 GMT"] {
        assert_eq!(wanted(&[range, ("if-range", other)], 10), RangeOutcome::Whole, "{other}");
    }
    let twice = [range, ("if-range", TAG), ("if-range", TAG)];
    assert_eq!(wanted(&twice, 10), RangeOutcome::Whole);
}

#[test]
fn another_file_than_the_one_that_is_wanted_is_not_sent() {
    for tags in ["\"other\"", "W/\"abc\"", "\"x\", W/\"abc\"", "\"ABC\"", ""] {
        let headers = [("if-match", tags), ("if-none-match", TAG), ("range", "bytes=0-1")];
        assert_eq!(wanted(&headers, 10), RangeOutcome::Mismatched, "{tags}");
    }
    for tags in [TAG, "*", "\"x\", \"abc\"", "\"x,y\",\"abc\" , W/\"abc\""] {
        let headers = [("if-match", tags), ("range", "bytes=0-1")];
        assert_eq!(wanted(&headers, 10), RangeOutcome::Partial(0..2), "{tags}");
    }
    let lines = [("if-match", "\"x\""), ("if-match", TAG)];
    assert_eq!(wanted(&lines, 10), RangeOutcome::Whole);
}

#[test]
fn who_has_the_file_gets_nothing_whatever_the_range() {
    for tags in [TAG, "*", "W/\"abc\"", "\"x\", \"abc\"", "\"x\",W/\"abc\" , \"y\""] {
        let headers = [("if-none-match", tags), ("range", "bytes=99-")];
        assert_eq!(wanted(&headers, 10), RangeOutcome::NotModified, "{tags}");
    }
    for tags in ["", "abc", "\"ABC\"", "\"x\""] {
        assert_eq!(wanted(&[("if-none-match", tags)], 10), RangeOutcome::Whole, "{tags}");
    }
}
