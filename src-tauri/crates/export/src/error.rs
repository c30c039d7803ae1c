//! Why a workload could not be exported or imported.

use jackfield_host::HostError;
use jackfield_protocol::{ComponentName, Diagnostic, Error, ErrorKind, Problem};
use thiserror::Error as ThisError;

/// Why a workload could not be exported.
#[derive(Debug, ThisError)]
pub enum ExportError {
    /// The plan has errors.
    #[error("the workload cannot be exported as it is linked now")]
    NotRunnable {
        /// All that was found.
        diagnostics: Vec<Diagnostic>,
    },
    /// Nothing in it can be called.
    #[error("the workload has no way in: no component exports a function")]
    NoEntry,
    /// There is no such way in.
    #[error("`{wanted}` is not a way into the workload")]
    NoSuchEntry {
        /// What was asked for.
        wanted: ComponentName,
        /// The ways in.
        entries: Vec<ComponentName>,
    },
    /// There are several ways in, and one component has one of them.
    #[error("the workload has several ways in, and one component cannot be all of them")]
    SeveralEntries {
        /// The ways in.
        entries: Vec<ComponentName>,
    },
    /// A reference was given for what is not there.
    #[error("the workload has no component `{component}`")]
    NoSuchComponent {
        /// What was named.
        component: ComponentName,
        /// The components.
        components: Vec<ComponentName>,
    },
    /// The cluster cannot have components that are files here.
    #[error("components that are not in a registry cannot be deployed")]
    NotInARegistry {
        /// The components with their sources.
        components: Vec<(ComponentName, String)>,
        /// The workload file.
        path: String,
    },
    /// The components do not fit one another.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl From<ExportError> for Error {
    fn from(error: ExportError) -> Self {
        let message = error.to_string();
        let request = Self::new(ErrorKind::Request, message.as_str());
        match error {
            ExportError::NotRunnable { diagnostics } => {
                Self::new(ErrorKind::Plan, message).with_diagnostics(diagnostics)
            }
            ExportError::NoEntry => request.with_help("add a component that exports something"),
            ExportError::NoSuchEntry { entries, .. } | ExportError::SeveralEntries { entries } => {
                request.with_help(format!("choose one with `--entry`: {}", list(&entries)))
            }
            ExportError::NoSuchComponent { components, .. } => {
                request.with_help(format!("its components are {}", list(&components)))
            }
            ExportError::NotInARegistry { components, path } => {
                let problems = components.into_iter().map(|(name, source)| local(&name, &source, &path));
                request.with_problems(problems.collect())
            }
            ExportError::Host(error) => error.into(),
        }
    }
}

fn local(name: &ComponentName, source: &str, path: &str) -> Problem {
    let help = format!(
        "push it with `jack library push FILE oci://REGISTRY/{name}:VERSION`, then `jack edit {path} set-source {name} \
         oci://REGISTRY/{name}:VERSION`; or name where the cluster finds it: `--image {name}=REGISTRY/{name}:VERSION`"
    );
    Problem {
        message: format!("`{name}` comes from `{source}`, which a cluster cannot see"),
        help: Some(help),
        path: path.to_owned(),
        line: None,
        column: None,
        pull: None,
    }
}

fn list(names: &[ComponentName]) -> String {
    names.iter().map(ComponentName::as_str).collect::<Vec<_>>().join(", ")
}

/// Why no workload file could be made of a manifest: everything that is wrong with it.
#[derive(Debug, ThisError)]
#[error("no workload can be made of the manifest")]
pub struct ImportError {
    /// The problems, in the order of the manifest.
    pub problems: Vec<Problem>,
}

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        Self::new(ErrorKind::File, error.to_string()).with_problems(error.problems)
    }
}
