//! The types that interfaces and the world declare, and which of them are the same.
//!
//! The types that functions mention say nothing of `use`: a record is the same node wherever it is
//! mentioned, and of a resource only the name is known. Here each declaration is kept with the earlier
//! one that it is an alias of.

use std::collections::HashMap;

use jackfield_protocol::TypeId;
use wasmparser::component_types::{ComponentAnyTypeId, ResourceId};
use wasmparser::types::Types;

/// A type that an instance exports, or a bare type of the world.
pub(crate) struct ExportedType {
    pub(crate) name: String,
    pub(crate) docs: Option<String>,
    pub(crate) shape: Shape,
    /// The earlier declaration that this one is an alias of.
    pub(crate) origin: Option<Origin>,
}

/// What is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A type of values.
    Value(TypeId),
    /// A resource.
    Resource,
    /// The type of a function, an instance or a component, for which WIT has no declaration.
    Beyond,
}

/// Where a type was declared first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The place of the port among the component's ports.
    pub(crate) port: usize,
    /// What the type is called there.
    pub(crate) name: String,
}

/// The declarations so far.
#[derive(Default)]
pub(crate) struct Origins<'a> {
    types: HashMap<ComponentAnyTypeId, (usize, &'a str)>,
    resources: HashMap<ResourceId, (usize, &'a str)>,
}

impl<'a> Origins<'a> {
    /// The declaration that `id` is an alias of, if there was one. From now on, aliases of `id` are
    /// aliases of this declaration.
    pub(crate) fn register(
        &mut self,
        types: &Types,
        id: ComponentAnyTypeId,
        here: (usize, &'a str),
    ) -> Option<Origin> {
        let aliases = std::iter::successors(Some(id), |id| types.peel_alias(*id));
        let mut known = aliases.into_iter().find_map(|id| self.types.get(&id).copied());
        if let ComponentAnyTypeId::Resource(resource) = id {
            known = known.or_else(|| self.resources.get(&resource.resource()).copied());
            self.resources.entry(resource.resource()).or_insert(here);
        }
        self.types.entry(id).or_insert(here);
        known.map(|(port, name)| Origin { port, name: name.to_owned() })
    }
}
