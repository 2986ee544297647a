//! The two surfaces of an installation, distinguished by path.

use percent_encoding::percent_decode_str;

/// The surface of the installation that a path belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// The JSON interface.
    Api,
    /// The HTML pages.
    Site,
}

impl Surface {
    pub(crate) fn of(path: &str) -> Self {
        let rest = path.strip_prefix("/v2");
        let api = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let is_operations = matches!(path, "/healthz" | "/readyz" | "/metrics");
        if api || is_operations { Self::Api } else { Self::Site }
    }
}

/// Returns whether frontends on other hosts call this path.
pub(super) fn is_shared(path: &str) -> bool {
    path.starts_with("/v2/visitor/") || path.starts_with("/v2/public/")
}

/// Returns whether a path would be a shared one if its escapes were written as the characters that they stand for. The router
/// decodes them, and code that compares paths does not.
pub(super) fn is_disguised(path: &str) -> bool {
    path.contains('%')
        && !is_shared(path)
        && is_shared(&percent_decode_str(path).decode_utf8_lossy())
}

/// Returns whether every host serves this path, as it does the interface that the path documents.
pub(super) fn is_on_every_host(path: &str) -> bool {
    path == "/docs" || path == "/docs/style.css"
}
