//! What the terminal is like, and talk on standard error.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use terminal_size::{Width, terminal_size};

/// The width of text that goes to a file or a pipe, where nobody's terminal tells.
const PLAIN_WIDTH: usize = 100;

/// Writes a line to standard error. A closed standard error is nobody's fault and no reason to stop.
pub(crate) fn say(line: &str) {
    let _closed = writeln!(std::io::stderr().lock(), "{line}");
}

/// The columns to write into.
pub(crate) fn width() -> usize {
    terminal_size().map_or(PLAIN_WIDTH, |(Width(columns), _)| usize::from(columns))
}

/// Whether standard output wants colours: a terminal, unless `NO_COLOR` is set
/// (<https://no-color.org>).
pub(crate) fn wants_colour() -> bool {
    let refuses = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !refuses
}

/// A bar for that many bytes of input on standard error, if that is a terminal.
pub(crate) fn progress_bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let style = "{spinner} {msg} {bytes} of {total_bytes} [{bar:30}] {bytes_per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}
