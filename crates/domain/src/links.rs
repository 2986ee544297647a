//! The addresses of Tollgate's pages. Mails and payment sessions carry them; the HTTP adapter makes and reads them.

#![cfg_attr(
    feature = "testing",
    expect(
        clippy::ref_option_ref,
        reason = "how mockall hands an optional reference to an expectation"
    )
)]

use crate::{
    email::Email,
    id::{CheckoutId, PurchaseId},
    names::{HandleName, Slug},
    token::Token,
};

/// What a path on the host of a handle leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// The page with this slug.
    Page(Slug),
    /// The page about the file with this slug.
    File(Slug),
    /// The group buy with this slug.
    GroupBuy(Slug),
}

/// Makes absolute addresses and reads them back. They MUST start at the configured origin, never at a request's `Host`.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait Links: Send + Sync {
    /// Returns the address of a page.
    fn page(&self, handle: &HandleName, page: &Slug) -> String;

    /// Returns the address that a visitor comes back to from the pay page.
    fn checkout_return(&self, handle: &HandleName, page: &Slug, checkout: CheckoutId) -> String;

    /// Returns the address of the receipt of a payment, on the root host.
    fn receipt(&self, purchase: PurchaseId) -> String;

    /// Returns the address of a group buy.
    fn group_buy(&self, handle: &HandleName, group_buy: &Slug) -> String;

    /// Returns the address of the console's screen about a group buy.
    fn own_group_buy(&self, handle: &HandleName, group_buy: &Slug) -> String;

    /// Returns the address of the console's screen where a creator activates a group buy.
    fn activate_group_buy(&self, handle: &HandleName, group_buy: &Slug) -> String;

    /// Returns the address of the page that redeems a magic link, on the host of a handle or on the root
    /// host.
    #[expect(clippy::needless_lifetimes, reason = "mockall needs a name for it")]
    fn verify<'a>(&self, handle: Option<&'a HandleName>, token: &Token) -> String;

    /// Returns the address of the page where a creator proves the address of an account.
    fn verify_creator_email(&self, token: &Token) -> String;

    /// Returns the address of the page where a creator sets a new password.
    fn reset_password(&self, token: &Token) -> String;

    /// Returns the address on the host of a handle that stops the mails that its creator causes.
    fn stop_mails(&self, handle: &HandleName, token: &str) -> String;

    /// Returns the address of the console's screen about the payments of a handle.
    fn revenue(&self, handle: &HandleName) -> String;

    /// Returns the address of the console's screen about the dispute of a purchase.
    fn dispute(&self, handle: &HandleName, purchase: PurchaseId) -> String;

    /// Returns the address of the console's screen about the refund of a purchase.
    fn refund(&self, handle: &HandleName, purchase: PurchaseId) -> String;

    /// Returns the address of the console's screen about a person.
    fn person(&self, handle: &HandleName, email: &Email) -> String;

    /// Returns the address of the page where a person accepts what was bought with another address.
    fn confirm_move(&self, token: &Token) -> String;

    /// Returns what a path on the host of a handle leads to, whatever comes after `?` or `#`; `None` if it is none of these.
    /// It MUST know the paths of [`page`](Self::page) and [`group_buy`](Self::group_buy).
    fn destination(&self, path: &str) -> Option<Destination>;

    /// Returns the page of a handle that is at an absolute address, whatever comes after `?` or `#`; `None` if the address is
    /// another one. It MUST know the addresses of [`page`](Self::page).
    fn page_at(&self, handle: &HandleName, url: &str) -> Option<Slug>;

    /// Returns the order whose visitor comes back from the pay page to an absolute address on the host of a handle, by way of
    /// whichever page; `None` if the address is another one. It MUST know the addresses of
    /// [`checkout_return`](Self::checkout_return).
    fn returned_from(&self, handle: &HandleName, url: &str) -> Option<CheckoutId>;

    /// Returns the purchase whose receipt is at an absolute address, whatever comes after `?` or `#`; `None` if the address is
    /// another one. It MUST know the addresses of [`receipt`](Self::receipt).
    fn receipt_at(&self, url: &str) -> Option<PurchaseId>;
}
