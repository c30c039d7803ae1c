//! Probes in a composition: forwarders on the links that are observed.

use std::sync::Arc;

use jackfield_protocol::{ComponentName, Link, LinkTarget, Provider, Unobserved};
use wac_graph::{
    NodeId, PackageId,
    types::{ItemKind, Package, ResourceId, Type},
};

use super::{Composer, Probe, Seat, chain};
use crate::{
    HostError,
    probe::{self, Forwarder, Handled, Order, Site},
};

impl Composer<'_> {
    /// Makes a probe for a link of a component. Where that cannot be, the link stays as it is.
    pub(super) fn observe(&mut self, link: &Link, consumer: Seat) -> Result<Option<Probe>, HostError> {
        let provider = match &link.target {
            LinkTarget::Component { name, .. } => Provider::Component(name.clone()),
            LinkTarget::Host { plugin } => Provider::Host(plugin.as_str().into()),
            LinkTarget::Stub | LinkTarget::Types => return Ok(None),
        };
        let identified = self.identified_by(link, consumer.package);
        let made = self.forwarder(link, consumer.package, &identified);
        let (forwarder, target, package) = match made {
            Ok(made) => made,
            Err(reason) => {
                let (consumer, import) = (link.consumer.clone(), link.import.clone());
                self.unobserved.push(Unobserved { consumer, import, reason });
                return Ok(None);
            }
        };
        let probe = self.probes.0.len();
        let instance = self.graph.instantiate(package);
        self.import_as(probe::hooks_label(probe), package, instance, probe::HOOKS)?;
        self.import_as(probe::values_label(probe), package, instance, probe::VALUES)?;
        for foreign in &forwarder.foreign {
            self.give_foreign(link, foreign, instance)?;
        }
        let mut resources = Vec::new();
        for (place, (_, (definer, function))) in identified.into_iter().enumerate() {
            let from = self.instances.get(&definer).copied();
            let from = from.ok_or_else(|| self.error(format!("`{definer}` is missing")))?;
            let identity = self.alias(from, &function)?;
            self.set(instance, &probe::identity_import(place), identity)
                .map_err(|reason| self.error(reason))?;
            let is_providers = provider == Provider::Component(definer.clone());
            let (name, _) = self.identified_names.insert_full(self.name_of(&definer, &function));
            let (resource, _) = self.identified.insert_full((definer, function));
            resources.push(Handled { resource: resource as u32, name: name as u32, is_providers });
        }
        self.probes.0.push(Arc::new(Site::new(link, provider, forwarder, resources)));
        Ok(Some(Probe { seat: Seat { package, instance }, target }))
    }

    /// The forwarder of a link, as what it imports its target, and its package.
    fn forwarder(
        &mut self,
        link: &Link,
        consumer: PackageId,
        identified: &[(ResourceId, (ComponentName, String))],
    ) -> Result<(Forwarder, String, PackageId), String> {
        let probe = self.probes.0.len();
        let types = self.graph.types();
        let world = &types[self.graph[consumer].ty()];
        let import = world.imports.get(&link.import).copied();
        let identified: Vec<ResourceId> = identified.iter().map(|(resource, _)| *resource).collect();
        let order = Order {
            types,
            name: &link.import,
            import: import.ok_or_else(|| format!("there is no import `{}`", link.import))?,
            imports: &world.imports,
            identified: &identified,
            types_prefix: probe::types_label(probe),
        };
        let forwarder = probe::forwarder(&order).map_err(|error| error.to_string())?;
        let target = order.target().to_owned();
        // One that could not be registered is in nobody's way.
        let name = format!("jackfield:p{probe}-u{}", self.unobserved.len());
        // Reading it validates it.
        let package = Package::from_bytes(&name, None, forwarder.bytes.clone(), self.graph.types_mut())
            .map_err(|error| format!("{error:#}"))?;
        let package = self.graph.register_package(package).map_err(|error| chain(&error))?;
        Ok((forwarder, target, package))
    }

    /// The resources that a link passes handles of and that can be identified, with the component that defines
    /// each and the function that it has for that.
    fn identified_by(&self, link: &Link, consumer: PackageId) -> Vec<(ResourceId, (ComponentName, String))> {
        let types = self.graph.types();
        let imports = &types[self.graph[consumer].ty()].imports;
        let Some(import) = imports.get(&link.import) else { return Vec::new() };
        let resources = probe::resources(types, *import, imports).into_iter();
        let identified = resources.filter_map(|resource| {
            let interface = resource.interface.as_deref().unwrap_or(&link.import);
            Some((resource.id, self.definer(&link.consumer, interface, &resource.name)?))
        });
        identified.collect()
    }

    /// What a component calls the resource that the function identifies.
    fn name_of(&self, definer: &ComponentName, function: &str) -> String {
        let is_it = |((name, ..), known): &(&(ComponentName, String, String), &String)| {
            name == definer && *known == function
        };
        self.identities.iter().find(is_it).map(|((.., resource), _)| resource.clone()).unwrap_or_default()
    }

    /// The component that defines a resource which another imports, and the function that identifies it. It may
    /// come through others, which only pass it on.
    fn definer(
        &self,
        consumer: &ComponentName,
        interface: &str,
        resource: &str,
    ) -> Option<(ComponentName, String)> {
        let mut at = (consumer.clone(), interface.to_owned(), resource.to_owned());
        // There are no cycles, so it ends; every step leads to another component.
        for _ in 0..=self.plan.links.len() {
            let (consumer, interface, resource) = at;
            let link = self.plan.link(&consumer, &interface)?;
            let LinkTarget::Component { name, export } = &link.target else { return None };
            let key = (name.clone(), export.clone(), resource);
            if let Some(function) = self.identities.get(&key) {
                return Some((name.clone(), function.clone()));
            }
            let types = self.graph.types();
            let world = &types[self.graph[*self.packages.get(name)?].ty()];
            let ItemKind::Instance(exported) = world.exports.get(export)? else { return None };
            let ItemKind::Type(Type::Resource(id)) = types[*exported].exports.get(&key.2)? else {
                return None;
            };
            let (import, declared) = probe::declared_in(types, &world.imports, *id)?;
            at = (name.clone(), import, declared);
        }
        None
    }

    /// The interface that a probe uses types of is the one that the probe's consumer has them from. What the
    /// host has, `wac-graph` imports by itself.
    fn give_foreign(&mut self, link: &Link, foreign: &str, probe: NodeId) -> Result<(), HostError> {
        let plan = self.plan;
        let target = plan.link(&link.consumer, foreign).map(|link| &link.target);
        let Some(LinkTarget::Component { name, export }) = target else { return Ok(()) };
        let Some(provider) = self.instances.get(name) else { return Ok(()) };
        let export = self.alias(*provider, export)?;
        self.set(probe, foreign, export).map_err(|reason| self.error(reason))
    }
}
