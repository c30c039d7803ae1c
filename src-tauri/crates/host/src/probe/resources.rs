//! Which resources there are handles of in a function's values.

use indexmap::IndexMap;
use wac_graph::types::{FuncType, Interface, ItemKind, ResourceId, Type, Types, ValueType};

use super::{
    abi::{self, Kind},
    scope::named_types,
};

/// A resource, as a link's interface knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    /// The one that its other names are aliases of.
    pub(crate) id: ResourceId,
    /// Its name where it is declared.
    pub(crate) name: String,
    /// The interface that it is used from; nothing if the link's own interface declares it.
    pub(crate) interface: Option<String>,
}

/// The resources of which there are handles in what an import passes.
///
/// A bare function has them from the interfaces that its world imports.
pub(crate) fn resources(
    types: &Types,
    import: ItemKind,
    imports: &IndexMap<String, ItemKind>,
) -> Vec<Resource> {
    let resource = |id, (name, interface)| Resource { id, name, interface };
    match import {
        ItemKind::Instance(interface) => {
            let interface = &types[interface];
            let ids = handled(types, functions(types, interface).iter().map(|(_, function)| *function));
            let named = ids.into_iter().filter_map(|id| Some(resource(id, declared(types, interface, id)?)));
            named.collect()
        }
        ItemKind::Func(function) => {
            let named = handled(types, [&types[function]]).into_iter().filter_map(|id| {
                let (interface, name) = declared_in(types, imports, id)?;
                Some(resource(id, (name, Some(interface))))
            });
            named.collect()
        }
        _ => Vec::new(),
    }
}

/// The import of a world, and the name in it, by which a resource is declared that the world has from elsewhere.
pub(crate) fn declared_in<'t>(
    types: &'t Types,
    imports: impl IntoIterator<Item = (&'t String, &'t ItemKind)>,
    id: ResourceId,
) -> Option<(String, String)> {
    let id = types.resolve_resource(id);
    imports.into_iter().find_map(|(import, kind)| {
        let ItemKind::Instance(interface) = kind else { return None };
        match declared(types, &types[*interface], id)? {
            (name, None) => Some((import.clone(), name)),
            _ => None,
        }
    })
}

/// The import of a world, and the name in it, that a type is from which the world imports by itself: a resource, or
/// what has handles of one in its values. Others are the same wherever they come from.
pub(crate) fn source_of(
    types: &Types,
    imports: &IndexMap<String, ItemKind>,
    name: &str,
    ty: Type,
) -> Option<(String, String)> {
    match ty {
        Type::Resource(id) => declared_in(types, imports, id),
        Type::Value(ty) if has_handles(types, ty) => imports.iter().find_map(|(import, kind)| {
            let ItemKind::Instance(interface) = kind else { return None };
            let same = types[*interface].exports.get(name)?;
            matches!(same, ItemKind::Type(Type::Value(_))).then(|| (import.clone(), name.to_owned()))
        }),
        _ => None,
    }
}

/// Whether there are handles in a type's values.
pub(super) fn has_handles(types: &Types, ty: ValueType) -> bool {
    abi::any(types, ty, &|_, kind| matches!(kind, Kind::Handle { .. }))
}

/// The functions of an interface, in order.
pub(super) fn functions<'t>(types: &'t Types, interface: &'t Interface) -> Vec<(&'t str, &'t FuncType)> {
    let functions = interface.exports.iter().filter_map(|(name, kind)| match kind {
        ItemKind::Func(function) => Some((name.as_str(), &types[*function])),
        _ => None,
    });
    functions.collect()
}

/// The resources that functions pass handles of, each once.
pub(super) fn handled<'f>(
    types: &Types,
    functions: impl IntoIterator<Item = &'f FuncType>,
) -> Vec<ResourceId> {
    let mut found = Vec::new();
    for ty in functions.into_iter().flat_map(|function| function.params.values().chain(&function.result)) {
        each(types, *ty, &mut |_, kind| match kind {
            Kind::Handle { resource, .. } if !found.contains(resource) => found.push(*resource),
            _ => {}
        });
    }
    found
}

/// The types of streams and futures that functions are given, each once.
pub(super) fn channels<'f>(
    types: &Types,
    functions: impl IntoIterator<Item = &'f FuncType>,
) -> Vec<ValueType> {
    let mut found = Vec::new();
    for ty in functions.into_iter().flat_map(|function| function.params.values()) {
        each(types, *ty, &mut |ty, kind| {
            let ty = types.resolve_value_type(ty);
            if matches!(kind, Kind::Channel) && !found.contains(&ty) {
                found.push(ty);
            }
        });
    }
    found
}

fn each(types: &Types, ty: ValueType, what: &mut impl FnMut(ValueType, &Kind)) {
    let what = std::cell::RefCell::new(what);
    abi::any(types, ty, &|ty, kind| {
        (what.borrow_mut())(ty, kind);
        false
    });
}

/// By which name a resource is declared, and in which other interface if it is in another.
fn declared(types: &Types, interface: &Interface, id: ResourceId) -> Option<(String, Option<String>)> {
    for (name, ty) in named_types(&interface.exports) {
        if !matches!(ty, Type::Resource(known) if types.resolve_resource(known) == id) {
            continue;
        }
        let Some(used) = interface.uses.get(name) else { return Some((name.to_owned(), None)) };
        let source = &types[used.interface];
        // It may be used from there in its turn.
        let (name, further) = declared(types, source, id)?;
        return Some((name, further.or_else(|| source.id.clone())));
    }
    // Not used itself, but part of something that is.
    interface.uses.values().find_map(|used| {
        let source = &types[used.interface];
        let (name, further) = declared(types, source, id)?;
        Some((name, further.or_else(|| source.id.clone())))
    })
}
