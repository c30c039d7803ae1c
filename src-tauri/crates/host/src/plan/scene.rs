//! Everything that the rules look things up in, indexed once.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::mem::discriminant;

use indexmap::IndexMap;
use jackfield_component::{Component, PortRef, mismatch};
use jackfield_protocol::{
    Candidate, ComponentName, Digest, Direction, InterfaceName, LinkTarget, Mismatch, Port,
};

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
    imports: HashSet<(&'a ComponentName, Name<'a>, Track<'a>)>,
    /// What was compared already: a workload may have the same binary many times.
    compared: RefCell<HashMap<(PortId<'a>, PortId<'a>), Option<Mismatch>>>,
}

type PortId<'a> = (&'a Digest, usize);

/// An import that is to be linked.
#[derive(Clone, Copy)]
pub(super) struct Import<'a> {
    pub(super) consumer: &'a ComponentName,
    pub(super) port: PortRef<'a>,
    identity: Identity<'a>,
}

/// An export of a component.
#[derive(Clone, Copy)]
pub(super) struct Export<'a> {
    pub(super) component: &'a ComponentName,
    pub(super) port: PortRef<'a>,
    identity: Identity<'a>,
}

/// A port's name, taken apart.
#[derive(Clone, Copy)]
struct Identity<'a> {
    name: Name<'a>,
    version: Option<&'a str>,
    track: Track<'a>,
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
            compared: RefCell::default(),
        };
        for row in &workload.links {
            scene.rows.entry(&row.from).or_default().push(row);
        }
        for (name, component) in &scene.nodes {
            for port in PortRef::all(component, Direction::Export) {
                let export = Export { component: name, port, identity: Identity::of(port.port()) };
                scene.exports.entry(export.identity.name).or_default().push(export);
            }
            for port in PortRef::all(component, Direction::Import) {
                let identity = Identity::of(port.port());
                scene.imports.insert((*name, identity.name, identity.track));
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
        let exports = self.exports.get(&import.identity.name).into_iter().flatten();
        exports.filter(|export| discriminant(&export.port.port().kind) == discriminant(&wanted.kind)).copied()
    }

    /// The first difference between the types of an import and an export.
    pub(super) fn mismatch(&self, import: Import<'a>, export: &Export<'a>) -> Option<Mismatch> {
        let key = (import.port.id(), export.port.id());
        let mut compared = self.compared.borrow_mut();
        compared.entry(key).or_insert_with(|| mismatch(import.port, export.port)).clone()
    }

    /// Whether a component imports the same as `import`, in a compatible version.
    pub(super) fn imports_it_too(&self, component: &'a ComponentName, import: Import<'a>) -> bool {
        let Identity { name, track, .. } = import.identity;
        self.imports.contains(&(component, name, track))
    }
}

impl<'a> Import<'a> {
    pub(super) fn new(consumer: &'a ComponentName, port: PortRef<'a>) -> Self {
        Self { consumer, port, identity: Identity::of(port.port()) }
    }

    pub(super) fn name(&self) -> &'a str {
        &self.port.port().name
    }

    pub(super) fn interface(&self) -> Option<InterfaceName> {
        self.port.port().interface_name()
    }

    /// The version that is asked for.
    pub(super) fn version(&self) -> Option<String> {
        self.identity.version.map(str::to_owned)
    }

    /// Whether an export has a version that can be used.
    pub(super) fn is_compatible(&self, export: &Export<'_>) -> bool {
        self.identity.track == export.identity.track
    }
}

impl<'a> Export<'a> {
    /// The version of the interface that it is.
    pub(super) fn version(&self) -> Option<&'a str> {
        self.identity.version
    }

    /// A link's end at it.
    pub(super) fn target(&self) -> LinkTarget {
        LinkTarget::Component { name: self.component.clone(), export: self.port.port().name.clone() }
    }

    pub(super) fn candidate(&self) -> Candidate {
        Candidate { component: self.component.clone(), export: self.port.port().name.clone() }
    }
}

impl<'a> Identity<'a> {
    /// Only interfaces have versions: a function whose name has an at sign is called that.
    fn of(port: &'a Port) -> Self {
        let is_interface = port.interface_name().is_some();
        let (name, version) = match port.interface().split_once('@') {
            Some((name, version)) if is_interface => (name, Some(version)),
            _ => (port.interface(), None),
        };
        Self { name: (name, is_interface), version, track: version::track(version) }
    }
}
