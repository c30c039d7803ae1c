//! Notices: what went wrong, shown until the user takes it away.

use jackfield_protocol::{Error, WorkloadId};

use super::Fetching;

/// How a notice looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something could not be done.
    Error,
    /// Something that the user should know.
    Information,
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Names it while the window lives.
    pub id: u64,
    /// How it looks.
    pub kind: NoticeKind,
    /// What happened, in one line.
    pub title: String,
    /// The single problems, one a line.
    pub details: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// How often the very same happened in a row.
    pub times: u32,
    /// The workload that could not be opened, if pulling helps.
    pub fetching: Option<Fetching>,
    /// The workload that could not be started: of another plan, or once it runs, that is no longer true.
    pub start_of: Option<WorkloadId>,
}

impl Notice {
    pub(super) fn from_error(id: u64, attempt: &str, error: &Error) -> Self {
        let problems = error.problems.iter().map(ToString::to_string);
        let diagnostics = error
            .diagnostics
            .iter()
            .map(|diagnostic| format!("{} ({})", diagnostic.message(), diagnostic.suggestion()));
        Self {
            id,
            kind: NoticeKind::Error,
            title: format!("{attempt}: {}", error.message),
            details: problems.chain(diagnostics).collect(),
            help: error.help.clone(),
            times: 1,
            fetching: None,
            start_of: None,
        }
    }

    /// All of it as text, for the clipboard.
    #[must_use]
    pub fn text(&self) -> String {
        let details = self.details.iter().map(|detail| format!("\n  {detail}"));
        let help = self.help.iter().map(|help| format!("\n  help: {help}"));
        std::iter::once(self.title.clone()).chain(details).chain(help).collect()
    }

    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.text() == other.text()
    }
}
