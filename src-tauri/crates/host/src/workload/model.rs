//! What a workload file says, as data.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;
use jackfield_protocol::ComponentName;

use super::Place;

/// A workload file, understood. Every component that it refers to is in `components`, and every
/// volume in `volumes`.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub namespace: Option<String>,
    /// The file, as it was named.
    pub path: PathBuf,
    /// The components, in the order of the file.
    pub components: IndexMap<ComponentName, ComponentSpec>,
    /// The component that runs for as long as the workload does.
    pub service: Option<ServiceSpec>,
    /// Explicit links, in the order of the file. No two are for the same import of the same component.
    pub links: Vec<LinkRow>,
    /// Folders for components to use, by name.
    pub volumes: IndexMap<String, VolumeSpec>,
    /// Settings of host plugins, by the plugin's id.
    pub host: IndexMap<String, PluginSettings>,
}

/// A `[components.NAME]` table.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentSpec {
    /// Where its binary comes from.
    pub source: Source,
    /// The same, as it is written in the file.
    pub source_text: String,
    /// Where in the file that is written.
    pub source_place: Option<Place>,
    /// What `wasi:config` tells it.
    pub config: IndexMap<String, String>,
    /// Its environment variables.
    pub env: IndexMap<String, String>,
    /// Its arguments, after its name.
    pub args: Vec<String>,
    /// What it may use up.
    pub limits: Limits,
    /// How long an instance of it lives.
    pub instances: InstancePolicy,
    /// What it may reach outside of the workload.
    pub permissions: Permissions,
}

/// Where a component's binary comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// A file; a relative path is resolved against the workload file's folder.
    File(PathBuf),
    /// A reference to an OCI registry, without the `oci://`.
    Oci(String),
    /// A name in the library.
    Alias(String),
}

/// What one component may use up. Where nothing is said, the host has a limit of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of one instance.
    pub memory_in_bytes: Option<u64>,
    /// The time that one call into it may take.
    pub time: Option<Duration>,
}

/// How long an instance lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InstancePolicy {
    /// For one call.
    #[default]
    Fresh,
    /// For one call, with some made in advance.
    Pool {
        /// How many are kept ready.
        size: u32,
    },
    /// For several calls, with its state.
    Reuse {
        /// How many calls one instance takes.
        max_calls: u32,
    },
}

/// What a component may reach outside of its workload. Nothing, unless it is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Origins that it may connect to: `https://api.example.com`, `tcp://10.0.0.1:5432`.
    pub network: Vec<String>,
    /// Volumes that it finds among its files.
    pub volumes: Vec<VolumeGrant>,
}

/// A volume in a component's file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeGrant {
    /// The volume's name in `[volumes]`.
    pub name: String,
    /// The folder as which the component sees it; absolute.
    pub at: String,
    /// What it may do there.
    pub access: Access,
}

/// What a component may do in a volume.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Access {
    /// Read.
    #[default]
    Read,
    /// Read, make, change and remove.
    Write,
}

/// The `[service]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSpec {
    /// The component whose `run` it is.
    pub component: ComponentName,
    /// How often it is started again after it failed.
    pub max_restarts: u32,
}

/// A `[[links]]` row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// The component that imports.
    pub from: ComponentName,
    /// The import, with or without its version.
    pub import: String,
    /// What is to satisfy it.
    pub to: LinkEnd,
    /// What a stub answers: values in WAVE by the names of functions, as they are written; empty for
    /// every other row.
    pub answers: IndexMap<String, String>,
}

/// What a row of `[[links]]` links to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkEnd {
    /// A component of the workload, never the one that imports.
    Component(ComponentName),
    /// The host.
    Host,
    /// A stub.
    Stub,
}

/// An entry of `[volumes]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VolumeSpec {
    /// A folder; a relative path is resolved against the workload file's folder.
    Path(PathBuf),
    /// An empty folder that lives as long as the workload runs.
    Temporary,
}

/// A table of `[host]`. What is allowed in it is the plugin's to say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PluginSettings {
    /// Where in the file it begins.
    pub place: Option<Place>,
    /// Its settings, in the order of the file.
    pub values: IndexMap<String, PlacedSetting>,
}

/// A setting of a host plugin, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedSetting {
    /// What is set.
    pub value: Setting,
    /// Where in the file.
    pub place: Option<Place>,
}

/// The value of a setting.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// Several of them.
    List(Vec<Self>),
    /// Several of them, named.
    Table(IndexMap<String, Self>),
}
