//! Visitors who sign in at a page.

use super::{Chrome, Server};

impl Chrome {
    /// Asks for a mail with the form of the page that is open.
    pub(crate) async fn ask_for_mail(&self, email: &str) {
        self.fill("Your e-mail address", email).await;
        self.press("Continue").await;
        self.shows("Check your mail").await;
    }

    /// Fills in the code of a mail, and sends it.
    pub(crate) async fn enter_code(&self, code: &str) {
        self.fill("Six-digit code", code).await;
        self.press("Continue").await;
    }

    /// Opens a page of Ada's, and signs in there with the code of the first mail to the address.
    pub(crate) async fn sign_in_at(&self, server: &Server, page: &str, email: &str) {
        self.open(&server.place.url("ada", page)).await;
        self.ask_for_mail(email).await;
        self.enter_code(&server.place.link_letter(email, 1).await.code()).await;
    }

    /// Returns the last part of the address, which names a pay page or a purchase.
    pub(crate) async fn last_part(&self) -> String {
        self.url().await.path().rsplit('/').next().unwrap().to_owned()
    }
}
