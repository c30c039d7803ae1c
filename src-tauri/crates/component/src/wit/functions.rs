//! Functions as WIT declares them.

use jackfield_protocol::{Function, FunctionKind, FunctionTypes, ParamType, TypeGraph, TypeId, TypeKind};

use super::types::Draft;

/// Whether a function takes and gives what WIT has functions of this kind take and give.
pub(super) fn is_of_kind(graph: &TypeGraph, kind: &FunctionKind, types: &FunctionTypes) -> bool {
    match kind {
        FunctionKind::Method(resource) => types.params.first().is_some_and(|ParamType { name, ty }| {
            name == "self" && matches!(graph.kind(*ty), TypeKind::Borrow(name) if name == resource)
        }),
        FunctionKind::Constructor(resource) => {
            let is_own = |id| matches!(graph.kind(id), TypeKind::Own(name) if name == resource);
            types.result.is_some_and(|result| match graph.kind(result) {
                TypeKind::Result { ok, .. } => ok.is_some_and(is_own),
                _ => is_own(result),
            })
        }
        FunctionKind::Static(_) | FunctionKind::Freestanding => true,
    }
}

/// Writes a function that [`is_of_kind`] among the members of its resource, if it has one, or behind
/// `prefix`: `open: static func(path: string) -> file;`.
pub(super) fn declare(draft: &mut Draft<'_, '_>, prefix: &str, function: &Function, types: &FunctionTypes) {
    let after_self = types.params.get(1..).unwrap_or_default();
    // `[method]file.read` is `read` among the members of `file`.
    let name = function.display_name();
    let member = name.split_once('.').map_or(name, |(_, member)| member);
    match &function.kind {
        FunctionKind::Freestanding => {
            draft.put(prefix);
            draft.name(&function.name);
            draft.put(": ");
            declare_type(draft, function.is_async, &types.params, types.result);
        }
        FunctionKind::Method(_) => {
            draft.name(member);
            draft.put(": ");
            declare_type(draft, function.is_async, after_self, types.result);
        }
        FunctionKind::Static(_) => {
            draft.name(member);
            draft.put(": static ");
            declare_type(draft, function.is_async, &types.params, types.result);
        }
        FunctionKind::Constructor(_) => {
            draft.is_wit &= !function.is_async;
            draft.put("constructor");
            params(draft, &types.params);
            // That it makes the resource goes without saying, that it may fail does not.
            let fallible = types.result.filter(|id| matches!(draft.types.kind(*id), TypeKind::Result { .. }));
            result(draft, fallible);
        }
    }
}

/// `async func(…) -> …;`
pub(super) fn declare_type(
    draft: &mut Draft<'_, '_>,
    is_async: bool,
    of_params: &[ParamType],
    of_result: Option<TypeId>,
) {
    draft.put(if is_async { "async func" } else { "func" });
    params(draft, of_params);
    result(draft, of_result);
}

fn params(draft: &mut Draft<'_, '_>, params: &[ParamType]) {
    draft.put("(");
    for (index, ParamType { name, ty }) in params.iter().enumerate() {
        draft.put(if index == 0 { "" } else { ", " });
        draft.name(name);
        draft.put(": ");
        draft.mention(*ty);
    }
    draft.put(")");
}

fn result(draft: &mut Draft<'_, '_>, result: Option<TypeId>) {
    if let Some(result) = result {
        draft.put(" -> ");
        draft.mention(result);
    }
    draft.put(";");
}
