//! Standard output and standard error, which may be pipes that are closed or a disk that is full.

use std::{
    fmt::{Arguments, Display},
    io::{self, ErrorKind, Write},
    sync::atomic::{AtomicBool, Ordering},
};

static HAS_FAILED: AtomicBool = AtomicBool::new(false);

/// Prints a line on standard output. If that is not possible, the program goes on.
macro_rules! say {
    () => { $crate::output::print(format_args!("\n")) };
    ($($text:tt)*) => { $crate::output::print(format_args!("{}\n", format_args!($($text)*))) };
}

/// Prints a line on standard error: progress, warnings, and why a command fails. If that is not possible, the program goes on.
macro_rules! note {
    ($($text:tt)*) => { $crate::output::print_note(format_args!("{}\n", format_args!($($text)*))) };
}

/// Prints a text on standard error, for [`note!`].
pub(crate) fn print_note(text: Arguments<'_>) {
    // There is nowhere left to tell that it failed.
    let _ = io::stderr().lock().write_fmt(text);
}

/// Prints a text on standard output, for [`say!`].
pub(crate) fn print(text: Arguments<'_>) {
    let mut output = io::stdout().lock();
    if let Err(error) = output.write_fmt(text).and_then(|()| output.flush()) {
        // A closed pipe is not an error: its reader has what it wanted.
        let has_failed = error.kind() != ErrorKind::BrokenPipe;
        HAS_FAILED.fetch_or(has_failed, Ordering::Relaxed);
    }
}

/// Returns a number with what it counts, such as `1 file` or `2 files`.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let ending = if number == N::from(1) { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// Returns whether something could not be printed that somebody wanted to read.
pub(crate) fn has_failed() -> bool {
    HAS_FAILED.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        let told = [0_usize, 1, 2].map(|number| counted(number, "file"));
        assert_eq!(told, ["0 files", "1 file", "2 files"]);
    }
}
