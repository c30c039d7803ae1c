//! What a type is called.
//!
//! A binary has no type names of its own: a type is called what the interface, or the world, that
//! exports it calls it. `use` gives one type several names, and the validator keeps them apart by
//! giving each mention an identity of its own that is an alias of the one before.

use std::collections::HashMap;

use wasmparser::collections::IndexMap;
use wasmparser::component_types::{
    AliasableResourceId, ComponentAnyTypeId, ComponentDefinedTypeId, ComponentEntityType, ComponentItem,
    ResourceId,
};
use wasmparser::types::Types;

use crate::decode::Extern;

/// The names that hold in one place: in an interface, or in the component as a whole.
#[derive(Default)]
pub(crate) struct Names<'a> {
    types: HashMap<ComponentAnyTypeId, &'a str>,
    resources: HashMap<ResourceId, &'a str>,
}

impl<'a> Names<'a> {
    /// Every name in a component, the bare types of its world first; of several for one type, the
    /// first in the binary.
    pub(crate) fn of_component(types: &'a Types, externs: &'a [Extern<'a>]) -> Self {
        let mut names = Self::default();
        for external in externs {
            names.add(&external.name, external.item);
        }
        for external in externs {
            if let ComponentEntityType::Instance(id) = external.item.ty {
                names.add_all(&types[id].exports);
            }
        }
        names
    }

    /// The names that an interface with these exports gives.
    pub(crate) fn of_interface(exports: &'a IndexMap<String, ComponentItem>) -> Self {
        let mut names = Self::default();
        names.add_all(exports);
        names
    }

    fn add_all(&mut self, exports: &'a IndexMap<String, ComponentItem>) {
        for (name, item) in exports {
            self.add(name, item);
        }
    }

    fn add(&mut self, name: &'a str, item: &ComponentItem) {
        let ComponentEntityType::Type { created, .. } = item.ty else { return };
        self.types.entry(created).or_insert(name);
        if let ComponentAnyTypeId::Resource(id) = created {
            self.resources.entry(id.resource()).or_insert(name);
        }
    }
}

/// Looks names up, in the interface at hand first.
pub(crate) struct Scope<'a, 'b> {
    pub(crate) types: &'a Types,
    pub(crate) interface: &'b Names<'a>,
    pub(crate) component: &'b Names<'a>,
}

impl<'a> Scope<'a, '_> {
    /// What a defined type is called; none if it has no name, as `list<u8>` has none.
    pub(crate) fn of_type(&self, id: ComponentDefinedTypeId) -> Option<&'a str> {
        self.of_any(ComponentAnyTypeId::Defined(id))
    }

    /// What a resource is called; none if it was never imported or exported.
    pub(crate) fn of_resource(&self, id: AliasableResourceId) -> Option<&'a str> {
        self.of_any(ComponentAnyTypeId::Resource(id)).or_else(|| {
            let known = |names: &Names<'a>| names.resources.get(&id.resource()).copied();
            known(self.interface).or_else(|| known(self.component))
        })
    }

    fn of_any(&self, id: ComponentAnyTypeId) -> Option<&'a str> {
        let aliases = std::iter::successors(Some(id), |id| self.types.peel_alias(*id));
        aliases
            .into_iter()
            .find_map(|id| self.interface.types.get(&id).or_else(|| self.component.types.get(&id)).copied())
    }
}
