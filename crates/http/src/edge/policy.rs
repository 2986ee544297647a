//! Headers of every answer. Source: quality bar, "Defaults".

use actix_web::{
    body::BoxBody,
    dev::ServiceResponse,
    http::header::{self, HeaderName, HeaderValue},
};
use tollgate_domain::{creators::FrontendOrigin, installation::Installation};

use super::{
    request_id::RequestId,
    surface::{Surface, is_shared},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const SAME_SITE: HeaderValue = HeaderValue::from_static("same-site");
const NO_FEATURES: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
     magnetometer=(), microphone=(), payment=(), usb=()",
);
const API_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");
const TWO_YEARS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// The origin of Stripe's hosted pay page, and any other https host that Stripe may name for it.
const STRIPE_CHECKOUT: [&str; 2] = ["https:", "https://checkout.stripe.com"];

/// What the page that waits for a mail may do besides: run the script that looks whether it has arrived.
const WAITING_SCRIPT: &str = "script-src 'self'; ";

/// The origin where a creator connects an account with Stripe.
const STRIPE_CONNECT: &str = "https://connect.stripe.com";

/// The headers that depend on the installation, made once.
#[derive(Debug)]
pub(crate) struct PolicyHeaders {
    page_policy: HeaderValue,
    console_policy: HeaderValue,
    form_targets: Vec<String>,
    secure: bool,
}

impl PolicyHeaders {
    pub(crate) fn new(installation: &Installation, checkout_origins: &[String]) -> Self {
        let form_targets = form_targets(installation, checkout_origins);
        Self {
            page_policy: page_policy("", &form_targets),
            console_policy: console_policy(&form_targets),
            form_targets,
            secure: installation.is_secure(),
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

    /// Adds the headers that the handler has not set.
    pub(super) fn apply(&self, response: &mut ServiceResponse<BoxBody>, id: &RequestId) {
        let surface = Surface::of(response.request().path());
        let shared = is_shared(response.request().path());
        let headers = response.headers_mut();
        let mut add = |name: HeaderName, value: HeaderValue| {
            if !headers.contains_key(&name) {
                headers.insert(name, value);
            }
        };
        let (policy, referrer) = match surface {
            Surface::Api => (API_POLICY, HeaderValue::from_static("no-referrer")),
            Surface::Site => (self.page_policy.clone(), SAME_ORIGIN),
        };
        add(header::CONTENT_SECURITY_POLICY, policy);
        add(header::REFERRER_POLICY, referrer);
        add(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        add(header::CACHE_CONTROL, NO_STORE);
        add(OPENER, SAME_ORIGIN);
        add(RESOURCE, if shared { SAME_SITE } else { SAME_ORIGIN });
        add(PERMISSIONS, NO_FEATURES);
        if self.secure {
            add(header::STRICT_TRANSPORT_SECURITY, TWO_YEARS);
        }
        if let Ok(id) = HeaderValue::from_str(id.as_str()) {
            add(REQUEST_ID, id);
        }
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
