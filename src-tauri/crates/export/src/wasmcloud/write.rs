//! From a workload to a manifest.

use std::collections::BTreeMap;

use jackfield_host::workload::{
    Access, ComponentSpec, InstancePolicy, LinkRow, Loaded, Source, VolumeSpec, Workload,
};
use jackfield_protocol::{
    ComponentName, EntryKind, ExportFinding, Exported, InterfaceName, Link, LinkTarget, Node, NotCarried,
    Plan, PortKind,
};

use super::{API_VERSION, KIND, NAME, NAMESPACE, SERVICE, instances, names};
use crate::{
    ExportError, first_file,
    yaml::{Value, document},
};

/// The packages that every host has without being told.
const ALWAYS_THERE: [&str; 6] = ["cli", "clocks", "filesystem", "io", "random", "sockets"];
/// What answers HTTP requests, in WASI 0.2 and 0.3.
const HTTP_HANDLERS: [&str; 2] = ["incoming-handler", "handler"];

pub(crate) fn export(
    loaded: &Loaded,
    plan: &Plan,
    images: &[(ComponentName, String)],
    host: Option<&str>,
) -> Result<Exported, ExportError> {
    let mut writer = Writer::new(loaded, plan, images, host)?;
    let text = document(&writer.manifest());
    let commands = vec!["kubectl apply -f FILE".to_owned()];
    Ok(Exported { files: vec![first_file(text.into_bytes())], findings: writer.findings, commands })
}

type Entries = Vec<(String, Value)>;

struct Writer<'a> {
    workload: &'a Workload,
    plan: &'a Plan,
    images: BTreeMap<&'a ComponentName, String>,
    host: Option<&'a str>,
    components: Vec<(&'a str, String)>,
    volumes: Vec<(&'a str, String)>,
    findings: Vec<ExportFinding>,
}

impl<'a> Writer<'a> {
    fn new(
        loaded: &'a Loaded,
        plan: &'a Plan,
        images: &[(ComponentName, String)],
        host: Option<&'a str>,
    ) -> Result<Self, ExportError> {
        let workload = &loaded.workload;
        Ok(Self {
            workload,
            plan,
            images: references(workload, images)?,
            host,
            components: names::labels(workload.components.keys().map(ComponentName::as_str)),
            volumes: names::labels(workload.volumes.keys().map(String::as_str)),
            findings: Vec::new(),
        })
    }

    fn add(&mut self, about: NotCarried, help: &str) {
        let help = Some(help.to_owned()).filter(|help| !help.is_empty());
        self.findings.push(ExportFinding { about, flags: Vec::new(), help });
    }

    fn manifest(&mut self) -> Entries {
        let template = Value::map([("spec", Value::Map(self.spec()))]);
        let spec = Value::map([("replicas", Value::Number(1)), ("template", template)]);
        vec![
            ("apiVersion".to_owned(), Value::text(API_VERSION)),
            ("kind".to_owned(), Value::text(KIND)),
            ("metadata".to_owned(), self.metadata()),
            ("spec".to_owned(), spec),
        ]
    }

    fn metadata(&mut self) -> Value {
        let name = names::label(&self.workload.name);
        let mut annotations = Vec::new();
        if name != self.workload.name {
            annotations.push((NAME, Value::text(&self.workload.name)));
        }
        if let Some(namespace) = &self.workload.namespace {
            annotations.push((NAMESPACE, Value::text(namespace)));
        }
        if let Some(service) = &self.workload.service {
            annotations.push((SERVICE, Value::text(service.component.as_str())));
        }
        let mut metadata = vec![("name", Value::text(name))];
        if !annotations.is_empty() {
            metadata.push(("annotations", Value::map(annotations)));
        }
        Value::map(metadata)
    }

    fn spec(&mut self) -> Entries {
        let workload = self.workload;
        self.tell_of_links();
        self.tell_of_rows();
        let interfaces = self.host_interfaces();
        let mut components = Vec::new();
        let mut service = None;
        for (name, spec) in &workload.components {
            match workload.service.as_ref().filter(|service| service.component == *name) {
                Some(it) => service = Some(self.service(name, spec, it.max_restarts)),
                None => components.push(self.component(name, spec)),
            }
        }
        let volumes = self.volumes();
        let mut entries = Entries::new();
        let mut add = |key: &str, value: Value, is_there: bool| {
            if is_there {
                entries.push((key.to_owned(), value));
            }
        };
        add("hostInterfaces", Value::List(interfaces.clone()), !interfaces.is_empty());
        add("components", Value::List(components.clone()), !components.is_empty());
        let has_service = service.is_some();
        add("service", service.unwrap_or_else(|| Value::Map(Vec::new())), has_service);
        add("volumes", Value::List(volumes.clone()), !volumes.is_empty());
        entries
    }

    fn component(&mut self, name: &ComponentName, spec: &ComponentSpec) -> Value {
        let label = self.label(name.as_str());
        let mut entries = vec![("name", Value::text(label)), ("image", self.image(name))];
        let (size, calls) = instances::keys(spec.instances);
        entries.extend(size.map(|size| ("poolSize", Value::Number(size.into()))));
        entries.extend(calls.map(|calls| ("maxInvocations", Value::Number(calls.into()))));
        entries.extend(self.resources(name, spec).map(|resources| ("localResources", resources)));
        Value::map(entries)
    }

    fn service(&mut self, name: &ComponentName, spec: &ComponentSpec, max_restarts: u32) -> Value {
        if spec.instances != InstancePolicy::Fresh {
            let about = NotCarried::Instances { component: name.clone(), policy: "of a service".to_owned() };
            self.add(about, "a service there is one instance, which nothing else calls");
        }
        let max_restarts = max_restarts.min(i32::MAX.unsigned_abs());
        let mut entries =
            vec![("image", self.image(name)), ("maxRestarts", Value::Number(max_restarts.into()))];
        entries.extend(self.resources(name, spec).map(|resources| ("localResources", resources)));
        Value::map(entries)
    }

    /// The name that a component has there.
    fn label(&mut self, name: &str) -> String {
        let label = self.components.iter().find(|(component, _)| *component == name);
        let label = label.map(|(_, label)| label.clone()).unwrap_or_default();
        if label != name {
            let about = NotCarried::Renamed { from: name.to_owned(), to: label.clone() };
            self.add(about, "Kubernetes takes lower-case letters, digits and `-`");
        }
        label
    }

    fn image(&self, name: &ComponentName) -> Value {
        Value::text(self.images.get(name).map(String::as_str).unwrap_or_default())
    }

    fn resources(&mut self, name: &ComponentName, spec: &ComponentSpec) -> Option<Value> {
        let mut entries = Vec::new();
        let mounts = self.mounts(spec);
        if !mounts.is_empty() {
            entries.push(("volumeMounts", Value::List(mounts)));
        }
        if !spec.env.is_empty() {
            entries.push(("environment", Value::map([("config", texts(&spec.env))])));
        }
        if !spec.config.is_empty() {
            entries.push(("config", texts(&spec.config)));
        }
        let hosts = self.allowed_hosts(name, spec);
        if !hosts.is_empty() {
            entries.push(("allowedHosts", Value::texts(hosts)));
        }
        self.tell_of_limits(name, spec);
        (!entries.is_empty()).then(|| Value::map(entries))
    }

    fn mounts(&self, spec: &ComponentSpec) -> Vec<Value> {
        let mount = |grant: &jackfield_host::workload::VolumeGrant| {
            let mut entries = vec![
                ("name", Value::text(self.volume_label(&grant.name))),
                ("mountPath", Value::text(&grant.at)),
            ];
            if grant.access == Access::Read {
                entries.push(("readOnly", Value::Flag(true)));
            }
            Value::map(entries)
        };
        spec.permissions.volumes.iter().map(mount).collect()
    }

    fn volume_label(&self, name: &str) -> String {
        let label = self.volumes.iter().find(|(volume, _)| *volume == name);
        label.map(|(_, label)| label.clone()).unwrap_or_default()
    }

    fn volumes(&mut self) -> Vec<Value> {
        let workload = self.workload;
        let mut volumes = Vec::new();
        for (name, spec) in &workload.volumes {
            let label = self.volume_label(name);
            if label != *name {
                let about = NotCarried::Renamed { from: name.clone(), to: label.clone() };
                self.add(about, "Kubernetes takes lower-case letters, digits and `-`");
            }
            let kind = match spec {
                VolumeSpec::Temporary => ("ephemeral", Value::Map(Vec::new())),
                VolumeSpec::Path(path) => {
                    let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                    let path = path.display().to_string();
                    let about = NotCarried::HostFolder { volume: name.clone(), path: path.clone() };
                    self.add(about, "it must be there in every pod of a wasmCloud host that may run this");
                    ("hostPath", Value::map([("path", Value::text(path))]))
                }
            };
            volumes.push(Value::map([("name", Value::text(label)), kind]));
        }
        volumes
    }

    /// The origins that its allowlist can say, as it says them.
    fn allowed_hosts(&mut self, name: &ComponentName, spec: &ComponentSpec) -> Vec<String> {
        let mut hosts = Vec::new();
        for origin in &spec.permissions.network {
            match allowed_host(origin) {
                Ok(host) => hosts.push(host),
                Err(help) => {
                    let about = NotCarried::Network { component: name.clone(), origin: origin.clone() };
                    self.add(about, help);
                }
            }
        }
        hosts
    }

    fn tell_of_limits(&mut self, name: &ComponentName, spec: &ComponentSpec) {
        let component = || name.clone();
        if !spec.args.is_empty() {
            let about = NotCarried::Args { component: component(), args: spec.args.clone() };
            self.add(about, "say it in its environment");
        }
        if let Some(bytes) = spec.limits.memory_in_bytes {
            let about = NotCarried::Memory { component: component(), bytes };
            self.add(about, "the limit there is that of the host's pod");
        }
        if let Some(time) = spec.limits.time {
            let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            self.add(NotCarried::Time { component: component(), millis }, "");
        }
    }

    /// There, what exports an interface answers those that import it, and nothing says otherwise. Links that do not
    /// come of that are others there, or none.
    fn tell_of_links(&mut self) {
        for link in &self.plan.links {
            let LinkTarget::Component { name, export } = &link.target else { continue };
            if let Some(help) = self.obstacle(link, name, export) {
                let (component, import) = (link.consumer.clone(), link.import.clone());
                self.add(NotCarried::Link { component, import, to: name.clone() }, &help);
            }
        }
    }

    /// Why a link is not made there by the names alone.
    fn obstacle(&self, link: &Link, provider: &ComponentName, export: &str) -> Option<String> {
        let import = &link.import;
        let mut ports = self.plan.node(&link.consumer).into_iter().flat_map(|node| node.component.imports());
        if ports.any(|port| port.name == *import && matches!(port.kind, PortKind::Function(_))) {
            return Some("wasmCloud links interfaces alone: put the function into one".to_owned());
        }
        if export != import {
            return Some(format!(
                "wasmCloud looks an import up by its whole name, and `{provider}` exports `{export}`: build both \
                 with one version"
            ));
        }
        let exports = |node: &&Node| node.component.exports().any(|port| port.name == *import);
        let all = self.plan.nodes.iter().filter(exports);
        let names: Vec<String> = all.map(|node| format!("`{}`", node.name)).collect();
        (names.len() > 1).then(|| {
            format!(
                "wasmCloud links by the names of interfaces alone, and {} export it: see that one component does",
                names.join(", ")
            )
        })
    }

    /// Rows that lead to where the names alone would, too, are no loss to anybody who knows it.
    fn tell_of_rows(&mut self) {
        let is_told = |row: &LinkRow| {
            self.findings.iter().any(|finding| {
                matches!(&finding.about, NotCarried::Link { component, import, .. }
                    if *component == row.from && *import == row.import)
            })
        };
        let rows: Vec<&LinkRow> = self.workload.links.iter().filter(|row| !is_told(row)).collect();
        for row in rows {
            let about = NotCarried::LinkRow { component: row.from.clone(), import: row.import.clone() };
            self.add(
                about,
                "wasmCloud links by the names of interfaces alone: see that one component exports it",
            );
        }
        for plugin in self.workload.host.keys() {
            let about = NotCarried::PluginSettings { plugin: plugin.clone() };
            self.add(
                about,
                "set the `config` of its entry in hostInterfaces to what the host there understands",
            );
        }
    }

    /// What has to be asked of the host: plugins' interfaces, and HTTP where something answers requests.
    fn host_interfaces(&mut self) -> Vec<Value> {
        let mut wanted: BTreeMap<(String, String), BTreeMap<Option<String>, Wanted>> = BTreeMap::new();
        let mut want = |component: &ComponentName, import: &str| {
            let Some(name) = InterfaceName::parse(import).filter(must_be_asked_for) else { return };
            let is_http = is_http(&name.namespace, &name.package);
            let version = name.version.clone().filter(|_| !is_http);
            let versions = wanted.entry((name.namespace, name.package)).or_default();
            versions
                .entry(version)
                .or_default()
                .insert(name.interface, (component.clone(), import.to_owned()));
        };
        for link in self.plan.links.iter().filter(|link| matches!(link.target, LinkTarget::Host { .. })) {
            want(&link.consumer, &link.import);
        }
        for entry in self.plan.entries.iter().filter(|entry| entry.kind == EntryKind::Http) {
            want(&entry.component, &entry.export);
        }
        let mut interfaces = Vec::new();
        for ((namespace, package), versions) in wanted {
            let newest = versions.keys().max_by_key(|version| order(version.as_deref())).cloned();
            for (version, wanted) in versions {
                if Some(&version) == newest.as_ref() {
                    interfaces.push(self.host_interface(
                        &namespace,
                        &package,
                        version,
                        wanted.into_keys().collect(),
                    ));
                } else {
                    self.tell_of_versions(wanted);
                }
            }
        }
        interfaces
    }

    fn tell_of_versions(&mut self, wanted: Wanted) {
        for (component, import) in wanted.into_values() {
            let about = NotCarried::Plugin { component, import };
            self.add(
                about,
                "a manifest asks for one version of a package, and another component needs a newer one",
            );
        }
    }

    fn host_interface(
        &self,
        namespace: &str,
        package: &str,
        version: Option<String>,
        interfaces: Vec<String>,
    ) -> Value {
        let answers = interfaces.iter().any(|it| HTTP_HANDLERS.contains(&it.as_str()));
        let mut entries = vec![("namespace", Value::text(namespace)), ("package", Value::text(package))];
        entries.extend(version.map(|version| ("version", Value::text(version))));
        entries.push(("interfaces", Value::texts(interfaces)));
        if is_http(namespace, package) && answers {
            let own = || names::own_host(&self.workload.name);
            let host = self.host.map_or_else(own, str::to_owned);
            entries.push(("config", Value::map([("host", Value::text(host))])));
        }
        Value::map(entries)
    }
}

/// Interfaces of a package, each with the first that has it and how that names it.
type Wanted = BTreeMap<String, (ComponentName, String)>;

fn is_http(namespace: &str, package: &str) -> bool {
    (namespace, package) == ("wasi", "http")
}

/// Not what every host has; and of HTTP the handlers alone, because a host takes another for a plugin's.
fn must_be_asked_for(name: &InterfaceName) -> bool {
    if is_http(&name.namespace, &name.package) {
        return name.interface == "outgoing-handler" || HTTP_HANDLERS.contains(&name.interface.as_str());
    }
    name.namespace != "wasi" || !ALWAYS_THERE.contains(&name.package.as_str())
}

/// The order of versions; what is none comes first.
fn order(version: Option<&str>) -> Option<semver::Version> {
    semver::Version::parse(version?).ok()
}

fn texts(entries: &indexmap::IndexMap<String, String>) -> Value {
    Value::map(entries.iter().map(|(key, value)| (key.as_str(), Value::text(value))))
}

/// Where the cluster finds each component: what was said, else what its source says.
fn references<'a>(
    workload: &'a Workload,
    images: &[(ComponentName, String)],
) -> Result<BTreeMap<&'a ComponentName, String>, ExportError> {
    if let Some((unknown, _)) = images.iter().find(|(name, _)| !workload.components.contains_key(name)) {
        let components = workload.components.keys().cloned().collect();
        return Err(ExportError::NoSuchComponent { component: unknown.clone(), components });
    }
    let mut references = BTreeMap::new();
    let mut missing = Vec::new();
    for (name, spec) in &workload.components {
        let said = images.iter().find(|(component, _)| component == name).map(|(_, image)| image);
        match (said, &spec.source) {
            (Some(image), _) => references.insert(name, image.trim_start_matches("oci://").to_owned()),
            (None, Source::Oci(reference)) => references.insert(name, reference.clone()),
            (None, _) => {
                missing.push((name.clone(), spec.source_text.clone()));
                None
            }
        };
    }
    match missing.is_empty() {
        true => Ok(references),
        false => {
            let path = workload.path.display().to_string();
            Err(ExportError::NotInARegistry { components: missing, path })
        }
    }
}

/// An origin as an entry of `allowedHosts`, or why there is none.
fn allowed_host(origin: &str) -> Result<String, &'static str> {
    let Some((scheme, host)) = origin.split_once("://") else { return Err("it is no origin") };
    let port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err("there is no such grant there for connections that are not HTTP"),
    };
    if host == "*" || host.starts_with("*:") {
        return Err("`*` in allowedHosts would allow every scheme and every port");
    }
    if host.starts_with('[') {
        return Err("allowedHosts takes no addresses of IPv6");
    }
    // Without a port, a name with `*` means every port there.
    match host.starts_with("*.") && !host.contains(':') {
        true => Ok(format!("{origin}:{port}")),
        false => Ok(origin.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_said_as_narrowly_as_they_were() {
        for (origin, expected) in [
            ("https://api.example.com", Some("https://api.example.com")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("https://*.example.com", Some("https://*.example.com:443")),
            ("http://*.example.com:81", Some("http://*.example.com:81")),
            ("https://*", None),
            ("http://[::1]:80", None),
            ("tcp://10.0.0.1:5432", None),
        ] {
            assert_eq!(allowed_host(origin).ok().as_deref(), expected, "{origin}");
        }
    }
}
