//! Changes to an open workload.

use serde::{Deserialize, Serialize};

use crate::ComponentName;

/// One change to a workload file. What it does not name stays as it is: comments, order, spacing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Edit {
    /// Adds a component.
    AddComponent {
        /// What it is to be called; a number is added if that is taken. Made from the source if nothing
        /// is said.
        name: Option<ComponentName>,
        /// A file, an `oci://` reference or a library alias.
        source: String,
    },
    /// Removes components, the links from and to them, and the service if it is one of them.
    RemoveComponents(Vec<ComponentName>),
    /// Gives a component another name, everywhere in the file.
    RenameComponent {
        /// The old name.
        from: ComponentName,
        /// The new one.
        to: ComponentName,
    },
    /// Takes a component's binary from elsewhere.
    SetSource {
        /// Which.
        component: ComponentName,
        /// A file, an `oci://` reference or a library alias.
        source: String,
    },
    /// Links an import to what is said, in place of what the rules find.
    SetLink {
        /// The component that imports.
        component: ComponentName,
        /// The import's full name.
        import: String,
        /// What satisfies it; nothing to leave it to the rules again.
        to: Option<EditLinkEnd>,
    },
    /// Sets what a stub answers to the calls of one function. Counts at once for a workload that runs. An
    /// import that no row of the file links becomes a stub.
    SetAnswer {
        /// The component that imports.
        component: ComponentName,
        /// The import's full name.
        import: String,
        /// The function's name in the binary: `get`, `[method]bucket.get`.
        function: String,
        /// A value in WAVE, empty for a function without result; nothing to let calls trap again.
        answer: Option<String>,
    },
    /// Makes a component the service, or lets the workload have none.
    SetService(Option<ComponentName>),
    /// Renames the workload.
    SetName(String),
    /// Sets a variable that a component sees in its environment.
    SetEnv {
        /// Which component.
        component: ComponentName,
        /// The variable.
        key: String,
        /// Its value; nothing to remove it.
        value: Option<String>,
    },
    /// Sets what `wasi:config` tells a component.
    SetConfig {
        /// Which component.
        component: ComponentName,
        /// The key.
        key: String,
        /// Its value; nothing to remove it.
        value: Option<String>,
    },
    /// Lets a component talk to an origin, or takes that from it. Counts at once for a workload that runs.
    SetNetwork {
        /// Which component.
        component: ComponentName,
        /// Scheme, host and, if it matters, port: `https://api.example.com`.
        origin: String,
        /// Whether it may.
        is_granted: bool,
    },
    /// Sets the memory limit of a component: `64MiB`.
    SetMemoryLimit {
        /// Which component.
        component: ComponentName,
        /// As it is written in the file; nothing for the host's own limit.
        limit: Option<String>,
    },
    /// Sets the time limit of a component's calls: `10s`.
    SetTimeLimit {
        /// Which component.
        component: ComponentName,
        /// As it is written in the file; nothing for the host's own limit.
        limit: Option<String>,
    },
}

/// What an explicit link leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum EditLinkEnd {
    /// A component of the workload.
    Component(ComponentName),
    /// The host.
    Host,
    /// A stub.
    Stub,
}

/// The settings of one component, as its file has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ComponentSettings {
    /// The environment, in the order of the file.
    pub env: Vec<(String, String)>,
    /// What `wasi:config` tells it, in the order of the file.
    pub config: Vec<(String, String)>,
    /// The origins that it may talk to, in the order of the file.
    #[serde(default)]
    pub network: Vec<String>,
    /// The memory limit: bytes.
    pub memory_limit_in_bytes: Option<u64>,
    /// The time limit of a call: milliseconds.
    pub time_limit_in_millis: Option<u64>,
}
