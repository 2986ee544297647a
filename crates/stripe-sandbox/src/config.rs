//! The configuration of a sandbox, and the errors of starting one.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The configuration of a sandbox. Its `Debug` output contains no secrets.
#[derive(Clone)]
pub struct SandboxConfig {
    /// The address to listen on; port 0 takes a free port.
    pub listen: SocketAddr,
    /// The directory that the state is saved in. `None` keeps it in memory only.
    pub state_dir: Option<PathBuf>,
    /// The address that events are delivered to. `None` stores them without delivery.
    pub webhook_url: Option<String>,
    /// The key that clients authenticate with.
    pub secret_key: String,
    /// The secret that webhooks are signed with.
    pub webhook_secret: String,
}

impl fmt::Debug for SandboxConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SandboxConfig")
            .field("listen", &self.listen)
            .field("state_dir", &self.state_dir)
            .field("webhook_url", &self.webhook_url)
            .finish_non_exhaustive()
    }
}

/// An error that keeps a sandbox from starting.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The state directory cannot be read or created, or its state file is not valid.
    #[error("the sandbox's state directory {} cannot be used: {source}", directory.display())]
    State { directory: PathBuf, source: io::Error },
    /// The address cannot be bound.
    #[error("the sandbox cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    /// The HTTP client for webhooks cannot be built.
    #[error("the sandbox cannot deliver webhooks: {0}")]
    Webhooks(#[source] reqwest::Error),
}
