//! Why a command failed, and what the process exits with then.

use jackfield_protocol::{Error, Trace};

/// The exit codes of failures, as `--help` tells them.
pub(crate) mod code {
    /// Something failed.
    pub(crate) const FAILED: u8 = 1;
    /// A workload could not be started, or not be followed: jack's own failure, where every code below is one that a
    /// service exits with. Other programs that run programs say it so, too: `docker run`, `timeout`.
    pub(crate) const NOT_STARTED: u8 = 125;
    /// Ended by Ctrl-C: 128 and the number of SIGINT.
    pub(crate) const INTERRUPTED: u8 = 130;
    /// A service trapped, or ran into a limit: 128 and the number of SIGABRT, as `wasmtime run` says it.
    pub(crate) const TRAPPED: u8 = 134;
}

/// What went wrong.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Why, for people and for programs.
    pub(crate) error: Box<Error>,
    /// What the process exits with.
    pub(crate) code: u8,
    /// For programs: what led to it, if a call failed that was traced.
    pub(crate) trace: Option<Box<Trace>>,
}

impl Failure {
    /// With one of the codes, or a service's.
    pub(crate) fn new(error: Error, code: u8) -> Self {
        Self { error: Box::new(error), code, trace: None }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error, code::FAILED)
    }
}
