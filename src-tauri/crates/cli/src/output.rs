//! Writing to standard output and standard error.
//!
//! A reader that closes the pipe (`| head`) has what it wanted: that is no error, and what is
//! printed after it goes nowhere. Any other failure to write is an error.

use std::io::{self, ErrorKind as IoErrorKind, IsTerminal as _, Write as _};

use jackfield_protocol::{Error, ErrorKind};
use serde::Serialize;

use crate::args::ColorChoice;
use crate::page::Page;
use crate::style;

/// Where a command's output goes, and in which form.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    colour_on_stdout: bool,
    colour_on_stderr: bool,
    closed: bool,
}

impl Output {
    pub(crate) fn new(json: bool, choice: ColorChoice) -> Self {
        Self {
            json,
            colour_on_stdout: style::use_colour(choice, &io::stdout()),
            colour_on_stderr: style::use_colour(choice, &io::stderr()),
            closed: false,
        }
    }

    /// Whether programs read it.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether nobody reads standard output any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether standard output is a terminal.
    pub(crate) fn is_terminal() -> bool {
        io::stdout().is_terminal()
    }

    /// Prints a page to standard output.
    pub(crate) fn print(&mut self, page: &Page) -> Result<(), Error> {
        self.text(&page.render(self.colour_on_stdout))
    }

    /// Prints a page to standard output; where that is a terminal, in its width.
    pub(crate) fn print_cut(&mut self, page: &Page) -> Result<(), Error> {
        let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        self.text(&page.render_within(self.colour_on_stdout, width))
    }

    /// Prints text to standard output as it stands.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Error> {
        self.bytes(text.as_bytes())
    }

    /// Writes bytes to standard output.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.closed {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == IoErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => {
                // A second attempt would fail the same way, or worse: succeed with a hole before it.
                self.closed = true;
                Err(cannot_write(&error))
            }
            Ok(()) => Ok(()),
        }
    }

    /// Prints a value as one line of JSON to standard output.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Error> {
        let mut text = serde_json::to_string(value).map_err(|error| {
            Error::new(ErrorKind::Request, format!("cannot write the result as JSON: {error}"))
        })?;
        text.push('\n');
        self.text(&text)
    }

    /// Prints a page to standard error, for people.
    pub(crate) fn note(&self, page: &Page) {
        // Where standard error is gone there is nowhere left to say so.
        let _ = io::stderr().lock().write_all(page.render(self.colour_on_stderr).as_bytes());
    }
}

fn cannot_write(error: &io::Error) -> Error {
    Error::new(ErrorKind::File, format!("cannot write to standard output: {error}"))
}
