//! The ids of requests, which identify a request in the log.

use std::{
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

use actix_web::{HttpMessage, HttpRequest, dev::ServiceRequest};
use tollgate_domain::random::{self, Random};

/// Creates ids from a random number for the process and a counter, without a system call per request.
#[derive(Debug)]
pub(crate) struct RequestIds {
    /// The start of all ids of this process.
    prefix: String,
    count: AtomicU64,
}

/// The id of one request. A client cannot choose it.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(Rc<str>);

impl RequestIds {
    pub(crate) fn new(random: &dyn Random) -> Self {
        let process = u64::from_be_bytes(random::bytes(random));
        Self { prefix: format!("req-{process:016x}-"), count: AtomicU64::new(0) }
    }

    fn next(&self) -> RequestId {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        RequestId(format!("{}{count:x}", self.prefix).into())
    }
}

impl RequestId {
    /// Gives the request an id, which does not change.
    pub(crate) fn begin(ids: &RequestIds, req: &ServiceRequest) -> Self {
        let id = ids.next();
        req.extensions_mut().insert(id.clone());
        id
    }

    pub(crate) fn of(req: &HttpRequest) -> Self {
        req.extensions().get::<Self>().cloned().unwrap_or_else(|| Self("unknown".into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
