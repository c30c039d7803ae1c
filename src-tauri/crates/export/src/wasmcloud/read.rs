//! From a manifest to a workload file.
//!
//! Every key of the manifest is either understood, or told: [`Keys`] remembers which of a map's keys were asked for,
//! and those that nobody asked for are findings.

mod keys;
mod resources;
mod toml;

use jackfield_host::workload::{component_name_problem, parse};
use jackfield_protocol::{Fate, ImportFinding, Imported, Problem};

use super::{API_VERSION, KIND, NAME, NAMESPACE, SERVICE, instances, names::own_host};
use crate::{
    ImportError,
    yaml::{Node, NodeKind, documents},
};
use keys::{Keys, Reading};
use toml::{Component, File};

/// Where interfaces that the components import by themselves need no word here.
const DERIVED: [&str; 4] = ["namespace", "package", "version", "interfaces"];

/// Names without a dot that are hosts all the same; `samples` is the folder of the samples.
const HOSTS: [&str; 2] = ["localhost", "samples"];

/// What holds several objects.
const LISTS: [&str; 2] = ["List", "WorkloadDeploymentList"];

pub(crate) fn import(text: &str, path: &str) -> Result<Imported, ImportError> {
    let mut reading = Reading::new(path);
    let all = documents(text).map_err(|problem| {
        let (line, column) = (problem.line, problem.column);
        ImportError { problems: vec![reading.problem_at(line, column, problem.message, None)] }
    })?;
    let file = deployment(&mut reading, &all).map(|manifest| manifest_file(&mut reading, manifest));
    let Some(file) = file.filter(|_| reading.problems.is_empty()) else {
        return Err(ImportError { problems: reading.problems });
    };
    let text = file.text();
    // What is written must be read again, or it would be found out later and elsewhere.
    if let Err(problems) = parse(&text, std::path::Path::new(path)) {
        let whole = |problem: Problem| Problem { line: None, column: None, ..problem };
        return Err(ImportError { problems: problems.into_iter().map(whole).collect() });
    }
    Ok(Imported { text, findings: reading.findings })
}

/// The deployment among the documents.
fn deployment<'d>(reading: &mut Reading, all: &'d [Node]) -> Option<&'d Node> {
    let kind = |node: &Node| node.get("kind").and_then(Node::text).unwrap_or_default().to_owned();
    let mut found = None;
    for node in all.iter().filter(|node| !node.is_null()).flat_map(listed) {
        match kind(node).as_str() {
            KIND if found.is_none() => found = Some(node),
            other => {
                let note = match other {
                    "" => "only one manifest is read".to_owned(),
                    other => format!("a {other} is not read: only the first {KIND} is"),
                };
                reading.finding("kind", node, Fate::NoCounterpart, &note);
            }
        }
    }
    if found.is_none() {
        let (line, column) = all.first().map_or((1, 1), |node| (node.line, node.column));
        let help = format!("a manifest has `kind: {KIND}` and `apiVersion: {API_VERSION}`");
        let problem = reading.problem_at(line, column, format!("there is no {KIND} in it"), Some(help));
        reading.problems.push(problem);
    }
    found
}

/// What a document holds: itself, or the items of a list, as `kubectl get` writes it.
fn listed(document: &Node) -> &[Node] {
    let is_list = document.get("kind").and_then(Node::text).is_some_and(|kind| LISTS.contains(&kind));
    match document.get("items").map(|items| &items.kind) {
        Some(NodeKind::List(items)) if is_list => items,
        _ => std::slice::from_ref(document),
    }
}

fn manifest_file(reading: &mut Reading, manifest: &Node) -> File {
    let mut file = File::default();
    let Some(mut top) = Keys::of(reading, "", manifest) else { return file };
    top.ignore(&["kind"]);
    if let Some((version, node)) = top.text(reading, "apiVersion")
        && version != API_VERSION
    {
        reading.problem(
            node,
            format!("the version `{version}` is not known"),
            &format!("it is {API_VERSION}"),
        );
    }
    let mut service_name = None;
    if let Some(mut metadata) = top.map(reading, "metadata") {
        service_name = read_names(reading, &mut metadata, &mut file);
        metadata.finish(reading);
    }
    // What the cluster says of it is no part of what is wanted.
    top.ignore(&["status"]);
    if let Some(mut spec) = top.map(reading, "spec") {
        template(reading, &mut spec, &mut file, service_name);
        spec.finish(reading);
    }
    top.finish(reading);
    file
}

/// The names of the workload; gives that of the service, if it is told.
fn read_names(reading: &mut Reading, metadata: &mut Keys<'_>, file: &mut File) -> Option<String> {
    file.name = metadata.required(reading, "name").map(|(name, _)| name.to_owned()).unwrap_or_default();
    let namespace = metadata.text(reading, "namespace");
    file.namespace = namespace.map(|(name, _)| name.to_owned());
    let mut annotations = metadata.map(reading, "annotations")?;
    let own = |annotations: &mut Keys<'_>, reading: &mut Reading, key: &str| {
        annotations.text(reading, key).map(|(text, _)| text.to_owned())
    };
    if let Some(name) = own(&mut annotations, reading, NAME) {
        file.name = name;
    }
    if let Some(own) = own(&mut annotations, reading, NAMESPACE) {
        file.namespace = Some(own);
        if let Some((_, node)) = namespace {
            reading.finding("metadata.namespace", node, Fate::NoCounterpart, "it is about the cluster");
        }
    }
    let service = own(&mut annotations, reading, SERVICE);
    annotations.finish(reading);
    service
}

fn template(reading: &mut Reading, spec: &mut Keys<'_>, file: &mut File, service_name: Option<String>) {
    if let Some((replicas, node)) = spec.number(reading, "replicas")
        && replicas != 1
    {
        reading.finding(&spec.path_of("replicas"), node, Fate::NoCounterpart, "here, a workload runs once");
    }
    let Some(mut template) = spec.map(reading, "template") else {
        reading.problem(spec.node, "there is no `spec.template`".to_owned(), "it holds the workload's spec");
        return;
    };
    if let Some(mut inner) = template.map(reading, "spec") {
        workload(reading, &mut inner, file, service_name);
        inner.finish(reading);
    }
    template.finish(reading);
}

fn workload(reading: &mut Reading, spec: &mut Keys<'_>, file: &mut File, service_name: Option<String>) {
    for item in spec.maps(reading, "volumes") {
        resources::volume(reading, item, file);
    }
    for item in spec.maps(reading, "hostInterfaces") {
        host_interface(reading, item, &file.name);
    }
    for mut item in spec.maps(reading, "components") {
        let name = item.required(reading, "name").map(|(name, node)| {
            if let Some(problem) = component_name_problem(name) {
                reading.problem(node, problem, "give it another name");
            }
            name.to_owned()
        });
        let mut component = Component { name: name.unwrap_or_default(), ..Component::default() };
        instance_policy(reading, &mut item, &mut component);
        image(reading, &mut item, &mut component);
        resources::local(reading, &mut item, &mut component);
        item.finish(reading);
        if file.components.iter().any(|other| other.name == component.name) {
            let message = format!("there are two components `{}`", component.name);
            reading.problem(item.node, message, "give one another name");
        }
        file.components.push(component);
    }
    if let Some(mut item) = spec.map(reading, "service") {
        service(reading, &mut item, file, service_name);
        item.finish(reading);
    }
}

/// The service has no name there: it gets the one that was told, or one after its image.
fn service(reading: &mut Reading, item: &mut Keys<'_>, file: &mut File, name: Option<String>) {
    let mut component = Component::default();
    image(reading, item, &mut component);
    let name = name.filter(|name| component_name_problem(name).is_none());
    let wanted = name.unwrap_or_else(|| after_image(&component.image));
    let is_free = |name: &String| file.components.iter().all(|other| other.name != *name);
    let numbered = (2_u32..).map(|number| format!("{wanted}-{number}"));
    component.name = std::iter::once(wanted.clone()).chain(numbered).find(is_free).unwrap_or_default();
    resources::local(reading, item, &mut component);
    // Left out, it is none: the operator's numbers are 0 then.
    let max_restarts = item.number(reading, "maxRestarts").map_or(0, |(number, _)| number);
    file.service = Some((component.name.clone(), max_restarts));
    file.components.push(component);
}

/// `square` for `ghcr.io/acme/square:1.0`.
fn after_image(image: &str) -> String {
    let last = image.split('@').next().and_then(|image| image.rsplit('/').next()).unwrap_or_default();
    let name = last.split(':').next().unwrap_or_default();
    match component_name_problem(name) {
        None => name.to_owned(),
        Some(_) => "service".to_owned(),
    }
}

fn image(reading: &mut Reading, item: &mut Keys<'_>, component: &mut Component) {
    let Some((image, node)) = item.required(reading, "image") else { return };
    if image.contains("://") {
        let help = "name the image that it stands for";
        reading.problem(node, format!("`{image}` is no image but stands for one"), help);
    } else if image.is_empty() {
        reading.problem(node, "the image is empty".to_owned(), "name one: ghcr.io/acme/square:1.0");
    }
    component.image = image.to_owned();
    // As the hosts read it.
    let stands_for = match image.split_once('/') {
        _ if image.is_empty() || image.contains("://") => None,
        Some((first, _)) if first.contains(['.', ':']) || HOSTS.contains(&first) => None,
        Some(_) => Some(format!("docker.io/{image}")),
        None => Some(format!("docker.io/library/{image}")),
    };
    if let Some(full) = stands_for {
        let note = format!("it names no registry, and so stands for {full}");
        reading.finding(&item.path_of("image"), node, Fate::Changed, &note);
        component.image = full;
    }
}

fn instance_policy(reading: &mut Reading, item: &mut Keys<'_>, component: &mut Component) {
    let size = item.number(reading, "poolSize");
    let calls = item.number(reading, "maxInvocations");
    let (policy, note) = instances::policy(size.map(|(number, _)| number), calls.map(|(number, _)| number));
    component.instances = policy;
    let keeps_some = size.is_some_and(|(size, _)| size > 0);
    let (key, about) = if keeps_some { ("poolSize", size) } else { ("maxInvocations", calls) };
    if let (Some(note), Some((_, node))) = (note, about) {
        let fate = if keeps_some { Fate::Changed } else { Fate::NoCounterpart };
        reading.finding(&item.path_of(key), node, fate, &note);
    }
}

/// What components import is known from themselves; only what else is said is told.
fn host_interface(reading: &mut Reading, mut item: Keys<'_>, workload: &str) {
    item.ignore(&DERIVED);
    let is_http = item.node.get("namespace").and_then(Node::text) == Some("wasi")
        && item.node.get("package").and_then(Node::text) == Some("http");
    if let Some(mut config) = item.map(reading, "config").filter(|_| is_http) {
        // An export would say the same by itself.
        if let Some((host, node)) = config.text(reading, "host")
            && host != own_host(workload)
        {
            let note =
                format!("every entry has an address of its own here; export it with `--host {host}` again");
            reading.finding(&config.path_of("host"), node, Fate::NoCounterpart, &note);
        }
        config.finish(reading);
    } else if let Some(config) = item.node.get("config") {
        let note = "settings of a host's plugins are its own; see [host] of a workload file";
        reading.finding(&item.path_of("config"), config, Fate::NoCounterpart, note);
    }
    item.finish(reading);
}

impl Reading {
    /// What a finding says where nothing more is known of a key.
    fn note_of(path: &str) -> (Fate, &'static str) {
        let key = path.rsplit('.').next().unwrap_or(path);
        let note = match key {
            "imagePullSecret" => "sign in to the registry with `jack library login`",
            "imagePullPolicy" => "the library keeps what was pulled",
            "maxConcurrency" => "an instance takes one call at a time here",
            "configFrom" | "secretFrom" => {
                "write the values into the workload file, or leave them to the cluster"
            }
            "allowedIpNameLookups" => "names are looked up for origins that are granted",
            "allowedHostLoopbackPorts" => "grant tcp://127.0.0.1:PORT or udp://127.0.0.1:PORT instead",
            "kubernetes" | "hostSelector" | "hostId" | "deployPolicy" | "artifacts" | "environment" => {
                "it is about the cluster"
            }
            "labels" | "annotations" => "a workload file has none",
            "name" => "imports are not routed by a name of a host interface here",
            _ => return (Fate::Unknown, "check how it is written"),
        };
        (Fate::NoCounterpart, note)
    }
}

/// Findings about what was not asked for.
pub(super) fn unread(path: &str, node: &Node) -> ImportFinding {
    let (fate, note) = match path.strip_prefix("metadata.") {
        Some(_) => (Fate::NoCounterpart, "a workload file has none"),
        None => Reading::note_of(path),
    };
    ImportFinding { key: path.to_owned(), line: node.line, column: node.column, fate, note: note.to_owned() }
}
