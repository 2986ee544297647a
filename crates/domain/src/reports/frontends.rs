//! What creators' frontends may know of visitors.

use std::sync::Arc;

use super::ports::ReportReads;
use crate::{
    creators::{FrontendOrigin, ports::CreatorReads},
    id::HandleId,
    opaque_debug::opaque_debug,
    store_error::StoreError,
    visitor_auth::SignedInVisitor,
};

/// The use cases of what a creator's frontend sees. A visitor is global to the installation, but a frontend
/// is a matter of the handles that registered its origin.
#[derive(Clone)]
pub struct Frontends {
    creators: Arc<dyn CreatorReads>,
    reports: Arc<dyn ReportReads>,
}

impl Frontends {
    /// Creates the use cases.
    pub fn new(creators: Arc<dyn CreatorReads>, reports: Arc<dyn ReportReads>) -> Self {
        Self { creators, reports }
    }

    /// Returns the handles that registered the origin.
    pub async fn handles(&self, origin: &FrontendOrigin) -> Result<Vec<HandleId>, StoreError> {
        self.creators.handles_of_origin(origin).await
    }

    /// Returns whether the visitor has something to do with the frontend: the session began there, or the
    /// visitor is among the people of a handle that registered it.
    pub async fn knows(
        &self,
        origin: &FrontendOrigin,
        who: &SignedInVisitor,
    ) -> Result<bool, StoreError> {
        if who.frontend.as_ref() == Some(origin) {
            return Ok(true);
        }
        self.reports.is_among_people(origin, &who.visitor).await
    }
}

opaque_debug!(Frontends);
