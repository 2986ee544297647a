//! The page that shows a problem.

use actix_web::{
    HttpRequest,
    http::{Method, StatusCode, header},
};
use askama::Template;
use tollgate_domain::{creators::Handle, email::Email};

use super::{Code, Problem};
use crate::{local_path::LocalPath, locale::Texts};

/// What surrounds a problem: whose storefront it is on, and who is signed in.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) shop: Option<Handle>,
    pub(crate) visitor: Option<Email>,
    /// The address of "my access", on hosts for visitors.
    pub(crate) access: Option<String>,
    /// The address of the installation, on hosts that are not a shop's.
    pub(crate) root: Option<String>,
    /// What there is to say to the visitor besides.
    pub(crate) notice: Option<String>,
    pub(crate) is_console: bool,
}

/// What the page of a problem says besides, such as what became of a payment. It is not a part of the problem, since it is meant for
/// the visitor alone.
pub(crate) struct Aside(pub(crate) String);

#[derive(Template)]
#[template(path = "site/problem.html")]
struct ProblemPage<'a> {
    t: Texts,
    title: String,
    text: String,
    /// The path to go on with.
    back: &'a str,
    /// Whether that is the page that was asked for.
    is_again: bool,
    request_id: &'a str,
    around: &'a Surroundings,
}

impl ProblemPage<'_> {
    fn brand(&self) -> &str {
        self.around.shop.as_ref().map_or("Tollgate", |shop| &shop.title)
    }

    /// Returns where the name in the header leads. A host without a shop has no start of its own.
    fn start(&self) -> &str {
        self.around.root.as_deref().unwrap_or("/")
    }

    fn support(&self) -> Option<&Email> {
        self.around.shop.as_ref()?.texts.support_email.as_ref()
    }
}

impl Problem {
    pub(crate) fn to_html(
        &self,
        req: &HttpRequest,
        request_id: &str,
        around: &Surroundings,
    ) -> String {
        let t = Texts::of(req);
        let (title, text) = self.sentences(t, around);
        let is_again = self.may_pass() && req.method() == Method::GET;
        let place = if is_again {
            own_page(req)
        } else if self.may_pass() || self.code() == Code::PayloadTooLarge {
            page_of_form(req)
        } else {
            None
        };
        let is_again = is_again && place.is_some();
        let back = match (&around.root, &place) {
            (Some(root), _) => root.as_str(),
            (None, Some(place)) => place.as_str(),
            // The path itself leads to nothing.
            (None, None) if self.code().status() == StatusCode::NOT_FOUND => "/",
            (None, None) => back(req.path()),
        };
        let page = ProblemPage { t, title, text, back, is_again, request_id, around };
        page.render().unwrap_or_else(|_| self.code().title().to_owned())
    }

    /// Returns whether the same request may be answered in a moment.
    fn may_pass(&self) -> bool {
        matches!(self.code(), Code::RateLimited | Code::Unavailable | Code::InternalError)
    }

    /// Returns what happened, and what to do next.
    fn sentences(&self, t: Texts, around: &Surroundings) -> (String, String) {
        match self.code() {
            Code::PageNotFound | Code::HandleNotFound | Code::GroupBuyNotFound
                if around.is_console =>
            {
                (t.get("problem-nothing"), t.get("problem-nothing-text"))
            }
            Code::PageNotFound => (t.get("problem-page"), t.get("problem-page-text")),
            Code::HandleNotFound => (t.get("problem-handle"), t.get("problem-handle-text")),
            Code::FileNotFound => (t.get("problem-file"), t.get("problem-file-text")),
            Code::GroupBuyNotFound => (t.get("problem-group-buy"), t.get("problem-group-buy-text")),
            Code::NotFound | Code::PurchaseNotFound => {
                (t.get("problem-nothing"), t.get("problem-nothing-text"))
            }
            Code::MethodNotAllowed => (t.get("problem-method"), t.get("problem-method-text")),
            Code::CrossSiteRequest => (t.get("problem-site"), t.get("problem-site-text")),
            Code::RateLimited => (t.get("problem-limited"), self.too_often(t)),
            Code::Unavailable => (t.get("problem-busy"), t.get("problem-busy-text")),
            Code::PaymentProviderError => (t.get("problem-payment"), t.get("problem-payment-text")),
            Code::ConnectNotConfigured => (t.get("problem-sale"), t.get("problem-sale-text")),
            Code::PayloadTooLarge => (t.get("problem-large"), self.too_large(t)),
            Code::InternalError => (t.get("problem-fault"), t.get("problem-fault-text")),
            Code::ValidationFailed | Code::BadRequest | Code::UnsupportedMediaType => {
                (t.get("problem-input"), t.get("problem-input-text"))
            }
            _ => (t.get("problem-other"), t.get("problem-other-text")),
        }
    }

    fn too_often(&self, t: Texts) -> String {
        match self.retry_after() {
            Some(seconds) => t.with("problem-limited-wait", "wait", t.duration(seconds)),
            None => t.get("problem-limited-text"),
        }
    }

    fn too_large(&self, t: Texts) -> String {
        match self.most {
            Some(most) => t.with("problem-large-limit", "size", t.size_limit(most)),
            None => t.get("problem-large-text"),
        }
    }
}

/// Returns the page of this host that a form was sent from. A form that is not named by its browser was at the address that
/// it was sent to.
fn page_of_form(req: &HttpRequest) -> Option<LocalPath> {
    let text = |name| req.headers().get(name).and_then(|value| value.to_str().ok());
    let named = text(header::REFERER).zip(text(header::HOST)).and_then(|(from, host)| {
        let (_, rest) = from.split_once("://")?;
        LocalPath::parse(rest.strip_prefix(host)?)
    });
    named.or_else(|| own_page(req))
}

/// Returns the page that was asked for.
fn own_page(req: &HttpRequest) -> Option<LocalPath> {
    LocalPath::parse(req.uri().path_and_query()?.as_str())
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
