//! The plan of a workload: what is linked to what, and why. Computed without running anything.

use serde::{Deserialize, Serialize};

use crate::{ComponentInfo, ComponentName, ComponentSettings, Diagnostic, Severity, StubAnswer, Why};

/// What the graph draws, what `jack plan` prints, and what the host executes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The components, in the order of the workload file.
    pub nodes: Vec<Node>,
    /// One for each import that is satisfied, in the order of nodes and their imports; imports of types alone are.
    pub links: Vec<Link>,
    /// The ways in, in the order of nodes and their exports.
    pub entries: Vec<Entry>,
    /// What is wrong or worth knowing, in the order of nodes and their imports.
    pub diagnostics: Vec<Diagnostic>,
}

impl Plan {
    /// The node with this name.
    #[must_use]
    pub fn node(&self, name: &ComponentName) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == *name)
    }

    /// The link that satisfies an import.
    #[must_use]
    pub fn link(&self, consumer: &ComponentName, import: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.consumer == *consumer && link.import == import)
    }

    /// Whether the host can run the workload: no diagnostic is an error.
    #[must_use]
    pub fn is_runnable(&self) -> bool {
        self.diagnostics.iter().all(|diagnostic| diagnostic.severity() != Severity::Error)
    }
}

/// A component in its place in a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Node {
    /// Its name in the workload.
    pub name: ComponentName,
    /// Where it comes from, as written in the workload file.
    pub source: String,
    /// Whether it is the workload's service.
    pub is_service: bool,
    /// What its file sets for it.
    #[serde(default)]
    pub settings: ComponentSettings,
    /// What it is.
    pub component: ComponentInfo,
}

/// What satisfies one import of one component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Link {
    /// The component whose import it is.
    pub consumer: ComponentName,
    /// The import's name in the consumer's binary.
    pub import: String,
    /// What it is linked to.
    pub target: LinkTarget,
    /// Which rule made the link.
    pub why: Why,
    /// What a stub answers, in the order of the workload file; empty for every other link.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<StubAnswer>,
}

/// What an import can be linked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum LinkTarget {
    /// An export of another component.
    Component {
        /// The component that exports.
        name: ComponentName,
        /// The export's name in that component's binary.
        export: String,
    },
    /// A host plugin.
    Host {
        /// The plugin's id: `wasi`, `wasi:http`.
        plugin: String,
    },
    /// Calls are answered as the workload file says, or trap with a message that names the import.
    Stub,
    /// Nobody: only types are imported, and every component has its own definition of those. Nothing goes over the
    /// link.
    Types,
}

/// A component that exports what some import asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Candidate {
    /// The component that exports.
    pub component: ComponentName,
    /// The export's name in that component's binary.
    pub export: String,
}

/// A way into a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    /// The component that exports it.
    pub component: ComponentName,
    /// The export's name in that component's binary.
    pub export: String,
    /// How it is used.
    pub kind: EntryKind,
}

/// How an entry is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum EntryKind {
    /// Functions to be called with values.
    Functions,
    /// A handler of HTTP requests (`wasi:http`).
    Http,
    /// A command's `run` (`wasi:cli`).
    Run,
}
