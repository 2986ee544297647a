//! What pages may load and where their forms may lead. Source: quality bar, "Defaults".

use actix_web::http::header::HeaderValue;
use tollgate_domain::{creators::FrontendOrigin, installation::Installation};

/// The policy of the JSON interface.
pub(crate) const API_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// The origin of Stripe's hosted pay page, and any other https host that Stripe may name for it.
const STRIPE_CHECKOUT: [&str; 2] = ["https:", "https://checkout.stripe.com"];

/// What the page that waits for a mail may do besides: run the script that looks whether it has arrived.
const WAITING_SCRIPT: &str = "script-src 'self'; ";

/// The origin where a creator connects an account with Stripe.
const STRIPE_CONNECT: &str = "https://connect.stripe.com";

/// The policies of pages, which depend on the installation, made once.
#[derive(Debug)]
pub(crate) struct PolicyHeaders {
    page_policy: HeaderValue,
    console_policy: HeaderValue,
    form_targets: Vec<String>,
}

impl PolicyHeaders {
    pub(crate) fn new(installation: &Installation, checkout_origins: &[String]) -> Self {
        let form_targets = form_targets(installation, checkout_origins);
        Self {
            page_policy: page_policy("", &form_targets),
            console_policy: console_policy(&form_targets),
            form_targets,
        }
    }

    /// Returns the policy of the screens of the console, which may use scripts of this origin.
    pub(crate) fn console(&self) -> HeaderValue {
        self.console_policy.clone()
    }

    /// Returns the policy of the buyers' pages.
    pub(crate) fn page(&self) -> HeaderValue {
        self.page_policy.clone()
    }

    /// Returns the policy of a page whose form leads to a creator's own frontend.
    pub(crate) fn leading_to(&self, frontend: &FrontendOrigin) -> HeaderValue {
        page_policy("", &self.targets(Some(frontend)))
    }

    /// Returns the policy of the page that waits for a mail, whose form may lead to a creator's own frontend.
    pub(crate) fn waiting(&self, frontend: Option<&FrontendOrigin>) -> HeaderValue {
        page_policy(WAITING_SCRIPT, &self.targets(frontend))
    }

    fn targets(&self, frontend: Option<&FrontendOrigin>) -> Vec<String> {
        let frontend = frontend.map(ToString::to_string);
        self.form_targets.iter().cloned().chain(frontend).collect()
    }
}

/// Returns the origins that forms may lead to. Browsers apply `form-action` to every redirect after a form,
/// and signing in leads to a handle's host and on to the pay page.
fn form_targets(installation: &Installation, checkout_origins: &[String]) -> Vec<String> {
    let root = installation.origin();
    let hosts = root.replacen("://", "://*.", 1);
    let stripe = STRIPE_CHECKOUT.map(ToOwned::to_owned);
    stripe.into_iter().chain([root, hosts]).chain(checkout_origins.iter().cloned()).collect()
}

/// Returns the policy of a page. Tools that read `robots.txt` from within a page connect to its origin.
fn page_policy(scripts: &str, targets: &[String]) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; {scripts}connect-src 'self'; style-src 'self'; img-src 'self'; \
         media-src 'self'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
        targets.join(" ")
    );
    // A configured origin may not be valid in a header; the policy without it is stricter.
    HeaderValue::from_str(&policy).unwrap_or(API_POLICY)
}

fn console_policy(targets: &[String]) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; \
         media-src 'self'; form-action 'self' {STRIPE_CONNECT} {}; base-uri 'none'; \
         frame-ancestors 'none'",
        targets.join(" ")
    );
    HeaderValue::from_str(&policy).unwrap_or(API_POLICY)
}
