//! What the workbench gives to be served.

use std::fmt;
use std::pin::Pin;

use jackfield_protocol::{CallId, Error, ErrorKind, ToolView};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A call that runs.
pub type ToolFuture<'a> = Pin<Box<dyn Future<Output = Result<ToolAnswer, ToolFailure>> + Send + 'a>>;

/// Tools that can be called. The server keeps nothing of them: it asks each time.
pub trait Toolbox: Send + Sync + 'static {
    /// Who serves.
    fn info(&self) -> ServerInfo;

    /// The tools as they are now, in a stable order, no two with the same name.
    fn tools(&self) -> Vec<ToolView>;

    /// Changes its value whenever [`tools`](Self::tools) would answer something else. Clients are told.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Calls a tool.
    ///
    /// When `cancel` fires, the call has to end soon, with a [`FailureKind::Stopped`]: whoever stops a
    /// server waits for it.
    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: Map<String, Value>,
        cancel: CancellationToken,
    ) -> ToolFuture<'a>;
}

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerInfo {
    /// Its name, for programs.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How to use it, for whoever calls its tools.
    pub instructions: Option<String>,
}

/// What a tool answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolAnswer {
    /// The call, whose log lines carry the same id.
    pub call: Option<CallId>,
    /// For programs; an object that fits the tool's output schema.
    pub structured: Option<Value>,
    /// For people and models.
    pub text: String,
    /// Whether the tool did its work and says that it failed: a WIT `result` that is an `err`.
    pub is_error: bool,
}

/// Why a tool gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolFailure {
    /// It is not there. The client broke the protocol, and gets a JSON-RPC error.
    #[error("there is no tool {name:?}; tools/list names those that there are")]
    UnknownTool {
        /// What was asked for.
        name: String,
    },
    /// It is there, and the call came to nothing. The model that made the call gets to read why, so that it
    /// can do better.
    #[error("{message}")]
    Failed {
        /// What stood in the way, for programs.
        kind: FailureKind,
        /// What happened, and what can be done about it.
        message: String,
        /// The call, if it came that far.
        call: Option<CallId>,
    },
}

impl ToolFailure {
    /// The failure that an error of the workbench is.
    #[must_use]
    pub fn new(call: Option<CallId>, error: &Error) -> Self {
        Self::Failed { kind: FailureKind::from(error.kind), message: error.to_string(), call }
    }
}

/// What can stand in the way of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The arguments are not what the function takes.
    Arguments,
    /// The component trapped.
    Trap,
    /// It took longer than was allowed.
    TimeLimit,
    /// It wanted more memory, stack or the like than was allowed.
    MemoryLimit,
    /// It was stopped from outside.
    Stopped,
    /// Anything else: the workload does not run, or a component could not be instantiated.
    Other,
}

impl From<ErrorKind> for FailureKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Arguments => Self::Arguments,
            ErrorKind::Trap => Self::Trap,
            ErrorKind::TimedOut => Self::TimeLimit,
            ErrorKind::OverLimit => Self::MemoryLimit,
            ErrorKind::Cancelled => Self::Stopped,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Arguments => "arguments",
            Self::Trap => "trap",
            Self::TimeLimit => "time-limit",
            Self::MemoryLimit => "memory-limit",
            Self::Stopped => "stopped",
            Self::Other => "other",
        })
    }
}
