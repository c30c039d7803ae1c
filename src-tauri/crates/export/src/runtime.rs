//! What `wasmtime`'s command line (release 48) has, and what it has to be told.
//!
//! | imports | `wasmtime run` | `wasmtime serve` |
//! |---|---|---|
//! | WASI 0.2: `wasi:io`, `random/random`, `wall-clock`, `monotonic-clock`, standard streams | has them | has them |
//! | WASI 0.2: all else but HTTP | has it | `-S cli` |
//! | WASI 0.3: `wasi:cli`, `wasi:clocks`, `wasi:random` | has them | has them |
//! | WASI 0.3: `wasi:filesystem`, `wasi:sockets` | has them | `-S cli` |
//! | `wasi:http` of both | `-S http` | has it |
//! | `wasi:config/store@0.2.0-rc.1` | `-S config` | `-S config` |
//! | `wasi:keyvalue@0.2.0-draft`: `store`, `atomics`, `batch` | `-S keyvalue` | `-S keyvalue` |
//! | `wasi:nn@0.2.0-rc-2024-10-28` | `-S nn` | `-S nn` |
//! | `wasi:tls` of WASI 0.2 and 0.3 | `-S tls` | no |
//!
//! All else it does not have: a component has to stand in for it.

use std::collections::BTreeSet;

use crate::wac::is_keyword;
use jackfield_host::export::reached;
use jackfield_protocol::{
    ComponentName, EntryKind, ExportFinding, FunctionKind, InterfaceName, LinkTarget, NotCarried, Plan,
};

/// What `wasmtime serve` has of WASI 0.2 without `-S cli`, beside `wasi:io` and `wasi:http`.
const PROXY: [(&str, &str); 6] = [
    ("cli", "stdin"),
    ("cli", "stdout"),
    ("cli", "stderr"),
    ("clocks", "monotonic-clock"),
    ("clocks", "wall-clock"),
    ("random", "random"),
];
/// The one version of `wasi:config` that it has, and there only `store`.
const CONFIG: &str = "0.2.0-rc.1";
/// The one version of `wasi:keyvalue` that it has.
const KEYVALUE: &str = "0.2.0-draft";

/// How `wasmtime` runs an entry.
pub(crate) struct Runtime {
    /// The entry and all that it reaches, the entry last.
    pub(crate) members: Vec<ComponentName>,
    pub(crate) mode: Mode,
    /// Interfaces that members import of the host, each with the first that does.
    imports: Vec<(ComponentName, InterfaceName)>,
}

/// Which of its commands it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mode {
    Run,
    Serve {
        /// Whether it answers by WASI 0.3, where one instance takes several requests if nothing is said.
        is_p3: bool,
    },
    /// With a function that can be called.
    Invoke(String),
}

impl Runtime {
    pub(crate) fn of(plan: &Plan, entry: &ComponentName) -> Self {
        let members = reached(plan, entry);
        let mode = mode(plan, entry);
        let mut imports: Vec<(ComponentName, InterfaceName)> = Vec::new();
        for link in plan.links.iter().filter(|link| members.contains(&link.consumer)) {
            let LinkTarget::Host { .. } = link.target else { continue };
            let Some(name) = InterfaceName::parse(&link.import) else { continue };
            if imports.iter().all(|(_, known)| *known != name) {
                imports.push((link.consumer.clone(), name));
            }
        }
        Self { members, mode, imports }
    }

    /// The imports that it does not have, or has only if it is told so.
    pub(crate) fn needs(&self) -> Vec<ExportFinding> {
        let mut packages = BTreeSet::new();
        let mut findings = Vec::new();
        for (component, import) in &self.imports {
            let Some(need) = self.need(import) else { continue };
            // One for each package, unless it has no such thing at all.
            if need.is_empty() || packages.insert(need) {
                findings.push(finding(component, import, need));
            }
        }
        findings
    }

    /// What has to be told for an import; an empty text if it has no such thing.
    pub(crate) fn need(&self, import: &InterfaceName) -> Option<&'static str> {
        let version = import.version.as_deref().unwrap_or_default();
        let is_p2 = version.starts_with("0.2.") && !version.contains('-');
        let is_p3 = version.starts_with("0.3.") && !version.contains('-');
        let is_serving = self.is_serving();
        let (package, interface) = (import.package.as_str(), import.interface.as_str());
        if import.namespace != "wasi" {
            return Some("");
        }
        match package {
            "io" if is_p2 => None,
            "cli" | "clocks" | "random" if is_p3 => None,
            "cli" | "clocks" | "random" | "filesystem" | "sockets" if is_p2 || is_p3 => {
                let has = !is_serving || PROXY.contains(&(package, interface));
                (!has).then_some("cli")
            }
            "http" if is_p2 || is_p3 => (!is_serving).then_some("http"),
            "config" if interface == "store" && version == CONFIG => Some("config"),
            "keyvalue" if version == KEYVALUE => Some("keyvalue"),
            "nn" if version == "0.2.0-rc-2024-10-28" => Some("nn"),
            "tls" if !is_serving => Some("tls"),
            _ => Some(""),
        }
    }

    /// Whether what `-S config-var` says reaches anybody; none if nobody asks for such a thing.
    pub(crate) fn tells_config(&self) -> Option<bool> {
        let mut config =
            self.imports.iter().map(|(_, import)| import).filter(|import| is_config(import)).peekable();
        config.peek()?;
        Some(config.any(|import| self.need(import) == Some("config")))
    }

    pub(crate) fn is_serving(&self) -> bool {
        matches!(self.mode, Mode::Serve { .. })
    }

    /// The command that runs `file`, with what findings say that it has to be told.
    pub(crate) fn commands(&self, findings: &[ExportFinding], args: &[String], file: &str) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let mut command = match &self.mode {
            Mode::Run | Mode::Invoke(_) => words(&["wasmtime", "run"]),
            Mode::Serve { .. } => words(&["wasmtime", "serve"]),
        };
        let mut given = BTreeSet::new();
        for finding in findings.iter().filter(|finding| given.insert(finding.flags.clone())) {
            command.extend(finding.flags.iter().map(|flag| quoted(flag)));
        }
        match &self.mode {
            Mode::Run => {
                command.push(file.to_owned());
                command.extend(args.iter().map(|arg| quoted(arg)));
            }
            Mode::Serve { .. } => command.extend(words(&["--addr", "127.0.0.1:8080", file])),
            Mode::Invoke(call) => {
                command.extend([words(&["--invoke"]), vec![quoted(call)], words(&[file])].concat());
            }
        }
        vec![command.join(" ")]
    }
}

fn is_config(import: &InterfaceName) -> bool {
    import.namespace == "wasi" && import.package == "config"
}

fn finding(component: &ComponentName, import: &InterfaceName, need: &str) -> ExportFinding {
    let about = NotCarried::Plugin { component: component.clone(), import: import.to_string() };
    let (flags, help) = match need {
        "" => (["-W", "unknown-imports-trap=y"], Some(missing(import))),
        "keyvalue" => {
            (["-S", need], Some("wasmtime has one bucket, whose name is empty, in memory".to_owned()))
        }
        need => (["-S", need], None),
    };
    ExportFinding { about, flags: flags.map(str::to_owned).to_vec(), help }
}

/// What to do about an import that it does not have.
fn missing(import: &InterfaceName) -> String {
    let has = match (import.namespace.as_str(), import.package.as_str()) {
        ("wasi", "config") => format!("wasmtime's command line has only `wasi:config/store@{CONFIG}`"),
        ("wasi", "keyvalue") => format!("wasmtime's command line has only `wasi:keyvalue@{KEYVALUE}`"),
        _ => "wasmtime's command line has no such interface".to_owned(),
    };
    format!(
        "{has}: put a component that exports it into the export with `--with FILE`; as it is, the file starts with this \
         flag, and traps where this is called"
    )
}

fn mode(plan: &Plan, entry: &ComponentName) -> Mode {
    let entries: Vec<_> = plan.entries.iter().filter(|it| it.component == *entry).collect();
    if entries.iter().any(|it| it.kind == EntryKind::Run) {
        return Mode::Run;
    }
    if let Some(http) = entries.iter().find(|it| it.kind == EntryKind::Http) {
        return Mode::Serve { is_p3: http.export.starts_with("wasi:http/handler@") };
    }
    Mode::Invoke(example(plan, entry).unwrap_or_default())
}

/// How a function of the entry is called, with its parameters' names in capitals for the values. Where several
/// interfaces have one of its name, the name alone would be ambiguous. A keyword of WIT is no name that can be
/// called.
fn example(plan: &Plan, entry: &ComponentName) -> Option<String> {
    let exports: Vec<_> = plan.node(entry)?.component.exports().collect();
    let ways_in = plan.entries.iter().filter(|it| it.component == *entry);
    let ports = ways_in.filter_map(|it| exports.iter().find(|port| port.name == it.export));
    let functions: Vec<_> = ports
        .flat_map(|port| port.functions().iter().map(|function| (port.name.as_str(), function)))
        .collect();
    let (port, function) =
        functions.iter().find(|(_, it)| it.kind == FunctionKind::Freestanding && !is_keyword(&it.name))?;
    let of_its_name = functions.iter().filter(|(_, other)| other.name == function.name).count();
    let name = match InterfaceName::parse(port) {
        Some(interface) if of_its_name > 1 => qualified(&interface, &function.name),
        _ => function.name.clone(),
    };
    let params: Vec<String> = function.params.iter().map(|param| param.name.to_uppercase()).collect();
    Some(format!("{name}({})", params.join(", ")))
}

fn qualified(interface: &InterfaceName, function: &str) -> String {
    let InterfaceName { namespace, package, interface, version } = interface;
    let version = version.as_ref().map(|version| format!("@{version}")).unwrap_or_default();
    format!("{namespace}:{package}/{interface}.{function}{version}")
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
