//! Creators who use the console.

use super::{Chrome, Place, Server};

/// The password of the creator of the demo.
pub(crate) const ADAS_PASSWORD: &str = "tollgate-demo";

impl Place {
    /// Returns an address of the console.
    pub(crate) fn console(&self, path: &str) -> String {
        self.url("app", path)
    }
}

impl Server {
    /// Opens the console on a desk, as the creator of the demo.
    pub(crate) async fn console(&self) -> Chrome {
        let chrome = Chrome::new().await;
        chrome.enter(&self.place, "ada@example.com", ADAS_PASSWORD).await;
        chrome
    }
}

impl Chrome {
    /// Signs in to the console.
    pub(crate) async fn enter(&self, place: &Place, email: &str, password: &str) {
        self.open(&place.console("/sign-in")).await;
        self.sign_in(email, password).await;
        self.stops_showing("Forgotten your password?").await;
    }

    /// Fills in the form for signing in, and sends it.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) {
        self.fill("E-mail address", email).await;
        self.fill("Password", password).await;
        self.press("Sign in").await;
    }
}
