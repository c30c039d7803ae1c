//! What each kind of text looks like. The one place that knows colour codes.

use std::io::IsTerminal;

use crate::args::ColorChoice;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Anything without a role of its own.
    Plain,
    /// The heading of a section.
    Heading,
    /// A name that the reader may look for.
    Name,
    /// The name of the workload's component with this position; each has a colour of its own.
    Component(usize),
    /// Of less interest than what stands around it.
    Faint,
    /// All is well.
    Good,
    /// Worth a look.
    Warning,
    /// Something is wrong.
    Error,
}

/// Colours for components: neither red nor yellow, which say that something is wrong.
const COMPONENT_CODES: [&str; 6] = ["36", "35", "34", "32", "96", "95"];

/// Ends what any other code began.
pub(crate) const RESET: &str = "\u{1b}[0m";

impl Role {
    /// The SGR parameters that begin text of this role, if it looks like anything.
    pub(crate) fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Heading | Self::Name => Some("1"),
            Self::Component(position) => COMPONENT_CODES.get(position % COMPONENT_CODES.len()).copied(),
            Self::Faint => Some("2"),
            Self::Good => Some("32"),
            Self::Warning => Some("1;33"),
            Self::Error => Some("1;31"),
        }
    }
}

/// Whether to use colour on `stream`, following <https://no-color.org>.
pub(crate) fn use_colour(choice: ColorChoice, stream: &impl IsTerminal) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
            stream.is_terminal() && !forbidden && !dumb
        }
    }
}
