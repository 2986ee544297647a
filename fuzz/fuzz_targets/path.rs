#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|lines: &[u8]| tollgate_http::fuzzing::path(lines));
