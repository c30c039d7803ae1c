//! How many bytes a call's values take, by the rule that the probes on links count by: what the values are in the
//! canonical ABI, with what lies behind their pointers. Source: the component model's canonical ABI.

use jackfield_component::Signature;
use jackfield_protocol::{Integer, TypeGraph, TypeId, TypeKind};
use wasmtime::component::Val;

/// The bytes of a call's arguments and its result.
pub(crate) fn of_call(signature: Signature<'_>, args: &[Val], result: Option<&Val>) -> u64 {
    let types = signature.types;
    let params: Vec<TypeId> = signature.function.params.iter().map(|param| param.ty).collect();
    let own = sequence(types, params.iter().copied()).size;
    let own = own.saturating_add(signature.function.result.map_or(0, |ty| layout(types, ty).size));
    let results = signature.function.result.iter().copied().zip(result);
    let values = params.iter().copied().zip(args).chain(results);
    values.fold(own, |sum, (ty, value)| sum.saturating_add(behind(types, ty, value)))
}

/// Size and alignment in bytes.
#[derive(Clone, Copy)]
struct Layout {
    size: u64,
    align: u64,
}

impl Layout {
    const fn of(bytes: u64) -> Self {
        Self { size: bytes, align: bytes }
    }
}

fn sequence(types: &TypeGraph, parts: impl IntoIterator<Item = TypeId>) -> Layout {
    let mut all = Layout { size: 0, align: 1 };
    for part in parts {
        let part = layout(types, part);
        all.size = all.size.next_multiple_of(part.align).saturating_add(part.size);
        all.align = all.align.max(part.align);
    }
    Layout { size: all.size.next_multiple_of(all.align), ..all }
}

fn choice(types: &TypeGraph, count: usize, cases: impl IntoIterator<Item = TypeId>) -> Layout {
    let discriminant = match count {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    };
    let mut largest = Layout { size: 0, align: 1 };
    for case in cases {
        let case = layout(types, case);
        largest = Layout { size: largest.size.max(case.size), align: largest.align.max(case.align) };
    }
    let align = largest.align.max(discriminant);
    let size = discriminant.next_multiple_of(largest.align).saturating_add(largest.size);
    Layout { size: size.next_multiple_of(align), align }
}

fn layout(types: &TypeGraph, ty: TypeId) -> Layout {
    match types.kind(ty) {
        TypeKind::Bool => Layout::of(1),
        TypeKind::Integer(integer) => Layout::of(match integer {
            Integer::U8 | Integer::S8 => 1,
            Integer::U16 | Integer::S16 => 2,
            Integer::U32 | Integer::S32 => 4,
            Integer::U64 | Integer::S64 => 8,
        }),
        TypeKind::F64 => Layout::of(8),
        TypeKind::String | TypeKind::List(_) | TypeKind::Map { .. } => Layout { size: 8, align: 4 },
        TypeKind::FixedLengthList { element, length } => {
            let element = layout(types, *element);
            Layout { size: element.size.saturating_mul(u64::from(*length)), ..element }
        }
        TypeKind::Option(some) => choice(types, 2, [*some]),
        TypeKind::Result { ok, err } => choice(types, 2, ok.iter().chain(err).copied()),
        TypeKind::Tuple(parts) => sequence(types, parts.iter().copied()),
        TypeKind::Record(fields) => sequence(types, fields.iter().map(|field| field.ty)),
        TypeKind::Variant(cases) => choice(types, cases.len(), cases.iter().filter_map(|case| case.ty)),
        TypeKind::Enum(labels) => choice(types, labels.len(), []),
        TypeKind::Flags(labels) => Layout::of(match labels.len() {
            0..=8 => 1,
            9..=16 => 2,
            _ => 4,
        }),
        TypeKind::F32
        | TypeKind::Char
        | TypeKind::ErrorContext
        | TypeKind::Own(_)
        | TypeKind::Borrow(_)
        | TypeKind::Stream(_)
        | TypeKind::Future(_) => Layout::of(4),
    }
}

/// Whether values of a type may have something behind pointers.
fn has_pointers(types: &TypeGraph, ty: TypeId) -> bool {
    match types.kind(ty) {
        TypeKind::String | TypeKind::List(_) | TypeKind::Map { .. } => true,
        // What goes through these later is no part of a call.
        TypeKind::Stream(_) | TypeKind::Future(_) => false,
        kind => kind.parts().into_iter().any(|part| has_pointers(types, part)),
    }
}

/// The bytes behind the pointers of a value.
fn behind(types: &TypeGraph, ty: TypeId, value: &Val) -> u64 {
    let some = |ty: Option<TypeId>, value: &Option<Box<Val>>| match (ty, value) {
        (Some(ty), Some(value)) => behind(types, ty, value),
        _ => 0,
    };
    match (types.kind(ty), value) {
        (TypeKind::String, Val::String(text)) => length(text.len()),
        (TypeKind::List(element), Val::List(values)) => {
            let own = layout(types, *element).size.saturating_mul(length(values.len()));
            own.saturating_add(all(types, values.iter().map(|value| (*element, value))))
        }
        (TypeKind::Map { key, value }, Val::Map(entries)) => {
            let own = sequence(types, [*key, *value]).size.saturating_mul(length(entries.len()));
            let parts = entries.iter().flat_map(|(a, b)| [(*key, a), (*value, b)]);
            own.saturating_add(all(types, parts))
        }
        (TypeKind::FixedLengthList { element, .. }, Val::FixedLengthList(values)) => {
            all(types, values.iter().map(|value| (*element, value)))
        }
        (TypeKind::Option(ty), Val::Option(value)) => some(Some(*ty), value),
        (TypeKind::Result { ok, .. }, Val::Result(Ok(value))) => some(*ok, value),
        (TypeKind::Result { err, .. }, Val::Result(Err(value))) => some(*err, value),
        (TypeKind::Tuple(parts), Val::Tuple(values)) => all(types, parts.iter().copied().zip(values)),
        (TypeKind::Record(fields), Val::Record(values)) => {
            all(types, fields.iter().map(|field| field.ty).zip(values.iter().map(|(_, value)| value)))
        }
        (TypeKind::Variant(cases), Val::Variant(name, value)) => {
            some(cases.iter().find(|case| case.name == *name).and_then(|case| case.ty), value)
        }
        _ => 0,
    }
}

fn all<'v>(types: &TypeGraph, values: impl IntoIterator<Item = (TypeId, &'v Val)>) -> u64 {
    let mut sum: u64 = 0;
    for (ty, value) in values {
        if !has_pointers(types, ty) {
            // As all that are of this type; a list of numbers may be long.
            continue;
        }
        sum = sum.saturating_add(behind(types, ty, value));
    }
    sum
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
