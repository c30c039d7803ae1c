//! What went wrong with a request, fit to be shown.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Diagnostic;

/// Why a request failed. Says what, where and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Error {
    /// What kind of thing went wrong, for programs.
    pub kind: ErrorKind,
    /// What went wrong, in one sentence.
    pub message: String,
    /// What to do about it, if that can be said.
    pub help: Option<String>,
    /// The single problems, if there can be several.
    pub problems: Vec<Problem>,
    /// The findings of the plan, if it is what failed.
    pub diagnostics: Vec<Diagnostic>,
    /// The reference that would have to be pulled, if that is all that is missing.
    #[serde(default)]
    pub pull: Option<Box<str>>,
}

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            help: None,
            problems: Vec::new(),
            diagnostics: Vec::new(),
            pull: None,
        }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, with the reference that would have to be pulled.
    #[must_use]
    pub fn with_pull(mut self, reference: impl Into<Box<str>>) -> Self {
        self.pull = Some(reference.into());
        self
    }

    /// The same, with the single problems.
    #[must_use]
    pub fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    /// The same, with the plan's findings.
    #[must_use]
    pub fn with_diagnostics(mut self, diagnostics: Vec<Diagnostic>) -> Self {
        self.diagnostics = diagnostics;
        self
    }

    /// The references that would have to be pulled, each once and in order. None at all if anything else
    /// is in the way too, because then pulling would not help.
    #[must_use]
    pub fn pulls(&self) -> Vec<&str> {
        let own = self.problems.is_empty().then_some(self.pull.as_deref());
        let all = self.problems.iter().map(|problem| problem.pull.as_deref()).chain(own);
        let Some(all) = all.collect::<Option<Vec<_>>>() else { return Vec::new() };
        let mut pulls = Vec::new();
        for reference in all {
            if !pulls.contains(&reference) {
                pulls.push(reference);
            }
        }
        pulls
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        for diagnostic in &self.diagnostics {
            write!(f, "\n  {}", diagnostic.message())?;
        }
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}

impl std::error::Error for Error {}

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum ErrorKind {
    /// A file could not be read.
    File,
    /// A file is not a component.
    NotAComponent,
    /// The workload file is wrong.
    WorkloadFile,
    /// The plan has errors.
    Plan,
    /// The request names something that is not there, or does not fit the present state.
    Request,
    /// The arguments of a call do not fit the function.
    Arguments,
    /// A component could not be compiled, composed or instantiated.
    Host,
    /// A registry could not be reached, refused, or sent what it should not.
    Registry,
    /// An MCP server could not be reached, refused, or broke the protocol.
    Mcp,
    /// It took longer than was allowed.
    TimedOut,
    /// A component trapped.
    Trap,
    /// A component wanted more memory, stack or the like than it may have, and ended so.
    OverLimit,
    /// The call or the workload was stopped from outside.
    Cancelled,
}

/// One problem at one place of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// What to do about it, if that can be said.
    pub help: Option<String>,
    /// The file, as it was named.
    pub path: String,
    /// Counted from 1; none where the problem is with the file as a whole.
    pub line: Option<u32>,
    /// Counted from 1, in characters.
    pub column: Option<u32>,
    /// The reference that would have to be pulled, if that is all that is missing.
    #[serde(default)]
    pub pull: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        write!(f, ": {}", self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(pull: Option<&str>) -> Problem {
        let pull = pull.map(str::to_owned);
        Problem { message: String::new(), help: None, path: String::new(), line: None, column: None, pull }
    }

    #[test]
    fn what_must_be_pulled_is_told_only_where_pulling_helps() {
        let error = |problems| Error::new(ErrorKind::Request, "").with_problems(problems);
        assert!(error(Vec::new()).pulls().is_empty());
        assert_eq!(error(Vec::new()).with_pull("a").pulls(), ["a"]);
        let all = vec![problem(Some("b")), problem(Some("a")), problem(Some("b"))];
        assert_eq!(error(all).pulls(), ["b", "a"]);
        assert!(error(vec![problem(Some("a")), problem(None)]).pulls().is_empty());
    }
}
