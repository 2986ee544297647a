//! Addresses of pages for tests.

use tollgate_domain::{
    email::Email,
    id::{CheckoutId, PurchaseId},
    installation::Installation,
    links::{Destination, Links},
    names::{HandleName, Slug},
    token::Token,
};
use url::form_urlencoded::byte_serialize;

/// Makes addresses on the hosts of an installation.
#[derive(Debug, Clone)]
pub struct TestLinks(Installation);

impl TestLinks {
    /// Creates the addresses of `installation`.
    pub fn new(installation: Installation) -> Self {
        Self(installation)
    }
}

impl Links for TestLinks {
    fn page(&self, handle: &HandleName, page: &Slug) -> String {
        format!("{}/{page}", self.0.handle_origin(handle))
    }

    fn checkout_return(&self, handle: &HandleName, page: &Slug, checkout: CheckoutId) -> String {
        format!("{}/{page}/return?checkout={checkout}", self.0.handle_origin(handle))
    }

    fn receipt(&self, purchase: PurchaseId) -> String {
        format!("{}/access/receipts/{purchase}", self.0.origin())
    }

    fn group_buy(&self, handle: &HandleName, group_buy: &Slug) -> String {
        format!("{}/-/group-buys/{group_buy}", self.0.handle_origin(handle))
    }

    fn verify(&self, handle: Option<&HandleName>, token: &Token) -> String {
        let origin = match handle {
            Some(handle) => self.0.handle_origin(handle),
            None => self.0.origin(),
        };
        format!("{origin}/-/verify?token={}", token.reveal())
    }

    fn verify_creator_email(&self, token: &Token) -> String {
        format!("{}/verify-email?token={}", self.0.app_origin(), token.reveal())
    }

    fn reset_password(&self, token: &Token) -> String {
        format!("{}/password-reset/confirm?token={}", self.0.app_origin(), token.reveal())
    }

    fn stop_mails(&self, handle: &HandleName, token: &str) -> String {
        format!("{}/-/no-mails?token={token}", self.0.handle_origin(handle))
    }

    fn own_group_buy(&self, handle: &HandleName, group_buy: &Slug) -> String {
        format!("{}/{handle}/group-buys/{group_buy}", self.0.app_origin())
    }

    fn activate_group_buy(&self, handle: &HandleName, group_buy: &Slug) -> String {
        format!("{}/activate", self.own_group_buy(handle, group_buy))
    }

    fn revenue(&self, handle: &HandleName) -> String {
        format!("{}/{handle}/revenue", self.0.app_origin())
    }

    fn dispute(&self, handle: &HandleName, purchase: PurchaseId) -> String {
        format!("{}/{handle}/purchases/{purchase}/dispute", self.0.app_origin())
    }

    fn refund(&self, handle: &HandleName, purchase: PurchaseId) -> String {
        format!("{}/{handle}/purchases/{purchase}/refund", self.0.app_origin())
    }

    fn person(&self, handle: &HandleName, email: &Email) -> String {
        let email: String = byte_serialize(email.as_str().as_bytes()).collect();
        format!("{}/{handle}/people/person?email={email}", self.0.app_origin())
    }

    fn confirm_move(&self, token: &Token) -> String {
        format!("{}/-/move?token={}", self.0.origin(), token.reveal())
    }

    fn destination(&self, path: &str) -> Option<Destination> {
        let path = path.split(['?', '#']).next()?;
        if let Some(name) = path.strip_prefix("/-/group-buys/") {
            name.parse().ok().map(Destination::GroupBuy)
        } else if let Some(name) = path.strip_prefix("/-/files/") {
            name.parse().ok().map(Destination::File)
        } else {
            path.strip_prefix('/')?.parse().ok().map(Destination::Page)
        }
    }

    fn page_at(&self, handle: &HandleName, url: &str) -> Option<Slug> {
        let path = url.strip_prefix(&*self.0.handle_origin(handle))?;
        let Destination::Page(slug) = self.destination(path)? else { return None };
        Some(slug)
    }

    fn returned_from(&self, handle: &HandleName, url: &str) -> Option<CheckoutId> {
        let (page, checkout) = url.split_once("/return?checkout=")?;
        self.page_at(handle, page)?;
        checkout.parse().ok()
    }

    fn receipt_at(&self, url: &str) -> Option<PurchaseId> {
        let path = url.strip_prefix(&*self.0.origin())?.split(['?', '#']).next()?;
        path.strip_prefix("/access/receipts/")?.parse().ok()
    }
}
