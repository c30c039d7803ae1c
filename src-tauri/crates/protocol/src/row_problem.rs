//! What is wrong with a row of `[[links]]`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ComponentName, Mismatch};

/// More names than this are not listed.
const MAX_NAMES: usize = 6;

/// Why a row of `[[links]]` cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum RowProblem {
    /// The row's `from` does not import it.
    NotImported {
        /// What it imports instead.
        imports: Vec<String>,
    },
    /// What is imported is a type, which needs no link.
    IsType,
    /// The row names no version, and the interface is imported in several.
    SeveralVersions {
        /// The imports that could be meant.
        imports: Vec<String>,
    },
    /// Other rows link the same import.
    SeveralRows {
        /// How many there are.
        count: usize,
    },
    /// It leads back to where it begins.
    ToItself,
    /// The row's `to` is no component of the workload.
    NoSuchComponent {
        /// The row's `to`.
        component: ComponentName,
    },
    /// The row's `to` does not export it.
    NotExported {
        /// The row's `to`.
        component: ComponentName,
    },
    /// The row's `to` exports it in versions that are not compatible.
    OtherVersions {
        /// The row's `to`.
        component: ComponentName,
        /// Its exports.
        exports: Vec<String>,
    },
    /// The row's `to` exports it with other types.
    Mismatch {
        /// The row's `to`.
        component: ComponentName,
        /// Its export.
        export: String,
        /// The difference.
        mismatch: Box<Mismatch>,
    },
    /// The host does not have it, or not in a version that is compatible.
    NotInHost {
        /// The versions that it has.
        versions: Vec<String>,
    },
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotImported { imports } if imports.is_empty() => f.write_str("it imports nothing"),
            Self::NotImported { imports } => {
                write!(f, "it does not import that, but {}", name_list(imports))
            }
            Self::IsType => f.write_str("it is a type, and types need no link"),
            Self::SeveralVersions { imports } => {
                write!(f, "it is imported in several versions, name one of {}", name_list(imports))
            }
            Self::SeveralRows { count } => write!(f, "{count} rows link it, leave one"),
            Self::ToItself => f.write_str("a component cannot be linked to itself"),
            Self::NoSuchComponent { component } => write!(f, "there is no component `{component}`"),
            Self::NotExported { component } => write!(f, "`{component}` does not export it"),
            Self::OtherVersions { component, exports } => {
                write!(f, "`{component}` exports it only as {}", name_list(exports))
            }
            Self::Mismatch { component, export, mismatch } => {
                write!(f, "the types of `{export}` of `{component}` differ: {mismatch}")
            }
            Self::NotInHost { versions } if versions.is_empty() => f.write_str("the host does not have it"),
            Self::NotInHost { versions } => {
                write!(f, "the host has it only in version {}", versions.join(", "))
            }
        }
    }
}

fn name_list(names: &[String]) -> String {
    let mut listed: Vec<String> = names.iter().take(MAX_NAMES).map(|name| format!("`{name}`")).collect();
    if names.len() > MAX_NAMES {
        listed.push(format!("{} more", names.len() - MAX_NAMES));
    }
    listed.join(", ")
}
