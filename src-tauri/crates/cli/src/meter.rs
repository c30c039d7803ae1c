//! How far a transfer is: one line on standard error that is written over and over, on terminals alone.

use std::io::{self, IsTerminal as _, Write as _};

use jackfield_protocol::Transfer;

use crate::render::Size;
use crate::sanitize;

/// Goes to the line's beginning and clears it (ECMA-48, 8.3.41).
const ERASE: &str = "\r\u{1b}[K";

/// The line. Dropping it clears it.
#[derive(Debug)]
pub(crate) struct Meter {
    is_on: bool,
    is_shown: bool,
}

impl Default for Meter {
    fn default() -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self { is_on: io::stderr().is_terminal() && !is_dumb, is_shown: false }
    }
}

impl Meter {
    /// Shows how far it is.
    pub(crate) fn show(&mut self, transfer: &Transfer) {
        if self.is_on && !transfer.is_over {
            self.is_shown = true;
            write(&format!("{ERASE}{}", line(transfer)));
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.is_shown {
            write(ERASE);
        }
    }
}

/// Short enough for any terminal, because a line that wraps cannot be written over.
fn line(transfer: &Transfer) -> String {
    let done = Size(transfer.done_in_bytes);
    let step = sanitize::line(&transfer.step);
    match transfer.total_in_bytes {
        Some(total) => format!("{step}: {done} of {}", Size(total)),
        None if transfer.done_in_bytes > 0 => format!("{step}: {done}"),
        None => format!("{step}…"),
    }
}

fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    // Progress that cannot be shown is no reason to fail.
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_is_known() {
        let transfer = |done_in_bytes, total_in_bytes| Transfer {
            reference: "oci://a/b:1".into(),
            step: "transferring".into(),
            done_in_bytes,
            total_in_bytes,
            is_over: false,
        };
        assert_eq!(line(&transfer(0, None)), "transferring…");
        assert_eq!(line(&transfer(2048, None)), "transferring: 2.0 KiB");
        assert_eq!(line(&transfer(0, Some(4096))), "transferring: 0 B of 4.0 KiB");
    }
}
