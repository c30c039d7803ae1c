//! Resources that a component has from two places.
//!
//! `use types.{request}` gives an interface a resource of another one. If a component has `types` from one
//! place, and from another an interface whose functions take the `request` of a third, the two are not
//! the same resource, whatever they are called, and what links components refuses it. Types of values
//! have no such trouble: every component has its own, and they are the same if they look the same.

use std::collections::HashMap;

use jackfield_component::{Component, PortRef};
use jackfield_protocol::{ComponentName, Diagnostic, Direction, InterfaceName, Link, LinkTarget, Plan, Port};

use super::scene::Scene;
use super::version;

/// Where a resource is made.
#[derive(Debug, PartialEq, Eq)]
struct Maker {
    target: LinkTarget,
    /// The interface that declares it.
    port: String,
    resource: String,
}

/// Takes the links away through which a resource would have to be two, and tells of each.
pub(super) fn separate(scene: &Scene<'_>, plan: &mut Plan) {
    let found: Vec<Diagnostic> = {
        let tracer = Tracer::new(scene, plan);
        plan.links.iter().filter_map(|link| tracer.split(link)).collect()
    };
    for diagnostic in &found {
        plan.links.retain(|link| {
            diagnostic.component() != Some(&link.consumer) || diagnostic.import() != Some(&link.import)
        });
    }
    plan.diagnostics.extend(found);
}

struct Tracer<'a, 's> {
    scene: &'a Scene<'s>,
    links: HashMap<(&'a ComponentName, &'a str), &'a LinkTarget>,
}

impl<'a, 's> Tracer<'a, 's> {
    fn new(scene: &'a Scene<'s>, plan: &'a Plan) -> Self {
        let links = plan.links.iter().map(|link| ((&link.consumer, link.import.as_str()), &link.target));
        Self { scene, links: links.collect() }
    }

    /// The first resource of an import that its consumer has from another place than its provider.
    fn split(&self, link: &Link) -> Option<Diagnostic> {
        let component = self.scene.component(&link.consumer)?;
        let import = find(component, Direction::Import, &link.import)?;
        for resource in import.resources() {
            let (types, name) = import.origin_of_resource(resource);
            if types.direction != Direction::Import || types.name == link.import {
                continue;
            }
            let offered = match &link.target {
                LinkTarget::Component { name, export } => self.maker_of_export(name, export, resource),
                LinkTarget::Host { .. } | LinkTarget::Stub => Some(made_by(&link.target, types, name)),
                LinkTarget::Types => None,
            };
            let wanted = self.maker_of_import(&link.consumer, types, name, 0);
            if let (Some(wanted), Some(offered)) = (wanted, offered)
                && !wanted.is_same(&offered)
            {
                return Some(Diagnostic::SplitResource {
                    component: link.consumer.clone(),
                    import: link.import.clone(),
                    provider: link.target.clone(),
                    resource: resource.to_owned(),
                    types_import: types.name.clone(),
                    wanted: wanted.target,
                    offered: offered.target,
                });
            }
        }
        None
    }

    fn maker_of_export(&self, component: &ComponentName, export: &str, resource: &str) -> Option<Maker> {
        self.follow_export(component, export, resource, 0)
    }

    fn follow_export(
        &self,
        component: &ComponentName,
        export: &str,
        resource: &str,
        depth: usize,
    ) -> Option<Maker> {
        let export = find(self.scene.component(component)?, Direction::Export, export)?;
        let (port, name) = export.origin_of_resource(resource);
        if port.direction == Direction::Import {
            return self.maker_of_import(component, port, name, depth);
        }
        let target = LinkTarget::Component { name: component.clone(), export: port.name.clone() };
        Some(made_by(&target, port, name))
    }

    /// Follows the links; nothing if one is missing, or if they lead in a circle.
    fn maker_of_import(
        &self,
        component: &ComponentName,
        import: &Port,
        resource: &str,
        depth: usize,
    ) -> Option<Maker> {
        if depth > self.links.len() {
            return None;
        }
        match self.links.get(&(component, import.name.as_str()))? {
            LinkTarget::Component { name, export } => self.follow_export(name, export, resource, depth + 1),
            made @ (LinkTarget::Host { .. } | LinkTarget::Stub) => Some(made_by(made, import, resource)),
            LinkTarget::Types => None,
        }
    }
}

impl Maker {
    /// The host has one resource for all compatible versions, and all stubs of an interface have one; a component's
    /// exports are apart.
    fn is_same(&self, other: &Self) -> bool {
        match (&self.target, &other.target) {
            (LinkTarget::Host { .. }, LinkTarget::Host { .. }) => {
                self.resource == other.resource && is_one_interface(&self.port, &other.port)
            }
            (LinkTarget::Stub, LinkTarget::Stub) => {
                self.port == other.port && self.resource == other.resource
            }
            _ => self.target == other.target && self.resource == other.resource,
        }
    }
}

fn made_by(target: &LinkTarget, port: &Port, resource: &str) -> Maker {
    Maker { target: target.clone(), port: port.name.clone(), resource: resource.to_owned() }
}

/// Whether two names are of one interface, in versions that are compatible.
fn is_one_interface(one: &str, other: &str) -> bool {
    match (InterfaceName::parse(one), InterfaceName::parse(other)) {
        (Some(one), Some(other)) => {
            one.unversioned() == other.unversioned()
                && version::compatible(one.version.as_deref(), other.version.as_deref())
        }
        _ => one == other,
    }
}

fn find<'a>(component: &'a Component, direction: Direction, name: &str) -> Option<PortRef<'a>> {
    PortRef::all(component, direction).find(|port| port.port().name == name)
}
