//! Made-up arguments of a function, to see whether a condition can be asked of its types.
//!
//! Each set takes other cases of variants, options and results, so that every case stands in one of them.

use std::collections::HashMap;

use cel::Value;
use jackfield_component::Signature;
use jackfield_protocol::{Integer, TypeGraph, TypeId, TypeKind};

use super::{list, map, text};

/// How many sets are made at most.
const MAX_SETS: usize = 64;

/// How many values a set may have. A type can be made of others so often that a value of it is beyond all bounds.
const MAX_VALUES: usize = 10_000;

/// Arguments by their names: none where they would be too many, or where it is not their type that says what is
/// in them (the keys of a map).
pub(super) fn of(signature: Signature<'_>) -> impl Iterator<Item = HashMap<String, Value>> {
    let mut first = Samples::new(signature.types, 0);
    let sets = match first.args(signature) {
        Some(_) => first.most_cases.min(MAX_SETS),
        None => 0,
    };
    (0..sets).filter_map(move |set| Samples::new(signature.types, set).args(signature))
}

struct Samples<'a> {
    types: &'a TypeGraph,
    /// Which of the cases are taken.
    set: usize,
    values: usize,
    /// The largest number of cases that a type has.
    most_cases: usize,
}

impl<'a> Samples<'a> {
    fn new(types: &'a TypeGraph, set: usize) -> Self {
        Self { types, set, values: 0, most_cases: 1 }
    }

    fn args(&mut self, signature: Signature<'_>) -> Option<HashMap<String, Value>> {
        let params = signature.function.params.iter();
        params.map(|param| Some((param.name.clone(), self.value(param.ty)?))).collect()
    }

    fn value(&mut self, id: TypeId) -> Option<Value> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return None;
        }
        let types = self.types;
        Some(match types.kind(id) {
            TypeKind::Bool => Value::Bool(self.case(2) == 0),
            TypeKind::Integer(Integer::U64) => Value::UInt(1),
            TypeKind::Integer(_) => Value::Int(1),
            TypeKind::F32 | TypeKind::F64 => Value::Float(1.0),
            TypeKind::Char | TypeKind::String => text("a".to_owned()),
            TypeKind::Enum(labels) => text(labels.get(self.case(labels.len()))?.name.clone()),
            TypeKind::Flags(labels) => list(labels.iter().map(|label| text(label.name.clone()))),
            TypeKind::List(element) | TypeKind::FixedLengthList { element, .. } => {
                list([self.value(*element)?])
            }
            TypeKind::Tuple(parts) => {
                list(parts.iter().map(|part| self.value(*part)).collect::<Option<Vec<_>>>()?)
            }
            TypeKind::Record(fields) => {
                let fields = fields.iter().map(|field| Some((field.name.clone(), self.value(field.ty)?)));
                map(fields.collect::<Option<Vec<_>>>()?)
            }
            TypeKind::Option(some) => match self.case(2) {
                0 => self.value(*some)?,
                _ => Value::Null,
            },
            TypeKind::Result { ok, err } => match self.case(2) {
                0 => map([("ok".to_owned(), self.or_null(*ok)?)]),
                _ => map([("err".to_owned(), self.or_null(*err)?)]),
            },
            TypeKind::Variant(cases) => {
                let case = cases.get(self.case(cases.len()))?;
                match case.ty {
                    Some(ty) => map([(case.name.clone(), self.value(ty)?)]),
                    None => text(case.name.clone()),
                }
            }
            TypeKind::Own(name) | TypeKind::Borrow(name) => text(format!("{name}#1")),
            TypeKind::Stream(_) | TypeKind::Future(_) | TypeKind::ErrorContext => text("…".to_owned()),
            TypeKind::Map { .. } => return None,
        })
    }

    fn case(&mut self, count: usize) -> usize {
        self.most_cases = self.most_cases.max(count);
        self.set % count.max(1)
    }

    fn or_null(&mut self, id: Option<TypeId>) -> Option<Value> {
        id.map_or(Some(Value::Null), |id| self.value(id))
    }
}
