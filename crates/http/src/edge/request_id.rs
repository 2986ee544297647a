//! Names for requests, by which a client's complaint is found in the log.

use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::{HttpMessage, HttpRequest, dev::ServiceRequest};
use tollgate_domain::random::{self, Random};

use crate::state::Http;

/// Gives out names: a random start for each process, then a count. It costs no system call a request.
#[derive(Debug)]
pub(crate) struct RequestIds {
    process: u64,
    count: AtomicU64,
}

/// The name of one request. A client cannot choose it.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(String);

impl RequestIds {
    pub(crate) fn new(random: &dyn Random) -> Self {
        Self { process: u64::from_be_bytes(random::bytes(random)), count: AtomicU64::new(0) }
    }

    fn next(&self) -> RequestId {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        RequestId(format!("req-{:016x}-{count:x}", self.process))
    }
}

impl RequestId {
    /// Names the request and leaves the name with it.
    pub(super) fn begin(http: &Http, req: &ServiceRequest) -> Self {
        let id = http.request_ids().next();
        req.extensions_mut().insert(id.clone());
        id
    }

    /// The name that the request was given.
    pub(crate) fn of(req: &HttpRequest) -> Self {
        req.extensions().get::<Self>().cloned().unwrap_or_else(|| Self("unknown".to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
