//! Volumes, and what a component may use.

use jackfield_host::workload::{Access, VolumeGrant, VolumeSpec, is_origin, plain_name_problem};
use jackfield_protocol::Fate;

use super::{Component, File, Keys, Reading};
use crate::yaml::Node;

pub(super) fn volume(reading: &mut Reading, mut item: Keys<'_>, file: &mut File) {
    let name = item.required(reading, "name");
    if let Some((name, node)) = name {
        if let Some(problem) = plain_name_problem("volume", name) {
            reading.problem(node, problem, "give it another name");
        } else if file.volumes.contains_key(name) {
            reading.problem(node, format!("there are two volumes `{name}`"), "give one another name");
        }
    }
    let is_ephemeral = item.map(reading, "ephemeral").is_some();
    let path = item.map(reading, "hostPath").and_then(|mut folder| {
        let path = folder.required(reading, "path").map(|(path, _)| path.to_owned());
        folder.finish(reading);
        path
    });
    let spec = match (path, is_ephemeral) {
        (Some(path), false) => Some(VolumeSpec::Path(path.into())),
        (None, true) => Some(VolumeSpec::Temporary),
        _ => None,
    };
    match (name, spec) {
        (Some((name, _)), Some(spec)) => {
            file.volumes.insert(name.to_owned(), spec);
        }
        (Some(_), None) => {
            reading.problem(
                item.node,
                "a volume is either `ephemeral` or a `hostPath`".to_owned(),
                "choose one",
            );
        }
        (None, _) => {}
    }
    item.finish(reading);
}

/// `localResources` of a component or of the service.
pub(super) fn local(reading: &mut Reading, item: &mut Keys<'_>, component: &mut Component) {
    let Some(mut local) = item.map(reading, "localResources") else { return };
    for mount in local.maps(reading, "volumeMounts") {
        component.volumes.extend(grant(reading, mount));
    }
    if let Some(mut environment) = local.map(reading, "environment") {
        if let Some(mut config) = environment.map(reading, "config") {
            component.env = owned(&config.texts(reading));
        }
        environment.finish(reading);
    }
    if let Some(mut config) = local.map(reading, "config") {
        component.config = owned(&config.texts(reading));
    }
    let path = local.path_of("allowedHosts");
    for (position, node) in local.items(reading, "allowedHosts").iter().enumerate() {
        let Some(text) = node.text() else {
            reading.problem(node, "a host must be a text".to_owned(), "put it in quotes");
            continue;
        };
        network(reading, &format!("{path}[{position}]"), node, text, &mut component.network);
    }
    local.finish(reading);
}

fn owned(texts: &[(&str, &str, &Node)]) -> Vec<(String, String)> {
    texts.iter().map(|(key, value, _)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn grant(reading: &mut Reading, mut mount: Keys<'_>) -> Option<VolumeGrant> {
    let name = mount.required(reading, "name");
    let at = mount.required(reading, "mountPath");
    let is_read_only = mount.flag(reading, "readOnly").unwrap_or(false);
    mount.finish(reading);
    let access = if is_read_only { Access::Read } else { Access::Write };
    Some(VolumeGrant { name: name?.0.to_owned(), at: at?.0.to_owned(), access })
}

/// The origins that an entry of the allowlist comes to.
fn network(reading: &mut Reading, path: &str, node: &Node, text: &str, origins: &mut Vec<String>) {
    let entry = text.strip_suffix('/').unwrap_or(text);
    let (candidates, note): (Vec<String>, &str) = match entry.split_once("://") {
        Some((_, host)) if host.starts_with("*.") && !host.contains(':') => {
            (vec![entry.to_owned()], "there it is any port; here it is the scheme's own")
        }
        Some(_) => (vec![entry.to_owned()], ""),
        None => {
            let note = "there it is any scheme and, without one, any port; here HTTP and HTTPS on theirs";
            (["http", "https"].map(|scheme| format!("{scheme}://{entry}")).to_vec(), note)
        }
    };
    if !candidates.iter().all(|origin| is_origin(origin)) {
        reading.finding(path, node, Fate::NoCounterpart, "no origin of a workload file says this");
        return;
    }
    if !note.is_empty() {
        reading.finding(path, node, Fate::Changed, note);
    }
    origins.extend(candidates);
}
