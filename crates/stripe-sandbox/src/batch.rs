//! Rows on their way from the state to the state file.

/// Lines of the state file that are written together.
pub(crate) struct Batch {
    /// The version of the state after these lines.
    pub(crate) version: u64,
    /// The lines, each with a line feed at its end.
    pub(crate) text: String,
    /// Whether the lines hold every row instead of the changed ones.
    pub(crate) complete: bool,
}
