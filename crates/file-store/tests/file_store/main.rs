//! Tests of the file stores on a directory and on an S3 server.

#![expect(clippy::unwrap_used, reason = "tests")]

mod contract;
mod stores;
mod support;
