//! The URLs that a visitor returns to from the pay page.

use url::Url;

use super::CheckoutError;
use crate::{installation::Installation, validation::FieldErrors};

const MAX_URL: usize = 2_000;

/// The URLs that the visitor returns to from the pay page. If one is unset, it is the page itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReturnUrls {
    /// The URL after paying.
    pub success: Option<String>,
    /// The URL after cancelling.
    pub cancel: Option<String>,
}

/// Checks the URLs that a frontend sets when it starts a checkout. Any host is allowed, but each has to
/// be a web URL that shows its host plainly.
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
