//! Support for the tests: the program, its users, and the servers around it.

mod api;
mod browser;
mod chrome;
mod console;
mod database;
mod files;
mod html;
mod mail;
mod people;
mod place;
mod sandbox;
mod server;
mod visitors;

use std::time::{Duration, Instant};

pub(crate) use api::{Call, Reply};
pub(crate) use browser::Browser;
pub(crate) use chrome::{
    Chrome, DOWN, Device, END, ENTER, NARROW, NOTEBOOK, PHONE, RIGHT, SCREEN, SMALL, SPACE, TAB,
    TABLET, UP,
};
pub(crate) use console::ADAS_PASSWORD;
pub(crate) use database::{Backend, Database};
pub(crate) use files::{Upload, form_data, sha256};
pub(crate) use html::{Part, parts};
pub(crate) use mail::Letter;
pub(crate) use people::{Buyer, Seller};
pub(crate) use place::{Place, free_port};
pub(crate) use sandbox::Sandbox;
pub(crate) use server::Server;

/// The time after which waiting fails.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(15);

/// Defines a test on the embedded database from each named body: what a screen says about what was typed, or does with a
/// key, is the same on both, and browsers take most of the time of all tests.
macro_rules! on_the_embedded_database {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::support::Backend::Sqlite).await;
            })+
        }
    };
}

/// Defines a test for each database from each named body.
macro_rules! on_each_database {
    ($($name:ident),+ $(,)?) => {
        on_the_embedded_database!($($name),+);
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::support::Backend::Postgres).await;
            })+
        }
    };
}

/// Polls until there is a value.
pub(crate) async fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(look).await.unwrap_or_else(|| panic!("not within {PATIENCE:?}: {what}"))
}

/// Polls until the condition holds, three times as long as usual: what a process was doing when it was killed is
/// taken up when its lease ends.
pub(crate) async fn eventually(what: &str, mut look: impl AsyncFnMut() -> bool) {
    for _ in 0..2 {
        if within(async || look().await.then_some(())).await.is_some() {
            return;
        }
    }
    until_so(what, look).await;
}

/// Polls until there is a value, and returns `None` if there is none in time.
async fn within<T>(mut look: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return Some(seen);
        }
        if Instant::now() >= deadline {
            return None;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Polls until the condition holds.
pub(crate) async fn until_so(what: &str, mut look: impl AsyncFnMut() -> bool) {
    until(what, async || look().await.then_some(())).await;
}

/// Returns a client that keeps no cookies, follows no redirects and uses no proxy.
fn client() -> reqwest::Client {
    // A second call fails because a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap()
}
