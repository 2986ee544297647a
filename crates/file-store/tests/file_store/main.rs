//! The file stores, tried on a real directory and on a real server that speaks S3.

#![expect(clippy::unwrap_used, reason = "tests")]

mod contract;
mod stores;
mod support;
