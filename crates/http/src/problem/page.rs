//! The page that shows a problem.

use actix_web::HttpRequest;
use askama::Template;
use tollgate_domain::{creators::Handle, email::Email};

use super::{Code, Problem};
use crate::locale::{Locale, Texts};

#[derive(Template)]
#[template(path = "site/problem.html")]
struct ProblemPage<'a> {
    t: Texts,
    title: String,
    text: String,
    /// The path to go on with.
    back: &'a str,
    request_id: &'a str,
    /// Whose storefront it is.
    shop: Option<&'a Handle>,
}

impl ProblemPage<'_> {
    fn brand(&self) -> &str {
        self.shop.map_or("Tollgate", |shop| &shop.title)
    }

    fn support(&self) -> Option<&str> {
        self.shop?.texts.support_email.as_ref().map(Email::as_str)
    }
}

impl Problem {
    /// Returns the problem as a page of a storefront, or of none.
    pub(crate) fn to_html(
        &self,
        req: &HttpRequest,
        request_id: &str,
        shop: Option<&Handle>,
    ) -> String {
        let t = Texts(Locale::of(req));
        let (title, text) = self.words(t);
        let page = ProblemPage { t, title, text, back: back(req.path()), request_id, shop };
        page.render().unwrap_or_else(|_| self.code().title().to_owned())
    }

    /// Returns what happened, and what to do next.
    fn words(&self, t: Texts) -> (String, String) {
        match self.code() {
            Code::PageNotFound => (t.get("problem-page"), t.get("problem-page-text")),
            Code::HandleNotFound => (t.get("problem-handle"), t.get("problem-handle-text")),
            Code::FileNotFound => (t.get("problem-file"), t.get("problem-file-text")),
            Code::GroupBuyNotFound => (t.get("problem-group-buy"), t.get("problem-group-buy-text")),
            Code::NotFound | Code::PurchaseNotFound => {
                (t.get("problem-nothing"), t.get("problem-nothing-text"))
            }
            Code::MethodNotAllowed => (t.get("problem-method"), t.get("problem-method-text")),
            Code::CrossSiteRequest => (t.get("problem-site"), t.get("problem-site-text")),
            Code::RateLimited => (t.get("problem-limited"), t.get("problem-limited-text")),
            Code::Unavailable => (t.get("problem-busy"), t.get("problem-busy-text")),
            Code::PaymentProviderError => (t.get("problem-payment"), t.get("problem-payment-text")),
            Code::ConnectNotConfigured => (t.get("problem-sale"), t.get("problem-sale-text")),
            Code::PayloadTooLarge => (t.get("problem-large"), t.get("problem-large-text")),
            Code::InternalError => (t.get("problem-fault"), t.get("problem-fault-text")),
            Code::ValidationFailed | Code::BadRequest | Code::UnsupportedMediaType => {
                (t.get("problem-input"), t.get("problem-input-text"))
            }
            _ => (t.get("problem-other"), t.get("problem-other-text")),
        }
    }
}

/// Returns the page that a form was on, or the start.
fn back(path: &str) -> &str {
    let page = path.strip_suffix("/checkout").or_else(|| path.strip_suffix("/interest"));
    // A browser could take anything else for the address of another host.
    let is_local = |page: &&str| {
        page.starts_with('/')
            && !page.starts_with("//")
            && page.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/'))
    };
    page.filter(is_local).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn way_back_is_the_page_of_the_form() {
        for (path, page) in [
            ("/guide/checkout", "/guide"),
            ("/-/group-buys/together/interest", "/-/group-buys/together"),
            ("//evil.example/checkout", "/"),
            ("/\\evil/checkout", "/"),
            ("/checkout", "/"),
            ("/guide", "/"),
        ] {
            assert_eq!(back(path), page, "{path}");
        }
    }
}
