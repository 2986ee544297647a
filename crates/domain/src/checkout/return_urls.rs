//! Where a visitor goes after the pay page.

use url::Url;

use super::CheckoutError;
use crate::{installation::Installation, validation::FieldErrors};

const MAX_URL: usize = 2_000;

/// Where the visitor goes after the pay page; the page itself when unset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReturnUrls {
    /// After paying.
    pub success: Option<String>,
    /// After turning back.
    pub cancel: Option<String>,
}

/// The frontend that starts a checkout says where it goes on; it may live anywhere, but it has to be
/// a web address that shows its host plainly.
pub(super) fn check_urls(
    urls: &ReturnUrls,
    installation: &Installation,
) -> Result<(), CheckoutError> {
    let mut errors = FieldErrors::new();
    for (field, url) in [("success_url", &urls.success), ("cancel_url", &urls.cancel)] {
        if url.as_ref().is_some_and(|url| !is_web_address(url, installation)) {
            errors.add(field, "must be an absolute https address without a user name");
        }
    }
    errors.finish().map_err(CheckoutError::Invalid)
}

fn is_web_address(text: &str, installation: &Installation) -> bool {
    let treacherous = |c: char| c == '\\' || c.is_control() || c.is_whitespace() || !c.is_ascii();
    if text.len() > MAX_URL || text.chars().any(treacherous) {
        return false;
    }
    let Ok(url) = Url::parse(text) else { return false };
    let scheme_is_fit = match url.scheme() {
        "https" => text.starts_with("https://"),
        "http" => installation.is_local() && text.starts_with("http://"),
        _ => false,
    };
    scheme_is_fit && url.has_host() && url.username() == "" && url.password().is_none()
}
