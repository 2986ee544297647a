//! Creators, their sessions, handles and pages.

mod accounts;
mod handles;
mod pages;
mod reads;
mod sessions;
