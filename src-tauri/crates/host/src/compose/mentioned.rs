//! Which interfaces an exported item mentions types of.
//!
//! A component may only export what is told of types that it imports or exports. In a composition, types that the
//! entry has from another component are neither, unless what defines them is exported as well.

use std::collections::HashSet;

use indexmap::IndexMap;
use wac_graph::types::{DefinedType, FuncTypeId, InterfaceId, ItemKind, ResourceId, Type, Types, ValueType};

use crate::probe;

/// The interfaces among `ports`, imports or exports of one component, whose types these items mention; in the order
/// of the ports.
pub(super) fn interfaces<'p>(
    types: &Types,
    items: impl IntoIterator<Item = ItemKind>,
    ports: &'p IndexMap<String, ItemKind>,
) -> Vec<&'p str> {
    let mut mentioned = Mentioned::new(types);
    items.into_iter().for_each(|item| mentioned.item(item));
    let resources = mentioned.resources.iter();
    let declaring: HashSet<String> =
        resources.filter_map(|resource| Some(probe::declared_in(types, ports, *resource)?.0)).collect();
    let is_mentioned = |(name, kind): &(&'p String, &ItemKind)| {
        let ItemKind::Instance(interface) = kind else { return false };
        declaring.contains(*name) || mentioned.used.contains(interface) || mentioned.has_value_of(*interface)
    };
    ports.iter().filter(is_mentioned).map(|(name, _)| name.as_str()).collect()
}

/// What was come across.
struct Mentioned<'t> {
    types: &'t Types,
    /// Interfaces that types are used from.
    used: HashSet<InterfaceId>,
    interfaces: HashSet<InterfaceId>,
    values: HashSet<ValueType>,
    resources: HashSet<ResourceId>,
}

impl<'t> Mentioned<'t> {
    fn new(types: &'t Types) -> Self {
        let (used, interfaces, values, resources) = Default::default();
        Self { types, used, interfaces, values, resources }
    }

    fn has_value_of(&self, interface: InterfaceId) -> bool {
        self.types[interface].exports.values().any(|kind| match kind {
            ItemKind::Type(Type::Value(ty)) => self.values.contains(ty),
            _ => false,
        })
    }

    fn item(&mut self, item: ItemKind) {
        match item {
            ItemKind::Func(id) | ItemKind::Type(Type::Func(id)) => self.function(id),
            ItemKind::Instance(id) | ItemKind::Type(Type::Interface(id)) => self.interface(id),
            ItemKind::Value(ty) | ItemKind::Type(Type::Value(ty)) => self.value(ty),
            ItemKind::Type(Type::Resource(id)) => {
                self.resources.insert(id);
            }
            // What these mention is their own.
            ItemKind::Component(_)
            | ItemKind::Module(_)
            | ItemKind::Type(Type::World(_) | Type::Module(_)) => {}
        }
    }

    fn interface(&mut self, id: InterfaceId) {
        if self.interfaces.insert(id) {
            let interface = &self.types[id];
            self.used.extend(interface.uses.values().map(|used| used.interface));
            interface.exports.values().for_each(|item| self.item(*item));
        }
    }

    fn function(&mut self, id: FuncTypeId) {
        let function = &self.types[id];
        function.params.values().chain(&function.result).for_each(|ty| self.value(*ty));
    }

    fn value(&mut self, ty: ValueType) {
        match ty {
            ValueType::Primitive(_) => {}
            ValueType::Own(id) | ValueType::Borrow(id) => {
                self.resources.insert(id);
            }
            ValueType::Defined(id) => {
                if self.values.insert(ty) {
                    self.defined(&self.types[id]);
                }
            }
        }
    }

    fn defined(&mut self, ty: &DefinedType) {
        match ty {
            DefinedType::Tuple(types) => types.iter().for_each(|ty| self.value(*ty)),
            DefinedType::Record(record) => record.fields.values().for_each(|ty| self.value(*ty)),
            DefinedType::Variant(variant) => variant.cases.values().flatten().for_each(|ty| self.value(*ty)),
            DefinedType::List(ty)
            | DefinedType::FixedSizeList(ty, _)
            | DefinedType::Option(ty)
            | DefinedType::Alias(ty) => self.value(*ty),
            DefinedType::Result { ok, err } => ok.iter().chain(err).for_each(|ty| self.value(*ty)),
            DefinedType::Stream(ty) | DefinedType::Future(ty) => ty.iter().for_each(|ty| self.value(*ty)),
            DefinedType::Map(key, value) => [key, value].into_iter().for_each(|ty| self.value(*ty)),
            DefinedType::Flags(_) | DefinedType::Enum(_) => {}
        }
    }
}
