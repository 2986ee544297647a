#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| tollgate_http::fuzzing::markdown(text));
