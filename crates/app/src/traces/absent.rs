//! Stands in for traces in a program that is built without them.

use std::{convert::Infallible, future::Future};

use actix_web::dev::ServiceRequest;
use tollgate_http::TrustedProxies;
use tracing_subscriber::layer::Identity;

use crate::config::Config;

/// The traces of this process. There is never a value.
pub(crate) struct Traces(Infallible);

impl Traces {
    /// Returns `None`, and prints that no traces are sent if the environment asks for them.
    #[expect(clippy::unnecessary_wraps, reason = "sending traces can fail to start")]
    pub(crate) fn start(_: &Config) -> anyhow::Result<Option<Self>> {
        if super::are_wanted() {
            note!(
                "tollgate: no traces are sent to the collector, since the program was built without them \
                 (cargo build --features opentelemetry)"
            );
        }
        Ok(None)
    }

    /// Returns a layer that does nothing.
    pub(crate) const fn layer(&self) -> Identity {
        match self.0 {}
    }
}

/// The callers whose traces go on here. Does nothing.
#[derive(Clone)]
pub(crate) struct Parents;

impl Parents {
    pub(crate) const fn of(_: &TrustedProxies) -> Self {
        Self
    }

    pub(crate) const fn parent(&self, _: &ServiceRequest) -> Parent {
        Parent
    }
}

/// The trace that a request is a part of. Does nothing.
pub(crate) struct Parent;

impl Parent {
    /// Returns the answer as it is.
    pub(crate) const fn of<F: Future>(self, answer: F) -> F {
        answer
    }
}
