//! The URLs that a visitor returns to from the pay page.

use url::Url;

use crate::{
    validation::{Field, FieldError, FieldErrors},
    web_address,
};

/// The URLs that the visitor returns to from the pay page. If one is unset, it is the page itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReturnUrls {
    /// The URL after paying.
    pub success: Option<String>,
    /// The URL after cancelling.
    pub cancel: Option<String>,
}

impl ReturnUrls {
    /// Checks the URLs that a frontend sets when it starts a checkout. Any host is allowed, but each has to
    /// be an https URL that shows its host plainly, or an http URL of this machine.
    pub fn check(&self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        for (field, url) in [(Field::SuccessUrl, &self.success), (Field::CancelUrl, &self.cancel)] {
            if url.as_ref().is_some_and(|url| !is_web_address(url)) {
                errors.add(field, FieldError::ReturnUrl);
            }
        }
        errors.finish()
    }
}

fn is_web_address(text: &str) -> bool {
    if web_address::is_treacherous(text) {
        return false;
    }
    let Ok(url) = Url::parse(text) else { return false };
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let (Some(rest), Some(host)) = (rest, url.host_str()) else { return false };
    // The URL has to show its host plainly: directly after two slashes, and with nothing escaped.
    let is_plain = rest.get(..host.len()).is_some_and(|start| start.eq_ignore_ascii_case(host));
    is_plain && web_address::is_sound(&url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> Option<String> {
        let urls = ReturnUrls { success: Some(url.to_owned()), cancel: None };
        let errors = urls.check().err()?;
        errors.fields().get(&Field::SuccessUrl).map(FieldError::to_string)
    }

    #[test]
    fn refusal_names_all_that_is_taken() {
        let told = refusal("http://shop.example/").unwrap();
        for (named, taken) in [
            ("https address", "https://shop.example/"),
            ("localhost", "http://localhost:3000/"),
            (".localhost", "http://shop.localhost/"),
            ("loopback address", "http://[::1]/"),
        ] {
            assert!(told.contains(named), "{told}");
            assert_eq!(refusal(taken), None, "{taken}");
        }
    }
}
