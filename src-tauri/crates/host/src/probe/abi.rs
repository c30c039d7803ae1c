//! How values lie in registers and in memory: the part of the canonical ABI that a forwarder needs.
//!
//! Source: "Flattening" and "Alignment" in the component model's `CanonicalABI.md`.

use wac_graph::types::{DefinedType, PrimitiveType, Types, ValueType};
use wasm_encoder::ValType;

/// More flat parameters than this are passed in memory.
pub(super) const MAX_FLAT_PARAMS: usize = 16;
/// More flat results than this are returned in memory.
pub(super) const MAX_FLAT_RESULTS: usize = 1;

/// Size and alignment in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) size: u32,
    pub(super) align: u32,
}

impl Layout {
    const fn of(bytes: u32) -> Self {
        Self { size: bytes, align: bytes }
    }

    /// Several values one after the other.
    fn sequence(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self { size: 0, align: 1 };
        for part in parts {
            all.size = aligned(all.size, part.align).saturating_add(part.size);
            all.align = all.align.max(part.align);
        }
        Self { size: aligned(all.size, all.align), ..all }
    }

    /// One of several values, after the number that says which.
    fn choice(count: usize, parts: impl IntoIterator<Item = Self>) -> Self {
        let discriminant = Self::of(match count {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        });
        let mut largest = Self { size: 0, align: 1 };
        for part in parts {
            largest.size = largest.size.max(part.size);
            largest.align = largest.align.max(part.align);
        }
        let align = discriminant.align.max(largest.align);
        let size = aligned(discriminant.size, largest.align).saturating_add(largest.size);
        Self { size: aligned(size, align), align }
    }
}

/// The next multiple of a power of two.
pub(super) fn aligned(offset: u32, align: u32) -> u32 {
    offset.saturating_add(align - 1) & !(align - 1)
}

/// Adds the core values that a value is made of. Stops some way past [`MAX_FLAT_PARAMS`], beyond which only
/// their being too many matters.
pub(super) fn flatten(types: &Types, ty: ValueType, out: &mut Vec<ValType>) {
    if out.len() > MAX_FLAT_PARAMS {
        return;
    }
    let ty = match types.resolve_value_type(ty) {
        ValueType::Primitive(ty) => return flatten_primitive(ty, out),
        ValueType::Own(_) | ValueType::Borrow(_) => return out.push(ValType::I32),
        ValueType::Defined(id) => &types[id],
    };
    match ty {
        DefinedType::Record(record) => {
            for field in record.fields.values() {
                flatten(types, *field, out);
            }
        }
        DefinedType::Tuple(parts) => {
            for part in parts {
                flatten(types, *part, out);
            }
        }
        DefinedType::FixedSizeList(element, count) => {
            for _ in 0..(*count).min(1 + MAX_FLAT_PARAMS as u32) {
                flatten(types, *element, out);
            }
        }
        DefinedType::List(_) | DefinedType::Map(..) => out.extend([ValType::I32, ValType::I32]),
        DefinedType::Variant(variant) => flatten_choice(types, variant.cases.values().copied(), out),
        DefinedType::Option(some) => flatten_choice(types, [None, Some(*some)], out),
        DefinedType::Result { ok, err } => flatten_choice(types, [*ok, *err], out),
        DefinedType::Flags(_) | DefinedType::Enum(_) | DefinedType::Stream(_) | DefinedType::Future(_) => {
            out.push(ValType::I32);
        }
        DefinedType::Alias(aliased) => flatten(types, *aliased, out),
    }
}

fn flatten_primitive(ty: PrimitiveType, out: &mut Vec<ValType>) {
    match ty {
        PrimitiveType::U64 | PrimitiveType::S64 => out.push(ValType::I64),
        PrimitiveType::F32 => out.push(ValType::F32),
        PrimitiveType::F64 => out.push(ValType::F64),
        PrimitiveType::String => out.extend([ValType::I32, ValType::I32]),
        _ => out.push(ValType::I32),
    }
}

/// Alternatives share their core values, in a type wide enough for each.
fn flatten_choice(types: &Types, cases: impl IntoIterator<Item = Option<ValueType>>, out: &mut Vec<ValType>) {
    let mut joined: Vec<ValType> = Vec::new();
    for case in cases.into_iter().flatten() {
        let mut flat = Vec::new();
        flatten(types, case, &mut flat);
        for (index, ty) in flat.into_iter().enumerate() {
            match joined.get_mut(index) {
                Some(known) => *known = join(*known, ty),
                None => joined.push(ty),
            }
        }
    }
    out.push(ValType::I32);
    out.extend(joined);
}

fn join(a: ValType, b: ValType) -> ValType {
    match (a, b) {
        _ if a == b => a,
        (ValType::I32, ValType::F32) | (ValType::F32, ValType::I32) => ValType::I32,
        _ => ValType::I64,
    }
}

/// How a value lies in memory.
pub(super) fn layout(types: &Types, ty: ValueType) -> Layout {
    let ty = match types.resolve_value_type(ty) {
        ValueType::Primitive(ty) => return primitive_layout(ty),
        ValueType::Own(_) | ValueType::Borrow(_) => return Layout::of(4),
        ValueType::Defined(id) => &types[id],
    };
    let of = |ty: ValueType| layout(types, ty);
    match ty {
        DefinedType::Record(record) => Layout::sequence(record.fields.values().map(|field| of(*field))),
        DefinedType::Tuple(parts) => Layout::sequence(parts.iter().map(|part| of(*part))),
        DefinedType::FixedSizeList(element, count) => {
            let element = of(*element);
            Layout { size: element.size.saturating_mul(*count), ..element }
        }
        DefinedType::List(_) | DefinedType::Map(..) => Layout { size: 8, align: 4 },
        DefinedType::Variant(variant) => {
            Layout::choice(variant.cases.len(), variant.cases.values().flatten().map(|case| of(*case)))
        }
        DefinedType::Option(some) => Layout::choice(2, [of(*some)]),
        DefinedType::Result { ok, err } => Layout::choice(2, ok.iter().chain(err).map(|ty| of(*ty))),
        DefinedType::Enum(cases) => Layout::choice(cases.0.len(), []),
        DefinedType::Flags(flags) => match flags.0.len() {
            0..=8 => Layout::of(1),
            9..=16 => Layout::of(2),
            _ => Layout::of(4),
        },
        DefinedType::Stream(_) | DefinedType::Future(_) => Layout::of(4),
        DefinedType::Alias(aliased) => of(*aliased),
    }
}

fn primitive_layout(ty: PrimitiveType) -> Layout {
    match ty {
        PrimitiveType::U8 | PrimitiveType::S8 | PrimitiveType::Bool => Layout::of(1),
        PrimitiveType::U16 | PrimitiveType::S16 => Layout::of(2),
        PrimitiveType::U64 | PrimitiveType::S64 | PrimitiveType::F64 => Layout::of(8),
        PrimitiveType::String => Layout { size: 8, align: 4 },
        _ => Layout::of(4),
    }
}

/// Whether something of a value lies in memory however it is passed.
pub(super) fn has_pointer(types: &Types, ty: ValueType) -> bool {
    any(types, ty, &|ty| match ty {
        ValueType::Primitive(PrimitiveType::String) => true,
        ValueType::Defined(id) => matches!(types[id], DefinedType::List(_) | DefinedType::Map(..)),
        _ => false,
    })
}

/// Whether there is a borrowed handle in a value.
pub(super) fn has_borrow(types: &Types, ty: ValueType) -> bool {
    any(types, ty, &|ty| matches!(ty, ValueType::Borrow(_)))
}

/// Whether this holds of the type, or of one that it is made of.
fn any(types: &Types, ty: ValueType, holds: &impl Fn(ValueType) -> bool) -> bool {
    let ty = types.resolve_value_type(ty);
    if holds(ty) {
        return true;
    }
    let ValueType::Defined(id) = ty else { return false };
    let of = |ty: &ValueType| any(types, *ty, holds);
    match &types[id] {
        DefinedType::Record(record) => record.fields.values().any(of),
        DefinedType::Tuple(parts) => parts.iter().any(of),
        DefinedType::FixedSizeList(element, _) | DefinedType::List(element) => of(element),
        DefinedType::Map(key, value) => of(key) || of(value),
        DefinedType::Variant(variant) => variant.cases.values().flatten().any(of),
        DefinedType::Option(some) => of(some),
        DefinedType::Result { ok, err } => ok.iter().chain(err).any(of),
        // What goes through them later is no part of the call.
        DefinedType::Stream(_) | DefinedType::Future(_) => false,
        DefinedType::Flags(_) | DefinedType::Enum(_) | DefinedType::Alias(_) => false,
    }
}
