//! Everything that the rules look things up in, indexed once.

use std::collections::HashMap;
use std::mem::discriminant;

use indexmap::IndexMap;
use jackfield_protocol::{ComponentInfo, ComponentName, Port};

use super::HostCatalog;
use crate::workload::{LinkRow, Workload};

/// A workload, its components and its host, from the rules' point of view.
pub(super) struct Scene<'a> {
    pub(super) host: &'a HostCatalog,
    nodes: IndexMap<&'a ComponentName, &'a ComponentInfo>,
    rows: HashMap<&'a ComponentName, Vec<&'a LinkRow>>,
    exports_by_name: HashMap<&'a str, Vec<Export<'a>>>,
    /// By the interface's name without a version.
    exports_by_interface: HashMap<String, Vec<Export<'a>>>,
}

/// An export of a component.
#[derive(Clone, Copy)]
pub(super) struct Export<'a> {
    pub(super) component: &'a ComponentName,
    pub(super) port: &'a Port,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        workload: &'a Workload,
        components: &'a IndexMap<ComponentName, ComponentInfo>,
        host: &'a HostCatalog,
    ) -> Self {
        let nodes = workload.components.keys().filter_map(|name| Some((name, components.get(name)?)));
        let mut scene = Self {
            host,
            nodes: nodes.collect(),
            rows: HashMap::new(),
            exports_by_name: HashMap::new(),
            exports_by_interface: HashMap::new(),
        };
        for row in &workload.links {
            scene.rows.entry(&row.from).or_default().push(row);
        }
        for (component, info) in &scene.nodes {
            for port in info.exports() {
                let export = Export { component, port };
                scene.exports_by_name.entry(&port.name).or_default().push(export);
                if let Some(interface) = port.interface_name() {
                    let key = interface.unversioned();
                    scene.exports_by_interface.entry(key).or_default().push(export);
                }
            }
        }
        scene
    }

    /// The components, in the order of the workload file.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (&'a ComponentName, &'a ComponentInfo)> {
        self.nodes.iter().map(|(name, info)| (*name, *info))
    }

    /// What a component is, if the workload has it.
    pub(super) fn component(&self, name: &ComponentName) -> Option<&'a ComponentInfo> {
        self.nodes.get(name).copied()
    }

    /// The rows of `[[links]]` that begin at a component.
    pub(super) fn rows(&self, from: &ComponentName) -> &[&'a LinkRow] {
        self.rows.get(from).map(Vec::as_slice).unwrap_or_default()
    }

    /// Exports of components other than `consumer` with exactly the import's name, in the order of
    /// the workload file.
    pub(super) fn same_name(&self, consumer: &ComponentName, import: &Port) -> Vec<Export<'a>> {
        let exports = self.exports_by_name.get(import.name.as_str()).into_iter().flatten();
        exports.filter(|export| export.fits(consumer, import)).copied().collect()
    }

    /// The same, with the name of the same interface in any version.
    pub(super) fn same_interface(&self, consumer: &ComponentName, import: &Port) -> Vec<Export<'a>> {
        let key = import.interface_name().map(|interface| interface.unversioned());
        let exports = key.and_then(|key| self.exports_by_interface.get(&key)).into_iter().flatten();
        exports.filter(|export| export.fits(consumer, import)).copied().collect()
    }
}

impl Export<'_> {
    /// Whether it is another component's, and of the import's kind.
    fn fits(&self, consumer: &ComponentName, import: &Port) -> bool {
        self.component != consumer && discriminant(&self.port.kind) == discriminant(&import.kind)
    }

    /// The version of the interface that it is.
    pub(super) fn version(&self) -> Option<String> {
        self.port.interface_name().and_then(|interface| interface.version)
    }
}
