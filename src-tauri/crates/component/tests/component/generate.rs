//! Types and values out of a seed.

use std::collections::VecDeque;

use jackfield_component::Signature;
use jackfield_component::value::Value;
use jackfield_protocol::{
    Case, Field, FunctionTypes, Integer, Label, ParamType, TypeDef, TypeGraph, TypeId, TypeKind,
};
use serde_json::{Value as Json, json};

/// Names that WAVE, JSON Schema or JSON pointers could stumble over among them.
const NAMES: [&str; 16] = [
    "a",
    "b2",
    "true",
    "none",
    "some",
    "ok",
    "err",
    "inf",
    "nan",
    "long-name-2",
    "URL",
    "type",
    "items",
    "is-HTTP",
    "null",
    "x",
];

const CHARS: [char; 22] = [
    'a',
    '"',
    '\'',
    '\\',
    '\n',
    '\r',
    '\t',
    '\0',
    '\u{7f}',
    '\u{301}',
    '\u{feff}',
    '\u{202e}',
    '☃',
    '😂',
    '{',
    '}',
    '/',
    '~',
    '%',
    ' ',
    '\u{10ffff}',
    '\u{e000}',
];

const FLOATS: [f64; 14] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    0.1,
    1e-7,
    1e21,
    f64::MAX,
    f64::MIN_POSITIVE,
    5e-324,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    9_007_199_254_740_993.0,
];

/// Makes choices, and the same ones each time from the same source.
pub(crate) struct Choices {
    source: Source,
}

enum Source {
    /// The state of SplitMix64: choices without end.
    Seed(u64),
    /// Bytes that are used up from the first to the last; then every choice is the first there is.
    Bytes(VecDeque<u8>),
}

impl Choices {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { source: Source::Seed(seed) }
    }

    /// So that a change of some bytes changes some of the choices.
    #[allow(dead_code, reason = "for the fuzz targets of the tests across crates")]
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self { source: Source::Bytes(bytes.iter().copied().collect()) }
    }

    fn next(&mut self) -> u64 {
        self.word(size_of::<u64>())
    }

    /// A number of so many bytes, or of more.
    fn word(&mut self, size: usize) -> u64 {
        match &mut self.source {
            Source::Bytes(bytes) => {
                let taken = bytes.drain(..size.min(bytes.len()));
                taken.fold(0, |word, byte| (word << 8) | u64::from(byte))
            }
            Source::Seed(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = *state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                mixed ^ (mixed >> 31)
            }
        }
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let size = if end <= 1 << 8 { 1 } else { size_of::<u64>() };
        usize::try_from(self.word(size) % end as u64).expect("a small number")
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn names(&mut self) -> Vec<String> {
        let (from, len) = (self.below(NAMES.len()), 1 + self.below(4));
        NAMES.iter().cycle().skip(from).take(len).map(|name| (*name).to_owned()).collect()
    }
}

/// A function with generated types.
pub(crate) struct Generated {
    types: TypeGraph,
    function: FunctionTypes,
}

impl Generated {
    pub(crate) fn new(choices: &mut Choices) -> Self {
        let mut types = TypeGraph::default();
        let mut made = Vec::new();
        let params = choices.names().into_iter();
        let params = params.map(|name| ParamType { name, ty: a_type(choices, &mut types, &mut made, 3) });
        let params = params.collect();
        let result = Some(a_type(choices, &mut types, &mut made, 3));
        Self { types, function: FunctionTypes { params, result } }
    }

    pub(crate) fn signature(&self) -> Signature<'_> {
        Signature { types: &self.types, function: &self.function }
    }
}

fn a_type(choices: &mut Choices, types: &mut TypeGraph, made: &mut Vec<TypeId>, depth: usize) -> TypeId {
    // Now and then one that was made before, so that parts are shared.
    if !made.is_empty() && choices.below(5) == 0 {
        let index = choices.below(made.len());
        return made[index];
    }
    let kind = if depth == 0 { a_leaf(choices) } else { a_kind(choices, types, made, depth - 1) };
    let name = (choices.below(3) == 0).then(|| choices.one_of(&["point", "list", "thing"]).to_owned());
    let id = types.add(TypeDef { name, docs: None, kind }).expect("a type");
    made.push(id);
    id
}

fn a_leaf(choices: &mut Choices) -> TypeKind {
    match choices.below(7) {
        0 => TypeKind::Bool,
        1 => TypeKind::F32,
        2 => TypeKind::F64,
        3 => TypeKind::Char,
        4 => TypeKind::String,
        _ => TypeKind::Integer(choices.one_of(&Integer::ALL)),
    }
}

fn a_kind(choices: &mut Choices, types: &mut TypeGraph, made: &mut Vec<TypeId>, depth: usize) -> TypeKind {
    let chosen = choices.below(14);
    let labels = |names: Vec<String>| names.into_iter().map(|name| Label { name, docs: None }).collect();
    if chosen == 0 {
        return TypeKind::Enum(labels(choices.names()));
    }
    if chosen == 1 {
        return TypeKind::Flags(labels(choices.names()));
    }
    if chosen == 2 {
        let key = loop {
            let leaf = a_leaf(choices);
            if !matches!(leaf, TypeKind::F32 | TypeKind::F64) {
                break types.add(leaf.into()).expect("a type");
            }
        };
        return TypeKind::Map { key, value: a_type(choices, types, made, depth) };
    }
    let names = choices.names();
    let holds: Vec<bool> = (0..4).map(|_| choices.below(2) == 0).collect();
    let length = u32::try_from(choices.below(4)).expect("a small number");
    let mut part = || a_type(choices, types, made, depth);
    match chosen {
        3 => TypeKind::List(part()),
        4 => TypeKind::FixedLengthList { element: part(), length },
        5 | 6 => TypeKind::Option(part()),
        7 => TypeKind::Result { ok: holds[0].then(&mut part), err: holds[1].then(&mut part) },
        8 => TypeKind::Tuple(names.iter().map(|_| part()).collect()),
        9 | 10 => {
            TypeKind::Record(names.into_iter().map(|name| Field { name, ty: part(), docs: None }).collect())
        }
        11 | 12 => TypeKind::Variant(
            names
                .into_iter()
                .zip(holds)
                .map(|(name, holds)| Case { name, ty: holds.then(&mut part), docs: None })
                .collect(),
        ),
        _ => a_leaf(choices),
    }
}

/// A value of a type.
pub(crate) fn a_value(choices: &mut Choices, types: &TypeGraph, id: TypeId) -> Value {
    let boxed =
        |choices: &mut Choices, ty: Option<TypeId>| ty.map(|ty| Box::new(a_value(choices, types, ty)));
    match types.kind(id) {
        TypeKind::Bool => Value::Bool(choices.below(2) == 0),
        TypeKind::Integer(integer) => an_integer(choices, *integer),
        TypeKind::F32 => Value::F32(match choices.below(3) {
            0 => f32::from_bits(u32::try_from(choices.next() >> 32).expect("32 bits")),
            1 => choices.one_of(&[f32::MAX, f32::MIN, f32::MIN_POSITIVE, 0.1, 16_777_217.0]),
            _ => choices.one_of(&FLOATS) as f32,
        }),
        TypeKind::F64 => Value::F64(match choices.below(2) {
            0 => f64::from_bits(choices.next()),
            _ => choices.one_of(&FLOATS),
        }),
        TypeKind::Char => Value::Char(choices.one_of(&CHARS)),
        TypeKind::String => {
            let len = choices.below(8);
            Value::String((0..len).map(|_| choices.one_of(&CHARS)).collect())
        }
        TypeKind::List(element) => {
            let len = choices.below(4);
            Value::List((0..len).map(|_| a_value(choices, types, *element)).collect())
        }
        TypeKind::FixedLengthList { element, length } => {
            Value::FixedLengthList((0..*length).map(|_| a_value(choices, types, *element)).collect())
        }
        TypeKind::Map { key, value } => a_map(choices, types, *key, *value),
        TypeKind::Option(some) => {
            let holds = choices.below(3) > 0;
            Value::Option(boxed(choices, Some(*some).filter(|_| holds)))
        }
        TypeKind::Result { ok, .. } if choices.below(2) == 0 => Value::Result(Ok(boxed(choices, *ok))),
        TypeKind::Result { err, .. } => Value::Result(Err(boxed(choices, *err))),
        TypeKind::Tuple(parts) => {
            Value::Tuple(parts.iter().map(|part| a_value(choices, types, *part)).collect())
        }
        TypeKind::Record(fields) => Value::Record(
            fields.iter().map(|field| (field.name.clone(), a_value(choices, types, field.ty))).collect(),
        ),
        TypeKind::Variant(cases) => {
            let case = &cases[choices.below(cases.len())];
            Value::Variant(case.name.clone(), boxed(choices, case.ty))
        }
        TypeKind::Enum(labels) => Value::Enum(labels[choices.below(labels.len())].name.clone()),
        TypeKind::Flags(labels) => {
            let set = labels.iter().filter(|_| choices.below(2) == 0);
            Value::Flags(set.map(|label| label.name.clone()).collect())
        }
        other => panic!("{} was not generated", other.word()),
    }
}

fn an_integer(choices: &mut Choices, integer: Integer) -> Value {
    let value = match choices.below(4) {
        0 => integer.min(),
        1 => integer.max(),
        _ => integer.min() + i128::from(choices.next()) % (integer.max() - integer.min() + 1),
    };
    Value::integer(integer, value).expect("in range")
}

fn a_map(choices: &mut Choices, types: &TypeGraph, key: TypeId, value: TypeId) -> Value {
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for _ in 0..choices.below(4) {
        let key = a_value(choices, types, key);
        if entries.iter().all(|entry| entry.0 != key) {
            let value = a_value(choices, types, value);
            entries.push((key, value));
        }
    }
    Value::Map(entries)
}

/// Any JSON, of the kinds that are mistaken for one another.
pub(crate) fn any_json(choices: &mut Choices) -> Json {
    match choices.below(16) {
        0 => Json::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(3.0),
        4 => json!(1.5),
        5 => json!(u64::MAX),
        6 => json!(1e300),
        7 => json!([]),
        8 => json!([1, 1]),
        9 => json!({}),
        10 => json!({ "some": null }),
        11 => json!({ choices.one_of(&NAMES): 1 }),
        12 => json!(choices.one_of(&NAMES)),
        13 => json!("7"),
        14 => json!(["a", "a"]),
        _ => json!(""),
    }
}

/// Changes one place in some JSON.
pub(crate) fn change(choices: &mut Choices, json: &mut Json) {
    let goes_down = choices.below(4) > 0;
    match json {
        Json::Array(items) if goes_down && !items.is_empty() => {
            let index = choices.below(items.len());
            change(choices, &mut items[index]);
        }
        Json::Object(entries) if goes_down && !entries.is_empty() => {
            let index = choices.below(entries.len());
            change(choices, entries.values_mut().nth(index).expect("an entry"));
        }
        Json::Array(items) if choices.below(2) == 0 => items.push(any_json(choices)),
        Json::Object(entries) if choices.below(3) == 0 => {
            entries.insert(choices.one_of(&NAMES).to_owned(), any_json(choices));
        }
        Json::Object(entries) if choices.below(2) == 0 && !entries.is_empty() => {
            let index = choices.below(entries.len());
            let key = entries.keys().nth(index).expect("an entry").clone();
            entries.shift_remove(&key);
        }
        other => *other = any_json(choices),
    }
}
