//! The bodies of pages that were read lately. A statement that reads such a page compares the version, and leaves out the
//! body if it is still the same: a long one takes longer to read than everything else that a view needs.

use std::{fmt, sync::Arc};

use quick_cache::{Weighter, sync::Cache};
use tollgate_domain::{
    Timestamp,
    creators::Page,
    id::PageId,
    names::{HandleName, Slug},
};

/// The most memory for bodies, in bytes.
const MAX_BYTES: u64 = 8 * 1024 * 1024;
/// How many bodies are expected within the bound.
const EXPECTED: usize = 500;
/// Shorter bodies are read at every view, which takes no time.
const SHORT: usize = 2_000;

/// The body of a version of a page.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) page: PageId,
    /// When the page was changed last, which each change sets to another instant.
    pub(crate) version: Timestamp,
    text: Arc<str>,
}

type Name = (HandleName, Slug);

#[derive(Clone)]
struct Bytes;

impl Weighter<Name, Body> for Bytes {
    fn weight(&self, _: &Name, body: &Body) -> u64 {
        u64::try_from(body.text.len() + 128).unwrap_or(u64::MAX)
    }
}

/// The long bodies that were read lately, by the names of their pages. Clones share them.
#[derive(Clone)]
pub(crate) struct Bodies(Arc<Cache<Name, Body, Bytes>>);

impl Default for Bodies {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(EXPECTED, MAX_BYTES, Bytes)))
    }
}

impl Bodies {
    /// Returns the body that the page of this name had when it was read last, if it was a long one.
    pub(crate) fn of(&self, name: &Name) -> Option<Body> {
        self.0.get(name)
    }

    /// Fills in the body of a page that was read without it, since it is still the `known` one, or keeps the body that
    /// was read.
    pub(crate) fn complete(&self, name: Name, known: Option<Body>, page: &mut Page) {
        match known {
            Some(known) if known.page == page.id && known.version == page.updated_at => {
                known.text.as_ref().clone_into(&mut page.body);
            }
            _ if page.body.len() >= SHORT => {
                let (version, text) = (page.updated_at, page.body.as_str().into());
                self.0.insert(name, Body { page: page.id, version, text });
            }
            _ => {}
        }
    }
}

impl fmt::Debug for Bodies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bodies")
    }
}
