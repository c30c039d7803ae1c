//! What a composition exports.

use std::collections::{HashMap, HashSet};

use wac_graph::{NodeId, PackageId, types::ItemKind};

use super::{BARE, Composer, chain, mentioned};
use crate::{HostError, export::Mentioned, probe};

/// What is exported because an export of the entry mentions its types has this name, and a number, where it may not have
/// its own.
const MENTIONED: &str = "jackfield-types";

/// Exports of instances that are mentioned, each after those that it mentions itself.
#[derive(Default)]
struct Found {
    in_order: Vec<NodeId>,
    seen: HashSet<NodeId>,
}

impl Composer<'_> {
    /// Interfaces are exported as they are. Bare functions are only found in the instance itself, under
    /// [`BARE`]: a type that they use has a name there, and not in a composition that would export them.
    pub(super) fn export_all(&mut self, package: PackageId, instance: NodeId) -> Result<(), HostError> {
        let world = self.graph[package].ty();
        let exports = &self.graph.types()[world].exports;
        let has_bare = exports
            .iter()
            .any(|(name, kind)| matches!(kind, ItemKind::Func(_)) && !name.starts_with(probe::IDENTITY));
        let names: Vec<String> = exports
            .iter()
            .filter(|(_, kind)| matches!(kind, ItemKind::Instance(_)))
            .map(|(name, _)| name.clone())
            .collect();
        self.export_mentioned(package, instance)?;
        for name in names {
            let node = self.alias(instance, &name)?;
            self.graph.export(node, name).map_err(|error| self.error(chain(&error)))?;
        }
        if has_bare {
            self.graph.export(instance, BARE).map_err(|error| self.error(chain(&error)))?;
        }
        Ok(())
    }

    /// Exports everything that the entry exports, under its own name.
    pub(super) fn export_each(&mut self, package: PackageId, instance: NodeId) -> Result<(), HostError> {
        let world = self.graph[package].ty();
        let names: Vec<String> = self.graph.types()[world].exports.keys().cloned().collect();
        self.export_mentioned(package, instance)?;
        for name in names {
            let node = self.alias(instance, &name)?;
            self.graph.export(node, name).map_err(|error| self.error(chain(&error)))?;
        }
        Ok(())
    }

    /// Exports what the entry's exports mention types of and another component defines, each after what it mentions
    /// itself.
    fn export_mentioned(&mut self, package: PackageId, instance: NodeId) -> Result<(), HostError> {
        let own = self.world(package).exports.clone();
        let mut found = Found::default();
        self.add_mentioned_in_imports(package, instance, own.values().copied(), &mut found)?;
        for node in found.in_order {
            let Some((from, export)) = self.graph.get_alias_source(node) else { continue };
            let export = export.to_owned();
            let component = self.instances.iter().find(|(_, it)| **it == from).map(|(name, _)| name.clone());
            let is_taken = own.contains_key(&export) || self.graph.get_export(&export).is_some();
            let name = match self.plugins.is_none() && !is_taken {
                true => export.clone(),
                false => format!("{MENTIONED}-n{}", self.mentioned.len()),
            };
            self.graph.export(node, name.clone()).map_err(|error| self.error(chain(&error)))?;
            self.mentioned.push(Mentioned { component, export, name });
        }
        Ok(())
    }

    /// Adds what these exports of an instance mention of what it was given by other instances. What it imports of
    /// the host may be mentioned as it is.
    fn add_mentioned_in_imports(
        &mut self,
        package: PackageId,
        instance: NodeId,
        exports: impl IntoIterator<Item = ItemKind>,
        found: &mut Found,
    ) -> Result<(), HostError> {
        let imports = mentioned::interfaces(self.graph.types(), exports, &self.world(package).imports);
        let arguments: HashMap<&str, NodeId> = self.graph.get_instantiation_arguments(instance).collect();
        let given: Vec<NodeId> = imports.iter().filter_map(|import| arguments.get(import).copied()).collect();
        given.into_iter().try_for_each(|node| self.add_mentioned(node, found))
    }

    /// Adds an export of an instance, after all that it mentions.
    fn add_mentioned(&mut self, node: NodeId, found: &mut Found) -> Result<(), HostError> {
        let Some((instance, name)) = self.graph.get_alias_source(node) else { return Ok(()) };
        let name = name.to_owned();
        let Some(package) = self.graph[instance].package() else { return Ok(()) };
        let Some(export) = self.world(package).exports.get(&name).copied() else { return Ok(()) };
        if !found.seen.insert(node) {
            return Ok(());
        }
        self.add_mentioned_in_imports(package, instance, [export], found)?;
        let beside = mentioned::interfaces(self.graph.types(), [export], &self.world(package).exports);
        let beside: Vec<String> = beside.into_iter().filter(|it| *it != name).map(str::to_owned).collect();
        for other in beside {
            let node = self.alias(instance, &other)?;
            self.add_mentioned(node, found)?;
        }
        found.in_order.push(node);
        Ok(())
    }
}
