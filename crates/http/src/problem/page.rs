//! The page that shows a problem.

use askama::Template;

use super::{Code, Problem};

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'static str,
    text: &'a str,
    request_id: &'a str,
}

impl Problem {
    /// Returns the problem as a page.
    pub(crate) fn to_html(&self, request_id: &str) -> String {
        let text = match self.code() {
            Code::RateLimited => "That was a bit much at once. Wait a moment, then try again.",
            Code::Unavailable => "We cannot answer right now. Please try again in a moment.",
            Code::PaymentProviderError => {
                "The payment page could not be opened. You have not been charged; please try again."
            }
            Code::ConnectNotConfigured => {
                "The creator cannot take payments yet, so this page cannot be bought at the moment."
            }
            Code::CrossSiteRequest => "Please open the page here and use its own form.",
            _ => self.detail(),
        };
        let page = ProblemPage { title: self.code().title(), text, request_id };
        page.render().unwrap_or_else(|_| self.code().title().to_owned())
    }
}
