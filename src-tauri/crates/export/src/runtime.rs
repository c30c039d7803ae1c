//! What `wasmtime`'s command line (release 48) has, and what it has to be told.

use std::collections::BTreeSet;

use jackfield_host::export::reached;
use jackfield_protocol::{
    ComponentName, EntryKind, ExportFinding, FunctionKind, InterfaceName, LinkTarget, NotCarried, Plan,
};

/// What `wasmtime serve` has without `-S cli`.
const PROXY_STREAMS: [&str; 3] = ["stdin", "stdout", "stderr"];

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
    fn need(&self, import: &InterfaceName) -> Option<&'static str> {
        let is_release = import.version.as_deref().is_some_and(|version| {
            version.starts_with("0.2.") && !version.contains('-') || version.starts_with("0.3.")
        });
        let name = (import.namespace.as_str(), import.package.as_str(), import.interface.as_str());
        match name {
            ("wasi", "cli", stream) if is_release && PROXY_STREAMS.contains(&stream) => None,
            ("wasi", "cli" | "filesystem" | "sockets", _) if is_release => self.is_serving().then_some("cli"),
            ("wasi", "io" | "clocks" | "random", _) if is_release => None,
            ("wasi", "http", _) if is_release => (!self.is_serving()).then_some("http"),
            ("wasi", "config", "store") if version_is(import, "0.2.0-rc.1") => Some("config"),
            ("wasi", "keyvalue", _) if version_is(import, "0.2.0-draft") => Some("keyvalue"),
            _ => Some(""),
        }
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

fn version_is(import: &InterfaceName, version: &str) -> bool {
    import.version.as_deref() == Some(version)
}

fn finding(component: &ComponentName, import: &InterfaceName, need: &str) -> ExportFinding {
    let about = NotCarried::Plugin { component: component.clone(), import: import.to_string() };
    if need.is_empty() {
        let help = "wasmtime's command line has no such interface; with `-W unknown-imports-trap=y` it starts, and \
                    traps where this is called";
        let flags = vec!["-W".to_owned(), "unknown-imports-trap=y".to_owned()];
        return ExportFinding { about, flags, help: Some(help.to_owned()) };
    }
    ExportFinding { about, flags: vec!["-S".to_owned(), need.to_owned()], help: None }
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

/// How a function of the entry is called, with its parameters' names in capitals for the values.
fn example(plan: &Plan, entry: &ComponentName) -> Option<String> {
    let exports: Vec<_> = plan.node(entry)?.component.exports().collect();
    let ways_in = plan.entries.iter().filter(|it| it.component == *entry);
    let mut functions = ways_in
        .filter_map(|it| exports.iter().find(|port| port.name == it.export))
        .flat_map(|port| port.functions());
    let function = functions.find(|function| function.kind == FunctionKind::Freestanding)?;
    let params: Vec<String> = function.params.iter().map(|param| param.name.to_uppercase()).collect();
    Some(format!("{}({})", function.name, params.join(", ")))
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
