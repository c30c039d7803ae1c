//! How values lie in registers and in memory: the part of the canonical ABI that a forwarder needs.
//!
//! Source: "Flattening" and "Alignment" in the component model's `CanonicalABI.md`.

use wac_graph::types::{DefinedType, PrimitiveType, ResourceId, Types, ValueType};
use wasm_encoder::ValType;

/// More flat parameters than this are passed in memory.
pub(super) const MAX_FLAT_PARAMS: usize = 16;
/// The same where a call does not wait.
pub(super) const MAX_FLAT_ASYNC_PARAMS: usize = 4;
/// More flat results than this are returned in memory.
pub(super) const MAX_FLAT_RESULTS: usize = 1;

/// What a type is, as far as the ABI can tell types apart.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// One core value that means nothing but itself.
    Number(PrimitiveType),
    String,
    /// A handle to a resource, which goes by one of its names.
    Handle {
        resource: ResourceId,
        is_borrowed: bool,
    },
    /// The readable end of a stream or a future.
    Channel,
    /// Values one after the other.
    Fields(Vec<ValueType>),
    /// One of several values, or of nothings.
    Choice(Vec<Option<ValueType>>),
    /// Any number of elements, each of which is these fields.
    List(Vec<ValueType>),
    /// So many elements.
    Fixed(ValueType, u32),
    /// So many flags.
    Flags(usize),
}

/// What a type is when its aliases are followed.
pub(super) fn kind(types: &Types, ty: ValueType) -> Kind {
    let handle =
        |resource, is_borrowed| Kind::Handle { resource: types.resolve_resource(resource), is_borrowed };
    let id = match types.resolve_value_type(ty) {
        ValueType::Primitive(PrimitiveType::String) => return Kind::String,
        ValueType::Primitive(primitive) => return Kind::Number(primitive),
        ValueType::Own(resource) => return handle(resource, false),
        ValueType::Borrow(resource) => return handle(resource, true),
        ValueType::Defined(id) => id,
    };
    match &types[id] {
        DefinedType::Record(record) => Kind::Fields(record.fields.values().copied().collect()),
        DefinedType::Tuple(parts) => Kind::Fields(parts.clone()),
        DefinedType::FixedSizeList(element, count) => Kind::Fixed(*element, *count),
        DefinedType::List(element) => Kind::List(vec![*element]),
        DefinedType::Map(key, value) => Kind::List(vec![*key, *value]),
        DefinedType::Variant(variant) => Kind::Choice(variant.cases.values().copied().collect()),
        DefinedType::Option(some) => Kind::Choice(vec![None, Some(*some)]),
        DefinedType::Result { ok, err } => Kind::Choice(vec![*ok, *err]),
        DefinedType::Enum(cases) => Kind::Choice(vec![None; cases.0.len()]),
        DefinedType::Flags(flags) => Kind::Flags(flags.0.len()),
        DefinedType::Stream(_) | DefinedType::Future(_) => Kind::Channel,
        DefinedType::Alias(aliased) => kind(types, *aliased),
    }
}

/// Whether a value is a `result`, the first byte of which says whether it is an error.
pub(super) fn is_result(types: &Types, ty: ValueType) -> bool {
    match types.resolve_value_type(ty) {
        ValueType::Defined(id) => match &types[id] {
            DefinedType::Result { .. } => true,
            DefinedType::Alias(aliased) => is_result(types, *aliased),
            _ => false,
        },
        _ => false,
    }
}

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
}

/// The next multiple of a power of two.
pub(super) fn aligned(offset: u32, align: u32) -> u32 {
    offset.saturating_add(align - 1) & !(align - 1)
}

/// Where values lie that lie one after the other, and how much they take together.
pub(super) fn sequence(types: &Types, parts: &[ValueType]) -> (Vec<u32>, Layout) {
    let mut all = Layout { size: 0, align: 1 };
    let mut offsets = Vec::new();
    for part in parts {
        let part = layout(types, *part);
        let offset = aligned(all.size, part.align);
        offsets.push(offset);
        all.size = offset.saturating_add(part.size);
        all.align = all.align.max(part.align);
    }
    (offsets, Layout { size: aligned(all.size, all.align), ..all })
}

/// How one of several values lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChoiceLayout {
    pub(super) whole: Layout,
    /// Bytes of the number that says which it is, at the beginning.
    pub(super) discriminant: u32,
    /// Where the value itself begins.
    pub(super) payload: u32,
}

pub(super) fn choice(types: &Types, cases: &[Option<ValueType>]) -> ChoiceLayout {
    let discriminant = match cases.len() {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    };
    let mut largest = Layout { size: 0, align: 1 };
    for case in cases.iter().flatten() {
        let case = layout(types, *case);
        largest.size = largest.size.max(case.size);
        largest.align = largest.align.max(case.align);
    }
    let payload = aligned(discriminant, largest.align);
    let align = discriminant.max(largest.align);
    let size = aligned(payload.saturating_add(largest.size), align);
    ChoiceLayout { whole: Layout { size, align }, discriminant, payload }
}

/// How a value lies in memory.
pub(super) fn layout(types: &Types, ty: ValueType) -> Layout {
    match kind(types, ty) {
        Kind::Number(primitive) => Layout::of(match primitive {
            PrimitiveType::U8 | PrimitiveType::S8 | PrimitiveType::Bool => 1,
            PrimitiveType::U16 | PrimitiveType::S16 => 2,
            PrimitiveType::U64 | PrimitiveType::S64 | PrimitiveType::F64 => 8,
            _ => 4,
        }),
        Kind::String | Kind::List(_) => Layout { size: 8, align: 4 },
        Kind::Handle { .. } | Kind::Channel => Layout::of(4),
        Kind::Fields(parts) => sequence(types, &parts).1,
        Kind::Choice(cases) => choice(types, &cases).whole,
        Kind::Fixed(element, count) => {
            let element = layout(types, element);
            Layout { size: element.size.saturating_mul(count), ..element }
        }
        Kind::Flags(0..=8) => Layout::of(1),
        Kind::Flags(9..=16) => Layout::of(2),
        Kind::Flags(_) => Layout::of(4),
    }
}

/// The core values that a value is made of. Stops some way past [`MAX_FLAT_PARAMS`], beyond which only their
/// being too many matters.
pub(super) fn flat(types: &Types, ty: ValueType) -> Vec<ValType> {
    let mut out = Vec::new();
    flatten(types, ty, &mut out);
    out
}

/// Adds the core values that a value is made of.
pub(super) fn flatten(types: &Types, ty: ValueType, out: &mut Vec<ValType>) {
    if out.len() > MAX_FLAT_PARAMS {
        return;
    }
    match kind(types, ty) {
        Kind::Number(primitive) => out.push(match primitive {
            PrimitiveType::U64 | PrimitiveType::S64 => ValType::I64,
            PrimitiveType::F32 => ValType::F32,
            PrimitiveType::F64 => ValType::F64,
            _ => ValType::I32,
        }),
        Kind::String | Kind::List(_) => out.extend([ValType::I32, ValType::I32]),
        Kind::Handle { .. } | Kind::Channel | Kind::Flags(_) => out.push(ValType::I32),
        Kind::Fields(parts) => parts.iter().for_each(|part| flatten(types, *part, out)),
        Kind::Choice(cases) => {
            out.push(ValType::I32);
            out.extend(joined(types, &cases));
        }
        Kind::Fixed(element, count) => {
            for _ in 0..count.min(1 + MAX_FLAT_PARAMS as u32) {
                flatten(types, element, out);
            }
        }
    }
}

/// Alternatives share their core values, in a type wide enough for each.
fn joined(types: &Types, cases: &[Option<ValueType>]) -> Vec<ValType> {
    let mut joined: Vec<ValType> = Vec::new();
    for case in cases.iter().flatten() {
        for (index, ty) in flat(types, *case).into_iter().enumerate() {
            match joined.get_mut(index) {
                Some(known) => *known = join(*known, ty),
                None => joined.push(ty),
            }
        }
    }
    joined
}

fn join(a: ValType, b: ValType) -> ValType {
    match (a, b) {
        _ if a == b => a,
        (ValType::I32, ValType::F32) | (ValType::F32, ValType::I32) => ValType::I32,
        _ => ValType::I64,
    }
}

/// Whether something of a value lies in memory however it is passed.
pub(super) fn has_pointer(types: &Types, ty: ValueType) -> bool {
    any(types, ty, &|_, kind| matches!(kind, Kind::String | Kind::List(_)))
}

/// Whether this holds of the type, or of one that it is made of. What goes through streams later is no part of
/// a call.
pub(super) fn any(types: &Types, ty: ValueType, holds: &impl Fn(ValueType, &Kind) -> bool) -> bool {
    let kind = kind(types, ty);
    if holds(ty, &kind) {
        return true;
    }
    let of = |ty: &ValueType| any(types, *ty, holds);
    match kind {
        Kind::Fields(parts) | Kind::List(parts) => parts.iter().any(of),
        Kind::Choice(cases) => cases.iter().flatten().any(of),
        Kind::Fixed(element, _) => of(&element),
        Kind::Number(_) | Kind::String | Kind::Handle { .. } | Kind::Channel | Kind::Flags(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_share_what_is_wide_enough_for_each() {
        let types = Types::new();
        let cases = [PrimitiveType::F32, PrimitiveType::U8].map(|ty| Some(ValueType::Primitive(ty)));
        assert_eq!(joined(&types, &cases), [ValType::I32]);
        let cases = [PrimitiveType::F64, PrimitiveType::String].map(|ty| Some(ValueType::Primitive(ty)));
        assert_eq!(joined(&types, &cases), [ValType::I64, ValType::I32]);
        let layout = choice(&types, &cases);
        assert_eq!((layout.discriminant, layout.payload, layout.whole.size), (1, 8, 16));
    }
}
