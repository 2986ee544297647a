//! The program, the people who use it, and the servers around it.

mod api;
mod browser;
mod database;
mod files;
mod html;
mod mail;
mod people;
mod place;
mod sandbox;
mod server;

use std::time::{Duration, Instant};

pub(crate) use api::{Call, Reply};
pub(crate) use browser::Browser;
pub(crate) use database::{Backend, Database};
pub(crate) use files::{Upload, form_data, sha256};
pub(crate) use mail::Letter;
pub(crate) use people::{Buyer, Seller};
pub(crate) use place::{Place, free_port};
pub(crate) use sandbox::Sandbox;
pub(crate) use server::Server;

/// What takes longer does not happen.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(15);

/// Makes a test on each database of each named body.
macro_rules! on_each_database {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::support::Backend::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::support::Backend::Postgres).await;
            })+
        }
    };
}

/// Looks until there is something to see.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Looks until it is so.
pub(crate) async fn until_so(what: &str, mut look: impl AsyncFnMut() -> bool) {
    until(what, async || look().await.then_some(())).await;
}

/// A client that keeps nothing, follows nothing and asks nobody else.
fn client() -> reqwest::Client {
    // A second call would only find it set.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap()
}
