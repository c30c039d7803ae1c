//! Everything that the rules look things up in, indexed once.

use std::collections::{HashMap, HashSet};
use std::mem::discriminant;

use indexmap::IndexMap;
use jackfield_component::{Component, PortRef};
use jackfield_protocol::{Candidate, ComponentName, Direction, InterfaceName, LinkTarget, Port};

use super::HostCatalog;
use super::version::{self, Track};
use crate::workload::{LinkRow, Workload};

/// What ports are linked by: the interface's name without its version, or the whole of another name.
type Name<'a> = (&'a str, bool);

/// A workload, its components and its host, from the rules' point of view.
pub(super) struct Scene<'a> {
    pub(super) host: &'a HostCatalog,
    nodes: IndexMap<&'a ComponentName, &'a Component>,
    rows: HashMap<&'a ComponentName, Vec<&'a LinkRow>>,
    /// In the order of the workload file.
    exports: HashMap<Name<'a>, Vec<Export<'a>>>,
    imports: HashSet<(&'a ComponentName, Name<'a>, Track)>,
}

/// An import that is to be linked.
#[derive(Clone, Copy)]
pub(super) struct Import<'a> {
    pub(super) consumer: &'a ComponentName,
    pub(super) port: PortRef<'a>,
}

/// An export of a component.
#[derive(Clone, Copy)]
pub(super) struct Export<'a> {
    pub(super) component: &'a ComponentName,
    pub(super) port: PortRef<'a>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        workload: &'a Workload,
        components: &'a IndexMap<ComponentName, Component>,
        host: &'a HostCatalog,
    ) -> Self {
        let nodes = workload.components.keys().filter_map(|name| Some((name, components.get(name)?)));
        let mut scene = Self {
            host,
            nodes: nodes.collect(),
            rows: HashMap::new(),
            exports: HashMap::new(),
            imports: HashSet::new(),
        };
        for row in &workload.links {
            scene.rows.entry(&row.from).or_default().push(row);
        }
        for (name, component) in &scene.nodes {
            for port in PortRef::all(component, Direction::Export) {
                let export = Export { component: name, port };
                scene.exports.entry(name_of(port.port())).or_default().push(export);
            }
            for port in PortRef::all(component, Direction::Import) {
                scene.imports.insert((*name, name_of(port.port()), track_of(port.port())));
            }
        }
        scene
    }

    /// The components, in the order of the workload file.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (&'a ComponentName, &'a Component)> {
        self.nodes.iter().map(|(name, component)| (*name, *component))
    }

    /// What a component is, if the workload has it.
    pub(super) fn component(&self, name: &ComponentName) -> Option<&'a Component> {
        self.nodes.get(name).copied()
    }

    /// A component's place in the workload file.
    pub(super) fn place(&self, name: &ComponentName) -> usize {
        self.nodes.get_index_of(name).unwrap_or(usize::MAX)
    }

    /// The rows of `[[links]]` that begin at a component.
    pub(super) fn rows(&self, from: &ComponentName) -> &[&'a LinkRow] {
        self.rows.get(from).map(Vec::as_slice).unwrap_or_default()
    }

    /// The exports of the imported function, or of the imported interface in any version, the
    /// component's own included; in the order of the workload file.
    pub(super) fn exports(&self, import: Import<'a>) -> impl Iterator<Item = Export<'a>> {
        let wanted = import.port.port();
        let exports = self.exports.get(&name_of(wanted)).into_iter().flatten();
        exports.filter(|export| discriminant(&export.port.port().kind) == discriminant(&wanted.kind)).copied()
    }

    /// Whether a component imports the same as `import`, in a compatible version.
    pub(super) fn imports_it_too(&self, component: &'a ComponentName, import: Import<'a>) -> bool {
        let wanted = import.port.port();
        self.imports.contains(&(component, name_of(wanted), track_of(wanted)))
    }
}

impl<'a> Import<'a> {
    pub(super) fn name(&self) -> &'a str {
        &self.port.port().name
    }

    pub(super) fn interface(&self) -> Option<InterfaceName> {
        self.port.port().interface_name()
    }

    /// The version that is asked for.
    pub(super) fn version(&self) -> Option<String> {
        version_of(self.port.port()).map(str::to_owned)
    }

    /// Whether an export has a version that can be used.
    pub(super) fn is_compatible(&self, export: &Export<'_>) -> bool {
        version::compatible(version_of(self.port.port()), version_of(export.port.port()))
    }
}

impl<'a> Export<'a> {
    /// The version of the interface that it is.
    pub(super) fn version(&self) -> Option<&'a str> {
        version_of(self.port.port())
    }

    /// A link's end at it.
    pub(super) fn target(&self) -> LinkTarget {
        LinkTarget::Component { name: self.component.clone(), export: self.port.port().name.clone() }
    }

    pub(super) fn candidate(&self) -> Candidate {
        Candidate { component: self.component.clone(), export: self.port.port().name.clone() }
    }
}

/// Only interfaces have versions: a function whose name has an at sign is called that.
fn name_of(port: &Port) -> Name<'_> {
    if is_interface(port) {
        (port.name.split_once('@').map_or(port.name.as_str(), |(name, _)| name), true)
    } else {
        (&port.name, false)
    }
}

fn version_of(port: &Port) -> Option<&str> {
    if is_interface(port) { port.name.split_once('@').map(|(_, version)| version) } else { None }
}

fn track_of(port: &Port) -> Track {
    version::track(version_of(port))
}

fn is_interface(port: &Port) -> bool {
    port.name.contains('/') && port.interface_name().is_some()
}
