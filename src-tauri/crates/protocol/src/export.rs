//! Workloads that leave for other runtimes, and those that come from there.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ComponentName;

/// What to make of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum ExportForm {
    /// One component of an entry and everything that it reaches.
    Wasm {
        /// The entry's component; the only one that nothing else uses, if nothing is said.
        entry: Option<ComponentName>,
    },
    /// The same as a source for `wac`, with the components that it names.
    Wac {
        /// As for [`Self::Wasm`].
        entry: Option<ComponentName>,
    },
    /// A `WorkloadDeployment` for wasmCloud's Kubernetes operator.
    Wasmcloud {
        /// References of components whose sources are not in a registry, or not there for the cluster.
        images: Vec<(ComponentName, String)>,
        /// The name by which HTTP requests find the workload; made from its name if nothing is said.
        host: Option<String>,
    },
}

/// What became of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Exported {
    /// The file that was asked for, and those that have to lie beside it.
    pub files: Vec<ExportedFile>,
    /// What it does not carry.
    pub findings: Vec<ExportFinding>,
    /// The commands that run it, with `FILE` for the first file.
    pub commands: Vec<String>,
}

/// A file of an exported workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExportedFile {
    /// Where it has to be, from the folder of the first; nothing for the first.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What was written of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WrittenExport {
    /// The file that was asked for, and those that had to lie beside it.
    pub files: Vec<WrittenFile>,
    /// What it does not carry.
    pub findings: Vec<ExportFinding>,
    /// The commands that run it, ready to be pasted into a shell.
    pub commands: Vec<String>,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WrittenFile {
    /// Its path, as far as the path that was asked for is one.
    pub path: String,
    /// Its length.
    pub size_in_bytes: u64,
}

/// Something of a workload that an exported file does not carry, or carries changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExportFinding {
    /// What it is.
    pub about: NotCarried,
    /// Words for `wasmtime`'s command line that make up for it.
    pub flags: Vec<String>,
    /// What to do about it, if that can be said.
    pub help: Option<String>,
}

impl fmt::Display for ExportFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.about.fmt(f)
    }
}

/// What an exported file cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum NotCarried {
    /// A component that the entry does not reach, with its own ways in.
    Component {
        /// The component.
        component: ComponentName,
        /// Its ways in.
        exports: Vec<String>,
    },
    /// A component that was to take part in the export, and that nothing in it uses.
    Unused {
        /// The component.
        component: ComponentName,
        /// What it could stand in for.
        exports: Vec<String>,
    },
    /// Folders that a component looks for which takes part in the export alone.
    Folders {
        /// The component.
        component: ComponentName,
    },
    /// Its functions without an interface, which are found in an instance.
    BareFunctions {
        /// The component.
        component: ComponentName,
        /// The instance's name.
        instance: String,
    },
    /// A volume.
    Volume {
        /// The component that finds it among its files.
        component: ComponentName,
        /// The volume's name.
        volume: String,
        /// Where the component finds it.
        at: String,
        /// Whether the component may only read there.
        read_only: bool,
    },
    /// A variable of its environment.
    Env {
        /// The component.
        component: ComponentName,
        /// The variable.
        key: String,
        /// Its value.
        value: String,
    },
    /// Its arguments.
    Args {
        /// The component.
        component: ComponentName,
        /// The arguments.
        args: Vec<String>,
    },
    /// What `wasi:config` tells it.
    Config {
        /// The component.
        component: ComponentName,
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// A variable or a key that two components have different values for, where there is one for all.
    Clash {
        /// Whether it is of `env`; of `config` otherwise.
        is_env: bool,
        /// The variable or the key.
        key: String,
        /// The component whose value is left.
        component: ComponentName,
    },
    /// That it may connect to an origin, and to nothing else.
    Network {
        /// The component.
        component: ComponentName,
        /// The origin.
        origin: String,
    },
    /// How much memory it may have.
    Memory {
        /// The component.
        component: ComponentName,
        /// In bytes.
        bytes: u64,
    },
    /// How long a call into it may take.
    Time {
        /// The component.
        component: ComponentName,
        /// In milliseconds.
        millis: u64,
    },
    /// How long an instance of it lives.
    Instances {
        /// The component.
        component: ComponentName,
        /// The policy, as the workload file has it.
        policy: String,
    },
    /// How often the service is started again.
    Restarts {
        /// The service.
        component: ComponentName,
        /// How often.
        max_restarts: u32,
    },
    /// An import that nothing answers.
    Stub {
        /// The component.
        component: ComponentName,
        /// The import.
        import: String,
    },
    /// What a stub answers.
    Answers {
        /// The component.
        component: ComponentName,
        /// The import.
        import: String,
        /// The functions that have answers.
        functions: Vec<String>,
    },
    /// An import that the runtime has to answer.
    Plugin {
        /// The component.
        component: ComponentName,
        /// The import.
        import: String,
    },
    /// The settings of a plugin.
    PluginSettings {
        /// The plugin.
        plugin: String,
    },
    /// A link that would not be made without its row.
    LinkRow {
        /// The component that imports.
        component: ComponentName,
        /// The import.
        import: String,
    },
    /// A link that is not made there as it is here.
    Link {
        /// The component that imports.
        component: ComponentName,
        /// The import.
        import: String,
        /// The component that answers here.
        to: ComponentName,
    },
    /// A name that is not allowed there.
    Renamed {
        /// The name in the workload file.
        from: String,
        /// The name in the exported file.
        to: String,
    },
    /// A folder that must be there on the machine that runs it.
    HostFolder {
        /// The volume.
        volume: String,
        /// The folder.
        path: String,
    },
}

impl fmt::Display for NotCarried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Component { component, exports } if exports.is_empty() => {
                write!(f, "`{component}` is left out: nothing that is exported uses it")
            }
            Self::Component { component, exports } => {
                write!(f, "`{component}` is left out, with its way in {}", exports.join(", "))
            }
            Self::Unused { component, exports } => {
                let exports = exports.join(", ");
                write!(f, "`{component}` is left out: nothing that is exported imports {exports}")
            }
            Self::Folders { component } => write!(f, "`{component}` looks for folders, and is given none"),
            Self::BareFunctions { component, instance } => {
                write!(
                    f,
                    "the functions of `{component}` that have no interface are in the instance `{instance}`"
                )
            }
            Self::Volume { component, volume, at, read_only } => {
                let access = if *read_only { ", to read" } else { "" };
                write!(f, "`{component}` finds the volume `{volume}` at {at}{access}")
            }
            Self::Env { component, key, value } => {
                write!(f, "the environment of `{component}` has {key}={value}")
            }
            Self::Args { component, args } => {
                write!(f, "the arguments of `{component}` are {}", args.join(" "))
            }
            Self::Config { component, key, value } => {
                write!(f, "wasi:config tells `{component}` {key}={value}")
            }
            Self::Clash { is_env, key, component } => {
                let what = if *is_env { "the environment" } else { "wasi:config" };
                write!(f, "{what} has one `{key}` for all, and that of `{component}` is another")
            }
            Self::Network { component, origin } => {
                write!(f, "`{component}` may connect to {origin}, and to nothing else")
            }
            Self::Memory { component, bytes } => write!(f, "`{component}` may have {bytes} bytes of memory"),
            Self::Time { component, millis } => write!(f, "a call into `{component}` may take {millis} ms"),
            Self::Instances { component, policy } => {
                write!(f, "`{component}` has the instance policy {policy}")
            }
            Self::Restarts { component, max_restarts } => {
                write!(f, "the service `{component}` is started again up to {max_restarts} times")
            }
            Self::Stub { component, import } => write!(f, "`{import}` of `{component}` is a stub"),
            Self::Answers { component, import, functions } => write!(
                f,
                "what the stub for `{import}` of `{component}` answers to {}",
                functions.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ),
            Self::Plugin { component, import } => {
                write!(f, "`{component}` imports `{import}`, which the runtime must have")
            }
            Self::PluginSettings { plugin } => write!(f, "the settings of the plugin `{plugin}`"),
            Self::LinkRow { component, import } => {
                write!(f, "the [[links]] row for `{import}` of `{component}`")
            }
            Self::Link { component, import, to } => {
                write!(f, "the link of `{import}` of `{component}` to `{to}`")
            }
            Self::Renamed { from, to } => write!(f, "`{from}` is called `{to}` there"),
            Self::HostFolder { volume, path } => write!(f, "the volume `{volume}` is the folder {path}"),
        }
    }
}

/// What became of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Imported {
    /// The workload file's text.
    pub text: String,
    /// What of the manifest is not in it.
    pub findings: Vec<ImportFinding>,
}

/// Something of a manifest that a workload file cannot say, or says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ImportFinding {
    /// Where it is in the manifest: `spec.template.spec.components[0].imagePullSecret`.
    pub key: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
    /// What becomes of it.
    pub fate: Fate,
    /// Why, and what to do.
    pub note: String,
}

impl fmt::Display for ImportFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fate = match self.fate {
            Fate::Unknown => "is not known",
            Fate::NoCounterpart => "has no counterpart",
            Fate::Changed => "is not the same",
        };
        write!(f, "`{}` {fate}", self.key)
    }
}

/// What becomes of a part of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Fate {
    /// The operator's API has no such key.
    Unknown,
    /// A workload file cannot say it.
    NoCounterpart,
    /// A workload file says something close to it.
    Changed,
}
