//! What a function takes and gives, and whether it can be called with values that are written down.

use std::collections::{HashMap, HashSet};
use std::fmt;

use jackfield_protocol::{FunctionTypes, TypeGraph, TypeId, TypeKind};

/// A function's types, with the graph that holds them.
#[derive(Debug, Clone, Copy)]
pub struct Signature<'a> {
    /// Where the types are.
    pub types: &'a TypeGraph,
    /// Which of them the function takes and gives.
    pub function: &'a FunctionTypes,
}

impl Signature<'_> {
    /// Why the function cannot be called with values that are written down, if it cannot: it takes or
    /// gives something that exists only while a component runs.
    ///
    /// # Errors
    /// [`NotCallable`], which names the first parameter, or the result, that stands in the way.
    pub fn check_callable(&self) -> Result<(), NotCallable> {
        self.check(|_| false)
    }

    /// As [`Self::check_callable`], for calls in a session, which has handles to resources.
    ///
    /// # Errors
    /// As there, but not for handles.
    pub fn check_callable_in_session(&self) -> Result<(), NotCallable> {
        self.check(|kind| matches!(kind, TypeKind::Own(_) | TypeKind::Borrow(_)))
    }

    /// What each of the function's results is or holds that cannot be written down, if there is such a thing. A
    /// result that has a handle in some of its values has others without: an error, nothing, an empty list.
    #[must_use]
    pub fn unanswerable(&self) -> Option<String> {
        self.function.result.and_then(|result| inherent(self.types, result, &mut HashMap::new()))
    }

    fn check(&self, is_allowed: impl Fn(&TypeKind) -> bool + Copy) -> Result<(), NotCallable> {
        let params = self.function.params.iter().map(|param| (Some(param.name.as_str()), param.ty));
        let result = self.function.result.iter().map(|result| (None, *result));
        let mut seen = HashSet::new();
        for (param, ty) in params.chain(result) {
            if let Some(what) = unwritable(self.types, ty, is_allowed, &mut seen) {
                return Err(NotCallable { param: param.map(str::to_owned), what });
            }
        }
        Ok(())
    }
}

/// Why a function cannot be called with values that are written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCallable {
    /// The parameter that stands in the way; none if it is the result.
    pub param: Option<String>,
    /// What stands in the way: ``a handle to the resource `bucket` ``.
    pub what: String,
}

impl fmt::Display for NotCallable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.param {
            Some(param) => write!(f, "its parameter `{param}` is or holds {}", self.what)?,
            None => write!(f, "its result is or holds {}", self.what)?,
        }
        f.write_str(": no value of that can be written down")
    }
}

impl std::error::Error for NotCallable {}

/// The first part of a type that no value can be written for.
fn unwritable(
    types: &TypeGraph,
    id: TypeId,
    is_allowed: impl Fn(&TypeKind) -> bool + Copy,
    seen: &mut HashSet<TypeId>,
) -> Option<String> {
    if !seen.insert(id) {
        return None;
    }
    let kind = types.kind(id);
    let own = unwritable_kind(types, kind).filter(|_| !is_allowed(kind));
    own.or_else(|| kind.parts().into_iter().find_map(|part| unwritable(types, part, is_allowed, seen)))
}

/// The first part of a type that each of its values has, and that no value can be written for.
fn inherent(types: &TypeGraph, id: TypeId, known: &mut HashMap<TypeId, Option<String>>) -> Option<String> {
    if let Some(known) = known.get(&id) {
        return known.clone();
    }
    let kind = types.kind(id);
    let found = match kind {
        // None of them has a value.
        TypeKind::List(_) | TypeKind::Map { .. } | TypeKind::Option(_) => None,
        TypeKind::Result { ok, err } => in_all(types, &[*ok, *err], known),
        TypeKind::Variant(cases) => {
            let payloads: Vec<_> = cases.iter().map(|case| case.ty).collect();
            in_all(types, &payloads, known)
        }
        _ => unwritable_kind(types, kind)
            .or_else(|| kind.parts().into_iter().find_map(|part| inherent(types, part, known))),
    };
    known.insert(id, found.clone());
    found
}

/// What the first of some alternatives holds, if all hold such a thing.
fn in_all(
    types: &TypeGraph,
    payloads: &[Option<TypeId>],
    known: &mut HashMap<TypeId, Option<String>>,
) -> Option<String> {
    let held: Option<Vec<String>> =
        payloads.iter().map(|payload| payload.and_then(|ty| inherent(types, ty, known))).collect();
    held?.into_iter().next()
}

/// What a type is, if it is itself the reason that no value of it can be written.
pub(crate) fn unwritable_kind(types: &TypeGraph, kind: &TypeKind) -> Option<String> {
    match kind {
        TypeKind::Own(resource) | TypeKind::Borrow(resource) => {
            Some(format!("a handle to the resource `{resource}`"))
        }
        TypeKind::Stream(_) => Some("a stream".to_owned()),
        TypeKind::Future(_) => Some("a future".to_owned()),
        TypeKind::ErrorContext => Some("an error context".to_owned()),
        TypeKind::Map { key, .. } if !is_key(types.kind(*key)) => {
            Some(format!("a map with keys of the type {}", types.kind(*key).word()))
        }
        _ => None,
    }
}

/// The keys that the component model allows, all of which can be written as a JSON object's keys.
fn is_key(kind: &TypeKind) -> bool {
    matches!(kind, TypeKind::Bool | TypeKind::Integer(_) | TypeKind::Char | TypeKind::String)
}
