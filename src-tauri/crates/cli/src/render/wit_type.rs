//! Types as WIT writes them, in words, and by example.

use jackfield_component::value::Value;
use jackfield_protocol::{Integer, TypeGraph, TypeId, TypeKind};

/// More names than this are not listed.
const MAX_LISTED: usize = 8;
/// Deeper examples are left to the reader.
const MAX_EXAMPLE_DEPTH: usize = 6;

/// The type as it is mentioned: by its name if it has one, else by what it is made of.
pub(crate) fn name(types: &TypeGraph, id: TypeId) -> String {
    match types.get(id).and_then(|def| def.name.as_ref()) {
        Some(name) => name.clone(),
        None => structure(types, id),
    }
}

/// What the type is made of: `record { x: s32, y: s32 }`.
pub(crate) fn structure(types: &TypeGraph, id: TypeId) -> String {
    let kind = types.kind(id);
    let of = |part: &TypeId| name(types, *part);
    let or_nothing = |part: &Option<TypeId>| part.as_ref().map_or_else(|| "_".to_owned(), of);
    match kind {
        TypeKind::List(part) | TypeKind::Option(part) => format!("{}<{}>", kind.word(), of(part)),
        TypeKind::FixedLengthList { element, length } => format!("list<{}, {length}>", of(element)),
        TypeKind::Map { key, value } => format!("map<{}, {}>", of(key), of(value)),
        TypeKind::Result { ok: None, err: None } => "result".to_owned(),
        TypeKind::Result { ok: Some(ok), err: None } => format!("result<{}>", of(ok)),
        TypeKind::Result { ok, err } => format!("result<{}, {}>", or_nothing(ok), or_nothing(err)),
        TypeKind::Tuple(parts) => format!("tuple<{}>", listed(parts.iter().map(of))),
        TypeKind::Record(fields) => {
            let fields = fields.iter().map(|field| format!("{}: {}", field.name, of(&field.ty)));
            format!("record {{ {} }}", listed(fields))
        }
        TypeKind::Variant(cases) => {
            let cases = cases.iter().map(|case| match &case.ty {
                Some(ty) => format!("{}({})", case.name, of(ty)),
                None => case.name.clone(),
            });
            format!("variant {{ {} }}", listed(cases))
        }
        TypeKind::Enum(labels) | TypeKind::Flags(labels) => {
            format!("{} {{ {} }}", kind.word(), listed(labels.iter().map(|label| label.name.clone())))
        }
        TypeKind::Own(resource) => resource.clone(),
        TypeKind::Borrow(resource) => format!("borrow<{resource}>"),
        TypeKind::Stream(Some(part)) | TypeKind::Future(Some(part)) => {
            format!("{}<{}>", kind.word(), of(part))
        }
        _ => kind.word().to_owned(),
    }
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// How a value of the type is written, in a few words.
pub(crate) fn accepted(types: &TypeGraph, id: TypeId) -> String {
    match types.kind(id) {
        TypeKind::Bool => "true or false".to_owned(),
        TypeKind::Integer(integer) => match integer {
            Integer::U64 | Integer::S64 => "an integer".to_owned(),
            _ => format!("an integer from {} to {}", integer.min(), integer.max()),
        },
        TypeKind::F32 | TypeKind::F64 => "a number: 3, -0.5, 1e9, inf, nan".to_owned(),
        TypeKind::Char => "a character".to_owned(),
        TypeKind::String => "text, without quotes".to_owned(),
        TypeKind::List(element) if *types.kind(*element) == TypeKind::Integer(Integer::U8) => {
            "bytes: @FILE, or [1, 2, 3]".to_owned()
        }
        TypeKind::List(element) => {
            format!("{}, or one item; repeat the flag for more", example_text(types, id, *element))
        }
        TypeKind::Enum(labels) => one_of(labels.iter().map(|label| label.name.clone())),
        TypeKind::Flags(labels) => {
            format!("any of {}", alternatives(labels.iter().map(|label| label.name.clone())))
        }
        TypeKind::Variant(cases) => one_of(cases.iter().map(|case| match case.ty {
            Some(ty) => format!("{}({})", case.name, name(types, ty)),
            None => case.name.clone(),
        })),
        TypeKind::Option(some) => format!("{}; or none, or nothing at all", accepted(types, *some)),
        TypeKind::Own(resource) | TypeKind::Borrow(resource) => {
            format!("a handle to the resource `{resource}`, which lives only in a session of calls")
        }
        TypeKind::Stream(_) | TypeKind::Future(_) | TypeKind::ErrorContext => {
            "nothing that can be written down".to_owned()
        }
        _ => match example(types, id) {
            Some(value) => format!("{value} or, in JSON, {}", value.to_json()),
            None => structure(types, id),
        },
    }
}

fn example_text(types: &TypeGraph, list: TypeId, element: TypeId) -> String {
    match example(types, list) {
        Some(value) => value.to_string(),
        None => format!("[{}, …]", name(types, element)),
    }
}

fn one_of(names: impl Iterator<Item = String>) -> String {
    format!("one of {}", alternatives(names))
}

fn alternatives(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    let more = if names.len() > MAX_LISTED { ", …" } else { "" };
    format!("{}{more}", names.iter().take(MAX_LISTED).cloned().collect::<Vec<_>>().join(", "))
}

/// A value of the type, if one can be written down.
pub(crate) fn example(types: &TypeGraph, id: TypeId) -> Option<Value> {
    Example { types, count: 0 }.value(id, 0)
}

/// The names of the type's cases or flags, for those who complete or list them.
pub(crate) fn words(types: &TypeGraph, id: TypeId) -> Vec<(String, Option<String>)> {
    match types.kind(id) {
        TypeKind::Bool => vec![("true".to_owned(), None), ("false".to_owned(), None)],
        TypeKind::Enum(labels) | TypeKind::Flags(labels) => {
            labels.iter().map(|label| (label.name.clone(), label.docs.clone())).collect()
        }
        TypeKind::Variant(cases) => {
            let plain = cases.iter().filter(|case| case.ty.is_none());
            plain.map(|case| (case.name.clone(), case.docs.clone())).collect()
        }
        TypeKind::Option(some) => words(types, *some),
        TypeKind::List(element) => words(types, *element),
        _ => Vec::new(),
    }
}

/// Named types that `roots` are made of, the roots themselves included, each once and before what it is made of.
pub(crate) fn named(types: &TypeGraph, roots: impl IntoIterator<Item = TypeId>) -> Vec<TypeId> {
    let mut found = Vec::new();
    let mut open: Vec<TypeId> = roots.into_iter().collect();
    open.reverse();
    let mut seen = std::collections::HashSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        if types.get(id).is_some_and(|def| def.name.is_some()) {
            found.push(id);
        }
        open.extend(types.kind(id).parts().into_iter().rev());
    }
    found
}

struct Example<'a> {
    types: &'a TypeGraph,
    /// Counts numbers, so that one can be told from another.
    count: u8,
}

impl Example<'_> {
    fn value(&mut self, id: TypeId, depth: usize) -> Option<Value> {
        if depth > MAX_EXAMPLE_DEPTH {
            return None;
        }
        let types = self.types;
        let mut part = |part: TypeId| self.value(part, depth + 1);
        Some(match types.kind(id) {
            TypeKind::Bool => Value::Bool(true),
            TypeKind::Integer(integer) => Value::integer(*integer, self.number().into())?,
            TypeKind::F32 => Value::F32(f32::from(self.number())),
            TypeKind::F64 => Value::F64(f64::from(self.number())),
            TypeKind::Char => Value::Char('x'),
            TypeKind::String => Value::String("text".to_owned()),
            TypeKind::List(element) => Value::List(vec![part(*element)?, part(*element)?]),
            TypeKind::FixedLengthList { element, length } => {
                let items: Option<Vec<_>> = (0..(*length).min(16)).map(|_| part(*element)).collect();
                Value::FixedLengthList(items.filter(|items| items.len() == *length as usize)?)
            }
            TypeKind::Map { key, value } => Value::Map(vec![(part(*key)?, part(*value)?)]),
            TypeKind::Option(some) => Value::Option(Some(Box::new(part(*some)?))),
            TypeKind::Result { ok, .. } => Value::Result(Ok(match ok {
                Some(ok) => Some(Box::new(part(*ok)?)),
                None => None,
            })),
            TypeKind::Tuple(parts) => {
                Value::Tuple(parts.iter().map(|id| part(*id)).collect::<Option<Vec<_>>>()?)
            }
            TypeKind::Record(fields) => Value::Record(
                fields
                    .iter()
                    .map(|field| Some((field.name.clone(), part(field.ty)?)))
                    .collect::<Option<Vec<_>>>()?,
            ),
            TypeKind::Variant(cases) => {
                let case = cases.iter().find(|case| case.ty.is_some()).or_else(|| cases.first())?;
                let payload = match case.ty {
                    Some(ty) => Some(Box::new(part(ty)?)),
                    None => None,
                };
                Value::Variant(case.name.clone(), payload)
            }
            TypeKind::Enum(labels) => Value::Enum(labels.first()?.name.clone()),
            TypeKind::Flags(labels) => {
                Value::Flags(labels.iter().take(2).map(|label| label.name.clone()).collect())
            }
            TypeKind::Own(_)
            | TypeKind::Borrow(_)
            | TypeKind::Stream(_)
            | TypeKind::Future(_)
            | TypeKind::ErrorContext => return None,
        })
    }

    fn number(&mut self) -> u8 {
        self.count = self.count % 100 + 1;
        self.count
    }
}
