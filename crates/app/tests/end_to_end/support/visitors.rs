//! Visitors who use pages in Chromium.

use super::{Chrome, Server};

impl Chrome {
    /// Signs in at the gate of a page, with the code from the first mail to this address.
    pub(crate) async fn sign_in_at(&self, server: &Server, page: &str, email: &str) {
        self.open(page).await;
        self.fill("Your e-mail address", email).await;
        self.press("Continue").await;
        self.shows("Check your mail").await;
        let code = server.place.link_letter(email, 1).await.code();
        self.fill("Six-digit code", &code).await;
        self.press("Continue").await;
    }
}
