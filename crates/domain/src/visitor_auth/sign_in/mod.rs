//! The use cases of signing in: requesting, previewing and redeeming a magic link.

mod look;
mod redeem;
mod request;

use std::sync::Arc;

use jiff::Timestamp;

pub use look::{LinkCode, LinkPreview, LinkState, OpenedAgain};
pub use redeem::{Browser, SignedIn};
pub use request::LinkRequest;

use super::{
    MagicLink, RedeemLinkError, Visitor,
    ports::{Destinations, VisitorAuthReads},
};
use crate::{
    creators::ports::CreatorReads,
    id::MagicLinkId,
    installation::Installation,
    limits::RateLimits,
    links::Links,
    mail::{MailWriter, ports::OutboxReads},
    opaque_debug::opaque_debug,
    store::Runtime,
    store_error::StoreError,
    token::{Code, TokenHash},
};

/// The settings of signing in that an operator can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInConfig {
    /// How long a link is valid: 1 to 900 seconds.
    pub link_seconds: i64,
    /// The number of links that one client address may request per minute.
    pub client_requests_per_minute: i64,
    /// The number of codes that one client address may try per minute.
    pub client_codes_per_minute: i64,
}

impl Default for SignInConfig {
    fn default() -> Self {
        Self { link_seconds: 900, client_requests_per_minute: 300, client_codes_per_minute: 30 }
    }
}

/// The ports that signing in needs.
#[derive(Clone)]
pub struct SignInPorts {
    /// Reads magic links and sessions.
    pub reads: Arc<dyn VisitorAuthReads>,
    /// Reads registered frontend origins.
    pub creators: Arc<dyn CreatorReads>,
    /// Names what visitors sign in for, besides pages.
    pub destinations: Arc<dyn Destinations>,
    /// Tells who stopped the mails of a handle, and who has sold something.
    pub mails: Arc<dyn OutboxReads>,
    /// Counts requests against the limits.
    pub limits: Arc<dyn RateLimits>,
    /// Builds and reads the URLs of pages.
    pub links: Arc<dyn Links>,
}

/// The use cases of signing in.
#[derive(Clone)]
pub struct SignIn {
    runtime: Runtime,
    ports: SignInPorts,
    mails: MailWriter,
    installation: Installation,
    config: SignInConfig,
}

impl SignIn {
    /// Creates the use cases for an installation.
    pub fn new(
        runtime: Runtime,
        ports: SignInPorts,
        mails: MailWriter,
        installation: Installation,
        config: SignInConfig,
    ) -> Self {
        Self { runtime, ports, mails, installation, config }
    }

    /// Returns how long a link is valid, in seconds.
    pub fn link_seconds(&self) -> i64 {
        self.config.link_seconds
    }

    async fn visitor_of(&self, session: Option<TokenHash>) -> Result<Option<Visitor>, StoreError> {
        let Some(session) = session else { return Ok(None) };
        let found = self.ports.reads.signed_in(session, self.runtime.now()).await?;
        Ok(found.map(|found| found.visitor))
    }
}

impl MagicLink {
    /// Checks that the link can be redeemed at `now`, based on this copy of the link.
    fn check(&self, now: Timestamp) -> Result<(), RedeemLinkError> {
        if self.used_at.is_some() {
            Err(RedeemLinkError::Used)
        } else if now >= self.expires_at {
            Err(RedeemLinkError::Expired)
        } else {
            Ok(())
        }
    }
}

fn code_parts(id: MagicLinkId, code: &Code) -> [Vec<u8>; 2] {
    [id.to_string().into_bytes(), code.reveal().as_bytes().to_vec()]
}

opaque_debug!(SignInPorts, SignIn);
