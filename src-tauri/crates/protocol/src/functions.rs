//! The functions of a component, with the types of what they take and give.

use serde::{Deserialize, Serialize};

use crate::{Function, FunctionTypes, TypeGraph};

/// All functions that a component offers to callers: what a form or a command line is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Functions {
    /// The types that the functions take and give.
    pub types: TypeGraph,
    /// In the order of the component's exports.
    pub functions: Vec<ExportedFunction>,
}

/// A function that a component exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExportedFunction {
    /// The interface that holds it, as the export is called; nothing for a bare function.
    pub interface: Option<String>,
    /// The interface's doc comment in WIT.
    pub interface_docs: Option<String>,
    /// Its declaration.
    pub function: Function,
    /// What it takes and gives, in [`Functions::types`].
    pub types: FunctionTypes,
}

impl ExportedFunction {
    /// `ns:pkg/interface@version#function`, or the bare function's name.
    #[must_use]
    pub fn full_name(&self) -> String {
        match &self.interface {
            Some(interface) => format!("{interface}#{}", self.function.name),
            None => self.function.name.clone(),
        }
    }
}
