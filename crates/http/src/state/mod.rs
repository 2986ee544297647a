//! The state shared by all handlers: its parts are made once for all workers.

mod policy;
mod probes;
mod proxies;
mod receiving;
mod request_id;
mod webhook_intake;

use std::{
    fmt,
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
    time::Duration,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use tollgate_domain::{
    clock::Clock, idempotency::IdempotencyKeys, installation::Installation,
    mail::ports::MailReportReader, payments::WebhookVerifier, random::Random, store::Store,
    token::TokenHash, use_cases::UseCases,
};

pub use self::proxies::{Network, NetworkError, TrustedProxies};
pub(crate) use self::{
    policy::API_POLICY,
    receiving::{Pace, Receiving},
    request_id::RequestId,
    webhook_intake::WebhookIntake,
};
use self::{policy::PolicyHeaders, probes::Probes, request_id::RequestIds};
use crate::{
    access_tokens::AccessTokens,
    markdown::RenderedPages,
    problem::{Code, Problem},
};

/// How long a page waits until its first view is recorded.
const MAX_WAIT_FOR_VIEWS: Duration = Duration::from_millis(250);

/// What [`Http`] needs.
pub struct Dependencies {
    pub use_cases: UseCases,
    pub installation: Installation,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub access_tokens: AccessTokens,
    pub webhooks: Arc<dyn WebhookVerifier>,
    /// Reads what a mail service reports; `None` if none is to.
    pub mail_reports: Option<Arc<dyn MailReportReader>>,
    pub idempotency: Arc<dyn IdempotencyKeys>,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: TrustedProxies,
    /// Returns all that is measured, in the text format of Prometheus.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// How many bodies may be received at the same time.
    pub max_bodies: usize,
    /// Whether `/metrics` has a listener of its own, so that the others do not serve it.
    pub metrics_elsewhere: bool,
    /// Origins that a checkout may lead to in addition to Stripe's, such as the sandbox's.
    pub checkout_form_action: Vec<String>,
    /// Whether the sandbox plays the payment provider.
    pub is_sandbox: bool,
}

/// The state shared by all handlers; a clone is one more reference to it.
#[derive(Clone)]
pub struct Http(Arc<Shared>);

struct Shared {
    rendered: RenderedPages,
    dependencies: Dependencies,
    request_ids: RequestIds,
    policy: PolicyHeaders,
    receiving: Receiving,
    webhook_intake: WebhookIntake,
    probes: Probes,
}

impl Http {
    /// Creates the state.
    pub fn new(dependencies: Dependencies) -> Self {
        Self(Arc::new(Shared {
            rendered: RenderedPages::new(),
            request_ids: RequestIds::new(&*dependencies.random),
            policy: PolicyHeaders::new(
                &dependencies.installation,
                &dependencies.checkout_form_action,
            ),
            receiving: Receiving::new(dependencies.max_bodies),
            webhook_intake: WebhookIntake::new(),
            probes: Probes::new(),
            dependencies,
        }))
    }

    /// Returns the state of the application that a request was sent to.
    pub(crate) fn of(req: &HttpRequest) -> Result<Self, Problem> {
        req.app_data::<Self>().cloned().ok_or_else(|| Problem::new(Code::InternalError))
    }

    /// Waits a moment until the visitor's access history shows the first view of a page that is free with
    /// login, if one was noted in this session. If the store is busy, it is recorded later.
    pub(crate) async fn store_first_view_of(&self, session: Option<TokenHash>) {
        let views = self.use_cases.gate.views();
        if !session.is_some_and(|session| views.has_first_view_of(session)) {
            return;
        }
        match actix_web::rt::time::timeout(MAX_WAIT_FOR_VIEWS, views.store()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "views are recorded later"),
            Err(_) => tracing::warn!("the store is busy: views are recorded later"),
        }
    }

    pub(crate) fn request_ids(&self) -> &RequestIds {
        &self.0.request_ids
    }

    pub(crate) fn rendered(&self) -> &RenderedPages {
        &self.0.rendered
    }

    /// Returns the bodies that the server receives, which the extractors of bodies take from the request.
    pub(crate) fn receiving(&self) -> &Receiving {
        &self.0.receiving
    }

    pub(crate) fn webhook_intake(&self) -> &WebhookIntake {
        &self.0.webhook_intake
    }

    pub(crate) fn probes(&self) -> &Probes {
        &self.0.probes
    }

    pub(crate) fn policy(&self) -> &PolicyHeaders {
        &self.0.policy
    }
}

impl Deref for Http {
    type Target = Dependencies;

    fn deref(&self) -> &Dependencies {
        &self.0.dependencies
    }
}

impl FromRequest for Http {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(req).map_err(Into::into))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl fmt::Debug for Dependencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dependencies")
            .field("installation", &self.installation)
            .finish_non_exhaustive()
    }
}
