//! The addresses of the pages that this crate serves, and what they lead to.

use std::fmt::Display;

use tollgate_domain::{
    email::Email,
    id::{CheckoutId, PurchaseId},
    installation::Installation,
    links::{Destination, Links},
    names::{HandleName, Slug},
    token::Token,
};

use crate::query::with_query;

/// The path to which Stripe sends its events, on every host.
pub const STRIPE_WEBHOOK: &str = "/v2/webhooks/stripe";
/// Where the group buys of a handle are, on its host.
const GROUP_BUYS: &str = "/-/group-buys/";
/// Where the pages about files of a handle are, on its host.
const FILES: &str = "/-/files/";
/// Where the picture of a shop is, on its host.
pub(crate) const PICTURE: &str = "/-/picture";
/// The path of "my access", on the root host.
pub(crate) const ACCESS: &str = "/access";
/// Where receipts are, on the root host.
const RECEIPTS: &str = "/access/receipts/";
/// The path on which a shop's mails are stopped, on its host.
pub(crate) const STOP_MAILS: &str = "/-/no-mails";
/// The path on which a person takes over what was bought with an earlier address, on the root host.
pub(crate) const MOVE: &str = "/-/move";
/// The path of the form that asks for a mail to sign in, on every host.
pub(crate) const SIGN_IN: &str = "/-/sign-in";
/// The path of the page that waits for that mail and takes its code, on every host.
pub(crate) const CODE: &str = "/-/code";
/// The path of the page behind the link of that mail, on every host.
pub(crate) const VERIFY: &str = "/-/verify";
/// What stands between a page and its order in the path that a buyer comes back to.
const RETURN: &str = "/return?checkout=";

/// Returns the path of a file's content, on every host.
pub(crate) fn file_path(handle: &HandleName, file: &Slug) -> String {
    format!("/v2/public/files/{handle}/{file}")
}

/// Returns the path of the page about a file, on the host of its handle.
pub(crate) fn file_page(file: &Slug) -> String {
    format!("{FILES}{file}")
}

/// Returns the path of a page, on the host of its handle.
pub(crate) fn page_path(page: impl Display) -> String {
    format!("/{page}")
}

pub(crate) fn page_address(
    installation: &Installation,
    handle: &HandleName,
    page: impl Display,
) -> String {
    format!("{}{}", installation.handle_origin(handle), page_path(page))
}

/// Returns the path that a buyer of a page comes back to with an order, on the host of the handle.
pub(crate) fn return_path(page: &Slug, checkout: CheckoutId) -> String {
    format!("{}{RETURN}{checkout}", page_path(page))
}

/// Returns the path that a buyer of a page comes back to without having paid, on the host of the handle.
pub(crate) fn cancelled_path(page: &Slug) -> String {
    format!("{}/return?cancelled=1", page_path(page))
}

/// Returns the path on which a recipient stops the mails of a shop, on its host.
pub(crate) fn stop_mails_path(token: &str) -> String {
    format!("{STOP_MAILS}?token={token}")
}

/// Returns the path on which a person moves what was bought with an earlier address, on the root host.
pub(crate) fn move_path(token: &Token) -> String {
    format!("{MOVE}?token={}", token.reveal())
}

/// Returns the path of a group buy's screen, in the console.
pub(crate) fn own_group_buy_path(handle: &HandleName, group_buy: &Slug) -> String {
    format!("/{handle}/group-buys/{group_buy}")
}

/// Returns the path of the revenue, in the console.
pub(crate) fn revenue_path(handle: &HandleName) -> String {
    format!("/{handle}/revenue")
}

/// Returns the path of the dispute of a purchase, in the console.
pub(crate) fn dispute_path(handle: &HandleName, purchase: PurchaseId) -> String {
    format!("/{handle}/purchases/{purchase}/dispute")
}

/// Returns the path of the refund of a purchase, in the console.
pub(crate) fn refund_path(handle: &HandleName, purchase: PurchaseId) -> String {
    format!("/{handle}/purchases/{purchase}/refund")
}

/// Returns the path of a person's screen, in the console. `about` is a page or file that the question is about, if it is not
/// empty.
pub(crate) fn person_path(handle: &HandleName, email: &Email, about: &str) -> String {
    let path = format!("/{handle}/people/person");
    with_query(&path, &[("email", email.as_str()), ("about", about)])
}

/// Returns the path of a group buy, on the host of its handle.
pub(crate) fn group_buy_path(group_buy: &Slug) -> String {
    format!("{GROUP_BUYS}{group_buy}")
}

pub(crate) fn group_buy_address(
    installation: &Installation,
    handle: &HandleName,
    group_buy: &Slug,
) -> String {
    format!("{}{}", installation.handle_origin(handle), group_buy_path(group_buy))
}

/// Returns a path without what comes after `?` or `#`.
fn bare(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

/// Returns what a path on the host of a handle leads to, whatever comes after `?` or `#`.
pub(crate) fn destination(path: &str) -> Option<Destination> {
    let path = bare(path);
    if let Some(name) = path.strip_prefix(GROUP_BUYS) {
        name.parse().ok().map(Destination::GroupBuy)
    } else if let Some(name) = path.strip_prefix(FILES) {
        name.parse().ok().map(Destination::File)
    } else {
        path.strip_prefix('/')?.parse().ok().map(Destination::Page)
    }
}

/// Returns the path of a receipt, on the root host.
pub(crate) fn receipt_path(purchase: impl Display) -> String {
    format!("{RECEIPTS}{purchase}")
}

/// Returns the purchase whose receipt is at a path of the root host, whatever comes after `?` or `#`.
pub(crate) fn receipt_at(path: &str) -> Option<PurchaseId> {
    bare(path).strip_prefix(RECEIPTS)?.parse().ok()
}

/// Returns the addresses where Stripe sends a creator after onboarding, and after a link that is not valid any
/// more. They are the console's, which asks for the creator's session.
pub(crate) fn stripe_return(installation: &Installation, handle: &HandleName) -> (String, String) {
    let back = format!("{}/-/stripe/return?handle={handle}", installation.app_origin());
    let again = format!("{back}&again=1");
    (back, again)
}

/// Makes addresses under the configured origin of an installation.
#[derive(Debug, Clone)]
pub struct SiteLinks {
    installation: Installation,
}

impl SiteLinks {
    /// Creates the links of an installation.
    pub fn new(installation: Installation) -> Self {
        Self { installation }
    }
}

impl Links for SiteLinks {
    fn page(&self, handle: &HandleName, page: &Slug) -> String {
        page_address(&self.installation, handle, page)
    }

    fn checkout_return(&self, handle: &HandleName, page: &Slug, checkout: CheckoutId) -> String {
        format!("{}{}", self.installation.handle_origin(handle), return_path(page, checkout))
    }

    fn receipt(&self, purchase: PurchaseId) -> String {
        format!("{}{}", self.installation.origin(), receipt_path(purchase))
    }

    fn group_buy(&self, handle: &HandleName, group_buy: &Slug) -> String {
        group_buy_address(&self.installation, handle, group_buy)
    }

    fn own_group_buy(&self, handle: &HandleName, group_buy: &Slug) -> String {
        format!("{}{}", self.installation.app_origin(), own_group_buy_path(handle, group_buy))
    }

    fn activate_group_buy(&self, handle: &HandleName, group_buy: &Slug) -> String {
        format!("{}/activate", self.own_group_buy(handle, group_buy))
    }

    fn verify(&self, handle: Option<&HandleName>, token: &Token) -> String {
        let origin = match handle {
            Some(handle) => self.installation.handle_origin(handle),
            None => self.installation.origin(),
        };
        format!("{origin}{VERIFY}?token={}", token.reveal())
    }

    fn verify_creator_email(&self, token: &Token) -> String {
        format!("{}/verify-email?token={}", self.installation.app_origin(), token.reveal())
    }

    fn reset_password(&self, token: &Token) -> String {
        let origin = self.installation.app_origin();
        format!("{origin}/password-reset/confirm?token={}", token.reveal())
    }

    fn stop_mails(&self, handle: &HandleName, token: &str) -> String {
        format!("{}{}", self.installation.handle_origin(handle), stop_mails_path(token))
    }

    fn revenue(&self, handle: &HandleName) -> String {
        format!("{}{}", self.installation.app_origin(), revenue_path(handle))
    }

    fn dispute(&self, handle: &HandleName, purchase: PurchaseId) -> String {
        format!("{}{}", self.installation.app_origin(), dispute_path(handle, purchase))
    }

    fn refund(&self, handle: &HandleName, purchase: PurchaseId) -> String {
        format!("{}{}", self.installation.app_origin(), refund_path(handle, purchase))
    }

    fn person(&self, handle: &HandleName, email: &Email) -> String {
        format!("{}{}", self.installation.app_origin(), person_path(handle, email, ""))
    }

    fn confirm_move(&self, token: &Token) -> String {
        format!("{}{}", self.installation.origin(), move_path(token))
    }

    fn destination(&self, path: &str) -> Option<Destination> {
        destination(path)
    }

    fn page_at(&self, handle: &HandleName, url: &str) -> Option<Slug> {
        let path = url.strip_prefix(&*self.installation.handle_origin(handle))?;
        let Destination::Page(slug) = destination(path)? else { return None };
        Some(slug)
    }

    fn returned_from(&self, handle: &HandleName, url: &str) -> Option<CheckoutId> {
        let (page, checkout) = url.split_once(RETURN)?;
        self.page_at(handle, page)?;
        checkout.parse().ok()
    }

    fn receipt_at(&self, url: &str) -> Option<PurchaseId> {
        receipt_at(url.strip_prefix(&*self.installation.origin())?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn make(installation: Installation) -> Arc<dyn Links> {
        Arc::new(SiteLinks::new(installation))
    }

    tollgate_domain_testing::links_contract!(
        #[test]
        make
    );

    #[test]
    fn paths_of_other_screens_lead_to_no_page() {
        let links = SiteLinks::new(Installation::new("example.com").unwrap());
        let (handle, slug): (HandleName, Slug) = ("ada".parse().unwrap(), "guide".parse().unwrap());
        let (page, group_buy, file) = (format!("/{slug}"), group_buy_path(&slug), file_page(&slug));
        for path in [file.clone(), format!("{file}?x=/1"), format!("{file}#x")] {
            assert_eq!(links.destination(&path), Some(Destination::File(slug.clone())), "{path}");
        }
        let below = [page, group_buy, file].map(|path| format!("{path}/checkout"));
        let others = ["/Guide", "/docs", "/-/files/", "/-/sign-in"].map(str::to_owned);
        for path in below.into_iter().chain(others) {
            assert_eq!(links.destination(&path), None, "{path}");
            let address = format!("https://ada.example.com{path}");
            assert_eq!(links.page_at(&handle, &address), None, "{address}");
        }
        let address = format!("https://ada.example.com{}", file_page(&slug));
        assert_eq!(links.page_at(&handle, &address), None, "{address}");
    }

    /// Mails and pay pages that are under way have the addresses as they are now.
    #[test]
    fn paths_stay_as_they_are() {
        let (handle, slug): (HandleName, Slug) = ("ada".parse().unwrap(), "guide".parse().unwrap());
        let email: Email = "bob@example.com".parse().unwrap();
        let purchase: PurchaseId = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5".parse().unwrap();
        let order: CheckoutId = "chk_01j9z3k5v7w8x9y0z1a2b3c4d5".parse().unwrap();
        let token = tollgate_domain_testing::a_token();
        let installation = Installation::new("example.com").unwrap();
        for (path, expected) in [
            (page_path(&slug), "/guide".to_owned()),
            (
                page_address(&installation, &handle, &slug),
                "https://ada.example.com/guide".to_owned(),
            ),
            (return_path(&slug, order), format!("/guide/return?checkout={order}")),
            (cancelled_path(&slug), "/guide/return?cancelled=1".to_owned()),
            (group_buy_path(&slug), "/-/group-buys/guide".to_owned()),
            (file_page(&slug), "/-/files/guide".to_owned()),
            (file_path(&handle, &slug), "/v2/public/files/ada/guide".to_owned()),
            (receipt_path(purchase), format!("/access/receipts/{purchase}")),
            (stop_mails_path("abc"), "/-/no-mails?token=abc".to_owned()),
            (move_path(&token), format!("/-/move?token={}", token.reveal())),
            (own_group_buy_path(&handle, &slug), "/ada/group-buys/guide".to_owned()),
            (revenue_path(&handle), "/ada/revenue".to_owned()),
            (dispute_path(&handle, purchase), format!("/ada/purchases/{purchase}/dispute")),
            (refund_path(&handle, purchase), format!("/ada/purchases/{purchase}/refund")),
            (
                person_path(&handle, &email, ""),
                "/ada/people/person?email=bob%40example.com".to_owned(),
            ),
            (
                person_path(&handle, &email, "page:guide"),
                "/ada/people/person?email=bob%40example.com&about=page%3Aguide".to_owned(),
            ),
        ] {
            assert_eq!(path, expected);
        }
    }

    #[test]
    fn path_of_a_receipt_leads_to_its_purchase() {
        let id: PurchaseId = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5".parse().unwrap();
        assert_eq!(receipt_at(&receipt_path(id)), Some(id));
        assert_eq!(receipt_at(&format!("{}/resend", receipt_path(id))), None);
        assert_eq!(receipt_at(&format!("/{id}")), None);
    }
}
