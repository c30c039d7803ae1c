//! An open workload as others see it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ComponentName, Plan, Probes, WorkloadId};

/// An open workload: what it is, how it is linked, and how it is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WorkloadView {
    /// Its identity while it is open.
    pub id: WorkloadId,
    /// Its name, from the file.
    pub name: String,
    /// Its namespace, from the file.
    pub namespace: Option<String>,
    /// Its file, as an absolute path; nothing until it is saved for the first time.
    pub path: Option<String>,
    /// Counts its changes; for [`Request::Restore`](crate::Request::Restore).
    pub revision: u64,
    /// Whether its file says something else.
    pub is_modified: bool,
    /// Whether what runs is an older revision.
    pub needs_restart: bool,
    /// The service, if it runs code from before a component file changed: it does so until it is restarted.
    #[serde(default)]
    pub outdated_service: Option<ComponentName>,
    /// How it is doing.
    pub state: WorkloadState,
    /// How it is linked.
    pub plan: Plan,
    /// Where its HTTP handlers answer; empty unless it runs.
    pub listening: Vec<Listening>,
    /// Where MCP clients reach it; nothing unless it is served.
    pub mcp_url: Option<String>,
    /// What is observed of it, and done to its calls. Kept while it is open, whether it runs or not.
    #[serde(default)]
    pub probes: Probes,
    /// The file to which its traces are recorded, if they are.
    #[serde(default)]
    pub recording: Option<String>,
}

impl WorkloadView {
    /// Its file, or that it has none.
    #[must_use]
    pub fn location(&self) -> &str {
        self.path.as_deref().unwrap_or("not saved yet")
    }
}

/// An address at which a component of a running workload answers HTTP requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Listening {
    /// The component whose handler answers.
    pub component: ComponentName,
    /// The address, always of the loopback interface: `http://127.0.0.1:41234/`.
    pub url: String,
}

/// How a workload is doing. Always the truth: a state is announced when it is reached, not when
/// it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum WorkloadState {
    /// Not running.
    #[default]
    Stopped,
    /// Compiling and instantiating.
    Starting,
    /// The service runs, or, where there is none, the entries take calls.
    Running,
    /// The service returned without an error.
    Completed,
    /// Something ended it.
    Failed {
        /// The component that failed, if it was one.
        component: Option<ComponentName>,
        /// What happened, in words.
        reason: String,
        /// What the service exited with, if it came to its end by itself: 1 if its `run` returned an error. Nothing
        /// if it trapped, or if something else failed.
        #[serde(default)]
        exit_code: Option<u8>,
    },
}

impl WorkloadState {
    /// Whether there is something to stop.
    #[must_use]
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Starting | Self::Running)
    }

    /// One word for it, in lower case.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed { .. } => "failed",
        }
    }
}

impl fmt::Display for WorkloadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { component: Some(component), reason, .. } => {
                write!(f, "failed: `{component}`: {reason}")
            }
            Self::Failed { component: None, reason, .. } => write!(f, "failed: {reason}"),
            other => f.write_str(other.label()),
        }
    }
}
