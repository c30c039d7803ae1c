//! What can be done about a finding of a plan.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ComponentName, Edit, EditLinkEnd};

/// One thing that would make a finding go away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Fix {
    /// A change of the workload file, which the window can make with one click.
    Edit(Edit),
    /// Another component in the workload.
    AddProvider {
        /// What it must export: an interface or a function.
        export: String,
    },
    /// Build a component against other WIT.
    Rebuild {
        /// Which.
        component: ComponentName,
        /// The interface, in the version that the other side has.
        against: String,
    },
    /// Build a component as a command, which exports `wasi:cli/run`.
    BuildAsCommand {
        /// Which.
        component: ComponentName,
    },
    /// Take a setting out of the workload file.
    RemoveSetting {
        /// Where it stands: `components.square.volumes`.
        setting: String,
    },
}

impl Fix {
    /// The row of `[[links]]` that leads an import to `to`.
    #[must_use]
    pub fn link(component: &ComponentName, import: &str, to: EditLinkEnd) -> Self {
        Self::set_link(component, import, Some(to))
    }

    /// Taking the row of `[[links]]` for an import away.
    #[must_use]
    pub fn unlink(component: &ComponentName, import: &str) -> Self {
        Self::set_link(component, import, None)
    }

    fn set_link(component: &ComponentName, import: &str, to: Option<EditLinkEnd>) -> Self {
        Self::Edit(Edit::SetLink { component: component.clone(), import: import.to_owned(), to })
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edit(Edit::SetLink { component, import, to: Some(to) }) => write!(
                f,
                "add a [[links]] row: from = \"{component}\", import = \"{import}\", to = \"{}\"",
                end_text(to)
            ),
            Self::Edit(Edit::SetLink { component, import, to: None }) => {
                write!(f, "remove the [[links]] row with from = \"{component}\", import = \"{import}\"")
            }
            Self::Edit(Edit::SetAnswer { component, import, function, answer: None }) => {
                write!(
                    f,
                    "remove the answer for `{function}` from the [[links]] row with from = \"{component}\", import = \"{import}\""
                )
            }
            Self::Edit(Edit::SetService(Some(component))) => {
                write!(f, "name `{component}` in [service]")
            }
            Self::Edit(_) => f.write_str("change the workload file"),
            Self::AddProvider { export } => write!(f, "add a component that exports `{export}`"),
            Self::Rebuild { component, against } => write!(f, "build `{component}` against `{against}`"),
            Self::BuildAsCommand { component } => {
                write!(f, "build `{component}` as a command (in Rust, a binary with `fn main`)")
            }
            Self::RemoveSetting { setting } => write!(f, "remove `{setting}`"),
        }
    }
}

fn end_text(end: &EditLinkEnd) -> &str {
    match end {
        EditLinkEnd::Component(name) => name.as_str(),
        EditLinkEnd::Host => "host",
        EditLinkEnd::Stub => "stub",
    }
}
