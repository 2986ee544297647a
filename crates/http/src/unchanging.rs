//! Answers that are the same for everyone and at any time.

/// Marks, as an extension, an answer whose body is a text that never changes, so that it is compressed once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unchanging(pub(crate) &'static str);
