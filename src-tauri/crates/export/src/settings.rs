//! What the workload file says that no component can carry, and what to tell `wasmtime` instead.

use std::collections::BTreeMap;

use jackfield_host::workload::{Access, ComponentSpec, InstancePolicy, Loaded, VolumeSpec, Workload};
use jackfield_protocol::{ComponentName, ExportFinding, InterfaceName, Link, LinkTarget, NotCarried, Plan};

use crate::{
    Parcel, entry,
    runtime::{Mode, Runtime},
};

/// All that `entry` and what it reaches lose, and what else is left out.
pub(crate) fn findings(parcel: Parcel<'_>, entry: &ComponentName, runtime: &Runtime) -> Vec<ExportFinding> {
    let Parcel { loaded, plan, stand_ins } = parcel;
    let mut settings = Settings::new(&loaded.workload, entry, runtime);
    let members = runtime.members.iter();
    for (name, spec) in members.filter_map(|name| Some((name, loaded.workload.components.get(name)?))) {
        settings.component(name, spec);
    }
    settings.service();
    let mut findings = settings.findings;
    findings.extend(stubs(plan, runtime));
    findings.extend(runtime.needs());
    findings.extend(folders(parcel, runtime));
    findings.extend(plugins(parcel, runtime));
    findings.extend(left_out(plan, runtime, stand_ins));
    findings
}

/// The arguments of the entry.
pub(crate) fn args<'l>(loaded: &'l Loaded, entry: &ComponentName) -> &'l [String] {
    loaded.workload.components.get(entry).map(|spec| spec.args.as_slice()).unwrap_or_default()
}

struct Settings<'a> {
    workload: &'a Workload,
    entry: &'a ComponentName,
    runtime: &'a Runtime,
    /// What was given so far. A runtime has one environment, one configuration and one file system for all.
    env: BTreeMap<&'a str, &'a str>,
    config: BTreeMap<&'a str, &'a str>,
    folders: BTreeMap<&'a str, &'a str>,
    findings: Vec<ExportFinding>,
}

impl<'a> Settings<'a> {
    fn new(workload: &'a Workload, entry: &'a ComponentName, runtime: &'a Runtime) -> Self {
        let (env, config, folders) = Default::default();
        Self { workload, entry, runtime, env, config, folders, findings: Vec::new() }
    }

    fn add(&mut self, about: NotCarried, flags: &[&str], help: &str) {
        let help = Some(help.to_owned()).filter(|help| !help.is_empty());
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        self.findings.push(ExportFinding { about, flags, help });
    }

    fn component(&mut self, name: &ComponentName, spec: &'a ComponentSpec) {
        self.env(name, spec);
        self.config(name, spec);
        self.volumes(name, spec);
        self.args(name, spec);
        self.network(name, spec);
        self.limits(name, spec);
        self.instances(name, spec);
    }

    fn env(&mut self, component: &ComponentName, spec: &'a ComponentSpec) {
        for (key, value) in &spec.env {
            let (component, known) = (component.clone(), *self.env.entry(key).or_insert(value));
            if known == value {
                let about = NotCarried::Env { component, key: key.clone(), value: value.clone() };
                self.add(about, &["--env", &format!("{key}={value}")], "");
            } else {
                let about = NotCarried::Clash { is_env: true, key: key.clone(), component };
                self.add(about, &[], "export what needs it on its own, or let both have one value");
            }
        }
    }

    fn config(&mut self, component: &ComponentName, spec: &'a ComponentSpec) {
        for (key, value) in &spec.config {
            let (component, known) = (component.clone(), *self.config.entry(key).or_insert(value));
            if known == value {
                let about = NotCarried::Config { component, key: key.clone(), value: value.clone() };
                let flag = format!("config-var={key}={value}");
                match self.runtime.tells_config() {
                    Some(true) => self.add(about, &["-S", &flag], ""),
                    Some(false) => self.add(
                        about,
                        &[],
                        "wasmtime tells it to `wasi:config/store@0.2.0-rc.1` alone: put a component into the export \
                         with `--with FILE` that stands in for the other drafts over that one",
                    ),
                    None => self.add(about, &[], "nothing in the file imports wasi:config"),
                }
            } else {
                let about = NotCarried::Clash { is_env: false, key: key.clone(), component };
                self.add(about, &[], "export what needs it on its own, or let both have one value");
            }
        }
    }

    fn volumes(&mut self, component: &ComponentName, spec: &'a ComponentSpec) {
        for grant in &spec.permissions.volumes {
            let about = NotCarried::Volume {
                component: component.clone(),
                volume: grant.name.clone(),
                at: grant.at.clone(),
                read_only: grant.access == Access::Read,
            };
            if *self.folders.entry(&grant.at).or_insert(&grant.name) != grant.name {
                self.add(
                    about,
                    &[],
                    "all components see the same files there, and another volume is there already",
                );
                continue;
            }
            let (folder, help) = match self.workload.volumes.get(&grant.name) {
                Some(VolumeSpec::Path(path)) => (path.display().to_string(), ""),
                _ => (format!("./{}", grant.name), "make an empty folder for it first"),
            };
            let note = "all components of the file may read and write there";
            let help =
                [help, note].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
            self.add(about, &["--dir", &format!("{folder}::{}", grant.at)], &help);
        }
    }

    fn args(&mut self, component: &ComponentName, spec: &ComponentSpec) {
        if spec.args.is_empty() {
            return;
        }
        let about = NotCarried::Args { component: component.clone(), args: spec.args.clone() };
        let help = match component == self.entry && self.runtime.mode == Mode::Run {
            true => "give them after the file",
            false => "wasmtime has arguments for the entry alone, and only with `run`",
        };
        self.add(about, &[], help);
    }

    fn network(&mut self, component: &ComponentName, spec: &ComponentSpec) {
        for origin in &spec.permissions.network {
            let about = NotCarried::Network { component: component.clone(), origin: origin.clone() };
            if origin.starts_with("http") {
                self.add(
                    about,
                    &[],
                    "where wasmtime lets components make HTTP requests, it lets them ask any host",
                );
            } else {
                let flags = ["-S", "inherit-network,allow-ip-name-lookup"];
                self.add(about, &flags, "this opens the whole network to all components of the file");
            }
        }
    }

    fn limits(&mut self, component: &ComponentName, spec: &ComponentSpec) {
        let is_entry = component == self.entry;
        if let Some(bytes) = spec.limits.memory_in_bytes {
            let about = NotCarried::Memory { component: component.clone(), bytes };
            let help = "wasmtime has one limit, for each memory of any component of the file";
            let flag = format!("max-memory-size={bytes}");
            let flags = ["-W", &flag];
            self.add(about, if is_entry { &flags } else { &[] }, help);
        }
        if let Some(time) = spec.limits.time {
            let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            let about = NotCarried::Time { component: component.clone(), millis };
            let flag = format!("timeout={millis}ms");
            let flags = ["-W", &flag];
            let help = if is_entry { "" } else { "wasmtime has a limit for the whole only" };
            self.add(about, if is_entry { &flags } else { &[] }, help);
        }
    }

    fn instances(&mut self, component: &ComponentName, spec: &ComponentSpec) {
        let is_entry = component == self.entry;
        let (policy, calls) = match spec.instances {
            // WASI 0.3 is served by instances that stay, if nothing is said.
            InstancePolicy::Fresh if is_entry && self.runtime.mode == (Mode::Serve { is_p3: true }) => {
                ("fresh", 1)
            }
            InstancePolicy::Fresh => return,
            InstancePolicy::Pool { .. } => ("pool", 1),
            InstancePolicy::Reuse { max_calls } => ("reuse", max_calls),
        };
        let about = NotCarried::Instances { component: component.clone(), policy: policy.to_owned() };
        let calls = calls.to_string();
        let flags = ["--max-instance-reuse-count", &calls];
        if is_entry && self.runtime.is_serving() {
            self.add(about, &flags, "");
        } else {
            self.add(about, &[], "an instance of it lives as long as that of the entry");
        }
    }

    fn service(&mut self) {
        let Some(service) = self.workload.service.as_ref().filter(|it| it.component == *self.entry) else {
            return;
        };
        if service.max_restarts > 0 {
            let component = service.component.clone();
            let about = NotCarried::Restarts { component, max_restarts: service.max_restarts };
            self.add(about, &[], "`wasmtime run` ends when it fails: have what starts it start it again");
        }
    }
}

fn stubs(plan: &Plan, runtime: &Runtime) -> Vec<ExportFinding> {
    let members = |name: &ComponentName| runtime.members.contains(name);
    let stubs = plan.links.iter().filter(|link| link.target == LinkTarget::Stub && members(&link.consumer));
    let finding = |link: &Link| {
        let (component, import) = (&link.consumer, &link.import);
        let need = InterfaceName::parse(import).map_or(Some(""), |import| runtime.need(&import));
        let (flags, help) = match need {
            Some("") => (vec!["-W", "unknown-imports-trap=y"], "it stays an import, which traps with this"),
            Some(need) => (vec!["-S", need], "it stays an import, which wasmtime answers with this"),
            None => (vec![], "it stays an import, which wasmtime answers"),
        };
        let about = match link.answers.len() {
            0 => NotCarried::Stub { component: component.clone(), import: import.clone() },
            _ => NotCarried::Answers {
                component: component.clone(),
                import: import.clone(),
                functions: link.answers.iter().map(|answer| answer.function.clone()).collect(),
            },
        };
        ExportFinding {
            about,
            flags: flags.into_iter().map(str::to_owned).collect(),
            help: Some(help.to_owned()),
        }
    };
    stubs.map(finding).collect()
}

/// No volume is meant for what is not in the workload.
fn folders(parcel: Parcel<'_>, runtime: &Runtime) -> Vec<ExportFinding> {
    let looks = |name: &&ComponentName| {
        let links = parcel.plan.links.iter();
        links.into_iter().any(|link| {
            link.consumer == **name
                && matches!(link.target, LinkTarget::Host { .. })
                && link.import.starts_with("wasi:filesystem/preopens@")
        })
    };
    let finding = |name: &ComponentName| ExportFinding {
        about: NotCarried::Folders { component: name.clone() },
        flags: Vec::new(),
        help: Some("if it keeps anything in files, give it a folder: `--dir FOLDER::/PATH`".to_owned()),
    };
    let members = runtime.members.iter().filter(|name| parcel.stand_ins.contains(name));
    members.filter(looks).map(finding).collect()
}

/// Settings of plugins that members use, or would use if nothing stood in for them.
fn plugins(parcel: Parcel<'_>, runtime: &Runtime) -> Vec<ExportFinding> {
    let Parcel { loaded, plan, stand_ins } = parcel;
    let links = || plan.links.iter().filter(|link| runtime.members.contains(&link.consumer));
    let finding = |plugin: &String| {
        let is_plugin =
            |target: &LinkTarget| matches!(target, LinkTarget::Host { plugin: id } if id == plugin);
        let stand_in = links().find_map(|link| match &link.target {
            LinkTarget::Component { name, .. } if stand_ins.contains(name) => {
                link.why.not_taken.iter().any(|other| is_plugin(&other.target)).then_some(name)
            }
            _ => None,
        });
        let help = match stand_in {
            Some(name) => format!("`{name}` takes its place, and knows nothing of them, nor of what is kept here"),
            None if !links().any(|link| is_plugin(&link.target)) => return None,
            None => "wasmtime has settings of its own, keeps values in memory, and knows nothing of what is kept here"
                .to_owned(),
        };
        let about = NotCarried::PluginSettings { plugin: plugin.clone() };
        Some(ExportFinding { about, flags: Vec::new(), help: Some(help) })
    };
    loaded.workload.host.keys().filter_map(finding).collect()
}

fn left_out(plan: &Plan, runtime: &Runtime, stand_ins: &[ComponentName]) -> Vec<ExportFinding> {
    let others = plan.nodes.iter().map(|node| &node.name).filter(|name| !runtime.members.contains(name));
    let finding = |component: &ComponentName| {
        let exports = entry::ways_in(plan, component);
        if stand_ins.contains(component) {
            let about = NotCarried::Unused { component: component.clone(), exports };
            let help = Some("leave it away, or compare the versions of what is imported".to_owned());
            return ExportFinding { about, flags: Vec::new(), help };
        }
        let help = (!exports.is_empty()).then(|| format!("export it on its own with `--entry {component}`"));
        let about = NotCarried::Component { component: component.clone(), exports };
        ExportFinding { about, flags: Vec::new(), help }
    };
    others.map(finding).collect()
}
