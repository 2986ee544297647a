//! The creator's frontend that a request about a visitor comes from.

use actix_web::HttpMessage;
use tollgate_domain::creators::FrontendOrigin;

/// The registered origin of a request under `/v2/visitor/`; none on the installation's own hosts, and without
/// a browser.
#[derive(Debug, Clone)]
pub(crate) struct FromFrontend(pub(crate) Option<FrontendOrigin>);

extractor!(FromFrontend, |req, _| Self(req.extensions().get::<FrontendOrigin>().cloned()));
