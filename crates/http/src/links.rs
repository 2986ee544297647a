//! The addresses of the pages that this crate serves.

use tollgate_domain::{
    id::CheckoutId,
    installation::Installation,
    links::Links,
    names::{HandleName, Slug},
    token::Token,
};

/// Returns the path of a file's content, on every host.
pub(crate) fn file_path(handle: &HandleName, file: &Slug) -> String {
    format!("/v2/public/files/{handle}/{file}")
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
        format!("{}/{page}", self.installation.handle_origin(handle))
    }

    fn checkout_return(&self, handle: &HandleName, page: &Slug, checkout: CheckoutId) -> String {
        format!("{}/return?checkout={checkout}", self.page(handle, page))
    }

    fn group_buy(&self, handle: &HandleName, group_buy: &Slug) -> String {
        format!("{}/-/group-buys/{group_buy}", self.installation.handle_origin(handle))
    }

    fn verify(&self, handle: Option<&HandleName>, token: &Token) -> String {
        let origin = match handle {
            Some(handle) => self.installation.handle_origin(handle),
            None => self.installation.origin(),
        };
        format!("{origin}/-/verify?token={}", token.reveal())
    }
}
