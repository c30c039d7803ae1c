//! Why a workload could not be started or called.

use std::path::PathBuf;

use jackfield_protocol::{ComponentName, Diagnostic, Error, ErrorKind};
use thiserror::Error as ThisError;

use crate::{failure::Failure, limiter::Limit, plugin::PluginError};

/// How an origin is written.
pub(crate) const ORIGIN_HELP: &str = "name a scheme (http, https, tcp, udp), a host and, if it matters, a port: \"https://api.example.com:8443\"";

/// Why the host could not do what it was asked.
#[derive(Debug, ThisError)]
pub enum HostError {
    /// Wasmtime could not be set up.
    #[error("Wasmtime could not be set up: {reason}")]
    Engine {
        /// What it said.
        reason: String,
    },
    /// The plan has errors.
    #[error("the workload cannot be started as it is linked now")]
    Plan {
        /// The errors.
        diagnostics: Vec<Diagnostic>,
    },
    /// A link cannot be made, although both sides have the same name.
    #[error("`{consumer}` cannot be linked to `{provider}` for `{import}`: {reason}")]
    Link {
        /// The component that imports.
        consumer: ComponentName,
        /// The component that exports.
        provider: ComponentName,
        /// What is imported.
        import: String,
        /// Why the types do not fit.
        reason: String,
    },
    /// The components could not be put together.
    #[error("`{component}` and what it reaches cannot be composed: {reason}")]
    Compose {
        /// The component that is the way in.
        component: ComponentName,
        /// What went wrong.
        reason: String,
    },
    /// Wasmtime did not accept or could not compile the code.
    #[error("`{component}` could not be compiled: {reason}")]
    Compile {
        /// The component that is the way in.
        component: ComponentName,
        /// What went wrong.
        reason: String,
    },
    /// A plugin cannot serve the workload.
    #[error("`{component}` cannot have the host's `{plugin}`: {source}")]
    Plugin {
        /// The component that is the way in.
        component: ComponentName,
        /// The plugin's id.
        plugin: String,
        /// Why.
        source: PluginError,
    },
    /// A volume is not there, or cannot be opened or made.
    #[error("the volume `{volume}` cannot be used: {reason}: {}", path.display())]
    Volume {
        /// Its name.
        volume: String,
        /// Its folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// An origin was to be granted or taken that is none.
    #[error("`{}` is not an origin that can be granted", origin.escape_debug())]
    Origin {
        /// What was given.
        origin: String,
    },
    /// A component failed while it ran or was instantiated.
    #[error("`{component}` failed: {failure}")]
    Failed {
        /// The component that is the way in.
        component: ComponentName,
        /// What happened.
        failure: Failure,
    },
    /// A call took longer than its limit.
    #[error("`{function}` of `{component}` took longer than its limit of {limit_millis} ms and was stopped")]
    TimedOut {
        /// The component that was called.
        component: ComponentName,
        /// The function that was called.
        function: String,
        /// The limit.
        limit_millis: u128,
    },
    /// A call could not begin within the time that it may take, because others have not ended.
    #[error("`{function}` of `{component}` waited its {limit_millis} ms for {what}")]
    Busy {
        /// The component that was called.
        component: ComponentName,
        /// The function that was called.
        function: String,
        /// What others have.
        what: &'static str,
        /// The time that it waited, which is the limit of a call.
        limit_millis: u128,
    },
    /// A call was stopped from outside.
    #[error("the call to `{function}` of `{component}` was cancelled")]
    Cancelled {
        /// The component that was called.
        component: ComponentName,
        /// The function that was called.
        function: String,
    },
    /// The workload was stopped.
    #[error("the workload was stopped")]
    Stopped,
    /// The call names something that is not there, or gives arguments that do not fit.
    #[error(transparent)]
    Call(#[from] crate::function::CallError),
}

impl HostError {
    /// What to do about it, where there is something to be said besides what happened.
    pub(crate) fn help(&self) -> Option<String> {
        Some(match self {
            Self::Failed { component, failure } => match failure.limit.as_deref()? {
                Limit::HostCall { .. } => format!(
                    "raise it with `limits = {{ memory = \"…\" }}` of [components.{component}]: it is the largest of a \
                     component's memory here, and never less than 128MiB"
                ),
                _ => return None,
            },
            Self::TimedOut { component, .. } => {
                format!("raise it with `limits = {{ time = … }}` of [components.{component}]")
            }
            Self::Busy { .. } => "wait until other calls have ended, or cancel them".to_owned(),
            Self::Link { .. } => "both sides must be built from the same version of the interface".to_owned(),
            Self::Volume { .. } => "make the folder, or give the volume another one in [volumes]".to_owned(),
            Self::Origin { .. } => ORIGIN_HELP.to_owned(),
            _ => return None,
        })
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::Plan { .. } => ErrorKind::Plan,
            Self::Failed { failure, .. } if failure.limit.is_some() => ErrorKind::OverLimit,
            Self::Failed { .. } => ErrorKind::Trap,
            Self::TimedOut { .. } | Self::Busy { .. } => ErrorKind::TimedOut,
            Self::Cancelled { .. } | Self::Stopped => ErrorKind::Cancelled,
            Self::Volume { .. } => ErrorKind::File,
            Self::Origin { .. } | Self::Call(_) => ErrorKind::Request,
            Self::Link { .. }
            | Self::Engine { .. }
            | Self::Compose { .. }
            | Self::Compile { .. }
            | Self::Plugin { .. } => ErrorKind::Host,
        }
    }
}

impl From<HostError> for Error {
    fn from(error: HostError) -> Self {
        let (kind, message, help) = (error.kind(), error.to_string(), error.help());
        let told = Error::new(kind, message);
        match (error, help) {
            (HostError::Call(error), _) => error.into(),
            (HostError::Plan { diagnostics }, _) => told.with_diagnostics(diagnostics),
            (_, Some(help)) => told.with_help(help),
            (_, None) => told,
        }
    }
}
