//! Fuses a component and everything it reaches into one component.
//!
//! Wasmtime links what is inside one component with a few instructions per call, and carries
//! resources, streams and futures across as the component model says. So links between components
//! are made here, in memory, with `wac-graph`, and not through the host.
//!
//! What always holds: a component that several others reach is instantiated once; what the entry
//! does not reach is not there; ambient host imports are scoped ([`crate::scoped`]); what the entry's exports
//! mention types of is exported, too, because Wasmtime takes no others ([`mentioned`]).

mod exports;
mod mentioned;
mod observed;

use std::collections::HashMap;

use indexmap::{IndexMap, IndexSet};
use jackfield_component::{Component, PortRef};
use jackfield_protocol::{ComponentName, Direction, InterfaceName, Link, LinkTarget, Plan, Port, Unobserved};
use wac_graph::{
    CompositionGraph, EncodeOptions, NodeId, PackageId,
    types::{ItemKind, Package, World},
};

use crate::{
    HostError,
    export::{Fused, Mentioned},
    plugin::{Plugged, Plugins, Sharing},
    probe::{self, Probes},
    scoped::{self, ScopedInterface},
    stub::Stub,
};

/// The export of a composition that holds the bare functions of its entry.
pub(crate) const BARE: &str = "jackfield-bare";

/// A composed component and what must be defined for it.
#[derive(Debug)]
pub(crate) struct Composition {
    pub(crate) bytes: Vec<u8>,
    /// Every component in it, each after those that it needs; the last is the entry's own.
    pub(crate) members: Vec<ComponentName>,
    /// Which member imports which scoped interface.
    pub(crate) scoped: Vec<(usize, ScopedInterface)>,
    /// Interfaces that plugins must define for this composition.
    pub(crate) plugged: Vec<Plugged>,
    pub(crate) stubs: Vec<Stub>,
    /// The links that are observed, and those that cannot be.
    pub(crate) probes: Probes,
    pub(crate) unobserved: Vec<Unobserved>,
}

/// Composes `entry` and everything that it reaches, each as `prepared` makes it. Exports what `entry`
/// exports. There are probes on the links that are `observed`.
pub(crate) fn compose(
    plan: &Plan,
    components: &IndexMap<ComponentName, Component>,
    entry: &ComponentName,
    plugins: &Plugins,
    observed: &dyn Fn(&Link) -> bool,
    prepared: impl Fn(&ComponentName, &[u8]) -> Result<Vec<u8>, HostError>,
) -> Result<Composition, HostError> {
    let mut composer = Composer::new(plan, entry, Some(plugins), observed);
    let (package, instance, members) = composer.fuse(components, prepared)?;
    composer.export_all(package, instance)?;
    let bytes = composer.encode(false)?;
    let Composer { scoped, plugged, stubs, probes, unobserved, .. } = composer;
    Ok(Composition { bytes, members, scoped, plugged, stubs, probes, unobserved })
}

/// Composes `entry` and everything that it reaches as [`compose`] does, for a runtime that is not this one: what
/// they import of a host keeps its name, and is imported once for all.
///
/// What is exported beside the entry's own exports has its own name, if that is free.
pub(crate) fn compose_plain(
    plan: &Plan,
    components: &IndexMap<ComponentName, Component>,
    entry: &ComponentName,
) -> Result<Fused, HostError> {
    let is_alone = reached(plan, entry).len() == 1;
    if let Some(alone) = components.get(entry).filter(|_| is_alone) {
        return Ok(Fused { bytes: alone.bytes().to_vec(), bare: None, mentioned: vec![] });
    }
    let fused = || {
        let mut composer = Composer::new(plan, entry, None, &|_| false);
        let (package, instance, _) = composer.fuse(components, |_, bytes| Ok(bytes.to_vec()))?;
        Ok::<_, HostError>((composer, package, instance))
    };
    let (mut composer, package, instance) = fused()?;
    if let Ok(bytes) = composer.export_each(package, instance).and_then(|()| composer.encode(true)) {
        return Ok(Fused { bytes, bare: None, mentioned: composer.mentioned });
    }
    let (mut composer, package, instance) = fused()?;
    composer.export_all(package, instance)?;
    Ok(Fused { bytes: composer.encode(true)?, bare: Some(BARE), mentioned: composer.mentioned })
}

/// `entry` and every component that it reaches, each after those that it needs.
pub(crate) fn reached(plan: &Plan, entry: &ComponentName) -> IndexSet<ComponentName> {
    let mut providers: HashMap<&ComponentName, Vec<&ComponentName>> = HashMap::new();
    for link in &plan.links {
        if let LinkTarget::Component { name, .. } = &link.target {
            providers.entry(&link.consumer).or_default().push(name);
        }
    }
    let mut done = IndexSet::new();
    let mut seen = IndexSet::from([entry]);
    let mut stack = vec![(entry, 0)];
    while let Some((name, next)) = stack.pop() {
        match providers.get(name).and_then(|needs| needs.get(next)) {
            Some(provider) => {
                stack.push((name, next + 1));
                if seen.insert(provider) {
                    stack.push((provider, 0));
                }
            }
            None => {
                done.insert(name.clone());
            }
        }
    }
    done
}

/// An instance in the composition, and what it is an instance of.
#[derive(Debug, Clone, Copy)]
struct Seat {
    package: PackageId,
    instance: NodeId,
}

/// A forwarder in the composition, and as what it imports what it forwards to.
struct Probe {
    seat: Seat,
    target: String,
}

struct Composer<'a> {
    plan: &'a Plan,
    entry: &'a ComponentName,
    /// None if what is imported of a host is to keep its name.
    plugins: Option<&'a Plugins>,
    graph: CompositionGraph,
    scoped: Vec<(usize, ScopedInterface)>,
    plugged: Vec<Plugged>,
    stubs: Vec<Stub>,
    observed: &'a dyn Fn(&Link) -> bool,
    is_observed: bool,
    /// The components that are in already.
    packages: HashMap<ComponentName, PackageId>,
    instances: HashMap<ComponentName, NodeId>,
    /// The functions that identify handles: by component, exported interface and resource.
    identities: HashMap<(ComponentName, String, String), String>,
    /// The resources whose handles probes identify, each by its component and function.
    identified: IndexSet<(ComponentName, String)>,
    /// The names of those resources.
    identified_names: IndexSet<String>,
    probes: Probes,
    unobserved: Vec<Unobserved>,
    /// What is exported because an export of the entry mentions its types.
    mentioned: Vec<Mentioned>,
}

impl<'a> Composer<'a> {
    fn new(
        plan: &'a Plan,
        entry: &'a ComponentName,
        plugins: Option<&'a Plugins>,
        observed: &'a dyn Fn(&Link) -> bool,
    ) -> Self {
        Self {
            plan,
            entry,
            plugins,
            graph: CompositionGraph::new(),
            scoped: vec![],
            plugged: vec![],
            stubs: vec![],
            observed,
            is_observed: false,
            packages: HashMap::new(),
            instances: HashMap::new(),
            identities: HashMap::new(),
            identified: IndexSet::new(),
            identified_names: IndexSet::new(),
            probes: Probes::default(),
            unobserved: vec![],
            mentioned: vec![],
        }
    }

    /// Instantiates everything that the entry reaches. Gives the entry's own instance, and the members.
    fn fuse(
        &mut self,
        components: &IndexMap<ComponentName, Component>,
        prepared: impl Fn(&ComponentName, &[u8]) -> Result<Vec<u8>, HostError>,
    ) -> Result<(PackageId, NodeId, Vec<ComponentName>), HostError> {
        let members = reached(self.plan, self.entry);
        let is_observed = |link: &Link| members.contains(&link.consumer) && (self.observed)(link);
        self.is_observed = self.plan.links.iter().any(is_observed);
        let mut last = None;
        for (place, name) in members.iter().enumerate() {
            let component = components.get(name).ok_or_else(|| self.error("its component is missing"))?;
            let bytes = self.identified(name, prepared(name, component.bytes())?);
            let package = self.register(place, bytes)?;
            let instance = self.graph.instantiate(package);
            self.packages.insert(name.clone(), package);
            self.link(place, (name, component), package, instance)?;
            self.give_types(name, package, instance)?;
            self.instances.insert(name.clone(), instance);
            last = Some((package, instance));
        }
        // The entry comes after all that it needs.
        let (package, instance) = last.ok_or_else(|| self.error("it is not in the plan"))?;
        Ok((package, instance, members.into_iter().collect()))
    }

    fn encode(&self, validate: bool) -> Result<Vec<u8>, HostError> {
        let options = EncodeOptions { validate, ..EncodeOptions::default() };
        self.graph.encode(options).map_err(|error| self.error(chain(&error)))
    }

    fn error(&self, reason: impl Into<String>) -> HostError {
        HostError::Compose { component: self.entry.clone(), reason: reason.into() }
    }

    /// Two components of a workload may be the same binary, so a package is named by its place.
    fn register(&mut self, place: usize, bytes: Vec<u8>) -> Result<PackageId, HostError> {
        let name = format!("jackfield:m{place}");
        let package = Package::from_bytes(&name, None, bytes, self.graph.types_mut())
            .map_err(|error| self.error(format!("{error:#}")))?;
        self.graph.register_package(package).map_err(|error| self.error(chain(&error)))
    }

    /// Where a link is observed, what defines resources can tell which is which.
    fn identified(&mut self, name: &ComponentName, bytes: Vec<u8>) -> Vec<u8> {
        if !self.is_observed {
            return bytes;
        }
        let (bytes, identities) = probe::with_identities(bytes);
        for identity in identities {
            let key = (name.clone(), identity.interface, identity.resource);
            self.identities.insert(key, identity.function);
        }
        bytes
    }

    fn link(
        &mut self,
        place: usize,
        (consumer, component): (&ComponentName, &Component),
        package: PackageId,
        instance: NodeId,
    ) -> Result<(), HostError> {
        let plan = self.plan;
        for link in plan.links.iter().filter(|link| link.consumer == *consumer) {
            let own = Seat { package, instance };
            let probe = match (&link.target, (self.observed)(link)) {
                (LinkTarget::Stub | LinkTarget::Types, _) | (_, false) => None,
                (LinkTarget::Component { .. } | LinkTarget::Host { .. }, true) => self.observe(link, own)?,
            };
            match &link.target {
                LinkTarget::Component { name, export } => {
                    let provider =
                        self.instances.get(name).ok_or_else(|| self.error(format!("`{name}` is missing")))?;
                    let export = self.alias(*provider, export)?;
                    let (seat, import) = match &probe {
                        Some(probe) => (probe.seat, probe.target.as_str()),
                        None => (own, link.import.as_str()),
                    };
                    self.set(seat.instance, import, export).map_err(|reason| HostError::Link {
                        consumer: consumer.clone(),
                        provider: name.clone(),
                        import: link.import.clone(),
                        reason,
                    })?;
                }
                LinkTarget::Types => {}
                LinkTarget::Host { .. } | LinkTarget::Stub if self.plugins.is_none() => {}
                LinkTarget::Host { plugin } => {
                    let seat = probe.as_ref().map_or(own, |probe| probe.seat);
                    self.scope(place, seat.package, seat.instance, &link.import)?;
                    self.plug(plugin, link, seat.package, seat.instance)?;
                }
                // Imported under its own name, and so once for all, it is what all that use its resources mean.
                LinkTarget::Stub if lends_resources(component, &link.import) => {
                    self.stub_as(link.import.clone(), link);
                }
                LinkTarget::Stub => {
                    let label = format!("m{place}-stub-n{}", self.stubs.len());
                    self.import_as(label.clone(), package, instance, &link.import)?;
                    self.stub_as(label, link);
                }
            }
            if let Some(probe) = probe {
                let export = self.alias(probe.seat.instance, &link.import)?;
                self.set(instance, &link.import, export).map_err(|reason| self.error(reason))?;
            }
        }
        Ok(())
    }

    /// Gives a component the types that its world has from an interface, where they are more than their structure: a
    /// bare function's resources are those of the component that the interface comes from.
    fn give_types(
        &mut self,
        consumer: &ComponentName,
        package: PackageId,
        instance: NodeId,
    ) -> Result<(), HostError> {
        let types = self.graph.types();
        let imports = &types[self.graph[package].ty()].imports;
        let given = imports.iter().filter_map(|(import, kind)| {
            let ItemKind::Type(ty) = kind else { return None };
            let (interface, name) = probe::source_of(types, imports, import, *ty)?;
            Some((import.clone(), interface, name))
        });
        let given: Vec<(String, String, String)> = given.collect();
        let plan = self.plan;
        for (import, interface, name) in given {
            let target = plan.link(consumer, &interface).map(|link| &link.target);
            let Some(LinkTarget::Component { name: provider, export }) = target else { continue };
            let from = self.instances.get(provider).copied();
            let from = from.ok_or_else(|| self.error(format!("`{provider}` is missing")))?;
            let export = self.alias(from, export)?;
            let ty = self.alias(export, &name)?;
            self.set(instance, &import, ty).map_err(|reason| self.error(reason))?;
        }
        Ok(())
    }

    /// Gives an ambient host import a label of its own. Other host imports stay as they are, and
    /// `wac-graph` imports them once for all.
    fn scope(
        &mut self,
        place: usize,
        package: PackageId,
        instance: NodeId,
        import: &str,
    ) -> Result<(), HostError> {
        let Some(interface) = ScopedInterface::of_import(import) else { return Ok(()) };
        self.import_as(scoped::label(place, interface), package, instance, import)?;
        self.scoped.push((place, interface));
        Ok(())
    }

    /// Notes what a plugin must define, and gives it a label of its own where it is the component's own.
    fn plug(
        &mut self,
        plugin: &str,
        link: &Link,
        package: PackageId,
        instance: NodeId,
    ) -> Result<(), HostError> {
        let Some(name) = InterfaceName::parse(&link.import) else { return Ok(()) };
        let interface = InterfaceName { version: link.why.export_version.clone(), ..name };
        let sharing = self.plugins.and_then(|plugins| plugins.sharing(plugin, &interface));
        let own = match sharing {
            Some(Sharing::Host) => return Ok(()),
            Some(Sharing::Workload) => None,
            Some(Sharing::Component) => {
                let label = format!("own-n{}", self.plugged.len());
                self.import_as(label.clone(), package, instance, &link.import)?;
                Some((link.consumer.clone(), label))
            }
            None => return Err(self.error(format!("the host has no plugin `{plugin}` with `{interface}`"))),
        };
        let plugged = Plugged { plugin: plugin.to_owned(), interface, own };
        if !self.plugged.contains(&plugged) {
            self.plugged.push(plugged);
        }
        Ok(())
    }

    fn stub_as(&mut self, label: String, link: &Link) {
        let (component, import) = (link.consumer.clone(), link.import.clone());
        self.stubs.push(Stub { label, component, import });
    }

    fn import_as(
        &mut self,
        label: String,
        package: PackageId,
        instance: NodeId,
        import: &str,
    ) -> Result<(), HostError> {
        let world = self.graph[package].ty();
        let kind = self.graph.types()[world].imports.get(import).copied();
        let kind = kind.ok_or_else(|| self.error(format!("there is no import `{import}`")))?;
        let node = self.graph.import(label, kind).map_err(|error| self.error(chain(&error)))?;
        self.set(instance, import, node).map_err(|reason| self.error(reason))
    }

    /// An export of an instance.
    fn alias(&mut self, instance: NodeId, export: &str) -> Result<NodeId, HostError> {
        self.graph.alias_instance_export(instance, export).map_err(|error| self.error(chain(&error)))
    }

    fn set(&mut self, instance: NodeId, import: &str, value: NodeId) -> Result<(), String> {
        self.graph.set_instantiation_argument(instance, import, value).map_err(|error| chain(&error))
    }

    fn world(&self, package: PackageId) -> &World {
        &self.graph.types()[self.graph[package].ty()]
    }
}

/// Whether other imports or exports of a component have resources of this import.
fn lends_resources(component: &Component, import: &str) -> bool {
    let mut ports =
        PortRef::all(component, Direction::Import).chain(PortRef::all(component, Direction::Export));
    ports.any(|port| {
        let is_it = |port: &Port| port.direction == Direction::Import && port.name == import;
        !is_it(port.port()) && port.resources().any(|resource| is_it(port.origin_of_resource(resource).0))
    })
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
